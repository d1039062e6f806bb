"""Texts to dates: ISO 8601 and the usual written forms, day or month first decided from the column."""

import re

import pandas as pd

ISO = "ISO8601"
ISO_PATTERN = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
DATE_PATTERN = (
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}).*"
)
DAYS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
SAMPLE = 300
MONTHS = 12


def looks_like_date(text: str) -> bool:
    """Return whether a text has the form of a date."""
    return re.fullmatch(DATE_PATTERN, text) is not None


def order_is_open(dates: pd.Series, date_format: str | None) -> bool:
    """Return whether day and month could as well be the other way round in every one of the dates."""
    ordered = date_format is not None and re.match(r"%[dm][-/]%[dm]", date_format) is not None
    return ordered and not bool((dates.dt.day > MONTHS).any())


def to_dates(texts: pd.Series, date_format: str) -> pd.Series:
    """Return dates in microseconds, without a zone; what is not a date of this format becomes missing."""
    if date_format == ISO:
        iso = texts.where(texts.str.fullmatch(ISO_PATTERN), None)
        dates = pd.to_datetime(iso, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    else:
        dates = pd.to_datetime(texts, format=date_format, errors="coerce")
    return dates.astype("datetime64[us]")


def best_format(texts: pd.Series) -> str | None:
    """Return the format that reads most of a sample, or None where the texts are no dates."""
    sample = texts.iloc[:: max(1, len(texts) // SAMPLE)]
    if not sample.str.fullmatch(DATE_PATTERN).mean() > 0.9:
        return None
    formats = [ISO, *(day + time for day in DAYS for time in TIMES)]
    read = {date_format: int(to_dates(sample, date_format).notna().sum()) for date_format in formats}
    best = max(formats, key=lambda date_format: read[date_format])
    return best if read[best] else None
