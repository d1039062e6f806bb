"""The rows of a search, in folds, and the matrices that learners see of them."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.features import fit_plan, take
from automl.learners import Problem
from automl.learners.base import FloatArray
from scoring.features import Column, FeaturePlan

CACHE_BYTES = 600_000_000


@dataclass(frozen=True)
class Training:
    """The rows that the search may see.

    Parameters
    ----------
    columns
        Raw columns.
    types
        Type of each column.
    y
        Class indices or numbers.
    task
        Classification or regression.
    classes
        Labels, empty for regression.
    """

    columns: Mapping[str, Column]
    types: Mapping[str, str]
    y: NDArray[Any]
    task: str
    classes: list[str]

    @property
    def problem(self) -> Problem:
        """What is learned."""
        return Problem(len(self.classes))


@dataclass(frozen=True)
class Matrices:
    """A fold's plan, and what it makes of the rows to learn from and the rows to judge by."""

    plan: FeaturePlan
    learn: FloatArray
    judge: FloatArray

    @property
    def nbytes(self) -> int:
        """Bytes of both matrices."""
        return self.learn.nbytes + self.judge.nbytes


@dataclass
class FoldMatrices:
    """Matrices of each fold and view, made once; the oldest leave when memory runs short."""

    training: Training
    parts: NDArray[np.int64]
    kept: OrderedDict[tuple[int, str], Matrices] = field(default_factory=OrderedDict)

    def get(self, fold: int, view: str) -> Matrices:
        """Return the plan and the matrices of a fold; the plan sees the learning rows only."""
        key = (fold, view)
        if key not in self.kept:
            learn = take(self.training.columns, np.flatnonzero(self.parts != fold))
            judge = take(self.training.columns, np.flatnonzero(self.parts == fold))
            plan = fit_plan(learn, self.training.types, view)
            made = Matrices(plan, plan.transform(learn), plan.transform(judge))
            while self.kept and self._bytes() + made.nbytes > CACHE_BYTES:
                self.kept.popitem(last=False)
            self.kept[key] = made
        return self.kept[key]

    def _bytes(self) -> int:
        return sum(matrices.nbytes for matrices in self.kept.values())
