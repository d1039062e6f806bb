"""Tree ensembles of every library as one set of flat arrays, walked for all rows and trees at once."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError
from scoring.features import FloatArray

# Rows times trees walked together: enough to hide Python's overhead, small enough for the cache.
BLOCK = 1 << 17


class TreeEnsemble:
    """The sum or mean of many decision trees.

    A row goes left where ``value <= threshold``, or where the value is NaN and ``missing_left`` is set.
    Children always stand behind their parent, and a leaf is its own child.

    Several models of one kind are parts of one ensemble: one walk serves them all.

    Parameters
    ----------
    arrays
        ``feature``, ``threshold``, ``left``, ``right``, ``missing_left``, ``value`` (nodes x width),
        ``roots`` (one per tree), ``base`` (outputs, or parts x outputs) and, where there is more than one
        part, ``trees`` (how many each part has).
    single_precision
        Whether inputs are rounded to float32 first, as scikit-learn's forests do.
    average
        Whether tree values are averaged instead of summed.
    """

    def __init__(
        self, arrays: Mapping[str, NDArray[np.generic]], *, single_precision: bool, average: bool
    ) -> None:
        try:
            self.feature = np.asarray(arrays["feature"]).astype(np.intp)
            self.threshold = np.asarray(arrays["threshold"], dtype=np.float64)
            self.left = np.asarray(arrays["left"]).astype(np.intp)
            self.right = np.asarray(arrays["right"]).astype(np.intp)
            self.missing_left = np.asarray(arrays["missing_left"]).astype(np.bool_)
            self.value = np.asarray(arrays["value"], dtype=np.float64)
            self.roots = np.asarray(arrays["roots"]).astype(np.intp)
            self.base = np.atleast_2d(np.asarray(arrays["base"], dtype=np.float64))
            self.trees = np.asarray(arrays.get("trees", [len(self.roots)])).astype(np.intp)
        except KeyError as error:
            raise ModelError(f"The tree ensemble lacks its array {error}.") from error
        self.single_precision = single_precision
        self.average = average
        self._check()
        self.leaf = self.left == np.arange(len(self.left))

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns the trees need."""
        return int(self.feature.max(initial=-1)) + 1

    def _check(self) -> None:
        nodes = np.arange(len(self.feature))
        per_node = (self.threshold, self.left, self.right, self.missing_left)
        if self.value.ndim != 2 or any(array.shape != nodes.shape for array in (*per_node, self.value[:, 0])):
            raise ModelError("The tree ensemble's arrays do not fit together.")
        forward = (
            (self.left > nodes) & (self.right > nodes) & (self.left < len(nodes)) & (self.right < len(nodes))
        )
        leaf = (self.left == nodes) & (self.right == nodes)
        roots_exist = bool(((self.roots >= 0) & (self.roots < len(nodes))).all())
        if not (forward | leaf).all() or (self.feature < 0).any() or not roots_exist:
            raise ModelError("The tree ensemble's nodes do not form trees.")
        parts, outputs = self.base.shape
        if self.trees.shape != (parts,) or (self.trees < 1).any() or self.trees.sum() != len(self.roots):
            raise ModelError("The tree ensemble's parts do not add up.")
        if self.value.shape[1] == 1:
            if (self.trees % outputs).any():
                raise ModelError("The tree ensemble's trees do not share out evenly between the outputs.")
        elif self.value.shape[1] != outputs:
            raise ModelError("The tree ensemble's leaves and outputs do not fit together.")

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x parts x outputs."""
        if self.single_precision:
            X = X.astype(np.float32).astype(np.float64)
        rows = max(1, BLOCK // max(1, len(self.roots)))
        blocks = [self._score_block(X[start : start + rows]) for start in range(0, len(X), rows)]
        return np.concatenate(blocks) if blocks else np.zeros((0, *self.base.shape))

    def _score_block(self, X: FloatArray) -> FloatArray:
        outputs = self.base.shape[1]
        # Boosted trees of one width take turns: tree i belongs to output i modulo the outputs.
        values = self.value[self._leaves(X)].reshape(len(X), -1, outputs)
        turns = self.trees * self.value.shape[1] // outputs
        total = np.add.reduceat(values, np.cumsum(turns) - turns, axis=1)
        if self.average:
            total /= turns[:, None]
        scores: FloatArray = total + self.base
        return scores

    def _leaves(self, X: FloatArray) -> NDArray[np.intp]:
        columns = X.shape[1]
        flat = X.ravel()
        missing = bool(np.isnan(flat).any())
        node = np.tile(self.roots, len(X))
        offset = np.repeat(np.arange(len(X)) * columns, len(self.roots))
        active = np.flatnonzero(~self.leaf[node])
        while active.size:
            here = node[active]
            value = flat[offset[active] + self.feature[here]]
            go_left = value <= self.threshold[here]
            if missing:
                go_left |= np.isnan(value) & self.missing_left[here]
            there = np.where(go_left, self.left[here], self.right[here])
            node[active] = there
            active = active[~self.leaf[there]]
        return node
