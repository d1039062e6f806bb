"""Tables for the tests of cleaning, made from raw columns."""

import numpy as np
import pandas as pd

from automl.cleaning import apply, parse
from automl.cleaning.tables import _series
from automl.table import ColumnFormat, Table
from scoring.cleaning.conversions import WORDS, moment_of, objects

NAN = np.nan
TYPES = {
    "age": "numeric",
    "code": "numeric",
    "kind": "categorical",
    "note": "text",
    "member": "boolean",
    "day": "date",
}
ROWS = {
    "age": [22, NAN, 40, -200, 31, 22],
    "code": [20240131, 1, 0, NAN, 1, 20240131],
    "kind": ["flat", "House", None, "flat", "house", "flat"],
    "note": ["a  good one", "1,234.5", "Yes", None, "31/01/2024", "a  good one"],
    "member": [1, 0, NAN, 1, 1, 1],
    "day": [*map(moment_of, ("2024-01-31", "2024-02-01T12:30:00", "1900-01-01")), NAN, 0.0, 1706659200.0],
}


def column_of(values, kind):
    return objects(list(values)) if kind in WORDS else np.array(values, dtype=np.float64)


def columns_of(rows, types):
    return {name: column_of(rows[name], kind) for name, kind in types.items()}


def table_of(rows=None, types=None, labels=None):
    """Return a table of raw columns."""
    types = types or TYPES
    columns = columns_of(rows or ROWS, types)
    frame = pd.DataFrame({name: _series(column, types[name]) for name, column in columns.items()})
    formats = {
        name: ColumnFormat(kind, date_format="%d/%m/%Y" if kind == "date" else None)
        for name, kind in types.items()
    }
    details = [{"name": name, "type": kind, "confidence": 0.9} for name, kind in types.items()]
    return Table(frame, formats, {"rows": len(frame), "columns": details}, labels or {})


def cleaned(*steps, table=None, target=None):
    """Return what steps, given as JSON, make of a table."""
    return apply(table or table_of(), parse(list(steps)), target)


def values_of(cleaned_, name):
    """Return a cleaned column as plain values, None where missing."""
    series = cleaned_.table.frame[name]
    return series.astype(object).where(series.notna().to_numpy(), None).tolist()
