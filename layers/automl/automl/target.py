"""The target column: is it usable, which task is it, what are its values."""

from dataclasses import dataclass
from textwrap import shorten

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.config import AUTO, CLASSIFICATION, REGRESSION, FitConfig
from automl.errors import DataError
from automl.table import DATE, NUMERIC, TEXT, Table

MIN_ROWS = 20
MIN_CLASS_ROWS = 2
MEAN_CLASS_ROWS = 4
MAX_CLASSES = 100
# An integer column with no more values than this, and several rows for each, is a set of codes.
MAX_CODES = 10
MIN_ROWS_PER_CODE = 5
LISTED_COLUMNS = 30
SHOWN_NAME = 60
# Squared errors of larger numbers overflow.
MAX_TARGET = 1e100


@dataclass(frozen=True)
class Target:
    """A usable target.

    Parameters
    ----------
    name
        The column.
    task
        Classification or regression.
    classes
        Labels as they stand in the file, sorted; empty for regression.
    rows
        Positions of the usable rows in the table.
    y
        Class indices or numbers, one per usable row.
    dropped_rows
        How many rows have no usable target.
    warnings
        What the user should know.
    """

    name: str
    task: str
    classes: list[str]
    rows: NDArray[np.int64]
    y: NDArray[np.int64] | NDArray[np.float64]
    dropped_rows: int
    warnings: list[str]


def prepare_target(table: Table, config: FitConfig) -> Target:
    """Check the target and turn it into numbers.

    Raises
    ------
    DataError
        When nothing can be learned from it.
    """
    name = find_column(table, config.target)
    column = table.frame[name]
    present = column.notna().to_numpy(dtype=bool)
    if not present.any():
        raise DataError("target_all_missing", f"The target {name!r} has no values: choose another column.")
    values = column[present]
    distinct = int(values.nunique())
    if distinct < 2:
        raise DataError(
            "target_constant", f"The target {name!r} has the same value in every row: choose another column."
        )
    if len(values) < MIN_ROWS:
        raise DataError(
            "too_few_rows",
            f"Only {len(values)} rows have a value of the target {name!r}: at least {MIN_ROWS} are needed.",
        )
    kind = table.formats[name].type
    if kind == DATE:
        raise DataError(
            "target_is_date", f"The target {name!r} holds dates: choose a column with categories or numbers."
        )
    task = _task(config.task, kind, values, distinct)
    rows = np.flatnonzero(present)
    if task == REGRESSION:
        if kind != NUMERIC:
            raise DataError(
                "target_not_numeric",
                f"The target {name!r} holds text, not numbers: choose classification instead.",
            )
        y = values.to_numpy(dtype=np.float64)
        if np.abs(y).max() > MAX_TARGET:
            raise DataError(
                "target_too_large",
                f"The target {name!r} has values beyond {MAX_TARGET:g}: scale it down or fix them.",
            )
        return Target(name, task, [], rows, y, len(column) - len(rows), [])
    return _classes(table, name, rows, kind, distinct)


def find_column(table: Table, name: str) -> str:
    """Return the column's exact name; case and surrounding blanks are forgiven.

    Raises
    ------
    DataError
        When there is no such column; names those that exist.
    """
    columns = [str(column) for column in table.frame.columns]
    if name in columns:
        return name
    similar = [column for column in columns if column.casefold() == " ".join(name.split()).casefold()]
    if len(similar) == 1:
        return similar[0]
    listed = ", ".join(
        repr(shorten(column, SHOWN_NAME, placeholder="...")) for column in columns[:LISTED_COLUMNS]
    )
    more = f" and {len(columns) - LISTED_COLUMNS} more" if len(columns) > LISTED_COLUMNS else ""
    raise DataError(
        "unknown_column",
        f"There is no column {shorten(name, SHOWN_NAME, placeholder='...')!r}: choose one of {listed}{more}.",
    )


def _task(asked: str, kind: str, values: pd.Series, distinct: int) -> str:
    if asked != AUTO:
        return asked
    if kind != NUMERIC or distinct == 2:
        return CLASSIFICATION
    numbers = values.to_numpy(dtype=np.float64)
    codes = distinct <= min(MAX_CODES, len(numbers) // MIN_ROWS_PER_CODE) and bool(
        (numbers == np.floor(numbers)).all()
    )
    return CLASSIFICATION if codes else REGRESSION


def _classes(table: Table, name: str, rows: NDArray[np.int64], kind: str, distinct: int) -> Target:
    column = table.frame[name]
    usable = column.iloc[rows]
    if distinct > MAX_CLASSES or kind == TEXT:
        advice = "choose regression instead" if kind == NUMERIC else "choose a column with fewer categories"
        raise DataError(
            "too_many_classes",
            f"The target {name!r} has {distinct} values, at most {MAX_CLASSES} can be classes: {advice}.",
        )
    counts = usable.value_counts()
    rare = counts.index[(counts < MIN_CLASS_ROWS) & (counts > 0)]
    kept = counts.index[counts >= MIN_CLASS_ROWS]
    if len(kept) < 2:
        raise DataError(
            "too_few_per_class",
            f"Two values of the target {name!r} or more must occur {MIN_CLASS_ROWS} times or more: add rows.",
        )
    warnings = []
    if len(rare):
        names = ", ".join(repr(label_of(table, name, value)) for value in rare[:10])
        warnings.append(f"{len(rare)} values of the target occur in one row only and were left out: {names}.")
    members = usable.isin(kept).to_numpy(dtype=bool)
    values = sorted(kept.tolist())
    index = {value: position for position, value in enumerate(values)}
    y = np.array([index[value] for value in usable[members].tolist()], dtype=np.int64)
    if len(y) < MIN_ROWS:
        raise DataError(
            "too_few_rows",
            f"Only {len(y)} rows have a usable value of the target {name!r}: at least {MIN_ROWS} are needed.",
        )
    if len(y) < MEAN_CLASS_ROWS * len(values):
        raise DataError(
            "too_many_classes",
            f"The target {name!r} has {len(values)} classes in {len(y)} rows: add rows, "
            f"until there are {MEAN_CLASS_ROWS} for each class on average, or choose another column.",
        )
    labels = [label_of(table, name, value) for value in values]
    return Target(name, CLASSIFICATION, labels, rows[members], y, len(column) - len(y), warnings)


def label_of(table: Table, name: str, value: object) -> str:
    """Return a target value as it is written in the file."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # numeric and boolean columns hold nothing else
    written = table.labels.get(name, {}).get(number)
    if written is not None:
        return written
    return str(int(number)) if number.is_integer() else repr(number)
