"""Try the candidates under cross-validation, within a budget."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from lightgbm.basic import LightGBMError
from numpy.typing import NDArray

from automl.budget import Budget
from automl.config import Progress, ProgressCallback
from automl.errors import AutomlError
from automl.features import LINEAR, fit_plan, take
from automl.learners import Fitted, Learner, Problem
from automl.learners.base import FloatArray
from automl.metrics import evaluate, summarise
from automl.splits import stratified_parts
from scoring.features import Column, FeaturePlan

FOLDS = 5
FEW_FOLDS = 3
MANY_ROWS = 50_000
# Of the time that is left a candidate may use so much: the first ones are the most promising.
CANDIDATE_SHARE = 0.5
# More rows than in a fold bear a little more growth.
MORE_ROWS_MORE_ROUNDS = 1.1
CACHE_BYTES = 600_000_000
SEARCH_SHARE_OF_PROGRESS = 0.85


class SearchError(AutomlError):
    """No candidate could be fitted."""


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


@dataclass
class Trial:
    """What cross-validation found out about one candidate, and its furthest grown model."""

    learner: Learner
    folds: list[dict[str, Any]] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    cut: int = 0
    seconds: float = 0.0
    kept: tuple[Fitted, FeaturePlan] | None = None

    def refit_rounds(self) -> int | None:
        """Return how far to grow on more rows than in a fold, or None where time hid it."""
        if self.learner.view == LINEAR or self.cut > len(self.folds) / 2:
            return None
        return max(1, round(float(np.mean(self.rounds)) * MORE_ROWS_MORE_ROUNDS))

    def values(self, metric: str) -> list[float]:
        """Return the metric of each fold where it is defined."""
        return [fold[metric] for fold in self.folds if fold[metric] is not None]

    def mean(self, metric: str) -> float | None:
        """Return the mean of the metric over the folds."""
        values = self.values(metric)
        return float(np.mean(values)) if values else None


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


@dataclass
class Search:
    """A search over candidates.

    Parameters
    ----------
    training
        The rows it may see.
    learners
        The candidates, in order.
    metric
        What decides.
    greater_is_better
        Its direction.
    budget
        When to stop.
    seed
        For folds and learners.
    progress
        Told after each fold.
    """

    training: Training
    learners: Sequence[Learner]
    metric: str
    greater_is_better: bool
    budget: Budget
    seed: int
    progress: ProgressCallback | None = None
    trials: list[Trial] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self) -> Trial:
        """Return the best candidate.

        Raises
        ------
        SearchError
            When every candidate failed.
        """
        folds = FOLDS if len(self.training.y) <= MANY_ROWS else FEW_FOLDS
        matrices = FoldMatrices(self.training, stratified_parts(self.training.y, folds, self.seed))
        for position, learner in enumerate(self.learners):
            if self.best() is not None and self.budget.expired():
                break
            trial = Trial(learner)
            try:
                self._try(trial, matrices, folds, position)
            except (ValueError, ArithmeticError, MemoryError, LightGBMError) as error:
                self.failures.append(f"{learner.name} could not be fitted: {error}")
        best = self.best()
        if best is None:
            raise SearchError("; ".join(self.failures) or "no candidate was tried")
        return best

    def _try(self, trial: Trial, matrices: FoldMatrices, folds: int, position: int) -> None:
        y, learner = self.training.y, trial.learner
        is_last = position == len(self.learners) - 1
        candidate = self.budget.slice((1.0 if is_last else CANDIDATE_SHARE) * self.budget.remaining())
        for fold in range(folds):
            if fold and self.budget.expired():
                return
            share = self.budget.slice(candidate.remaining() / (folds - fold))
            made = matrices.get(fold, learner.view)
            judged = matrices.parts == fold
            fitted = learner.fit(made.learn, y[~judged], self.training.problem, seed=self.seed, budget=share)
            predicted = fitted.predict(made.judge)
            figures = evaluate(self.training.task, y[judged], predicted, self.training.classes)
            if trial.kept is None or fitted.rounds > trial.kept[0].rounds:
                trial.kept = fitted, made.plan
            trial.folds.append(figures)
            trial.rounds.append(fitted.rounds)
            trial.cut += not fitted.complete
            trial.seconds += share.elapsed()
            if not fold:
                self.trials.append(trial)
            done = (position * folds + fold + 1) / (len(self.learners) * folds)
            self._tell(done, f"{learner.name}: fold {fold + 1} of {folds}")

    def _tell(self, done: float, message: str) -> None:
        if self.progress is not None:
            self.progress(Progress(round(SEARCH_SHARE_OF_PROGRESS * done, 4), message, self.leaderboard()))

    def ranked(self) -> list[Trial]:
        """Return the trials with a score, best first."""
        scored = [trial for trial in self.trials if trial.mean(self.metric) is not None]
        sign = -1.0 if self.greater_is_better else 1.0
        return sorted(scored, key=lambda trial: sign * (trial.mean(self.metric) or 0.0))

    def best(self) -> Trial | None:
        """Return the best trial so far."""
        ranked = self.ranked()
        return ranked[0] if ranked else None

    def leaderboard(self) -> list[dict[str, Any]]:
        """Return one entry per trial, best first."""
        return [
            {
                "model": trial.learner.name,
                "metric": self.metric,
                "mean": trial.mean(self.metric),
                "std": float(np.std(trial.values(self.metric))),
                "folds": len(trial.folds),
                "fit_seconds": round(trial.seconds, 3),
                "chosen": position == 0,
            }
            for position, trial in enumerate(self.ranked())
        ]


def cross_validation(trial: Trial) -> dict[str, Any]:
    """Return the mean and spread of every metric over the folds of a trial."""
    return {**summarise(trial.folds), "folds": len(trial.folds)}
