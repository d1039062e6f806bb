"""Histogram gradient boosting of scikit-learn, without its native categories.

Native categories reorder the columns inside the model; codes lose little and export exactly.
"""

from typing import Any, override

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.features import TREE
from automl.learners.base import (
    Exported,
    Fitted,
    FloatArray,
    Learner,
    Problem,
    all_classes,
    pack_trees,
    threads_for,
)

ROUNDS = 150
FIRST_STEP = 10
LAST_STEP = 70
LEARNING_RATE = 0.06
LEAVES = 24


class FittedHistogram(Fitted):
    """A fitted histogram booster."""

    def __init__(
        self,
        model: HistGradientBoostingClassifier | HistGradientBoostingRegressor,
        problem: Problem,
        *,
        complete: bool,
    ) -> None:
        self.model = model
        self.problem = problem
        self.rounds = int(model.n_iter_)
        self.complete = complete

    @override
    def predict(self, X: FloatArray) -> FloatArray:
        with threadpool_limits(threads_for(X)):
            if not self.problem.classes:
                return np.asarray(self.model.predict(X), dtype=np.float64)[:, None]
            present = self.model.classes_.astype(np.int64)
            return all_classes(self.model.predict_proba(X), present, self.problem.classes)

    @override
    def export(self) -> Exported:
        # scikit-learn has no public access to these trees; the parity check guards what is read here.
        predictors = self.model._predictors  # noqa: SLF001
        base = np.ravel(self.model._baseline_prediction).astype(np.float64)  # noqa: SLF001
        trees = []
        for predictor in (tree for iteration in predictors for tree in iteration):
            nodes = predictor.nodes
            trees.append(
                {
                    "feature": nodes["feature_idx"].astype(np.int64),
                    "threshold": nodes["num_threshold"],
                    "left": nodes["left"].astype(np.int64),
                    "right": nodes["right"].astype(np.int64),
                    "missing_left": nodes["missing_go_to_left"].astype(bool),
                    "value": nodes["value"][:, None],
                    "leaf": nodes["is_leaf"].astype(bool),
                }
            )
        block = {
            "family": "trees",
            "link": self.problem.link,
            "single_precision": False,
            "average": False,
        }
        return Exported(block, pack_trees(trees, base))


class HistogramLearner(Learner):
    """Histogram gradient boosting, grown in steps."""

    name = "Histogram boosting"
    view = TREE

    @override
    def parameters(self) -> dict[str, Any]:
        return {"rounds": ROUNDS, "learning_rate": LEARNING_RATE, "leaves": LEAVES}

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
    ) -> FittedHistogram:
        settings: dict[str, Any] = {
            "max_iter": FIRST_STEP,
            "learning_rate": LEARNING_RATE,
            "max_leaf_nodes": LEAVES,
            "min_samples_leaf": max(2, min(20, len(X) // 20)),
            "l2_regularization": 1.0,
            "max_features": 0.7,
            "categorical_features": None,
            "early_stopping": False,
            "warm_start": True,
            "random_state": seed,
        }
        model = (
            HistGradientBoostingClassifier(**settings)
            if problem.classes
            else HistGradientBoostingRegressor(**settings)
        )
        goal = rounds or ROUNDS
        done, step = 0, FIRST_STEP
        empty = np.isnan(X).all(axis=0)
        if empty.any():
            # A column without any value cannot be binned; as a constant it is never split on.
            X = np.where(empty, 0.0, X)
        with threadpool_limits(threads_for(X)):
            while done < goal:
                before = budget.remaining()
                done = min(goal, done + step)
                model.set_params(max_iter=done)
                model.fit(X, y)
                if budget.expired():
                    break
                spent = max(before - budget.remaining(), 1e-3)
                step = max(1, min(LAST_STEP, int(step * budget.remaining() / (2 * spent))))
        return FittedHistogram(model, problem, complete=done == goal)
