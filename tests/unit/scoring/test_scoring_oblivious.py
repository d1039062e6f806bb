"""Oblivious trees as arrays: borders, missing values, depths, parts, and what is refused."""

import numpy as np
import pytest

from scoring.errors import ModelError
from scoring.families.oblivious import ObliviousTrees

pytestmark = pytest.mark.usefixtures("loops")

TWO_LEVELS = {
    "depth": np.array([2]),
    "feature": np.array([0, 1]),
    "border": np.array([0.5, 2.0], dtype=np.float32),
    "missing_above": np.array([False, True]),
    "value": np.array([[0.0], [1.0], [2.0], [3.0]]),
    "base": np.array([10.0]),
}


def trees(**changes):
    return ObliviousTrees(
        {name: array for name, array in {**TWO_LEVELS, **changes}.items() if array is not None}
    )


def scores(model, *rows):
    return model.score(np.array(rows, dtype=float))[:, 0, 0].tolist()


def test_each_level_sets_its_bit_where_the_input_is_above_the_border():
    assert scores(trees(), [0.5, 2.0], [0.6, 2.0], [0.5, 2.1], [0.6, 2.1]) == [10, 11, 12, 13]


def test_missing_is_above_only_where_the_tree_learned_so():
    assert scores(trees(), [np.nan, np.nan], [np.nan, 0.0], [np.inf, -np.inf]) == [12, 10, 11]


def test_the_input_is_rounded_to_single_precision():
    assert scores(trees(), [0.5 + 1e-9, 0.0], [1e300, -1e300]) == [10, 11]


def test_trees_of_different_depth_stand_in_one_ensemble():
    mixed = trees(
        depth=np.array([0, 2, 1]),
        feature=np.array([0, 1, 0]),
        border=np.array([0.5, 2.0, 0.0]),
        missing_above=np.zeros(3, dtype=bool),
        value=np.array([[100.0], [0.0], [1.0], [2.0], [3.0], [0.0], [20.0]]),
    )

    assert scores(mixed, [0.0, 0.0], [0.3, 3.0], [1.0, 3.0]) == [110, 132, 133]


def test_trees_without_levels_need_no_input():
    flat = trees(
        depth=np.array([0]),
        feature=np.zeros(0, dtype=int),
        border=np.zeros(0),
        missing_above=np.zeros(0, dtype=bool),
        value=np.array([[1.0]]),
    )

    assert flat.inputs == 0
    assert scores(flat, [], []) == [11, 11]


def test_parts_and_outputs_are_kept_apart():
    twice = {name: np.concatenate([array, array]) for name, array in TWO_LEVELS.items() if name != "base"}
    twice["value"] = np.arange(16.0).reshape(8, 2)

    model = trees(**twice, base=np.array([[0.0, 0.0], [100.0, 200.0]]), trees=np.array([1, 1]))

    assert model.inputs == 2
    assert model.score(np.array([[1.0, 0.0]])).tolist() == [[[2.0, 3.0], [110.0, 211.0]]]


def test_values_may_be_stored_column_by_column():
    values = np.array([[0.0, 5.0], [1.0, 6.0], [2.0, 7.0], [3.0, 8.0]])
    model = trees(value=np.asfortranarray(values), base=np.zeros(2))

    assert model.score(np.array([[0.6, 2.1], [0.5, 2.1]]))[:, 0].tolist() == [[3, 8], [2, 7]]


def test_many_rows_are_scored_in_blocks_like_single_ones(monkeypatch):
    monkeypatch.setattr("scoring.families.oblivious.BLOCK", 4)
    X = np.random.default_rng(0).normal(1, 1, (50, 2))

    together = trees().score(X)

    assert together.tolist() == [trees().score(row[None, :])[0].tolist() for row in X]
    assert trees().score(np.zeros((0, 2))).shape == (0, 1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"depth": np.array([1])},
        {"depth": np.array([3])},
        {"depth": np.array([-1, 3])},
        {"depth": np.array([40])},
        {"depth": np.array([2.0])},
        {"depth": None},
        {"feature": np.array([0, -1])},
        {"feature": np.array([0, 1 << 40])},
        {"feature": np.array([0])},
        {"border": np.array([0.0, np.nan])},
        {"border": np.array([0.0])},
        {"missing_above": np.array([True])},
        {"value": np.zeros((3, 1))},
        {"value": np.zeros(4)},
        {"value": np.array([[0.0], [1.0], [np.inf], [0.0]])},
        {"value": np.zeros((4, 2))},
        {"base": np.zeros(0), "value": np.zeros((4, 0))},
        {"base": np.array([np.nan])},
        {"base": np.zeros((2, 1))},
        {"base": None},
        {"trees": np.array([2])},
        {"trees": np.array([0, 1]), "base": np.zeros((2, 1))},
    ],
)
def test_arrays_that_are_no_trees_are_refused(changes):
    with pytest.raises(ModelError):
        trees(**changes)
