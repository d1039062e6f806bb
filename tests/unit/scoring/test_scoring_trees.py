"""Trees as arrays: splits, missing values, categories, linear leaves, parts, and what is refused."""

import numpy as np
import pytest

from scoring.errors import ModelError
from scoring.families.trees import TreeEnsemble

pytestmark = pytest.mark.usefixtures("loops")

STUMP = {
    "sizes": np.array([3]),
    "leaf": np.array([False, True, True]),
    "feature": np.array([0]),
    "threshold": np.array([0.5]),
    "missing_left": np.array([True]),
    "value": np.array([[-1.0], [1.0]]),
    "base": np.array([10.0]),
}
SETS = {"set_size": np.array([10]), "set_bits": np.array([0b00001000, 0b00000010], dtype=np.uint8)}
TERMS = {
    "constant": np.array([5.0, 7.0]),
    "term_count": np.array([2, 0]),
    "term_feature": np.array([0, 1]),
    "term_weight": np.array([1.0, 2.0]),
}


def ensemble(*, single_precision=False, average=False, **changes):
    arrays = {name: array for name, array in {**STUMP, **changes}.items() if array is not None}
    return TreeEnsemble(arrays, single_precision=single_precision, average=average)


def scores(trees, *rows):
    return trees.score(np.array(rows, dtype=float))[:, 0].tolist()


def test_equal_goes_left_and_missing_where_the_tree_learned_to():
    assert scores(ensemble(), [0.5], [0.6], [np.nan], [-np.inf], [np.inf]) == [[9], [11], [9], [9], [11]]
    assert scores(ensemble(missing_left=np.array([False])), [np.nan], [-np.inf]) == [[11], [9]]


def test_an_infinite_threshold_parts_the_missing_from_all_others():
    trees = ensemble(threshold=np.array([np.inf]), missing_left=np.array([False]))

    assert scores(trees, [np.inf], [1e308], [np.nan]) == [[9], [9], [11]]


def test_single_precision_rounds_the_input_before_it_compares():
    value = [0.5 + 1e-9]

    assert scores(ensemble(), value) == [[11]]
    assert scores(ensemble(single_precision=True), value) == [[9]]


def test_a_tree_without_splits_needs_no_input():
    leaf = ensemble(
        sizes=np.array([1]),
        leaf=np.array([True]),
        feature=np.zeros(0, dtype=int),
        threshold=np.zeros(0),
        missing_left=np.zeros(0, dtype=bool),
        value=np.array([[2.0]]),
    )

    assert leaf.inputs == 0
    assert scores(leaf, [], []) == [[12], [12]]


def test_long_paths_are_walked_to_their_ends():
    depth = 40
    # Each split sends the row right, to the next split; a left child is a leaf.
    leaf = np.array([False, *[True, False] * (depth - 1), True, True])
    trees = ensemble(
        sizes=np.array([2 * depth + 1]),
        leaf=leaf,
        feature=np.zeros(depth, dtype=int),
        threshold=np.arange(depth, dtype=float),
        missing_left=np.zeros(depth, dtype=bool),
        value=np.arange(depth + 1.0)[:, None],
        base=np.zeros(1),
    )

    rows = np.arange(-0.5, depth, 1.0)[:, None]

    assert trees.score(rows).ravel().tolist() == list(range(depth + 1))


def test_many_rows_are_scored_in_blocks_like_single_ones(monkeypatch):
    monkeypatch.setattr("scoring.families.trees.BLOCK", 7)
    monkeypatch.setattr("scoring.families.trees.ROWS", 3)
    X = np.linspace(0, 1, 50)[:, None]

    together = ensemble().score(X)

    assert together.tolist() == [ensemble().score(row[None, :])[0].tolist() for row in X]
    assert ensemble().score(np.zeros((0, 1))).shape == (0, 1, 1)


def test_a_set_sends_its_categories_left_and_all_others_right():
    trees = ensemble(**SETS)

    assert scores(trees, [3], [9], [0], [10], [15], [16], [1e18], [-1], [np.nan]) == [[9]] * 2 + [[11]] * 7


def test_a_linear_leaf_adds_its_terms_unless_one_is_missing():
    trees = ensemble(**TERMS)

    assert trees.inputs == 2
    assert scores(trees, [0.5, 2.0], [0.5, np.nan], [np.nan, 1.0], [9.0, np.nan]) == [
        [10 + 5 + 0.5 + 4],
        [9],
        [9],
        [17],
    ]


def test_trees_of_width_one_take_turns_over_the_outputs_of_each_part():
    twice = {name: np.concatenate([array, array]) for name, array in STUMP.items() if name != "base"}
    four = {name: np.concatenate([array, array]) for name, array in twice.items()}
    four["value"] = np.arange(8.0)[:, None]

    trees = ensemble(**four, base=np.array([[0.0, 0.0], [100.0, 200.0]]), trees=np.array([2, 2]))

    assert trees.score(np.array([[0.0], [1.0]])).tolist() == [
        [[0.0, 2.0], [104.0, 206.0]],
        [[1.0, 3.0], [105.0, 207.0]],
    ]


def test_wide_leaves_are_averaged_over_each_parts_trees():
    thrice = {name: np.concatenate([array] * 3) for name, array in STUMP.items() if name != "base"}
    thrice["value"] = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 1.0], [0.2, 0.8], [0.0, 1.0]])

    trees = ensemble(average=True, **thrice, base=np.zeros((2, 2)), trees=np.array([2, 1]))

    assert trees.score(np.array([[0.0]])).tolist() == [[[0.75, 0.25], [0.2, 0.8]]]


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": np.array([2])},
        {"sizes": np.array([3, 0])},
        {"sizes": np.array([1 << 62, 3 - (1 << 62)])},
        {"leaf": np.array([False, False, True])},
        {"leaf": np.array([True, True, True])},
        {"leaf": np.array([True, False, True])},
        {"leaf": np.array([False, True])},
        {"leaf": np.array([0.0, 1.0, 1.0])},
        {"leaf": np.array([[False, True, True]])},
        {"leaf": None},
        {"sizes": np.zeros(0, dtype=int), "leaf": np.zeros(0, dtype=bool), "value": np.zeros((0, 1))},
        {"feature": np.array([-1])},
        {"feature": np.array([1 << 40])},
        {"feature": np.array([0, 0])},
        {"feature": np.array(["0"])},
        {"threshold": np.array([np.nan])},
        {"threshold": np.array([0.5 + 1j])},
        {"value": np.array([0.0, 0.0])},
        {"value": np.array([[0.0]])},
        {"value": np.array([[0.0], [np.inf]])},
        {"value": np.zeros((2, 2))},
        {"base": np.zeros(0)},
        {"base": np.array([0.0, 0.0])},
        {"base": np.array([np.nan])},
        {"base": np.zeros((2, 1))},
        {"base": None},
        {"trees": np.array([2])},
        {"trees": np.array([0, 1]), "base": np.zeros((2, 1))},
        {**SETS, "set_size": np.array([-8])},
        {**SETS, "set_size": np.array([20])},
        {**SETS, "set_size": np.array([8, 8])},
        {**SETS, "set_bits": None},
        {**TERMS, "constant": np.array([np.nan, 0.0])},
        {**TERMS, "constant": np.array([0.0])},
        {**TERMS, "term_count": np.array([3, 0])},
        {**TERMS, "term_count": np.array([3, -1])},
        {**TERMS, "term_feature": np.array([0, -1])},
        {**TERMS, "term_weight": np.array([0.0])},
        {**TERMS, "term_weight": np.array([0.0, np.inf])},
        {**TERMS, "value": np.zeros((2, 2)), "base": np.zeros(2)},
    ],
)
def test_arrays_that_are_no_trees_are_refused_so_that_no_walk_is_endless(changes):
    with pytest.raises(ModelError):
        ensemble(**changes)


def grown(rng, trees, depth, width=1):
    """Return the arrays of random trees that read three inputs, level by level."""
    leaf, sizes = [], []
    for _ in range(trees):
        level, nodes = 1, []
        for step in range(depth):
            ends = rng.random(level) < 0.3 if step else np.zeros(level, dtype=bool)
            nodes.extend(ends.tolist())
            level = 2 * int((~ends).sum())
        nodes.extend([True] * level)
        leaf.extend(nodes)
        sizes.append(len(nodes))
    leaf = np.array(leaf)
    splits = int((~leaf).sum())
    return {
        "sizes": np.array(sizes),
        "leaf": leaf,
        "feature": rng.integers(0, 3, splits),
        "threshold": rng.normal(size=splits).round(1),
        "missing_left": rng.random(splits) < 0.5,
        "value": rng.normal(size=(int(leaf.sum()), width)),
        "base": np.zeros(width),
    }


def walked(arrays, row):
    """Return the sum of the leaves that a plain walk finds."""
    total, node, split, leaves = 0.0, 0, 0, 0
    for size in arrays["sizes"]:
        leaf = arrays["leaf"][node : node + size]
        at = 0
        while not leaf[at]:
            k = int((~leaf[:at]).sum())
            value = row[arrays["feature"][split + k]]
            missing = np.isnan(value) and arrays["missing_left"][split + k]
            at = 2 * k + (1 if value <= arrays["threshold"][split + k] or missing else 2)
        total = total + arrays["value"][leaves + int(leaf[:at].sum())]
        node, split, leaves = node + size, split + int((~leaf).sum()), leaves + int(leaf.sum())
    return total


@pytest.mark.parametrize("few", [0, 1 << 15])
@pytest.mark.parametrize("depth", [1, 3, 9])
def test_every_walk_ends_where_a_plain_one_does(monkeypatch, few, depth):
    monkeypatch.setattr("scoring.families.walks.FEW_NODES", few)
    rng = np.random.default_rng(depth)
    arrays = grown(rng, trees=7, depth=depth, width=2)
    X = rng.normal(size=(60, 3)).round(1)
    X[rng.random(X.shape) < 0.2] = np.nan
    trees = ensemble(**arrays)

    together = trees.score(X)[:, 0]

    np.testing.assert_allclose(together, [walked(arrays, row) for row in X], rtol=0, atol=1e-12)
    alone = np.concatenate([trees.score(row[None, :])[:, 0] for row in X])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-12)


@pytest.mark.parametrize("few", [0, 1 << 15])
def test_sets_are_asked_for_one_row_as_for_many(monkeypatch, few):
    monkeypatch.setattr("scoring.families.walks.FEW_NODES", few)

    assert [scores(ensemble(**SETS), [code])[0] for code in (3, 9, 0, np.nan)] == [[9], [9], [11], [11]]
