"""What the search needs from a learner, and what an export needs from its fit."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget

type FloatArray = NDArray[np.float64]
type Arrays = dict[str, NDArray[Any]]

THREADS = 2
# Below so many cells threads wait for each other longer than they work.
PARALLEL_CELLS = 300_000


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


@dataclass(frozen=True)
class Exported:
    """A fitted model as data: the manifest's ``model`` block and the arrays."""

    block: dict[str, Any]
    arrays: Arrays


class Fitted(ABC):
    """A fitted model.

    Parameters
    ----------
    rounds
        How far it was grown: trees, boosting rounds, or one.
    complete
        Whether it was grown as far as it should, not cut by time.
    """

    rounds: int
    complete: bool = True

    @abstractmethod
    def predict(self, X: FloatArray) -> FloatArray:
        """Return class probabilities or one column of numbers."""

    @abstractmethod
    def export(self) -> Exported:
        """Return the model as data."""


class Learner(ABC):
    """A way to learn, with fixed hyperparameters.

    Attributes
    ----------
    name
        Shown on the leaderboard.
    view
        Which feature plan it takes, ``tree`` or ``linear``.
    """

    name: ClassVar[str]
    view: ClassVar[str]

    @abstractmethod
    def fit(
        self,
        X: FloatArray,
        y: NDArray[Any],
        problem: Problem,
        *,
        seed: int,
        budget: Budget,
        rounds: int | None = None,
    ) -> Fitted:
        """Fit; stop growing when the budget ends, but never return without a model.

        With ``rounds`` given, grow exactly so far, time permitting.
        """

    @abstractmethod
    def parameters(self) -> dict[str, Any]:
        """Return the hyperparameters for the record."""


def threads_for(X: FloatArray) -> int:
    """Return how many threads a matrix is worth."""
    return THREADS if X.size >= PARALLEL_CELLS else 1


def all_classes(probabilities: FloatArray, present: NDArray[np.int64], classes: int) -> FloatArray:
    """Return probabilities with a zero column for each class that a fit never saw."""
    if len(present) == classes:
        return probabilities
    full = np.zeros((len(probabilities), classes))
    full[:, present] = probabilities
    return full


def pack_trees(trees: list[dict[str, NDArray[Any]]], base: FloatArray) -> Arrays:
    """Return trees with local node numbers as one set of flat arrays.

    Each tree has ``feature``, ``threshold``, ``left``, ``right``, ``missing_left``, ``value`` (nodes x width)
    and ``leaf``.
    """
    sizes = [len(tree["feature"]) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    left, right = [], []
    for root, size, tree in zip(roots, sizes, trees, strict=True):
        own = np.arange(size)
        left.append(root + np.where(tree["leaf"], own, tree["left"]))
        right.append(root + np.where(tree["leaf"], own, tree["right"]))
    joined = {
        name: np.concatenate([tree[name] for tree in trees])
        for name in ("feature", "threshold", "missing_left")
    }
    leaf = np.concatenate([tree["leaf"] for tree in trees])
    return {
        "feature": np.where(leaf, 0, joined["feature"]).astype(np.int16),
        "threshold": np.where(leaf, 0.0, joined["threshold"]).astype(np.float64),
        "missing_left": joined["missing_left"].astype(np.bool_) & ~leaf,
        "left": np.concatenate(left).astype(np.int32),
        "right": np.concatenate(right).astype(np.int32),
        # An inner node's value is never read: zeros compress.
        "value": np.where(leaf[:, None], np.concatenate([tree["value"] for tree in trees]), 0.0),
        "roots": roots,
        "base": base,
    }
