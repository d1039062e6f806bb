"""How the texts of a column are written: its type, the style of its numbers, the form of its dates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scoring.files.words import DASHES, MISSING_AMONG_VALUES, has_words
from scoring.files.written_dates import ISO, best_format
from scoring.files.written_numbers import Texts, best_style
from scoring.inputs import Feature

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


def column_formats(features: Sequence[Feature]) -> dict[str, ColumnFormat]:
    """Return how the columns of a CSV file are to be read for a model."""
    return {
        feature.name: ColumnFormat(
            CATEGORICAL if feature.type == TEXT else feature.type,
            number_style=feature.number_style,
            date_format=(feature.date_format or ISO) if feature.type == DATE else None,
            missing_words=feature.missing_words,
        )
        for feature in features
    }


def adapt(
    known: ColumnFormat, texts: Texts, delimiter: str, decimal: str | None = None, hint: str | None = None
) -> ColumnFormat:
    """Return how to read a column whose type is known from another file, which may be written differently.

    Parameters
    ----------
    known
        How the other file was written.
    texts
        The column's distinct texts, stripped.
    delimiter
        Of the file.
    decimal
        The decimal sign, where the user gave it.
    hint
        The decimal sign of the file's other columns.
    """
    gaps = MISSING_AMONG_VALUES | set(known.missing_words)
    present = texts[np.array([text.casefold() not in gaps for text in texts], dtype=bool)]
    if not len(present):
        return known
    if known.type == NUMERIC:
        style, _ = best_style(present, delimiter, decimal, hint=hint, prior=known.number_style)
        return replace(known, number_style=style)
    if known.type == DATE:
        return replace(known, date_format=best_format(present, known.date_format))
    if known.type in {CATEGORICAL, TEXT} and has_words(present):
        return replace(known, missing_words=(*known.missing_words, *DASHES))
    return known
