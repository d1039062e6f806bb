"""Kernel machines for small data: logistic and ridge regression on nearness to landmarks."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, override

import numpy as np
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.learners.base import Arrays, FloatArray, Learner, Problem, Sample
from automl.learners.penalised import Rows, solve
from automl.learners.portable import Portable
from scoring.families.kernel import CLIP, RadialBasis

LANDMARKS = 500
# Rows beyond these make the path slower than it is worth beside other models.
MAX_ROWS = 20_000
# Gammas, in units of one over the mean squared distance of a row from the mean: first the likeliest, then
# upward as long as that helps, else downward.
WIDTHS = (0.3, 1.0, 3.0, 0.1)
# With another width the best penalty is hardly more than so many times as strong.
NEARBY = 10.0
LEAST_DEVIATION = 1e-9
PENALTIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
# Directions in which the landmarks hardly differ would only add rounding.
LEAST_VALUE = 1e-7


class KernelLearner(Learner):
    """Logistic or ridge regression with a Gaussian kernel on at most ``LANDMARKS`` of the rows.

    Williams and Seeger, "Using the Nyström Method to Speed Up Kernel Machines" (2000). The rows to judge
    choose the width of the kernel and the penalty. Its log-loss out of fold was lower than that of support
    vectors on each of the four sets of classes tried, and it needs no calibration.
    """

    name = "Kernel machine"
    view = "dense"

    @override
    def parameters(self) -> dict[str, Any]:
        return {
            "landmarks": LANDMARKS,
            "widths": ", ".join(f"{width:g}" for width in WIDTHS),
            "penalties": ", ".join(f"{penalty:g}" for penalty in PENALTIES),
        }

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Portable:
        order = np.random.default_rng(seed).permutation(len(learn.X))[:MAX_ROWS]
        X = np.clip(learn.X[order], -CLIP, CLIP)
        # In single precision the stored model is half the size, and the fit has the very same landmarks.
        landmarks = np.unique(X[:LANDMARKS].astype(np.float32), axis=0).astype(np.float64)
        weights = learn.class_weights
        trial = _Trial(
            landmarks, Rows(X, learn.y[order], weights), Rows(judge.X, judge.y, weights), problem, budget
        )
        # The threads of BLAS spin while they wait, which makes a busy machine many times slower.
        with threadpool_limits(1):
            trial.run(WIDTHS[0], PENALTIES)
            for widths in (WIDTHS[1:3], WIDTHS[3:]):
                # Once one direction has led down, the other cannot.
                for width in widths:
                    if budget.expired() or not trial.run(width, trial.nearby()):
                        break
                if trial.width != WIDTHS[0]:
                    break
        return Portable.of("kernel", trial.arrays, problem).unweighted(weights)


class _Trial:
    """What has been tried, and the best of it."""

    def __init__(
        self, landmarks: FloatArray, learn: Rows, judge: Rows, problem: Problem, budget: Budget
    ) -> None:
        self.landmarks = landmarks
        self.learn = learn
        self.judge = judge
        self.problem = problem
        self.budget = budget
        deviation = float(learn.X.var(axis=0).sum())
        self.unit = 1.0 / deviation if deviation > LEAST_DEVIATION else 1.0
        self.loss = self.width = self.penalty = math.inf
        self.arrays: Arrays = {}

    def nearby(self) -> list[float]:
        """Return the penalties worth trying with another width."""
        return [penalty for penalty in PENALTIES if penalty <= NEARBY * self.penalty]

    def run(self, width: float, penalties: Sequence[float]) -> bool:
        """Try a width, and return whether it is the best so far."""
        gamma = width * self.unit
        basis = RadialBasis(self.landmarks, gamma)
        root = _root(basis.near(self.landmarks))
        learn = replace(self.learn, X=basis.near(self.learn.X) @ root)
        judge = replace(self.judge, X=basis.near(self.judge.X) @ root)
        solution = solve(learn, judge, self.problem, penalties, self.budget)
        if self.arrays and not solution.loss < self.loss:
            return False
        self.loss, self.width, self.penalty = solution.loss, width, solution.penalty
        self.arrays = {
            "landmarks": self.landmarks.astype(np.float32),
            "gamma": np.array([gamma]),
            "weights": root @ solution.weights,
            "intercept": solution.intercept,
        }
        return True


def _root(near: FloatArray) -> FloatArray:
    """Return the inverse square root of the landmarks' nearness, as landmarks x directions."""
    values, vectors = np.linalg.eigh(near)
    kept = values > LEAST_VALUE * values[-1]
    root: FloatArray = vectors[:, kept] / np.sqrt(values[kept])
    return root
