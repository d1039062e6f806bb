"""Additive models: a penalised cubic spline of each continuous column beside the lines of all columns."""

from typing import Any, override

import numpy as np
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.learners.base import FloatArray, Learner, Problem, Sample
from automl.learners.linear import rows_within
from automl.learners.penalised import Rows, solve
from automl.learners.portable import Portable
from scoring.families.spline import CLIP, DEGREE, SplineBasis

KNOTS = 6
# More columns than these would make too wide a matrix; the others stay lines.
MAX_COLUMNS = 60
PENALTIES = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03)


class SplineLearner(Learner):
    """An additive model; the rows to judge choose the penalty."""

    name = "Additive model"
    view = "dense"

    @override
    def parameters(self) -> dict[str, Any]:
        return {
            "knots": KNOTS,
            "penalties": ", ".join(f"{penalty:g}" for penalty in PENALTIES),
            "max_columns": MAX_COLUMNS,
        }

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Portable:
        columns = min(learn.continuous, MAX_COLUMNS)
        functions = KNOTS + DEGREE - 1
        rows = rows_within(len(learn.X), learn.X.shape[1] + columns * functions, seed)
        knots = np.array([_knots(learn.X[rows, column]) for column in range(columns)])
        knots = knots.reshape(columns, KNOTS + 2 * DEGREE)
        basis = SplineBasis(knots)

        def design(X: FloatArray) -> FloatArray:
            clipped = np.clip(X, -CLIP, CLIP)
            return np.hstack([basis.values(clipped[:, :columns]), clipped])

        # The threads of BLAS spin while they wait, which makes a busy machine many times slower.
        with threadpool_limits(1):
            solution = solve(
                Rows(design(learn.X[rows]), learn.y[rows], learn.class_weights),
                Rows(design(judge.X), judge.y, judge.class_weights),
                problem,
                PENALTIES,
                budget,
            )
        bent, straight = np.split(solution.weights, [columns * functions])
        arrays = {
            "knots": knots,
            "spline": bent.reshape(columns, functions, problem.outputs),
            "weights": straight,
            "intercept": solution.intercept,
        }
        return Portable.of("spline", arrays, problem).unweighted(learn.class_weights)


def _knots(values: FloatArray) -> FloatArray:
    """Return knots at quantiles, or evenly spaced where values repeat, and three more on either side."""
    values = np.clip(values, -CLIP, CLIP)
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        low, high = low - 1.0, high + 1.0
    inner = np.quantile(values, np.linspace(0.0, 1.0, KNOTS))
    if np.diff(inner).min() < 1e-3 * (high - low):
        inner = np.linspace(low, high, KNOTS)
    before = inner[0] - (inner[1] - inner[0]) * np.arange(DEGREE, 0, -1)
    after = inner[-1] + (inner[-1] - inner[-2]) * np.arange(1, DEGREE + 1)
    return np.concatenate([before, inner, after])
