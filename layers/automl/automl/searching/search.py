"""Try the candidates under cross-validation, within a budget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.budget import Budget
from automl.config import Progress, ProgressCallback
from automl.errors import SearchError
from automl.learners import Candidate, Problem
from automl.learners.base import FloatArray
from automl.searching.folds import FoldModel, Training
from automl.searching.workers import Done, Job, Workers
from automl.splitting.splits import Folds

FOLDS = 5
FEW_FOLDS = 3
MANY_ROWS = 100_000
# More folds leave more to learn from, and more models to average. They are worth it from so many seconds on
# for each score of a booster: of few rows altogether, of others for each row. Numbers are boosted for longer.
MANY_FOLDS = 8
FEW_ROWS = 2_000
SECONDS_OF_FEW = 2.0
SECONDS_OF_ROW = 0.008
SECONDS_OF_NUMBER = 0.04
# How often the folds are dealt at most, time permitting.
REPEATS = 3
REPEATS_OF_FEW = 6
# What one candidate may use of the budget, over all of its folds: of the first repeat, of a later one,
# and what the very first may use, so that there is a usable model early.
CANDIDATE_SHARE = 0.2
REPEAT_SHARE = 0.1
FIRST_SHARE = 0.1
# With less time left than this nothing is started.
LEAST_SECONDS = 0.3
# The clock is looked at so often: it may end the search by what it raises.
LOOK_SECONDS = 1.0
SHARE_OF_PROGRESS = 0.85


@dataclass
class Trial:
    """What cross-validation found out about one candidate.

    Parameters
    ----------
    candidate
        What was tried.
    models
        By repeat and fold.
    figures
        By fold of the first repeat: every metric, on the rows that its model did not learn from.
    fault
        Why it was given up, if it was.
    """

    candidate: Candidate
    models: dict[tuple[int, int], FoldModel] = field(default_factory=dict)
    figures: dict[int, dict[str, Any]] = field(default_factory=dict)
    fault: str | None = None

    @property
    def seconds(self) -> float:
        """How long all fits took, added up over the workers."""
        return sum(model.seconds for model in self.models.values())

    def slowest(self) -> float:
        """Return the seconds of the slowest fold."""
        return max((model.seconds for model in self.models.values()), default=0.0)

    def values(self, metric: str, holdout: int) -> list[float]:
        """Return the metric of each fold but the holdout, where it is defined."""
        folds = [figures for fold, figures in sorted(self.figures.items()) if fold != holdout]
        return defined(folds, metric)

    def whole(self, folds: int) -> list[int]:
        """Return the repeats of which every fold is there."""
        repeats = {repeat for repeat, _ in self.models}
        return sorted(
            repeat for repeat in repeats if all((repeat, fold) in self.models for fold in range(folds))
        )


def dealt_folds(rows: int) -> int:
    """Return how many folds suit the data, whatever the time; one of them is the holdout."""
    if rows > MANY_ROWS:
        return FEW_FOLDS
    return MANY_FOLDS if rows < FEW_ROWS else FOLDS


def fold_count(rows: int, problem: Problem, seconds: float) -> int:
    """Return how many folds suit the data and the time."""
    if rows > MANY_ROWS:
        return FEW_FOLDS
    of_row = SECONDS_OF_ROW if problem.classes else SECONDS_OF_NUMBER
    # A booster grows a tree for each output and round.
    needed = (SECONDS_OF_FEW if rows < FEW_ROWS else of_row * rows) * problem.outputs
    return MANY_FOLDS if seconds >= needed else FOLDS


def repeat_count(rows: int) -> int:
    """Return how often the folds are dealt at most."""
    return REPEATS_OF_FEW if rows < FEW_ROWS else REPEATS


def defined(folds: Sequence[dict[str, Any]], metric: str) -> list[float]:
    """Return the metric of each fold where it is defined."""
    return [fold[metric] for fold in folds if fold[metric] is not None]


@dataclass
class Search:
    """A search over candidates.

    Parameters
    ----------
    training
        The rows.
    splits
        The folds of each repeat.
    candidates
        What is tried, in order.
    metric
        What decides.
    greater_is_better
        Its direction.
    budget
        When to stop.
    workers
        Who fits.
    promising
        Given the finished trials, returns those that are worth another repeat.
    progress
        Told after each fold.

    Attributes
    ----------
    trials
        What was found out about each candidate.
    breaches
        Fits that were given up by a fault of ours, in any repeat.
    """

    training: Training
    splits: Sequence[Folds]
    candidates: Sequence[Candidate]
    metric: str
    greater_is_better: bool
    budget: Budget
    workers: Workers
    promising: Callable[["Search"], list[int]]
    progress: ProgressCallback | None = None
    trials: list[Trial] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    _queue: list[Job] = field(default_factory=list)
    _repeat: int = 0
    _running: int = 0

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return self.splits[0].count

    @property
    def deciding(self) -> str:
        """The name of the figure that decides."""
        return self.training.deciding(self.metric)

    @property
    def holdout(self) -> int:
        """The fold that chooses nothing."""
        return self.splits[0].holdout

    def run(self) -> None:
        """Try candidates until all are done or time is up.

        Raises
        ------
        SearchError
            When none could be fitted.
        """
        self.trials = [Trial(candidate) for candidate in self.candidates]
        self._queue = self._jobs(0, range(len(self.candidates)))
        while True:
            while self.workers.idle and (job := self._next()) is not None:
                self.workers.start(job)
                self._running += 1
            if not self._running:
                break
            for done in self.workers.wait(min(LOOK_SECONDS, self.budget.remaining()) or LOOK_SECONDS):
                self._running -= 1
                self._record(done)
            if self.budget.expired() and self.ranked():
                break
        if not self.ranked():
            raise SearchError("; ".join(self.failures()) or "no candidate was tried")

    def ranked(self) -> list[Trial]:
        """Return the trials with all folds of the first repeat, best first."""
        usable = [trial for trial in self.trials if 0 in trial.whole(self.folds)]
        sign = -1.0 if self.greater_is_better else 1.0

        def order(trial: Trial) -> tuple[bool, float]:
            values = trial.values(self.deciding, self.holdout)
            return (not values, sign * float(np.mean(values)) if values else 0.0)

        return sorted(usable, key=order)

    def failures(self) -> list[str]:
        """Return the candidates that could not be fitted, and why."""
        return [
            f"{trial.candidate.name} could not be fitted: {trial.fault}"
            for trial in self.trials
            if trial.fault is not None
        ]

    def leaderboard(self) -> list[dict[str, Any]]:
        """Return one entry per candidate with a figure, best first."""
        rows = []
        for trial in self.ranked():
            values = trial.values(self.deciding, self.holdout)
            if values:
                rows.append(
                    {
                        "model": trial.candidate.name,
                        "metric": self.deciding,
                        "mean": float(np.mean(values)),
                        "std": float(np.std(values)),
                        "folds": len(values),
                        "fit_seconds": round(trial.seconds, 3),
                    }
                )
        return rows

    def _jobs(self, repeat: int, candidates: Sequence[int]) -> list[Job]:
        return [Job(candidate, repeat, fold, 0.0) for candidate in candidates for fold in range(self.folds)]

    def _next(self) -> Job | None:
        """Return the next job that can still be done in time."""
        while True:
            if not self._queue and not self._more():
                return None
            job = self._queue.pop(0)
            trial = self.trials[job.candidate]
            if trial.fault is not None:
                continue
            left = self.budget.remaining()
            must = not self.ranked() and job.candidate == self._first()
            known, rounds = trial.slowest(), (self.folds - job.fold) / self.workers.count
            if not must and (left < LEAST_SECONDS or known * rounds > left):
                self._drop(job)
                continue
            return Job(job.candidate, job.repeat, job.fold, self._seconds(job, must=must))

    def _first(self) -> int:
        """Return the first candidate that has not failed: it is fitted whatever the time."""
        return next((place for place, trial in enumerate(self.trials) if trial.fault is None), 0)

    def _seconds(self, job: Job, *, must: bool) -> float:
        share = FIRST_SHARE if must else CANDIDATE_SHARE if job.repeat == 0 else REPEAT_SHARE
        fair = share * self.budget.seconds * self.workers.count / self.folds
        return fair if must else min(max(fair, 1.0), self.budget.remaining())

    def _drop(self, job: Job) -> None:
        self._queue = [
            other for other in self._queue if (other.candidate, other.repeat) != (job.candidate, job.repeat)
        ]

    def _more(self) -> bool:
        """Queue another repeat of the candidates that matter, once all running jobs have ended."""
        if self._running or self._repeat + 1 >= len(self.splits) or not self.ranked():
            return False
        if self.budget.remaining() < LEAST_SECONDS:
            return False
        self._repeat += 1
        self._queue = self._jobs(self._repeat, self.promising(self))
        return bool(self._queue)

    def _record(self, done: Done) -> None:
        job, trial = done.job, self.trials[done.job.candidate]
        if done.fault is not None:
            if done.ours:
                self.breaches.append(f"{trial.candidate.name}: {done.fault}")
            if job.repeat == 0:
                trial.fault = done.fault
            self._drop(job)
            return
        model: FoldModel = done.result
        trial.models[job.repeat, job.fold] = model
        if job.repeat == 0:
            rows = self.splits[0].judge(job.fold)
            trial.figures[job.fold] = self.training.figures(self.metric, rows, model.answers)
        self._tell(job, trial)

    def _tell(self, job: Job, trial: Trial) -> None:
        if self.progress is not None:
            message = f"{trial.candidate.name}: fold {job.fold + 1} of {self.folds}"
            fraction = round(SHARE_OF_PROGRESS * self.budget.used(), 4)
            self.progress(Progress(fraction, message, self.leaderboard()))


def out_of_fold(trial: Trial, splits: Sequence[Folds], rows: int) -> FloatArray:
    """Return the mean answer for each row by the models that did not learn from it.

    Rows of no part get zeros.
    """
    whole = trial.whole(splits[0].count)
    total = np.zeros((rows, trial.models[0, 0].answers.shape[1]))
    for repeat in whole:
        for fold in range(splits[0].count):
            total[splits[repeat].judge(fold)] += trial.models[repeat, fold].answers
    return total / len(whole)
