"""Tree ensembles of every library as one set of flat arrays, walked for all rows and trees at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError
from scoring.families.walks import IntArray, Nodes, Sets, walks_of

type FloatArray = NDArray[np.float64]
type Arrays = Mapping[str, NDArray[np.generic]]

# Rows times trees walked together: enough to hide Python's overhead, small enough for the cache.
BLOCK = 1 << 15
ROWS = 1 << 11
# Positions and counts beyond this could overflow when they are added up.
LIMIT = 1 << 31
MAX_NODES = 1 << 29
MAX_FEATURES = 1 << 24


def read_array(arrays: Arrays, name: str, dtype: type[np.generic], dimensions: int = 1) -> NDArray[Any]:
    """Return an array of a stored model as ``dtype``, contiguous.

    Raises
    ------
    ModelError
        When it is missing, has other dimensions, or holds what ``dtype`` cannot.
    """
    if name not in arrays:
        raise ModelError(f"The model lacks its array {name!r}.")
    stored = np.asarray(arrays[name])
    if stored.ndim != dimensions or stored.dtype.kind not in "biuf":
        raise ModelError(f"The model's array {name!r} has the wrong shape or type.")
    if stored.dtype.kind == "f":
        if not np.issubdtype(dtype, np.floating):
            raise ModelError(f"The model's array {name!r} must hold whole numbers.")
    elif stored.size and not -LIMIT < int(stored.min()) <= int(stored.max()) < LIMIT:
        raise ModelError(f"The model's array {name!r} holds too large numbers.")
    return np.ascontiguousarray(stored, dtype=dtype)


class TreeEnsemble:
    """The sum or mean of many decision trees.

    A row goes left where ``value <= threshold``, or where the value is NaN and ``missing_left`` is set. The
    nodes of a tree stand level by level, siblings side by side: the children of its ``k``-th split, counted
    from zero, are its nodes ``2 k + 1`` and ``2 k + 2``, so which nodes are leaves says all of its form, and
    the upper levels, which every walk passes, share a few lines of the cache. Nothing is an absolute
    position, so the arrays of several ensembles are joined by concatenating them.

    Several models of one kind are parts of one ensemble: one walk serves them all. Boosted trees of width one
    take turns over a part's outputs.

    Parameters
    ----------
    arrays
        ``sizes`` (nodes of each tree); ``leaf`` (nodes); ``feature``, ``threshold`` and ``missing_left``
        (inner nodes, in order); ``value`` (leaves x width); ``base`` (outputs, or parts x outputs) and, where
        there is more than one part, ``trees`` (how many each part has).

        Where there are categories: ``set_size`` (inner nodes; 0 for a number) and ``set_bits``, the sets one
        after the other, each in whole bytes, lowest category first. A row goes left where the set holds its
        category's code; missing and unknown ones go right.

        Where leaves are linear: ``constant`` and ``term_count`` (leaves), ``term_feature`` and
        ``term_weight``. A leaf answers with its constant plus weighted inputs, or with its ``value`` where
        one of these inputs is missing.
    single_precision
        Whether inputs are rounded to float32 first, as scikit-learn's forests do.
    average
        Whether tree values are averaged instead of summed.

    Raises
    ------
    ModelError
        When the arrays are no trees.
    """

    def __init__(self, arrays: Arrays, *, single_precision: bool, average: bool) -> None:
        self._dtype: type[np.floating[Any]] = np.float32 if single_precision else np.float64
        self.average = average
        splits, right, rank = self._read_trees(arrays)
        column, threshold = self._read_splits(arrays, splits, len(right))
        sets = _read_sets(arrays, splits, len(right)) if "set_size" in arrays else None
        self._walks = walks_of(Nodes(column, threshold, right, rank, sets))
        self._terms = _Terms(arrays, len(self.value)) if "term_count" in arrays else None
        self._read_parts(arrays)

    def _read_trees(self, arrays: Arrays) -> tuple[IntArray, NDArray[np.int32], NDArray[np.int32]]:
        """Return which nodes are splits, the right child of each node, and how many leaves are before it."""
        sizes = read_array(arrays, "sizes", np.intp)
        leaf = read_array(arrays, "leaf", np.bool_)
        nodes = len(leaf)
        if not len(sizes) or (sizes < 1).any() or sizes.sum() != nodes or nodes > MAX_NODES:
            raise ModelError("The tree ensemble's sizes do not add up.")
        self.roots: IntArray = np.cumsum(sizes) - sizes
        split = ~leaf
        splits = np.flatnonzero(split)
        place = np.arange(nodes, dtype=np.int32)
        before = np.cumsum(split, dtype=np.int32) - split
        if (2 * np.diff(before[self.roots], append=len(splits)) + 1 != sizes).any():
            raise ModelError("The tree ensemble's nodes do not form trees.")
        # With s splits before it, r of them in the t trees before its own: root + 2 (s - r) + 2, where the
        # root is node 2 r + t. A leaf is its own left child: its walk stays where it ended.
        right = 2 * before + np.repeat(np.arange(2, len(sizes) + 2, dtype=np.int32), sizes)
        # Children stand behind their parent, and there are as many as places in the tree: no walk is endless
        # or leaves it.
        if ((right - place < 2) & split).any():
            raise ModelError("The tree ensemble's nodes do not form trees.")
        self.value: FloatArray = read_array(arrays, "value", np.float64, 2)
        if len(self.value) != nodes - len(splits) or not np.isfinite(self.value).all():
            raise ModelError("The tree ensemble's values do not fit its leaves.")
        rank = place - before
        np.copyto(right, place + 1, where=leaf)
        return splits, right, rank

    def _read_splits(
        self, arrays: Arrays, splits: IntArray, nodes: int
    ) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """Return which input each node asks for, and its threshold."""
        feature = read_array(arrays, "feature", np.int32)
        with np.errstate(over="ignore"):
            threshold = read_array(arrays, "threshold", self._dtype)
        missing_left = read_array(arrays, "missing_left", np.bool_)
        if any(array.shape != splits.shape for array in (feature, threshold, missing_left)):
            raise ModelError("The tree ensemble's arrays do not fit together.")
        if (feature < 0).any() or np.isnan(threshold).any():
            raise ModelError("The tree ensemble's splits are no splits.")
        self._features = int(feature.max(initial=-1)) + 1
        if self._features > MAX_FEATURES:
            raise ModelError("The tree ensemble's splits read too many columns.")
        # Each pair of feature and direction of the missing has its own column: with minus infinity in place
        # of NaN a missing value goes left, as NaN it goes right, and a step need not ask for it.
        pair = feature * 2 + missing_left
        known = np.zeros(2 * self._features, dtype=np.bool_)
        known[pair] = True
        pairs = np.flatnonzero(known)
        self._sources: IntArray = pairs >> 1
        self._leftward: IntArray = np.flatnonzero(pairs & 1)
        # A leaf asks whether the last column, which is zero, is at most zero: it always steps to its left.
        column = np.full(nodes, len(pairs), dtype=np.int32)
        column[splits] = (np.cumsum(known, dtype=np.int32) - 1)[pair]
        limit = np.zeros(nodes, dtype=self._dtype)
        limit[splits] = threshold
        return column, limit

    def _read_parts(self, arrays: Arrays) -> None:
        dimensions = 2 if np.ndim(arrays.get("base", 0.0)) == 2 else 1
        self.base: FloatArray = np.atleast_2d(read_array(arrays, "base", np.float64, dimensions))
        self.trees: IntArray = (
            read_array(arrays, "trees", np.intp) if "trees" in arrays else np.array([len(self.roots)])
        )
        parts, outputs = self.base.shape
        width = self.value.shape[1]
        if self.trees.shape != (parts,) or (self.trees < 1).any() or self.trees.sum() != len(self.roots):
            raise ModelError("The tree ensemble's parts do not add up.")
        if self._terms and width != 1:
            raise ModelError("The tree ensemble's linear leaves have more than one value.")
        if width not in {1, outputs} or not outputs or (width == 1 and (self.trees % outputs).any()):
            raise ModelError("The tree ensemble's leaves and outputs do not fit together.")
        if not np.isfinite(self.base).all():
            raise ModelError("The tree ensemble's base is not finite.")
        # Where a tree's values are added: to a part, or, where trees take turns, to an output of a part.
        part = np.repeat(np.arange(parts), self.trees)
        self._slots = parts * outputs // width
        turn = np.arange(len(self.roots)) - (np.cumsum(self.trees) - self.trees)[part]
        slot = part if width == outputs else part * outputs + turn % outputs
        order = np.argsort(slot, kind="stable")
        self.roots, self._slot = self.roots[order], slot[order]

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns the trees need."""
        return max(self._features, self._terms.inputs if self._terms else 0)

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x parts x outputs."""
        parts, outputs = self.base.shape
        scores = np.empty((len(X), parts, outputs))
        for start in range(0, len(X), ROWS):
            total = self._total(X[start : start + ROWS])
            scores[start : start + ROWS] = total.transpose(1, 0, 2).reshape(-1, parts, outputs)
        if self.average:
            scores /= (self.trees * self.value.shape[1] // outputs)[:, None]
        scores += self.base
        return scores

    def _total(self, X: FloatArray) -> FloatArray:
        """Return the sum of each slot's trees: slots x rows x width."""
        rows, width = len(X), self.value.shape[1]
        inputs = self._inputs(X)
        total = np.zeros((self._slots, rows, width))
        # Tree by tree, so that the nodes of the few that are walked stay in the cache.
        trees = max(1, BLOCK // (rows * width))
        for start in range(0, len(self.roots), trees):
            roots = self.roots[start : start + trees]
            leaves = self._walks.leaves(inputs, roots)
            self._add(total, leaves, self._slot[start : start + trees], X)
        return total

    def _inputs(self, X: FloatArray) -> NDArray[Any]:
        """Return the columns that splits read, and the one that leaves do."""
        inputs = np.zeros((len(X), len(self._sources) + 1), dtype=self._dtype)
        with np.errstate(over="ignore"):
            inputs[:, :-1] = X[:, self._sources]
        if len(self._leftward):
            leftward = inputs[:, self._leftward]
            leftward[np.isnan(leftward)] = -np.inf
            inputs[:, self._leftward] = leftward
        return inputs

    def _add(self, total: FloatArray, leaf: IntArray, slot: IntArray, X: FloatArray) -> None:
        """Add what the leaves answer, in which the walks of some trees ended, to their slots."""
        values = self.value.take(leaf, axis=0)
        if self._terms:
            values[:, 0] = self._terms.answer(leaf, X, values[:, 0])
        values = values.reshape(len(slot), len(X), -1)
        if slot[0] == slot[-1]:
            total[slot[0]] += values.sum(axis=0)
            return
        first = np.flatnonzero(np.diff(slot, prepend=-1))
        total[slot[first]] += np.add.reduceat(values, first, axis=0)


def _read_sets(arrays: Arrays, splits: IntArray, nodes: int) -> Sets:
    stored = read_array(arrays, "set_size", np.int32)
    bits = read_array(arrays, "set_bits", np.uint8)
    length = -(-stored.astype(np.int64) // 8)
    if stored.shape != splits.shape or (stored < 0).any() or length.sum() != len(bits):
        raise ModelError("The tree ensemble's sets do not fit its splits.")
    member = np.concatenate([[False], np.unpackbits(bits, bitorder="little").astype(np.bool_)])
    size = np.zeros(nodes, dtype=np.int32)
    size[splits] = stored
    first = np.zeros(nodes, dtype=np.int64)
    first[splits] = 1 + 8 * (np.cumsum(length) - length)
    return Sets(size, first, member)


class _Terms:
    """The linear functions of leaves."""

    def __init__(self, arrays: Arrays, leaves: int) -> None:
        self._constant = read_array(arrays, "constant", np.float64)
        self._count = read_array(arrays, "term_count", np.intp)
        self._feature = read_array(arrays, "term_feature", np.intp)
        self._weight = read_array(arrays, "term_weight", np.float64)
        if (
            self._constant.shape != (leaves,)
            or self._count.shape != (leaves,)
            or (self._count < 0).any()
            or self._count.sum() != len(self._feature)
            or self._feature.shape != self._weight.shape
        ):
            raise ModelError("The tree ensemble's terms do not fit its leaves.")
        if (self._feature < 0).any() or not all(
            np.isfinite(array).all() for array in (self._constant, self._weight)
        ):
            raise ModelError("The tree ensemble's terms are no linear functions.")
        self._first = np.cumsum(self._count) - self._count

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns the terms need."""
        return int(self._feature.max(initial=-1)) + 1

    def answer(self, leaf: IntArray, X: FloatArray, value: FloatArray) -> FloatArray:
        """Return what leaves answer to the rows of X in turn, with ``value`` where an input is missing."""
        total = self._constant.take(leaf)
        missing = np.zeros(len(leaf), dtype=np.bool_)
        count = self._count.take(leaf)
        for term in range(int(count.max(initial=0))):
            here = np.flatnonzero(count > term)
            place = self._first[leaf[here]] + term
            inputs = X[here % len(X), self._feature[place]]
            # An infinite input makes an infinite answer, or none, as it does in LightGBM.
            with np.errstate(over="ignore", invalid="ignore"):
                total[here] += self._weight[place] * inputs
            missing[here] |= np.isnan(inputs)
        answer: FloatArray = np.where(missing, value, total)
        return answer
