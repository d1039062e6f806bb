"""What the engine's tests share: learners that are quick or fake, and searches over small tables."""

import json
from dataclasses import replace

import numpy as np

import scoring
from automl import FitConfig
from automl.budget import Budget
from automl.learners import Candidate
from automl.learners.base import Fitted, Learner
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.linear import LinearLearner
from automl.preparation import prepare
from automl.searching.folds import FoldFitter, Training, split_rows
from automl.searching.search import Search, Trial
from automl.searching.selection import Choice, Prospects
from automl.searching.workers import InProcess, Job
from automl.searching.zoo import candidates
from automl.serving.export import example_instance, input_features, input_schema
from scoring.blocks import Encoders
from scoring.encoders import NumberEncoder
from scoring.inputs import Feature
from scoring.model import Model
from tests.unit.automl.conftest import FakeClock


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
    chosen = options.pop("promising", None) or Prospects()
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
    types = {
        name: "text" if step.texts else "numeric" for step in training.encoders.steps for name in step.read
    }
    manifest = {
        "task": training.task,
        "classes": training.classes,
        "model": exported.block,
        "features": [Feature(name, kind, nullable=True).to_json() for name, kind in types.items()],
        "unused_columns": [],
        "encoders": training.encoders.to_json(),
        "schema": {},
        "example": {},
    }
    return Model(json.loads(json.dumps(manifest)), exported.arrays)


def manifest_of(data, exported):
    """Return what a stored model of prepared data says of itself, and the features that it names."""
    features = input_features(data.frame, data.formats)
    manifest = {
        "format_version": scoring.FORMAT_VERSION,
        "task": data.training.task,
        "target": data.target.name,
        "classes": data.training.classes,
        "model": exported.block,
        "features": [feature.to_json() for feature in features],
        "unused_columns": [],
        "encoders": data.training.encoders.to_json(),
        "schema": input_schema("t", data.frame, features),
        "example": example_instance(data.frame, features),
    }
    return manifest, features


def zoo(table, target, folds=2, repeats=1, step=0.05, **config):
    """Return what was prepared of a table, and a trial of every candidate, after a few rounds each."""
    data = prepare(table, FitConfig(target, **config))
    data = replace(data, splits=split_rows(data.training.y, folds, repeats, 0))
    tried = {}
    # Candidates depend on the number of rows: a table of many rows has others.
    for rows in (1, 100):
        many = replace(data.training, y=np.tile(data.training.y, rows))
        tried |= {candidate.name: candidate for candidate in candidates(many)}
    clock = FakeClock(step)
    fitter = FoldFitter(data.training, data.splits, list(tried.values()), 0, clock)
    trials = []
    for place, candidate in enumerate(tried.values()):
        jobs = [Job(place, repeat, fold, 1.0) for repeat in range(repeats) for fold in range(folds)]
        trials.append(Trial(candidate, {(job.repeat, job.fold): fitter(job) for job in jobs}))
    return data, trials


def choice_of(data, trials, weights=None, *, temperatures=None, temperature=1.0, floor=0.0):
    """Return a choice of trials as if a search had ended with it."""
    classes = len(data.training.classes)
    prior = np.full(max(1, classes), 1 / classes) if classes else np.zeros(1)
    weights = weights or [1 / len(trials)] * len(trials)
    temperatures = temperatures or [1.0] * len(trials)
    answers = np.zeros((len(data.training.y), max(1, classes)))
    return Choice(trials, weights, temperatures, temperature, floor, prior, None, answers, [])


HOSTILE = {
    "numeric": (np.nan, 0.0, -0.0, 1e-320, 1e300, -1e300, np.inf, -1.0, 2.0**62),
    "boolean": (np.nan, 0.0, 1.0),
    "date": (np.nan, 0.0, -6e10, 2.5e11, 1.6e9, 1e300),
    "categorical": (None, "an unseen category", "12.5", "Bonn", "x" * 1000, "\t\n", "Ünïcödé ✓"),
    "text": (None, "word", "good bad late", "a " * 1000, "Ünïcödé ✓", "\0", "12 13 14"),
}


def hostile(data):
    """Return raw columns of rows that training never saw: one value alone, all together, all missing."""
    usual = {name: column[0] for name, column in data.columns.items()}
    rows = [dict(usual)]
    for name, kind in data.types.items():
        rows += [{**usual, name: value} for value in HOSTILE[kind]]
    rows += [
        {name: HOSTILE[kind][turn % len(HOSTILE[kind])] for name, kind in data.types.items()}
        for turn in range(9)
    ]
    return {
        name: np.array([row[name] for row in rows], dtype=column.dtype)
        for name, column in data.columns.items()
    }, len(rows)
