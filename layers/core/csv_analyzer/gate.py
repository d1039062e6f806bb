"""The gate before production says whether a version may take the place of the one that is there.

A pure function of the two versions' metrics. Two versions can be compared where they were judged on the same
rows (``holdout_id``); else a version need only be better than its own naive baseline.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from csv_analyzer.records import Version

# Metric -> whether more is better. The engine knows the same names; a test holds them together.
GREATER_IS_BETTER: Final[Mapping[str, bool]] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "precision_macro": True,
    "precision_weighted": True,
    "recall_macro": True,
    "recall_weighted": True,
    "f1_macro": True,
    "f1_weighted": True,
    "mcc": True,
    "roc_auc": True,
    "average_precision": True,
    "log_loss": False,
    "brier": False,
    "mae": False,
    "mse": False,
    "rmse": False,
    "r2": True,
    "mape": False,
    "median_ae": False,
}
# A version may be worse by so much of what the one in production gains over its naive baseline.
TOLERATED_SHARE: Final = 0.01


class Decision(StrEnum):
    """What the gate says."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Gate:
    """A decision with the figures that led to it.

    Parameters
    ----------
    decision : Decision
        Whether the version may be promoted; one that can't be compared may be.
    statement : str
        One sentence for a person.
    metric : str
        What was compared.
    candidate, production : float or None
        The figures on the holdout; None where there is nothing to compare.
    baseline : float or None
        Figure of the naive baseline: on the common holdout, or on the candidate's own.
    tolerance : float or None
        By how much the candidate may be worse; None where versions can't be compared.
    """

    decision: Decision
    statement: str
    metric: str
    candidate: float | None
    production: float | None
    baseline: float | None
    tolerance: float | None

    @property
    def allows(self) -> bool:
        """Whether the version may be promoted without force."""
        return self.decision is not Decision.REFUSED

    def document(self) -> dict[str, Any]:
        """What is kept in the history and shown."""
        return asdict(self)


def judge(candidate: Version, production: Version | None) -> Gate:
    """Decide whether a version may go to production.

    Parameters
    ----------
    candidate : Version
        The version to promote.
    production : Version or None
        The version whose place it takes, if there is one.
    """
    if production is None:
        return _alone(candidate, "Nothing is in production to compare with.")
    if not candidate.holdout_id or candidate.holdout_id != production.holdout_id:
        return _alone(
            candidate,
            f"It can't be compared with version {production.version} in production: "
            "they were judged on different rows.",
        )
    metric = production.metric
    ours, theirs = _figure(candidate, "holdout", metric), _figure(production, "holdout", metric)
    baseline = _figure(production, "baseline", metric)
    if metric not in GREATER_IS_BETTER or ours is None or theirs is None or baseline is None:
        return _alone(
            candidate,
            f"It can't be compared with version {production.version} in production: "
            f"one of them has no {metric} on the holdout.",
        )
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    tolerance = TOLERATED_SHARE * max(0.0, sign * (theirs - baseline))
    worse = sign * (theirs - ours) > tolerance
    figures = (
        f"On the same {_rows(candidate)}, {metric} is {ours:.6g} against {theirs:.6g} of version "
        f"{production.version} in production"
    )
    told = f"worse by more than the {tolerance:.3g} tolerated" if worse else "which is good enough"
    decision = Decision.REFUSED if worse else Decision.PASSED
    return Gate(decision, f"{figures}: {told}.", metric, ours, theirs, baseline, tolerance)


def lift(version: Version) -> float | None:
    """Share of its naive baseline's loss that a version takes away on its holdout.

    1 is perfect, 0 no better than the baseline, below 0 worse: a skill score (Murphy 1988, "Skill scores
    based on the mean square error") with the baseline as its reference. It has no unit, so that versions of
    different metrics and data can be set side by side.

    Returns
    -------
    float or None
        None where a figure is missing, or the baseline is perfect.
    """
    metric = version.metric
    ours, baseline = _figure(version, "holdout", metric), _figure(version, "baseline", metric)
    if metric not in GREATER_IS_BETTER or ours is None or baseline is None:
        return None
    perfect = 1.0 if GREATER_IS_BETTER[metric] else 0.0
    to_gain = abs(perfect - baseline)
    if to_gain == 0:
        return None
    share = 1 - abs(perfect - ours) / to_gain
    return share if math.isfinite(share) else None


def _alone(candidate: Version, why: str) -> Gate:
    """Judge a version by its own baseline."""
    metric = candidate.metric
    ours, baseline = _figure(candidate, "holdout", metric), _figure(candidate, "baseline", metric)
    if metric not in GREATER_IS_BETTER or ours is None or baseline is None:
        statement = f"{why} Nor is there a figure that shows it to be better than its naive baseline."
        return Gate(Decision.REFUSED, statement, metric, ours, None, baseline, None)
    better = ours > baseline if GREATER_IS_BETTER[metric] else ours < baseline
    statement = (
        f"{why} Its {metric} of {ours:.6g} is {'better' if better else 'no better'} than the "
        f"{baseline:.6g} of its naive baseline."
    )
    decision = Decision.NOT_COMPARABLE if better else Decision.REFUSED
    return Gate(decision, statement, metric, ours, None, baseline, None)


def _figure(version: Version, group: str, metric: str) -> float | None:
    figure = version.metrics.get(group, {}).get(metric)
    return float(figure) if isinstance(figure, int | float) and not isinstance(figure, bool) else None


def _rows(version: Version) -> str:
    return f"{version.holdout_rows:,} rows" if version.holdout_rows else "rows"
