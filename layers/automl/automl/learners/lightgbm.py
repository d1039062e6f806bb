"""LightGBM, stopped early on an inner part of its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

import lightgbm as lgb
import numpy as np
from lightgbm.callback import CallbackEnv, EarlyStopException
from numpy.typing import NDArray

from automl.budget import Budget
from automl.features import TREE
from automl.learners.base import Exported, Fitted, FloatArray, Learner, Problem, pack_trees, threads_for
from automl.splits import holdout_mask

MAX_ROUNDS = 800
PATIENCE = 40
# Too few rows to spare some for early stopping: a fixed number of rounds instead.
MIN_ROWS_TO_STOP_EARLY = 300
ROUNDS_WITHOUT_STOPPING = 60
INNER_SHARE = 7
# On many rows or for many outputs a round costs more than its larger step loses.
MANY_ROWS = 15_000
MANY_OUTPUTS = 5
FASTER = 2.0
DEFAULT_LEFT = 2
MISSING_TYPE_SHIFT = 2
MISSING_IS_NAN = 2


class FittedLightGBM(Fitted):
    """A fitted booster."""

    def __init__(self, booster: lgb.Booster, rounds: int, problem: Problem, *, complete: bool) -> None:
        self.booster = booster
        self.rounds = rounds
        self.problem = problem
        self.complete = complete

    @override
    def predict(self, X: FloatArray) -> FloatArray:
        answer = np.asarray(
            self.booster.predict(X, num_iteration=self.rounds, num_threads=threads_for(X)), dtype=np.float64
        )
        if self.problem.classes == 2:
            return np.stack([1.0 - answer, answer], axis=1)
        return answer if answer.ndim == 2 else answer[:, None]

    @override
    def export(self) -> Exported:
        trees = parse_trees(self.booster.model_to_string(num_iteration=self.rounds))
        block = {
            "family": "trees",
            "link": self.problem.link,
            "single_precision": False,
            "average": False,
        }
        return Exported(block, pack_trees(trees, np.zeros(self.problem.outputs)))


def parse_trees(text: str) -> list[dict[str, NDArray[Any]]]:
    """Return the trees of a LightGBM model file; its 17 digits hold a double exactly."""
    sections = text.split("\nTree=")[1:]
    return [_parse_tree(section.split("\n\n", 1)[0]) for section in sections]


def _parse_tree(section: str) -> dict[str, NDArray[Any]]:
    fields = dict(line.split("=", 1) for line in section.splitlines()[1:] if "=" in line)
    leaf_value = np.array(fields["leaf_value"].split(), dtype=np.float64)
    leaves = len(leaf_value)
    inner = leaves - 1

    def of_inner(name: str, dtype: type[np.generic]) -> NDArray[Any]:
        return np.array(fields[name].split() if inner else [], dtype=dtype)

    decision = of_inner("decision_type", np.int64)
    threshold = of_inner("threshold", np.float64)
    knows_missing = (decision >> MISSING_TYPE_SHIFT) & 3 == MISSING_IS_NAN
    # Where training saw no missing value, LightGBM reads NaN as zero.
    missing_left = np.where(knows_missing, decision & DEFAULT_LEFT != 0, threshold >= 0.0)

    def child(name: str) -> NDArray[np.int64]:
        nodes = of_inner(name, np.int64)
        return np.concatenate([np.where(nodes >= 0, nodes, inner + ~nodes), np.zeros(leaves, dtype=np.int64)])

    nothing = np.zeros(leaves)
    return {
        "feature": np.concatenate([of_inner("split_feature", np.int64), nothing.astype(np.int64)]),
        "threshold": np.concatenate([threshold, nothing]),
        "left": child("left_child"),
        "right": child("right_child"),
        "missing_left": np.concatenate([missing_left, nothing.astype(bool)]),
        "value": np.concatenate([np.zeros(inner), leaf_value])[:, None],
        "leaf": np.arange(inner + leaves) >= inner,
    }


@dataclass(frozen=True)
class LightGBMLearner(Learner):
    """LightGBM with one set of hyperparameters."""

    title: str = "LightGBM"
    leaves: int = 31
    learning_rate: float = 0.05
    feature_fraction: float = 0.8
    l2: float = 1.0

    view = TREE

    @property
    def name(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Shown on the leaderboard."""
        return self.title

    @override
    def parameters(self) -> dict[str, Any]:
        return {
            "leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "feature_fraction": self.feature_fraction,
            "l2": self.l2,
        }

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
    ) -> FittedLightGBM:
        settings = self._settings(X, problem, seed)
        inner = holdout_mask(y, seed, INNER_SHARE)
        stop_early = rounds is None and len(X) >= MIN_ROWS_TO_STOP_EARLY
        learned = ~inner if stop_early else np.ones(len(X), dtype=bool)
        train = lgb.Dataset(X[learned], label=y[learned], params=settings, free_raw_data=True)
        until = _Until(budget)
        callbacks: list[Callable[..., Any]] = [until]
        valid = []
        if stop_early:
            valid = [lgb.Dataset(X[inner], label=y[inner], reference=train, params=settings)]
            callbacks.append(lgb.early_stopping(PATIENCE, verbose=False))
        goal = rounds or (MAX_ROUNDS if stop_early else ROUNDS_WITHOUT_STOPPING)
        booster = lgb.train(settings, train, num_boost_round=goal, valid_sets=valid, callbacks=callbacks)
        best = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
        return FittedLightGBM(booster, max(1, best), problem, complete=not until.fired)

    def _settings(self, X: FloatArray, problem: Problem, seed: int) -> dict[str, Any]:
        is_costly = len(X) > MANY_ROWS or problem.outputs > MANY_OUTPUTS
        settings: dict[str, Any] = {
            "objective": {0: "regression", 2: "binary"}.get(problem.classes, "multiclass"),
            "learning_rate": self.learning_rate * (FASTER if is_costly else 1.0),
            "num_leaves": self.leaves,
            "min_data_in_leaf": max(2, min(20, len(X) // 25)),
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": self.l2,
            "num_threads": threads_for(X),
            "deterministic": True,
            "force_col_wise": True,
            "seed": seed,
            "verbosity": -1,
        }
        if problem.classes > 2:
            settings["num_class"] = problem.classes
        return settings


class _Until:
    """A callback that ends boosting when the budget does."""

    before_iteration = False
    order = 100

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.fired = False

    def __call__(self, env: CallbackEnv) -> None:
        if self.budget.expired():
            self.fired = True
            raise EarlyStopException(env.iteration, env.evaluation_result_list or [])
