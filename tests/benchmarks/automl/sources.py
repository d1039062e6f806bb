"""The sets: real files with fixed splits where they are at hand, else those that scikit-learn ships."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split

from tests.benchmarks.automl.csv_bytes import cut, text
from tests.benchmarks.automl.scores import label

MANIFEST = "data/MANIFEST.csv"
OWN = ("breast_cancer", "diabetes", "digits", "iris", "wine")
TEST_SHARE = 0.25
# A class of so many rows has one that tests.
FEWEST = 4
TARGET = "target"


@dataclass(frozen=True)
class DataSet:
    """A set as files: what a tool gets, and what it must not see.

    Parameters
    ----------
    name
        What it is called in the results.
    target, regression
        The column to predict, and whether it is a number; every tool is told both.
    train, test
        The files' bytes; the test file's cells of the target are empty.
    truth
        The target of the test rows, in file order.
    """

    name: str
    target: str
    regression: bool
    train: bytes
    test: bytes
    truth: list[str]


class SplitError(ValueError):
    """A split that does not belong to its file."""


def names(folder: Path) -> list[str]:
    """Return what sets there are: those of the folder's manifest, or scikit-learn's."""
    return list(_manifest(folder)) or list(OWN)


def load(folder: Path, name: str, seed: int | None = None) -> DataSet:
    """Return a set, by a name that :func:`names` gave.

    Parameters
    ----------
    folder
        Of the sets.
    name
        Of the set.
    seed
        Where there is one, a quarter of the training rows is drawn by it to be tested, and the test rows
        are left out: a set of its own, called by both.
    """
    entry = _manifest(folder).get(name)
    if entry is None:
        return own(name, seed)
    regression = entry["task"] == "regression"
    parts: dict[str, list[int]] = {"train": [], "test": []}
    expected: dict[int, str] = {}
    with (folder / "splits" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            parts[row["part"]].append(int(row["row"]))
            expected[int(row["row"])] = row["y"]
    if seed is not None:
        name, parts = f"{name}/{seed}", drawn(parts["train"], expected, seed, regression=regression)
    data = (folder / entry["file"]).read_bytes()
    return split(name, data, entry["target"], parts, expected, regression=regression)


def drawn(rows: list[int], expected: dict[int, str], seed: int, *, regression: bool) -> dict[str, list[int]]:
    """Return rows that train and rows that test, each in their given order, classes in their shares.

    A class of fewer rows than can be shared out is drawn with the most frequent one.
    """
    counts = Counter(expected[row] for row in rows)
    rest = counts.most_common(1)[0][0]
    strata = [expected[row] if counts[expected[row]] >= FEWEST else rest for row in rows]
    _, test = train_test_split(
        rows, test_size=TEST_SHARE, random_state=seed, stratify=None if regression else strata
    )
    tests = set(test)
    return {"train": [row for row in rows if row not in tests], "test": [row for row in rows if row in tests]}


def split(
    name: str,
    data: bytes,
    target: str,
    parts: dict[str, list[int]],
    expected: dict[int, str],
    *,
    regression: bool,
) -> DataSet:
    """Cut a file by row numbers.

    Raises
    ------
    SplitError
        When the split's targets are not those of the file's rows.
    """
    records = cut(data)
    column = [text(field) for field in records.header].index(target)
    wrong = [row for row, y in expected.items() if label(text(records.rows[row][column])) != label(y)]
    if wrong:
        raise SplitError(f"{name}: row {wrong[0]} of the split is not that of the file")
    return DataSet(
        name,
        target,
        regression,
        records.write(parts["train"]),
        records.write(parts["test"], blank=column),
        [expected[row] for row in parts["test"]],
    )


def own(name: str, seed: int | None = None) -> DataSet:
    """Return one of scikit-learn's sets with a fixed split, or with one of the training rows by a seed."""
    bunch = getattr(datasets, f"load_{name}")()
    regression = not hasattr(bunch, "target_names")
    targets = bunch.target if regression else np.asarray(bunch.target_names)[bunch.target]
    lines = [",".join((*bunch.feature_names, TARGET))]
    lines += [",".join(map(str, (*row, y))) for row, y in zip(bunch.data.tolist(), targets, strict=True)]
    train, test = train_test_split(
        np.arange(len(targets)),
        test_size=TEST_SHARE,
        random_state=0,
        stratify=None if regression else targets,
    )
    expected = {row: str(y) for row, y in enumerate(targets)}
    parts = {"train": train.tolist(), "test": test.tolist()}
    if seed is not None:
        name, parts = f"{name}/{seed}", drawn(parts["train"], expected, seed, regression=regression)
    return split(name, ("\n".join(lines) + "\n").encode(), TARGET, parts, expected, regression=regression)


def reference(folder: Path) -> Iterator[dict[str, str]]:
    """Yield what others measured on the folder's sets, to be shown beside our figures, never among them."""
    path = folder / "peers.csv"
    if path.is_file():
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["name"]: row for row in csv.DictReader(file)}
