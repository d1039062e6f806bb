"""Logistic and ridge regression on standardised inputs."""

import warnings
from typing import Any, override

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.features import LINEAR
from automl.learners.base import Exported, Fitted, FloatArray, Learner, Problem, all_classes
from automl.splits import holdout_mask
from scoring.linear import standardise

# A linear model learns next to nothing from more cells than these.
MAX_CELLS = 10_000_000
MIN_ROWS = 2_000
# Wider problems are solved by iteration, not by decomposition.
MAX_DECOMPOSED = 1_500
WIDE_ALPHA = 100.0
C = 0.3
STEP_ITERATIONS = 50
MAX_ITERATIONS = 300
# Cells times outputs times iterations that take about a second.
STEP_OPERATIONS = 500_000_000
ALPHAS = (1.0, 10.0, 100.0, 1000.0)


class FittedLinear(Fitted):
    """A scikit-learn linear model behind its standardisation."""

    def __init__(
        self, model: LogisticRegression | Ridge, center: FloatArray, scale: FloatArray, problem: Problem
    ) -> None:
        self.model = model
        self.center = center
        self.scale = scale
        self.problem = problem
        self.rounds = 1

    @override
    def predict(self, X: FloatArray) -> FloatArray:
        inputs = standardise(X, self.center, self.scale)
        if self.problem.classes:
            return all_classes(self.model.predict_proba(inputs), self.model.classes_, self.problem.classes)
        return np.asarray(self.model.predict(inputs), dtype=np.float64)[:, None]

    @override
    def export(self) -> Exported:
        arrays = {
            "center": self.center,
            "scale": self.scale,
            "weights": np.atleast_2d(self.model.coef_).T,
            "intercept": np.atleast_1d(np.asarray(self.model.intercept_, dtype=np.float64)),
        }
        return Exported({"family": "linear", "link": self.problem.link}, arrays)


class LinearLearner(Learner):
    """Logistic regression for classes, ridge regression for numbers."""

    name = "Linear model"
    view = LINEAR

    @override
    def parameters(self) -> dict[str, Any]:
        return {"C": C, "alphas": ", ".join(f"{alpha:g}" for alpha in ALPHAS), "max_cells": MAX_CELLS}

    @override
    def fit(
        self,
        X: FloatArray,
        y: NDArray[Any],
        problem: Problem,
        *,
        seed: int,
        budget: Budget,
        rounds: int | None = None,
    ) -> FittedLinear:
        most = max(MIN_ROWS, MAX_CELLS // X.shape[1])
        if len(X) > most:
            sample = np.sort(np.random.default_rng(seed).choice(len(X), most, replace=False))
            X, y = X[sample], y[sample]
        center = X.mean(axis=0)
        spread = X.std(axis=0)
        scale = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
        inputs = standardise(X, center, scale)
        # The threads of BLAS spin while they wait, which makes a busy machine many times slower.
        with threadpool_limits(1):
            model = _logistic(inputs, y, problem, budget) if problem.classes else _ridge(inputs, y, seed)
        return FittedLinear(model, center, scale, problem)


def _logistic(X: FloatArray, y: NDArray[Any], problem: Problem, budget: Budget) -> LogisticRegression:
    step = max(3, min(STEP_ITERATIONS, STEP_OPERATIONS // (X.size * problem.outputs)))
    model = LogisticRegression(C=C, max_iter=step, warm_start=True)
    with warnings.catch_warnings():
        # Not converged within a step means: take another step.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(MAX_ITERATIONS // step):
            model.fit(X, y)
            if int(np.max(model.n_iter_)) < step or budget.expired():
                break
    return model


def _ridge(X: FloatArray, y: NDArray[Any], seed: int) -> Ridge:
    if X.shape[1] > MAX_DECOMPOSED:
        return Ridge(alpha=WIDE_ALPHA, solver="lsqr", max_iter=100).fit(X, y)
    inner = holdout_mask(y, seed)
    learn, judge = X[~inner], X[inner]
    center, mean = learn.mean(axis=0), float(y[~inner].mean())
    centered = learn - center
    # One decomposition serves every alpha.
    values, vectors = np.linalg.eigh(centered.T @ centered)
    projected = vectors.T @ (centered.T @ (y[~inner] - mean))
    judged = (judge - center) @ vectors

    def error(alpha: float) -> float:
        predicted = judged @ (projected / (np.maximum(values, 0.0) + alpha)) + mean
        return float(np.mean((predicted - y[inner]) ** 2))

    return Ridge(alpha=min(ALPHAS, key=error), solver="cholesky").fit(X, y)
