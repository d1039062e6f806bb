"""Compiled loops beside NumPy: the same answers, whatever the rows; and when a library is left alone."""

import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import compiled
from scoring.blocks import Blocks, Encoders
from scoring.columns import Table
from scoring.encoders import CategoryEncoder, DifferenceEncoder, LevelEncoder, NumberEncoder
from scoring.errors import InputError
from scoring.families.oblivious import ObliviousTrees
from scoring.families.trees import TreeEnsemble
from scoring.inputs import Feature
from scoring.reader import Reader
from scoring.steps import STEPS, Plan

pytestmark = [
    pytest.mark.skipif(compiled.LIBRARY is None, reason="the loops are not compiled: make setup needs cc"),
    pytest.mark.hypothesis,
]
EXTREMES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 5e-324]
# Sums of larger numbers differ by how they are rounded on the way.
FAR = 1e3
SEEDS = st.integers(0, 2**32 - 1)


def both(answer):
    """Return what is answered in C, and by NumPy."""
    found = answer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "LIBRARY", None)
        return found, answer()


def trees_of(rng, *, trees, columns, sets, linear, width, nodes=40):
    """Return the arrays of random trees, level by level; one splits no more once it has so many nodes."""
    sizes, leaf = [], []
    for _ in range(trees):
        start, open_nodes = len(leaf), 1
        while open_nodes:
            open_nodes -= 1
            split = len(leaf) - start < nodes and rng.random() < 0.7
            leaf.append(not split)
            open_nodes += 2 * split
        sizes.append(len(leaf) - start)
    splits, leaves = len(leaf) - sum(leaf), sum(leaf)
    arrays = {
        "sizes": np.array(sizes),
        "leaf": np.array(leaf),
        "feature": rng.integers(0, columns, splits).astype(
            rng.choice([np.uint8, np.uint16, np.int32, np.int64])
        ),
        "threshold": rng.choice([*rng.normal(size=60).round(1), np.inf, -np.inf], splits),
        "missing_left": rng.random(splits) < 0.5,
        "value": rng.normal(size=(leaves, width)).astype(rng.choice([np.float32, np.float64])),
        "base": rng.normal(size=(2, width)),
        "trees": np.array([1, trees - 1]),
    }
    if sets:
        size = np.where(rng.random(splits) < 0.5, rng.integers(1, 40, splits), 0)
        bits = rng.integers(0, 256, int((-(-size // 8)).sum())).astype(np.uint8)
        arrays |= {"set_size": size, "set_bits": bits}
    if linear:
        count = rng.integers(0, 3, leaves)
        arrays |= {
            "constant": rng.normal(size=leaves),
            "term_count": count,
            "term_feature": rng.integers(0, columns, count.sum()),
            "term_weight": rng.normal(size=count.sum()),
        }
    return arrays


def inputs_of(rng, rows, columns):
    """Return rows of numbers, codes and extremes."""
    X = rng.normal(size=(rows, columns)).round(1)
    X = np.where(rng.random(X.shape) < 0.3, rng.integers(-2, 25, X.shape), X)
    return np.where(rng.random(X.shape) < 0.2, rng.choice(EXTREMES, X.shape), X)


# Few rows walk, and so do many through trees that are large in the mean; other trees have masks then.
@given(
    SEEDS,
    st.integers(2, 9),
    st.one_of(st.integers(0, 40), st.integers(48, 200)),
    st.booleans(),
    st.booleans(),
    st.tuples(st.sampled_from([1, 3]), st.sampled_from([1, 40, 260, 900])),
)
def test_trees_answer_the_same(seed, trees, rows, single, sets, size):
    rng, (width, nodes) = np.random.default_rng(seed), size
    linear = width == 1 and seed % 2 == 0
    arrays = trees_of(rng, trees=trees, columns=3, sets=sets, linear=linear, width=width, nodes=nodes)
    X = inputs_of(rng, rows, 3)
    if linear:
        X = np.clip(X, -FAR, FAR)

    # In both orders of memory: what reads tables of categories hands over columns.
    for matrix in (X, np.asfortranarray(X)):
        found, expected = both(
            lambda matrix=matrix: TreeEnsemble(arrays, single_precision=single, average=seed % 3 == 0).score(
                matrix
            )
        )
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 2047, 2049])
def test_rows_of_several_blocks_answer_the_same(rows):
    rng = np.random.default_rng(rows)
    arrays = trees_of(rng, trees=7, columns=3, sets=True, linear=True, width=1)
    X = np.clip(inputs_of(rng, rows, 3), -FAR, FAR)

    found, expected = both(lambda: TreeEnsemble(arrays, single_precision=False, average=False).score(X))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def stumps(feature, threshold, **sets):
    """Return the arrays of trees of one split each."""
    count = len(threshold)
    return {
        "sizes": np.full(count, 3),
        "leaf": np.tile([False, True, True], count),
        "feature": feature,
        "threshold": threshold,
        "missing_left": np.zeros(count, dtype=bool),
        "value": np.tile([[0.0], [1.0]], (count, 1)),
        "base": np.zeros(1),
        **sets,
    }


def test_a_column_and_a_distance_that_one_word_cannot_hold_have_two():
    many, depth = 1 << 17, 1 << 14
    # A split's left child is a leaf, its right one a split that asks another column; a row goes right until
    # one is missing.
    path = {
        "sizes": np.array([2 * depth + 1]),
        "leaf": np.array([False, *[True, False] * (depth - 1), True, True]),
        "feature": np.arange(depth),
        "threshold": np.zeros(depth),
        "missing_left": np.ones(depth, dtype=bool),
        "value": np.arange(depth + 1.0)[:, None],
    }
    arrays = stumps(np.arange(many), np.zeros(many))
    arrays |= {name: np.concatenate([path[name], arrays[name]]) for name in path}
    X = np.ones((2, many))
    X[0, depth - 2] = np.nan

    trees = TreeEnsemble(arrays, single_precision=True, average=False)
    alone = TreeEnsemble({**path, "base": np.zeros(1)}, single_precision=True, average=False)

    assert trees.score(X).ravel().tolist() == [depth - 2 + many, depth + many]
    assert alone.score(X).ravel().tolist() == [depth - 2, depth]
    nodes, own = len(arrays["leaf"]), len(path["leaf"])
    assert sys.getsizeof(trees._answerer._trees) > 16 * nodes
    assert 8 * own < sys.getsizeof(alone._answerer._trees) < 12 * own


def test_more_than_masks_can_count_is_walked():
    many = 1 << 15
    own = stumps(np.zeros(many, dtype=int), np.arange(many, dtype=float))
    twice = stumps(np.zeros(2 * many, dtype=int), np.arange(2 * many) % (many - 1.0))
    size = np.ones(2 * many, dtype=int)
    sets = stumps(
        np.zeros(2 * many, dtype=int), np.zeros(2 * many), set_size=size, set_bits=size.astype(np.uint8)
    )
    X = np.array([[many / 2], [np.nan], [0.0], [1e9]])

    for arrays, expected in (
        (own, [many / 2, many, 0, many]),
        (twice, [many + 2, 2 * many, 0, 2 * many]),
        (sets, [2 * many, 2 * many, 0, 2 * many]),
    ):
        trees = TreeEnsemble(arrays, single_precision=False, average=False)
        held = sys.getsizeof(trees._answerer._trees)
        walked = trees.score(X).ravel().tolist()
        assert walked == expected
        assert trees.score(np.tile(X, (20, 1))).ravel().tolist() == expected * 20
        # What masks may take is counted before they are made; of those that are not made, nothing is.
        assert (sys.getsizeof(trees._answerer._trees) < 0.7 * held) == (arrays is not twice)


@given(
    SEEDS,
    st.lists(st.integers(0, 6), min_size=2, max_size=9),
    st.integers(1, 600),
    st.integers(1, 3),
)
def test_oblivious_trees_answer_the_same(seed, depth, rows, outputs):
    rng = np.random.default_rng(seed)
    levels = sum(depth)
    model = ObliviousTrees(
        {
            "depth": np.array(depth),
            "feature": rng.integers(0, 3, levels),
            "border": rng.normal(size=levels).round(1).astype(np.float32),
            "missing_above": rng.random(levels) < 0.5,
            "value": rng.normal(size=(sum(2**d for d in depth), outputs)),
            "base": np.zeros((2, outputs)),
            "trees": np.array([1, len(depth) - 1]),
        }
    )
    X = inputs_of(rng, rows, 3)

    found, expected = both(lambda: model.score(X))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


ENCODERS = Encoders(
    [
        LevelEncoder("b", (-1.0, 0.0, 2.5)),
        NumberEncoder("a"),
        CategoryEncoder("c", ("x", "y")),
        DifferenceEncoder("b", "a"),
        CategoryEncoder("d", ("y",)),
        NumberEncoder("b"),
    ]
)


@given(SEEDS, st.integers(0, 20))
def test_encoders_write_the_same(seed, rows):
    rng = np.random.default_rng(seed)
    numbers = np.ascontiguousarray(inputs_of(rng, rows, 2).T)
    numbers[1] = np.where(rng.random(rows) < 0.5, rng.choice([-1.0, 0.0, -0.0, 2.5], rows), numbers[1])
    texts = rng.choice(np.array(["x", "y", "other", None], dtype=object), (2, rows))
    columns = {"a": numbers[0], "b": numbers[1], "c": texts[0], "d": texts[1]}

    found, expected = both(lambda: ENCODERS.encode(columns, rows))
    # As they come from a reader, with other columns between.
    layout = Reader([Feature(n, t, nullable=True) for n, t in READ]).read([]).columns.layout
    table = Table(np.vstack([numbers[1], numbers[0]]), np.vstack([texts[1], texts[0]]), layout)
    again = ENCODERS.encode(table, rows)

    for blocks in (found, again):
        np.testing.assert_array_equal(blocks.numbers, expected.numbers)
        np.testing.assert_array_equal(blocks.codes, expected.codes)


READ = [("d", "categorical"), ("b", "numeric"), ("c", "categorical"), ("a", "numeric")]


@given(SEEDS, st.integers(0, 20), st.integers(1, 5))
def test_steps_write_the_same(seed, rows, knots):
    rng = np.random.default_rng(seed)
    sizes = np.array([4, 3])
    offsets = np.array([0, 4])
    numbers = np.array([2, 0])
    arrays = {
        "numbers": {"columns": numbers},
        "scaled": {
            "columns": numbers,
            "knots": np.sort(rng.normal(size=(2, knots)).round(1)),
            "values": rng.normal(size=(2, knots)),
            "fill": rng.normal(size=2),
        },
        "missing": {"columns": numbers},
        "codes": {"columns": np.array([1, 0]), "known": np.array([2, 3])},
        "one_hot": {
            "columns": np.array([0, 1]),
            "offsets": offsets,
            "slots": np.array([0, -1, 1, 2, 3, 4, -1]),
        },
        "table": {"columns": np.array([0, 1]), "offsets": offsets, "table": rng.normal(size=(7, 3))},
    }
    kinds = rng.permutation(list(arrays)).tolist()
    plan = Plan([STEPS[kind](arrays[kind]) for kind in kinds])
    X = inputs_of(rng, rows, 3)
    blocks = Blocks(X, rng.integers(0, sizes, (rows, 2)))

    # To the last bit: trees that were fitted on what one way made are walked by what the other makes.
    np.testing.assert_array_equal(*both(lambda: plan.transform(blocks)))


FEATURES = [
    Feature("n", "numeric", nullable=False, training_range=(-2.0, 3.0)),
    Feature("c", "categorical", nullable=True, missing_words=("na",), known_values=("x", "y", "na")),
    Feature("o", "categorical", nullable=False),
    Feature("m", "numeric", nullable=True),
    Feature("d", "date", nullable=True),
    Feature("b", "boolean", nullable=True, known_values=(True,)),
    Feature("t", "text", nullable=False),
]
USUAL = {
    "n": [0, 1.5, -2, 3.0, 1],
    "c": ["x", "y", None],
    "o": ["anything", " padded ", "x"],
    "m": [1e308, None, -3, 2**70],
    "d": ["2024-01-31", "2024-01-31T10:00:00+02:00", None],
    "b": [True, None],
    "t": ["a text", "another"],
}
ODD = [
    None,
    True,
    False,
    10**400,
    float("nan"),
    float("inf"),
    4.0,
    "x ",
    "na",
    "",
    "never",
    [1],
    {},
    b"x",
    1 + 2j,
]


@st.composite
def instances(draw):
    """Return instances most of which are usual."""
    rows = draw(
        st.lists(st.fixed_dictionaries({n: st.sampled_from(v) for n, v in USUAL.items()}), max_size=4)
    )
    for row in rows:
        if draw(st.integers(0, 3)) == 0:
            row[draw(st.sampled_from([*USUAL, "unknown"]))] = draw(st.sampled_from(ODD))
        if draw(st.integers(0, 9)) == 0:
            del row[draw(st.sampled_from(list(row)))]
    return rows + draw(st.sampled_from([[], [], [[]], ["x"], [None]]))


@given(instances(), st.booleans())
def test_instances_are_read_the_same(rows, strict):
    reader = Reader(FEATURES)

    def outcome():
        try:
            read = reader.read(rows, strict=strict)
        except InputError as error:
            return error.faults, error.total
        columns = {feature.name: read.columns[feature.name].tolist() for feature in FEATURES}
        return repr(columns), read.count, read.warnings, read.warnings_total, dict(read.unusual)

    found, expected = both(outcome)
    assert found == expected


def test_usual_instances_are_read_in_c_and_no_others():
    reader = Reader(FEATURES)
    usual = {name: values[0] for name, values in USUAL.items()}

    assert isinstance(reader.read([usual] * 3).columns, Table)
    assert isinstance(reader.read([{**usual, "o": "unheard"}, usual]).columns, Table)
    assert not isinstance(reader.read([{**usual, "n": 3.5}]).columns, Table)
    assert not isinstance(reader.read((usual,)).columns, Table)


def test_a_truth_that_is_stored_as_another_byte_than_one_is_a_truth():
    rng = np.random.default_rng(0)
    odd = np.full(1, 255, dtype=np.uint8).view(np.bool_)
    arrays = trees_of(rng, trees=9, columns=1, sets=False, linear=False, width=1)
    oblivious = {
        "depth": np.array([1]),
        "feature": np.array([0]),
        "border": np.zeros(1, dtype=np.float32),
        "value": np.array([[-1.0], [1.0]]),
        "base": np.zeros(1),
    }
    X = np.array([[np.nan], [0.3], [-2.0]])

    trees = [
        TreeEnsemble(
            {**arrays, "missing_left": np.repeat(truth, len(arrays["feature"]))},
            single_precision=False,
            average=False,
        )
        for truth in (odd, np.ones(1, dtype=np.bool_))
    ]

    np.testing.assert_array_equal(trees[0].score(X), trees[1].score(X))
    for rows in (X, X[:1]):
        found = ObliviousTrees({**oblivious, "missing_above": odd}).score(rows).ravel()
        assert found.tolist() == [1.0, 1.0, -1.0][: len(rows)]


def test_what_does_not_fit_is_refused_before_it_is_read():
    model = ObliviousTrees(
        {
            "depth": np.array([1]),
            "feature": np.array([4]),
            "border": np.zeros(1, dtype=np.float32),
            "missing_above": np.zeros(1, dtype=bool),
            "value": np.zeros((2, 1)),
            "base": np.zeros(1),
        }
    )
    trees = TreeEnsemble(
        trees_of(np.random.default_rng(0), trees=5, columns=3, sets=False, linear=False, width=1),
        single_precision=True,
        average=False,
    )
    model.score(np.zeros((1, 5)))
    trees.score(np.zeros((1, 3)))
    plan = Plan([STEPS["numbers"]({"columns": np.array([2])})])
    plan.transform(Blocks(np.zeros((1, 3)), np.zeros((1, 0), dtype=np.intp)))
    reader = Reader([Feature("n", "numeric", nullable=False)])
    reader.read([{"n": 1}])

    for loop, columns in ((model._loop, 5), (trees._answerer._trees, 3)):
        with pytest.raises(IndexError, match=f"at least {columns} columns"):
            loop.score(np.zeros((3, columns - 1)), np.zeros((3, 2, 1)))
        with pytest.raises(IndexError, match="no place"):
            loop.score(np.zeros((3, columns)), np.zeros((3, 0)))
        with pytest.raises(TypeError, match="'d' is needed, not of 'f'"):
            loop.score(np.zeros((3, columns), dtype=np.float32), np.zeros((3, 2, 1)))
        with pytest.raises(ValueError, match="contiguous"):
            loop.score(np.zeros((3, columns)), np.zeros((6, 2, 1))[::2])
        with pytest.raises(TypeError, match="are needed"):
            loop.score()
    with pytest.raises(IndexError, match="not there"):
        plan._loop.apply(np.zeros((1, 2)), np.zeros((1, 0), dtype=np.int64), np.zeros((1, 1)))
    with pytest.raises(IndexError, match="not there"):
        plan._loop.apply(np.zeros((1, 3)), np.zeros((1, 0), dtype=np.int64), np.zeros((1, 0)))
    with pytest.raises(ValueError, match="no place"):
        reader._plain._loop.read([{"n": 1}, {"n": 2}], np.zeros((1, 1)), np.zeros((0, 2), dtype=object))
    with pytest.raises(TypeError, match="arguments are needed"):
        compiled.LIBRARY.Oblivious(np.zeros(1))
    truths, feature = np.zeros(2, dtype=bool), np.zeros(2, dtype=np.int32)
    for features, directions, pairs in (
        (feature, truths[:1], truths),
        (feature + 1, truths, truths),
        (feature - 1, truths, truths),
    ):
        with pytest.raises(IndexError, match="there are not"):
            compiled.LIBRARY.mark_pairs(features, directions, pairs)
    with pytest.raises(TypeError, match="'w' is needed"):
        compiled.LIBRARY.mark_pairs(np.zeros(2), truths, truths)
    with pytest.raises(TypeError, match="are needed"):
        compiled.LIBRARY.mark_pairs(feature)


def test_a_library_that_is_damaged_missing_or_of_another_version_is_left_alone(tmp_path, monkeypatch):
    machine = os.uname()

    assert compiled.load(tmp_path) is None
    (tmp_path / compiled.library_name(machine.sysname, machine.machine)).write_bytes(b"\x7fELF and no more")
    assert compiled.load(tmp_path) is None
    monkeypatch.setattr(compiled, "VERSION", compiled.VERSION + 1)
    assert compiled.load(compiled.Path(compiled.__file__).parent) is None


def test_a_system_without_a_name_for_its_machine_has_none(monkeypatch):
    monkeypatch.setattr(compiled, "os", SimpleNamespace())

    assert compiled.load(compiled.Path(compiled.__file__).parent) is None
