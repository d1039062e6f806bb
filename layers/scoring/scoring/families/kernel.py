"""Kernel machines: how near a row is to each of some landmarks, weighted."""

import numpy as np

from scoring.columns import FloatArray
from scoring.errors import ModelError
from scoring.families.arrays import Arrays, stored

# Nearnesses that are held at a time.
BLOCK_CELLS = 2_000_000
# An input this far out is near to nothing; more would drown the others in rounding.
CLIP = 100.0
MAX_GAMMA = 1e12


class RadialBasis:
    """The Gaussian kernel ``exp(-gamma * |x - landmark|^2)``.

    Parameters
    ----------
    landmarks
        Landmarks x inputs.
    gamma
        How fast nearness falls.
    """

    def __init__(self, landmarks: FloatArray, gamma: float) -> None:
        self.landmarks = landmarks
        # |x - l|^2 = |x|^2 + |l|^2 - 2 x l: the one product of the matrices is all that costs.
        self.doubled = np.ascontiguousarray(2.0 * gamma * landmarks.T)
        self.squares = gamma * np.einsum("li,li->l", landmarks, landmarks)
        self.gamma = gamma

    def near(self, X: FloatArray) -> FloatArray:
        """Return rows x landmarks, between 0 and 1."""
        X = np.clip(X, -CLIP, CLIP)
        distance = X @ self.doubled
        distance -= self.squares
        distance -= self.gamma * np.einsum("ri,ri->r", X, X)[:, None]
        # Rounding may put a landmark on the wrong side of itself.
        np.minimum(distance, 0.0, out=distance)
        near: FloatArray = np.exp(distance, out=distance)
        return near


class KernelModel:
    """Scores of a kernel machine with a Gaussian kernel.

    Parameters
    ----------
    arrays
        ``landmarks`` (landmarks x inputs), ``gamma`` (one number), ``weights`` (landmarks x outputs) and
        ``intercept`` (outputs).

    Raises
    ------
    ModelError
        When the arrays make no kernel machine.
    """

    def __init__(self, arrays: Arrays) -> None:
        landmarks = stored(arrays, "landmarks", 2, CLIP)
        gamma = stored(arrays, "gamma", 1, MAX_GAMMA)
        self.weights = stored(arrays, "weights", 2)
        self.intercept = stored(arrays, "intercept", 1)
        if (
            gamma.shape != (1,)
            or not gamma[0] > 0.0
            or not len(landmarks)
            or self.weights.shape != (len(landmarks), len(self.intercept))
        ):
            raise ModelError("The kernel machine's arrays do not fit together.")
        self.basis = RadialBasis(landmarks, float(gamma[0]))
        self.block = max(1, BLOCK_CELLS // max(landmarks.shape))

    @property
    def inputs(self) -> int:
        """How many columns the model takes."""
        return int(self.basis.landmarks.shape[1])

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x one part x outputs."""
        scores = np.empty((len(X), 1, len(self.intercept)))
        for start in range(0, len(X), self.block):
            near = self.basis.near(X[start : start + self.block])
            scores[start : start + self.block, 0] = near @ self.weights + self.intercept
        return scores
