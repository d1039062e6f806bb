"""What is in a table: per column figures, duplicates, warnings. JSON-able, without NaN."""

from typing import Any

import numpy as np
import pandas as pd

from automl.checks.target import find_column
from automl.profiling.figures import (
    SHOWN,
    SHOWN_OF_WIDE,
    TOP,
    WIDE,
    count_distinct,
    date_figures,
    length_figures,
    numeric_figures,
    repeated_values,
    top_levels,
    top_values,
)
from automl.profiling.oddities import column_warnings, table_warnings, target_warnings, warning
from automl.profiling.relations import associations, correlations, is_classes
from automl.serving.export import json_safe
from automl.table import DATE, NUMERIC, Table


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
    warnings.extend(table_warnings(table))
    described = None if target is None else _target(table, target)
    if target is not None and described is not None:
        column = table.frame[target]
        warnings.extend(target_warnings(column, is_classes(table, target), described["associations"]))
    report = {
        "rows": len(table.frame),
        "columns": columns,
        "missing_cells": sum(entry["missing"] for entry in columns),
        "duplicate_rows": duplicates,
        "correlations": correlations(table),
        "target": described,
        "warnings": warnings,
        "file": {name: value for name, value in table.report.items() if name != "columns"},
    }
    safe: dict[str, Any] = json_safe(report)
    return safe


def _duplicate_rows(frame: pd.DataFrame) -> int:
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return len(hashes) - count_distinct(np.sort(hashes))


def _column(series: pd.Series, table: Table, details: dict[str, Any]) -> dict[str, Any]:
    kind = table.formats[str(series.name)].type
    figures, present, distinct = _figures(
        series, kind, SHOWN if len(table.formats) <= WIDE else SHOWN_OF_WIDE
    )
    return {
        "name": str(series.name),
        "type": kind,
        "missing": len(series) - present,
        "missing_share": (len(series) - present) / len(series),
        "distinct": distinct,
        "confidence": details.get("confidence"),
        "warnings": column_warnings(series, kind, distinct, details),
        **figures,
    }


def _figures(series: pd.Series, kind: str, shown: int) -> tuple[dict[str, Any], int, int]:
    """Return a column's figures, how many values it has, and how many different ones."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy()
        counts = np.bincount(codes[codes >= 0], minlength=len(series.cat.categories))
        present, distinct = int(counts.sum()), int((counts > 0).sum())
        if not present:
            return {}, 0, 0
        levels = series.cat.categories
        return (
            {"top": top_levels(counts, levels, shown), "length": length_figures(counts, levels)},
            present,
            distinct,
        )
    known = series.dropna()
    if not len(known):
        return {}, 0, 0
    if kind == DATE:
        moments = np.sort(known.to_numpy(dtype="datetime64[us]"))
        figures = {**date_figures(moments), "top": repeated_values(moments)}
        return figures, len(known), count_distinct(moments)
    ordered = np.sort(known.to_numpy(dtype=np.float64))
    distinct = count_distinct(ordered)
    top = top_values(known) if kind != NUMERIC or distinct <= TOP else repeated_values(ordered)
    return {**(numeric_figures(ordered) if kind == NUMERIC else {}), "top": top}, len(known), distinct


def _target(table: Table, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "classes": is_classes(table, name),
        "associations": associations(table, name),
    }
