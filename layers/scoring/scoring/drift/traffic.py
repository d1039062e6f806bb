"""How many requests there were, and how long their answers took: counts in bins of a growing width."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np

from scoring.drift.reference import Counts

# Upper ends of the bins in milliseconds; one more bin has what took longer.
ENDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
SHOWN_QUANTILES = {"p50": 0.5, "p95": 0.95}


def no_requests() -> Counts:
    """Return a vector of counts, one for each bin, of no request."""
    return np.zeros(len(ENDS_MS) + 1, dtype=np.int64)


def one_request(milliseconds: float) -> Counts:
    """Return a vector of counts of one request that took so long."""
    counts = no_requests()
    counts[bisect_left(ENDS_MS, milliseconds)] = 1
    return counts


def checked_requests(counts: object) -> Counts:
    """Return counts that were read from JSON.

    Raises
    ------
    ValueError
        When they are not one whole number for each bin.
    """
    if not isinstance(counts, list) or len(counts) != len(ENDS_MS) + 1:
        raise ValueError("there must be one count of requests for each bin of time")
    if not all(type(count) is int and 0 <= count < 2**53 for count in counts):
        raise ValueError("counts of requests must be whole numbers from 0")
    return np.array(counts, dtype=np.int64)


def summary(counts: Counts) -> dict[str, Any]:
    """Return ``requests`` and ``milliseconds``, the end of the bin in which each shown quantile is.

    A quantile is null where there was no request, or where it took longer than the last end.
    """
    total = int(counts.sum())
    reached = np.cumsum(counts)
    return {
        "requests": total,
        "milliseconds": {name: _end(reached, share * total) for name, share in SHOWN_QUANTILES.items()},
    }


def _end(reached: Sequence[int] | Counts, wanted: float) -> int | None:
    if not wanted:
        return None
    position = int(np.searchsorted(np.asarray(reached), wanted))
    return ENDS_MS[position] if position < len(ENDS_MS) else None
