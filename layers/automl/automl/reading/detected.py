"""What was detected while a file was read, how sure that is, and what may be wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from automl.reading.columns import ColumnBuilder
from automl.reading.rows import Source
from automl.reading.sentinels import find_sentinels
from automl.table import CATEGORICAL, DATE, NUMERIC, ColumnFormat
from scoring.files.written_dates import is_ordered
from scoring.files.written_numbers import EU, unit_of, units_in

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
MAX_LEVELS = 500
MIN_LEVELS = 10
MAX_UNITS = 5
STRANGERS = 0.03


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
        "decimal": "," if any(style.startswith(EU) for style in styles) else ".",
        "quotes": "paired" if dialect.quoted else "ignored, because they do not pair up",
        "header": source.has_header,
        "row_names": source.row_names,
        "rows": builders[0].rows,
        "short_rows": source.short,
        "long_rows": source.long,
        "joined_rows": source.joined,
        "blank_rows": source.blank,
        "comment_rows": source.comments,
        "title_rows": source.preamble,
        "footer_rows": source.footer,
        "repeated_headers": source.repeated_headers,
        "trailing_rows": source.trailing,
        "confidence": {name: round(value, 3) for name, value in confidence.items()},
        "given": dict(given),
    }


def describe_column(builder: ColumnBuilder, column: pd.Series, how: ColumnFormat) -> dict[str, Any]:
    """Return how a column was read, and how sure its type is."""
    read = 1 - builder.unread / builder.present if builder.present else 0.0
    ordered = how.type == DATE and is_ordered(how.date_format)
    open_order = ordered and not builder.day_proved and not builder.month_proved
    return {
        "name": builder.name,
        "type": how.type,
        "confidence": OPEN_ORDER if open_order else round(read, 3),
        "number_style": how.number_style if how.type == NUMERIC else None,
        "date_format": how.date_format,
        "date_order_open": open_order,
        "date_orders_mixed": ordered and builder.day_proved and builder.month_proved,
        "unit": unit_of(how.number_style) or None,
        "mixed_units": _mixed_units(builder.levels) if how.type == CATEGORICAL else [],
        "currencies": sorted(builder.currencies),
        "missing_words": list(how.missing_words),
        "boolean_words": boolean_words(builder.levels) if how.type == CATEGORICAL else None,
        "sentinels": find_sentinels(column) if how.type == NUMERIC else [],
        "unread": builder.unread,
        "unread_examples": builder.unread_examples,
    }


def _mixed_units(levels: Mapping[str, int]) -> list[str]:
    """Return the units of a column whose numbers carry several of them."""
    some = list(levels)[:MAX_LEVELS]
    units = units_in(some)
    strangers = units.pop("?", 0)
    named = sorted(unit for unit in units if unit)
    several = 1 < len(named) <= MAX_UNITS
    return named if several and len(some) >= MIN_LEVELS and strangers <= STRANGERS * len(some) else []


def boolean_words(levels: Iterable[str]) -> dict[str, str] | None:
    """Return which folded word means true and which false, if the levels are two such words."""
    folded = {level.casefold() for level in levels}
    for yes, no in BOOLEAN_WORDS.items():
        if folded == {yes, no}:
            return {"true": yes, "false": no}
    return None
