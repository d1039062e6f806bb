"""How far two counted distributions are apart, and how far they would be by chance alone."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from scoring.columns import FloatArray

type Counts = NDArray[np.int64]

# What each bin holds beforehand, so that an empty one makes no infinity (Krichevsky and Trofimov 1981).
PRIOR = 0.5


def population_stability_index(expected: Counts, observed: Counts) -> float:
    """Return the population stability index of counts, the sum of ``(o - e) * ln(o / e)`` over the shares.

    Siddiqi, "Credit Risk Scorecards" (2006); as a divergence it is older (Jeffreys 1946). Shares are taken
    with half a row more in each bin. Bins that are empty on both sides are passed over.

    Parameters
    ----------
    expected, observed
        Rows in each bin; neither side may be empty.

    Returns
    -------
    float
        From 0, where the shares are equal.
    """
    used = (expected > 0) | (observed > 0)
    e, o = _shares(expected[used], PRIOR), _shares(observed[used], PRIOR)
    return float(((o - e) * np.log(o / e)).sum())


def jensen_shannon_distance(expected: Counts, observed: Counts) -> float:
    """Return the Jensen-Shannon distance of counts, from 0 (equal shares) to 1 (no bin in common).

    The root of the Jensen-Shannon divergence (Lin 1991) with logarithms to base 2, which is a metric (Endres
    and Schindelin 2003).

    Parameters
    ----------
    expected, observed
        Rows in each bin; neither side may be empty.
    """
    e, o = _shares(expected, 0.0), _shares(observed, 0.0)
    middle = (e + o) / 2
    divergence = (_entropy_against(e, middle) + _entropy_against(o, middle)) / 2
    return math.sqrt(min(1.0, max(0.0, divergence)))


def index_by_chance(bins: int, expected_rows: int, observed_rows: int, level: float) -> float:
    """Return what the index does not exceed, at a level, if both sides come from one distribution.

    Then the index over ``1 / expected_rows + 1 / observed_rows`` has, for many rows, a chi-square
    distribution of ``bins - 1`` degrees of freedom (Yurdakul, "Statistical Properties of Population Stability
    Index", 2018). Its quantile is approximated by a cube of a normal one (Wilson and Hilferty 1931). Rows
    count as drawn one by one: rows that come in bunches scatter more.

    Parameters
    ----------
    bins
        Those that are not empty on both sides.
    expected_rows, observed_rows
        Rows of either side.
    level
        Such as 0.999.
    """
    freedom = bins - 1
    if freedom < 1:
        return 0.0
    if freedom == 1:
        quantile = NormalDist().inv_cdf((1 + level) / 2) ** 2
    else:
        spread = 2 / (9 * freedom)
        cube = 1 - spread + NormalDist().inv_cdf(level) * math.sqrt(spread)
        quantile = freedom * max(0.0, cube) ** 3
    return quantile * (1 / expected_rows + 1 / observed_rows)


def superiority(expected: Counts, observed: Counts) -> float:
    """Return how probable it is that an observed row is in a higher bin than an expected one, ties halved.

    The measure of stochastic superiority (Vargha and Delaney, "A Critique and Improvement of the CL Common
    Language Effect Size", 2000): the statistic of Mann and Whitney over the number of pairs. Where the mean
    of a normal distribution moves by `d` of its standard deviations, it is ``Phi(d / sqrt(2))``.

    Parameters
    ----------
    expected, observed
        Rows in each bin, in ascending order; neither side may be empty.

    Returns
    -------
    float
        From 0 (all observed are lower) by 0.5 (not moved up or down) to 1 (all are higher).
    """
    e, o = _shares(expected, 0.0), _shares(observed, 0.0)
    return float((o * (np.cumsum(e) - e / 2)).sum())


def superiority_by_chance(expected: Counts, observed: Counts, level: float) -> float:
    """Return how far from 0.5 superiority does not come, at a level, if both sides are of one distribution.

    The normal approximation of the test of Mann and Whitney with its correction for ties (Lehmann,
    "Nonparametrics", 1975), for both directions. It looks at one direction, up or down, and so tells a moved
    mean from chance in windows where the index, which looks at all bins alike, cannot.

    Parameters
    ----------
    expected, observed
        Rows in each bin; neither side may be empty.
    level
        Such as 0.999.
    """
    m, n = int(expected.sum()), int(observed.sum())
    rows = m + n
    if rows < 3:
        return 0.5
    tied = (expected + observed) / rows
    variance = (1 - float((tied**3).sum())) / 12 * (rows / (m * n)) * (rows / (rows - 1))
    return NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(max(0.0, variance))


def share_by_chance(
    expected: float, expected_rows: int, observed: int, observed_rows: int, level: float
) -> float:
    """Return how much an observed share does not exceed the expected one by, at a level, if both are one.

    The two-proportion z-test with the pooled share (Fleiss, Levin and Paik, "Statistical Methods for Rates
    and Proportions", 2003).

    Parameters
    ----------
    expected
        Share of the reference.
    expected_rows
        Rows of the reference.
    observed, observed_rows
        Rows that were observed to have it, and all that were observed.
    level
        Such as 0.999.
    """
    pooled = (expected * expected_rows + observed) / (expected_rows + observed_rows)
    variance = pooled * (1 - pooled) * (1 / expected_rows + 1 / observed_rows)
    return NormalDist().inv_cdf(level) * math.sqrt(variance)


def _shares(counts: Counts, prior: float) -> FloatArray:
    shares: FloatArray = (counts + prior) / (counts.sum() + prior * len(counts))
    return shares


def _entropy_against(shares: FloatArray, others: FloatArray) -> float:
    some = shares > 0
    return float((shares[some] * np.log2(shares[some] / others[some])).sum())
