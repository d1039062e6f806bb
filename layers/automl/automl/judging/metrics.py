"""How good predictions are. Every figure is finite or None."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.config import AUTO, CLASSIFICATION
from automl.errors import DataError
from automl.judging.weighting import weighted

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]

SMALLEST_PROBABILITY = 1e-15
# What is computed from labels alone, so that a decision rule can be tuned for it; more is better in all.
LABEL_METRICS = (
    "accuracy",
    "balanced_accuracy",
    "precision_macro",
    "precision_weighted",
    "recall_macro",
    "recall_weighted",
    "f1_macro",
    "f1_weighted",
    "mcc",
)
# Metric -> whether more is better.
CLASSIFICATION_METRICS = {
    **dict.fromkeys(LABEL_METRICS, True),
    "roc_auc": True,
    "average_precision": True,
    "log_loss": False,
    "brier": False,
}
REGRESSION_METRICS = {
    "mae": False,
    "mse": False,
    "rmse": False,
    "r2": True,
    "mape": False,
    "median_ae": False,
}
AUTO_METRIC = {CLASSIFICATION: "log_loss"}


def resolve_metric(metric: str, task: str, y: NDArray[np.generic] | None = None) -> tuple[str, bool]:
    """Return the metric to decide by and whether more is better.

    Raises
    ------
    DataError
        When the metric does not suit the task, or the target ``y``.
    """
    known = CLASSIFICATION_METRICS if task == CLASSIFICATION else REGRESSION_METRICS
    name = AUTO_METRIC.get(task, "rmse") if metric == AUTO else metric
    if name not in known:
        raise DataError(
            "unknown_metric", f"The metric {name!r} does not suit {task}: choose one of {', '.join(known)}."
        )
    if name == "mape" and y is not None and bool((y.astype(np.float64) == 0).any()):
        raise DataError(
            "unknown_metric",
            "The metric 'mape' divides by the target, which is zero in some rows: choose mae or median_ae.",
        )
    return name, known[name]


def evaluate(
    task: str,
    y: NDArray[np.generic],
    predicted: FloatArray,
    classes: list[str],
    labels: IntArray | None = None,
    positive: int = 1,
) -> dict[str, Any]:
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
    labels
        Class indices as a decision rule chose them; without it, the most probable class.
    positive
        Of two classes, the one whose average precision is meant.
    """
    if task == CLASSIFICATION:
        return classification_metrics(y.astype(np.int64), predicted, classes, labels, positive)
    return regression_metrics(y.astype(np.float64), predicted[:, 0])


def measure(  # noqa: PLR0917  # as evaluate, and the weights
    metric: str,
    task: str,
    y: NDArray[np.generic],
    predicted: FloatArray,
    labels: IntArray | None = None,
    positive: int = 1,
    class_weights: FloatArray | None = None,
) -> float | None:
    """Return one metric by the shortest way to it, on rows that count by their classes if so told.

    ``predicted`` are the probabilities of the rows as they are. The area under the ROC curve compares rows of
    one class with those of others, whose shares among each other are not weighted.
    """
    if task != CLASSIFICATION:
        if metric == "rmse":
            return math.sqrt(float(np.mean((y.astype(np.float64) - predicted[:, 0]) ** 2)))
        figure: float | None = regression_metrics(y.astype(np.float64), predicted[:, 0])[metric]
        return figure
    truth = y.astype(np.int64)
    weights = None
    if class_weights is not None:
        predicted, weights = weighted(predicted, class_weights), class_weights[truth]
    if metric == "average_precision":
        return _average_precision(truth, predicted, positive, weights)
    if metric in PROBABILITY_METRICS:
        return PROBABILITY_METRICS[metric](truth, predicted, weights)
    chosen = predicted.argmax(axis=1) if labels is None else labels
    matrix = confusion(truth, chosen, predicted.shape[1])
    return float(label_metric(metric, matrix if class_weights is None else matrix * class_weights[:, None]))


def classification_metrics(
    y: IntArray,
    probabilities: FloatArray,
    classes: list[str],
    labels: IntArray | None = None,
    positive: int = 1,
) -> dict[str, Any]:
    """Return the metrics of a classifier from its probabilities and, if given, its decided labels."""
    chosen = probabilities.argmax(axis=1) if labels is None else labels
    matrix = confusion(y, chosen, len(classes))
    return {
        **{name: float(label_metric(name, matrix)) for name in LABEL_METRICS},
        "roc_auc": _roc_auc(y, probabilities),
        "average_precision": _average_precision(y, probabilities, positive),
        "log_loss": _log_loss(y, probabilities),
        "brier": _brier(y, probabilities),
        "confusion_matrix": {"labels": list(classes), "matrix": matrix.tolist()},
    }


def confusion(y: IntArray, chosen: IntArray, classes: int) -> IntArray:
    """Return how often each class (row) was called which class (column)."""
    pairs = np.bincount(y * classes + chosen, minlength=classes * classes)
    matrix: IntArray = pairs.reshape(classes, classes).astype(np.int64)
    return matrix


def label_metric(metric: str, matrix: NDArray[np.number[Any]]) -> FloatArray:
    """Return a metric of labels for confusion matrices in the last two axes.

    Averages are over the classes that occur in the truth, as those that do not have no recall; what
    would divide by zero is zero.
    """
    counts = matrix.astype(np.float64)
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    truths, answers = counts.sum(axis=-1), counts.sum(axis=-2)
    total = truths.sum(axis=-1)
    if metric == "accuracy":
        return _ratio(hits.sum(axis=-1), total)
    if metric == "mcc":
        return _mcc(hits.sum(axis=-1), truths, answers, total)
    each = {
        "precision": lambda: _ratio(hits, answers),
        "recall": lambda: _ratio(hits, truths),
        "f1": lambda: _ratio(2 * hits, truths + answers),
    }
    what, _, average = ("recall", "", "macro") if metric == "balanced_accuracy" else metric.partition("_")
    weights = truths if average == "weighted" else (truths > 0).astype(np.float64)
    return _ratio((each[what]() * weights).sum(axis=-1), weights.sum(axis=-1))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    shares: FloatArray = np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below > 0)
    return shares


def _mcc(hits: FloatArray, truths: FloatArray, answers: FloatArray, total: FloatArray) -> FloatArray:
    """Return Matthews' correlation for several classes (Gorodkin 2004)."""
    covariance = total * hits - (truths * answers).sum(axis=-1)
    spread = (total**2 - (truths**2).sum(axis=-1)) * (total**2 - (answers**2).sum(axis=-1))
    return _ratio(covariance, np.sqrt(np.maximum(spread, 0.0)))


def _log_loss(y: IntArray, probabilities: FloatArray, weights: FloatArray | None = None) -> float:
    truly = probabilities[np.arange(len(y)), y] / probabilities.sum(axis=1)
    return float(-np.average(np.log(np.clip(truly, SMALLEST_PROBABILITY, 1.0)), weights=weights))


def _brier(y: IntArray, probabilities: FloatArray, weights: FloatArray | None = None) -> float:
    """Return the squared distance to the truth (Brier 1950), for two classes that of one of them."""
    rows = np.arange(len(y))
    squares = (probabilities**2).sum(axis=1) - 2 * probabilities[rows, y] + 1
    return float(np.average(squares, weights=weights)) / (2 if probabilities.shape[1] == 2 else 1)


def _roc_auc(
    y: IntArray,
    probabilities: FloatArray,
    weights: FloatArray | None = None,  # noqa: ARG001  # one signature for all
) -> float | None:
    """Return the mean one-against-the-rest area over the classes that occur."""
    present = np.unique(y)
    if len(present) < 2:
        return None
    if probabilities.shape[1] == 2:
        return area_under_roc(y == 1, probabilities[:, 1])
    return float(np.mean([area_under_roc(y == label, probabilities[:, label]) for label in present]))


def area_under_roc(member: NDArray[np.bool_], scores: FloatArray) -> float:
    """Return the chance that a member scores above a stranger, ties counting half (Mann and Whitney 1947)."""
    members, strangers = np.sort(scores[member]), np.sort(scores[~member])
    below = np.searchsorted(strangers, members, side="left")
    not_above = np.searchsorted(strangers, members, side="right")
    return float((below + not_above).mean() / (2 * len(strangers)))


def _average_precision(
    y: IntArray, probabilities: FloatArray, positive: int, weights: FloatArray | None = None
) -> float | None:
    """Return the average precision of the positive class, or its mean over all classes that occur."""
    present = np.unique(y)
    if len(present) < 2:
        return None
    if probabilities.shape[1] == 2:
        return average_precision(y == positive, probabilities[:, positive], weights)
    return float(
        np.mean([average_precision(y == label, probabilities[:, label], weights) for label in present])
    )


def average_precision(
    member: NDArray[np.bool_], scores: FloatArray, weights: FloatArray | None = None
) -> float:
    """Return the precision at each threshold, weighted by the gain in recall, without interpolation."""
    true, flagged, _ = threshold_counts(member, scores, weights)
    return float(np.sum(np.diff(true, prepend=0) * true / flagged) / true[-1])


def threshold_counts(
    member: NDArray[np.bool_], scores: FloatArray, weights: FloatArray | None = None
) -> tuple[NDArray[Any], NDArray[Any], FloatArray]:
    """Return how many members and how many rows reach each distinct score, from the top, and the score.

    Rows count by their weights, if there are any.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    if weights is not None:
        counts = weights[order]
        return np.cumsum(counts * member[order])[last], np.cumsum(counts)[last], ranked[last]
    true = np.cumsum(member[order])[last].astype(np.int64)
    return true, (last + 1).astype(np.int64), ranked[last]


PROBABILITY_METRICS: dict[str, Callable[[IntArray, FloatArray, FloatArray | None], float | None]] = {
    "log_loss": _log_loss,
    "brier": _brier,
    "roc_auc": _roc_auc,
}


def regression_metrics(y: FloatArray, predicted: FloatArray) -> dict[str, Any]:
    """Return the metrics of a regressor; ``residual_*`` are of truth minus answer."""
    residuals = y - predicted
    sizes = np.abs(residuals)
    mse = float((residuals**2).mean())
    spread = float(((y - y.mean()) ** 2).mean())
    return {
        "mae": float(sizes.mean()),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "r2": 1 - mse / spread if len(y) > 1 and spread > 0 else None,
        "mape": float(np.mean(sizes / np.abs(y))) if (y != 0).all() else None,
        "median_ae": float(np.median(sizes)),
        "max_error": float(sizes.max()),
        "residual_mean": float(residuals.mean()),
        "residual_std": float(residuals.std()),
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
