"""The target column: is it usable, which task is it, what are its values."""

from dataclasses import dataclass, replace
from textwrap import shorten

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.checks.findings import Finding
from automl.checks.target_findings import imbalance, missing_rows, open_task, skew
from automl.config import AUTO, CLASSIFICATION, REGRESSION, FitConfig
from automl.errors import DataError
from automl.reading.detected import boolean_words
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, Table
from scoring.files.written_numbers import best_style

MIN_ROWS = 20
MIN_CLASS_ROWS = 2
MEAN_CLASS_ROWS = 4
MAX_CLASSES = 100
# An integer column with no more values than this, and several rows for each, is a set of codes.
MAX_CODES = 10
MIN_ROWS_PER_CODE = 5
LISTED_COLUMNS = 30
LISTED_SPELLINGS = 5
SHOWN_NAME = 60
SHORT_WORDS = ({"y": "yes", "n": "no"}, {"t": "true", "f": "false"}, {"j": "ja", "n": "nein"})
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
    findings
        What the user should judge.
    positive
        Of two classes, the one that is looked for: the word for yes, else the rarer one.
    """

    name: str
    task: str
    classes: list[str]
    rows: NDArray[np.int64]
    y: NDArray[np.int64] | NDArray[np.float64]
    dropped_rows: int
    findings: list[Finding]
    positive: str | None = None

    @property
    def positive_index(self) -> int:
        """Where the positive class stands among the classes; 1 where none is named."""
        return 1 if self.positive is None else self.classes.index(self.positive)


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
    merged: dict[str, list[str]] = {}
    if table.formats[name].type == CATEGORICAL and name not in config.keep:
        values, merged = merge_spellings(values)
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
        y = _numbers(name, kind, column[present])
        findings = [*missing_rows(name, len(column), len(rows)), *skew(name, y)]
        return Target(name, task, [], rows, y, len(column) - len(rows), findings)
    target = _classes(table, name, values, rows, merged)
    unlabelled = missing_rows(name, len(column), len(rows))
    chosen = open_task(name, target.classes) if config.task == AUTO and kind == NUMERIC else []
    findings = [*target.findings, *unlabelled, *chosen, *imbalance(name, target.classes, target.y)]
    return replace(target, findings=findings)


def _numbers(name: str, kind: str, values: pd.Series) -> NDArray[np.float64]:
    """Return the target as numbers: booleans are 0 and 1, and codes like 007 may be asked for as numbers."""
    if kind in {NUMERIC, BOOLEAN}:
        y = values.to_numpy(dtype=np.float64)
    else:
        levels: NDArray[np.object_] = np.array([str(level) for level in values.cat.categories], dtype=object)
        y = best_style(levels, ",")[1][values.cat.codes.to_numpy()]
    if np.isnan(y).any():
        raise DataError(
            "target_not_numeric",
            f"The target {name!r} holds text, not numbers: choose classification instead.",
        )
    if np.abs(y).max() > MAX_TARGET:
        raise DataError(
            "target_too_large",
            f"The target {name!r} has values beyond {MAX_TARGET:g}: scale it down or fix them.",
        )
    return y


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


def fold(labels: list[str]) -> list[str]:
    """Return labels without case and outer blanks; in full where all mean yes or no, or true or false."""
    folded = [" ".join(label.split()).casefold() for label in labels]
    for short in SHORT_WORDS:
        if {*folded} <= {*short, *short.values()}:
            return [short.get(word, word) for word in folded]
    return folded


def merge_spellings(values: pd.Series) -> tuple[pd.Series, dict[str, list[str]]]:
    """Return categories that differ by case or blanks, or like y and yes, as the most frequent spelling."""
    counts = values.value_counts()
    present = [str(spelling) for spelling in counts.index[counts > 0]]
    spellings: dict[str, list[str]] = {}
    for spelling, word in zip(present, fold(present), strict=True):
        spellings.setdefault(word, []).append(spelling)
    merged = {first: others for first, *others in spellings.values() if others}
    if not merged:
        return values, {}
    chosen = {other: first for first, others in merged.items() for other in others}
    texts = values.astype(object).map(lambda text: chosen.get(text, text))
    return texts.astype("category"), merged


def _merge_findings(name: str, merged: dict[str, list[str]]) -> list[Finding]:
    if not merged:
        return []
    listed = "; ".join(
        f"{', '.join(map(repr, others[:LISTED_SPELLINGS]))} count as {first!r}"
        for first, others in list(merged.items())[:LISTED_SPELLINGS]
    )
    message = f"Spellings of the same label were merged: {listed}."
    return [Finding("merged_labels", message, "merged", name, {"merged": merged})]


def _positive(labels: list[str], y: NDArray[np.int64]) -> str | None:
    if len(labels) != 2:
        return None
    folded = fold(labels)
    words = boolean_words(folded)
    if words is not None:
        return labels[folded.index(words["true"])]
    return labels[int(np.argmin(np.bincount(y, minlength=2)))]


def _classes(
    table: Table, name: str, usable: pd.Series, rows: NDArray[np.int64], merged: dict[str, list[str]]
) -> Target:
    column, kind, distinct = table.frame[name], table.formats[name].type, int(usable.nunique())
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
    findings = _merge_findings(name, merged)
    if len(rare):
        names = ", ".join(repr(label_of(table, name, value)) for value in rare[:10])
        message = f"{len(rare)} values of the target occur in one row only and were left out: {names}."
        findings.append(Finding("rare_classes", message, "left out", name, {"classes": len(rare)}))
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
    dropped = len(column) - len(y)
    return Target(name, CLASSIFICATION, labels, rows[members], y, dropped, findings, _positive(labels, y))


def label_of(table: Table, name: str, value: object) -> str:
    """Return a target value as it is written in the file."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # numeric and boolean columns hold nothing else
    written = table.labels.get(name, {}).get(number)
    if written is not None:
        return written
    return str(int(number)) if number.is_integer() else repr(number)
