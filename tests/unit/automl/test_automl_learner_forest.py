"""Forests: their trees answer through our arrays as scikit-learn's do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.budget import Budget
from automl.learners import forest
from automl.learners.base import Problem, Sample
from automl.learners.forest import ForestLearner, forest_variants, within_single_precision
from automl.learners.packing import join_trees
from scoring.families.trees import TreeEnsemble
from tests.unit.automl.tree_samples import cases, endless, sample_of


@pytest.fixture(scope="module")
def models():
    """The forests that scikit-learn made, newest last."""
    made = []
    export = forest._export

    def recorded(model, problem):
        made.append(model)
        return export(model, problem)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forest, "_export", recorded)
        yield made


@settings(max_examples=30, deadline=None)
@given(case=cases(), extra=st.booleans(), bounded=st.booleans())
def test_both_forests_answer_as_the_library(models, case, extra, bounded):
    learn, judge, problem, unseen = case
    learner = ForestLearner(extra=extra, min_leaf_rows=1, features=0.5, trees=7)

    with pytest.MonkeyPatch.context() as patch:
        # So few leaves that trees are grown best-first, in another order of nodes.
        patch.setattr(forest, "LEAF_VALUES", 7 if bounded else 1_000_000)
        fitted = learner.fit(learn, judge, problem, seed=1, budget=endless())

    ours = fitted.predict(unseen)
    own = forest._answers(models[-1], within_single_precision(unseen), problem)
    assert ours.shape == (90, max(1, problem.classes))
    # Shares are rounded to float32; a wrong path would differ by a row of a leaf.
    assert np.max(np.abs(ours - own) / np.maximum(1, np.abs(own))) <= 1e-6


@pytest.mark.parametrize("extra", [False, True])
def test_numbers_beyond_float32_are_answered_like_the_largest(extra):
    sample = sample_of(columns=1)
    fitted = ForestLearner(extra=extra, trees=5).fit(sample, sample, Problem(0), seed=0, budget=endless())

    answers = fitted.predict(np.array([[1e300], [np.inf], [3e38], [-1e300], [-np.inf], [-3e38]]))[:, 0]

    assert answers[0] == answers[1] == answers[2]
    assert answers[3] == answers[4] == answers[5]


def test_a_budget_that_is_over_still_gives_a_tree():
    sample = sample_of(classes=2)

    fitted = ForestLearner(extra=True).fit(
        sample, sample, Problem(2), seed=0, budget=Budget(0.0, lambda: 1.0)
    )

    assert fitted.rounds == len(fitted.export().arrays["sizes"]) == 1


def test_growing_stops_about_when_the_budget_does(make_clock):
    sample = sample_of(classes=2)
    budget = Budget(20.0, make_clock(step=1.0))

    fitted = ForestLearner(extra=True).fit(sample, sample, Problem(2), seed=0, budget=budget)

    assert 1 < fitted.rounds < 100
    assert budget.elapsed() < 25.0


def test_the_leaves_of_a_forest_are_bounded(monkeypatch):
    monkeypatch.setattr(forest, "LEAF_VALUES", 1000)
    sample = sample_of(2000, classes=3)

    fitted = ForestLearner(extra=True, min_leaf_rows=1, trees=10).fit(
        sample, sample, Problem(3), seed=0, budget=endless()
    )

    assert len(fitted.export().arrays["value"]) <= 10 * 33


def test_many_rows_are_sampled_for_each_tree(monkeypatch):
    monkeypatch.setattr(forest, "MAX_TREE_ROWS", 50)
    sample = sample_of(400)

    fitted = ForestLearner(extra=True, min_leaf_rows=1, trees=3).fit(
        sample, sample, Problem(0), seed=0, budget=endless()
    )

    assert fitted.export().arrays["sizes"].max() < 2 * 50


def test_forests_joined_in_one_walk_answer_as_alone():
    sample = sample_of(classes=3)
    alone = [
        ForestLearner(extra=extra, trees=trees).fit(sample, sample, Problem(3), seed=0, budget=endless())
        for extra, trees in ((True, 4), (False, 9))
    ]

    joined = join_trees([model.export().arrays for model in alone], [np.arange(4)] * 2)

    scores = TreeEnsemble(joined, single_precision=True, average=True).score(sample.X)
    assert np.abs(scores - np.stack([model.predict(sample.X) for model in alone], axis=1)).max() <= 1e-12


def test_classes_that_were_not_seen_have_no_share():
    sample = Sample(np.arange(20.0)[:, None], np.repeat([0, 3], 10), 1)

    answers = (
        ForestLearner(extra=False, trees=3)
        .fit(sample, sample, Problem(5), seed=0, budget=endless())
        .predict(sample.X)
    )

    assert (answers[:, [1, 2, 4]] == 0.0).all()
    assert answers.sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("extra", [False, True])
def test_no_class_that_was_seen_is_called_impossible(extra):
    """Pure leaves beside each other: without rows of the usual mix each would be sure of its class."""
    sample = Sample(np.arange(40.0)[:, None], np.repeat([0, 1, 2, 2], 10), 1)

    answers = (
        ForestLearner(extra=extra, min_leaf_rows=1, trees=5)
        .fit(sample, sample, Problem(3), seed=0, budget=endless())
        .predict(np.array([[-100.0], [100.0]]))
    )

    assert answers.min() > 0.0
    assert answers.argmax(axis=1).tolist() == [0, 2]
    # A leaf of n rows of the last class, whose share of all rows is about a half, says (n + 1/4) / (n + 1/2).
    assert 0.5 < answers[1, 2] < 1.0


def test_the_variants_are_sized_for_rows_columns_and_problem():
    small, wide = forest_variants(500, 10, Problem(2)), forest_variants(9000, 200, Problem(0))

    assert [small[name].min_leaf_rows for name in ("extra", "random")] == [3, 5]
    assert [wide[name].features for name in ("extra", "random")] == [0.3, 0.12]
    assert {learner.name for learner in small.values()} == {"Extra trees", "Random forest"}
    assert small["extra"].parameters()["trees"] == 100
