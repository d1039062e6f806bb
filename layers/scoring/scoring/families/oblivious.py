"""Oblivious trees: every node of a level asks the same, so a leaf's number is a row of answers."""

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.errors import ModelError
from scoring.families.trees import Arrays, FloatArray, read_array
from scoring.families.walks import IntArray

# Rows times distinct splits, or times trees and outputs, answered together.
BLOCK = 1 << 20
MAX_DEPTH = 16


class ObliviousTrees:
    """The sum of many oblivious trees.

    Level ``i`` of a tree sets bit ``i`` of the leaf's number where the input, rounded to float32, is above
    the level's border, or where it is NaN and ``missing_above`` is set.

    Nothing is an absolute position, so the arrays of several models are joined by concatenating them; they
    are parts of one ensemble.

    Parameters
    ----------
    arrays
        ``depth`` (trees); ``feature``, ``border`` and ``missing_above`` (levels of all trees, in order);
        ``value`` (2 ** depth leaves of each tree, x outputs); ``base`` (outputs, or parts x outputs) and,
        where there is more than one part, ``trees`` (how many each part has).

    Raises
    ------
    ModelError
        When the arrays are no trees.
    """

    def __init__(self, arrays: Arrays) -> None:
        depth = read_array(arrays, "depth", np.intp)
        feature = read_array(arrays, "feature", np.intp)
        border = read_array(arrays, "border", np.float32)
        missing_above = read_array(arrays, "missing_above", np.bool_)
        if (depth < 0).any() or (depth > MAX_DEPTH).any() or depth.sum() != len(feature):
            raise ModelError("The oblivious trees' depths do not add up.")
        if border.shape != feature.shape or missing_above.shape != feature.shape:
            raise ModelError("The oblivious trees' arrays do not fit together.")
        if (feature < 0).any() or not np.isfinite(border).all():
            raise ModelError("The oblivious trees' splits are no splits.")
        self.value: FloatArray = read_array(arrays, "value", np.float64, 2)
        leaves = np.left_shift(1, depth)
        if leaves.sum() != len(self.value) or not np.isfinite(self.value).all():
            raise ModelError("The oblivious trees' values do not fit their leaves.")
        self._first: IntArray = np.cumsum(leaves) - leaves
        self._read_parts(arrays)
        self._read_splits(depth, feature, border, missing_above)
        self._loop: compiled.Scorer | None = None

    def _read_parts(self, arrays: Arrays) -> None:
        dimensions = 2 if np.ndim(arrays.get("base", 0.0)) == 2 else 1
        self.base: FloatArray = np.atleast_2d(read_array(arrays, "base", np.float64, dimensions))
        count = len(self._first)
        trees: IntArray = read_array(arrays, "trees", np.intp) if "trees" in arrays else np.array([count])
        parts, outputs = self.base.shape
        if trees.shape != (parts,) or (trees < 1).any() or trees.sum() != count:
            raise ModelError("The oblivious trees' parts do not add up.")
        if not outputs or self.value.shape[1] != outputs or not np.isfinite(self.base).all():
            raise ModelError("The oblivious trees' leaves and outputs do not fit together.")
        self._part: IntArray = np.repeat(np.arange(parts), trees)

    def _read_splits(
        self,
        depth: IntArray,
        feature: IntArray,
        border: NDArray[np.float32],
        missing_above: NDArray[np.bool_],
    ) -> None:
        # Many trees ask the same: each distinct question is answered once.
        questions = np.rec.fromarrays([feature, border, missing_above])
        distinct, number = np.unique(questions, return_inverse=True)
        self._feature: IntArray = np.ascontiguousarray(distinct["f0"])
        self._border: NDArray[np.float32] = np.ascontiguousarray(distinct["f1"])
        self._missing_above: NDArray[np.bool_] = np.ascontiguousarray(distinct["f2"])
        # The levels that a shallow tree lacks ask the last question, whose answer is always no.
        start = np.cumsum(depth) - depth
        self._levels = np.full((len(depth), int(depth.max(initial=0))), len(distinct), dtype=np.int32)
        for level in range(self._levels.shape[1]):
            deep = np.flatnonzero(depth > level)
            self._levels[deep, level] = number[start[deep] + level]

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns the trees need."""
        return int(self._feature.max(initial=-1)) + 1

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x parts x outputs."""
        parts, outputs = self.base.shape
        scores = np.zeros((len(X), parts, outputs))
        if compiled.LIBRARY is not None:
            if self._loop is None:
                self._loop = self._compiled(compiled.LIBRARY)
            self._loop.score(X, scores)
        else:
            rows = max(1, BLOCK // (len(self._feature) + 1))
            for start in range(0, len(X), rows):
                total = self._total(X[start : start + rows])
                scores[start : start + rows] = total.transpose(1, 0, 2)
        scores += self.base
        return scores

    def _total(self, X: FloatArray) -> FloatArray:
        """Return the sum of each part's trees: parts x rows x outputs."""
        parts, outputs = self.base.shape
        total = np.zeros((parts, len(X), outputs))
        with np.errstate(over="ignore"):
            inputs = np.ascontiguousarray(X.T[: self.inputs], dtype=np.float32)
        # The last question's answer is always no.
        above = np.zeros((len(self._feature) + 1, len(X)), dtype=np.uint8)
        self._ask(inputs, above)
        self._add_leaves(above, total)
        return total

    def _ask(self, inputs: NDArray[np.float32], above: NDArray[np.uint8]) -> None:
        """Write the answer of each row to each question."""
        asked = inputs[self._feature]
        np.greater(asked, self._border[:, None], out=above[:-1].view(np.bool_))
        missing = np.flatnonzero(self._missing_above)
        above[missing] |= np.isnan(asked[missing])

    def _add_leaves(self, above: NDArray[np.uint8], total: FloatArray) -> None:
        """Add what the leaves answer to the sums of their parts."""
        trees = max(1, BLOCK // total[0].size)
        for start in range(0, len(self._first), trees):
            chunk = slice(start, start + trees)
            part, first = self._part[chunk], self._first[chunk]
            leaf = np.zeros((len(part), above.shape[1]), dtype=np.uint16)
            for level, numbers in enumerate(self._levels[chunk].T):
                leaf |= np.left_shift(above.take(numbers, axis=0), level, dtype=np.uint16)
            values = self.value.take(first[:, None] + leaf, axis=0)
            if part[0] == part[-1]:
                total[part[0]] += values.sum(axis=0)
                continue
            begin = np.flatnonzero(np.diff(part, prepend=-1))
            total[part[begin]] += np.add.reduceat(values, begin, axis=0)

    def _compiled(self, library: compiled.Library) -> compiled.Scorer:
        """Return what does in C what :meth:`_total` does."""
        return library.Oblivious(
            self._feature,
            self._border,
            self._missing_above,
            self._levels.shape[1],
            self._levels,
            self._part,
            self._first,
            self.value.shape[1],
            self.value,
        )
