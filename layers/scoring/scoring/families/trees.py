"""Tree ensembles of every library as one set of flat arrays, walked for all rows and trees at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.errors import ModelError
from scoring.families.walks import NO_TREES, Form, IntArray, Sets, Splits, Walks, nodes_of, pairs_of

type FloatArray = NDArray[np.float64]
type Arrays = Mapping[str, NDArray[np.generic]]

# Rows times trees walked together: enough to hide Python's overhead, small enough for the cache.
BLOCK = 1 << 15
ROWS = 1 << 11
# Positions and counts beyond this could overflow when they are added up.
LIMIT = 1 << 31
MAX_NODES = 1 << 29
MAX_FEATURES = 1 << 24
_NO_SIZES, _NO_BITS = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint8)
_NO_POSITIONS, _NO_NUMBERS = np.empty(0, dtype=np.int64), np.empty(0)
_NO_TERMS = _NO_NUMBERS, _NO_POSITIONS, _NO_POSITIONS, _NO_POSITIONS, _NO_NUMBERS


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
        form = _read_form(arrays)
        splits = self._read_splits(arrays, len(form.leaf) - len(form.value))
        sets = _read_sets(arrays, len(splits.feature)) if "set_size" in arrays else None
        self.terms = _Terms(arrays, len(form.value)) if "term_count" in arrays else None
        self._read_parts(arrays, len(form.sizes), form.value.shape[1])
        self._answerer: _Compiled | _Walked = (
            _Walked(self, form, splits, sets)
            if compiled.LIBRARY is None
            else _Compiled(compiled.LIBRARY, self, form, splits, sets)
        )

    def _read_splits(self, arrays: Arrays, count: int) -> Splits:
        """Return which input each split asks for, and its threshold."""
        # Most models ask few columns, and their numbers are kept as short as they are stored.
        kept = np.asarray(arrays.get("feature")).dtype.type
        feature = read_array(arrays, "feature", kept if kept in {np.uint8, np.uint16} else np.int32)
        with np.errstate(over="ignore"):
            threshold = read_array(arrays, "threshold", self._dtype)
        missing_left = read_array(arrays, "missing_left", np.bool_)
        if any(array.shape != (count,) for array in (feature, threshold, missing_left)):
            raise ModelError("The tree ensemble's arrays do not fit together.")
        if feature.min(initial=0) < 0 or np.isnan(threshold).any():
            raise ModelError("The tree ensemble's splits are no splits.")
        self._features = int(feature.max()) + 1 if count else 0
        if self._features > MAX_FEATURES:
            raise ModelError("The tree ensemble's splits read too many columns.")
        # Each pair of feature and direction of the missing has its own column: with minus infinity in place
        # of NaN a missing value goes left, as NaN it goes right, and a step need not ask for it.
        known = np.zeros(2 * self._features, dtype=np.bool_)
        if compiled.LIBRARY is None:
            known[pairs_of(feature, missing_left)] = True
        else:
            compiled.LIBRARY.mark_pairs(feature, missing_left, known)
        pairs = np.flatnonzero(known)
        self.sources: IntArray = pairs >> 1
        self.leftward = (pairs & 1).astype(np.bool_)
        return Splits(feature, missing_left, np.cumsum(known, dtype=np.int32) - 1, threshold)

    def _read_parts(self, arrays: Arrays, count: int, width: int) -> None:
        dimensions = 2 if np.ndim(arrays.get("base", 0.0)) == 2 else 1
        self.base: FloatArray = np.atleast_2d(read_array(arrays, "base", np.float64, dimensions))
        self.trees: IntArray = (
            read_array(arrays, "trees", np.intp) if "trees" in arrays else np.array([count])
        )
        parts, outputs = self.base.shape
        if self.trees.shape != (parts,) or (self.trees < 1).any() or self.trees.sum() != count:
            raise ModelError("The tree ensemble's parts do not add up.")
        if self.terms and width != 1:
            raise ModelError("The tree ensemble's linear leaves have more than one value.")
        if width not in {1, outputs} or not outputs or (width == 1 and (self.trees % outputs).any()):
            raise ModelError("The tree ensemble's leaves and outputs do not fit together.")
        if not np.isfinite(self.base).all():
            raise ModelError("The tree ensemble's base is not finite.")
        # Where a tree's values are added: to a part, or, where trees take turns, to an output of a part.
        part = np.repeat(np.arange(parts), self.trees)
        turn = np.arange(count) - (np.cumsum(self.trees) - self.trees)[part]
        self.slot: IntArray = part if width == outputs else part * outputs + turn % outputs
        self._counts = (self.trees * width // outputs)[:, None].astype(np.float64)

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns the trees need."""
        return max(self._features, self.terms.inputs if self.terms else 0)

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x parts x outputs."""
        scores = np.empty((len(X), *self.base.shape))
        scores[:] = 0.0 if self.average else self.base
        self._answerer.add(X, scores)
        if self.average:
            scores /= self._counts
            scores += self.base
        return scores


class _Compiled:
    """Walks trees in C."""

    def __init__(
        self,
        library: compiled.Library,
        trees: TreeEnsemble,
        form: Form,
        splits: Splits,
        sets: Sets | None,
    ) -> None:
        try:
            self._trees = library.Trees(
                int(splits.threshold.dtype == np.float32),
                form.sizes,
                form.leaf,
                splits.feature,
                splits.missing_left,
                splits.column,
                splits.threshold,
                *((sets.size, sets.bits) if sets else (_NO_SIZES, _NO_BITS)),
                trees.slot,
                trees.sources,
                trees.leftward,
                form.value.shape[1],
                form.value,
                *(trees.terms.arrays if trees.terms else _NO_TERMS),
            )
        except ValueError as error:
            raise ModelError(NO_TREES) from error

    def add(self, X: FloatArray, scores: FloatArray) -> None:
        """Add what the leaves answer to scores."""
        self._trees.score(X, scores)


class _Walked:
    """Walks trees with NumPy."""

    def __init__(self, trees: TreeEnsemble, form: Form, splits: Splits, sets: Sets | None) -> None:
        nodes = nodes_of(form, splits, sets)
        self._trees, self._walks, self._value = trees, Walks(nodes), form.value
        order = np.argsort(trees.slot, kind="stable")
        self._roots, self._slot = nodes.roots[order], trees.slot[order]
        self._leftward = np.flatnonzero(trees.leftward)

    def add(self, X: FloatArray, scores: FloatArray) -> None:
        """Add what the leaves answer to scores."""
        for start in range(0, len(X), ROWS):
            part = scores[start : start + ROWS]
            part += self._total(X[start : start + ROWS]).transpose(1, 0, 2).reshape(part.shape)

    def _total(self, X: FloatArray) -> FloatArray:
        """Return the sum of each slot's trees: slots x rows x width."""
        rows, width = len(X), self._value.shape[1]
        inputs = self._inputs(X)
        total = np.zeros((self._trees.base.size // width, rows, width))
        # Tree by tree, so that the nodes of the few that are walked stay in the cache.
        trees = max(1, BLOCK // (rows * width))
        for start in range(0, len(self._roots), trees):
            leaves = self._walks.leaves(inputs, self._roots[start : start + trees])
            self._add(total, leaves, self._slot[start : start + trees], X)
        return total

    def _inputs(self, X: FloatArray) -> NDArray[Any]:
        """Return the columns that splits read, and the one that leaves do."""
        inputs = np.zeros((len(X), len(self._trees.sources) + 1), dtype=self._walks.dtype)
        with np.errstate(over="ignore"):
            inputs[:, :-1] = X[:, self._trees.sources]
        if len(self._leftward):
            leftward = inputs[:, self._leftward]
            leftward[np.isnan(leftward)] = -np.inf
            inputs[:, self._leftward] = leftward
        return inputs

    def _add(self, total: FloatArray, leaf: IntArray, slot: IntArray, X: FloatArray) -> None:
        """Add what the leaves answer, in which the walks of some trees ended, to their slots."""
        values = self._value.take(leaf, axis=0).astype(np.float64)
        if self._trees.terms:
            values[:, 0] = self._trees.terms.answer(leaf, X, values[:, 0])
        values = values.reshape(len(slot), len(X), -1)
        if slot[0] == slot[-1]:
            total[slot[0]] += values.sum(axis=0)
            return
        first = np.flatnonzero(np.diff(slot, prepend=-1))
        total[slot[first]] += np.add.reduceat(values, first, axis=0)


def _read_form(arrays: Arrays) -> Form:
    sizes = read_array(arrays, "sizes", np.intp)
    leaf = read_array(arrays, "leaf", np.bool_)
    if not len(sizes) or (sizes < 1).any() or sizes.sum() != len(leaf) or len(leaf) > MAX_NODES:
        raise ModelError("The tree ensemble's sizes do not add up.")
    # Forests keep their values in single precision, and most of their memory is values.
    single = np.asarray(arrays.get("value")).dtype == np.float32
    value: NDArray[Any] = read_array(arrays, "value", np.float32 if single else np.float64, 2)
    if len(value) != np.count_nonzero(leaf) or not np.isfinite(value).all():
        raise ModelError("The tree ensemble's values do not fit its leaves.")
    return Form(sizes, leaf, value)


def _read_sets(arrays: Arrays, splits: int) -> Sets:
    size = read_array(arrays, "set_size", np.int32)
    bits = read_array(arrays, "set_bits", np.uint8)
    if size.shape != (splits,) or (size < 0).any() or (-(-size.astype(np.int64) // 8)).sum() != len(bits):
        raise ModelError("The tree ensemble's sets do not fit its splits.")
    return Sets(size, bits)


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
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """What :meth:`answer` reads, as the compiled loops take it."""
        return self._constant, self._first, self._count, self._feature, self._weight

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
