"""Cells from one type to another, as a cleaning recipe asks for it. What cannot be read is missing."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FloatArray

NUMERIC, BOOLEAN, DATE, CATEGORICAL, TEXT = "numeric", "boolean", "date", "categorical", "text"
WORDS = frozenset({CATEGORICAL, TEXT})
NUMBERS = frozenset({NUMERIC, BOOLEAN, DATE})
CONVERSIONS = {
    NUMERIC: frozenset({BOOLEAN, DATE, *WORDS}),
    BOOLEAN: frozenset({NUMERIC, *WORDS}),
    DATE: WORDS,
    CATEGORICAL: frozenset({TEXT, *NUMBERS}),
    TEXT: frozenset({CATEGORICAL, *NUMBERS}),
}
ISO = "ISO8601"
TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), 1.0),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), 0.0),
}
DECIMALS = (".", ",")
THOUSANDS = (",", ".", " ", "'")
# Longer cells are neither numbers nor dates, and would take the patterns long.
MAX_WRITTEN = 64
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - dates of a CSV have no time zone, so all are kept naive
WHOLE = 2.0**53
MAX_FORMAT = 50
DIRECTIVES = "YymdbBjHIMSfpz"


def check_date_format(date_format: str) -> None:
    """Refuse a form of dates that :func:`datetime.strptime` would not read the same way everywhere.

    Raises
    ------
    ValueError
        With what is wrong with it.
    """
    if date_format == ISO:
        return
    if not 0 < len(date_format) <= MAX_FORMAT:
        raise ValueError(f"must have 1 to {MAX_FORMAT} characters")
    found = re.findall(r"%(.?)", date_format.replace("%%", ""), re.DOTALL)
    strange = [sign for sign in found if not sign or sign not in DIRECTIVES]
    if strange:
        raise ValueError(f"must be made of %{', %'.join(DIRECTIVES)} and what stands between them")
    if len(set(found)) < len(found):
        raise ValueError("must name each part once")
    if not {"Y", "y"} & {*found}:
        raise ValueError("must name the year (%Y or %y)")


def moment_of(text: str, date_format: str = ISO) -> float:
    """Return a date as seconds since 1970, NaN where it is none; a zone is taken into account."""
    if len(text) > MAX_WRITTEN:
        return math.nan
    try:
        moment = (
            datetime.fromisoformat(text) if date_format == ISO else datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone, if any, is handled below
        )
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return math.nan
    return (moment - EPOCH) / timedelta(microseconds=1) / 1e6


def number_of(text: str, decimal: str = ".", thousands: str = "") -> float:
    """Return a number, NaN where the text is none."""
    if len(text) > MAX_WRITTEN:
        return math.nan
    plain = text.replace(thousands, "") if thousands else text
    if decimal != ".":
        plain = "" if "." in plain else plain.replace(decimal, ".")
    number = float(plain) if PLAIN.fullmatch(plain) else math.nan
    return number if math.isfinite(number) else math.nan


def truth_of(text: str) -> float:
    """Return 1 for a word that means true, 0 for one that means false, NaN for any other."""
    return TRUTHS.get(text.casefold(), math.nan)


def written_number(value: float) -> str | None:
    """Return a number as text: whole ones without decimals."""
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < WHOLE else repr(value)


def written_moment(value: float) -> str | None:
    """Return seconds since 1970 as ISO 8601, without the time where it is midnight."""
    try:
        moment = EPOCH + timedelta(microseconds=round(value * 1e6))
    except (OverflowError, ValueError):
        return None
    return moment.isoformat().removesuffix("T00:00:00")


def written_truth(value: float) -> str | None:
    """Return 1 as true and 0 as false."""
    return {1.0: "true", 0.0: "false"}.get(value)


WRITTEN: dict[str, Callable[[float], str | None]] = {
    NUMERIC: written_number,
    BOOLEAN: written_truth,
    DATE: written_moment,
}


def objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return an array of objects, whatever they are."""
    column: NDArray[np.object_] = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def map_texts(column: Column, change: Callable[[str], str | None]) -> Column:
    """Return changed texts, each distinct one worked out once; empty ones are missing."""
    known = {
        value: None if value is None else (change(value) or None) for value in dict.fromkeys(column.tolist())
    }
    return objects([known[value] for value in column.tolist()])


def read_texts(column: Column, read: Callable[[str], float]) -> FloatArray:
    """Return the numbers that texts stand for, NaN where missing."""
    known = {value: math.nan if value is None else read(value) for value in dict.fromkeys(column.tolist())}
    return np.fromiter((known[value] for value in column.tolist()), np.float64, len(column))


def write_numbers(column: Column, write: Callable[[float], str | None]) -> Column:
    """Return numbers as texts, None where missing."""
    distinct, places = np.unique(column, return_inverse=True)
    texts = objects([None if math.isnan(value) else write(value) for value in distinct.tolist()])
    written: Column = texts[places]
    return written
