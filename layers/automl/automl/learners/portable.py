"""Fitted models as the data that will be served: training answers through them too."""

from functools import cached_property
from typing import Any, override

import numpy as np
from threadpoolctl import threadpool_limits

from automl.errors import ParityError
from automl.learners.base import Arrays, Exported, Fitted, FloatArray, Problem
from scoring.families.ensemble import Scorer, scorer_of
from scoring.families.links import respond

TOLERANCE = 1e-9
PARITY_ROWS = 500


class Portable(Fitted):
    """A fitted model that answers through its portable arrays, as it will when it is served.

    Parameters
    ----------
    exported
        The model as data.
    rounds
        How far it was grown.
    """

    def __init__(self, exported: Exported, rounds: int = 1) -> None:
        self.exported = exported
        self.rounds = rounds

    @classmethod
    def of(cls, family: str, arrays: Arrays, problem: Problem, rounds: int = 1) -> "Portable":
        """Return a model of a family that needs its arrays alone."""
        return cls(Exported({"family": family, "link": problem.link}, arrays), rounds)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: the arrays alone, without what loading makes of them."""
        return {"exported": self.exported, "rounds": self.rounds}

    @cached_property
    def _scorer(self) -> Scorer:
        return scorer_of(self.exported.block, self.exported.arrays)

    @override
    def predict(self, X: FloatArray) -> FloatArray:
        # The threads of BLAS spin while they wait, which makes a busy machine many times slower.
        with threadpool_limits(1):
            return respond(self._scorer.score(X)[:, 0], self.exported.block["link"])

    @override
    def export(self) -> Exported:
        return self.exported

    def unweighted(self, class_weights: FloatArray | None) -> "Portable":
        """Return the model with the probabilities of the rows as they are, if it learned from weighted ones.

        A class of weight w has w times its odds there: scores lose its logarithm, shares are divided by it.
        """
        if class_weights is None:
            return self
        arrays, link = self.exported.arrays, self.exported.block["link"]
        if link in {"probability", "share"}:
            shares = respond(arrays["value"], link) / class_weights
            shares /= shares.sum(axis=1, keepdims=True)
            changed = {"value": shares[:, 1:] if link == "share" else shares}
        else:
            shift = np.log(class_weights)
            name = "base" if "base" in arrays else "intercept"
            changed = {name: arrays[name] - (shift[1:] - shift[:1] if link == "logistic" else shift)}
        kept = {name: array.astype(arrays[name].dtype) for name, array in changed.items()}
        return Portable(Exported(self.exported.block, {**arrays, **kept}), self.rounds)

    def require_parity(self, X: FloatArray, theirs: FloatArray, tolerance: float = TOLERANCE) -> None:
        """Compare with the library's own answers to the same rows.

        Raises
        ------
        ParityError
            When the largest difference, relative for numbers beyond one, is above the tolerance.
        """
        ours = self.predict(X)
        worst = float(np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs)), initial=0.0))
        if not worst <= tolerance:
            raise ParityError(f"The exported model differs from the fitted one by {worst:.3g}.")
