"""How good predictions are. Every figure is finite or None."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    precision_recall_fscore_support,
    r2_score,
    roc_auc_score,
)

from automl.config import AUTO, CLASSIFICATION
from automl.errors import DataError

type FloatArray = NDArray[np.float64]

SMALLEST_PROBABILITY = 1e-15
# Metric -> whether more is better.
CLASSIFICATION_METRICS = {
    "accuracy": True,
    "balanced_accuracy": True,
    "precision_macro": True,
    "precision_weighted": True,
    "recall_macro": True,
    "recall_weighted": True,
    "f1_macro": True,
    "f1_weighted": True,
    "roc_auc": True,
    "log_loss": False,
    "mcc": True,
}
REGRESSION_METRICS = {"mae": False, "mse": False, "rmse": False, "r2": True, "mape": False}
AUTO_METRIC = {CLASSIFICATION: "log_loss"}


def resolve_metric(metric: str, task: str) -> tuple[str, bool]:
    """Return the metric to decide by and whether more is better.

    Raises
    ------
    DataError
        When the metric does not suit the task.
    """
    known = CLASSIFICATION_METRICS if task == CLASSIFICATION else REGRESSION_METRICS
    name = AUTO_METRIC.get(task, "rmse") if metric == AUTO else metric
    if name not in known:
        raise DataError(
            "unknown_metric", f"The metric {name!r} does not suit {task}: choose one of {', '.join(known)}."
        )
    return name, known[name]


def evaluate(task: str, y: NDArray[np.generic], predicted: FloatArray, classes: list[str]) -> dict[str, Any]:
    """Return every metric of the task.

    Parameters
    ----------
    task
        Classification or regression.
    y
        Class indices, or numbers.
    predicted
        Class probabilities, or one column of numbers.
    classes
        The labels of the classes, empty for regression.
    """
    if task == CLASSIFICATION:
        return classification_metrics(y.astype(np.int64), predicted, classes)
    return regression_metrics(y.astype(np.float64), predicted[:, 0])


def measure(metric: str, task: str, y: NDArray[np.generic], predicted: FloatArray) -> float | None:
    """Return one metric; those that decide by default take the shortest way to it."""
    match metric:
        case "log_loss":
            return _log_loss(y.astype(np.int64), predicted)
        case "roc_auc":
            return _roc_auc(y.astype(np.int64), predicted, np.unique(y.astype(np.int64)))
        case "rmse":
            return math.sqrt(float(np.mean((y.astype(np.float64) - predicted[:, 0]) ** 2)))
        case _:
            classes = [str(label) for label in range(predicted.shape[1])]
            figure: float | None = evaluate(task, y, predicted, classes)[metric]
            return figure


def classification_metrics(
    y: NDArray[np.int64], probabilities: FloatArray, classes: list[str]
) -> dict[str, Any]:
    """Return the metrics of a classifier from its probabilities."""
    chosen = probabilities.argmax(axis=1)
    matrix = confusion_matrix(y, chosen, labels=np.arange(len(classes)))
    present = np.unique(y)
    members = matrix.sum(axis=1)[present]
    metrics: dict[str, Any] = {
        "accuracy": float((chosen == y).mean()),
        "balanced_accuracy": float((matrix[present, present] / members).mean()),
    }
    for average in ("macro", "weighted"):
        scores = precision_recall_fscore_support(y, chosen, labels=present, average=average, zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), scores, strict=False):
            metrics[f"{name}_{average}"] = float(value)
    metrics |= {
        "roc_auc": _roc_auc(y, probabilities, present),
        "log_loss": _log_loss(y, probabilities),
        "mcc": _mcc(matrix.astype(np.float64)),
        "confusion_matrix": {"labels": list(classes), "matrix": matrix.tolist()},
    }
    return metrics


def _log_loss(y: NDArray[np.int64], probabilities: FloatArray) -> float:
    truly = probabilities[np.arange(len(y)), y] / probabilities.sum(axis=1)
    return float(-np.log(np.clip(truly, SMALLEST_PROBABILITY, 1.0)).mean())


def _roc_auc(y: NDArray[np.int64], probabilities: FloatArray, present: NDArray[np.int64]) -> float | None:
    """Return the mean one-against-the-rest area over the classes that occur."""
    if len(present) < 2:
        return None
    if probabilities.shape[1] == 2:
        return float(roc_auc_score(y == 1, probabilities[:, 1]))
    return float(np.mean([roc_auc_score(y == label, probabilities[:, label]) for label in present]))


def _mcc(matrix: FloatArray) -> float:
    """Return Matthews' correlation, zero where all truths or all answers are one class."""
    truths, answers, total = matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum()
    covariance = total * np.trace(matrix) - truths @ answers
    spread = (total**2 - truths @ truths) * (total**2 - answers @ answers)
    return float(covariance / np.sqrt(spread)) if spread > 0 else 0.0


def regression_metrics(y: FloatArray, predicted: FloatArray) -> dict[str, Any]:
    """Return the metrics of a regressor."""
    mse = float(mean_squared_error(y, predicted))
    return {
        "mae": float(mean_absolute_error(y, predicted)),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "r2": float(r2_score(y, predicted)) if len(y) > 1 and np.ptp(y) > 0 else None,
        "mape": float(np.mean(np.abs((y - predicted) / y))) if (y != 0).all() else None,
    }


def summarise(folds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return mean and ``<metric>_std`` over folds; confusion matrices are added up."""
    summary: dict[str, Any] = {}
    for name in folds[0]:
        values = [fold[name] for fold in folds]
        if name == "confusion_matrix":
            total = np.sum([value["matrix"] for value in values], axis=0)
            summary[name] = {"labels": values[0]["labels"], "matrix": total.tolist()}
            continue
        known = [value for value in values if value is not None]
        summary[name] = float(np.mean(known)) if known else None
        summary[f"{name}_std"] = float(np.std(known)) if known else None
    return summary
