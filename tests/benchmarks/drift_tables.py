"""Tables, references and windows that alarms of drift are tried on: no model is trained for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import datasets

import automl
from automl.features.encoders import raw_columns, take
from automl.serving.export import input_features
from automl.serving.reference import reference
from scoring.columns import Column
from scoring.drift.reference import Reference
from scoring.drift.report import DRIFTED, Day, drift_report

TODAY = date(2026, 1, 1)
# In the loaders' order; all of them are files of scikit-learn itself.
SHIPPED = ("iris", "wine", "breast_cancer", "diabetes", "digits")
SHIFT_SHARE = 0.2
SHIFT_DEVIATIONS = 0.5


@dataclass(frozen=True)
class Sample:
    """Rows in the form that serving counts them in, and what their answers are.

    Parameters
    ----------
    columns
        Raw columns by feature.
    answers
        Positions of classes, or numbers: the true ones, which a perfect model would give.
    """

    columns: dict[str, Column]
    answers: NDArray[Any]

    def rows(self, places: NDArray[np.intp]) -> "Sample":
        """Return some rows."""
        return Sample(take(self.columns, places), self.answers[places])

    def moved(self, name: str, column: Column) -> "Sample":
        """Return the rows with one column replaced."""
        return Sample({**self.columns, name: column}, self.answers)


@dataclass(frozen=True)
class Table:
    """A table as training reads it."""

    name: str
    frame: pd.DataFrame
    formats: dict[str, Any]
    classes: list[str]
    sample: Sample

    def reference(self, places: NDArray[np.intp] | None = None) -> Reference:
        """Return what training on some rows, or on all, would have seen."""
        sample = self.sample if places is None else self.sample.rows(places)
        frame = self.frame if places is None else self.frame.iloc[places]
        features = input_features(frame, self.formats, sample.columns)
        return reference(features, sample.columns, self.classes, sample.answers)


def shipped() -> Iterator[Table]:
    """Return the tables that scikit-learn ships."""
    for name in SHIPPED:
        bunch = getattr(datasets, f"load_{name}")(as_frame=True)
        yield read(name, bunch.frame, "target", classes=name != "diabetes")


def stored(root: Path) -> Iterator[Table]:
    """Return the tables of a folder with a ``MANIFEST.csv``, their training parts where there are splits."""
    for entry in pd.read_csv(root / "data" / "MANIFEST.csv").itertuples():
        table = automl.read_csv(root / str(entry.file))
        split = pd.read_csv(root / "splits" / f"{entry.name}.csv")
        rows = split.loc[split["part"] == "train", "row"].to_numpy()
        rows = rows[rows < len(table.frame)]
        frame = table.frame.iloc[rows].dropna(subset=[entry.target]).reset_index(drop=True)
        yield _table(str(entry.name), frame, table.formats, str(entry.target), entry.task != "regression")


def read(name: str, frame: pd.DataFrame, target: str, *, classes: bool) -> Table:
    """Return a frame as training reads it from a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        frame.to_csv(path, index=False)
        found = automl.read_csv(path)
    return _table(name, found.frame, found.formats, target, classes)


def _table(name: str, frame: pd.DataFrame, formats: dict[str, Any], target: str, classes: bool) -> Table:
    labels: list[str] = []
    if classes:
        answers, found = pd.factorize(frame[target])
        labels = [str(label) for label in found]
    else:
        answers = frame[target].to_numpy(dtype=np.float64)
    inputs = frame.drop(columns=target)
    kinds = {column: formats[column] for column in inputs}
    columns = raw_columns(inputs, {column: how.type for column, how in kinds.items()})
    return Table(name, inputs, kinds, labels, Sample(columns, answers))


def report(seen: Reference, window: Sample) -> dict[str, Any]:
    """Return the report of a window."""
    rows = len(window.answers)
    counts = seen.count(window.columns, window.answers)
    return drift_report(seen, [Day(TODAY, rows, counts)], TODAY)


def pages(found: dict[str, Any]) -> bool:
    """Whether a report makes an alarm."""
    return bool(found["status"] == DRIFTED)


def shifts(table: Table) -> list[tuple[str, str]]:
    """Return which shift each feature can have: ``mean``, ``category``, ``nulls``.

    A mean needs a number that varies; a category one of two or more that a fifth of the rows have; nulls a
    feature of which half the rows have a value.
    """
    found = []
    for name, how in table.formats.items():
        column = table.sample.columns[name]
        known = column[~pd.isna(column)]
        if len(known) * 2 >= len(column):
            found.append(("nulls", name))
            if how.type == "numeric" and known.std() > 0:
                found.append(("mean", name))
            if how.type in {"categorical", "boolean"}:
                common = pd.Series(known).value_counts()
                if len(common) > 1 and common.iloc[0] >= SHIFT_SHARE * len(column):
                    found.append(("category", name))
    return found


def shifted(kind: str, name: str, table: Table, window: Sample, generator: np.random.Generator) -> Sample:
    """Return a window with one feature moved.

    By half a standard deviation of the training; with its most frequent category written as the second; or
    with a fifth of its values gone.
    """
    column = window.columns[name].copy()
    of_training = table.sample.columns[name]
    known = of_training[~pd.isna(of_training)]
    match kind:
        case "mean":
            column = column + SHIFT_DEVIATIONS * float(known.std())
        case "category":
            first, second = pd.Series(known).value_counts().index[:2]
            column[column == first] = second
        case _:
            gone = generator.random(len(column)) < SHIFT_SHARE
            column[gone] = None if column.dtype == object else np.nan
    return window.moved(name, column)
