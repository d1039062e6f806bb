"""What a report draws: curves, calibration, thresholds, residuals. JSON-able, small, finite."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.config import CLASSIFICATION
from automl.judging.decision import threshold_matrices, thresholds_of
from automl.judging.intervals import measured
from automl.judging.metrics import (
    area_under_roc,
    average_precision,
    confusion,
    label_metric,
    threshold_counts,
)
from scoring.intervals import Interval

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]

CURVE_POINTS = 100
MAX_CLASSES = 10
CALIBRATION_BINS = 10
THRESHOLD_ROWS = 50
MAX_POINTS = 500
HISTOGRAM_BINS = 30
QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
DIGITS = 6


def report(
    task: str,
    y: NDArray[np.generic],
    predicted: FloatArray,
    classes: list[str],
    *,
    labels: IntArray | None = None,
    positive: int = 1,
    interval: Interval | None = None,
) -> dict[str, Any]:
    """Return what is drawn of predictions.

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
        Of two classes, the one that thresholds are for.
    interval
        Whose coverage is told, for regression.

    Returns
    -------
    dict
        For classes ``confusion_matrix``, ``roc``, ``precision_recall`` and ``calibration`` (one entry for
        each of the ten most frequent classes, of two classes for the positive one), and of two classes
        ``thresholds``. For numbers ``predicted_actual``, ``residual_quantiles``, ``residual_histogram``
        and ``interval``.
    """
    if task == CLASSIFICATION:
        return _of_classes(y.astype(np.int64), predicted, classes, labels, positive)
    return _of_numbers(y.astype(np.float64), predicted[:, 0], interval)


def _of_classes(
    y: IntArray, probabilities: FloatArray, classes: list[str], labels: IntArray | None, positive: int
) -> dict[str, Any]:
    chosen = probabilities.argmax(axis=1) if labels is None else labels
    counts = np.bincount(y, minlength=len(classes))
    two = len(classes) == 2
    drawn = [positive] if two else np.argsort(-counts, kind="stable")[:MAX_CLASSES].tolist()
    # Without members, or with nothing but members, there is no curve.
    drawn = [label for label in drawn if 0 < counts[label] < len(y)]
    content: dict[str, Any] = {
        "confusion_matrix": {
            "labels": list(classes),
            "matrix": confusion(y, chosen, len(classes)).tolist(),
        },
        "roc": [],
        "precision_recall": [],
        "calibration": [],
    }
    for label in drawn:
        member, scores = y == label, probabilities[:, label]
        named = {"class": classes[label]}
        content["roc"].append(named | roc_curve(member, scores))
        content["precision_recall"].append(named | precision_recall_curve(member, scores))
        content["calibration"].append(named | calibration_curve(member, scores))
    if two and drawn:
        member, scores = y == positive, probabilities[:, positive]
        content["thresholds"] = {"class": classes[positive], "rows": threshold_table(member, scores)}
    return content


def roc_curve(member: NDArray[np.bool_], scores: FloatArray) -> dict[str, Any]:
    """Return the share of members against that of strangers which reach each score, at most 100 points."""
    true, flagged, _ = threshold_counts(member, scores)
    members = int(member.sum())
    hits = np.append(0, true) / members
    false = np.append(0, flagged - true) / (len(member) - members)
    kept = _thinned(np.maximum(hits, false))
    return {
        "area": _round(area_under_roc(member, scores)),
        "false_positive_rate": _list(false[kept]),
        "true_positive_rate": _list(hits[kept]),
    }


def precision_recall_curve(member: NDArray[np.bool_], scores: FloatArray) -> dict[str, Any]:
    """Return precision against recall at each score, at most 100 points, and the precision of a guess."""
    true, flagged, _ = threshold_counts(member, scores)
    recall, precision = true / true[-1], true / flagged
    kept = _thinned(recall)
    return {
        "average_precision": _round(average_precision(member, scores)),
        "recall": _list(recall[kept]),
        "precision": _list(precision[kept]),
        "share": _round(float(member.mean())),
    }


def calibration_curve(member: NDArray[np.bool_], scores: FloatArray) -> dict[str, Any]:
    """Return the mean probability and the share of members in ten bins of about equal size.

    The expected calibration error is the mean distance of the two, weighted by rows (Naeini et al. 2015).
    """
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, scores, side="left")
    counts = np.bincount(bins)
    filled = counts > 0
    means = np.bincount(bins, weights=scores)[filled] / counts[filled]
    shares = np.bincount(bins, weights=member)[filled] / counts[filled]
    error = float((np.abs(means - shares) * counts[filled]).sum() / len(scores))
    return {
        "expected_error": _round(error),
        "predicted": _list(means),
        "observed": _list(shares),
        "count": counts[filled].tolist(),
    }


def threshold_table(member: NDArray[np.bool_], scores: FloatArray) -> list[dict[str, float]]:
    """Return what happens at each of about 50 thresholds: a row above it is flagged."""
    y = member.astype(np.int64)
    thresholds = thresholds_of(y, scores, THRESHOLD_ROWS)
    matrices = threshold_matrices(y, scores, thresholds)
    hits, flagged, members = matrices[:, 1, 1], matrices[:, :, 1].sum(axis=1), int(y.sum())
    columns = {
        "precision": hits / np.maximum(flagged, 1),
        "recall": hits / members,
        "f1": 2 * hits / (flagged + members),
        "flagged": flagged / len(y),
        "accuracy": label_metric("accuracy", matrices),
    }
    rows = zip(*(_list(column) for column in columns.values()), strict=True)
    return [
        {"threshold": threshold, **dict(zip(columns, values, strict=True))}
        for threshold, values in zip(thresholds.tolist(), rows, strict=True)
    ]


def _of_numbers(y: FloatArray, predicted: FloatArray, interval: Interval | None) -> dict[str, Any]:
    residuals = y - predicted
    some = np.unique(np.linspace(0, len(y) - 1, min(MAX_POINTS, len(y))).astype(np.int64))
    counts, edges = _histogram(residuals)
    return {
        "predicted_actual": {"actual": y[some].tolist(), "predicted": predicted[some].tolist()},
        "residual_quantiles": {
            f"{share:g}": float(value)
            for share, value in zip(QUANTILES, np.quantile(residuals, QUANTILES), strict=True)
        },
        "residual_histogram": {"edges": edges.tolist(), "count": counts.tolist()},
        "interval": None if interval is None else measured(interval, y, predicted).to_json(),
    }


def _histogram(residuals: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return counts between the outer percentiles; what lies beyond counts in the last bins."""
    low, high = np.quantile(residuals, (QUANTILES[0], QUANTILES[-1]))
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        return np.array([len(residuals)]), np.array([residuals.min(), residuals.max()])
    counts, edges = np.histogram(np.clip(residuals, low, high), bins=HISTOGRAM_BINS, range=(low, high))
    edges[0], edges[-1] = min(low, residuals.min()), max(high, residuals.max())
    return counts.astype(np.int64), edges


def _thinned(along: FloatArray) -> IntArray:
    """Return points that lie evenly along a rising coordinate, the first and the last among them."""
    if len(along) <= CURVE_POINTS:
        return np.arange(len(along))
    wanted = np.linspace(along[0], along[-1], CURVE_POINTS - 2)
    near = np.searchsorted(along, wanted).clip(0, len(along) - 1)
    kept: IntArray = np.unique(np.concatenate([[0], near, [len(along) - 1]])).astype(np.int64)
    return kept


def _round(value: float) -> float:
    return round(value, DIGITS)


def _list(values: NDArray[np.generic]) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), DIGITS).tolist()
    return rounded
