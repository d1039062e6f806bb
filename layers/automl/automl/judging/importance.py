"""What a model's answers depend on, asked of the columns as they stand in the file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.budget import Budget
from automl.config import CLASSIFICATION
from automl.judging.metrics import CLASSIFICATION_METRICS, REGRESSION_METRICS, measure
from automl.table import BOOLEAN, DATE, NUMERIC, TEXT

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]
type Columns = Mapping[str, NDArray[Any]]
type Predict = Callable[[Columns], FloatArray]

# What is tried first that fits into the time: rows, repeats.
PLANS = ((1000, 3), (500, 3), (500, 2), (500, 1), (200, 1))
TIMED_ROWS = 100
# Of the time that is left, the plan may take so much: the estimate is rough.
PLANNED_SHARE = 0.7
CALL_ROWS = 20_000
CALL_CELLS = 2_000_000
TOP_FEATURES = 5
GRID = 20
LEVELS = 10
DEPENDENCE_ROWS = 300
FEWEST_DEPENDENCE_ROWS = 30
MAX_OUTPUTS = 10


def permutation_importance(
    predict: Predict,
    columns: Columns,
    y: NDArray[np.generic],
    task: str,
    metric: str | None = None,
    *,
    budget: Budget,
    seed: int = 0,
) -> dict[str, Any]:
    """Return how much worse the answers become when a column's values are shuffled (Breiman 2001).

    Columns that say the same look unimportant, as one answers for the other (Fisher et al. 2019).

    Parameters
    ----------
    predict
        Raw columns to class probabilities, or to one column of numbers.
    columns
        Raw columns of rows that the model did not learn from.
    y
        Their class indices or numbers.
    task
        Classification or regression.
    metric
        What becomes worse; without it, or where the rows leave it undefined, log-loss or RMSE.
    budget
        Decides how many rows and repeats are used; when it ends, what is known is returned.
    seed
        For rows and shuffles.

    Returns
    -------
    dict
        ``metric``, ``baseline``, ``rows``, ``repeats`` (of each column at least), ``complete``, and
        ``features``, the most important first: ``feature``, ``importance`` (by how much the metric becomes
        worse), ``std`` over repeats (None for one), ``share`` of all importance.
    """
    generator = np.random.default_rng(seed)
    names = list(columns)
    order = generator.permutation(len(y))
    per_row = _seconds_per_row(predict, _take(columns, order[:TIMED_ROWS]), budget)
    size, repeats = _plan(len(y), len(names), per_row, budget)
    rows = order[:size]
    sample, truth = _take(columns, rows), y[rows]
    answers = predict(sample)
    name, sign = _usable_metric(metric, task, truth, answers)

    def loss(given: FloatArray) -> float:
        return sign * float(measure(name, task, truth, given) or 0.0)

    baseline = loss(answers)
    drops: dict[str, list[float]] = {name: [] for name in names}
    together = max(1, min(CALL_ROWS // len(rows), CALL_CELLS // (len(rows) * len(names))))
    batches = [names[first : first + together] for first in range(0, len(names), together)]
    took = 0.0
    for batch in batches * repeats:
        before = budget.elapsed()
        if budget.remaining() <= took:
            break
        shuffled = {name: sample[name][generator.permutation(len(rows))] for name in batch}
        blocks = predict(_stacked(sample, shuffled)).reshape(len(batch), len(rows), -1)
        for name_, block in zip(batch, blocks, strict=True):
            drops[name_].append(loss(block) - baseline)
        took = budget.elapsed() - before
    return {
        "metric": name,
        "baseline": sign * baseline,
        "rows": len(rows),
        "repeats": min(len(values) for values in drops.values()),
        "complete": all(len(values) == repeats for values in drops.values()),
        "features": _ranked({name: values for name, values in drops.items() if values}),
    }


def partial_dependence(
    predict: Predict,
    columns: Columns,
    types: Mapping[str, str],
    features: Sequence[str],
    classes: Sequence[str],
    *,
    budget: Budget,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Return the mean answer when all rows are given the same value of one column (Friedman 2001).

    Parameters
    ----------
    predict, columns, budget, seed
        As for :func:`permutation_importance`.
    types
        The type of each column.
    features
        Columns, the most important first; the first five that are not free text are shown.
    classes
        The labels of the classes, empty for regression.

    Returns
    -------
    list of dict
        ``feature``, ``type``, ``rows``, ``grid`` (numbers, dates as ISO 8601, true and false, or categories)
        and ``series``: ``class`` (None for regression) with the ``mean`` answer at each value of the grid. Of
        two classes the second is shown, of many the ten with the highest mean answer.
    """
    shown = [name for name in features if types[name] != TEXT][:TOP_FEATURES]
    grids = {name: grid for name in shown if len(grid := _grid(columns[name], types[name])) > 1}
    if not grids:
        return []
    order = np.random.default_rng(seed).permutation(len(columns[shown[0]]))
    timed = _take(columns, order[:TIMED_ROWS])
    per_row = _seconds_per_row(predict, timed, budget)
    values = sum(map(len, grids.values()))
    affordable = int(PLANNED_SHARE * budget.remaining() / max(per_row * values, 1e-12))
    sample = _take(columns, order[: min(DEPENDENCE_ROWS, max(FEWEST_DEPENDENCE_ROWS, affordable))])
    found = []
    for name, grid in grids.items():
        if budget.expired():
            break
        means = _means(predict, sample, name, grid)
        found.append(
            {
                "feature": name,
                "type": types[name],
                "rows": len(sample[name]),
                "grid": [_written(value, types[name]) for value in grid],
                "series": _series(means, classes),
            }
        )
    return found


def _take(columns: Columns, rows: NDArray[np.generic]) -> dict[str, NDArray[Any]]:
    return {name: column[rows] for name, column in columns.items()}


def _seconds_per_row(predict: Predict, sample: Columns, budget: Budget) -> float:
    before = budget.elapsed()
    predict(sample)
    return (budget.elapsed() - before) / len(next(iter(sample.values())))


def _plan(rows: int, names: int, per_row: float, budget: Budget) -> tuple[int, int]:
    """Return how many rows and repeats the time permits."""
    left = PLANNED_SHARE * budget.remaining()
    for most, repeats in PLANS:
        size = min(most, rows)
        if size * names * repeats * per_row <= left:
            return size, repeats
    return min(PLANS[-1][0], rows), 1


def _usable_metric(
    metric: str | None, task: str, y: NDArray[np.generic], answers: FloatArray
) -> tuple[str, float]:
    """Return the metric and its sign as a loss."""
    known = CLASSIFICATION_METRICS if task == CLASSIFICATION else REGRESSION_METRICS
    if metric is None or measure(metric, task, y, answers) is None:
        return ("log_loss" if task == CLASSIFICATION else "rmse"), 1.0
    return metric, -1.0 if known[metric] else 1.0


def _stacked(sample: Columns, shuffled: Columns) -> dict[str, NDArray[Any]]:
    """Return the sample once for each shuffled column, which is shuffled there and nowhere else."""
    stacked = {name: np.tile(column, len(shuffled)) for name, column in sample.items()}
    for place, (name, column) in enumerate(shuffled.items()):
        stacked[name][place * len(column) : (place + 1) * len(column)] = column
    return stacked


def _ranked(drops: Mapping[str, list[float]]) -> list[dict[str, Any]]:
    means = {name: float(np.mean(values)) for name, values in drops.items()}
    total = sum(max(0.0, mean) for mean in means.values())
    return [
        {
            "feature": name,
            "importance": means[name],
            "std": float(np.std(drops[name], ddof=1)) if len(drops[name]) > 1 else None,
            "share": max(0.0, means[name]) / total if total > 0 else 0.0,
        }
        for name in sorted(means, key=lambda name: -means[name])
    ]


def _grid(column: NDArray[Any], kind: str) -> NDArray[Any]:
    """Return the values to try: at most 20 numbers at even shares of the rows, the top ten categories."""
    known = column[~pd.isna(column)]
    if kind == BOOLEAN:
        return np.array([0.0, 1.0])
    if kind in {NUMERIC, DATE}:
        distinct = np.unique(known)
        if len(distinct) <= GRID:
            return distinct
        return np.unique(np.quantile(known, np.linspace(0.01, 0.99, GRID), method="nearest"))
    levels: NDArray[Any] = pd.Series(known, dtype=object).value_counts().index[:LEVELS].to_numpy(dtype=object)
    return levels


def _means(predict: Predict, sample: Columns, name: str, grid: NDArray[Any]) -> FloatArray:
    """Return the mean answer at each value, values x outputs, in as few calls as memory permits."""
    rows = len(sample[name])
    together = max(1, CALL_CELLS // (rows * len(sample)))
    means = []
    for first in range(0, len(grid), together):
        values = grid[first : first + together]
        asked = {other: np.tile(column, len(values)) for other, column in sample.items()}
        asked[name] = np.repeat(values, rows)
        means.append(predict(asked).reshape(len(values), rows, -1).mean(axis=1))
    return np.concatenate(means)


def _written(value: Any, kind: str) -> str | float | bool:
    if kind == BOOLEAN:
        return bool(value)
    if kind == DATE:
        return datetime.fromtimestamp(float(value), UTC).replace(tzinfo=None).isoformat()
    return float(value) if kind == NUMERIC else str(value)


def _series(means: FloatArray, classes: Sequence[str]) -> list[dict[str, Any]]:
    if not classes:
        return [{"class": None, "mean": means[:, 0].tolist()}]
    if len(classes) == 2:
        return [{"class": classes[1], "mean": means[:, 1].tolist()}]
    frequent = np.argsort(-means.mean(axis=0), kind="stable")[:MAX_OUTPUTS]
    return [{"class": classes[label], "mean": means[:, label].tolist()} for label in frequent]
