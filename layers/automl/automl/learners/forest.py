"""Random forests and extra trees of scikit-learn."""

from dataclasses import asdict, dataclass
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
from automl.learners.base import (
    MANY_CLASSES,
    Exported,
    Fitted,
    FloatArray,
    Learner,
    Problem,
    Sample,
    all_classes,
)
from automl.learners.packing import Tree, pack_trees
from automl.learners.portable import PARITY_ROWS, Portable

type Forest = RandomForestClassifier | RandomForestRegressor | ExtraTreesClassifier | ExtraTreesRegressor

TREES = 100
STEP = 10
MAX_TREE_ROWS = 50_000
# Leaves times classes of the whole forest: what keeps the stored model small.
LEAF_VALUES = 400_000
LARGEST = float(np.finfo(np.float32).max)
# Leaf values are stored in float32.
TOLERANCE = 1e-6
# Rows of the usual mix of classes that count in each leaf beside its own (m-estimate: Cestnik 1990, Provost
# and Domingos 2003). Without them a forest calls impossible what its few rows of a leaf did not show.
PRIOR_ROWS = 0.5


@dataclass(frozen=True)
class ForestLearner(Learner):
    """A forest grown in steps until it is complete or time is up.

    Parameters
    ----------
    extra
        Extra trees, which draw their thresholds, instead of a random forest.
    min_leaf_rows
        Rows that a leaf needs.
    features
        Share of the features that a split looks at; ``None`` is their square root.
    trees
        How many.
    """

    extra: bool
    min_leaf_rows: int = 2
    features: float | None = None
    trees: int = TREES

    view = "tree"

    @property
    def name(self) -> str:  # type: ignore[override]  # one class makes both forests
        """Shown on the leaderboard."""
        return "Extra trees" if self.extra else "Random forest"

    @override
    def parameters(self) -> dict[str, Any]:
        limits = {"leaf_values": LEAF_VALUES, "max_tree_rows": MAX_TREE_ROWS, "prior_rows": PRIOR_ROWS}
        return asdict(self) | limits

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Fitted:
        X = within_single_precision(learn.X)
        model = self._model(len(X), problem, seed)
        # Drawn by their weights, rows make other leaves, whose shares no division gives back.
        class_weights = None if model.bootstrap else learn.class_weights
        weights = None if class_weights is None else learn.weights
        trees, step = 0, 1
        while trees < self.trees:
            before = budget.clock()
            trees = min(self.trees, trees + step)
            model.set_params(n_estimators=trees)
            model.fit(X, learn.y, sample_weight=weights)
            spent = budget.clock() - before
            if budget.remaining() <= spent / step:
                break
            affordable = budget.remaining() * step / spent if spent > 0.0 else STEP
            step = max(1, min(STEP, int(affordable)))
        if problem.classes:
            _smooth(model)
        fitted = Portable(_export(model, problem), trees)
        sample = within_single_precision(judge.X[:PARITY_ROWS])
        fitted.require_parity(sample.astype(np.float64), _answers(model, sample, problem), TOLERANCE)
        return fitted.unweighted(class_weights)

    def _model(self, rows: int, problem: Problem, seed: int) -> Forest:
        most_leaves = max(32, LEAF_VALUES // (self.trees * max(1, problem.classes)))
        settings: dict[str, Any] = {
            "min_samples_leaf": self.min_leaf_rows,
            # Growing best-first is slower, so only where depth-first could outgrow the limit.
            "max_leaf_nodes": most_leaves if rows // self.min_leaf_rows > most_leaves else None,
            "max_features": self.features or "sqrt",
            "bootstrap": not self.extra or rows > MAX_TREE_ROWS,
            "max_samples": MAX_TREE_ROWS if rows > MAX_TREE_ROWS else None,
            "warm_start": True,
            "n_jobs": 1,
            "random_state": seed,
        }
        if problem.classes:
            if self.extra:
                return ExtraTreesClassifier(**settings)
            return RandomForestClassifier(**settings, criterion="entropy")
        return ExtraTreesRegressor(**settings) if self.extra else RandomForestRegressor(**settings)


def _smooth(model: Forest) -> None:
    """Draw the shares of classes in each leaf towards those among all rows, in the model itself."""
    for estimator in model.estimators_:
        tree = estimator.tree_
        shares, rows = tree.value[:, 0, :], tree.weighted_n_node_samples[:, None]
        shares[:] = (shares * rows + PRIOR_ROWS * shares[0]) / (rows + PRIOR_ROWS)


def within_single_precision(X: FloatArray) -> NDArray[np.float32]:
    """Return X in float32, in which scikit-learn compares, without the infinite, which it refuses."""
    return np.clip(X, -LARGEST, LARGEST).astype(np.float32)


def _answers(model: Forest, X: NDArray[np.float32], problem: Problem) -> FloatArray:
    if problem.classes:
        return all_classes(model.predict_proba(X), model.classes_, problem.classes)
    return np.asarray(model.predict(X), dtype=np.float64)[:, None]


def _export(model: Forest, problem: Problem) -> Exported:
    trees = [_tree(estimator.tree_, model, problem) for estimator in model.estimators_]
    block = {
        "family": "trees",
        "link": problem.share_link,
        "single_precision": True,
        "average": True,
    }
    return Exported(block, pack_trees(trees, np.zeros(problem.outputs), single_precision=True))


def _tree(tree: Any, model: Forest, problem: Problem) -> Tree:
    value = tree.value[:, 0, :]
    if problem.classes:
        value = all_classes(value, model.classes_, problem.classes)
    if problem.classes == 2:
        value = value[:, 1:]
    return Tree(
        feature=tree.feature,
        threshold=tree.threshold,
        left=tree.children_left,
        right=tree.children_right,
        missing_left=np.asarray(tree.missing_go_to_left, dtype=np.bool_),
        leaf=tree.children_left == -1,
        value=value,
    )


def forest_variants(rows: int, columns: int, problem: Problem) -> dict[str, ForestLearner]:
    """Return the learners ``extra`` and ``random``, sized for the rows and columns to learn from."""
    if problem.classes:
        least, share = (3, None) if problem.classes == 2 else (2, 0.5)
        least_of_random = 5 if problem.classes < MANY_CLASSES else 2
    else:
        least, share = 1 if rows < 3_000 else 2, 0.6 if columns < 60 else 0.3
        least_of_random = 2
    return {
        "extra": ForestLearner(extra=True, min_leaf_rows=least, features=share),
        "random": ForestLearner(
            extra=False, min_leaf_rows=least_of_random, features=0.3 if columns < 60 else 0.12
        ),
    }
