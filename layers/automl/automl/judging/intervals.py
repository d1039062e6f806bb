"""How far a predicted number may be off: intervals from out-of-fold residuals."""

from dataclasses import replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from scoring.intervals import Interval, sizes

type FloatArray = NDArray[np.float64]

COVERAGE = 0.9
# Smaller answers count as this quantile of all answers, or intervals around zero would have no width.
FLOOR_QUANTILE = 0.1
# The interval that grows with the answer must score so much better, as it takes more to explain.
MIN_GAIN = 0.02


def measured(interval: Interval, y: FloatArray, predicted: FloatArray) -> Interval:
    """Return the interval with what it covers of rows that nothing was learned from."""
    halves = interval.half_widths(predicted)
    inside = float((np.abs(y - predicted) <= halves).mean())
    return replace(interval, holdout_coverage=inside, holdout_width=float(2 * halves.mean()))


def conformal(y: FloatArray, predicted: FloatArray, coverage: float = COVERAGE) -> Interval:
    """Return an interval from answers of models that did not see the row.

    The half width is the quantile ceil((n + 1) coverage) / n of the absolute residuals (split conformal
    prediction, Lei et al. 2018), here of cross-validation (Barber et al. 2021, whose CV+ proves a coverage of
    2 * coverage - 1 for such residuals and finds about ``coverage`` in practice). Residuals may be taken
    relative to the answer (locally weighted, Lei et al. 2018, section 5.2); which of both is used is decided
    by the interval score (Gneiting and Raftery 2007) on the same rows.
    """
    absolute = _fit(y, predicted, coverage, relative=False)
    if not (predicted > 0).mean() > 0.5:
        return absolute
    relative = _fit(y, predicted, coverage, relative=True)
    better = _score(relative, y, predicted) < (1 - MIN_GAIN) * _score(absolute, y, predicted)
    return relative if better else absolute


def _fit(y: FloatArray, predicted: FloatArray, coverage: float, *, relative: bool) -> Interval:
    floor = 0.0
    if relative:
        known = np.abs(predicted[predicted != 0])
        floor = float(np.quantile(known, FLOOR_QUANTILE))
    scores = np.sort(np.abs(y - predicted) / sizes(predicted, relative=relative, floor=floor))
    place = min(ceil((len(scores) + 1) * coverage), len(scores))
    return Interval(coverage, float(scores[place - 1]), relative, floor)


def _score(interval: Interval, y: FloatArray, predicted: FloatArray) -> float:
    """Return the mean width, and what truths outside add to it."""
    halves = interval.half_widths(predicted)
    misses = np.maximum(np.abs(y - predicted) - halves, 0.0)
    return float((2 * halves + 2 / (1 - interval.coverage) * misses).mean())
