"""How predictions are judged; the same for every tool."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

type Scores = dict[str, float | None]

CLASSIFICATION = ("roc_auc", "log_loss", "f1_weighted")
REGRESSION = ("r2", "mae")
LEAST = 1e-15


class UnusableError(ValueError):
    """A file of predictions that cannot be judged."""


def label(text: str) -> str:
    """Return the canonical form of a label: ``1.0``, `` 1`` and ``1`` are one class."""
    stripped = text.strip()
    try:
        number = float(stripped)
    except ValueError:
        return stripped
    return str(int(number)) if math.isfinite(number) and number.is_integer() else stripped


@dataclass(frozen=True)
class Answers:
    """What a tool answered for the test rows, in their order.

    Parameters
    ----------
    predictions
        As written.
    labels
        The classes that have a column of probabilities.
    probabilities
        Rows x labels.
    """

    predictions: NDArray[np.str_]
    labels: list[str]
    probabilities: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp]) -> "Answers":
        """Return the answers for some rows, which may repeat."""
        return Answers(self.predictions[rows], self.labels, self.probabilities[rows])


def read(path: Path, count: int) -> Answers:
    """Read a file ``row,prediction,p_<label>...`` of so many test rows, counted from 0.

    Raises
    ------
    UnusableError
        When a row lacks a prediction.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = {int(row["row"]): row for row in csv.DictReader(file)}
    lost = [number for number in range(count) if number not in rows]
    if lost:
        raise UnusableError(f"{len(lost)} of {count} test rows have no prediction")
    answers = [rows[number] for number in range(count)]
    names = [name for name in answers[0] if name.startswith("p_")]
    return Answers(
        np.array([answer["prediction"] for answer in answers]),
        [name[2:] for name in names],
        np.array([[float(answer[name] or 0) for name in names] for answer in answers]),
    )


def score(answers: Answers, truth: Sequence[str], *, regression: bool) -> Scores:
    """Judge answers for the test rows.

    Raises
    ------
    UnusableError
        When a number is not finite.
    """
    if regression:
        return judge_numbers(truth, answers.predictions)
    return judge_classes(truth, answers.predictions, answers.labels, answers.probabilities)


def judge_numbers(truth: Sequence[str], predictions: Sequence[str]) -> Scores:
    """Return R2 and the mean absolute error."""
    expected, given = np.array(truth, dtype=float), np.array(predictions, dtype=float)
    if not np.isfinite(given).all():
        raise UnusableError(f"{int((~np.isfinite(given)).sum())} predictions are not finite")
    return {
        "r2": float(metrics.r2_score(expected, given)),
        "mae": float(metrics.mean_absolute_error(expected, given)),
    }


def judge_classes(
    truth: Sequence[str],
    predictions: Sequence[str],
    labels: Sequence[str],
    probabilities: NDArray[np.float64],
) -> Scores:
    """Return the weighted F1, the log-loss and the mean one-vs-rest ROC AUC of the classes in the truth.

    A label without a column of probabilities counts as given 1e-15. Without columns at all there are
    neither log-loss nor ROC AUC.
    """
    expected = np.array([label(text) for text in truth])
    given = np.array([label(text) for text in predictions])
    f1 = float(metrics.f1_score(expected, given, average="weighted", zero_division=0))
    if not labels:
        return {"roc_auc": None, "log_loss": None, "f1_weighted": f1}
    shares = np.where(np.isfinite(probabilities), probabilities, 0.0).clip(LEAST)
    shares /= shares.sum(axis=1, keepdims=True)
    column = {label(text): index for index, text in enumerate(labels)}
    hits = np.array(
        [shares[row, column[name]] if name in column else LEAST for row, name in enumerate(expected)]
    )
    areas = [
        metrics.roc_auc_score(expected == name, shares[:, column[name]])
        for name in np.unique(expected)
        if name in column and not (expected == name).all()
    ]
    return {
        "roc_auc": float(np.mean(areas)) if areas else None,
        "log_loss": float(-np.log(hits.clip(LEAST)).mean()),
        "f1_weighted": f1,
    }
