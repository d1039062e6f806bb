"""LightGBM, stopped where the rows to judge by say so."""

from dataclasses import asdict, dataclass
from typing import Any, override

import lightgbm as lgb
import numpy as np
from lightgbm.callback import CallbackEnv, EarlyStopException
from numpy.typing import NDArray

from automl.budget import Budget
from automl.learners.base import MANY_CLASSES, Fitted, FloatArray, Learner, Problem, Sample
from automl.learners.packing import Tree, boosted, constant
from automl.learners.portable import PARITY_ROWS, Portable

MAX_ROUNDS = 3000
# The smaller the steps, the more of them may pass without a gain.
PATIENCE = 3.0
NUMBER_PATIENCE = 4.0
MIN_PATIENCE = 20
# Rounds that show what one costs, and the path (rounds times rate) that most tables need.
PROBE_ROUNDS = 8
USUAL_PATH = 15.0
MAX_RATE = 0.3
# Bits of a node's decision type in the model file.
IS_CATEGORICAL = 1
DEFAULT_LEFT = 2
MISSING_TYPE_SHIFT = 2
MISSING_IS_NAN = 2


def parse_trees(text: str) -> list[Tree]:
    """Return the trees of a LightGBM model file; its 17 digits hold a double exactly."""
    sections = text.split("\nTree=")[1:]
    return [_parse_tree(section.split("\n\n", 1)[0]) for section in sections]


def _parse_tree(section: str) -> Tree:
    fields = dict(line.split("=", 1) for line in section.splitlines()[1:] if "=" in line)
    leaf_value = np.array(fields["leaf_value"].split(), dtype=np.float64)
    leaves = len(leaf_value)
    inner = leaves - 1

    def of_inner(name: str, dtype: type[np.generic]) -> NDArray[Any]:
        return np.array(fields[name].split() if inner else [], dtype=dtype)

    def child(name: str) -> NDArray[np.int64]:
        nodes = of_inner(name, np.int64)
        return np.concatenate([np.where(nodes >= 0, nodes, inner + ~nodes), np.zeros(leaves, dtype=np.int64)])

    decision = of_inner("decision_type", np.int64)
    threshold = of_inner("threshold", np.float64)
    categorical = decision & IS_CATEGORICAL != 0
    knows_missing = (decision >> MISSING_TYPE_SHIFT) & 3 == MISSING_IS_NAN
    # Where training saw no missing value, LightGBM reads NaN as zero; a missing category goes right.
    missing_left = np.where(knows_missing, decision & DEFAULT_LEFT != 0, threshold >= 0.0) & ~categorical
    nothing = np.zeros(leaves)
    linear = fields.get("is_linear") == "1"
    return Tree(
        feature=np.concatenate([of_inner("split_feature", np.int64), nothing.astype(np.int64)]),
        threshold=np.concatenate([threshold, nothing]),
        left=child("left_child"),
        right=child("right_child"),
        missing_left=np.concatenate([missing_left, nothing.astype(bool)]),
        leaf=np.arange(inner + leaves) >= inner,
        value=np.concatenate([np.zeros(inner), leaf_value])[:, None],
        sets=_parse_sets(fields, np.flatnonzero(categorical), threshold),
        constant=_parse_constant(fields, inner) if linear else None,
        terms=_parse_terms(fields, inner) if linear else {},
    )


def _parse_sets(
    fields: dict[str, str], nodes: NDArray[np.intp], threshold: FloatArray
) -> dict[int, NDArray[np.uint8]]:
    if not nodes.size:
        return {}
    bounds = np.array(fields["cat_boundaries"].split(), dtype=np.int64)
    words = np.array(fields["cat_threshold"].split(), dtype="<u4")
    sets = {}
    for node in nodes.tolist():
        # The threshold of a categorical split is the number of its set.
        number = int(threshold[node])
        members = words[bounds[number] : bounds[number + 1]].view(np.uint8)
        sets[node] = np.trim_zeros(members, "b") if members.any() else members[:1]
    return sets


def _parse_constant(fields: dict[str, str], inner: int) -> FloatArray:
    return np.concatenate([np.zeros(inner), np.array(fields["leaf_const"].split(), dtype=np.float64)])


def _parse_terms(fields: dict[str, str], inner: int) -> dict[int, tuple[list[int], list[float]]]:
    counts = [int(count) for count in fields["num_features"].split()]
    features = [int(feature) for feature in fields["leaf_features"].split()]
    weights = [float(weight) for weight in fields["leaf_coeff"].split()]
    terms, start = {}, 0
    for leaf, count in enumerate(counts):
        terms[inner + leaf] = (features[start : start + count], weights[start : start + count])
        start += count
    return terms


@dataclass(frozen=True)
class LightGBMLearner(Learner):
    """LightGBM with one set of hyperparameters.

    Parameters
    ----------
    title
        Shown on the leaderboard.
    learning_rate
        Raised where the budget does not bear as many rounds as it needs.
    leaves, max_depth, min_leaf_rows
        Size of a tree; a ``max_depth`` of -1 sets no limit.
    feature_fraction, bagging_fraction, l2
        Regularisation.
    extra_trees
        Try one random threshold of each feature instead of the best.
    native
        Take categories as they are (the ``native`` view) and split them into sets.
    min_group_rows
        Rows that a category of a set needs.
    linear_leaves
        Fit a linear function in each leaf instead of a constant.
    """

    title: str = "LightGBM"
    learning_rate: float = 0.05
    leaves: int = 31
    max_depth: int = -1
    min_leaf_rows: int = 20
    feature_fraction: float = 0.8
    bagging_fraction: float = 0.8
    l2: float = 1.0
    extra_trees: bool = False
    native: bool = False
    min_group_rows: int = 50
    linear_leaves: bool = False

    @property
    def name(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Shown on the leaderboard."""
        return self.title

    @property
    def view(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Which matrix it takes."""
        return "native" if self.native else "tree"

    @override
    def parameters(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "title"}

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Fitted:
        if len(np.unique(learn.y)) == 1:
            return constant(learn.y, problem)
        settings = self._settings(len(learn.y), problem, seed)
        categories = list(learn.categorical) if self.native else []
        train = lgb.Dataset(
            learn.X, label=learn.y, weight=learn.weights, params=settings, categorical_feature=categories
        )
        valid = lgb.Dataset(judge.X, label=judge.y, weight=judge.weights, reference=train, params=settings)
        patience = NUMBER_PATIENCE if not problem.classes else PATIENCE
        watch = _Watch(budget, self.learning_rate, patience)
        booster = lgb.train(settings, train, MAX_ROUNDS, valid_sets=[valid], callbacks=[watch])
        trees = parse_trees(booster.model_to_string(num_iteration=watch.best_rounds))
        fitted = Portable(boosted(trees, np.zeros(problem.outputs), problem), watch.best_rounds)
        sample = judge.X[:PARITY_ROWS]
        theirs = booster.predict(sample, num_iteration=watch.best_rounds, num_threads=1)
        fitted.require_parity(sample, _answers(np.asarray(theirs), problem))
        return fitted.unweighted(learn.class_weights)

    def _settings(self, rows: int, problem: Problem, seed: int) -> dict[str, Any]:
        objective, metric = {0: ("regression", "l2"), 2: ("binary", "binary_logloss")}.get(
            problem.classes, ("multiclass", "multi_logloss")
        )
        settings: dict[str, Any] = {
            "objective": objective,
            "metric": metric,
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "max_depth": self.max_depth,
            "min_data_in_leaf": max(2, min(self.min_leaf_rows, rows // 10)),
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.l2,
            "extra_trees": self.extra_trees,
            "min_data_per_group": self.min_group_rows,
            "linear_tree": self.linear_leaves,
            "linear_lambda": 1.0,
            "feature_pre_filter": False,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "seed": seed,
            "verbosity": -1,
        }
        if problem.classes > 2:
            settings["num_class"] = problem.classes
        return settings


def _answers(theirs: FloatArray, problem: Problem) -> FloatArray:
    if problem.classes == 2:
        return np.stack([1.0 - theirs, theirs], axis=1)
    return theirs.reshape(len(theirs), -1)


class _Watch:
    """A callback that keeps the best round, and ends boosting without a gain or with the budget."""

    before_iteration = False
    order = 100

    def __init__(self, budget: Budget, rate: float, patience: float) -> None:
        self.budget = budget
        self.rate = rate
        self.patience = patience
        self.best_rounds = 1
        self.best_loss = np.inf
        self.start = budget.clock()

    def __call__(self, env: CallbackEnv) -> None:
        results = env.evaluation_result_list or []
        loss, rounds = float(results[0][2]), env.iteration + 1
        if loss < self.best_loss:
            self.best_loss, self.best_rounds = loss, rounds
        waited = rounds - self.best_rounds
        if self.budget.expired() or waited >= max(MIN_PATIENCE, self.patience / self.rate):
            raise EarlyStopException(env.iteration, results)
        if rounds == PROBE_ROUNDS and isinstance(env.model, lgb.Booster):
            self._keep_pace(env.model)

    def _keep_pace(self, booster: lgb.Booster) -> None:
        """Take larger steps from here on where the time is too short for the path."""
        seconds = (self.budget.clock() - self.start) / PROBE_ROUNDS
        affordable = self.budget.remaining() / seconds if seconds > 0.0 else np.inf
        rate = min(MAX_RATE, USUAL_PATH / max(1.0, affordable))
        if rate > self.rate:
            self.rate = rate
            booster.reset_parameter({"learning_rate": rate})


def lightgbm_variants(rows: int, problem: Problem) -> dict[str, LightGBMLearner]:
    """Return learners of one library that err differently, sized for the rows to learn from.

    Keys are ``plain``, ``extra``, ``native``, ``deep``, ``shallow`` and, for numbers, ``linear``.
    """
    small = rows < 3_000
    leaves, least = (7, 6) if rows < 900 else (15, 10) if small else (31, 20)
    # On many rows the trees of half of the columns err differently enough with all rows and small leaves.
    least_of_many, bagging = (least, 0.8) if small else (5, 1.0)
    rate = 0.03 if small else 0.05 if rows < 5_000 else 0.065
    if problem.classes >= MANY_CLASSES:
        rate = 0.12
    variants = {
        "plain": LightGBMLearner(
            "LightGBM",
            rate,
            leaves,
            min_leaf_rows=least_of_many,
            feature_fraction=0.5,
            bagging_fraction=bagging,
        ),
        "extra": LightGBMLearner(
            "LightGBM, random thresholds",
            rate * 1.4,
            leaves * 2,
            min_leaf_rows=max(3, least // 2),
            extra_trees=True,
        ),
        "native": LightGBMLearner(
            "LightGBM, sets of categories",
            rate,
            leaves,
            min_leaf_rows=least_of_many,
            feature_fraction=0.5,
            native=True,
            min_group_rows=10 if small else 50,
        ),
        "deep": LightGBMLearner(
            "LightGBM, large trees",
            rate,
            96 if rows >= 5_000 else 31,
            min_leaf_rows=5,
            feature_fraction=0.6,
            bagging_fraction=0.9,
            l2=3.0,
        ),
        "shallow": LightGBMLearner(
            "LightGBM, small trees",
            rate * 1.5,
            8,
            max_depth=3 if problem.classes else 4,
            min_leaf_rows=least,
            feature_fraction=0.5,
            bagging_fraction=0.7,
            l2=5.0,
        ),
    }
    if not problem.classes:
        variants["linear"] = LightGBMLearner(
            "LightGBM, linear leaves",
            rate,
            max(5, leaves // 2),
            min_leaf_rows=least * 2,
            linear_leaves=True,
        )
    return variants
