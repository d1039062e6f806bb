"""Additive models: a cubic spline of each leading input, and a line of every input."""

import numpy as np

from scoring.columns import FloatArray
from scoring.errors import ModelError
from scoring.families.arrays import Arrays, stored

DEGREE = 3
# The basis functions of one column need so many knots at least.
LEAST_KNOTS = 2 * (DEGREE + 1)
# Values of basis functions that are held at a time.
BLOCK_CELLS = 2_000_000
# An input this far out says "far away"; more would only let one cell decide everything.
CLIP = 10.0
# Knots nearer than this would make a function too steep to divide by.
LEAST_GAP = 1e-9


class SplineBasis:
    """Cubic B-splines of some columns by the recursion of Cox and de Boor, flat beyond the outer knots.

    de Boor, "On calculating with B-splines" (1972).

    Parameters
    ----------
    knots
        Columns x knots, rising; three of them on either side lie outside of the data.
    """

    def __init__(self, knots: FloatArray) -> None:
        self.columns = len(knots)
        self.functions = knots.shape[1] - DEGREE - 1
        self.knots = knots
        self.low = knots[:, DEGREE]
        # Intervals are open on the right: at the outer knot itself every function would be zero.
        self.high = np.nextafter(knots[:, -DEGREE - 1], -np.inf)
        self.steps = [1.0 / (knots[:, degree:] - knots[:, :-degree]) for degree in range(1, DEGREE + 1)]

    def values(self, X: FloatArray) -> FloatArray:
        """Return rows x (columns times functions), for a matrix of exactly these columns."""
        x = np.clip(X, self.low, self.high)[:, :, None]
        above = x - self.knots
        value: FloatArray = ((above[:, :, :-1] >= 0.0) & (above[:, :, 1:] < 0.0)).astype(np.float64)
        for degree, step in enumerate(self.steps, start=1):
            # What rises over a function's own support falls over that of the function before it.
            rising = above[:, :, :-degree] * step
            rising *= value
            falling = value - rising
            value = rising[:, :, :-1] + falling[:, :, 1:]
        return value.reshape(len(X), -1)


class SplineModel:
    """Scores of an additive model.

    Parameters
    ----------
    arrays
        ``knots`` (leading columns x knots), ``spline`` (leading columns x functions x outputs), ``weights``
        (inputs x outputs) and ``intercept`` (outputs).

    Raises
    ------
    ModelError
        When the arrays make no additive model.
    """

    def __init__(self, arrays: Arrays) -> None:
        knots = stored(arrays, "knots", 2)
        spline = stored(arrays, "spline", 3)
        self.weights = stored(arrays, "weights", 2)
        self.intercept = stored(arrays, "intercept", 1)
        inputs, outputs = self.weights.shape
        if (
            len(knots) > inputs
            or knots.shape[1] < LEAST_KNOTS
            or not (np.diff(knots, axis=1) >= LEAST_GAP).all()
            or spline.shape != (len(knots), knots.shape[1] - DEGREE - 1, outputs)
            or self.intercept.shape != (outputs,)
        ):
            raise ModelError("The additive model's arrays do not fit together.")
        self.basis = SplineBasis(knots)
        self.spline = spline.reshape(-1, outputs)
        self.block = max(1, BLOCK_CELLS // max(1, knots.size, inputs))

    @property
    def inputs(self) -> int:
        """How many columns the model takes."""
        return len(self.weights)

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x one part x outputs."""
        scores = np.empty((len(X), 1, len(self.intercept)))
        for start in range(0, len(X), self.block):
            rows = np.clip(X[start : start + self.block], -CLIP, CLIP)
            bent = self.basis.values(rows[:, : self.basis.columns]) @ self.spline
            scores[start : start + self.block, 0] = bent + rows @ self.weights + self.intercept
        return scores
