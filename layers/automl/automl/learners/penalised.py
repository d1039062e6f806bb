"""Logistic and ridge regression along a path of penalties, strong to weak, judged on rows of their own."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import Ridge

from automl.budget import Budget
from automl.learners.base import FloatArray, Problem
from scoring.families.links import logistic, respond

# Wider and longer problems are solved by iteration, not by decomposition.
MAX_DECOMPOSED = 1_500
MAX_ITERATIONS = 200
# Of the largest variance: directions with less would only add rounding.
LEAST_VARIANCE = 1e-10
TOLERANCE = 1e-6
LSQR_ITERATIONS = 100
SMALLEST_PROBABILITY = 1e-7
# The score of a class that no row has: a probability of nothing beside any other.
ABSENT = -50.0


@dataclass(frozen=True)
class Solution:
    """Weights (inputs x outputs) and intercept (outputs) at one penalty, and their loss on other rows."""

    weights: FloatArray
    intercept: FloatArray
    penalty: float
    loss: float

    def answers(self, X: FloatArray, problem: Problem) -> FloatArray:
        """Return class probabilities, or one column of numbers."""
        return respond(X @ self.weights + self.intercept, problem.link)


@dataclass(frozen=True)
class Rows:
    """A matrix, what it is to answer and, for classes, how much a row of each counts."""

    X: FloatArray
    y: NDArray[Any]
    class_weights: FloatArray | None = None


def loss(
    answers: FloatArray, y: NDArray[Any], problem: Problem, class_weights: FloatArray | None = None
) -> float:
    """Return the mean squared error, or the log-loss, in which rows count by their classes."""
    if not problem.classes:
        return float(np.mean((answers[:, 0] - y) ** 2))
    labels = y.astype(np.intp)
    losses = -np.log(np.maximum(answers[np.arange(len(y)), labels], SMALLEST_PROBABILITY))
    return float(np.average(losses, weights=None if class_weights is None else class_weights[labels]))


def solve(learn: Rows, judge: Rows, problem: Problem, penalties: Sequence[float], budget: Budget) -> Solution:
    """Return the best solution of a path; it ends where a weaker penalty judges worse, or with the budget.

    It answers for rows that count by their class weights: see ``Portable.unweighted``.

    Parameters
    ----------
    penalties
        Of the sum of squared weights, from strong to weak: half of it is added to the sum of the
        log-losses, or to half the sum of squared errors.
    """
    steps = (_logistic if problem.classes else _ridge)(learn, problem, penalties, budget)
    best = _judged(next(steps), judge, problem)
    for step in steps:
        judged = _judged(step, judge, problem)
        # Written so that a loss that is no number ends the path too.
        if not judged.loss < best.loss:
            break
        best = judged
    return best


def _judged(solution: Solution, judge: Rows, problem: Problem) -> Solution:
    answers = solution.answers(judge.X, problem)
    return replace(solution, loss=loss(answers, judge.y, problem, judge.class_weights))


def _logistic(
    learn: Rows, problem: Problem, penalties: Sequence[float], budget: Budget
) -> Iterator[Solution]:
    present, labels, counts = np.unique(learn.y.astype(np.intp), return_inverse=True, return_counts=True)
    weights = None if learn.class_weights is None else learn.class_weights[present]
    counted = counts.astype(np.float64) if weights is None else counts * weights
    if len(present) < 2:
        yield _constant(present, counted, learn.X.shape[1], problem)
        return
    center = learn.X.mean(axis=0)
    X, values, vectors = _rotated(learn.X - center)
    descent = _Descent(X, values, labels, counted / counted.sum(), budget, weights)
    for penalty in penalties:
        descent.run(penalty)
        found = descent.weights if vectors is None else vectors @ descent.weights
        intercept = descent.intercept - center @ found
        yield _spread(Solution(found, intercept, penalty, math.inf), present, problem)
        if budget.expired():
            return


def _rotated(X: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return centred rows in the directions of their principal components, the variances and the directions.

    Directions without variance are left out: no weight there could help. A wide matrix stays as it is.
    """
    if X.shape[1] > MAX_DECOMPOSED:
        return X, np.einsum("ri,ri->i", X, X) / len(X), None
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    kept = values > LEAST_VARIANCE * max(float(values[-1]), LEAST_VARIANCE)
    return X @ vectors[:, kept], values[kept], vectors[:, kept]


class _Descent:
    """Penalised logistic regression by L-BFGS, each solution starting from the one before.

    The weights are scaled by the square root of the curvature that the loss has along them where all rows get
    the shares of the classes: in this measure the problem is nearly round, which saves most of the steps
    (Böhning, "Multinomial Logistic Regression Algorithm", 1992, bounds the curvature in the same way).
    """

    def __init__(
        self,
        X: FloatArray,
        values: FloatArray,
        labels: NDArray[np.intp],
        shares: FloatArray,
        budget: Budget,
        class_weights: FloatArray | None = None,
    ) -> None:
        self.X = X
        # What each row counts of the mean over all.
        self.share = np.full(len(X), 1.0 / len(X))
        if class_weights is not None:
            self.share = class_weights[labels] / class_weights[labels].sum()
        self.labels = labels
        self.budget = budget
        self.values = values
        if len(shares) == 2:
            self.targets = (labels == 1).astype(np.float64)[:, None]
            self.intercept = np.log(shares[1:] / shares[:1])
            shares = shares[1:]
        else:
            self.targets = np.eye(len(shares))[labels]
            self.intercept = np.log(shares)
        self.curvature = shares * (1.0 - shares)
        self.weights = np.zeros((X.shape[1], len(shares)))

    def run(self, penalty: float) -> None:
        """Go to the solution for this penalty, or as far as time allows."""
        ridge = penalty / len(self.X)
        scale = np.sqrt(np.vstack([self.curvature * self.values[:, None] + ridge, self.curvature]))

        def objective(flat: FloatArray) -> tuple[float, FloatArray]:
            both = flat.reshape(scale.shape) / scale
            weights = both[:-1]
            mean_loss, slope = self._loss(self.X @ weights + both[-1])
            gradient = np.vstack([self.X.T @ slope + ridge * weights, slope.sum(axis=0)]) / scale
            return mean_loss + 0.5 * ridge * float(np.sum(weights**2)), gradient.ravel()

        def stop_in_time(_: FloatArray) -> None:
            if self.budget.expired():
                raise StopIteration

        start = np.vstack([self.weights, self.intercept]) * scale
        found = minimize(
            objective,
            start.ravel(),
            jac=True,
            method="L-BFGS-B",
            callback=stop_in_time,
            options={"maxiter": MAX_ITERATIONS, "ftol": TOLERANCE, "gtol": TOLERANCE},
        )
        both = np.asarray(found.x, dtype=np.float64).reshape(scale.shape) / scale
        self.weights, self.intercept = both[:-1], both[-1]

    def _loss(self, scores: FloatArray) -> tuple[float, FloatArray]:
        """Return the mean log-loss, and its slope along the scores."""
        share = self.share[:, None]
        if scores.shape[1] == 1:
            losses = np.logaddexp(0.0, scores) - self.targets * scores
            return float(self.share @ losses[:, 0]), (logistic(scores) - self.targets) * share
        scores = scores - scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        totals = powers.sum(axis=1, keepdims=True)
        losses = np.log(totals[:, 0]) - scores[np.arange(len(scores)), self.labels]
        return float(self.share @ losses), (powers / totals - self.targets) * share


def _constant(present: NDArray[np.intp], counts: FloatArray, inputs: int, problem: Problem) -> Solution:
    """Return the shares of the classes, one row added to each: what rows of one class say."""
    shares = np.ones(problem.classes)
    shares[present] += counts
    log = np.log(shares / shares.sum())
    intercept = log if problem.classes > 2 else log[1:] - log[:1]
    return Solution(np.zeros((inputs, problem.outputs)), intercept, math.inf, math.inf)


def _spread(narrow: Solution, present: NDArray[np.intp], problem: Problem) -> Solution:
    """Return a solution over the classes that are present as one over all classes."""
    if len(present) == problem.classes:
        return narrow
    weights, intercept = narrow.weights, narrow.intercept
    if len(present) == 2:
        # Two classes have one score, which stands for the second against the first.
        weights = np.hstack([np.zeros_like(weights), weights])
        intercept = np.concatenate([[0.0], intercept])
    wide = np.zeros((len(weights), problem.classes))
    wide[:, present] = weights
    wide_intercept = np.full(problem.classes, ABSENT)
    wide_intercept[present] = intercept
    return Solution(wide, wide_intercept, narrow.penalty, narrow.loss)


def _ridge(
    learn: Rows,
    problem: Problem,  # noqa: ARG001  # one signature for both
    penalties: Sequence[float],
    budget: Budget,
) -> Iterator[Solution]:
    center, mean = learn.X.mean(axis=0), float(learn.y.mean())
    X, y = learn.X - center, learn.y - mean

    def solution(weights: FloatArray, penalty: float) -> Solution:
        return Solution(weights[:, None], np.array([mean - center @ weights]), penalty, math.inf)

    if min(X.shape) > MAX_DECOMPOSED:
        for penalty in penalties:
            fitted = Ridge(alpha=penalty, solver="lsqr", max_iter=LSQR_ITERATIONS, fit_intercept=False)
            yield solution(np.asarray(fitted.fit(X, y).coef_, dtype=np.float64), penalty)
            if budget.expired():
                return
        return
    # One decomposition serves every penalty: of the inputs' products, or of the rows' where these are fewer.
    wide = X.shape[1] > X.shape[0]
    values, vectors = np.linalg.eigh(X @ X.T if wide else X.T @ X)
    projected = vectors.T @ (y if wide else X.T @ y)
    for penalty in penalties:
        weights = vectors @ (projected / (np.maximum(values, 0.0) + penalty))
        yield solution(X.T @ weights if wide else weights, penalty)
