"""From the roots of trees to the leaves: all walks of some rows through some trees at once."""

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError

type IntArray = NDArray[np.intp]

NO_TREES = "The tree ensemble's nodes do not form trees."

# Paths shorter than this are rare; looking for finished ones costs as much as another step.
FIRST_CHECK = 4
CHECK_EVERY = 2
# Unless this share of the walks has ended, going on with all of them is cheaper than taking them out.
WORTHWHILE = 0.1
# In up to so many nodes all questions are answered at once for a single row: fewer calls than walking.
FEW_NODES = 1 << 15


class Form(NamedTuple):
    """Which nodes there are.

    Parameters
    ----------
    sizes
        How many nodes each tree has.
    leaf
        Of each node, whether it is a leaf.
    value
        Leaves x width.
    """

    sizes: IntArray
    leaf: NDArray[np.bool_]
    value: NDArray[Any]


class Splits(NamedTuple):
    """What splits ask, in the order of the nodes.

    Parameters
    ----------
    feature
        Which column of the matrix.
    missing_left
        Whether missing values go left.
    column
        Which input stands for a feature whose missing values go right, and for one whose go left: of feature
        0, then of feature 1 and so on.
    threshold
        In the precision of the inputs.
    """

    feature: NDArray[np.integer[Any]]
    missing_left: NDArray[np.bool_]
    column: NDArray[np.int32]
    threshold: NDArray[Any]


class Sets(NamedTuple):
    """Which categories go left.

    Parameters
    ----------
    size
        Of each split: how many codes its set is about; 0 where it asks for a number.
    bits
        The sets one after the other, each in whole bytes, lowest category first.
    """

    size: NDArray[np.int32]
    bits: NDArray[np.uint8]


class NodeSets(NamedTuple):
    """The sets, as walks ask them.

    Parameters
    ----------
    size
        Of each node: how many codes its set is about; 0 where it has none.
    first
        Of each node: where its first code stands in ``member``.
    member
        Whether a code is in the set; the first place stands for every code that is in none.
    """

    size: NDArray[np.int32]
    first: NDArray[np.int64]
    member: NDArray[np.bool_]

    def decide(self, node: IntArray, value: NDArray[Any], left: NDArray[np.bool_]) -> None:
        """Correct which walks go left where their node has a set."""
        size = self.size.take(node)
        here = np.flatnonzero(size)
        code = value[here]
        known = (code > -1) & (code < size[here])
        place = self.first[node[here]] + np.where(known, code, 0).astype(np.intp)
        left[here] = self.member[np.where(known, place, 0)]


class Nodes(NamedTuple):
    """What walks read of each node.

    A walk goes to ``right``, or to the node before it where the input is at most the threshold, or in the
    node's set. A leaf asks the last input, which is zero, for at most zero, and its right child is the node
    behind it: its walk stays where it ended.

    Parameters
    ----------
    column
        Which input is asked.
    threshold
        In the precision of the inputs.
    right
        The right child.
    rank
        The number of a leaf among all leaves.
    sets
        Where there are categories.
    roots
        Where each tree begins.
    """

    column: NDArray[np.int32]
    threshold: NDArray[Any]
    right: NDArray[np.int32]
    rank: NDArray[np.int32]
    sets: NodeSets | None
    roots: IntArray


def pairs_of(feature: NDArray[np.integer[Any]], missing_left: NDArray[np.bool_]) -> IntArray:
    """Return which pair of a feature and a direction of the missing each split asks, as ``Splits`` counts."""
    return 2 * feature.astype(np.intp) + missing_left


def nodes_of(form: Form, splits: Splits, sets: Sets | None) -> Nodes:
    """Return what walks read of each node.

    Raises
    ------
    ModelError
        When the nodes do not form trees.
    """
    sizes, leaf = form.sizes, form.leaf
    nodes, roots = len(leaf), np.cumsum(sizes) - sizes
    split = ~leaf
    inner = np.flatnonzero(split)
    place = np.arange(nodes, dtype=np.int32)
    before = np.cumsum(split, dtype=np.int32) - split
    if (2 * np.diff(before[roots], append=len(inner)) + 1 != sizes).any():
        raise ModelError(NO_TREES)
    # With s splits before it, r of them in the t trees before its own: root + 2 (s - r) + 2, where the
    # root is node 2 r + t. A leaf is its own left child: its walk stays where it ended.
    right = 2 * before + np.repeat(np.arange(2, len(sizes) + 2, dtype=np.int32), sizes)
    # Children stand behind their parent, and there are as many as places in the tree: no walk is endless
    # or leaves it.
    if ((right - place < 2) & split).any():
        raise ModelError(NO_TREES)
    np.copyto(right, place + 1, where=leaf)
    # A leaf asks whether the last input, which is zero, is at most zero: it always steps to its left.
    column = np.full(nodes, splits.column.max(initial=-1) + 1, dtype=np.int32)
    column[inner] = splits.column[pairs_of(splits.feature, splits.missing_left)]
    threshold = np.zeros(nodes, dtype=splits.threshold.dtype)
    threshold[inner] = splits.threshold
    return Nodes(column, threshold, right, place - before, _sets_of(sets, inner, nodes), roots)


def _sets_of(sets: Sets | None, inner: IntArray, nodes: int) -> NodeSets | None:
    if sets is None:
        return None
    length = -(-sets.size.astype(np.int64) // 8)
    member = np.concatenate([[False], np.unpackbits(sets.bits, bitorder="little").astype(np.bool_)])
    size, first = np.zeros(nodes, dtype=np.int32), np.zeros(nodes, dtype=np.int64)
    size[inner], first[inner] = sets.size, 1 + 8 * (np.cumsum(length) - length)
    return NodeSets(size, first, member)


class Walks:
    """Walks with NumPy, step by step."""

    def __init__(self, nodes: Nodes) -> None:
        self._column, self._threshold, self._right = nodes.column, nodes.threshold, nodes.right
        self._rank, self._sets = nodes.rank, nodes.sets
        self.dtype = nodes.threshold.dtype

    def leaves(self, inputs: NDArray[Any], roots: IntArray) -> IntArray:
        """Return the leaves of the first root, one per row of inputs, then those of the second, and so on."""
        rows, columns = inputs.shape
        if rows == 1 and len(self._column) <= FEW_NODES:
            ends = self._ends_of_row(inputs[0], roots)
        else:
            offset = np.tile(np.arange(rows) * columns, len(roots))
            ends = self._stepwise(inputs.ravel(), columns - 1, np.repeat(roots, rows), offset)
        return self._rank.take(ends).astype(np.intp)

    def _stepwise(self, flat: NDArray[Any], zero: int, node: IntArray, offset: IntArray) -> IntArray:
        """Return where each walk ends that starts at a node, with its row's offset in the flat inputs."""
        end, walk = node, None
        for step in itertools.count():
            # Loading has checked every position; "wrap" is the mode that costs least.
            column = self._column.take(node, mode="wrap").astype(np.intp)
            if step >= FIRST_CHECK and (step - FIRST_CHECK) % CHECK_EVERY == 0:
                going = np.flatnonzero(column != zero)
                if going.size < (1 - WORTHWHILE) * node.size or not going.size:
                    if walk is None:
                        end, walk = node, going
                    else:
                        end[walk] = node
                        walk = walk.take(going)
                    node, offset, column = node.take(going), offset.take(going), column.take(going)
                if not going.size:
                    break
            column += offset
            value = flat.take(column, mode="wrap")
            left = value <= self._threshold.take(node, mode="wrap")
            if self._sets:
                self._sets.decide(node, value, left)
            child = self._right.take(node, mode="wrap")
            child -= left
            node = child.astype(np.intp)
        return end

    def _ends_of_row(self, row: NDArray[Any], roots: IntArray) -> IntArray:
        """Return where the walks of one row end, all of whose answers are worked out first."""
        value = row.take(self._column, mode="wrap")
        left = value <= self._threshold
        if self._sets:
            self._sets.decide(np.arange(len(left)), value, left)
        following = (self._right - left).astype(np.intp)
        node = roots
        while True:
            further = following.take(following.take(node))
            if (further == node).all():
                return node
            node = further
