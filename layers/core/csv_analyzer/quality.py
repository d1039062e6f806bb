"""Live quality: what the actual outcomes of predictions say of a version, from counts alone.

Pure functions of counts and of a version's metrics. Counts of any two parts add up to those of the whole, so
that it does not matter in which order, and in how many parts, outcomes come.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from statistics import NormalDist
from typing import Any, Final, Self

from csv_analyzer.gate import GREATER_IS_BETTER
from csv_analyzer.records import Version

# Of fewer outcomes chance alone takes most of a model's quality away, or hides that it went.
LEAST_OUTCOMES: Final = 100
# How many days a window has; the first one with enough outcomes decides. Those of drift; a test holds this.
WINDOWS: Final = (7, 30)
# How much of what a version gains over its naive baseline may go before it is worse.
TOLERATED_SHARE: Final = 0.1
# Of 1,000 reports of a model that is as good as on its holdout, one may say otherwise.
FALSE_ALARMS: Final = 0.001
# Of the interval that is shown with a live figure.
COVERAGE: Final = 0.95
# Squares of larger numbers, and sums of them, would not be finite.
LARGEST_NUMBER: Final = 1e100
# Lifts that are lost, or won, more often than this are told as this: of almost none any loss is a multiple.
LARGEST_SHARE: Final = 1000.0

WORSE, AS_EXPECTED = "worse", "as_expected"
TOO_FEW, NOT_COMPARABLE = "too_few", "not_comparable"
CLASSIFICATION: Final = "classification"

THRESHOLDS: Final = {
    "minimum_outcomes": LEAST_OUTCOMES,
    "share_of_lift": TOLERATED_SHARE,
    "false_alarms": FALSE_ALARMS,
}

type Figures = dict[str, float | None]


@dataclass(frozen=True)
class Confusion:
    """How often which class was predicted where which one came true.

    Parameters
    ----------
    classes : tuple of str
        Those of the model.
    cells : mapping
        Positions of the actual and of the predicted class -> how often; what never occurred is left out.
    """

    classes: tuple[str, ...]
    cells: Mapping[tuple[int, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, classes: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Self:
        """Count pairs of a predicted and an actual class."""
        place = {label: i for i, label in enumerate(classes)}
        return cls(tuple(classes), Counter((place[actual], place[told]) for told, actual in pairs))

    @classmethod
    def of_holdout(cls, matrix: Mapping[str, Any]) -> Self:
        """Read the confusion matrix that a version's metrics hold."""
        rows = enumerate(matrix["matrix"])
        cells = {(i, j): int(count) for i, row in rows for j, count in enumerate(row) if count}
        return cls(tuple(matrix["labels"]), cells)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild what :meth:`to_json` wrote."""
        cells = {(actual, told): count for actual, told, count in content["cells"]}
        return cls(tuple(content["classes"]), cells)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON-able data."""
        cells = [[*place, count] for place, count in sorted(self.cells.items())]
        return {"classes": list(self.classes), "cells": cells}

    def __add__(self, other: Self) -> Self:
        return type(self)(self.classes, Counter(self.cells) + Counter(other.cells))

    @property
    def count(self) -> int:
        """How many outcomes there are."""
        return sum(self.cells.values())

    def figures(self) -> Figures:
        """Return the metrics of labels.

        As the engine has them (a test holds both together): averages are over the classes that occur in the
        truth, and what would divide by zero is zero.
        """
        each = self.by_class()
        truths = {label: entry["outcomes"] for label, entry in each.items()}
        total, hits = self.count, sum(self._hits().values())

        def mean(name: str, weights: Mapping[str, float]) -> float:
            return _ratio(sum(each[label][name] * weights[label] for label in each), sum(weights.values()))

        occurring = {label: float(count > 0) for label, count in truths.items()}
        averages = {
            f"{name}_{average}": mean(name, weights)
            for name in ("precision", "recall", "f1")
            for average, weights in (("macro", occurring), ("weighted", truths))
        }
        return {
            "accuracy": _ratio(hits, total),
            "balanced_accuracy": averages["recall_macro"],
            **averages,
            "mcc": self._mcc(hits, total),
        }

    def by_class(self) -> dict[str, dict[str, Any]]:
        """Return precision, recall and F1 of each class, and how often it was predicted and came true."""
        hits, truths, told = self._hits(), self._sums(0), self._sums(1)
        return {
            label: {
                "outcomes": truths[i],
                "predicted": told[i],
                "precision": _ratio(hits[i], told[i]),
                "recall": _ratio(hits[i], truths[i]),
                "f1": _ratio(2 * hits[i], truths[i] + told[i]),
            }
            for i, label in enumerate(self.classes)
        }

    def _hits(self) -> Counter[int]:
        return Counter({i: count for (i, j), count in self.cells.items() if i == j})

    def _sums(self, axis: int) -> Counter[int]:
        sums: Counter[int] = Counter()
        for place, count in self.cells.items():
            sums[place[axis]] += count
        return sums

    def _mcc(self, hits: int, total: int) -> float:
        """Return Matthews' correlation for several classes (Gorodkin 2004)."""
        truths, told = self._sums(0), self._sums(1)
        covariance = total * hits - sum(truths[i] * told[i] for i in truths)
        spread = math.prod(total**2 - sum(count**2 for count in sums.values()) for sums in (truths, told))
        return _ratio(covariance, math.sqrt(spread))


@dataclass(frozen=True)
class Errors:
    """Sums of the errors of predicted numbers, and moments of the numbers that came true.

    An error is the prediction less what came true. The moments are kept as mean and sum of squared distances
    from it, and joined as by Chan, Golub and LeVeque ("Algorithms for Computing the Sample Variance", 1983):
    sums of squares would lose a small spread of large numbers.

    Parameters
    ----------
    count : int
        How many outcomes there are.
    total, absolute, squared : float
        Sums of the errors, of their sizes and of their squares.
    mean, spread : float
        Mean of what came true, and sum of the squared distances from it.
    """

    count: int = 0
    total: float = 0.0
    absolute: float = 0.0
    squared: float = 0.0
    mean: float = 0.0
    spread: float = 0.0

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]]) -> Self:
        """Sum up pairs of a predicted and an actual number."""
        errors = [told - actual for told, actual in pairs]
        mean = math.fsum(actual / len(pairs) for _, actual in pairs)
        return cls(
            len(pairs),
            math.fsum(errors),
            math.fsum(map(abs, errors)),
            math.fsum(error**2 for error in errors),
            mean,
            math.fsum((actual - mean) ** 2 for _, actual in pairs),
        )

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild what :meth:`to_json` wrote."""
        return cls(**content)

    def to_json(self) -> dict[str, Any]:
        """Return the sums as JSON-able data."""
        return {
            "count": self.count,
            "total": self.total,
            "absolute": self.absolute,
            "squared": self.squared,
            "mean": self.mean,
            "spread": self.spread,
        }

    def __add__(self, other: Self) -> Self:
        count = self.count + other.count
        if not self.count or not other.count:
            return self if self.count else other
        apart = other.mean - self.mean
        return type(self)(
            count,
            self.total + other.total,
            self.absolute + other.absolute,
            self.squared + other.squared,
            self.mean + apart * (other.count / count),
            self.spread + other.spread + apart**2 * (self.count * (other.count / count)),
        )

    def figures(self) -> Figures:
        """Return the metrics of a regressor that sums tell, and the ``bias``: above 0 predicts too high."""
        mse = self.squared / self.count
        unexplained = self.squared / self.spread if self.spread > 0 else math.inf
        return {
            "mae": self.absolute / self.count,
            "mse": mse,
            "rmse": math.sqrt(mse),
            "r2": 1 - unexplained if math.isfinite(unexplained) else None,
            "bias": self.total / self.count,
        }


type Counts = Confusion | Errors


def counts_from_json(content: Mapping[str, Any]) -> Counts:
    """Rebuild counts of either kind."""
    return Confusion.from_json(content) if "classes" in content else Errors.from_json(content)


def added(counts: Counts, others: Counts) -> Counts:
    """Return the counts of both.

    Raises
    ------
    TypeError
        If they are of different kinds.
    """
    if isinstance(counts, Confusion) and isinstance(others, Confusion):
        return counts + others
    if isinstance(counts, Errors) and isinstance(others, Errors):
        return counts + others
    raise TypeError("counts of classes and sums of errors do not add up")


@dataclass(frozen=True)
class Estimate:
    """A figure, and how far below and above it the true one may be for a quantile of the normal distribution.

    Parameters
    ----------
    value : float
        The figure.
    reach : callable
        Takes the quantile; returns both distances.
    """

    value: float
    reach: Callable[[float], tuple[float, float]]

    def interval(self, coverage: float) -> tuple[float, float]:
        """Return the bounds that hold the true figure with such a probability."""
        below, above = self.reach(NormalDist().inv_cdf((1 + coverage) / 2))
        return self.value - below, self.value + above


def mean_of_shares(shares: Sequence[tuple[int, int]]) -> Estimate:
    """Return the mean of independent shares, each given as hits and rows.

    Each share has Wilson's score interval ("Probable Inference", 1927); those of a sum are joined by squares
    (Newcombe 1998 for two shares, Zou and Donner, "Construction of confidence limits about effect measures",
    2008, for any sum of estimates).
    """
    weight = 1 / len(shares)

    def reach(quantile: float) -> tuple[float, float]:
        sides = [_wilson_reach(hits, rows, quantile) for hits, rows in shares]
        return weight * math.hypot(*(s[0] for s in sides)), weight * math.hypot(*(s[1] for s in sides))

    return Estimate(weight * sum(hits / rows for hits, rows in shares), reach)


def mean_size(mean: float, mean_of_squares: float, rows: int) -> Estimate:
    """Return the mean of so many sizes of errors with its standard error (central limit theorem)."""
    deviation = math.sqrt(max(0.0, mean_of_squares - mean**2) / max(1, rows))
    return Estimate(mean, lambda quantile: (quantile * deviation, quantile * deviation))


def quality_report(version: Version, days: Mapping[date, Counts], today: date) -> dict[str, Any]:
    """Say how good a version is on outcomes, beside what it was on its holdout.

    Parameters
    ----------
    version : Version
        Whose metrics say what to expect.
    days : mapping
        What was counted on which day.
    today : date
        The last day of each window.

    Returns
    -------
    dict
        Content of :class:`csv_analyzer.schemas.outcomes.QualityView`.
    """
    windows = [_window(version, days, today, length) for length in WINDOWS]
    deciding = next((window for window in windows if window["status"] != TOO_FEW), None)
    first = today - timedelta(days=max(WINDOWS) - 1)
    return {
        "status": TOO_FEW if deciding is None else deciding["status"],
        "statement": _too_few(windows[-1]) if deciding is None else _statement(deciding),
        "metric": version.metric,
        "window_days": None if deciding is None else deciding["days"],
        "thresholds": THRESHOLDS,
        "training": _training(version),
        "windows": windows,
        "by_day": [
            {"date": day.isoformat(), "outcomes": counts.count, "figures": counts.figures()}
            for day, counts in sorted(days.items())
            if first <= day <= today
        ],
    }


def lift_lost(report: Mapping[str, Any]) -> float:
    """Return the largest share of its lift that a version has lost by a report; 0 where it can't tell."""
    deciding = [window for window in report["windows"] if window["days"] == report["window_days"]]
    lost = [one["lift_lost"] or 0.0 for window in deciding for one in window["compared"]]
    return max([0.0, *lost])


def _window(version: Version, days: Mapping[date, Counts], today: date, length: int) -> dict[str, Any]:
    first = today - timedelta(days=length - 1)
    within = [counts for day, counts in days.items() if first <= day <= today]
    counts = reduce(added, within) if within else None
    outcomes = counts.count if counts else 0
    window: dict[str, Any] = {
        "days": length,
        "first_day": first.isoformat(),
        "last_day": today.isoformat(),
        "outcomes": outcomes,
        "status": TOO_FEW,
        "figures": counts.figures() if counts else {},
        "classes": _classes(counts),
        "compared": [],
    }
    if counts is None or outcomes < LEAST_OUTCOMES:
        return window
    compared = list(_compared(version, counts))
    worse = any(one["status"] == WORSE for one in compared)
    status = (WORSE if worse else AS_EXPECTED) if compared else NOT_COMPARABLE
    return window | {"status": status, "compared": compared}


def _compared(version: Version, counts: Counts) -> Iterator[dict[str, Any]]:
    """Compare what bounds can be given of, the figure that lost the most of its lift first."""
    pairs = dict(_estimates(version, counts))
    quantile = NormalDist().inv_cdf(1 - FALSE_ALARMS / max(1, len(pairs)))
    found = [_compare(version, metric, *pair, quantile) for metric, pair in pairs.items()]
    yield from sorted(found, key=lambda one: (one["status"] != WORSE, -(one["lift_lost"] or 0.0)))


def _estimates(version: Version, counts: Counts) -> Iterator[tuple[str, tuple[Estimate, Estimate]]]:
    """Live figures and those of the holdout that are compared, by metric."""
    holdout = version.metrics.get("holdout", {})
    if isinstance(counts, Errors):
        mae, rmse = holdout.get("mae"), holdout.get("rmse")
        if mae is not None and rmse is not None:
            live = mean_size(counts.absolute / counts.count, counts.squared / counts.count, counts.count)
            yield "mae", (live, mean_size(mae, rmse**2, version.holdout_rows))
        return
    matrix = holdout.get("confusion_matrix")
    if matrix is None or tuple(matrix["labels"]) != counts.classes:
        return
    trained = Confusion.of_holdout(matrix)
    if trained.count:
        yield "accuracy", (_accuracy(counts), _accuracy(trained))
    live_recalls, trained_recalls = _recalls(counts), _recalls(trained)
    # What came true must be judged by the classes that it has, not by those that did not occur.
    both = [label for label in counts.classes if label in live_recalls and label in trained_recalls]
    if both:
        sides = [[recalls[label] for label in both] for recalls in (live_recalls, trained_recalls)]
        yield "balanced_accuracy", (mean_of_shares(sides[0]), mean_of_shares(sides[1]))


def _accuracy(counts: Confusion) -> Estimate:
    hits = sum(count for (actual, told), count in counts.cells.items() if actual == told)
    return mean_of_shares([(hits, counts.count)])


def _recalls(counts: Confusion) -> dict[str, tuple[int, int]]:
    """Hits and rows of each class that occurs."""
    rows: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for (actual, told), count in counts.cells.items():
        rows[counts.classes[actual]] += count
        hits[counts.classes[actual]] += count if actual == told else 0
    return {label: (hits[label], rows[label]) for label in rows}


def _compare(
    version: Version, metric: str, live: Estimate, trained: Estimate, quantile: float
) -> dict[str, Any]:
    """Compare one figure: it is worse if it surely lost something, and what it lost is worth a word."""
    better, worse = (trained, live) if GREATER_IS_BETTER[metric] else (live, trained)
    loss = better.value - worse.value
    at_least = loss - math.hypot(better.reach(quantile)[0], worse.reach(quantile)[1])
    baseline = version.metrics.get("baseline", {}).get(metric)
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    lift = max(0.0, sign * (trained.value - baseline)) if baseline is not None else 0.0
    low, high = live.interval(COVERAGE)
    return {
        "metric": metric,
        "status": WORSE if at_least > 0 and loss >= TOLERATED_SHARE * lift else AS_EXPECTED,
        "live": live.value,
        "low": max(0.0, low),
        "high": high,
        "training": trained.value,
        "baseline": baseline,
        "loss": loss,
        "loss_at_least": at_least,
        "lift_lost": max(-LARGEST_SHARE, min(loss / lift, LARGEST_SHARE)) if lift > 0 else None,
    }


def _training(version: Version) -> dict[str, Any]:
    """Return what the holdout had of the same figures."""
    holdout = version.metrics.get("holdout", {})
    matrix = holdout.get("confusion_matrix")
    if version.task == CLASSIFICATION:
        trained = Confusion.of_holdout(matrix) if matrix else None
        figures = trained.figures() if trained else {}
        return {"rows": version.holdout_rows, "figures": figures, "classes": _classes(trained)}
    figures = {name: holdout.get(name) for name in ("mae", "mse", "rmse", "r2")} if holdout else {}
    if (residual := holdout.get("residual_mean")) is not None:
        # The engine takes the prediction from the truth, which tells too low from too high the other way.
        figures["bias"] = -residual
    return {"rows": version.holdout_rows, "figures": figures, "classes": []}


def _classes(counts: Counts | None) -> list[dict[str, Any]]:
    if not isinstance(counts, Confusion):
        return []
    return [{"class": label, **entry} for label, entry in counts.by_class().items()]


def _too_few(window: Mapping[str, Any]) -> str:
    if not window["outcomes"]:
        return f"No outcomes came back in {window['days']} days: POST /models/{{name}}/outcomes takes them."
    return (
        f"Too few outcomes to tell: {window['outcomes']:,} in {window['days']} days, "
        f"and it takes {LEAST_OUTCOMES:,}."
    )


def _statement(window: Mapping[str, Any]) -> str:
    came = f"In {window['days']} days {window['outcomes']:,} outcomes came back."
    if window["status"] == NOT_COMPARABLE:
        return f"{came} The version has no figures of its holdout to compare them with."
    first = window["compared"][0]
    told = f"{first['metric']} is {first['live']:.4g}; on the holdout it was {first['training']:.4g}"
    if window["status"] == AS_EXPECTED:
        return f"{came} {told}: as expected."
    return f"{came} {told}: worse than chance explains."


def _wilson_reach(hits: int, rows: int, quantile: float) -> tuple[float, float]:
    share, squared = hits / rows, quantile**2
    middle = (share + squared / (2 * rows)) / (1 + squared / rows)
    half = quantile * math.sqrt(share * (1 - share) / rows + squared / (4 * rows**2)) / (1 + squared / rows)
    return max(0.0, share - (middle - half)), max(0.0, middle + half - share)


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0
