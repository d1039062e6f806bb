"""Columns of texts to columns of dates, at the speed of pandas; the forms are those of `scoring`."""

import pandas as pd

from scoring.files.written_dates import DATE_PATTERN, ISO, ISO_PATTERN, MONTH_FIRST, possible_formats


def to_dates(texts: pd.Series, date_format: str) -> pd.Series:
    """Return dates in microseconds, without a zone, as `scoring.files.written_dates` reads them.

    Texts that are not of the format are tried as ISO 8601 and as every other form, first those with its order
    of day and month; what is no date at all becomes missing.
    """
    dates = _parse(texts, date_format)
    rest = texts[dates.isna()]
    rest = rest[rest.str.fullmatch(DATE_PATTERN).astype(bool)] if len(rest) else rest
    if len(rest):
        for other in possible_formats(rest, day_first=not date_format.startswith(MONTH_FIRST)):
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
