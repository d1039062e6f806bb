"""Histogram boosting: its trees answer through our arrays as scikit-learn's do."""

import numpy as np
import pytest
from hypothesis import given, settings

from automl.budget import Budget
from automl.learners import histogram
from automl.learners.base import Exported, Problem, Sample
from automl.learners.histogram import HistogramLearner
from automl.learners.portable import Portable
from tests.unit.automl.tree_samples import cases, endless, sample_of


@pytest.fixture(scope="module")
def models():
    """The models that scikit-learn made, newest last."""
    made = []
    answers = histogram._answers

    def recorded(model, X, problem):
        made.append(model)
        return answers(model, X, problem)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histogram, "_answers", recorded)
        yield made


@settings(max_examples=25, deadline=None)
@given(case=cases())
def test_it_answers_as_the_library(models, case):
    models.clear()
    learn, judge, problem, unseen = case

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histogram, "MAX_ROUNDS", 20)
        fitted = HistogramLearner(learning_rate=0.3).fit(learn, judge, problem, seed=1, budget=endless())

    ours = fitted.predict(unseen)
    assert ours.shape == (90, max(1, problem.classes))
    # Where one class alone was seen, there is no model.
    assert len(models) == (len(np.unique(learn.y)) > 1)
    for model in list(models):
        own = histogram._answers(model, unseen, problem)
        assert np.max(np.abs(ours - own) / np.maximum(1, np.abs(own))) <= 1e-9


def test_numbers_of_any_size_are_learned_from_and_answered():
    rng = np.random.default_rng(0)
    X = rng.choice([1.7e308, -1.7e308, 1e300, 0.0, np.nan], (200, 2))
    sample = Sample(X, np.nan_to_num(X[:, 0]) / 1e308, 2)

    fitted = HistogramLearner().fit(sample, sample, Problem(0), seed=0, budget=endless())

    assert np.isfinite(fitted.predict(np.array([[np.inf, -np.inf], [1e308, np.nan]]))).all()


def test_boosting_stops_without_a_gain_and_keeps_the_best_round():
    rng = np.random.default_rng(0)
    noise = [Sample(rng.normal(size=(300, 3)), rng.normal(size=300), 3) for _ in range(2)]

    fitted = HistogramLearner().fit(*noise, Problem(0), seed=0, budget=endless())

    assert fitted.rounds < 100
    assert len(fitted.export().arrays["sizes"]) == fitted.rounds


def test_the_best_round_is_the_one_that_judges_best():
    sample = sample_of(600, classes=3)
    learn, judge = (Sample(sample.X[part], sample.y[part], 4) for part in (slice(300), slice(300, 600)))
    fitted = HistogramLearner().fit(learn, judge, Problem(3), seed=0, budget=endless())

    def loss(rounds):
        arrays = cut_to(fitted.export().arrays, 3 * rounds)
        cut = Portable(Exported(fitted.export().block, arrays), rounds)
        shares = cut.predict(judge.X)[np.arange(300), judge.y]
        return -np.log(shares).mean()

    assert loss(fitted.rounds) <= min(loss(rounds) for rounds in range(1, fitted.rounds)) + 1e-12


def cut_to(arrays, trees):
    """Return the arrays of the first trees alone."""
    nodes = int(arrays["sizes"][:trees].sum())
    splits = int((~arrays["leaf"][:nodes]).sum())
    return {
        **arrays,
        "sizes": arrays["sizes"][:trees],
        "leaf": arrays["leaf"][:nodes],
        **{name: arrays[name][:splits] for name in ("feature", "threshold", "missing_left")},
        "value": arrays["value"][: nodes - splits],
    }


def test_a_budget_that_is_over_still_gives_a_model():
    sample = sample_of()

    fitted = HistogramLearner().fit(sample, sample, Problem(0), seed=0, budget=Budget(0.0, lambda: 1.0))

    assert 1 <= fitted.rounds <= histogram.STEP


def test_two_of_three_classes_are_told_apart():
    sample = sample_of(classes=2)
    apart = Sample(sample.X, sample.y * 2, 4)

    answers = HistogramLearner().fit(apart, apart, Problem(3), seed=0, budget=endless()).predict(sample.X)

    assert (answers[:, 1] == 0.0).all()
    assert (answers.argmax(axis=1) == apart.y).mean() > 0.9


def test_the_record_names_every_hyperparameter():
    assert HistogramLearner(leaves=9).parameters()["leaves"] == 9
