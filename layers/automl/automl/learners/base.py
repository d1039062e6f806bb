"""What the search needs from a learner, and what an export needs from its fit."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget

type FloatArray = NDArray[np.float64]
type Arrays = dict[str, NDArray[Any]]

# From here on each class has few rows, and a booster grows many trees a round.
MANY_CLASSES = 8


@dataclass(frozen=True)
class Problem:
    """What is learned: ``classes`` labels, or a number if there are none."""

    classes: int

    @property
    def outputs(self) -> int:
        """Scores that a boosted or linear model gives for each row."""
        return self.classes if self.classes > 2 else 1

    @property
    def link(self) -> str:
        """How scores become the answer."""
        if not self.classes:
            return "identity"
        return "logistic" if self.classes == 2 else "softmax"

    @property
    def share_link(self) -> str:
        """How shares of classes become the answer; of two classes those of the second are enough."""
        if not self.classes:
            return "identity"
        return "share" if self.classes == 2 else "probability"


@dataclass(frozen=True)
class Sample:
    """Rows as a learner sees them.

    Parameters
    ----------
    X
        The matrix of the learner's view, rows x columns.
    y
        Class indices (every class may be absent), or numbers in standard deviations from their mean.
    continuous
        How many leading columns are continuous; those behind them are indicators (the ``dense`` view).
    categorical
        The columns that hold codes of categories, NaN where missing (the ``native`` view).
    class_weights
        How much a row of each class counts; None where all count alike.
    """

    X: FloatArray
    y: NDArray[Any]
    continuous: int = 0
    categorical: tuple[int, ...] = ()
    class_weights: FloatArray | None = None

    @property
    def weights(self) -> FloatArray | None:
        """How much each row counts."""
        return None if self.class_weights is None else self.class_weights[self.y]

    def take(self, rows: NDArray[np.bool_]) -> "Sample":
        """Return some of the rows."""
        return replace(self, X=self.X[rows], y=self.y[rows])


@dataclass(frozen=True)
class Exported:
    """A fitted model as data: the manifest's block for it (``family``, ``link``, ...) and its arrays."""

    block: dict[str, Any]
    arrays: Arrays


class Fitted(ABC):
    """A fitted model; it can be pickled, so that a worker process can hand it over.

    Parameters
    ----------
    rounds
        How far it was grown: trees, boosting rounds, epochs, or one.
    """

    rounds: int

    @abstractmethod
    def predict(self, X: FloatArray) -> FloatArray:
        """Return class probabilities (rows x classes), or one column of numbers."""

    @abstractmethod
    def export(self) -> Exported:
        """Return the model as data."""


class Learner(ABC):
    """A way to learn, with fixed hyperparameters; one thread is its own, never more.

    Attributes
    ----------
    name
        Shown on the leaderboard.
    view
        Which matrix it takes: ``tree``, ``native``, ``dense``, ``wide`` or ``text``.
    judges
        Whether ``fit`` looks at the rows to judge by.
    """

    name: ClassVar[str]
    view: ClassVar[str]
    judges: ClassVar[bool] = True

    @abstractmethod
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Fitted:
        """Fit on ``learn``; ``judge`` tells when to stop and which strength of regularisation to take.

        Rows count by their class weights in both; the model has the probabilities of the rows as they are.
        Stop growing when the budget ends, but never return without a model.
        """

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """Return the hyperparameters for the record."""


def all_classes(probabilities: FloatArray, present: NDArray[np.int64], classes: int) -> FloatArray:
    """Return probabilities with a zero column for each class that a fit never saw."""
    if len(present) == classes:
        return probabilities
    full = np.zeros((len(probabilities), classes))
    full[:, present] = probabilities
    return full


@dataclass(frozen=True)
class Candidate:
    """What the search tries: a learner, and for a skewed number perhaps the logarithm as its target."""

    learner: Learner
    log: bool = False

    @property
    def name(self) -> str:
        """Shown on the leaderboard."""
        return f"{self.learner.name}, log target" if self.log else self.learner.name
