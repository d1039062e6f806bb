"""Try the candidates under cross-validation, within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from lightgbm.basic import LightGBMError
from numpy.typing import NDArray

from automl.budget import Budget
from automl.config import Progress, ProgressCallback
from automl.errors import AutomlError
from automl.folds import FoldMatrices, Training
from automl.learners import Fitted, Learner, Problem
from automl.learners.base import FloatArray
from automl.metrics import evaluate
from automl.splits import stratified_parts
from scoring.features import FeaturePlan

FOLDS = 5
FEW_FOLDS = 3
MANY_ROWS = 50_000
# On few rows more folds leave more to learn from, and more models to average. A booster grows a tree
# for each output and round, so they must be paid for by output.
MANY_FOLDS = 8
FEW_ROWS = 2_000
SECONDS_PER_OUTPUT = 30.0
# Of the time that is left a candidate may use so much: the first ones are the most promising.
CANDIDATE_SHARE = 0.5
SEARCH_SHARE_OF_PROGRESS = 0.85


class SearchError(AutomlError):
    """No candidate could be fitted."""


@dataclass
class Trial:
    """What cross-validation found out about one candidate, and the models of its folds.

    Parameters
    ----------
    learner
        The candidate.
    folds
        The figures of each fold.
    models
        The model of each fold with its plan.
    judged
        What each fold's model answers for the rows that it did not see.
    seconds
        How long all fits took.
    """

    learner: Learner
    folds: list[dict[str, Any]] = field(default_factory=list)
    models: list[tuple[Fitted, FeaturePlan]] = field(default_factory=list)
    judged: list[FloatArray] = field(default_factory=list)
    seconds: float = 0.0

    def values(self, metric: str) -> list[float]:
        """Return the metric of each fold where it is defined."""
        return defined(self.folds, metric)

    def mean(self, metric: str) -> float | None:
        """Return the mean of the metric over the folds."""
        values = self.values(metric)
        return float(np.mean(values)) if values else None


def fold_count(rows: int, problem: Problem, seconds: float) -> int:
    """Return how many folds suit the data and the time."""
    if rows > MANY_ROWS:
        return FEW_FOLDS
    return MANY_FOLDS if rows < FEW_ROWS and seconds >= SECONDS_PER_OUTPUT * problem.outputs else FOLDS


def defined(folds: Sequence[dict[str, Any]], metric: str) -> list[float]:
    """Return the metric of each fold where it is defined."""
    return [fold[metric] for fold in folds if fold[metric] is not None]


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
    folds: int = 0
    parts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    trials: list[Trial] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self) -> Trial:
        """Return the best candidate.

        Raises
        ------
        SearchError
            When every candidate failed.
        """
        self.folds = fold_count(len(self.training.y), self.training.problem, self.budget.seconds)
        self.parts = stratified_parts(self.training.y, self.folds, self.seed)
        matrices = FoldMatrices(self.training, self.parts)
        for position, learner in enumerate(self.learners):
            if self.best() is not None and self.budget.expired():
                break
            trial = Trial(learner)
            try:
                self._try(trial, matrices, position)
            except (ValueError, ArithmeticError, MemoryError, LightGBMError) as error:
                self.failures.append(f"{learner.name} could not be fitted: {error}")
        best = self.best()
        if best is None:
            raise SearchError("; ".join(self.failures) or "no candidate was tried")
        return best

    def _try(self, trial: Trial, matrices: FoldMatrices, position: int) -> None:
        y, learner, folds = self.training.y, trial.learner, self.folds
        is_last = position == len(self.learners) - 1
        candidate = self.budget.slice((1.0 if is_last else CANDIDATE_SHARE) * self.budget.remaining())
        for fold in range(folds):
            if fold and self.budget.expired():
                return
            share = self.budget.slice(candidate.remaining() / (folds - fold))
            made = matrices.get(fold, learner.view)
            judged = self.parts == fold
            fitted = learner.fit(made.learn, y[~judged], self.training.problem, seed=self.seed, budget=share)
            predicted = fitted.predict(made.judge)
            figures = evaluate(self.training.task, y[judged], predicted, self.training.classes)
            trial.folds.append(figures)
            trial.models.append((fitted, made.plan))
            trial.judged.append(predicted)
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
