"""Measures of drift, held against scipy and against simulations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, entropy, mannwhitneyu, norm

from scoring.drift.divergence import (
    index_by_chance,
    jensen_shannon_distance,
    population_stability_index,
    share_by_chance,
    superiority,
    superiority_by_chance,
)

pairs = st.integers(2, 12).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 5_000), min_size=size, max_size=size).filter(any),
        st.lists(st.integers(0, 5_000), min_size=size, max_size=size).filter(any),
    )
)


@given(pairs)
def test_the_index_is_the_sum_of_both_relative_entropies(pair):
    expected, observed = map(np.array, pair)
    used = (expected > 0) | (observed > 0)
    e, o = expected[used] + 0.5, observed[used] + 0.5

    index = population_stability_index(expected, observed)

    assert index == pytest.approx(entropy(e, o) + entropy(o, e), abs=1e-12)
    assert index == pytest.approx(population_stability_index(observed, expected), abs=1e-12)


def test_the_index_of_a_known_case():
    """So many rows that half a row in each bin does not show."""
    expected, observed = np.array([10, 20, 70]) * 10**7, np.array([20, 30, 50]) * 10**7
    known = 0.1 * math.log(2) + 0.1 * math.log(1.5) - 0.2 * math.log(5 / 7)

    assert population_stability_index(expected, observed) == pytest.approx(known, abs=1e-7)


@given(pairs)
def test_the_distance_is_that_of_scipy(pair):
    expected, observed = map(np.array, pair)

    distance = jensen_shannon_distance(expected, observed)

    assert 0 <= distance <= 1
    assert distance == pytest.approx(jensenshannon(expected, observed, base=2), abs=1e-7)


def test_equal_shares_are_not_apart_and_others_are_as_far_as_can_be():
    shares = np.array([3, 5, 2])

    assert population_stability_index(shares * 1000, shares * 1000) == 0
    assert jensen_shannon_distance(shares, shares * 7) == pytest.approx(0, abs=1e-7)
    assert jensen_shannon_distance(np.array([5, 0]), np.array([0, 9])) == 1
    assert math.isfinite(population_stability_index(np.array([5, 0]), np.array([0, 9])))


@pytest.mark.parametrize("bins", [2, 5, 11, 21])
@pytest.mark.parametrize("level", [0.99, 0.999, 0.99999])
def test_chance_is_the_quantile_of_chi_square(bins, level):
    ours = index_by_chance(bins, 5_000, 1_000, level)

    assert ours == pytest.approx(chi2.ppf(level, bins - 1) * (1 / 5_000 + 1 / 1_000), rel=0.05)


def test_one_bin_alone_does_not_move():
    assert index_by_chance(1, 100, 100, 0.999) == 0


@pytest.mark.parametrize("rows", [100, 1_000])
@pytest.mark.parametrize("shares", [[0.1] * 10, [0.7, 0.2, 0.1], [0.01, 0.04, 0.15, 0.3, 0.5]])
def test_samples_of_one_distribution_stay_below_chance_as_often_as_promised(rows, shares):
    generator = np.random.default_rng(0)
    level = 0.99
    above = 0
    for _ in range(2_000):
        expected, observed = generator.multinomial(2_000, shares), generator.multinomial(rows, shares)
        used = int(((expected > 0) | (observed > 0)).sum())
        above += population_stability_index(expected, observed) > index_by_chance(used, 2_000, rows, level)

    assert above / 2_000 <= 0.025


def test_shares_of_one_distribution_stay_below_chance_as_often_as_promised():
    generator = np.random.default_rng(0)
    observed = generator.binomial(500, 0.1, 5_000)
    expected = generator.binomial(3_000, 0.1, 5_000) / 3_000

    beyond = [
        count / 500 - share > share_by_chance(share, 3_000, int(count), 500, 0.99)
        for share, count in zip(expected.tolist(), observed.tolist(), strict=True)
    ]

    assert 0.002 < np.mean(beyond) < 0.02


@given(pairs)
def test_superiority_and_its_chance_are_those_of_the_test_of_mann_and_whitney(pair):
    expected, observed = (np.array(one) // 50 + (np.arange(len(one)) == 0) for one in pair)
    rows = [np.repeat(np.arange(len(counts)), counts) for counts in (observed, expected)]
    level = 0.99

    found = superiority(expected, observed)
    chance = superiority_by_chance(expected, observed, level)

    assert found == pytest.approx(mannwhitneyu(*rows).statistic / (len(rows[0]) * len(rows[1])), abs=1e-9)
    if chance > 1e-9 and sum(map(len, rows)) >= 3:
        value = 2 * norm.sf(abs(found - 0.5) / chance * norm.ppf((1 + level) / 2))
        scipys = mannwhitneyu(*rows, method="asymptotic", use_continuity=False).pvalue
        assert value == pytest.approx(scipys, abs=1e-9)


def test_half_a_standard_deviation_is_a_medium_superiority():
    edges = norm.ppf(np.linspace(0, 1, 2_001))
    expected, observed = (np.diff(norm.cdf(edges - by)) * 10**9 for by in (0, 0.5))

    assert superiority(expected.astype(int), observed.astype(int)) == pytest.approx(
        norm.cdf(0.5 / math.sqrt(2)), abs=1e-4
    )
