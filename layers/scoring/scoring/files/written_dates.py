"""Texts to dates: ISO 8601 and the usual written forms, also mixed; the column decides if days come first."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from scoring.inputs import EPOCH, seconds_of

ISO = "ISO8601"
ISO_PATTERN = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
DATE_PATTERN = re.compile(
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
MICROSECOND = timedelta(microseconds=1)
NUMBERS = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](?:\d{4}|\d{2})(?:[ T].*)?")
# Longer texts are no dates, and would take the patterns long.
MAX_WRITTEN = 60


def looks_like_date(text: str) -> bool:
    """Return whether a text has the form of a date."""
    return DATE_PATTERN.fullmatch(text) is not None


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


def to_seconds(texts: Sequence[str], date_format: str) -> dict[str, float]:
    """Return the dates among texts as seconds since 1970.

    Texts that are not of the format are tried as ISO 8601 and as every other form, first those with its order
    of day and month. What is no date at all is left out.
    """
    dates = _all_read(texts, date_format)
    rest = [text for text in texts if text not in dates and looks_like_date(text)]
    if rest:
        for other in possible_formats(rest, day_first=not date_format.startswith(MONTH_FIRST)):
            found = _all_read(rest, other)
            dates |= found
            rest = [text for text in rest if text not in found]
            if not rest:
                break
    return dates


def _all_read(texts: Iterable[str], date_format: str) -> dict[str, float]:
    read = ((text, _read(text, date_format)) for text in texts)
    return {text: seconds for text, seconds in read if seconds is not None}


def _read(text: str, date_format: str) -> float | None:
    if len(text) > MAX_WRITTEN:
        return None
    try:
        if date_format == ISO:
            return seconds_of(text) if ISO_PATTERN.fullmatch(text) else None
        return (datetime.strptime(text, date_format) - EPOCH) / MICROSECOND / 1e6  # noqa: DTZ007 - dates have no zone
    except (ValueError, OverflowError):
        return None


def possible_formats(texts: Iterable[str], *, day_first: bool) -> list[str]:
    """Return the formats that read some of the texts, in the order in which they are to be tried."""
    examples: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        alike = examples[_shape(text)]
        if len(alike) < PER_SHAPE:
            alike.append(text)
    some = [text for alike in examples.values() for text in alike]
    ordered = (*DAY_FIRST, *MONTH_FIRST) if day_first else (*MONTH_FIRST, *DAY_FIRST)
    days = (*ordered[: len(DAY_FIRST)], *UNORDERED, *ordered[len(DAY_FIRST) :])
    written = (*TIMELESS, *(day + time for day in days for time in TIMES))
    possible = [name for name in written if any(map(_pattern(name).fullmatch, examples))]
    return [name for name in (ISO, *possible) if any(_read(text, name) is not None for text in some)]


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


def best_format(texts: Sequence[str], prior: str | None = None) -> str | None:
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
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    if prior is None and not sum(map(looks_like_date, sample)) > MIN_DATES_SHARE * len(sample):
        return None
    reads = {
        date_format: len([text for text in sample if _read(text, date_format) is not None])
        for date_format in possible_formats(sample, day_first=True)
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
