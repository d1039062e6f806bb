"""The rows of a search, their folds, and the fitting of one candidate on one fold."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget, Clock
from automl.config import CLASSIFICATION
from automl.errors import DataError
from automl.features.views import View, ViewFitter
from automl.judging.metrics import evaluate, measure
from automl.learners import Candidate, Fitted, Problem
from automl.learners.base import FloatArray
from automl.learners.packing import constant
from automl.searching.workers import Job
from automl.splitting.deal import NO_PART
from automl.splitting.splits import Folds, inner_rows, make_folds
from scoring.blocks import Blocks, Encoders
from scoring.families.ensemble import Scale
from scoring.steps import Plan

CACHE_BYTES = 500_000_000
# A fit holds a fold's blocks, its matrix in the learner's own form and what it works with: so many times
# the blocks of all rows, beside what is kept.
FIT_BLOCKS = 6
# Of the rows that a fold model learns from where it must not judge itself by the fold: one in so many.
INNER_SHARE = 8
# How far beyond what training saw an answer may lie, as a share of the target's range.
BEYOND = 0.05
SKEWED = 1.0
# Before the name of a metric: on rows that count by their class weights.
WEIGHTED = "weighted_"


@dataclass(frozen=True)
class Training:
    """What may be learned from.

    Parameters
    ----------
    encoders
        Wrote the blocks.
    blocks
        Of the usable rows.
    y
        Class indices or numbers.
    task
        Classification or regression.
    classes
        Labels, empty for regression.
    positive
        Of two classes, the index of the one that is looked for.
    groups, times
        What rows are split by, if by more than chance.
    class_weights
        How much a row of each class counts, if not all count alike.
    """

    encoders: Encoders
    blocks: Blocks
    y: NDArray[Any]
    task: str
    classes: list[str]
    positive: int = 1
    groups: NDArray[np.int64] | None = None
    times: FloatArray | None = None
    class_weights: FloatArray | None = None

    @property
    def problem(self) -> Problem:
        """What is learned."""
        return Problem(len(self.classes))

    @property
    def width(self) -> int:
        """How many numbers answer a row."""
        return max(1, len(self.classes))

    @property
    def skewed(self) -> bool:
        """Whether a regression may be easier on the logarithm of its target."""
        if self.task == CLASSIFICATION or self.y.min() < 0:
            return False
        center, spread = self.y.mean(), self.y.std()
        return bool(spread > 0 and (((self.y - center) / spread) ** 3).mean() > SKEWED)

    def scale(self, *, log: bool) -> Scale | None:
        """Return how a regressor's scores become numbers."""
        if self.task == CLASSIFICATION:
            return None
        values = np.log1p(self.y) if log else self.y
        low, high = float(self.y.min()), float(self.y.max())
        room = BEYOND * (high - low)
        return Scale(float(values.mean()), float(values.std()) or 1.0, log, low - room, high + room)

    @property
    def weight_of_class(self) -> dict[str, float] | None:
        """The class weights by label."""
        weights = self.class_weights
        return None if weights is None else dict(zip(self.classes, weights.tolist(), strict=True))

    def deciding(self, metric: str) -> str:
        """Return under which name of :meth:`figures` the metric stands that decides."""
        return metric if self.class_weights is None else f"{WEIGHTED}{metric}"

    def figures(
        self,
        metric: str,
        rows: NDArray[np.intp],
        answers: FloatArray,
        labels: NDArray[np.int64] | None = None,
    ) -> dict[str, Any]:
        """Return every metric of answers to some rows, of decided labels if there are any.

        With class weights there is one more: the deciding metric on rows that count by them.
        """
        y, weights = self.y[rows], self.class_weights
        figures = evaluate(self.task, y, answers, self.classes, labels, self.positive)
        if weights is not None:
            figures[self.deciding(metric)] = self.measure(metric, rows, answers, labels)
        return figures

    def measure(
        self,
        metric: str,
        rows: NDArray[np.intp],
        answers: FloatArray,
        labels: NDArray[np.int64] | None = None,
    ) -> float | None:
        """Return the metric that decides, on some rows, by the shortest way to it."""
        return measure(metric, self.task, self.y[rows], answers, labels, self.positive, self.class_weights)

    def goals(self, *, log: bool) -> NDArray[Any]:
        """Return the target as learners take it."""
        scale = self.scale(log=log)
        if scale is None:
            return self.y
        values = np.log1p(self.y) if log else self.y
        return np.asarray((values - scale.center) / scale.spread, dtype=np.float64)


def split_rows(
    y: NDArray[Any],
    folds: int,
    repeats: int,
    seed: int,
    groups: NDArray[np.int64] | None = None,
    times: FloatArray | None = None,
    *,
    first: Folds | None = None,
) -> list[Folds]:
    """Return the folds of each repeat; all have the same holdout.

    Parameters
    ----------
    y
        Class indices or numbers; every part gets the same mix of them.
    folds
        How many parts.
    repeats
        How often the rows outside the holdout are dealt anew.
    seed
        Equal seeds give equal splits.
    groups
        Rows of a group stay together.
    times
        Later rows are judged by models of earlier ones; there is one deal of these only.
    first
        Whose holdout it is to be. Its other rows are dealt anew where it has another number of folds, or
        copies that its folds do not keep together.

    Raises
    ------
    DataError
        When a fold has nothing to judge by, or none is left beside the holdout.
    """
    given = first is not None
    first = make_folds(y, folds, seed, groups, times) if first is None else first.fewer(folds)
    if first.count < 2 or not all(len(first.judge(fold)) for fold in range(first.count)):
        raise DataError(
            "too_few_parts", "The group or time column leaves too few parts: choose another, or none."
        )
    if first.blocks is not None or first.count < 3:
        return [first]
    if given and (first.count != folds or first.copies is not None):
        first = _dealt_anew(first, y, folds, seed, groups)
    return [first, *(_dealt_anew(first, y, first.count, seed + again, groups) for again in range(1, repeats))]


def _dealt_anew(
    first: Folds, y: NDArray[Any], folds: int, seed: int, groups: NDArray[np.int64] | None
) -> Folds:
    """Return folds with the same holdout, the other rows dealt by another seed."""
    others = np.flatnonzero((first.parts != first.holdout) & (first.parts != NO_PART))
    again = make_folds(y[others], folds - 1, seed, None if groups is None else groups[others])
    parts = np.where(first.parts == first.holdout, again.count, NO_PART)
    parts[others] = again.parts
    return Folds(parts, again.count + 1, copies=first.copies)


@dataclass(frozen=True)
class FoldModel:
    """A fitted model of one fold.

    Parameters
    ----------
    fitted, plan
        The model, and what makes its matrix.
    answers
        Probabilities or numbers for the rows that it did not learn from.
    seconds
        How long it took.
    """

    fitted: Fitted
    plan: Plan
    answers: FloatArray
    seconds: float


@dataclass
class FoldFitter:
    """Fits candidates on folds; keeps the matrices that it made last.

    Parameters
    ----------
    training
        The rows.
    splits
        The folds of each repeat.
    candidates
        What can be fitted.
    seed
        For learners and cross-fitting.
    clock
        Returns seconds.
    """

    training: Training
    splits: Sequence[Folds]
    candidates: Sequence[Candidate]
    seed: int
    clock: Clock
    _fitters: OrderedDict[tuple[int, int], ViewFitter] = field(default_factory=OrderedDict)
    _views: OrderedDict[tuple[int, int, str], View] = field(default_factory=OrderedDict)

    @property
    def bytes_each(self) -> int:
        """About how much memory a process needs that fits."""
        blocks = self.training.blocks
        size = blocks.numbers.nbytes + blocks.codes.nbytes
        return min(CACHE_BYTES, self.splits[0].count * size) + FIT_BLOCKS * size

    def __call__(self, job: Job) -> FoldModel:
        """Fit a candidate on a fold."""
        budget = Budget(job.seconds, self.clock)
        training, split, candidate = self.training, self.splits[job.repeat], self.candidates[job.candidate]
        goals = training.goals(log=candidate.log)
        judged, learned = split.judge(job.fold), split.learn(job.fold)
        view = self._view(job, candidate.learner.view)
        learn = view.learn if not candidate.log else view.relabelled(goals[learned])
        learn = replace(learn, class_weights=training.class_weights)
        judge = replace(
            view.sample(training.blocks.take(judged), goals[judged]), class_weights=training.class_weights
        )
        held_out = judge
        if job.fold == split.holdout:
            inner = self._inner(learn.y, learned)
            judge = learn.take(inner)
            learn = learn.take(~inner) if candidate.learner.judges else learn
        seed = self.seed + 100 * job.repeat + job.fold
        if learn.X.shape[1]:
            fitted = candidate.learner.fit(learn, judge, training.problem, seed=seed, budget=budget)
        else:
            # Where no column varies there is one answer, and libraries refuse such a matrix.
            fitted = constant(learn.y, training.problem)
        answers = fitted.predict(held_out.X)
        scale = training.scale(log=candidate.log)
        if scale is not None:
            answers = scale.apply(answers)
        if not np.isfinite(answers).all():
            raise ArithmeticError("it answered with numbers that are not finite")
        return FoldModel(fitted, view.plan, answers, budget.elapsed())

    def _inner(self, y: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of the rows to learn from judge instead of the holdout."""
        groups, times = self.training.groups, self.training.times
        return inner_rows(
            y,
            INNER_SHARE,
            self.seed,
            None if groups is None else groups[rows],
            None if times is None else times[rows],
        )

    def _view(self, job: Job, name: str) -> View:
        key = (job.repeat, job.fold, name)
        if key not in self._views:
            made = self._fitter(job).fit(name)
            while self._views and self._bytes() + made.nbytes > CACHE_BYTES:
                self._views.popitem(last=False)
            self._views[key] = made
        self._views.move_to_end(key)
        return self._views[key]

    def _fitter(self, job: Job) -> ViewFitter:
        key = (job.repeat, job.fold)
        if key not in self._fitters:
            training, learned = self.training, self.splits[job.repeat].learn(job.fold)
            blocks, goals = training.blocks.take(learned), training.goals(log=False)[learned]
            if self._fitters and blocks.numbers.nbytes * (len(self._fitters) + 1) > CACHE_BYTES:
                self._fitters.popitem(last=False)
            self._fitters[key] = ViewFitter(training.encoders, blocks, goals, training.problem, self.seed)
        return self._fitters[key]

    def _bytes(self) -> int:
        return sum(view.nbytes for view in self._views.values())
