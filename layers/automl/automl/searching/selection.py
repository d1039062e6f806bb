"""Which models answer together: greedy ensemble selection on out-of-fold answers (Caruana et al. 2004)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget
from automl.config import CLASSIFICATION
from automl.judging.calibration import temperature
from automl.judging.decision import Decision, tune
from automl.judging.metrics import summarise
from automl.learners.base import FloatArray
from automl.searching.folds import Training
from automl.searching.search import Search, Trial, defined, out_of_fold
from scoring.families.ensemble import calibrate
from scoring.families.links import sharpen

ENSEMBLE = "Weighted ensemble"
STEPS = 60
# Weights need no more rows than these, and each step looks at all of them once per candidate.
MAX_SELECTION_ROWS = 20_000
# On fewer rows several selections are averaged, each on a share of the rows.
FEW_ROWS = 5_000
BAGS = 10
BAG_SHARE = 0.6
# There, weights are also drawn half-way to equal ones of the best few, which do as well on new rows as those
# that noisy estimates find (the forecast combination puzzle: Stock and Watson 2004, Claeskens et al. 2016).
SHRINKAGE = 0.5
ALIKE = 4
NEAR = 0.05
# A repeat that gains less, as a share of the loss, is the last one.
LEAST_GAIN = 0.001
# A candidate that counts for less is not worth its bytes.
LEAST_WEIGHT = 0.015
# No probability is much smaller than that of one row among as many as were learned from.
FLOOR_ROWS = 0.5


@dataclass(frozen=True)
class Choice:
    """What is served.

    Parameters
    ----------
    trials, weights
        The chosen candidates, the heaviest first; the weights add up to one.
    temperatures
        What sharpens the probabilities of each.
    temperature, floor, prior
        What makes probabilities of their mean, see :func:`scoring.families.ensemble.calibrate`.
    decision
        Which class is answered.
    answers
        Their joint answer for each row, by models that did not learn from it; zeros for rows of no part.
    folds
        Its figures on each fold but the holdout.
    """

    trials: list[Trial]
    weights: list[float]
    temperatures: list[float]
    temperature: float
    floor: float
    prior: FloatArray
    decision: Decision | None
    answers: FloatArray
    folds: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """Shown on the leaderboard."""
        return ENSEMBLE if len(self.trials) > 1 else self.trials[0].candidate.name

    @property
    def members(self) -> list[dict[str, Any]]:
        """Names and weights, the heaviest first."""
        pairs = zip(self.trials, self.weights, strict=True)
        return [{"model": trial.candidate.name, "weight": round(weight, 4)} for trial, weight in pairs]

    def labels(self, rows: NDArray[np.intp]) -> NDArray[np.int64] | None:
        """Return the classes that are answered for some rows, None for numbers."""
        return None if self.decision is None else self.decision.decide(self.answers[rows])

    def figures(self, rows: NDArray[np.intp], training: Training) -> dict[str, Any]:
        """Return every metric on some rows."""
        metric = "" if self.decision is None else self.decision.metric
        return training.figures(metric, rows, self.answers[rows], self.labels(rows))

    def cross_validation(self) -> dict[str, Any]:
        """Return the mean and spread of every metric over the folds."""
        return {**summarise(self.folds), "folds": len(self.folds)}


def choose(search: Search, budget: Budget, most: int | None = None) -> Choice:
    """Return the ensemble that greedy selection finds, of at most so many candidates.

    Nothing here looks at the holdout.
    """
    training, metric, split = search.training, search.metric, search.splits[0]
    chosen_by = np.flatnonzero((split.parts >= 0) & (split.parts != split.holdout))
    rows = chosen_by[:: -(-len(chosen_by) // MAX_SELECTION_ROWS)]
    y = training.y[rows]
    trials = search.ranked()
    answers, temperatures = [], []
    for trial in trials:
        answer = out_of_fold(trial, search.splits, len(training.y))
        sharpness = 1.0
        if training.task == CLASSIFICATION:
            sharpness = temperature(y, answer[rows], class_weights=training.class_weights)
            answer = sharpen(answer, sharpness) if sharpness != 1.0 else answer
        answers.append(answer)
        temperatures.append(sharpness)

    def loss_on(part: NDArray[np.intp]) -> Callable[[FloatArray], float]:
        def loss(answer: FloatArray) -> float:
            figure = training.measure(metric, rows[part], answer)
            return np.inf if figure is None else -figure if search.greater_is_better else figure

        return loss

    losses = np.array([loss_on(np.arange(len(rows)))(answer[rows]) for answer in answers])
    usable = np.argsort(losses, kind="stable")[:most]
    weights = np.zeros(len(trials))
    for part in _bags(len(rows)):
        seen = [answers[place][rows[part]] for place in usable]
        weights[usable] += select(seen, loss_on(part), budget)
    weights /= weights.sum()
    if len(rows) <= FEW_ROWS and most is None:
        weights = _shrunk(weights, losses)
    weights = np.where(weights >= LEAST_WEIGHT, weights, 0.0)
    weights /= weights.sum()
    together = np.sum([w * answer for w, answer in zip(weights, answers, strict=True) if w], axis=0)
    order = sorted(np.flatnonzero(weights), key=lambda index: -weights[index])
    sharpness, floor, prior, decision = 1.0, 0.0, np.zeros(1), None
    if training.task == CLASSIFICATION:
        sharpness = temperature(y, together[rows], class_weights=training.class_weights)
        floor = FLOOR_ROWS / len(training.y)
        known = training.y[split.parts != split.holdout]
        prior = np.bincount(known, minlength=len(training.classes)) / len(known)
        together = calibrate(together, sharpness, floor, prior)
        decision = tune(metric, y, together[rows], split.parts[rows], budget, training.class_weights)
    choice = Choice(
        [trials[index] for index in order],
        [float(weights[index]) for index in order],
        [temperatures[index] for index in order],
        sharpness,
        floor,
        prior,
        decision,
        together,
        [],
    )
    judged = [split.judge(fold) for fold in range(split.count) if fold != split.holdout]
    return replace(choice, folds=[choice.figures(part, training) for part in judged])


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


def _shrunk(weights: FloatArray, losses: FloatArray) -> FloatArray:
    """Return weights half-way to equal ones of the best few, if several are about as good as the best."""
    order = np.argsort(losses, kind="stable")[:ALIKE]
    near = order[losses[order] <= losses[order[0]] + NEAR * abs(losses[order[0]])]
    if len(near) < 2:
        return weights
    equal = np.zeros(len(losses))
    equal[near] = 1.0 / len(near)
    return (1.0 - SHRINKAGE) * weights + SHRINKAGE * equal


def _bags(rows: int) -> list[NDArray[np.intp]]:
    """Return the rows that each of several selections looks at; their weights are averaged.

    On few rows a single selection fits their noise (Caruana et al. 2004 bag it over candidates instead).
    """
    if rows > FEW_ROWS:
        return [np.arange(rows)]
    generator = np.random.default_rng(0)
    size = max(1, int(BAG_SHARE * rows))
    return [np.sort(generator.choice(rows, size, replace=False)) for _ in range(BAGS)]


class Prospects:
    """Says which candidates are worth another repeat, and none once repeats stop to help."""

    def __init__(self) -> None:
        self._lowest = np.inf

    def __call__(self, search: Search) -> list[int]:
        """Return the candidates that the ensemble takes, by weight, if the last repeat has improved it."""
        choice = choose(search, search.budget)
        values = defined(choice.folds, search.deciding)
        mean = float(np.mean(values)) if values else 0.0
        loss = -mean if search.greater_is_better else mean
        if not loss < self._lowest - LEAST_GAIN * abs(loss):
            return []
        self._lowest = loss
        places = {id(trial): place for place, trial in enumerate(search.trials)}
        return [places[id(trial)] for trial in choice.trials]


def leaderboard(search: Search, choice: Choice) -> list[dict[str, Any]]:
    """Return one entry per candidate, best first, headed by the ensemble where there is one."""
    rows = search.leaderboard()
    if len(choice.trials) == 1:
        return [{**row, "chosen": row["model"] == choice.name} for row in rows]
    values = defined(choice.folds, search.deciding)
    row = {
        "model": choice.name,
        "metric": search.deciding,
        "mean": float(np.mean(values)),
        "std": float(np.std(values)),
        "folds": len(choice.folds),
        "fit_seconds": round(sum(trial.seconds for trial in choice.trials), 3),
        "chosen": True,
        "members": choice.members,
    }
    return [row, *({**other, "chosen": False} for other in rows)]
