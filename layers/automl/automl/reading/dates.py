"""Texts to dates: ISO 8601 and the usual written forms, also mixed; the column decides if days come first."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pandas as pd

ISO = "ISO8601"
ISO_PATTERN = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
DATE_PATTERN = (
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|\d{1,2}[- ][A-Za-z]{3,9}\.?[- ,]+\d{2,4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
    r"|\d{8}T\d{6}"
    r"|\d{4}-(?:0[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])/\d{4}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[- ](?:\d{2}|\d{4})"
    r")(?:[T ].*)?"
)
LIKE_ISO = "%Y-%m-%d"
DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y")
MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m-%d-%y")
UNORDERED = (
    "%d.%m.%Y",
    "%d.%m.%y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    LIKE_ISO,
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%d %b %y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
)
# Months, and one form that is never followed by a time.
COMPACT = "%Y%m%dT%H%M%S"
TIMELESS = (COMPACT, "%Y-%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
SHAPES = {"Y": "9999", "m": "1", "b": "a", "B": "a", "p": "a", "f": "[139]+"}
SAMPLE = 300
MIN_DATES_SHARE = 0.9
PER_SHAPE = 3
MONTHS = 12
NUMBERS = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](?:\d{4}|\d{2})(?:[ T].*)?")


def looks_like_date(text: str) -> bool:
    """Return whether a text has the form of a date."""
    return re.fullmatch(DATE_PATTERN, text) is not None


def is_ordered(date_format: str | None) -> bool:
    """Return whether a format says which of two numbers is the day."""
    return date_format is not None and date_format.startswith((*DAY_FIRST, *MONTH_FIRST))


def orders_proved(texts: Iterable[str]) -> tuple[bool, bool]:
    """Return whether some of the texts are dates only with the day first, and only with the month first."""
    day = month = False
    for text in texts:
        found = NUMBERS.fullmatch(text)
        if found is not None:
            day |= int(found[1]) > MONTHS >= int(found[2])
            month |= int(found[2]) > MONTHS >= int(found[1])
    return day, month


def to_dates(texts: pd.Series, date_format: str) -> pd.Series:
    """Return dates in microseconds, without a zone.

    Texts that are not of the format are tried as ISO 8601 and as every other form, first those with its order
    of day and month; what is no date at all becomes missing.
    """
    dates = _parse(texts, date_format)
    rest = texts[dates.isna()]
    rest = rest[rest.str.fullmatch(DATE_PATTERN).astype(bool)] if len(rest) else rest
    if len(rest):
        for other in _formats(rest, day_first=not date_format.startswith(MONTH_FIRST)):
            found = _parse(rest, other)
            dates = dates.fillna(found)
            rest = rest[found.isna()]
            if rest.empty:
                break
    return dates


def _parse(texts: pd.Series, date_format: str) -> pd.Series:
    if date_format == ISO:
        iso = texts.where(texts.str.fullmatch(ISO_PATTERN), None)
        dates = pd.to_datetime(iso, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    else:
        dates = pd.to_datetime(texts, format=date_format, errors="coerce")
    return dates.astype("datetime64[us]")


def _formats(texts: pd.Series, *, day_first: bool) -> list[str]:
    """Return the formats that read some of the texts, in the order in which they are to be tried."""
    examples: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        alike = examples[_shape(text)]
        if len(alike) < PER_SHAPE:
            alike.append(text)
    some = pd.Series([text for alike in examples.values() for text in alike], dtype=object)
    ordered = (*DAY_FIRST, *MONTH_FIRST) if day_first else (*MONTH_FIRST, *DAY_FIRST)
    days = (*ordered[: len(DAY_FIRST)], *UNORDERED, *ordered[len(DAY_FIRST) :])
    written = (*TIMELESS, *(day + time for day in days for time in TIMES))
    possible = [name for name in written if any(map(_pattern(name).fullmatch, examples))]
    return [name for name in (ISO, *possible) if _parse(some, name).notna().any()]


def _shape(text: str) -> str:
    """Return letters as one a, years as nines, and other numbers as 1 if they can be a month, else 3."""
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", _width, text))


def _width(digits: re.Match[str]) -> str:
    number = digits[0]
    if len(number) > 2:
        return "9" * len(number)
    return "1" if int(number) <= MONTHS else "3"


@cache
def _pattern(date_format: str) -> re.Pattern[str]:
    """Return which shapes a format may read."""
    if date_format == COMPACT:
        return re.compile("9{8}a9{6}")
    shape = re.escape(date_format.replace("%", "_"))
    for sign in re.findall("_.", shape):
        shape = shape.replace(sign, SHAPES.get(sign[1], "[13]"))
    return re.compile(shape)


def best_format(texts: pd.Series, prior: str | None = None) -> str | None:
    """Return the format that describes dates best, or None where most texts are no dates.

    ISO 8601 is understood beside every format, so another one is named where there is one; the order of day
    and month is the one that reads more of them.

    Parameters
    ----------
    texts
        Written dates.
    prior
        The format of the training file, for what could be either.
    """
    sample = texts.iloc[:: max(1, len(texts) // SAMPLE)]
    if prior is None and not sample.str.fullmatch(DATE_PATTERN).mean() > MIN_DATES_SHARE:
        return None
    reads = {
        date_format: int(_parse(sample, date_format).notna().sum())
        for date_format in _formats(sample, day_first=True)
    }
    if not reads:
        return prior
    proofs = orders_proved(texts)
    days = sum(count for name, count in reads.items() if name.startswith(DAY_FIRST))
    months = sum(count for name, count in reads.items() if name.startswith(MONTH_FIRST))
    month_first = months > days or (months == days and prior is not None and prior.startswith(MONTH_FIRST))
    if proofs[0] != proofs[1]:
        month_first = proofs[1]
    order = MONTH_FIRST if month_first else DAY_FIRST
    # What ISO 8601 reads needs no format of its own.
    others = [name for name in reads if name != ISO and not name.startswith(LIKE_ISO)]
    for kind in (order, ("%",)):
        named = [name for name in others if name.startswith(kind)]
        if named:
            return max(named, key=lambda name: (reads[name], name == prior))
    return prior or max(reads, key=lambda name: reads[name])
