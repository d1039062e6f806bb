"""From the roots of trees to the leaves: all walks of some rows through some trees at once."""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.families import compiled

type IntArray = NDArray[np.intp]

# Paths shorter than this are rare; looking for finished ones costs as much as another step.
FIRST_CHECK = 4
CHECK_EVERY = 2
# Unless this share of the walks has ended, going on with all of them is cheaper than taking them out.
WORTHWHILE = 0.1
# In up to so many nodes all questions are answered at once for a single row: fewer calls than walking.
FEW_NODES = 1 << 15


@dataclass(frozen=True)
class Sets:
    """Which categories go left.

    Parameters
    ----------
    size
        Of each node: how many codes its set is about; 0 where it asks for a number.
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


@dataclass(frozen=True)
class Nodes:
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
    """

    column: NDArray[np.int32]
    threshold: NDArray[Any]
    right: NDArray[np.int32]
    rank: NDArray[np.int32]
    sets: Sets | None


class Walks(Protocol):
    """A way to walk."""

    def leaves(self, inputs: NDArray[Any], roots: IntArray) -> IntArray:
        """Return the leaves of the first root, one per row of inputs, then those of the second, and so on."""


def walks_of(nodes: Nodes) -> Walks:
    """Return the fastest way to walk here."""
    return NumpyWalks(nodes) if compiled.LIBRARY is None else CompiledWalks(nodes)


class CompiledWalks:
    """Walks through compiled loops."""

    def __init__(self, nodes: Nodes) -> None:
        real = nodes.threshold.dtype
        fields = [("threshold", real), ("column", np.int32), ("right", np.int32)]
        packed = np.empty(len(nodes.right), dtype=fields)
        for name, _ in fields:
            packed[name] = getattr(nodes, name)
        sets = nodes.sets
        self._arrays = [packed, *((sets.size, sets.first, sets.member) if sets else [None] * 3), nodes.rank]
        self._walk = "walk_float" if real == np.float32 else "walk_double"

    @cached_property
    def _addresses(self) -> list[int | None]:
        return [compiled.address(array) for array in self._arrays]

    def __getstate__(self) -> dict[str, Any]:
        # In another process the arrays are elsewhere.
        return {name: value for name, value in self.__dict__.items() if name != "_addresses"}

    def leaves(self, inputs: NDArray[Any], roots: IntArray) -> IntArray:
        """Return the leaves of all walks, see :class:`Walks`."""
        found = np.empty(len(roots) * len(inputs), dtype=np.int64)
        getattr(compiled.LIBRARY, self._walk)(
            *self._addresses,
            compiled.address(roots),
            len(roots),
            compiled.address(inputs),
            *inputs.shape,
            compiled.address(found),
        )
        return found


class NumpyWalks:
    """Walks with NumPy, step by step."""

    def __init__(self, nodes: Nodes) -> None:
        self._column, self._threshold, self._right = nodes.column, nodes.threshold, nodes.right
        self._rank, self._sets = nodes.rank, nodes.sets

    def leaves(self, inputs: NDArray[Any], roots: IntArray) -> IntArray:
        """Return the leaves of all walks, see :class:`Walks`."""
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
