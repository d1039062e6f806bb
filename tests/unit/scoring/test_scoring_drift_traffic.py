"""Counts of requests by the time that their answers took."""

import numpy as np
import pytest

from scoring.drift.traffic import ENDS_MS, checked_requests, no_requests, one_request, summary


@pytest.mark.parametrize(
    ("milliseconds", "position"), [(0.0, 0), (1.0, 0), (1.01, 1), (20, 4), (10_000, 12), (10_001, 13)]
)
def test_a_request_falls_into_the_bin_that_ends_at_or_above_it(milliseconds: float, position: int) -> None:
    counts = one_request(milliseconds)
    assert counts.sum() == 1
    assert counts[position] == 1


def test_quantiles_are_ends_of_bins() -> None:
    times = [1] * 50 + [15] * 44 + [150] * 6
    counts = sum((one_request(time) for time in times), no_requests())
    assert summary(counts) == {"requests": 100, "milliseconds": {"p50": 1, "p95": 200}}


def test_the_ends_hold_at_least_the_share_of_the_requests() -> None:
    times = np.random.default_rng(3).lognormal(3, 1.5, 1000)
    found = summary(sum((one_request(time) for time in times), no_requests()))["milliseconds"]
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        at = ENDS_MS.index(found[name])
        assert (times <= ENDS_MS[at]).mean() >= share > (times <= ENDS_MS[at - 1]).mean()


def test_no_request_has_no_time_and_too_slow_ones_have_none() -> None:
    assert summary(no_requests()) == {"requests": 0, "milliseconds": {"p50": None, "p95": None}}
    assert summary(one_request(60_000))["milliseconds"] == {"p50": None, "p95": None}


@pytest.mark.parametrize(
    "hostile", [None, 3, [], [0] * 13, [0] * 15, [0.5] * 14, [-1] + [0] * 13, [True] * 14, [2**60] * 14]
)
def test_hostile_counts_are_refused(hostile: object) -> None:
    with pytest.raises(ValueError, match="count"):
        checked_requests(hostile)
