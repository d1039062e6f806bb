"""Raw columns back to a table."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.features.encoders import raw_columns
from automl.reading.sentinels import find_sentinels
from automl.table import BOOLEAN, DATE, NUMERIC, ColumnFormat, Table
from scoring.cleaning.conversions import ISO, WRITTEN, write_numbers
from scoring.columns import Column

EXACT = 2.0**53


def rebuilt(
    table: Table,
    rows: NDArray[np.intp],
    columns: Mapping[str, Column],
    types: Mapping[str, str],
    origins: Mapping[str, str],
    touched: Collection[str],
) -> Table:
    """Return a table of cleaned columns.

    Parameters
    ----------
    table
        What they were made from.
    rows
        Which of its rows are left.
    columns, types
        The cleaned columns, in order.
    origins
        The name that each had in the table.
    touched
        Those whose cells or types changed; all others are taken from the table.
    """
    whole = len(rows) == len(table.frame)
    frame: dict[str, pd.Series] = {}
    formats: dict[str, ColumnFormat] = {}
    labels: dict[str, dict[float, str]] = {}
    details: list[dict[str, Any]] = []
    known = {entry["name"]: entry for entry in table.report.get("columns", [])}
    for name, kind in types.items():
        origin = origins[name]
        old, how = table.frame[origin], table.formats[origin]
        series = _series(columns[name], kind) if name in touched else _rows_of(old, rows, whole=whole)
        frame[name] = series
        formats[name] = how if kind == how.type else ColumnFormat(kind, date_format=_date_format(kind))
        details.append(_detail(known.get(origin, {}), name, kind, series, formats[name], name in touched))
        if kind == how.type and origin in table.labels:
            labels[name] = table.labels[origin]
    report = {**table.report, "rows": len(rows), "columns": details}
    return replace(
        table, frame=pd.DataFrame(frame, copy=False), formats=formats, report=report, labels=labels
    )


def written(table: Table) -> pd.DataFrame:
    """Return a frame whose CSV file is read as the same table: true and false, and dates as ISO 8601."""
    frame = table.frame.copy(deep=False)
    for name, how in table.formats.items():
        if how.type in {BOOLEAN, DATE}:
            column = raw_columns(frame[[name]], {name: how.type})[name]
            frame[name] = write_numbers(column, WRITTEN[how.type])
    return frame


def _rows_of(series: pd.Series, rows: NDArray[np.intp], *, whole: bool) -> pd.Series:
    if whole:
        return series
    taken = series.iloc[rows].reset_index(drop=True)
    return taken.cat.remove_unused_categories() if isinstance(taken.dtype, pd.CategoricalDtype) else taken


def _series(column: Column, kind: str) -> pd.Series:
    if kind == NUMERIC:
        exact = bool(np.isfinite(column).all()) and bool((np.abs(column) < EXACT).all())
        return pd.Series(column.astype(np.int64) if exact and bool((column % 1 == 0).all()) else column)
    if kind == BOOLEAN:
        flags = pd.array(column == 1.0, dtype="boolean")
        flags[np.isnan(column)] = pd.NA
        return pd.Series(flags)
    if kind == DATE:
        missing = np.isnan(column)
        moments = np.round(np.where(missing, 0.0, column) * 1e6).astype(np.int64).astype("datetime64[us]")
        moments[missing] = np.datetime64("NaT", "us")
        return pd.Series(moments)
    codes, levels = pd.factorize(column)
    categories = pd.Index(levels.astype(object), dtype=object)
    return pd.Series(pd.Categorical.from_codes(codes, categories=categories))


def _date_format(kind: str) -> str | None:
    return ISO if kind == DATE else None


def _detail(
    entry: Mapping[str, Any], name: str, kind: str, series: pd.Series, how: ColumnFormat, changed: bool
) -> dict[str, Any]:
    """Return what reading told of the column, as far as it still holds."""
    if entry.get("type") != kind:
        entry = {"confidence": 1.0, "date_format": how.date_format}
    sentinels = find_sentinels(series) if changed and kind == NUMERIC else entry.get("sentinels", [])
    return {**entry, "name": name, "type": kind, "sentinels": sentinels}
