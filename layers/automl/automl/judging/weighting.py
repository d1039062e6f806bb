"""Class weights: rows that count as if they stood in the file more or less often than they do.

Everything that learns or chooses takes a row of weight three for three rows. What comes of it is given back
for the file as it is: probabilities are divided by the weights (Elkan, "The Foundations of Cost-Sensitive
Learning", 2001), so that they say how often a class occurs, and the weights stand in the rule of decision.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]
type ClassWeights = str | Mapping[str, float] | None

BALANCED = "balanced"
# Beyond this ratio the light classes would be lost in rounding.
MAX_RATIO = 1e6
LARGEST = 1e100
LISTED = 20


def class_weights(
    asked: ClassWeights, target: str, classes: list[str], y: NDArray[np.generic]
) -> FloatArray | None:
    """Return the weight of a row of each class, one on average over the rows; None where all are alike.

    Parameters
    ----------
    asked
        ``balanced`` (each class counts as much as any other), or weights by label, one for those not named.
    target
        The column, for messages.
    classes
        Its labels, empty for regression.
    y
        Class indices.

    Raises
    ------
    DataError
        ``class_weights_regression`` where the target is a number, ``invalid_class_weights`` with all faults.
    """
    if asked is None:
        return None
    if not classes:
        message = f"Class weights need classes, but {target!r} is predicted as a number: leave them out."
        raise DataError("class_weights_regression", message)
    counts = np.bincount(y.astype(np.int64), minlength=len(classes)).astype(np.float64)
    if isinstance(asked, str):
        if asked != BALANCED:
            raise DataError(
                "invalid_class_weights",
                f"Class weights are {BALANCED!r} or a weight for each label, not {asked!r}.",
            )
        weights = 1.0 / np.maximum(counts, 1.0)
    else:
        _check(asked, classes)
        weights = np.array([float(asked.get(label, 1.0)) for label in classes])
        if weights.max() > MAX_RATIO * weights.min():
            raise DataError(
                "invalid_class_weights",
                f"Class weights must not differ by more than a factor of {MAX_RATIO:,.0f}; "
                "classes that are not named have 1.",
            )
    if weights.max() == weights.min():
        return None
    normal: FloatArray = weights * counts.sum() / (weights @ counts)
    return normal


def _check(asked: Mapping[str, float], classes: list[str]) -> None:
    faults = []
    unknown = [repr(label) for label in asked if label not in classes]
    if unknown:
        known = ", ".join(map(repr, classes[:LISTED])) + (", ..." if len(classes) > LISTED else "")
        faults.append(f"there is no class {', '.join(unknown[:LISTED])}, the classes are {known}")
    wrong = [f"{label!r}: {weight!r}" for label, weight in asked.items() if not _is_weight(weight)]
    if wrong:
        faults.append(f"a weight is a positive number, unlike {', '.join(wrong[:LISTED])}")
    if faults:
        raise DataError("invalid_class_weights", f"Class weights: {'; '.join(faults)}.")


def _is_weight(weight: object) -> bool:
    return type(weight) in {int, float} and 0 < weight <= LARGEST  # type: ignore[operator]  # a number


def weighted(probabilities: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the probabilities that the rows would have if they counted by the weights."""
    products = probabilities * weights
    shares: FloatArray = products / products.sum(axis=-1, keepdims=True)
    return shares
