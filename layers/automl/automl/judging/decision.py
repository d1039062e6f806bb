"""Which class is answered: weights on the probabilities, tuned for metrics of labels."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget
from automl.judging.crosscheck import checked_rows, holds
from automl.judging.metrics import LABEL_METRICS, confusion, label_metric
from automl.judging.weighting import weighted

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]

THRESHOLDS = 200
ROUNDS = 2
FACTORS = (0.5, 0.7, 0.85, 1.2, 1.4, 2.0)
SMALLEST = 1e-12


@dataclass(frozen=True)
class Decision:
    """The rule ``label = argmax(probabilities * weights)``.

    Parameters
    ----------
    metric
        What the weights were tuned for.
    weights
        One for each class; all are 1 where the most probable class is answered. Class weights are in them.
    gain
        By how much the metric rose over the most probable class, on rows that the weights were not tuned on.
    wins
        The share of folds in which it rose.
    """

    metric: str
    weights: list[float]
    gain: float = 0.0
    wins: float = 0.0

    @property
    def tuned(self) -> bool:
        """Whether the rule differs from the most probable class."""
        return any(weight != 1.0 for weight in self.weights)

    @property
    def threshold(self) -> float | None:
        """Return the probability of the second of two classes from which on it is answered."""
        if len(self.weights) != 2:
            return None
        return self.weights[0] / (self.weights[0] + self.weights[1])

    def to_json(self) -> dict[str, Any]:
        """Return the rule as JSON-able data."""
        return {**asdict(self), "threshold": self.threshold}

    def decide(self, probabilities: FloatArray) -> IntArray:
        """Return the class of each row."""
        return decide(probabilities, np.array(self.weights))


def decide(probabilities: FloatArray, weights: FloatArray) -> IntArray:
    """Return the class with the highest weighted probability."""
    chosen: IntArray = (probabilities * weights).argmax(axis=1).astype(np.int64)
    return chosen


def tune(
    metric: str,
    y: IntArray,
    probabilities: FloatArray,
    parts: IntArray | None = None,
    budget: Budget | None = None,
    class_weights: FloatArray | None = None,
) -> Decision:
    """Return the decision rule for a metric, from out-of-fold probabilities.

    Class weights are where it starts from: without tuning, the answer is the class that is the most probable
    among rows that count by them, which loses least where a row that is missed costs its weight.

    For plug-in rules of this form see Koyejo et al. (2014) and Narasimhan et al. (2015). The weights are
    tuned on all folds but one and tried on that one, in turn; they are kept where the metric rises in most
    folds, and by more than noise on average.

    Parameters
    ----------
    metric
        Of the weights of metrics of probabilities all are 1.
    y
        Class indices.
    probabilities
        Of models that did not see the row.
    parts
        The fold of each row, ``NO_PART`` for rows without out-of-fold probabilities.
    budget
        When it ends, nothing more is tuned.
    class_weights
        How much a row of each class counts; the probabilities are those of the rows as they are.
    """
    classes = probabilities.shape[1]
    start = (
        np.ones(classes) if class_weights is None else class_weights / np.exp(np.log(class_weights).mean())
    )
    plain = Decision(metric, start.tolist())
    if metric not in LABEL_METRICS:
        return plain
    rows, parts = checked_rows(y, classes, parts)
    y, probabilities = y[rows], probabilities[rows]
    counts = np.ones(classes)
    if class_weights is not None:
        counts, probabilities = class_weights, weighted(probabilities, class_weights)
    gains = []
    for fold in np.unique(parts):
        if budget is not None and budget.expired():
            return plain
        judged = parts == fold
        weights = _best_weights(metric, y[~judged], probabilities[~judged], counts)
        before = _counted(y[judged], probabilities[judged].argmax(axis=1), counts)
        after = _counted(y[judged], decide(probabilities[judged], weights), counts)
        gains.append(float(label_metric(metric, after) - label_metric(metric, before)))
    if not holds(gains):
        return plain
    wins = float(np.mean(np.array(gains) > 0))
    tuned = start * _best_weights(metric, y, probabilities, counts)
    return Decision(metric, tuned.tolist(), float(np.mean(gains)), wins)


def _counted(y: IntArray, chosen: IntArray, counts: FloatArray) -> FloatArray:
    """Return the confusion matrix of rows that count by their classes."""
    return confusion(y, chosen, len(counts)) * counts[:, None]


def _best_weights(metric: str, y: IntArray, probabilities: FloatArray, counts: FloatArray) -> FloatArray:
    if probabilities.shape[1] == 2:
        threshold = best_threshold(metric, y, probabilities[:, 1], counts)
        return np.array([2 * threshold, 2 * (1 - threshold)])
    return _ascend(metric, y, probabilities, counts)


def thresholds_of(y: IntArray, scores: FloatArray, most: int = THRESHOLDS) -> FloatArray:
    """Return thresholds between the scores, at even shares of the rows of each class, and one half.

    At even shares of all rows hardly any would stand where a rare class does.
    """
    shares = np.linspace(0, 1, max(2, most // 2))
    known = [scores[y == label] for label in (0, 1) if (y == label).any()]
    levels = np.concatenate([np.quantile(mine, shares, method="nearest") for mine in known])
    distinct = np.unique(scores)
    # Between neighbours: on a score itself, rounding would decide.
    below = np.unique(np.searchsorted(distinct, levels)).clip(max=len(distinct) - 2)
    between = (distinct[below] + distinct[below + 1]) / 2 if len(distinct) > 1 else distinct[:0]
    return np.unique([*between, 0.5])


def threshold_matrices(y: IntArray, scores: FloatArray, thresholds: FloatArray) -> IntArray:
    """Return the confusion matrix of each threshold: the second class is answered above it."""
    cells = []
    for label in (0, 1):
        mine = np.sort(scores[y == label])
        below = np.searchsorted(mine, thresholds, side="right")
        cells.append(np.stack([below, len(mine) - below], axis=-1))
    matrices: IntArray = np.stack(cells, axis=-2).astype(np.int64)
    return matrices


def best_threshold(metric: str, y: IntArray, scores: FloatArray, counts: FloatArray | None = None) -> float:
    """Return the threshold of the second class with the highest metric, the nearest to one half.

    ``counts`` is how much a row of each class counts.
    """
    thresholds = thresholds_of(y, scores)
    matrices = threshold_matrices(y, scores, thresholds)
    values = label_metric(metric, matrices if counts is None else matrices * counts[:, None])
    best = thresholds[values >= values.max() - SMALLEST]
    chosen = float(best[np.abs(best - 0.5).argmin()])
    return min(max(chosen, SMALLEST), 1 - SMALLEST)


def _ascend(metric: str, y: IntArray, probabilities: FloatArray, counts: FloatArray) -> FloatArray:
    """Return weights by coordinate ascent from the best of three beginnings."""
    rows, classes = probabilities.shape
    priors = np.maximum(np.bincount(y, minlength=classes), 1) / rows
    starts = [np.ones(classes), 1 / np.sqrt(priors * classes), 1 / (priors * classes)]
    values = [
        float(label_metric(metric, _counted(y, decide(probabilities, start), counts))) for start in starts
    ]
    weights, best = starts[int(np.argmax(values))].copy(), max(values)
    for _ in range(ROUNDS):
        before = best
        for label in range(classes):
            weighted = probabilities * weights
            mine = weighted[:, label].copy()
            weighted[:, label] = -1.0
            rival = weighted.argmax(axis=1)
            bar = weighted[np.arange(rows), rival]
            tried = [_counted(y, np.where(mine * factor > bar, label, rival), counts) for factor in FACTORS]
            figures = label_metric(metric, np.array(tried))
            if figures.max() > best + SMALLEST:
                best = float(figures.max())
                weights[label] *= FACTORS[int(figures.argmax())]
        if best <= before + SMALLEST:
            break
    scaled: FloatArray = weights / np.exp(np.log(weights).mean())
    return scaled
