"""Logistic and ridge regression on standardised inputs."""

from typing import Any, override

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.learners.base import FloatArray, Learner, Problem, Sample
from automl.learners.penalised import Rows, Solution, solve
from automl.learners.portable import Portable
from scoring.families.linear import standardise

# A linear model learns next to nothing from more cells than these.
MAX_CELLS = 10_000_000
MIN_ROWS = 2_000
PENALTIES = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.1)


class LinearLearner(Learner):
    """Logistic regression for classes, ridge regression for numbers; the rows to judge choose the penalty."""

    name = "Linear model"
    view = "dense"

    @override
    def parameters(self) -> dict[str, Any]:
        return {"penalties": ", ".join(f"{penalty:g}" for penalty in PENALTIES), "max_cells": MAX_CELLS}

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Portable:
        rows = rows_within(len(learn.X), learn.X.shape[1], seed)
        X = learn.X[rows]
        center, scale = spread(X)
        # The threads of BLAS spin while they wait, which makes a busy machine many times slower.
        with threadpool_limits(1):
            solution: Solution = solve(
                Rows(standardise(X, center, scale), learn.y[rows], learn.class_weights),
                Rows(standardise(judge.X, center, scale), judge.y, judge.class_weights),
                problem,
                PENALTIES,
                budget,
            )
        arrays = {
            "center": center,
            "scale": scale,
            "weights": solution.weights,
            "intercept": solution.intercept,
        }
        return Portable.of("linear", arrays, problem).unweighted(learn.class_weights)


def rows_within(rows: int, columns: int, seed: int) -> NDArray[np.int64]:
    """Return the numbers of all rows, or of as many as the cap on cells allows."""
    most = max(MIN_ROWS, MAX_CELLS // max(1, columns))
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def spread(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each column, one where it is constant."""
    center = X.mean(axis=0)
    deviation = X.std(axis=0)
    return center, np.where(deviation > 1e-12 * np.maximum(1.0, np.abs(center)), deviation, 1.0)
