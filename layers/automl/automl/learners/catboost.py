"""CatBoost: oblivious trees, stopped where the rows to judge by say so.

On numbers alone, the ``tree`` view brings target encodings. With categories as they are, the ``native`` view,
CatBoost estimates statistics of them and of their combinations itself, for each row on those before it
(ordered target statistics, Prokhorenkova et al. 2018).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, override

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.budget import Budget
from automl.learners.base import Arrays, Exported, Fitted, FloatArray, Learner, Problem, Sample, all_classes
from automl.learners.catboost_export import Content, as_json, coded, export_arrays
from automl.learners.packing import NEVER, constant
from automl.learners.portable import PARITY_ROWS, Portable

MAX_ROUNDS = 2_000
PATIENCE = 60
# Rounds that show what one costs, and the path (rounds times rate) that most tables need.
PROBE_ROUNDS = 6
USUAL_PATH = 20.0
MAX_RATE = 0.3
# Of wide data so many columns are looked at by each split.
USUAL_COLUMNS = 80
MIN_COLUMN_SHARE = 0.3
# Statistics of categories: in how many orders of the rows they are estimated, with which priors.
ORDERS = 2
SHARES = "Borders:Prior=0.5/1"
COUNTS = "Counter:Prior=0/1"
# They are worked out once more when the trees are grown, and exported: so much of the time is for growing.
GROWING = 0.75
# Rows below which the smaller steps are worth their time.
SMALL_ROWS = 3_000


@dataclass(frozen=True)
class CatBoostLearner(Learner):
    """CatBoost with one set of hyperparameters.

    Parameters
    ----------
    title
        Shown on the leaderboard.
    learning_rate
        Raised where the budget does not bear as many rounds as it needs; ``None`` goes by the rows.
    depth, l2, random_strength, borders
        Levels of a tree, regularisation, noise on the gains, thresholds of a column.
    bagging
        How unevenly each tree weighs the rows: weights are ``(-log u) ** bagging`` of uniform ``u``
        (Bayesian bootstrap). CatBoost's own 1 cost 1 to 3 % of the loss on many rows and on several classes.
    column_share
        Share of the columns that a split looks at; less where the data is wide.
    ordered
        Ordered boosting, which is slower and meant for few rows.
    native
        Take categories as they are.
    together
        Of how many categories a combination consists at most.
    one_hot
        Categories with so few levels are asked for each level instead.
    """

    title: str = "CatBoost"
    learning_rate: float | None = None
    depth: int = 6
    l2: float = 3.0
    random_strength: float = 1.0
    borders: int = 254
    bagging: float = 0.2
    column_share: float = 0.7
    ordered: bool = False
    native: bool = False
    together: int = 2
    one_hot: int = 2

    @property
    def view(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Which matrix it takes."""
        return "native" if self.native else "tree"

    @property
    def name(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Shown on the leaderboard."""
        return self.title

    @override
    def parameters(self) -> dict[str, Any]:
        return asdict(self)

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Fitted:
        present = np.unique(learn.y)
        varies = np.fmax.reduce(learn.X, axis=0) > np.fmin.reduce(learn.X, axis=0)
        incomplete = np.isnan(learn.X).any(axis=0) & ~np.isnan(learn.X).all(axis=0)
        if len(present) == 1 or not (varies | incomplete).any():
            return constant(learn.y, problem)
        # Its import takes more than a second, which only those pay who use it.
        from catboost import CatBoost  # noqa: PLC0415

        categories = learn.categorical if self.native else ()
        if categories:
            budget = budget.slice(GROWING * budget.remaining())
        train = _pool(learn.X, categories, _labels(learn.y, present, problem), learn.weights)
        known = judge.take(np.isin(judge.y, present)) if problem.classes else judge
        valid = (
            _pool(known.X, categories, _labels(known.y, present, problem), known.weights)
            if len(known.y)
            else train
        )
        settings = self._settings(learn, len(present), problem, seed)
        before = budget.clock()
        probe = CatBoost({**settings, "iterations": PROBE_ROUNDS}).fit(train, callbacks=[_Until(budget)])
        seconds = (budget.clock() - before) / probe.tree_count_
        affordable = budget.remaining() / seconds if seconds > 0.0 else np.inf
        rate = self.learning_rate or (0.05 if len(learn.y) < SMALL_ROWS else 0.08)
        settings["learning_rate"] = max(rate, min(MAX_RATE, USUAL_PATH / max(1.0, affordable)))
        model = CatBoost(settings)
        model.fit(
            train,
            eval_set=valid,
            use_best_model=True,
            early_stopping_rounds=PATIENCE,
            callbacks=[_Until(budget)],
        )
        content = as_json(model, train)
        fitted = Portable(_export(content, learn.X, present, problem), int(model.tree_count_))
        sample = judge.X[:PARITY_ROWS]
        pool = _pool(sample, categories)
        fitted.require_parity(sample, _answers(model, pool, present, problem))
        return fitted.unweighted(learn.class_weights)

    def _settings(self, learn: Sample, present: int, problem: Problem, seed: int) -> dict[str, Any]:
        columns = learn.X.shape[1]
        loss = "RMSE" if not problem.classes else "Logloss" if present == 2 else "MultiClass"
        settings = {
            "loss_function": loss,
            "iterations": MAX_ROUNDS,
            "depth": self.depth,
            "l2_leaf_reg": self.l2,
            "random_strength": self.random_strength,
            "border_count": self.borders,
            "rsm": min(self.column_share, max(MIN_COLUMN_SHARE, USUAL_COLUMNS / columns)),
            "boosting_type": "Ordered" if self.ordered else "Plain",
            "bootstrap_type": "Bayesian",
            "bagging_temperature": self.bagging,
            "random_seed": seed,
            "thread_count": 1,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }
        if self.native:
            settings |= {
                "max_ctr_complexity": self.together,
                "one_hot_max_size": self.one_hot,
                "permutation_count": ORDERS,
                "simple_ctr": [SHARES, COUNTS],
                "combinations_ctr": [SHARES],
            }
        return settings


class _Until:
    """A callback that ends boosting when the budget does."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def after_iteration(self, info: Any) -> bool:  # noqa: ARG002  # CatBoost gives it
        """Return whether to go on."""
        return not self.budget.expired()


def _labels(y: NDArray[Any], present: NDArray[Any], problem: Problem) -> NDArray[Any]:
    """Return classes as positions among those that are there: CatBoost knows no absent ones."""
    return np.searchsorted(present, y) if problem.classes else y


def _pool(
    X: FloatArray,
    categories: Sequence[int],
    y: NDArray[Any] | None = None,
    weights: FloatArray | None = None,
) -> Any:
    from catboost import Pool  # noqa: PLC0415

    if not categories:
        return Pool(X, y, weight=weights)
    columns = {place: coded(column) if place in categories else column for place, column in enumerate(X.T)}
    return Pool(pd.DataFrame(columns), y, weight=weights, cat_features=list(categories))


def _answers(model: Any, pool: Any, present: NDArray[Any], problem: Problem) -> FloatArray:
    kind = "Probability" if problem.classes else "RawFormulaVal"
    answers = np.asarray(model.predict(pool, prediction_type=kind, thread_count=1), dtype=np.float64)
    return all_classes(answers, present, problem.classes) if problem.classes else answers.reshape(-1, 1)


def _export(content: Content, X: FloatArray, present: NDArray[Any], problem: Problem) -> Exported:
    arrays = export_arrays(content, X)
    block = {"family": "oblivious_tables" if "asks" in arrays else "oblivious", "link": problem.link}
    return Exported(block, _for_all_classes(arrays, present, problem))


def _for_all_classes(arrays: Arrays, present: NDArray[Any], problem: Problem) -> Arrays:
    """Return the arrays with an output for each class, those never seen among them."""
    if problem.outputs in {1, len(present)}:
        return arrays
    # Of two classes CatBoost scores the second; the score of the first is zero.
    places = present[1:] if len(present) == 2 else present
    base = np.full(problem.outputs, NEVER)
    base[present] = 0.0
    base[places] = arrays["base"]
    value = np.zeros((len(arrays["value"]), problem.outputs))
    value[:, places] = arrays["value"]
    return arrays | {"base": base, "value": value}
