"""How columns hang together: correlations, and what goes with the target."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.table import DATE, NUMERIC, TEXT, Table

# Figures of so many rows, evenly spread, are as good as those of all.
SAMPLE_ROWS = 25_000
MAX_NUMERIC = 200
TOP_PAIRS = 20
MIN_CORRELATION = 0.1
MIN_ROWS = 5
# A numeric target with no more values than this is compared as classes.
MAX_CLASSES = 20

type Floats = NDArray[np.float64]
type Codes = NDArray[np.int64]


def sample(frame: pd.DataFrame) -> pd.DataFrame:
    """Return evenly spread rows, at most about SAMPLE_ROWS."""
    return frame.iloc[:: max(1, -(-len(frame) // SAMPLE_ROWS))]


def correlations(table: Table) -> list[dict[str, Any]]:
    """Return the pairs of numeric columns whose ranks correlate most, strongest first."""
    names = [str(name) for name in table.frame.columns if table.formats[str(name)].type == NUMERIC]
    rows = sample(table.frame[names[:MAX_NUMERIC]])
    ranks = [_ranks(rows[name].to_numpy(dtype=np.float64)) for name in rows.columns]
    kept = [
        (str(name), values) for name, values in zip(rows.columns, ranks, strict=True) if values is not None
    ]
    if len(kept) < 2:
        return []
    matrix = np.vstack([values for _, values in kept])
    products = np.triu(matrix @ matrix.T, k=1)
    strongest = np.argsort(-np.abs(products), axis=None, kind="stable")[:TOP_PAIRS]
    pairs = [divmod(int(position), len(kept)) for position in strongest]
    return [
        {"columns": [kept[a][0], kept[b][0]], "correlation": round(float(products[a, b]), 4)}
        for a, b in pairs
        if abs(products[a, b]) >= MIN_CORRELATION
    ]


def associations(table: Table, target: str) -> list[dict[str, Any]]:
    """Return how strongly each column goes with the target, from 0 to 1, strongest first."""
    rows = sample(table.frame[table.frame[target].notna()])
    found = []
    for name in map(str, rows.columns):
        if name == target or table.formats[name].type == TEXT:
            continue
        both = rows[[name, target]].dropna()
        if len(both) >= MIN_ROWS:
            measure, strength = _association(
                both[name], table.formats[name].type, both[target], table.formats[target].type
            )
            found.append({"column": name, "measure": measure, "association": round(strength, 4)})
    return sorted(found, key=lambda entry: -float(entry["association"]))


def _association(column: pd.Series, kind: str, target: pd.Series, target_kind: str) -> tuple[str, float]:
    numbers = _numbers(column) if kind in {NUMERIC, DATE} else None
    aims = _numbers(target) if target_kind in {NUMERIC, DATE} else None
    if aims is not None and len(np.unique(aims)) <= MAX_CLASSES and target_kind == NUMERIC:
        aims = None
    if numbers is not None and aims is not None:
        left, right = _ranks(numbers), _ranks(aims)
        return "rank correlation", 0.0 if left is None or right is None else abs(float(left @ right))
    if numbers is not None:
        return "correlation ratio", _ratio(_codes(target), numbers)
    if aims is not None:
        return "correlation ratio", _ratio(_codes(column), aims)
    return "Cramér's V", _cramer(_codes(column), _codes(target))


def _numbers(column: pd.Series) -> Floats:
    if column.dtype.kind == "M":
        return column.to_numpy(dtype="datetime64[s]").astype(np.float64)
    return column.to_numpy(dtype=np.float64)


def _codes(column: pd.Series) -> Codes:
    return pd.factorize(column.astype(object))[0].astype(np.int64)


def _ranks(values: Floats) -> Floats | None:
    """Return centred ranks of length 1, gaps in the middle, or None for a constant."""
    ranks = pd.Series(values).rank().to_numpy(dtype=np.float64)
    gaps = np.isnan(ranks)
    if gaps.all():
        return None
    centred = np.where(gaps, 0.0, ranks - ranks[~gaps].mean()) if gaps.any() else ranks - ranks.mean()
    length = float(np.sqrt(centred @ centred))
    return centred / length if length > 0 else None


def _ratio(groups: Codes, values: Floats) -> float:
    """Return the root of the share of the spread of ranks that groups explain, of what they could explain.

    What chance explains is taken off (Kelley's epsilon squared, 1935). Groups with shares p that do not
    overlap explain 1 - sum(p**3) of the spread of different ranks, and values that repeat with shares t have
    a spread of 1 - sum(t**3), so that 1 means that the groups do not overlap.
    """
    ranks = _ranks(values)
    sizes = np.bincount(groups)
    if ranks is None or len(sizes) < 2 or len(sizes) >= len(ranks):
        return 0.0
    explained = float((np.bincount(groups, weights=ranks) ** 2 / sizes).sum())
    unbiased = 1 - (1 - explained) * (len(ranks) - 1) / (len(ranks) - len(sizes))
    ties = np.unique(ranks, return_counts=True)[1]
    most = min(1.0, _spread(sizes) / _spread(ties))
    return float(np.sqrt(min(1.0, max(0.0, unbiased) / most)))


def _spread(sizes: Codes) -> float:
    return 1 - float(((sizes / sizes.sum()) ** 3).sum())


def _cramer(left: Codes, right: Codes) -> float:
    """Return Cramér's V, corrected for chance."""
    a, b, rows = int(left.max()) + 1, int(right.max()) + 1, len(left)
    if min(a, b) < 2:
        return 0.0
    cells, counts = np.unique(left * b + right, return_counts=True)
    expected = np.bincount(left)[cells // b] * np.bincount(right)[cells % b] / rows
    phi = float((counts**2 / expected).sum()) / rows - 1
    phi = max(0.0, phi - (a - 1) * (b - 1) / (rows - 1))
    smaller = min(a - (a - 1) ** 2 / (rows - 1), b - (b - 1) ** 2 / (rows - 1)) - 1
    return float(min(1.0, np.sqrt(phi / smaller))) if smaller > 0 else 0.0


def is_classes(table: Table, target: str) -> bool:
    """Return whether a target is compared as classes."""
    kind = table.formats[target].type
    return kind not in {NUMERIC, DATE} or (
        kind == NUMERIC and int(table.frame[target].nunique()) <= MAX_CLASSES
    )
