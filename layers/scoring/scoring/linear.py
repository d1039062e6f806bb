"""Linear models: standardised inputs, one score per output."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError
from scoring.features import FloatArray

# An input ten standard deviations out says "far away"; more would only let one cell decide everything.
CLIP = 10.0


def standardise(X: FloatArray, center: FloatArray, scale: FloatArray) -> FloatArray:
    """Return X in standard deviations from the training mean, clipped."""
    standard: FloatArray = np.clip((X - center) / scale, -CLIP, CLIP)
    return standard


class LinearModel:
    """Scores of a linear model.

    Parameters
    ----------
    arrays
        ``center`` and ``scale`` of each input, ``weights`` (inputs x outputs), ``intercept`` (outputs) and,
        where the matrix holds more than the inputs, ``columns``: where each input stands.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        try:
            self.center, self.scale, self.weights, self.intercept = (
                np.asarray(arrays[name], dtype=np.float64)
                for name in ("center", "scale", "weights", "intercept")
            )
        except KeyError as error:
            raise ModelError(f"The linear model lacks its array {error}.") from error
        inputs, outputs = self.weights.shape if self.weights.ndim == 2 else (-1, -1)
        if (
            self.center.shape != (inputs,)
            or self.scale.shape != (inputs,)
            or self.intercept.shape != (outputs,)
        ):
            raise ModelError("The linear model's arrays do not fit together.")
        self.columns = np.asarray(arrays.get("columns", np.arange(inputs))).astype(np.intp)
        if self.columns.shape != (inputs,) or (self.columns < 0).any():
            raise ModelError("The linear model's columns do not fit its inputs.")

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns the model needs."""
        return int(self.columns.max(initial=-1)) + 1

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x one part x outputs."""
        inputs = X[:, self.columns]
        scores: FloatArray = standardise(inputs, self.center, self.scale) @ self.weights + self.intercept
        return scores[:, None, :]
