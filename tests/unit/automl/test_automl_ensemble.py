"""The ensemble: its choice on out-of-fold answers, and what is served of it."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl import FitConfig, fit
from automl.budget import Budget
from automl.ensemble import Ensemble
from automl.export import TOLERANCE, difference
from automl.folds import Training
from automl.learners.forest import ForestLearner
from automl.learners.histogram import HistogramLearner
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.linear import LinearLearner
from automl.metrics import measure
from automl.search import Search, Trial
from automl.selection import ENSEMBLE, Choice, choose, leaderboard, select
from automl.splits import NO_PART, holdout_mask, stratified_parts
from scoring.model import Model


def frozen():
    return 0.0


def endless():
    return Budget(1000.0, frozen)


class Answer(LinearLearner):
    """A candidate in name only."""

    def __init__(self, name):
        self.name = name


def judged(search, answers, folds=None):
    """Add a trial whose out-of-fold answers are given."""
    trial = Trial(Answer(f"candidate {len(search.trials)}"))
    for fold in range(folds or search.folds):
        part = search.parts == fold
        trial.judged.append(answers[part][:, None])
        figures = {"rmse": measure("rmse", "regression", search.training.y[part], trial.judged[-1])}
        trial.folds.append(figures)
    search.trials.append(trial)
    return trial


@pytest.fixture
def prepared():
    """A search whose trials are yet to be told."""
    y = np.linspace(-1, 1, 100)
    training = Training({"x": y}, {"x": "numeric"}, y, "regression", [])
    search = Search(training, [], "rmse", False, endless(), 0)
    search.folds, search.parts = 5, stratified_parts(y, 5, 0)
    return search


def test_two_candidates_that_err_apart_answer_together(prepared):
    y, error = prepared.training.y, np.sin(np.arange(100) * 7)
    judged(prepared, y + error)
    judged(prepared, y - 1.1 * error)

    choice = choose(prepared, endless())
    rows = leaderboard(prepared, choice)

    assert choice.name == ENSEMBLE
    assert [row["chosen"] for row in rows] == [True, False, False]
    assert rows[0]["mean"] < 0.1 * rows[1]["mean"]
    assert rows[0]["members"] == choice.members
    assert sum(member["weight"] for member in choice.members) == pytest.approx(1.0)
    assert set(rows[1]) == {"model", "metric", "mean", "std", "folds", "fit_seconds", "chosen"}


def test_a_candidate_that_no_other_can_help_stays_alone(prepared):
    y = prepared.training.y
    best = judged(prepared, y + 0.01)
    judged(prepared, y + 5.0)

    choice = choose(prepared, endless())

    assert (choice.trials, choice.weights) == ([best], [1.0])
    assert leaderboard(prepared, choice) == prepared.leaderboard()


def test_a_candidate_without_all_its_folds_is_no_member(prepared):
    y, error = prepared.training.y, np.sin(np.arange(100) * 7)
    judged(prepared, y + error)
    judged(prepared, y - error, folds=4)

    assert len(choose(prepared, endless()).trials) == 1


ANSWERS = st.lists(st.lists(st.floats(-10, 10), min_size=8, max_size=8), min_size=1, max_size=5)


@settings(deadline=None)
@given(ANSWERS, st.sampled_from(["rmse", "mae", "r2"]))
def test_the_selected_weights_are_never_worse_than_the_best_candidate(answers, metric):
    y = np.arange(8.0)
    columns = [np.array(values)[:, None] for values in answers]
    sign = -1.0 if metric == "r2" else 1.0

    def loss(answer):
        return sign * measure(metric, "regression", y, answer)

    weights = select(columns, loss, endless())

    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    together = loss(np.tensordot(weights, np.stack(columns), axes=1))
    assert together <= min(map(loss, columns)) + 1e-9


def test_the_selection_ends_with_its_budget(make_clock):
    calls = []

    def loss(answer):
        calls.append(answer)
        return -float(len(calls))

    select([np.zeros((3, 1))] * 4, loss, Budget(1.0, make_clock(step=10.0)))

    assert len(calls) == 4


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc", "accuracy"])
def test_the_short_way_to_a_metric_leads_to_the_same_figure(metric):
    from automl.metrics import evaluate

    rng = np.random.default_rng(0)
    y, shares = rng.integers(0, 3, 60), rng.dirichlet(np.ones(3), 60)

    expected = evaluate("classification", y, shares, ["a", "b", "c"])[metric]

    assert measure(metric, "classification", y, shares) == pytest.approx(expected, rel=1e-12)


LEARNERS = [
    LinearLearner(),
    LightGBMLearner(),
    ForestLearner(extra=False),
    HistogramLearner(),
    ForestLearner(extra=True),
]


@pytest.fixture(scope="session")
def fitted_searches():
    """Every learner under cross-validation for each kind of target."""
    rng = np.random.default_rng(0)
    rows = 150
    number = rng.normal(size=rows)
    gappy = np.where(rng.random(rows) < 0.2, np.nan, rng.exponential(size=rows))
    kind = np.array([["a", "b", "c", None][i] for i in rng.integers(0, 4, rows)], dtype=object)
    signal = number + np.nan_to_num(gappy) + (kind == "a")
    columns = {"number": number, "gappy": gappy, "kind": kind}
    types = {"number": "numeric", "gappy": "numeric", "kind": "categorical"}
    searches = []
    for classes in (0, 2, 3):
        y = (
            signal
            if not classes
            else np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
        )
        task, labels = ("classification", list("xyz")[:classes]) if classes else ("regression", [])
        metric = "log_loss" if classes else "rmse"
        search = Search(Training(columns, types, y, task, labels), LEARNERS, metric, False, endless(), 0)
        search.run()
        searches.append(search)
    return searches


def assembled(search, trials, weights, budget=None):
    choice = Choice(trials, weights, [])
    return Ensemble.of(choice, search.training, 0, budget or Budget(0.0, frozen))


def served(search, ensemble):
    exported = ensemble.export()
    manifest = {
        "task": search.training.task,
        "classes": search.training.classes,
        "model": json.loads(json.dumps(exported.block)),
        "features": [],
        "unused_columns": [],
        "encoders": json.loads(json.dumps(ensemble.plan.to_json())),
        "schema": {},
        "example": {},
    }
    return Model(manifest, exported.arrays)


CELLS = st.tuples(
    st.floats(allow_nan=True, allow_infinity=True),
    st.one_of(st.just(float("nan")), st.floats(-10, 10)),
    st.sampled_from(["a", "b", "c", None, "new"]),
)


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 2),
    st.lists(st.integers(0, 5), min_size=len(LEARNERS), max_size=len(LEARNERS)).filter(any),
    st.lists(CELLS, min_size=1, max_size=10),
    st.booleans(),
)
def test_any_ensemble_is_stored_exactly(fitted_searches, which, counts, rows, refitted):
    search = fitted_searches[which]
    chosen = [(trial, count) for trial, count in zip(search.trials, counts, strict=True) if count]
    weights = [count / sum(counts) for _, count in chosen]
    budget = endless() if refitted else None
    ensemble = assembled(search, [trial for trial, _ in chosen], weights, budget)
    number, gappy, kind = zip(*rows, strict=True)
    columns = {"number": np.array(number), "gappy": np.array(gappy), "kind": np.array(kind, dtype=object)}

    answers = served(search, ensemble).score(columns, len(rows))

    assert difference(answers, ensemble.predict(columns)) <= TOLERANCE


def slow(trial):
    """Return a copy of a trial that says that its folds took long."""
    return dataclasses.replace(trial, seconds=1e6)


def test_a_member_is_fitted_again_on_all_rows_as_far_as_its_folds_grew(fitted_searches):
    search = fitted_searches[1]
    trial = next(trial for trial in search.trials if trial.learner.name == "LightGBM")

    (part,) = assembled(search, [trial], [1.0], endless()).parts

    assert part.weight == 1.0
    assert part.fitted.rounds == round(1.1 * np.mean([fitted.rounds for fitted, _ in trial.models]))
    assert part.fitted not in [fitted for fitted, _ in trial.models]


class Stalling(LightGBMLearner):
    """LightGBM whose refit is cut by time."""

    def fit(self, X, y, problem, *, seed, budget, rounds=None):
        fitted = super().fit(X, y, problem, seed=seed, budget=budget, rounds=5)
        fitted.complete = rounds is None
        return fitted


def test_a_member_without_time_for_a_refit_or_cut_short_in_it_answers_with_its_folds(fitted_searches):
    search = fitted_searches[1]
    trial = slow(search.ranked()[0])
    cut = dataclasses.replace(trial, learner=Stalling(), seconds=0.0)

    for member in (trial, cut):
        ensemble = assembled(search, [member], [1.0], Budget(1000.0, frozen))
        assert [part.fitted for part in ensemble.parts] == [fitted for fitted, _ in trial.models]


def test_fold_models_are_kept_as_long_as_the_limits_bear(fitted_searches, monkeypatch):
    search = fitted_searches[2]
    trial = slow(next(trial for trial in search.trials if trial.learner.name == "Random forest"))
    endless_budget = Budget(1000.0, frozen)
    monkeypatch.setattr("automl.ensemble.MAX_TREES", 2 * trial.models[0][0].rounds)

    small = assembled(search, [trial], [1.0], endless_budget)

    assert [part.weight for part in small.parts] == [0.5, 0.5]
    monkeypatch.setattr("automl.ensemble.MAX_TREES", 1)
    assert len(assembled(search, [trial], [1.0], endless_budget).parts) == 1


def test_without_time_one_fold_of_each_member_is_kept(fitted_searches, make_clock):
    trials = [slow(trial) for trial in fitted_searches[0].trials[:2]]

    ensemble = assembled(fitted_searches[0], trials, [0.5, 0.5], Budget(1.0, make_clock(step=10.0)))

    assert [part.fitted for part in ensemble.parts] == [trial.models[0][0] for trial in trials]
    assert [part.weight for part in ensemble.parts] == [0.5, 0.5]


def test_training_serves_the_ensemble_and_says_so(mixed_table, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", lambda rows: LEARNERS[1:4])
    config = FitConfig("price", exclude=("sold", "grade"))

    result = fit(mixed_table, config, clock=frozen)

    row = result.leaderboard[0]
    assert (row["model"], row["chosen"]) == (ENSEMBLE, True)
    assert result.manifest["model"]["members"] == row["members"]
    assert row["mean"] == result.metrics["cross_validation"]["rmse"]
    assert row["mean"] < result.leaderboard[1]["mean"]
    assert fit(mixed_table, config, clock=frozen).npz_bytes == result.npz_bytes
    assert fit(mixed_table, dataclasses.replace(config, seed=1), clock=frozen).npz_bytes != result.npz_bytes


def test_a_class_is_never_put_aside_as_a_whole():
    for seed in range(30):
        y = np.repeat([0, 1, 2, 3], [40, 1, 2, 3])
        parts = stratified_parts(y, 5, seed)
        for part in range(5):
            assert set(y[parts != part]) == {0, 1, 2, 3}
        assert parts[40] == NO_PART
        assert set(y[~holdout_mask(y, seed)]) == {0, 1, 2, 3}


def test_no_more_rows_are_held_out_than_are_needed_to_judge():
    assert holdout_mask(np.arange(1_000_000.0), 0).sum() == 25_000
    assert holdout_mask(np.arange(1_000.0), 0).sum() == 200
