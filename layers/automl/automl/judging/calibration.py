"""Probabilities that are too sure, or not sure enough: one temperature for all."""

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


def temperature(y: IntArray, probabilities: FloatArray, parts: IntArray | None = None) -> float:
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
    """
    rows, parts = checked_rows(y, probabilities.shape[1], parts)
    y = y[rows]
    logs = np.log(np.maximum(probabilities[rows], SMALLEST_PROBABILITY))
    logs -= logs.max(axis=1, keepdims=True)
    truly = logs[np.arange(len(y)), y]
    gains, losses = [], []
    for fold in np.unique(parts):
        judged = parts == fold
        found = _search(logs[~judged], truly[~judged])
        losses.append(_loss(logs[judged], truly[judged], 1.0))
        gains.append(losses[-1] - _loss(logs[judged], truly[judged], found))
    if not holds(gains, MIN_GAIN * float(np.mean(losses))):
        return 1.0
    return _search(logs, truly)


def _loss(logs: FloatArray, truly: FloatArray, power: float) -> float:
    return float(np.mean(np.log(np.exp(power * logs).sum(axis=1)) - power * truly))


def _search(logs: FloatArray, truly: FloatArray) -> float:
    """Return the power of the least loss, which is convex, by golden section on its logarithm."""
    low, high = np.log(LOWEST), np.log(HIGHEST)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = _loss(logs, truly, float(np.exp(left))), _loss(logs, truly, float(np.exp(right)))
    for _ in range(STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = _loss(logs, truly, float(np.exp(left)))
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = _loss(logs, truly, float(np.exp(right)))
    return float(np.exp((low + high) / 2))
