"""The first rows of a table as JSON, bounded in rows and bytes."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl.table import DATE, NUMERIC, Table
from scoring.cleaning.conversions import written_moment

MAX_ROWS = 1_000
MAX_BYTES = 2_000_000
MAX_TEXT = 1_000
# Of JSON: an emoji, what stands around a text (its place among those cut, too), and around all of it.
BYTES_PER_CHARACTER = 12
BYTES_PER_TEXT = 16
BYTES_AROUND = 200


def preview(table: Table, numbers: Sequence[int] | None = None) -> dict[str, Any]:
    """Return the first rows of a table.

    Parameters
    ----------
    table
        From :func:`automl.read_csv`, or cleaned.
    numbers
        For each row of a cleaned table, its position in the one that was cleaned.

    Returns
    -------
    dict
        ``total_rows`` of the table; ``columns``, each with ``name`` and ``type``; ``rows``: each with ``row``
        (its position in the table that was read, from 0) and ``cells`` (numbers, texts, booleans, dates as
        ISO 8601, None where missing), and with ``cut``, the positions of texts that were shortened, if there
        are any. At most `MAX_ROWS` rows and about `MAX_BYTES` bytes of JSON.
    """
    types = {str(name): table.formats[str(name)].type for name in table.frame.columns}
    described = [{"name": name, "type": kind} for name, kind in types.items()]
    head = table.frame.iloc[:MAX_ROWS]
    columns = [_cells(head[name], kind) for name, kind in types.items()]
    room = MAX_BYTES - BYTES_AROUND - len(json.dumps(described))
    # However long the texts are, one row has room.
    longest = max(1, min(MAX_TEXT, (room // len(columns) - BYTES_PER_TEXT) // BYTES_PER_CHARACTER))
    rows: list[dict[str, Any]] = []
    for position, cells in enumerate(zip(*columns, strict=True)):
        row = _row(position if numbers is None else int(numbers[position]), cells, longest)
        room -= len(json.dumps(row)) + 2
        if room < 0 and rows:
            break
        rows.append(row)
    return {"total_rows": len(table.frame), "columns": described, "rows": rows}


def _row(number: int, cells: Sequence[Any], longest: int) -> dict[str, Any]:
    cut = [place for place, cell in enumerate(cells) if isinstance(cell, str) and len(cell) > longest]
    if not cut:
        return {"row": number, "cells": list(cells)}
    shortened = [cell[:longest] if isinstance(cell, str) else cell for cell in cells]
    return {"row": number, "cells": shortened, "cut": cut}


def _cells(series: pd.Series, kind: str) -> list[Any]:
    """Return a column's cells as JSON has them."""
    if kind == DATE:
        moments = series.to_numpy(dtype="datetime64[us]")
        gone = np.isnat(moments)
        seconds = np.where(gone, 0, moments.astype(np.int64)) / 1e6
        return [
            None if missing else written_moment(value)
            for value, missing in zip(seconds.tolist(), gone.tolist(), strict=True)
        ]
    known = series.notna().to_numpy()
    values = [
        value if present else None
        for value, present in zip(series.astype(object).tolist(), known.tolist(), strict=True)
    ]
    return [_number(value) for value in values] if kind == NUMERIC else values


def _number(value: float | None) -> float | None:
    """Return a number that JSON can hold, whole ones without decimals."""
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value
