"""What is odd about a column, each with a reason and its evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from automl.checks.keys import is_id_like
from automl.checks.leaks import duplicate_columns
from automl.reading.infer import is_float
from automl.reading.sentinels import find_sentinels
from automl.table import CATEGORICAL, DATE, Table
from scoring.cleaning.conversions import WORDS
from scoring.files.words import MISSING_AMONG_VALUES, has_words

MOSTLY_MISSING = 0.5
HIGH_CARDINALITY = 50
MIXED_SHARE = 0.05
# Of the share that each class would have if all were equal.
RARE_CLASS = 0.1
DAY = 86_400e6  # in microseconds
# As days since 1970.
MISSING_DAYS = tuple(
    float(np.datetime64(day, "D").astype(np.int64))
    for day in (
        "0001-01-01",
        "1753-01-01",
        "1899-12-30",
        "1900-01-01",
        "1970-01-01",
        "2099-12-31",
        "9999-12-31",
    )
)
SHOWN = 60
SHOWN_LEVELS = 5
MAX_LEVELS = 10_000
# As strong as an association with the target is among columns that are made from it.
LEAKING = 0.98
MIN_ORDERED = 20
ORDERED_SHARE = 0.99


def warning(column: str | None, code: str, message: str, **evidence: Any) -> dict[str, Any]:
    """Return a warning: a stable code, a sentence, and the figures behind it."""
    return {"column": column, "code": code, "message": message, "evidence": evidence}


def column_warnings(
    series: pd.Series, kind: str, distinct: int, details: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return what is odd about a column.

    Parameters
    ----------
    series
        The column.
    kind
        Its type.
    distinct
        How many different values it has.
    details
        What reading reported of it.
    """
    name = str(series.name)
    present = int(series.notna().sum())
    missing = len(series) - present
    found = []
    if not present:
        found.append(warning(name, "all_missing", f"{name!r} has no values and is not used."))
    elif distinct == 1:
        found.append(warning(name, "constant", f"{name!r} has the same value in every row."))
    elif missing > MOSTLY_MISSING * len(series):
        share = missing / len(series)
        message = f"{name!r} is missing in {share:.0%} of the rows."
        found.append(warning(name, "mostly_missing", message, share=share))
    if is_id_like(series, kind, distinct, present):
        message = f"{name!r} looks like an identifier: it is not used unless the target goes with its order."
        found.append(warning(name, "id_like", message, distinct=distinct, rows=present))
    elif distinct > HIGH_CARDINALITY and kind == CATEGORICAL:
        message = f"{name!r} has {distinct} different categories."
        found.append(warning(name, "high_cardinality", message, distinct=distinct))
    return [
        *found,
        *_reading_warnings(name, kind, details),
        *_missing_words(series, kind),
        *_missing_dates(series, kind),
        *_mixed(series, kind),
        *_spellings(series, kind),
    ]


def table_warnings(table: Table) -> list[dict[str, Any]]:
    """Return what is odd between columns: copies, and rows in the order of time."""
    found = []
    for name, first in duplicate_columns(table.frame).items():
        message = f"{name!r} holds what {first!r} holds."
        found.append(warning(name, "duplicate_column", message, copy_of=first))
    for name, how in table.formats.items():
        if how.type != DATE:
            continue
        moments = table.frame[name].dropna().to_numpy(dtype="datetime64[us]").astype(np.int64)
        share = float((np.diff(moments) >= 0).mean()) if len(moments) >= MIN_ORDERED else 0.0
        if share >= ORDERED_SHARE and moments[0] < moments[-1]:
            message = (
                f"The rows are in the order of {name!r}: if later ones are to be predicted from earlier "
                "ones, judge the model on the last rows."
            )
            found.append(warning(name, "rows_in_time_order", message, share=share))
    return found


def target_warnings(
    column: pd.Series, classes: bool, associations: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return what is odd about a target.

    Parameters
    ----------
    column
        The target.
    classes
        Whether it is compared as classes.
    associations
        How strongly each other column goes with it.
    """
    found = [_leak(str(column.name), entry) for entry in associations if entry["association"] >= LEAKING]
    counts = column.value_counts()
    counts = counts[counts > 0]
    if not classes or len(counts) < 2:
        return found
    share = float(counts.iloc[-1] / counts.sum())
    if share * len(counts) >= RARE_CLASS:
        return found
    rarest = str(counts.index[-1])[:SHOWN]
    message = f"{str(column.name)!r} is imbalanced: {rarest!r} stands in {share:.2%} of the rows."
    return [*found, warning(str(column.name), "imbalanced_target", message, rarest=rarest, share=share)]


def _leak(target: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    name = str(entry["column"])
    message = (
        f"{name!r} alone tells nearly all of {target!r} ({entry['measure']} {entry['association']:.3f}): "
        "exclude it if it is not known when predictions are made."
    )
    evidence = {"measure": entry["measure"], "association": entry["association"]}
    return warning(name, "leaking_column", message, **evidence)


def _spellings(series: pd.Series, kind: str) -> list[dict[str, Any]]:
    """Return categories that differ by case and blanks only."""
    if kind != CATEGORICAL:
        return []
    groups: dict[str, list[str]] = {}
    for level in map(str, series.cat.categories[:MAX_LEVELS]):
        groups.setdefault(" ".join(level.split()).casefold(), []).append(level)
    several = [levels for levels in groups.values() if len(levels) > 1]
    if not several:
        return []
    name = str(series.name)
    example = ", ".join(repr(level[:SHOWN]) for level in several[0][:SHOWN_LEVELS])
    message = f"{name!r} has categories that differ by case or blanks only, e.g. {example}."
    return [
        warning(name, "spelling_variants", message, groups=len(several), example=several[0][:SHOWN_LEVELS])
    ]


def _reading_warnings(name: str, kind: str, details: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    if details.get("unread"):
        examples = ", ".join(repr(text) for text in details["unread_examples"])
        message = (
            f"{name!r}: {details['unread']} cells are no {kind} values and count as missing, e.g. {examples}."
        )
        found.append(warning(name, "unread_cells", message, cells=details["unread"]))
    for item in details.get("sentinels", []):
        message = (
            f"{name!r} has {item['value']:g} in {item['count']} rows, far from its other values: "
            "if that means missing, a recipe can mark it."
        )
        found.append(warning(name, "disguised_missing", message, **item))
    if details.get("date_order_open"):
        message = (
            f"{name!r} could have day and month the other way round; it is read as {details['date_format']}."
        )
        found.append(warning(name, "ambiguous_dates", message, date_format=details["date_format"]))
    if details.get("date_orders_mixed"):
        message = (
            f"{name!r} has dates with the day first and dates with the month first; where both are possible, "
            f"it is read as {details['date_format']}."
        )
        found.append(warning(name, "mixed_date_orders", message, date_format=details["date_format"]))
    if details.get("mixed_units"):
        units = ", ".join(details["mixed_units"])
        message = (
            f"{name!r} has numbers with different units ({units}), so they count as words: convert them."
        )
        found.append(warning(name, "mixed_units", message, units=details["mixed_units"]))
    if len(details.get("currencies", [])) > 1:
        signs = ", ".join(details["currencies"])
        message = f"{name!r} has amounts in several currencies ({signs}), which are read without conversion."
        found.append(warning(name, "mixed_currencies", message, currencies=details["currencies"]))
    return found


def _missing_words(series: pd.Series, kind: str) -> list[dict[str, Any]]:
    """Return words like "unknown" among categories: reading takes them for values, people often do not."""
    if kind not in WORDS or not has_words(map(str, series.cat.categories)):
        return []
    name = str(series.name)
    levels = series.cat.categories
    suspects = [place for place, level in enumerate(levels) if _may_mean_missing(str(level))]
    counts = np.bincount(series.cat.codes.to_numpy() + 1, minlength=len(levels) + 1)[1:]
    found = []
    for place in suspects:
        value, count = str(levels[place]), int(counts[place])
        if count and int((counts > 0).sum()) > 1:
            message = f"{name!r} has {value!r} in {count} rows: if that means missing, a recipe can mark it."
            found.append(warning(name, "disguised_missing", message, value=value, count=count))
    return found


def _missing_dates(series: pd.Series, kind: str) -> list[dict[str, Any]]:
    """Return first days of an era that repeat far from all other dates."""
    if kind != DATE:
        return []
    moments = series.to_numpy(dtype="datetime64[us]")
    days = pd.Series(np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / DAY))
    name = str(series.name)
    found = []
    for item in find_sentinels(days, MISSING_DAYS):
        day, count = str(np.datetime64(int(item["value"]), "D")), item["count"]
        message = (
            f"{name!r} has {day} in {count} rows, far from its other dates: if that means missing, a recipe "
            "can mark it."
        )
        found.append(warning(name, "disguised_missing", message, value=day, count=count))
    return found


def _may_mean_missing(level: str) -> bool:
    return level.strip().casefold() in MISSING_AMONG_VALUES


def _mixed(series: pd.Series, kind: str) -> list[dict[str, Any]]:
    if kind not in WORDS:
        return []
    codes = series.cat.codes.to_numpy()
    numeric = np.array([is_float(level) for level in series.cat.categories], dtype=bool)
    if not numeric.any() or numeric.all():
        return []
    share = float(numeric[codes[codes >= 0]].mean())
    if not MIXED_SHARE <= share <= 1 - MIXED_SHARE:
        return []
    name = str(series.name)
    message = f"{name!r} mixes numbers ({share:.0%}) with words, so all of it counts as words."
    return [warning(name, "mixed_types", message, numeric_share=share)]
