"""Which models answer together: greedy ensemble selection on out-of-fold answers (Caruana et al. 2004)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget
from automl.learners.base import FloatArray
from automl.metrics import evaluate, measure, summarise
from automl.search import Search, Trial, defined

ENSEMBLE = "Weighted ensemble"
STEPS = 25
# Weights need no more rows than these, and each step looks at all of them once per candidate.
MAX_SELECTION_ROWS = 30_000


@dataclass(frozen=True)
class Choice:
    """What is served: candidates with weights that add up to one, and their joint figures on each fold."""

    trials: list[Trial]
    weights: list[float]
    folds: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """Shown on the leaderboard."""
        return ENSEMBLE if len(self.trials) > 1 else self.trials[0].learner.name

    @property
    def members(self) -> list[dict[str, Any]]:
        """Names and weights, the heaviest first."""
        pairs = zip(self.trials, self.weights, strict=True)
        return [{"model": trial.learner.name, "weight": round(weight, 4)} for trial, weight in pairs]

    def cross_validation(self) -> dict[str, Any]:
        """Return the mean and spread of every metric over the folds."""
        return {**summarise(self.folds), "folds": len(self.folds)}


def choose(search: Search, budget: Budget) -> Choice:
    """Return the ensemble where it beats the best candidate on out-of-fold answers, else that candidate."""
    best = search.ranked()[0]
    alone = Choice([best], [1.0], best.folds)
    whole = [trial for trial in search.ranked() if len(trial.folds) == search.folds]
    if len(whole) < 2:
        return alone
    training, metric = search.training, search.metric
    answers = [out_of_fold(trial, search.parts) for trial in whole]
    seen = np.flatnonzero(search.parts >= 0)
    rows = seen[:: -(-len(seen) // MAX_SELECTION_ROWS)]

    def loss(answer: FloatArray) -> float:
        figure = measure(metric, training.task, training.y[rows], answer)
        return np.inf if figure is None else -figure if search.greater_is_better else figure

    weights = select([answer[rows] for answer in answers], loss, budget)
    together = np.tensordot(weights, np.stack(answers), axes=1)
    judged = [search.parts == fold for fold in range(search.folds)]
    folds = [evaluate(training.task, training.y[part], together[part], training.classes) for part in judged]
    order = sorted(np.flatnonzero(weights), key=lambda index: -weights[index])
    ensemble = Choice([whole[index] for index in order], [float(weights[index]) for index in order], folds)
    # A candidate that time cut is compared on the folds that it has.
    ours, theirs = (np.mean(defined(them[: len(best.folds)], metric)) for them in (folds, best.folds))
    better = ours > theirs if search.greater_is_better else ours < theirs
    return ensemble if len(order) > 1 and better else alone


def out_of_fold(trial: Trial, parts: NDArray[np.int64]) -> FloatArray:
    """Return the answer for each row by the model that did not see it, zeros for rows of no fold."""
    answers = np.zeros((len(parts), trial.judged[0].shape[1]))
    for fold, judged in enumerate(trial.judged):
        answers[parts == fold] = judged
    return answers


def select(answers: Sequence[FloatArray], loss: Callable[[FloatArray], float], budget: Budget) -> FloatArray:
    """Return weights that add up to one: from the best answer on, add whichever helps most, repeatedly.

    The weights after the best of the steps are returned, so they are never worse than the best answer.
    """
    counts = np.zeros(len(answers))
    total = np.zeros_like(answers[0])
    best, lowest = counts, np.inf
    for step in range(1, STEPS + 1):
        losses = [loss((total + answer) / step) for answer in answers]
        winner = int(np.argmin(losses))
        counts[winner] += 1
        total += answers[winner]
        if losses[winner] < lowest:
            best, lowest = counts.copy(), losses[winner]
        if budget.expired():
            break
    if not best.any():
        best = np.eye(len(answers))[0]
    weights: FloatArray = best / best.sum()
    return weights


def leaderboard(search: Search, choice: Choice) -> list[dict[str, Any]]:
    """Return one entry per candidate, best first, headed by the ensemble where there is one."""
    rows = search.leaderboard()
    if len(choice.trials) == 1:
        return rows
    values = defined(choice.folds, search.metric)
    row = {
        "model": choice.name,
        "metric": search.metric,
        "mean": float(np.mean(values)),
        "std": float(np.std(values)),
        "folds": len(choice.folds),
        "fit_seconds": round(sum(trial.seconds for trial in choice.trials), 3),
        "chosen": True,
        "members": choice.members,
    }
    return [row, *({**other, "chosen": False} for other in rows)]
