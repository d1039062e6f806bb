"""What a user should know about the target."""

import numpy as np
from numpy.typing import NDArray

from automl.checks.findings import Finding

# Of the share that each class would have if all were equal.
RARE_CLASS = 0.1
# An exponential distribution has a skewness of 2.
SKEWED = 2.0
FEW_MEMBERS = 10
SHOWN = 60
# Fewer whole numbers are hardly ever a scale.
FEWEST_GRADES = 5


def missing_rows(name: str, rows: int, usable: int) -> list[Finding]:
    """Return how many rows have no target."""
    if usable == rows:
        return []
    missing = rows - usable
    message = f"{missing} rows ({missing / rows:.1%}) have no value of the target and were left out."
    evidence = {"rows": missing, "share": round(missing / rows, 4)}
    return [Finding("missing_target", message, "left out", name, evidence)]


def open_task(name: str, classes: list[str]) -> list[Finding]:
    """Return that numbers were taken for classes, where they could have been taken for numbers."""
    if len(classes) < FEWEST_GRADES:
        return []
    message = (
        f"{name!r} has {len(classes)} whole numbers and is read as classes: "
        "choose regression if their order and distance matter."
    )
    return [Finding("numbers_as_classes", message, "classification", name, {"values": len(classes)})]


def imbalance(name: str, classes: list[str], y: NDArray[np.generic]) -> list[Finding]:
    """Return that a class is rare."""
    counts = np.bincount(y.astype(np.int64), minlength=len(classes))
    rarest = int(counts.argmin())
    share = float(counts[rarest] / counts.sum())
    if share * len(classes) >= RARE_CLASS:
        return []
    small = int((counts < FEW_MEMBERS).sum())
    message = (
        f"{name!r} is imbalanced: {classes[rarest][:SHOWN]!r} stands in {counts[rarest]} rows ({share:.2%}); "
        "accuracy says little, look at balanced accuracy, F1 and average precision."
    )
    evidence = {
        "rarest": classes[rarest][:SHOWN],
        "rows": int(counts[rarest]),
        "share": round(share, 6),
        "classes_with_few_rows": small,
    }
    return [Finding("imbalanced_target", message, "kept", name, evidence)]


def skew(name: str, y: NDArray[np.float64]) -> list[Finding]:
    """Return that a few numbers are far larger, or far smaller, than the others."""
    spread = float(y.std())
    if spread == 0:
        return []
    skewness = float((((y - y.mean()) / spread) ** 3).mean())
    if abs(skewness) <= SKEWED:
        return []
    side = "larger" if skewness > 0 else "smaller"
    message = (
        f"{name!r} is skewed (skewness {skewness:.1f}): a few values are far {side} than the others "
        "and weigh most in squared errors."
    )
    evidence = {
        "skewness": round(skewness, 3),
        "median": float(np.median(y)),
        "lowest": float(y.min()),
        "highest": float(y.max()),
    }
    return [Finding("skewed_target", message, "kept", name, evidence)]
