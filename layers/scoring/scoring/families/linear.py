"""Linear models: standardised inputs, one score per output."""

import numpy as np

from scoring import compiled
from scoring.columns import FloatArray
from scoring.errors import ModelError
from scoring.families.arrays import Arrays, stored

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
        ``center`` and ``scale`` of each input, ``weights`` (inputs x outputs), ``intercept`` (outputs).

    Raises
    ------
    ModelError
        When the arrays make no linear model.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.center = stored(arrays, "center", 1)
        self.scale = stored(arrays, "scale", 1)
        self.weights = stored(arrays, "weights", 2)
        self.intercept = stored(arrays, "intercept", 1)
        inputs, outputs = self.weights.shape
        if (
            self.center.shape != (inputs,)
            or self.scale.shape != (inputs,)
            or self.intercept.shape != (outputs,)
            or not (self.scale > 0).all()
        ):
            raise ModelError("The linear model's arrays do not fit together.")
        self._loop = (
            None
            if compiled.LIBRARY is None
            else compiled.LIBRARY.Linear(
                self.center, self.scale, np.array([CLIP]), self.weights, self.intercept
            )
        )

    @property
    def inputs(self) -> int:
        """How many columns the model takes."""
        return len(self.weights)

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x one part x outputs."""
        if self._loop is not None:
            scores = np.empty((len(X), 1, len(self.intercept)))
            self._loop.score(X, scores)
            return scores
        product: FloatArray = standardise(X, self.center, self.scale) @ self.weights + self.intercept
        return product[:, None, :]
