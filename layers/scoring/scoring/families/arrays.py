"""Arrays of a stored model: whatever they hold, they are checked before they answer."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.columns import FloatArray
from scoring.errors import ModelError

type Arrays = Mapping[str, NDArray[np.generic]]


def stored(arrays: Arrays, name: str, dimensions: int, most: float = 1e100) -> FloatArray:
    """Return an array of numbers, none of them beyond ``most``.

    Raises
    ------
    ModelError
        When it is missing, no array of real numbers of so many dimensions, or not finite.
    """
    if name not in arrays:
        raise ModelError(f"The model lacks its array {name!r}.")
    raw = np.asarray(arrays[name])
    if raw.dtype.kind not in "fiu" or raw.ndim != dimensions:
        raise ModelError(f"The model's array {name!r} is not one of numbers in {dimensions} dimensions.")
    double = np.ascontiguousarray(raw, dtype=np.float64)
    # Written so that NaN fails too.
    if not (np.abs(double) <= most).all():
        raise ModelError(f"The model's array {name!r} holds what is no weight.")
    return double
