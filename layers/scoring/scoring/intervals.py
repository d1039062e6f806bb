"""How far a predicted number may be off."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError

type FloatArray = NDArray[np.float64]

LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Interval:
    """An interval around an answer ``p``: ``p`` plus and minus ``half_width``, times ``|p|`` where relative.

    Training finds it (`automl.judging.intervals`); serving evaluates it by this code too.

    Parameters
    ----------
    coverage
        The share of rows whose truth lies inside, as promised.
    half_width
        In units of the target, or as a share of the answer.
    relative
        Whether the width grows with the answer.
    floor
        Smaller answers count as this large, where relative.
    holdout_coverage
        The share of rows of the holdout whose truth lies inside.
    holdout_width
        The mean width there, from end to end.
    """

    coverage: float
    half_width: float
    relative: bool = False
    floor: float = 0.0
    holdout_coverage: float | None = None
    holdout_width: float | None = None

    def half_widths(self, predicted: FloatArray) -> FloatArray:
        """Return the half width around each answer."""
        return self.half_width * sizes(predicted, relative=self.relative, floor=self.floor)

    def ends(self, predicted: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the finite lower and upper ends around each answer."""
        with np.errstate(over="ignore"):
            halves = self.half_widths(predicted)
            low, high = predicted - halves, predicted + halves
        return np.clip(low, -LARGEST, LARGEST), np.clip(high, -LARGEST, LARGEST)

    def to_json(self) -> dict[str, Any]:
        """Return the interval as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild an interval from :meth:`to_json`.

        Raises
        ------
        ModelError
            When it is none.
        """
        try:
            interval = cls(**content)
            finite = all(map(math.isfinite, (interval.half_width, interval.floor)))
            sound = finite and interval.half_width >= 0 and interval.floor >= 0 and 0 < interval.coverage < 1
        except TypeError as error:
            raise ModelError(f"The model's interval is malformed: {error}.") from error
        if not sound:
            raise ModelError("The model's interval is out of its bounds.")
        return interval


def sizes(predicted: FloatArray, *, relative: bool, floor: float) -> FloatArray:
    """Return what half widths are multiples of: the answers' sizes where relative, else ones."""
    return np.maximum(np.abs(predicted), floor) if relative else np.ones_like(predicted)
