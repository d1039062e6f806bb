"""What `impute` and `clip` estimate."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from scoring.cleaning.conversions import DATE, NUMERIC, WHOLE, WRITTEN
from scoring.cleaning.steps import is_missing
from scoring.columns import Column

MAX_GROUPS = 1_000
SHOWN_GROUPS = 20


def statistic(values: Column, strategy: str, kind: str) -> float | str:
    """Return the mean, the median or the mode of values that are not missing.

    Of several modes the smallest is taken. Dates are rounded to whole seconds.

    Raises
    ------
    ValueError
        When there are none, or they are too large to be added up.
    """
    if not len(values):
        raise ValueError("has no values to estimate from")
    if strategy == "mode":
        if values.dtype == object:
            counts = Counter(values.tolist())
            return str(min(counts, key=lambda text: (-counts[text], text)))
        distinct, times = np.unique(values, return_counts=True)
        return float(distinct[times.argmax()])
    with np.errstate(over="ignore"):
        found = float(np.mean(values) if strategy == "mean" else np.median(values))
    if not np.isfinite(found):
        raise ValueError(f"has values that are too large for a {strategy}")
    return float(round(found)) if kind == DATE else found


def group_statistics(
    column: Column, by: Column, strategy: str, kind: str
) -> tuple[tuple[Any, ...], tuple[float | str, ...]]:
    """Return the groups that have values, in order, and the statistic of each.

    Raises
    ------
    ValueError
        When there are too many groups.
    """
    usable = ~is_missing(column) & ~is_missing(by)
    values = column[usable]
    codes, groups = pd.factorize(by[usable], sort=True)
    if len(groups) > MAX_GROUPS:
        raise ValueError(f"makes {len(groups):,} groups, at most {MAX_GROUPS:,} are possible")
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(groups)))[:-1]
    parts = np.split(values[order], ends) if len(groups) else []
    return tuple(groups.tolist()), tuple(statistic(part, strategy, kind) for part in parts)


def quantile(values: Column, share: float) -> float:
    """Return a quantile, interpolated between neighbours.

    Raises
    ------
    ValueError
        When there are no values.
    """
    if not len(values):
        raise ValueError("has no values to estimate from")
    return float(np.quantile(values, share))


def told(cell: float | str, kind: str) -> Any:
    """Return a cell as a person reads it, JSON-able."""
    if isinstance(cell, str):
        return cell
    if kind == NUMERIC:
        return int(cell) if cell.is_integer() and abs(cell) < WHOLE else cell
    return WRITTEN[kind](cell)


def told_groups(groups: Sequence[Any], values: Sequence[Any], by: str, kind: str) -> list[dict[str, Any]]:
    """Return the first groups with what was estimated for them."""
    pairs = zip(groups[:SHOWN_GROUPS], values, strict=False)
    return [{"group": told(group, by), "value": told(value, kind)} for group, value in pairs]
