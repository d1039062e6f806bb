"""Numbers that may stand for "missing": -1, 99, -200, 999. They are reported, never replaced."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

NINES = (99.0, 999.0, 9999.0, 99999.0, 999999.0)
SENTINELS = (-1.0, -9.0, -99.0, -200.0, -999.0, -9999.0, -99999.0, -999999.0, *NINES)
MIN_TIMES = 3
MIN_SHARE = 0.005
# How far off the other values lie, in their own range.
MIN_GAP = 0.5


def find_sentinels(column: pd.Series, suspects: Collection[float] = SENTINELS) -> list[dict[str, Any]]:
    """Return suspects that stand apart at an end of a numeric column and repeat, with their evidence."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[~np.isnan(values)]
    found: list[dict[str, Any]] = []
    while len(values):
        extreme = next((v for v in (float(values.min()), float(values.max())) if v in suspects), None)
        if extreme is None:
            break
        others = values[values != extreme]
        times = len(values) - len(others)
        if times < max(MIN_TIMES, MIN_SHARE * len(values)) or not _stands_apart(extreme, others):
            break
        nearest = float(others.min() if extreme < others.min() else others.max())
        found.append({"value": extreme, "count": times, "nearest": nearest})
        values = others
    return found


def _stands_apart(extreme: float, others: np.typing.NDArray[np.float64]) -> bool:
    if len(others) < MIN_TIMES or others.min() == others.max():
        return False
    low, high = float(others.min()), float(others.max())
    if extreme < 0 <= low:
        # One step below a scale that starts at 0 may be its next step: -1 counts on long scales only.
        return extreme != -1.0 or high >= 3
    gap = max(low - extreme, extreme - high)
    return gap > MIN_GAP * (high - low) and gap > 1
