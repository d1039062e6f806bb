"""Models whose matrix columns already are their scores."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.columns import FloatArray
from scoring.errors import ModelError


class Scores:
    """The first columns of the matrix, as scores.

    Parameters
    ----------
    arrays
        ``outputs``: how many there are.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        outputs = np.asarray(arrays["outputs"]) if "outputs" in arrays else np.zeros(0)
        if outputs.shape != (1,) or not outputs[0] >= 1:
            raise ModelError("The model does not say how many scores it has.")
        self.inputs = int(outputs[0])

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x one part x outputs."""
        return X[:, None, : self.inputs]
