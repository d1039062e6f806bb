"""CatBoost on categories: its statistics of them answer through our tables as the library does."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import ParityError
from automl.learners import catboost as catboost_learner
from automl.learners.base import Problem, Sample
from automl.learners.catboost import CatBoostLearner
from automl.learners.catboost_export import as_json, export_arrays
from automl.learners.packing import join_trees
from scoring.families.lookups import TabledTrees
from tests.unit.automl.tree_samples import cases, endless

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


def crossed(rows=900, classes=0, levels=(3, 6, 40), seed=0):
    """Return rows whose target goes by pairs of levels, with gaps and with levels that are rare."""
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.integers(0, level, rows) for level in levels], axis=1)
    effects = np.random.default_rng(9).normal(size=levels)
    signal = effects[tuple(codes.T)] + 0.1 * rng.normal(size=rows)
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes)) if classes else signal
    X = np.column_stack([codes, rng.normal(size=(rows, 2))])
    X[rng.random(X.shape) < 0.05] = np.nan
    return Sample(X, y, 0, tuple(range(len(levels))))


def library_answers(model, X, categories, problem):
    frame = pd.DataFrame(
        {
            place: np.nan_to_num(column, nan=-1).astype(int) if place in categories else column
            for place, column in enumerate(X.T)
        }
    )
    kind = "Probability" if problem.classes else "RawFormulaVal"
    return np.asarray(model.predict(frame, prediction_type=kind)).reshape(len(X), -1)


@settings(max_examples=20, deadline=None)
@given(case=cases(codes=3), together=st.integers(1, 3), one_hot=st.sampled_from([2, 10]))
def test_it_answers_as_the_library(models, case, together, one_hot):
    models.clear()
    learn, judge, problem, unseen = case

    learner = CatBoostLearner(native=True, together=together, one_hot=one_hot, learning_rate=0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catboost_learner, "MAX_ROUNDS", 30)
        fitted = learner.fit(learn, judge, problem, seed=1, budget=endless())

    ours = fitted.predict(unseen)
    if not models:  # one class alone
        return
    shown = np.unique(learn.y) if problem.classes else [0]
    own = library_answers(models[-1], unseen, learn.categorical, problem)
    assert np.max(np.abs(ours[:, shown] - own) / np.maximum(1, np.abs(own))) <= 1e-9


@pytest.mark.parametrize("one_hot", [2, 10])
@pytest.mark.parametrize("classes", [0, 2, 4])
def test_combinations_and_levels_that_were_never_seen(models, classes, one_hot):
    learn, judge, problem = crossed(classes=classes), crossed(classes=classes, seed=1), Problem(classes)
    learner = CatBoostLearner(native=True, one_hot=one_hot)

    fitted = learner.fit(learn, judge, problem, seed=0, budget=endless())

    arrays = fitted.export().arrays
    assert fitted.export().block["family"] == "oblivious_tables"
    # Combinations with answers to questions, with levels of other categories, or with both.
    assert arrays["digits"].max() > 1
    hostile = crossed(seed=2).X
    hostile[::3, 2] += 100
    hostile[1::3, 0] = np.nan
    own = library_answers(models[-1], hostile, learn.categorical, problem)
    assert np.abs(fitted.predict(hostile) - own).max() <= 1e-9


def test_many_levels_make_small_tables(models):
    learn, judge = crossed(4000, 2, (2000, 30)), crossed(1000, 2, (2000, 30), seed=1)

    fitted = CatBoostLearner(native=True).fit(learn, judge, Problem(2), seed=0, budget=endless())

    arrays = fitted.export().arrays
    # No table has more keys than there are rows to learn from.
    assert arrays["entries"].max() <= len(learn.X)
    own = library_answers(models[-1], judge.X, learn.categorical, Problem(2))
    assert np.abs(fitted.predict(judge.X) - own).max() <= 1e-9


@pytest.mark.long
def test_statistics_find_what_pairs_of_levels_say():
    """Each category alone says little of the target, the two together nearly all."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 12, (4000, 2)).astype(float)
    y = (codes.sum(axis=1) % 2).astype(int)
    learn, judge = (Sample(codes[part], y[part], 0, (0, 1)) for part in (slice(3000), slice(3000, None)))

    fitted = CatBoostLearner(native=True).fit(learn, judge, Problem(2), seed=0, budget=endless())

    assert (fitted.predict(judge.X).argmax(axis=1) == judge.y).mean() > 0.99


def test_models_without_categories_to_ask_are_of_the_plain_family():
    sample = crossed()
    numbers = Sample(sample.X[:, 3:], sample.y, 0, ())

    fitted = CatBoostLearner(native=True).fit(numbers, numbers, Problem(0), seed=0, budget=endless())

    assert fitted.export().block["family"] == "oblivious"


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_models_joined_are_parts_of_one_and_answer_as_alone(classes):
    samples = [crossed(classes=classes, seed=seed) for seed in (0, 1)]
    problem = Problem(classes)
    models = [
        CatBoostLearner(native=True).fit(
            sample, crossed(classes=classes, seed=5), problem, seed=0, budget=endless()
        )
        for sample in samples
    ]
    # The joint matrix holds the second model's columns behind the first one's.
    X = np.column_stack([samples[0].X, samples[1].X])

    joined = join_trees([model.export().arrays for model in models], [np.arange(5), np.arange(5, 10)])

    alone = [
        TabledTrees(model.export().arrays).score(sample.X)[:, 0]
        for model, sample in zip(models, samples, strict=True)
    ]
    assert np.abs(TabledTrees(joined).score(X) - np.stack(alone, axis=1)).max() <= 1e-12


def one_category(statistic):
    """Return rows of one category, their pool and the options of a small model with one kind of statistic."""
    sample = crossed(classes=2)
    frame = pd.DataFrame({0: np.nan_to_num(sample.X[:, 2], nan=-1).astype(int)})
    options = {
        "loss_function": "Logloss",
        "simple_ctr": statistic,
        "iterations": 5,
        "allow_writing_files": False,
        "logging_level": "Silent",
    }
    return sample.X[:, 2:3], catboost.Pool(frame, sample.y, cat_features=[0]), options


def test_statistics_of_another_kind_are_refused():
    X, pool, options = one_category("Buckets")
    model = catboost.CatBoost(options).fit(pool)

    with pytest.raises(ParityError, match="Buckets"):
        export_arrays(as_json(model, pool), X)


@pytest.mark.parametrize("statistic", ["Counter", "Borders"])
def test_a_category_that_the_statistics_do_not_know_is_answered_as_never_seen(statistic):
    X, pool, options = one_category(statistic)
    model = catboost.CatBoost(options).fit(pool.slice(np.arange(20)))

    trees = TabledTrees(export_arrays(as_json(model, pool), X))

    own = library_answers(model, X, (0,), Problem(0))
    assert len(np.unique(own)) > 1
    assert np.abs(trees.score(X)[:, 0] - own).max() <= 1e-9
