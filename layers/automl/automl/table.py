"""A typed table and what was learned while reading it."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from scoring.files.formats import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, ColumnFormat

__all__ = ["BOOLEAN", "CATEGORICAL", "DATE", "NUMERIC", "TEXT", "ColumnFormat", "Table"]


@dataclass(frozen=True)
class Table:
    """A typed table.

    Parameters
    ----------
    frame
        Numbers as int64 or float64, booleans as nullable boolean, dates as datetime64, categories and
        text as category; missing is missing.
    formats
        How each column was read.
    report
        What was detected and repaired, JSON-able.
    labels
        For numeric and boolean columns with few values: how each value is written in the file.
    """

    frame: pd.DataFrame
    formats: dict[str, ColumnFormat]
    report: dict[str, Any]
    labels: dict[str, dict[float, str]] = field(default_factory=dict)
