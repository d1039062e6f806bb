"""A typed table and what was learned while reading it."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

NUMERIC = "numeric"
CATEGORICAL = "categorical"
BOOLEAN = "boolean"
DATE = "date"
TEXT = "text"


@dataclass(frozen=True)
class ColumnFormat:
    """How the text of a column becomes values.

    Parameters
    ----------
    type
        One of numeric, categorical, boolean, date, text.
    number_style
        ``plain`` (1234.5), ``us`` (1,234.5) or ``eu`` (1.234,5); behind a blank the cells' unit, if any.
    date_format
        A :func:`datetime.strptime` format, or ``ISO8601``, which is understood beside each of them. Other
        forms are read, too; this one tells whether days or months come first.
    missing_words
        Words that mean "missing", in lower case.
    """

    type: str
    number_style: str = "plain"
    date_format: str | None = None
    missing_words: tuple[str, ...] = ()


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
