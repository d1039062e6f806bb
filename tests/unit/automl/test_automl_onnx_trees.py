"""ONNX: trees of every form answer as `scoring` does: sets, linear leaves, gaps, lone leaves, many parts."""

import numpy as np
import pytest
from onnx import helper

from automl.budget import Budget
from automl.learners.base import Problem, Sample
from automl.learners.catboost import CatBoostLearner
from automl.learners.forest import forest_variants
from automl.learners.histogram import HistogramLearner
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.packing import constant, join_trees, leaf_tree, pack_trees
from automl.onnx_export import trees as module
from automl.onnx_export.convert import run
from automl.onnx_export.graph import DOUBLE, Graph
from automl.onnx_export.lookups import tabled_scores
from automl.onnx_export.trees import oblivious_scores, tree_scores
from scoring.families.ensemble import scorer_of
from tests.unit.automl.conftest import FakeClock
from tests.unit.automl.tree_samples import endless

COLUMNS = 4
ODD = [np.nan, 0.0, -0.0, 1e-320, 1e12, -1e12, 59.0, 60.0, 61.0, -1.0, 7.5]


def sample(classes, rows=600, seed=0):
    """Return rows whose last column holds codes of categories that say much."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, COLUMNS))
    X[:, -1] = rng.integers(0, 60, rows)
    signal = X[:, 0] + 3 * np.isin(X[:, -1], [3, 17, 40, 59]) + np.abs(X[:, 1]) + 0.1 * rng.normal(size=rows)
    X[rng.random(X.shape) < 0.05] = np.nan
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes)) if classes else signal
    return Sample(X, y, COLUMNS - 1, (COLUMNS - 1,))


def rows_of(X):
    """Return known rows, and rows with one odd value each."""
    odd = np.repeat(X[:1], len(ODD) * COLUMNS, axis=0)
    for place, value in enumerate(ODD * COLUMNS):
        odd[place, place % COLUMNS] = value
    return np.concatenate([X[:60], odd])


def agree(block, arrays, X):
    """Return the largest difference between the scores of `scoring` and those of ONNX."""
    graph = Graph(["X", "scores"])
    if block["family"] == "trees":
        scores = tree_scores(graph, block, arrays, "X", X.shape[1])
    elif block["family"] == "oblivious_tables":
        scores = tabled_scores(graph, arrays, "X", X.shape[1])
    else:
        scores = oblivious_scores(graph, arrays, "X")
    graph.rename(scores, "scores")
    proto = graph.model(
        [helper.make_tensor_value_info("X", DOUBLE, ["rows", X.shape[1]])],
        [helper.make_tensor_value_info("scores", DOUBLE, None)],
    )
    theirs, _ = run(proto.SerializeToString(), {"X": X}, classes=False)
    ours = scorer_of(block, arrays).score(X)
    assert theirs.shape == ours.shape
    return np.max(np.abs(theirs - ours) / np.maximum(1, np.abs(ours)))


LEARNERS = {
    "sets": LightGBMLearner(native=True, leaves=8, min_group_rows=5, learning_rate=0.2),
    "plain": LightGBMLearner(leaves=8, learning_rate=0.2),
    "linear leaves": LightGBMLearner(leaves=5, linear_leaves=True, learning_rate=0.3),
    "oblivious": CatBoostLearner(learning_rate=0.3),
    "histogram": HistogramLearner(),
    "forest": forest_variants(600, COLUMNS, Problem(3))["random"],
}


# Linear leaves are grown for numbers only.
@pytest.mark.parametrize(
    ("kind", "classes"),
    [(kind, classes) for kind in LEARNERS for classes in (0, 2, 3) if kind != "linear leaves" or not classes],
)
def test_trees_of_every_form_answer_alike(kind, classes, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 7)
    fits = [
        LEARNERS[kind]
        .fit(sample(classes, seed=seed), sample(classes, seed=9), Problem(classes), seed=seed, budget=_soon())
        .export()
        for seed in (0, 1)
    ]
    block, X = fits[0].block, rows_of(sample(classes).X)
    special = {"sets": "set_bits", "linear leaves": "term_weight", "oblivious": "border"}.get(kind)
    assert special is None or fits[0].arrays[special].size

    assert agree(block, fits[0].arrays, X) <= 1e-12
    if block["family"] == "trees":
        # Fold models share a walk and read columns of their own.
        joined = join_trees([fit.arrays for fit in fits], [np.arange(4), np.array([4, 5, 6, 7])])
        assert agree(block, joined, np.concatenate([X, X[::-1]], axis=1)) <= 1e-12


def _soon():
    """Return a budget for a few dozen rounds."""

    return Budget(1.0, FakeClock(0.02))


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_a_model_that_is_one_leaf_answers_alike(classes):
    exported = constant(np.zeros(20), Problem(classes)).export()

    assert agree(exported.block, exported.arrays, rows_of(sample(0).X)) == 0


def test_leaves_stand_beside_trees():
    grown = LEARNERS["plain"].fit(sample(0), sample(0), Problem(0), seed=0, budget=endless()).export()
    leaves = pack_trees([leaf_tree(np.array([0.25])) for _ in range(3)], np.array([1.0]))
    joined = join_trees([leaves, grown.arrays], [np.arange(4)] * 2)

    assert agree(grown.block, joined, rows_of(sample(0).X)) <= 1e-12


def test_oblivious_trees_without_levels_answer_alike():
    block = {"family": "oblivious", "link": "identity"}
    arrays = {
        "depth": np.array([0, 0]),
        "feature": np.zeros(0, dtype=np.int32),
        "border": np.zeros(0, dtype=np.float32),
        "missing_above": np.zeros(0, dtype=bool),
        "value": np.array([[1.0], [0.5]]),
        "base": np.array([2.0]),
    }

    assert agree(block, arrays, rows_of(sample(0).X)) == 0


@pytest.mark.parametrize("one_hot", [2, 80])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_tables_of_categories_are_looked_up_alike(classes, one_hot):
    learner = CatBoostLearner(native=True, together=3, one_hot=one_hot, learning_rate=0.3)

    def coded(seed):
        rows = sample(classes, rows=900, seed=seed)
        codes = np.nan_to_num(np.abs(rows.X[:, 2] * 2)).round()
        rows.X[:, 2] = np.where(np.isnan(rows.X[:, 2]), np.nan, codes)
        return Sample(rows.X, rows.y, 2, (2, 3))

    fits = [
        learner.fit(coded(seed), coded(9), Problem(classes), seed=seed, budget=_soon()).export()
        for seed in (0, 1)
    ]
    X = rows_of(coded(0).X)

    assert {fit.block["family"] for fit in fits} == {"oblivious_tables"}
    assert all(len(fit.arrays["entry"]) for fit in fits)
    assert agree(fits[0].block, fits[0].arrays, X) <= 1e-12
    joined = join_trees([fit.arrays for fit in fits], [np.arange(4), np.array([4, 5, 6, 7])])
    assert agree(fits[0].block, joined, np.concatenate([X, X[::-1]], axis=1)) <= 1e-12
