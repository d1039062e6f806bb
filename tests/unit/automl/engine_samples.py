"""What the engine's tests share: learners that are quick or fake, and searches over small tables."""

import json

import numpy as np

from automl import FitConfig
from automl.budget import Budget
from automl.folds import FoldFitter, Training, split_rows
from automl.learners import Candidate
from automl.learners.base import Fitted, Learner
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.linear import LinearLearner
from automl.preparation import prepare
from automl.search import Search
from automl.selection import promising
from automl.workers import InProcess
from scoring.features import Encoders, NumberEncoder
from scoring.model import Model


def frozen():
    """Return a time that never passes: every candidate is tried to the end."""
    return 0.0


def endless():
    """Return a budget that never ends."""
    return Budget(1e6, frozen)


def quick(training=None):
    """Return two candidates that take a moment."""
    return [Candidate(LinearLearner()), Candidate(LightGBMLearner(learning_rate=0.3, leaves=4))]


class Answers(Fitted):
    """Answers with a function of the first column."""

    rounds = 1

    def __init__(self, answer):
        self.answer = answer

    def predict(self, X):
        return np.asarray(self.answer(X[:, 0]), dtype=float).reshape(len(X), -1)

    def export(self):
        raise AssertionError("a search exports nothing")


class Fake(Learner):
    """Answers with a function of the first column after so many seconds, and remembers what it saw.

    ``faults`` are raised by the calls of these numbers.
    """

    view = "tree"

    def __init__(self, name, answer=np.zeros_like, *, clock=None, seconds=0.0, faults=None):
        self.name, self.answer, self.clock, self.seconds = name, answer, clock, seconds
        self.faults = faults or {}
        self.learned, self.judged, self.budgets = [], [], []

    def fit(self, learn, judge, problem, *, seed, budget):
        call = len(self.learned)
        self.learned.append(learn.X[:, 0].astype(int))
        self.judged.append(judge.X[:, 0].astype(int))
        self.budgets.append(budget.remaining())
        if self.clock is not None:
            self.clock.now += self.seconds
        if call in self.faults:
            raise self.faults[call]
        return Answers(self.answer)

    def parameters(self):
        return {}


def numbered(rows=100, y=None, classes=()):
    """Return rows to learn from whose only column is their number."""
    encoders = Encoders([NumberEncoder("row")])
    blocks = encoders.encode({"row": np.arange(float(rows))}, rows)
    y = np.linspace(-1, 1, rows) if y is None else y
    return Training(encoders, blocks, y, "classification" if classes else "regression", list(classes))


def search_of(training, candidates, *, folds=5, repeats=1, seconds=100.0, clock=frozen, **options):
    """Return a search that runs in this process."""
    splits = options.pop("splits", None) or split_rows(training.y, folds, repeats, 0)
    metric = options.pop("metric", "log_loss" if training.classes else "rmse")
    better = metric not in {"rmse", "log_loss"}
    fitter = FoldFitter(training, splits, candidates, 0, clock)
    budget = Budget(seconds, clock)
    chosen = options.pop("promising", promising)
    return Search(training, splits, candidates, metric, better, budget, InProcess(fitter), chosen, **options)


def searched(table, candidates, target, repeats=1, **config):
    """Return what was prepared of a table, and a search over it that has ended."""
    data = prepare(table, FitConfig(target, **config))
    search = search_of(
        data.training, candidates, splits=data.splits[:repeats], metric=data.metric, seconds=1e6
    )
    search.run()
    return data, search


def served(training, ensemble):
    """Return the model that is loaded from what an ensemble exports."""
    exported = ensemble.export()
    manifest = {
        "task": training.task,
        "classes": training.classes,
        "model": exported.block,
        "features": [],
        "unused_columns": [],
        "encoders": training.encoders.to_json(),
        "schema": {},
        "example": {},
    }
    return Model(json.loads(json.dumps(manifest)), exported.arrays)
