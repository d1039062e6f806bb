"""Random forests and extra trees of scikit-learn."""

from typing import Any, override

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

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

type Forest = RandomForestClassifier | RandomForestRegressor | ExtraTreesClassifier | ExtraTreesRegressor

# Of one fold: what is served averages those of all folds.
TREES = 100
STEP = 10
# On few rows a step costs more than its trees.
SMALL_ROWS = 5_000
SMALL_STEP = 50
MAX_TREE_ROWS = 50_000
# Leaves times classes of the whole forest: what keeps the stored model small.
LEAF_VALUES = 150_000


class FittedForest(Fitted):
    """A fitted forest."""

    def __init__(self, model: Forest, problem: Problem, *, complete: bool) -> None:
        self.model = model
        self.problem = problem
        self.rounds = len(model.estimators_)
        self.complete = complete

    @override
    def predict(self, X: FloatArray) -> FloatArray:
        if self.problem.classes:
            return all_classes(self.model.predict_proba(X), self.model.classes_, self.problem.classes)
        return np.asarray(self.model.predict(X), dtype=np.float64)[:, None]

    @override
    def export(self) -> Exported:
        trees = [self._tree(estimator.tree_) for estimator in self.model.estimators_]
        outputs = max(1, self.problem.classes)
        block = {
            "family": "trees",
            "link": "probability" if self.problem.classes else "identity",
            "single_precision": True,
            "average": True,
        }
        return Exported(block, pack_trees(trees, np.zeros(outputs)))

    def _tree(self, tree: Any) -> dict[str, NDArray[Any]]:
        value = tree.value[:, 0, :]
        if self.problem.classes:
            value = all_classes(value, self.model.classes_, self.problem.classes)
        return {
            "feature": tree.feature,
            "threshold": tree.threshold,
            "left": tree.children_left,
            "right": tree.children_right,
            "missing_left": np.asarray(tree.missing_go_to_left, dtype=bool),
            "value": value,
            "leaf": tree.children_left == -1,
        }


class ForestLearner(Learner):
    """A forest grown in steps until it is complete or time is up.

    Parameters
    ----------
    extra
        Extra trees instead of a random forest.
    """

    view = TREE

    def __init__(self, *, extra: bool) -> None:
        self.extra = extra

    @property
    def name(self) -> str:  # type: ignore[override]  # one class makes both forests
        """Shown on the leaderboard."""
        return "Extra trees" if self.extra else "Random forest"

    @override
    def parameters(self) -> dict[str, Any]:
        return {"trees": TREES, "leaf_values": LEAF_VALUES, "max_tree_rows": MAX_TREE_ROWS}

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
    ) -> FittedForest:
        model = self._model(X, problem, seed)
        goal = rounds or TREES
        step = SMALL_STEP if len(X) < SMALL_ROWS else STEP
        trees = 0
        while trees < goal:
            trees = min(goal, trees + step)
            model.set_params(n_estimators=trees)
            model.fit(X, y)
            if budget.expired():
                break
        return FittedForest(model, problem, complete=trees == goal)

    def _model(self, X: FloatArray, problem: Problem, seed: int) -> Forest:
        rows = len(X)
        most_leaves = max(32, LEAF_VALUES // (TREES * max(1, problem.classes)))
        smallest_leaf = 2 if rows < 10_000 else 5
        settings: dict[str, Any] = {
            "n_estimators": STEP,
            "min_samples_leaf": smallest_leaf,
            # Growing best-first is slower, so only where depth-first could outgrow the limit.
            "max_leaf_nodes": most_leaves if rows // smallest_leaf > most_leaves else None,
            "max_features": "sqrt" if problem.classes else 0.5,
            "bootstrap": True,
            "max_samples": min(rows, MAX_TREE_ROWS),
            "warm_start": True,
            "n_jobs": threads_for(X),
            "random_state": seed,
        }
        if problem.classes:
            return ExtraTreesClassifier(**settings) if self.extra else RandomForestClassifier(**settings)
        return ExtraTreesRegressor(**settings) if self.extra else RandomForestRegressor(**settings)
