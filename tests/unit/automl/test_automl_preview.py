"""The first rows of a table: what stands in its cells, within bounds."""

import json

import numpy as np
import pandas as pd
import pytest

from automl import preview
from automl.profiling.preview import MAX_BYTES, MAX_ROWS, MAX_TEXT
from automl.table import ColumnFormat, Table
from tests.unit.automl.cleaning_samples import cleaned

CSV = (
    "number,whole,word,member,day,moment\n"
    "1.5,1,flat,true,2024-01-31,2024-01-31 12:30\n"
    ",2,,false,,2024-02-01 00:00\n"
    "2.0,3,house,,2024-02-29,\n"
) + "".join(f"{i}.25,{i},flat,false,2024-03-01,2024-03-01 00:00\n" for i in range(20))


def text_table(rows, columns, text):
    """Return a table of words: the same text in every cell."""
    series = pd.Series(pd.Categorical([text] * rows))
    frame = pd.DataFrame({f"c{i}": series for i in range(columns)}, copy=False)
    return Table(frame, {name: ColumnFormat("text") for name in frame.columns}, {})


def test_cells_are_json_values_and_missing_ones_are_null(read):
    shown = preview(read(CSV))

    assert shown["columns"] == [
        {"name": "number", "type": "numeric"},
        {"name": "whole", "type": "numeric"},
        {"name": "word", "type": "categorical"},
        {"name": "member", "type": "boolean"},
        {"name": "day", "type": "date"},
        {"name": "moment", "type": "date"},
    ]
    assert shown["total_rows"] == 23
    assert shown["rows"][:3] == [
        {"row": 0, "cells": [1.5, 1, "flat", True, "2024-01-31", "2024-01-31T12:30:00"]},
        {"row": 1, "cells": [None, 2, None, False, None, "2024-02-01"]},
        {"row": 2, "cells": [2, 3, "house", None, "2024-02-29", None]},
    ]
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_rows_of_a_cleaned_table_are_numbered_as_they_were_before():
    result = cleaned({"step": "drop_rows_missing", "columns": ["age"]})

    shown = preview(result.table, result.rows)

    assert [row["row"] for row in shown["rows"]] == [0, 2, 3, 4, 5]


def test_the_first_thousand_rows_are_shown():
    shown = preview(text_table(MAX_ROWS + 5, 2, "x"))

    assert (len(shown["rows"]), shown["total_rows"]) == (MAX_ROWS, MAX_ROWS + 5)


@pytest.mark.parametrize("character", ["x", '"', "\x01", "é", "😀"])
@pytest.mark.parametrize("columns", [1, 3, 500, pytest.param(2000, marks=pytest.mark.long)])
def test_no_text_is_too_long_for_the_bound(columns, character):
    shown = preview(text_table(1, columns, character * 100_000))

    assert len(json.dumps(shown)) <= MAX_BYTES
    (row,) = shown["rows"]
    assert row["cut"] == list(range(columns))
    assert 50 <= len(row["cells"][0]) <= MAX_TEXT


def test_wide_tables_show_as_many_rows_as_there_is_room_for():
    shown = preview(text_table(MAX_ROWS, 200, "word " * 20))

    assert 0.9 * MAX_BYTES < len(json.dumps(shown)) <= MAX_BYTES
    assert 0 < len(shown["rows"]) < MAX_ROWS
    assert all("cut" not in row for row in shown["rows"])


def test_numbers_that_json_lacks_are_null():
    frame = pd.DataFrame({"x": [np.inf, -np.inf, np.nan, 1e300, 0.1]})

    shown = preview(Table(frame, {"x": ColumnFormat("numeric")}, {}))

    assert [row["cells"][0] for row in shown["rows"]] == [None, None, None, 1e300, 0.1]
