"""The figures of one column: quantiles and histogram from one sort, top values, lengths, range of dates."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
BINS = 20
TOP = 10
# Characters of a value; of a wide table fewer, for its profile must fit an answer of Lambda (6 MB).
SHOWN = 100
WIDE = 200
SHOWN_OF_WIDE = 16
# Beyond the quartiles by so many times their distance.
FENCE = 1.5
HUGE = 1e150
TINY = 1e-300
EXACT = 2.0**53

type Floats = NDArray[np.float64]


def count_distinct(ordered: NDArray[Any]) -> int:
    """Return how many different values sorted ones hold."""
    return int((ordered[1:] != ordered[:-1]).sum()) + 1 if len(ordered) else 0


def numeric_figures(ordered: Floats) -> dict[str, Any]:
    """Return the figures of sorted numbers without gaps.

    Quantiles are interpolated between neighbours (type 7 of Hyndman and Fan, 1996); values beyond the
    fences of a box plot (Tukey, 1977) count as outliers.
    """
    scale = float(max(abs(ordered[0]), abs(ordered[-1])))
    # Squares and bin widths overflow beyond this; the scaled figures are the same.
    factor = scale if scale > HUGE else 1.0
    scaled = ordered / factor if factor != 1.0 else ordered
    quantiles = [_quantile(scaled, share) for share in QUANTILES]
    low, high = quantiles[0], quantiles[-1]
    counts, edges = _histogram(scaled, *((low, high) if high - low > TINY else (low - 0.5, low + 0.5)))
    below, above = np.searchsorted(ordered, 0.0, side="left"), np.searchsorted(ordered, 0.0, side="right")
    return {
        "mean": float(scaled.mean()) * factor,
        "std": float(scaled.std()) * factor,
        "min": low * factor,
        "max": high * factor,
        "zeros": int(above - below),
        "negative": int(below),
        "quantiles": {f"{q:g}": value * factor for q, value in zip(QUANTILES, quantiles, strict=True)},
        "outliers": _outliers(scaled, quantiles[2], quantiles[4], factor),
        "histogram": {"edges": (edges * factor).tolist(), "counts": counts.tolist()},
    }


def _quantile(ordered: Floats, share: float) -> float:
    place = share * (len(ordered) - 1)
    left = int(place)
    right = min(left + 1, len(ordered) - 1)
    return float(ordered[left] + (place - left) * (ordered[right] - ordered[left]))


def _histogram(ordered: NDArray[Any], low: float, high: float) -> tuple[NDArray[np.int64], Floats]:
    """Return the counts and the edges of equal bins; the last one holds its upper edge, too."""
    edges: Floats = np.linspace(low, high, BINS + 1)
    inner = np.searchsorted(ordered, edges[1:-1], side="left")
    return np.diff(np.concatenate([[0], inner, [len(ordered)]])), edges


def _outliers(ordered: Floats, lower: float, upper: float, factor: float) -> dict[str, Any]:
    """Return how many values lie beyond the fences of a box plot, and the fences."""
    low, high = lower - FENCE * (upper - lower), upper + FENCE * (upper - lower)
    below = np.searchsorted(ordered, low, side="left")
    above = len(ordered) - np.searchsorted(ordered, high, side="right")
    return {"count": int(below + above), "low": low * factor, "high": high * factor}


def date_figures(ordered: NDArray[np.datetime64]) -> dict[str, Any]:
    """Return the figures of sorted dates without gaps."""
    moments = ordered.astype("datetime64[s]")
    seconds = moments.astype(np.int64)
    low, high = float(seconds[0]), float(seconds[-1])
    counts, edges = _histogram(seconds, low, high if high > low else low + 1)
    return {
        "first": str(moments[0]),
        "last": str(moments[-1]),
        "days": int((moments[-1] - moments[0]) / np.timedelta64(1, "D")),
        "histogram": {
            "edges": [str(edge) for edge in np.floor(edges).astype("datetime64[s]")],
            "counts": counts.tolist(),
        },
    }


def top_values(known: pd.Series) -> list[dict[str, Any]]:
    """Return the most frequent numbers or truths and how often each occurs."""
    counts = known.value_counts().head(TOP)
    return [{"value": value, "count": int(count)} for value, count in counts.items() if count]


def repeated_values(ordered: NDArray[Any]) -> list[dict[str, Any]]:
    """Return the most frequent ones of sorted values, and how often each occurs, if any occurs twice."""
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(np.concatenate([starts, [len(ordered)]]))
    least = max(2, int(np.partition(counts, -TOP)[-TOP]) if len(counts) > TOP else 0)
    # Of the values that occur as often as the last one listed, the smallest ones are.
    more, same = np.flatnonzero(counts > least), np.flatnonzero(counts == least)
    places = np.concatenate([more, same[: max(0, TOP - len(more))]])
    return [
        {"value": _plain(ordered[starts[place]]), "count": int(counts[place])}
        for place in sorted(places.tolist(), key=lambda place: (-counts[place], place))
    ]


def _plain(value: Any) -> float | int | str:
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]"))
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < EXACT else number


def top_levels(counts: NDArray[np.int64], levels: pd.Index, shown: int = SHOWN) -> list[dict[str, Any]]:
    """Return the most frequent categories, cut where they are long, given how often each occurs."""
    most = (
        np.argpartition(-counts, min(TOP, len(counts) - 1))[:TOP] if len(counts) > TOP else range(len(counts))
    )
    order = sorted(most, key=lambda code: (-int(counts[code]), int(code)))
    return [
        {"value": str(levels[code])[:shown], "count": int(counts[code])} for code in order if counts[code]
    ]


def length_figures(counts: NDArray[np.int64], levels: pd.Index) -> dict[str, Any]:
    """Return how long texts are, given how often each occurs."""
    used = counts > 0
    lengths = np.fromiter(map(len, levels), np.int64, len(levels))
    return {
        "min": int(lengths[used].min()),
        "mean": float(lengths @ counts) / int(counts.sum()),
        "max": int(lengths[used].max()),
    }
