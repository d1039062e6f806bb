"""The search: budget, best so far, failures, leakage. Time is a fake clock."""

import numpy as np
import pytest

from automl.budget import Budget
from automl.features import fit_plan
from automl.folds import Training
from automl.learners import Problem, candidates
from automl.learners.base import Fitted, Learner
from automl.search import FEW_FOLDS, FOLDS, MANY_FOLDS, Search, SearchError, fold_count
from scoring.features import NumberEncoder


class Constant(Fitted):
    def __init__(self, value, rounds=1):
        self.value = value
        self.rounds = rounds

    def predict(self, X):
        return np.full((len(X), 1), self.value)

    def export(self):
        pytest.fail("a search exports nothing")


class Fake(Learner):
    """Answers with a constant after so many seconds, and remembers what it saw."""

    view = "tree"

    def __init__(self, name, value, clock, seconds=0.0, error=None):
        self.name, self.value, self.clock, self.seconds, self.error = name, value, clock, seconds, error
        self.seen, self.budgets = [], []

    def fit(self, X, y, problem, *, seed, budget, rounds=None):
        self.seen.append(X[:, 0])
        self.budgets.append(budget.remaining())
        self.clock.now += self.seconds
        if self.error:
            raise self.error
        return Constant(self.value)

    def parameters(self):
        return {}


def search(learners, clock, seconds=100.0, progress=None):
    rows = 100
    training = Training(
        {"x": np.arange(rows, dtype=float)}, {"x": "numeric"}, np.linspace(-1, 1, rows), "regression", []
    )
    return Search(training, learners, "rmse", False, Budget(seconds, clock), 0, progress)


def test_the_candidate_with_the_best_mean_wins(make_clock):
    clock = make_clock()
    run = search([Fake("far", 9.0, clock), Fake("near", 0.0, clock), Fake("off", 1.0, clock)], clock)

    best = run.run()

    assert best.learner.name == "near"
    assert [(entry["model"], entry["chosen"], entry["folds"]) for entry in run.leaderboard()] == [
        ("near", True, MANY_FOLDS),
        ("off", False, MANY_FOLDS),
        ("far", False, MANY_FOLDS),
    ]


def test_the_search_stops_between_folds_when_time_is_up_and_keeps_the_best_so_far(make_clock):
    clock = make_clock()
    first, second, third = (
        Fake("first", 1.0, clock, 10.0),
        Fake("second", 0.0, clock, 20.0),
        Fake("third", 0.0, clock),
    )
    run = search([first, second, third], clock, seconds=120.0)

    best = run.run()

    assert best.learner.name == "second"
    assert (len(first.seen), len(second.seen), len(third.seen)) == (8, 2, 0)
    assert clock.now == 120.0


def test_few_rows_get_many_folds_if_time_allows():
    assert fold_count(1_000, Problem(0), 40.0) == fold_count(1_000, Problem(2), 40.0) == MANY_FOLDS
    assert fold_count(1_000, Problem(19), 40.0) == fold_count(1_000, Problem(2), 10.0) == FOLDS
    assert fold_count(5_000, Problem(2), 1000.0) == FOLDS
    assert fold_count(500_000, Problem(2), 1000.0) == FEW_FOLDS


def test_even_without_time_there_is_a_model(make_clock):
    clock = make_clock()
    run = search([Fake("slow", 1.0, clock, 1000.0), Fake("never", 0.0, clock)], clock, seconds=1.0)

    assert run.run().learner.name == "slow"
    assert run.leaderboard()[0]["folds"] == 1


def test_no_candidate_but_the_last_may_take_all_the_time(make_clock):
    clock = make_clock()
    first, last = Fake("first", 1.0, clock), Fake("last", 1.0, clock)

    search([first, last], clock, seconds=100.0).run()

    assert first.budgets[0] == pytest.approx(50.0 / MANY_FOLDS)
    assert last.budgets[0] == pytest.approx(100.0 / MANY_FOLDS)


def test_a_failing_candidate_is_reported_and_the_others_go_on(make_clock):
    clock = make_clock()
    run = search([Fake("bad", 1.0, clock, error=ValueError("no")), Fake("good", 1.0, clock)], clock)

    assert run.run().learner.name == "good"
    assert run.failures == ["bad could not be fitted: no"]


def test_when_all_candidates_fail_the_reasons_are_raised(make_clock):
    clock = make_clock()

    with pytest.raises(SearchError, match="bad could not be fitted: no memory"):
        search([Fake("bad", 1.0, clock, error=MemoryError("no memory"))], clock).run()


def test_each_fold_learns_from_the_other_folds_only(make_clock):
    clock = make_clock()
    learner = Fake("any", 0.0, clock)

    search([learner], clock).run()

    left_out = [set(range(100)) - set(seen.astype(int)) for seen in learner.seen]
    assert sorted(row for rows in left_out for row in rows) == list(range(100))


def test_progress_rises_and_carries_the_leaderboard(make_clock):
    clock = make_clock()
    told = []

    search([Fake("a", 1.0, clock), Fake("b", 0.0, clock)], clock, progress=told.append).run()

    fractions = [entry.fraction for entry in told]
    assert fractions == sorted(fractions)
    assert len(told) == 2 * MANY_FOLDS
    assert told[-1].leaderboard[0]["model"] == "b"
    assert told[0].message == "a: fold 1 of 8"


def test_what_the_callback_raises_ends_the_search(make_clock):
    clock = make_clock()

    def cancel(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search([Fake("a", 1.0, clock)], clock, progress=cancel).run()


@pytest.mark.parametrize("learner", candidates(100) + candidates(50_000), ids=lambda learner: learner.name)
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_every_learner_gives_a_model_even_without_time(make_clock, learner, classes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = np.arange(400) % classes if classes else X[:, 0]

    budget = Budget(1.0, make_clock(step=10.0))
    fitted = learner.fit(X, y, Problem(classes), seed=0, budget=budget)

    assert fitted.predict(X).shape == (400, max(1, classes))
    assert np.isfinite(fitted.predict(X)).all()
    assert fitted.rounds <= 100
    assert fitted.complete == (learner.view == "linear")


def test_a_plan_learns_nothing_from_rows_it_is_not_given():
    plan = fit_plan({"x": np.array([1.0, np.nan, 3.0])}, {"x": "numeric"}, "linear")

    assert plan.encoders[0] == NumberEncoder("x", 2.0)


def test_a_slice_never_outlives_its_budget(make_clock):
    clock = make_clock()
    budget = Budget(10.0, clock)
    clock.now = 8.0

    assert budget.slice(100.0).remaining() == 2.0
    assert budget.slice(-5.0).expired()
