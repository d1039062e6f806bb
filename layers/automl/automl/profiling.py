"""What is in a table: per column figures, duplicates, warnings. JSON-able, without NaN."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.export import json_safe
from automl.oddities import column_warnings, target_warnings, warning
from automl.relations import associations, correlations, is_classes
from automl.table import CATEGORICAL, DATE, NUMERIC, TEXT, Table
from automl.target import find_column

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
BINS = 20
TOP = 10
SHOWN = 100
# Beyond the quartiles by so many times their distance.
FENCE = 1.5


def profile(table: Table, target: str | None = None) -> dict[str, Any]:
    """Return the profile of a table.

    Parameters
    ----------
    table
        From :func:`automl.read_csv`.
    target
        A column: what goes with it is listed, strongest first.

    Returns
    -------
    dict
        ``rows``, ``columns`` (one entry per column, in order), ``missing_cells``, ``duplicate_rows``,
        ``correlations`` (the strongest pairs), ``target`` (None unless one is given), ``warnings`` (each
        with ``column``, ``code``, ``message`` and ``evidence``) and ``file`` (how it was read).

    Raises
    ------
    DataError
        When there is no such target.
    """
    target = None if target is None else find_column(table, target)
    details = {entry["name"]: entry for entry in table.report.get("columns", [])}
    columns = [
        _column(table.frame[name], table, details.get(name, {})) for name in map(str, table.frame.columns)
    ]
    duplicates = _duplicate_rows(table.frame)
    warnings = [found for entry in columns for found in entry.pop("warnings")]
    if duplicates:
        noun = "row repeats" if duplicates == 1 else "rows repeat"
        message = f"{duplicates} {noun} an earlier row exactly."
        warnings.append(warning(None, "duplicate_rows", message, rows=duplicates))
    if target is not None:
        warnings.extend(target_warnings(table.frame[target], is_classes(table, target)))
    report = {
        "rows": len(table.frame),
        "columns": columns,
        "missing_cells": sum(entry["missing"] for entry in columns),
        "duplicate_rows": duplicates,
        "correlations": correlations(table),
        "target": None if target is None else _target(table, target),
        "warnings": warnings,
        "file": {name: value for name, value in table.report.items() if name != "columns"},
    }
    safe: dict[str, Any] = json_safe(report)
    return safe


def _duplicate_rows(frame: pd.DataFrame) -> int:
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return len(hashes) - len(np.unique(hashes))


def _column(series: pd.Series, table: Table, details: dict[str, Any]) -> dict[str, Any]:
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
        "confidence": details.get("confidence"),
        "warnings": column_warnings(series, kind, distinct, details),
    }
    if not len(known):
        return entry
    if kind == NUMERIC:
        entry |= _numeric(known.to_numpy(dtype=np.float64))
    elif kind == DATE:
        entry |= _dates(known)
    else:
        entry["top"] = _top(known)
        if kind in {TEXT, CATEGORICAL}:
            entry["length"] = _lengths(known)
    if kind == NUMERIC and distinct <= TOP:
        entry["top"] = _top(known)
    return entry


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
        "outliers": _outliers(scaled, quantiles[2], quantiles[4], factor),
        "histogram": {"edges": (edges * factor).tolist(), "counts": counts.tolist()},
    }


def _outliers(scaled: NDArray[np.float64], lower: float, upper: float, factor: float) -> dict[str, Any]:
    """Return how many values lie beyond the fences of a box plot, and the fences."""
    low, high = lower - FENCE * (upper - lower), upper + FENCE * (upper - lower)
    count = int((scaled < low).sum() + (scaled > high).sum())
    return {"count": count, "low": float(low) * factor, "high": float(high) * factor}


def _target(table: Table, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "classes": is_classes(table, name),
        "associations": associations(table, name),
    }


def _dates(known: pd.Series) -> dict[str, Any]:
    moments = known.to_numpy(dtype="datetime64[s]")
    counts, edges = np.histogram(moments.astype(np.int64), bins=BINS)
    return {
        "first": str(moments.min()),
        "last": str(moments.max()),
        "days": int((moments.max() - moments.min()) / np.timedelta64(1, "D")),
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
