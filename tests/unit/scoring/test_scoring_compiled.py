"""Compiled loops beside NumPy: the same leaves, whatever the rows; and when a library is left alone."""

import os
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.families import compiled
from scoring.families.oblivious import ObliviousTrees
from scoring.families.walks import CompiledWalks, Nodes, NumpyWalks, Sets

pytestmark = [
    pytest.mark.skipif(compiled.LIBRARY is None, reason="the loops are not compiled: make setup needs cc"),
    pytest.mark.hypothesis,
]
EXTREMES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 5e-324]


def nodes_of(rng, *, trees, real, columns, sets):
    """Return the nodes of random trees, level by level, and their roots."""
    column, threshold, right, roots = [], [], [], []
    for _ in range(trees):
        roots.append(len(right))
        open_nodes = 1
        while open_nodes:
            open_nodes -= 1
            here, waiting = len(right), open_nodes
            if len(right) - roots[-1] < 40 and rng.random() < 0.7:
                # Those that wait stand before the children.
                column.append(int(rng.integers(columns)))
                threshold.append(float(rng.choice([*rng.normal(size=5), np.inf, -np.inf])))
                right.append(here + waiting + 2)
                open_nodes += 2
            else:
                column.append(columns)
                threshold.append(0.0)
                right.append(here + 1)
    asked = np.array(column) < columns
    found = None
    if sets:
        size = np.where(asked & (rng.random(len(column)) < 0.5), rng.integers(1, 20, len(column)), 0)
        member = np.concatenate([[False], rng.random(8 * 3) < 0.5])
        found = Sets(size.astype(np.int32), rng.integers(1, 5, len(column)), member)
    nodes = Nodes(
        np.array(column, dtype=np.int32),
        np.array(threshold, dtype=real),
        np.array(right, dtype=np.int32),
        np.arange(len(right), dtype=np.int32),
        found,
    )
    return nodes, np.array(roots, dtype=np.intp)


def inputs_of(rng, rows, columns, real):
    """Return rows of numbers, codes and extremes, with the column that leaves ask."""
    X = rng.normal(size=(rows, columns)).round(1)
    X = np.where(rng.random(X.shape) < 0.3, rng.integers(-2, 25, X.shape), X)
    X = np.where(rng.random(X.shape) < 0.2, rng.choice(EXTREMES, X.shape), X)
    with np.errstate(over="ignore"):
        return np.concatenate([X, np.zeros((rows, 1))], axis=1).astype(real)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 9),
    st.integers(0, 40),
    st.sampled_from([np.float32, np.float64]),
    st.booleans(),
)
def test_every_walk_ends_in_the_same_leaf(seed, trees, rows, real, sets):
    rng = np.random.default_rng(seed)
    nodes, roots = nodes_of(rng, trees=trees, real=real, columns=3, sets=sets)
    inputs = inputs_of(rng, rows, 3, real)

    # The rank of each node is its place, so that what is returned is where the walks end.
    ends = CompiledWalks(nodes).leaves(inputs, roots)

    np.testing.assert_array_equal(ends, NumpyWalks(nodes).leaves(inputs, roots))
    assert (nodes.column[ends] == 3).all()


def test_copied_walks_read_arrays_of_their_own():
    rng = np.random.default_rng(0)
    nodes, roots = nodes_of(rng, trees=5, real=np.float64, columns=3, sets=True)
    inputs = inputs_of(rng, 30, 3, np.float64)
    walks = CompiledWalks(nodes)
    ends = walks.leaves(inputs, roots)

    # As when they are sent to another process.
    copied = deepcopy(walks)
    walks._arrays[0][:] = 0

    np.testing.assert_array_equal(copied.leaves(inputs, roots), ends)


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 6), min_size=2, max_size=9),
    st.integers(1, 600),
    st.integers(1, 3),
)
def test_oblivious_trees_add_the_same_leaves(seed, depth, rows, outputs):
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
    X = inputs_of(rng, rows, 3, np.float64)

    with pytest.MonkeyPatch.context() as patch:
        found = model.score(X)
        patch.setattr(compiled, "LIBRARY", None)
        np.testing.assert_allclose(found, model.score(X), rtol=0, atol=1e-12)


def test_too_few_inputs_and_scattered_arrays_are_never_read():
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

    with pytest.raises(IndexError, match="5 inputs and have 2"):
        model.score(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="contiguous"):
        compiled.address(np.zeros((4, 4)).T[1:])


def test_a_library_that_is_damaged_missing_or_of_another_version_is_left_alone(tmp_path, monkeypatch):
    machine = os.uname()

    assert compiled.load(tmp_path) is None
    (tmp_path / compiled.library_name(machine.sysname, machine.machine)).write_bytes(b"\x7fELF and no more")
    assert compiled.load(tmp_path) is None
    monkeypatch.setattr(compiled, "VERSION", compiled.VERSION + 1)
    assert compiled.load(compiled.Path(compiled.__file__).parent) is None
