"""What is in a table: per column figures, duplicates, warnings. JSON-able, without NaN."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.export import json_safe
from automl.guards import is_id_like
from automl.table import BOOLEAN, DATE, NUMERIC, TEXT, Table

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
BINS = 20
TOP = 10
SHOWN = 100
MOSTLY_MISSING = 0.5
HIGH_CARDINALITY = 50


def profile(table: Table) -> dict[str, Any]:
    """Return the profile of a table.

    Returns
    -------
    dict
        ``rows``, ``columns`` (one entry per column, in order), ``missing_cells``, ``duplicate_rows``,
        ``warnings`` (each with ``column``, ``code`` and ``message``) and ``file`` (how it was read).
    """
    columns = [_column(table.frame[name], table) for name in map(str, table.frame.columns)]
    duplicates = _duplicate_rows(table.frame)
    warnings = [warning for entry in columns for warning in entry.pop("warnings")]
    if duplicates:
        noun = "row repeats" if duplicates == 1 else "rows repeat"
        warnings.append(_warning(None, "duplicate_rows", f"{duplicates} {noun} an earlier row exactly."))
    report = {
        "rows": len(table.frame),
        "columns": columns,
        "missing_cells": sum(entry["missing"] for entry in columns),
        "duplicate_rows": duplicates,
        "warnings": warnings,
        "file": {name: value for name, value in table.report.items() if name != "columns"},
    }
    safe: dict[str, Any] = json_safe(report)
    return safe


def _warning(column: str | None, code: str, message: str) -> dict[str, Any]:
    return {"column": column, "code": code, "message": message}


def _duplicate_rows(frame: pd.DataFrame) -> int:
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return len(hashes) - len(np.unique(hashes))


def _column(series: pd.Series, table: Table) -> dict[str, Any]:
    name = str(series.name)
    kind = table.formats[name].type
    known = series.dropna()
    missing = len(series) - len(known)
    distinct = int(known.nunique())
    entry: dict[str, Any] = {
        "name": name,
        "type": kind,
        "missing": missing,
        "missing_share": missing / len(series),
        "distinct": distinct,
        "warnings": _warnings(series, kind, missing, distinct, len(known)),
    }
    unread = next((c for c in table.report.get("columns", []) if c["name"] == name and c["unread"]), None)
    if unread is not None:
        examples = ", ".join(repr(text) for text in unread["unread_examples"])
        message = (
            f"{name!r}: {unread['unread']} cells are no {kind} values and count as missing, e.g. {examples}."
        )
        entry["warnings"].append(_warning(name, "unread_cells", message))
    if not len(known):
        return entry
    if kind == NUMERIC:
        entry |= _numeric(known.to_numpy(dtype=np.float64))
    elif kind == DATE:
        entry |= _dates(known)
    else:
        entry["top"] = _top(known)
        if kind == TEXT:
            entry["length"] = _lengths(known)
    if kind == NUMERIC and distinct <= TOP:
        entry["top"] = _top(known)
    return entry


def _warnings(
    series: pd.Series, kind: str, missing: int, distinct: int, present: int
) -> list[dict[str, Any]]:
    name = str(series.name)
    found = []
    if not present:
        found.append(_warning(name, "all_missing", f"{name!r} has no values and is not used."))
    elif distinct == 1:
        found.append(_warning(name, "constant", f"{name!r} has the same value in every row."))
    elif missing > MOSTLY_MISSING * len(series):
        share = missing / len(series)
        found.append(_warning(name, "mostly_missing", f"{name!r} is missing in {share:.0%} of the rows."))
    if is_id_like(series, kind, distinct, present):
        found.append(
            _warning(name, "id_like", f"{name!r} looks like an identifier and is not used for training.")
        )
    elif distinct > HIGH_CARDINALITY and kind not in {NUMERIC, DATE, BOOLEAN, TEXT}:
        found.append(_warning(name, "high_cardinality", f"{name!r} has {distinct} different categories."))
    return found


def _numeric(values: NDArray[np.float64]) -> dict[str, Any]:
    scale = float(np.abs(values).max())
    # Squares and bin widths overflow beyond this; the scaled figures are the same.
    factor = scale if scale > 1e150 else 1.0
    scaled = values / factor
    low, *_, high = quantiles = np.quantile(scaled, QUANTILES)
    counts, edges = np.histogram(
        scaled, bins=BINS, range=(low, high) if high - low > 1e-300 else (low - 0.5, low + 0.5)
    )
    return {
        "mean": float(scaled.mean()) * factor,
        "std": float(scaled.std()) * factor,
        "min": float(low) * factor,
        "max": float(high) * factor,
        "zeros": int((values == 0).sum()),
        "negative": int((values < 0).sum()),
        "quantiles": {f"{q:g}": float(value) * factor for q, value in zip(QUANTILES, quantiles, strict=True)},
        "histogram": {"edges": (edges * factor).tolist(), "counts": counts.tolist()},
    }


def _dates(known: pd.Series) -> dict[str, Any]:
    moments = known.to_numpy(dtype="datetime64[s]")
    counts, edges = np.histogram(moments.astype(np.int64), bins=BINS)
    return {
        "first": str(moments.min()),
        "last": str(moments.max()),
        "histogram": {
            "edges": [str(edge) for edge in np.floor(edges).astype("datetime64[s]")],
            "counts": counts.tolist(),
        },
    }


def _top(known: pd.Series) -> list[dict[str, Any]]:
    counts = known.value_counts().head(TOP)
    return [
        {"value": value[:SHOWN] if isinstance(value, str) else value, "count": int(count)}
        for value, count in counts.items()
        if count
    ]


def _lengths(known: pd.Series) -> dict[str, Any]:
    levels = np.array([len(text) for text in known.cat.categories])
    lengths = levels[known.cat.codes.to_numpy()]
    return {"min": int(lengths.min()), "mean": float(lengths.mean()), "max": int(lengths.max())}
