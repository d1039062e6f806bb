"""Histogram gradient boosting of scikit-learn, without its native categories.

Native categories reorder the columns inside the model; codes lose little and export exactly.
"""

from dataclasses import asdict, dataclass
from typing import Any, override

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.learners.base import Fitted, FloatArray, Learner, Problem, Sample, all_classes
from automl.learners.packing import NEVER, Tree, boosted, constant, leaf_tree, pack_trees
from automl.learners.portable import PARITY_ROWS, Portable
from scoring.families.links import respond
from scoring.families.trees import TreeEnsemble

type Booster = HistGradientBoostingClassifier | HistGradientBoostingRegressor

MAX_ROUNDS = 1000
STEP = 10
PATIENCE = 50
# Scores of the rows to judge by that a step may hold: one for each round and output.
MAX_SCORES = 20_000_000
# Keeps the loss of an answer that was thought impossible finite.
SMALLEST = 1e-15


@dataclass(frozen=True)
class HistogramLearner(Learner):
    """Histogram gradient boosting, grown in steps and cut back to its best round."""

    learning_rate: float = 0.06
    leaves: int = 24
    features: float = 0.7
    l2: float = 1.0

    name = "Histogram boosting"
    view = "tree"

    @override
    def parameters(self) -> dict[str, Any]:
        return asdict(self)

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Fitted:
        if len(np.unique(learn.y)) == 1:
            return constant(learn.y, problem)
        # A column without any value cannot be binned; as a constant it is never split on.
        X = np.where(np.isnan(learn.X).all(axis=0), 0.0, learn.X)
        model = self._model(len(X), problem, seed)
        best_rounds, best_loss, rounds = 1, np.inf, 0
        scores = np.zeros((len(judge.y), problem.outputs))
        # Bins lie between values, whose sum may overflow.
        with threadpool_limits(1), np.errstate(over="ignore"):
            step = 1
            while rounds < MAX_ROUNDS:
                before, begun = rounds, budget.clock()
                rounds = min(MAX_ROUNDS, rounds + step)
                model.set_params(max_iter=rounds)
                model.fit(X, learn.y, sample_weight=learn.weights)
                staged = scores[:, None] + np.cumsum(_gains(model, before, judge.X, problem), axis=1)
                losses = _losses(staged + _base(model, problem), judge, problem)
                if losses.min() < best_loss:
                    best_loss, best_rounds = float(losses.min()), before + 1 + int(losses.argmin())
                scores = staged[:, -1]
                if budget.expired() or rounds - best_rounds >= PATIENCE:
                    break
                # Each fit bins the rows and repeats all earlier rounds: steps that grow keep that small.
                step = min(max(STEP, rounds // 4), max(1, MAX_SCORES // scores.size))
                spent = budget.clock() - begun
                if spent > 0.0:
                    step = max(1, min(step, int((rounds - before) * budget.remaining() / (2 * spent))))
            # scikit-learn has no public access to these trees; the parity check guards what is read here.
            model._predictors = model._predictors[:best_rounds]  # noqa: SLF001
            fitted = Portable(boosted(_trees(model, 0, problem), _base(model, problem), problem), best_rounds)
            sample = judge.X[:PARITY_ROWS]
            fitted.require_parity(sample, _answers(model, sample, problem))
        return fitted.unweighted(learn.class_weights)

    def _model(self, rows: int, problem: Problem, seed: int) -> Booster:
        settings: dict[str, Any] = {
            "learning_rate": self.learning_rate,
            "max_leaf_nodes": self.leaves,
            "min_samples_leaf": max(2, min(20, rows // 20)),
            "l2_regularization": self.l2,
            "max_features": self.features,
            "categorical_features": None,
            "early_stopping": False,
            "warm_start": True,
            "random_state": seed,
        }
        if problem.classes:
            return HistGradientBoostingClassifier(**settings)
        return HistGradientBoostingRegressor(**settings)


def _answers(model: Booster, X: FloatArray, problem: Problem) -> FloatArray:
    if problem.classes:
        return all_classes(model.predict_proba(X), model.classes_.astype(np.int64), problem.classes)
    return np.asarray(model.predict(X), dtype=np.float64)[:, None]


def _places(model: Booster, problem: Problem) -> list[int]:
    """Return which output each of the model's trees of a round belongs to."""
    if problem.outputs == 1:
        return [0]
    present: list[int] = model.classes_.astype(int).tolist()
    # Of two classes scikit-learn scores the second; the score of the first is zero.
    return present[1:] if len(present) == 2 else present


def _base(model: Booster, problem: Problem) -> FloatArray:
    learned = np.ravel(model._baseline_prediction).astype(np.float64)  # noqa: SLF001
    if problem.outputs == 1:
        return learned
    base = np.full(problem.outputs, NEVER)
    base[model.classes_.astype(int)] = 0.0
    base[_places(model, problem)] = learned
    return base


def _trees(model: Booster, start: int, problem: Problem) -> list[Tree]:
    """Return the trees of the rounds from ``start`` on, one for each output."""
    places = _places(model, problem)
    trees = []
    for predictors in model._predictors[start:]:  # noqa: SLF001
        turn = [leaf_tree(np.zeros(1)) for _ in range(problem.outputs)]
        for place, predictor in zip(places, predictors, strict=True):
            turn[place] = _tree(predictor.nodes)
        trees.extend(turn)
    return trees


def _tree(nodes: NDArray[Any]) -> Tree:
    return Tree(
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"],
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        leaf=nodes["is_leaf"].astype(np.bool_),
        value=nodes["value"][:, None],
    )


def _gains(model: Booster, start: int, X: FloatArray, problem: Problem) -> FloatArray:
    """Return what each round from ``start`` on adds: rows x rounds x outputs."""
    rounds = len(model._predictors) - start  # noqa: SLF001
    arrays = pack_trees(_trees(model, start, problem), np.zeros((rounds, problem.outputs)))
    arrays["trees"] = np.full(rounds, problem.outputs)
    return TreeEnsemble(arrays, single_precision=False, average=False).score(X)


def _losses(scores: FloatArray, judge: Sample, problem: Problem) -> FloatArray:
    """Return the mean loss of each round: squared error, or log-loss."""
    answers, y = respond(scores, problem.link), judge.y
    if not problem.classes:
        return np.asarray(np.mean((answers[..., 0] - y[:, None]) ** 2, axis=0))
    right = np.take_along_axis(answers, y.astype(np.intp)[:, None, None], axis=2)[..., 0]
    return np.asarray(-np.average(np.log(np.maximum(right, SMALLEST)), axis=0, weights=judge.weights))
