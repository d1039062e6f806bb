"""Probabilities that are too sure, or not sure enough: one temperature for all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.judging.crosscheck import checked_rows, holds
from automl.judging.metrics import SMALLEST_PROBABILITY

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]

LOWEST, HIGHEST = 0.2, 5.0
GOLDEN = (5**0.5 - 1) / 2
STEPS = 14
# Below this share of the log-loss a gain is not worth a number to explain.
MIN_GAIN = 0.001


def temperature(
    y: IntArray,
    probabilities: FloatArray,
    parts: IntArray | None = None,
    class_weights: FloatArray | None = None,
) -> float:
    """Return the temperature that calibrates best, or 1 where it does not clearly help.

    Temperature scaling (Guo et al. 2017) on out-of-fold probabilities. It is fitted on all folds but one and
    tried on that one, in turn, and kept where the log-loss falls in most folds, by more than noise and
    by more than a thousandth on average.

    Parameters
    ----------
    y
        Class indices.
    probabilities
        Of models that did not see the row.
    parts
        The fold of each row, ``NO_PART`` for rows without out-of-fold probabilities.
    class_weights
        How much a row of each class counts in the loss; the probabilities are those of the rows as they are.
    """
    rows, parts = checked_rows(y, probabilities.shape[1], parts)
    y = y[rows]
    logs = np.log(np.maximum(probabilities[rows], SMALLEST_PROBABILITY))
    logs -= logs.max(axis=1, keepdims=True)
    truth = _Truth(logs, y, class_weights)
    gains, losses = [], []
    for fold in np.unique(parts):
        judged, known = truth.take(parts == fold), truth.take(parts != fold)
        losses.append(judged.loss(1.0))
        gains.append(losses[-1] - judged.loss(_search(known)))
    if not holds(gains, MIN_GAIN * float(np.mean(losses))):
        return 1.0
    return _search(truth)


@dataclass(frozen=True)
class _Truth:
    """Logarithms of probabilities, the classes, and how much a row of each class counts."""

    logs: FloatArray
    y: IntArray
    class_weights: FloatArray | None

    def take(self, rows: NDArray[np.bool_]) -> "_Truth":
        return _Truth(self.logs[rows], self.y[rows], self.class_weights)

    def loss(self, power: float) -> float:
        scores, weights = power * self.logs, None
        if self.class_weights is not None:
            scores, weights = scores + np.log(self.class_weights), self.class_weights[self.y]
        losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(self.y)), self.y]
        return float(np.average(losses, weights=weights))


def _search(truth: _Truth) -> float:
    """Return the power of the least loss, which is convex, by golden section on its logarithm."""
    low, high = np.log(LOWEST), np.log(HIGHEST)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = truth.loss(float(np.exp(left))), truth.loss(float(np.exp(right)))
    for _ in range(STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = truth.loss(float(np.exp(left)))
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = truth.loss(float(np.exp(right)))
    return float(np.exp((low + high) / 2))
