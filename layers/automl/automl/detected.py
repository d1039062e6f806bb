"""What was detected while a file was read, how sure that is, and what may be wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from automl.columns import ColumnBuilder
from automl.dates import order_is_open
from automl.rows import Source
from automl.sentinels import find_sentinels
from automl.table import CATEGORICAL, DATE, NUMERIC, ColumnFormat

# Word for true, word for false. They stay categories, so that clients send what the file holds.
BOOLEAN_WORDS = {
    "yes": "no",
    "y": "n",
    "true": "false",
    "t": "f",
    "on": "off",
    "1": "0",
    "ja": "nein",
    "oui": "non",
    "si": "no",
    "sí": "no",
    "sim": "não",
    "positive": "negative",
    "pos": "neg",
}
OPEN_ORDER = 0.5


def describe_file(
    source: Source, builders: Sequence[ColumnBuilder], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how a file was read; what the user gave is certain."""
    dialect = source.dialect
    styles = {b.format.number_style for b in builders if b.format and b.format.type == NUMERIC}
    confidence = {
        "encoding": dialect.encoding_confidence,
        "delimiter": dialect.delimiter_confidence,
        "header": source.header_confidence,
    }
    return {
        "encoding": dialect.encoding,
        "delimiter": dialect.delimiter,
        "decimal": "," if "eu" in styles else ".",
        "quotes": "paired" if dialect.quoted else "ignored, because they do not pair up",
        "header": source.has_header,
        "row_names": source.row_names,
        "rows": builders[0].rows,
        "short_rows": source.short,
        "long_rows": source.long,
        "blank_rows": source.blank,
        "trailing_rows": source.trailing,
        "confidence": {name: round(value, 3) for name, value in confidence.items()},
        "given": dict(given),
    }


def describe_column(builder: ColumnBuilder, column: pd.Series, how: ColumnFormat) -> dict[str, Any]:
    """Return how a column was read, and how sure its type is."""
    read = 1 - builder.unread / builder.present if builder.present else 0.0
    open_order = how.type == DATE and order_is_open(column, how.date_format)
    return {
        "name": builder.name,
        "type": how.type,
        "confidence": OPEN_ORDER if open_order else round(read, 3),
        "number_style": how.number_style if how.type == NUMERIC else None,
        "date_format": how.date_format,
        "date_order_open": open_order,
        "missing_words": list(how.missing_words),
        "boolean_words": boolean_words(builder.levels) if how.type == CATEGORICAL else None,
        "sentinels": find_sentinels(column) if how.type == NUMERIC else [],
        "unread": builder.unread,
        "unread_examples": builder.unread_examples,
    }


def boolean_words(levels: Iterable[str]) -> dict[str, str] | None:
    """Return which folded word means true and which false, if the levels are two such words."""
    folded = {level.casefold() for level in levels}
    for yes, no in BOOLEAN_WORDS.items():
        if folded == {yes, no}:
            return {"true": yes, "false": no}
    return None
