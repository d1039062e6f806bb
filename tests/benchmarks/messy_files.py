"""Train, predict and score on messy files beside the clean files of the same tables.

``PYTHONPATH=.:layers/automl:layers/scoring python tests/benchmarks/messy_files.py [--budget 8] [--kinds
"CR" ...] [--sets generated ...]``. Every kind of mess is tried on a generated table and on one of
scikit-learn's. Both files are given to ``python -m automl fit`` with the same seed, rows and budget,
held-out rows in the same mess to ``predict``; the score is ROC AUC (one class against the others) or R2.
Then files to predict that differ from the training file: a column is missing, another one is there, names,
order and dialect are changed, a cell is bad. Results go to ``results/messy.json``.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.metrics import r2_score, roc_auc_score

import automl
from tests.benchmarks.mess import KINDS, Kind
from tests.benchmarks.sheets import Sheet, generated, of_frame, text_of, written

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).parent / "results" / "messy.json"
ALLOWED = 0.02
TEST_SHARE = 0.3
SEED = 0
USUAL = {"encoding": "utf-8", "delimiter": ",", "decimal": ".", "quotes": "paired", "header": True}


@dataclass(frozen=True)
class Outcome:
    """What a model scored, or why there is no score."""

    score: float | None
    error: str = ""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=8.0, help="seconds for each training")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS), metavar="KIND")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.budget)
        rows = [row for name in options.kinds for row in bench.kind(name, options.sets)]
        rows += bench.differing_rows()
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "budget_seconds": options.budget,
        "allowed_difference": ALLOWED,
        "crashes": sum(row["crashed"] for row in rows),
        "beyond": sum(bool(row["reason"]) for row in rows),
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    say(f"{len(rows)} rows, {results['crashes']} crashes, {results['beyond']} beyond {ALLOWED}")


def say(line: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _of_sklearn(load: Callable[..., Any], *, labels: bool) -> Sheet:
    bunch = load(as_frame=True)
    frame = bunch.frame.rename(columns={"target": "goal"})
    if labels:
        frame["goal"] = np.asarray(bunch.target_names)[frame["goal"]]
    return of_frame(frame, "goal")


SETS: dict[str, Callable[[], Sheet]] = {
    "generated": lambda: generated(900),
    "diabetes": lambda: _of_sklearn(datasets.load_diabetes, labels=False),
    "wine": lambda: _of_sklearn(datasets.load_wine, labels=True),
    "breast_cancer": lambda: _of_sklearn(datasets.load_breast_cancer, labels=True),
}


def split(sheet: Sheet) -> tuple[Sheet, Sheet]:
    """Return the rows to train on and the held-out ones."""
    order = np.random.default_rng(SEED).permutation(len(sheet.rows))
    held = set(order[: int(TEST_SHARE * len(order))].tolist())
    train = [row for at, row in enumerate(sheet.rows) if at not in held]
    return replace(sheet, rows=train), replace(sheet, rows=[sheet.rows[at] for at in sorted(held)])


def score(answers: Path, truth: list[str]) -> Outcome:
    """Return how good the predictions of a file are."""
    with answers.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if len(rows) != len(truth):
        return Outcome(None, f"{len(rows)} predictions for {len(truth)} rows")
    if header[2:] == []:
        return Outcome(float(r2_score(np.array(truth, dtype=float), [float(row[1]) for row in rows])))
    labels = [name.removeprefix("p_") for name in header[2:]]
    shares = np.array([row[2:] for row in rows], dtype=float)
    areas = [roc_auc_score(np.array(truth) == label, shares[:, at]) for at, label in enumerate(labels)]
    return Outcome(float(np.mean(areas)))


class Bench:
    """Trains and predicts through the command line.

    Parameters
    ----------
    folder
        For files and models.
    budget
        Seconds for each training.
    """

    def __init__(self, folder: Path, budget: float) -> None:
        self.folder = folder
        self.budget = budget
        self._clean: dict[bytes, Outcome] = {}

    def kind(self, name: str, sets: list[str]) -> list[dict[str, Any]]:
        """Return the rows of one kind of mess: on the generated table, and on one of the others."""
        others = [other for other in sets if other != "generated"]
        turn = list(KINDS).index(name)
        chosen = (
            [*(one for one in sets if one == "generated"), *others[turn % len(others) :][:1]]
            if others
            else sets
        )
        return [row for data in chosen if (row := self._row(name, KINDS[name], data)) is not None]

    def _row(self, name: str, kind: Kind, data: str) -> dict[str, Any] | None:
        whole = SETS[data]()
        if data != "generated" and kind.make(whole) == written(whole):
            return None
        train, test = split(whole)
        meant = kind.meant(test)
        truth = [row[meant.target] for row in meant.rows]
        plain = written(kind.meant(train))
        if plain not in self._clean:
            self._clean[plain] = self._run(plain, written(meant), meant.target, truth)
        messy = self._run(kind.make(train), kind.make(test), meant.target, truth)
        return _entry(name, data, self._clean[plain], messy, _reported(self.folder / "train.csv"))

    def _run(self, train: bytes, test: bytes, target: int, truth: list[str]) -> Outcome:
        path, rows, model = self.folder / "train.csv", self.folder / "test.csv", self.folder / "model"
        path.write_bytes(train)
        rows.write_bytes(test)
        try:
            name = str(automl.read_csv(path).frame.columns[target])
        except automl.DataError as error:
            return Outcome(None, error.message)
        error = self._call(
            "fit", path, "--target", name, "--budget", self.budget, "--seed", SEED, "--out", model
        )
        return Outcome(None, error) if error else self._predict(model, rows, truth)

    def _predict(self, model: Path, rows: Path, truth: list[str]) -> Outcome:
        answers = self.folder / "answers.csv"
        error = self._call("predict", model, rows, "--out", answers)
        return Outcome(None, error) if error else score(answers, truth)

    def _call(self, *words: object) -> str:
        """Run a command and return its fault: empty, a sentence, or the end of a traceback."""
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}/layers/automl:{ROOT}/layers/scoring"}
        done = subprocess.run(
            [sys.executable, "-m", "automl", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        if done.returncode == 0:
            return ""
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"
        return last if last.startswith("error: ") else f"crash: {last}"

    def differing_rows(self) -> list[dict[str, Any]]:
        """Return how one model takes files that differ from its training file."""
        train, test = split(generated(900))
        truth = [row[test.target] for row in test.rows]
        clean = self._run(written(train), written(test), test.target, truth)
        path, model = self.folder / "differs.csv", self.folder / "model"
        rows = []
        for name, make in DIFFERING.items():
            path.write_bytes(make(test))
            rows.append(
                _entry(f"to predict: {name}", "generated", clean, self._predict(model, path, truth), [])
            )
        return rows


def _entry(name: str, data: str, clean: Outcome, messy: Outcome, reported: list[str]) -> dict[str, Any]:
    difference = None if clean.score is None or messy.score is None else messy.score - clean.score
    reason = messy.error or clean.error
    if not reason and (difference is None or difference < -ALLOWED):
        reason = REASONS.get(name, "not explained")
    entry = {
        "kind": name,
        "data": data,
        "clean": clean.score and round(clean.score, 4),
        "messy": messy.score and round(messy.score, 4),
        "difference": None if difference is None else round(difference, 4),
        "crashed": "crash" in messy.error or "predictions for" in messy.error,
        "reason": reason,
        "reported": reported,
    }
    say("  ".join(f"{entry[key]!s:>{width}}" for key, width in COLUMNS.items()))
    return entry


COLUMNS = {"kind": 40, "data": 14, "clean": 7, "messy": 7, "difference": 8, "reason": 1}
REASONS: dict[str, str] = {}


def _reported(path: Path) -> list[str]:
    """Return what the profile says of a file beside the usual."""
    try:
        report = automl.profile(automl.read_csv(path, min_columns=1))
    except automl.DataError as error:
        return [error.message]
    said = [
        f"{name}: {value!r}"
        for name, value in report["file"].items()
        if name in USUAL and value != USUAL[name]
    ]
    said += [
        f"{name}: {value}"
        for name, value in report["file"].items()
        if name.endswith(("_rows", "_headers")) and value
    ]
    said += sorted({warning["code"] for warning in report["warnings"]})
    return said


def _without(sheet: Sheet, name: str) -> bytes:
    at = sheet.header.index(name)
    rows = [[cell for position, cell in enumerate(row) if position != at] for row in sheet.rows]
    return written(replace(sheet, header=[other for other in sheet.header if other != name], rows=rows))


def _with_bad_cells(sheet: Sheet) -> bytes:
    rows = [row.copy() for row in sheet.rows]
    rows[3][0], rows[7][6], rows[9][7] = "heavy", "someday", "perhaps"
    return written(replace(sheet, rows=rows))


def _reordered(sheet: Sheet) -> bytes:
    rows = [row[::-1] for row in [sheet.header, *sheet.rows]]
    return written(replace(sheet, header=rows[0], rows=rows[1:]))


def _other_dialect(sheet: Sheet) -> bytes:
    commas = sheet.map(sheet.numbers, lambda cell: cell.replace(".", ","))
    days = commas.map(sheet.dates, lambda cell: f"{pd.Timestamp(cell):%d.%m.%Y}")
    upper = days.rename([f" {name.upper()} " for name in days.header])
    return text_of(upper, ";", "\r\n").encode("utf-16")


DIFFERING: dict[str, Callable[[Sheet], bytes]] = {
    "a missing column": lambda sheet: _without(sheet, "salary"),
    "without the target": lambda sheet: _without(sheet, "sold"),
    "an extra column": lambda sheet: written(
        replace(sheet, header=["extra", *sheet.header], rows=[["7", *row] for row in sheet.rows])
    ),
    "columns in another order": _reordered,
    "bad cells": _with_bad_cells,
    "another dialect": _other_dialect,
    "one column empty": lambda sheet: written(sheet.map((4,), lambda _: "")),
}


if __name__ == "__main__":
    main()
