"""CatBoost: its trees answer through our arrays as the library does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.budget import Budget
from automl.learners import catboost as catboost_learner
from automl.learners.base import Problem, Sample
from automl.learners.catboost import CatBoostLearner
from automl.learners.packing import join_trees
from scoring.families.oblivious import ObliviousTrees
from tests.unit.automl.tree_samples import cases, endless, sample_of

catboost = pytest.importorskip("catboost")


@pytest.fixture(scope="module")
def models():
    """The models that CatBoost made, newest last."""
    made = []

    class Recorded(catboost.CatBoost):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catboost, "CatBoost", Recorded)
        yield made


@settings(max_examples=20, deadline=None)
@given(case=cases(), ordered=st.booleans())
def test_it_answers_as_the_library(models, case, ordered):
    models.clear()
    learn, judge, problem, unseen = case

    learner = CatBoostLearner(ordered=ordered, learning_rate=0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catboost_learner, "MAX_ROUNDS", 30)
        fitted = learner.fit(learn, judge, problem, seed=1, budget=endless())

    ours = fitted.predict(unseen)
    assert ours.shape == (90, max(1, problem.classes))
    if not models:  # one class alone, or constants alone
        return
    kind = "Probability" if problem.classes else "RawFormulaVal"
    own = np.asarray(models[-1].predict(unseen, prediction_type=kind)).reshape(90, -1)
    shown = np.unique(learn.y) if problem.classes else [0]
    assert np.max(np.abs(ours[:, shown] - own) / np.maximum(1, np.abs(own))) <= 1e-9
    assert np.delete(ours, shown, axis=1).sum() == 0.0


def test_numbers_beyond_float32_are_compared_as_the_library_does(models):
    sample = sample_of(columns=1)
    fitted = CatBoostLearner().fit(sample, sample_of(columns=1, seed=1), Problem(0), seed=0, budget=endless())
    hostile = np.array([[1e300], [-1e300], [np.inf], [-np.inf], [-0.0], [1e-320], [np.nan]])

    own = models[-1].predict(hostile)

    assert np.abs(fitted.predict(hostile)[:, 0] - own).max() <= 1e-9


def test_boosting_stops_without_a_gain_and_keeps_the_best_round():
    rng = np.random.default_rng(0)
    noise = [Sample(rng.normal(size=(200, 3)), rng.normal(size=200), 3) for _ in range(2)]

    fitted = CatBoostLearner().fit(*noise, Problem(0), seed=0, budget=endless())

    assert fitted.rounds < 200
    assert len(fitted.export().arrays["depth"]) == fitted.rounds


def test_a_budget_that_is_over_still_gives_a_model():
    sample = sample_of()

    fitted = CatBoostLearner().fit(sample, sample, Problem(0), seed=0, budget=Budget(0.0, lambda: 1.0))

    assert fitted.rounds >= 1
    assert np.isfinite(fitted.predict(sample.X)).all()


def test_steps_grow_where_time_is_short(make_clock, models):
    sample = sample_of()

    CatBoostLearner().fit(sample, sample, Problem(0), seed=0, budget=Budget(50.0, make_clock(step=1.0)))

    assert models[-1].get_param("learning_rate") > 0.05


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_models_joined_are_parts_of_one_and_answer_as_alone(classes):
    sample, judge = sample_of(classes=classes), sample_of(classes=classes, seed=1)
    problem = Problem(classes)
    shuffled = Sample(sample.X[:, ::-1], sample.y, 4)
    models = [
        CatBoostLearner(learning_rate=0.3).fit(rows, judge, problem, seed=0, budget=endless())
        for rows in (sample, shuffled)
    ]

    joined = join_trees(
        [model.export().arrays for model in models], [np.array([0, 1, 2, 3]), np.array([3, 2, 1, 0])]
    )

    alone = [
        ObliviousTrees(model.export().arrays).score(rows.X)[:, 0]
        for model, rows in zip(models, (sample, shuffled), strict=True)
    ]
    assert np.abs(ObliviousTrees(joined).score(sample.X) - np.stack(alone, axis=1)).max() <= 1e-12


def test_columns_that_tell_nothing_leave_the_mean():
    sample = Sample(np.full((30, 2), [7.0, np.nan]), np.arange(30.0), 2)

    fitted = CatBoostLearner().fit(sample, sample, Problem(0), seed=0, budget=endless())

    assert fitted.predict(sample.X[:1]).tolist() == [[14.5]]


def test_the_record_names_every_hyperparameter():
    assert CatBoostLearner(depth=4).parameters()["depth"] == 4
