"""The search: order, budget, best so far, failures, repeats. Time is a fake clock, learners are fakes."""

import numpy as np
import pytest

from automl.budget import Budget
from automl.errors import ParityError, SearchError
from automl.learners import Candidate, Problem
from automl.searching.search import (
    CANDIDATE_SHARE,
    FEW_FOLDS,
    FIRST_SHARE,
    FOLDS,
    LOOK_SECONDS,
    MANY_FOLDS,
    REPEAT_SHARE,
    SHARE_OF_PROGRESS,
    dealt_folds,
    fold_count,
    out_of_fold,
)
from tests.unit.automl.engine_samples import Fake, numbered, search_of

ROWS = 100


def far(x):
    return np.full_like(x, 9.0)


def near(x):
    return np.zeros_like(x)


def off(x):
    return np.ones_like(x)


def search(learners, **options):
    return search_of(numbered(ROWS), [Candidate(learner) for learner in learners], **options)


def names(trials):
    return [trial.candidate.name for trial in trials]


def test_the_candidate_with_the_best_mean_stands_first():
    run = search([Fake("far", far), Fake("near", near), Fake("off", off)])

    run.run()

    assert names(run.ranked()) == ["near", "off", "far"]
    assert [(entry["model"], entry["folds"]) for entry in run.leaderboard()] == [
        ("near", 4),
        ("off", 4),
        ("far", 4),
    ]
    assert set(run.leaderboard()[0]) == {"model", "metric", "mean", "std", "folds", "fit_seconds"}


def test_candidates_are_tried_one_after_the_other_and_fold_by_fold():
    told = []
    run = search([Fake("a"), Fake("b")], progress=told.append)

    run.run()

    assert [entry.message for entry in told] == [
        f"{name}: fold {i} of 5" for name in "ab" for i in range(1, 6)
    ]


def test_when_time_is_up_the_best_so_far_is_kept(make_clock):
    clock = make_clock()
    first, second = Fake("first", clock=clock, seconds=10.0), Fake("second", clock=clock, seconds=10.0)
    third = Fake("third", clock=clock)
    run = search([first, second, third], clock=clock, seconds=60.0)

    run.run()

    assert names(run.ranked()) == ["first"]
    assert [len(learner.learned) for learner in (first, second, third)] == [5, 1, 0]
    assert clock.now == 60.0


def test_a_candidate_that_cannot_end_in_time_makes_way_for_the_next(make_clock):
    clock = make_clock()
    first, slow = Fake("first", clock=clock, seconds=10.0), Fake("slow", clock=clock, seconds=20.0)
    fast = Fake("fast", clock=clock, seconds=1.0)
    run = search([first, slow, fast], clock=clock, seconds=100.0)

    run.run()

    assert len(slow.learned) == 1
    assert sorted(names(run.ranked())) == ["fast", "first"]


def test_even_without_time_there_is_a_model(make_clock):
    clock = make_clock()
    run = search(
        [Fake("slow", clock=clock, seconds=1000.0), Fake("never", clock=clock)], clock=clock, seconds=1.0
    )

    run.run()

    assert names(run.ranked()) == ["slow"]


def test_the_first_candidate_gets_a_tenth_of_the_time_and_every_other_its_share(make_clock):
    first, second = Fake("first"), Fake("second")

    search([first, second], clock=make_clock(), seconds=100.0, repeats=2).run()

    assert FIRST_SHARE == 0.1
    assert sum(first.budgets[:5]) == pytest.approx(FIRST_SHARE * 100.0)
    assert sum(second.budgets[:5]) == pytest.approx(CANDIDATE_SHARE * 100.0)
    again = first.budgets[5:] + second.budgets[5:]
    assert again
    assert max(again) == pytest.approx(REPEAT_SHARE * 100.0 / 5)


def test_no_fold_is_given_more_time_than_is_left(make_clock):
    clock = make_clock()
    first, second = Fake("first", clock=clock, seconds=19.8), Fake("second", clock=clock)

    search([first, second], clock=clock, seconds=100.0).run()

    assert second.budgets == [pytest.approx(1.0)] * 5


def test_a_failing_candidate_is_reported_and_the_others_go_on():
    bad = Fake("bad", faults={0: ValueError("no")})
    late = Fake("late", faults={3: MemoryError("full")})
    run = search([bad, late, Fake("good")])

    run.run()

    assert names(run.ranked()) == ["good"]
    assert (len(bad.learned), len(late.learned)) == (1, 4)
    assert run.failures() == [
        "bad could not be fitted: ValueError: no",
        "late could not be fitted: MemoryError: full",
    ]


def test_fits_whose_export_answers_otherwise_are_told_in_every_repeat():
    unlike = Fake("unlike", faults={2: ParityError("by 0.1")})
    later = Fake("later", faults={7: ParityError("by 0.2")})
    run = search([unlike, later, Fake("bad", faults={0: ValueError("no")})], repeats=2)

    run.run()

    assert names(run.ranked()) == ["later"]
    assert run.trials[1].whole(5) == [0]
    assert run.breaches == ["unlike: ParityError: by 0.1", "later: ParityError: by 0.2"]
    assert "unlike could not be fitted: ParityError: by 0.1" in run.failures()


def test_after_a_failure_the_next_candidate_is_the_one_that_is_fitted_whatever_the_time(make_clock):
    clock = make_clock()
    bad = Fake("bad", clock=clock, seconds=50.0, faults={0: ValueError("no")})
    run = search([bad, Fake("good", clock=clock)], clock=clock, seconds=1.0)

    run.run()

    assert names(run.ranked()) == ["good"]


def test_answers_that_are_not_finite_are_a_failure():
    run = search([Fake("nan", lambda x: x * np.nan), Fake("good")])

    run.run()

    assert names(run.ranked()) == ["good"]
    assert "not finite" in run.failures()[0]


def test_when_all_candidates_fail_the_reasons_are_raised():
    with pytest.raises(SearchError, match="bad could not be fitted: MemoryError: none"):
        search([Fake("bad", faults={0: MemoryError("none")})]).run()


def test_only_promising_candidates_are_repeated():
    learners = [Fake("a", off), Fake("b", near)]
    asked = []

    def second(run):
        asked.append(names(run.ranked()))
        return [1]

    run = search(learners, repeats=3, promising=second)
    run.run()

    assert [len(learner.learned) for learner in learners] == [5, 15]
    assert run.trials[1].whole(5) == [0, 1, 2]
    assert asked == [["b", "a"]] * 2


def test_without_time_left_nothing_is_repeated(make_clock):
    clock = make_clock()
    learner = Fake("a", clock=clock, seconds=10.0)

    run = search([learner], clock=clock, seconds=60.0, repeats=3)
    run.run()

    assert run.trials[0].whole(5) == [0]
    assert len(learner.learned) == 5


def test_a_repeat_that_fails_leaves_the_candidate_in_place():
    run = search([Fake("a", faults={7: ValueError("no")})], repeats=2)

    run.run()

    assert run.trials[0].whole(5) == [0]
    assert names(run.ranked()) == ["a"]
    assert run.failures() == []


def test_the_holdout_never_counts_for_the_ranking():
    training = numbered(ROWS)
    run = search([Fake("x")])
    held_out = run.splits[0].judge(run.holdout)

    def truth(rows):
        return (training.y[rows.astype(int)] - training.y.mean()) / training.y.std()

    def honest(rows):
        return np.where(np.isin(rows, held_out), 99.0, truth(rows))

    def lucky(rows):
        return np.where(np.isin(rows, held_out), truth(rows), truth(rows) + 0.1)

    run = search([Fake("lucky", lucky), Fake("honest", honest)])
    run.run()

    assert names(run.ranked()) == ["honest", "lucky"]
    assert run.leaderboard()[0]["mean"] == pytest.approx(0.0)


def test_out_of_fold_answers_are_the_mean_over_the_repeats():
    run = search([Fake("a", lambda x: x / 100)], repeats=2)
    run.run()
    trial = run.trials[0]

    answers = out_of_fold(trial, run.splits, ROWS)
    expected = run.training.scale(log=False).apply(np.arange(ROWS) / 100)

    assert answers[:, 0] == pytest.approx(expected)


def test_progress_rises_and_carries_the_leaderboard(make_clock):
    clock = make_clock()
    told = []

    search(
        [Fake("a", off, clock=clock, seconds=1.0), Fake("b", near, clock=clock)],
        clock=clock,
        progress=told.append,
    ).run()

    fractions = [entry.fraction for entry in told]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1
    assert told[0].leaderboard == []
    assert told[-1].leaderboard[0]["model"] == "b"


def test_progress_is_a_share_where_all_time_was_gone_before_the_search(make_clock):
    clock = make_clock()
    told = []

    search([Fake("a", clock=clock, seconds=1.0)], clock=clock, seconds=0.0, progress=told.append).run()

    assert told
    assert {entry.fraction for entry in told} == {SHARE_OF_PROGRESS}


def test_what_the_callback_raises_ends_the_search():
    def cancel(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search([Fake("a")], progress=cancel).run()


@pytest.mark.parametrize(
    ("rows", "classes", "seconds", "folds"),
    [
        (1_000, 0, 40.0, MANY_FOLDS),
        (1_000, 2, 40.0, MANY_FOLDS),
        (1_000, 2, 1.0, FOLDS),
        (1_000, 30, 40.0, FOLDS),
        (10_000, 2, 60.0, FOLDS),
        (10_000, 2, 100.0, MANY_FOLDS),
        (10_000, 0, 100.0, FOLDS),
        (10_000, 0, 500.0, MANY_FOLDS),
        (10_000, 7, 100.0, FOLDS),
        (500_000, 2, 1e6, FEW_FOLDS),
    ],
)
def test_there_are_many_folds_where_time_allows(rows, classes, seconds, folds):
    assert fold_count(rows, Problem(classes), seconds) == folds


def test_how_many_folds_are_dealt_first_is_decided_by_the_rows_alone():
    assert [dealt_folds(rows) for rows in (1_000, 10_000, 500_000)] == [MANY_FOLDS, FOLDS, FEW_FOLDS]


def test_a_slice_never_outlives_its_budget(make_clock):
    clock = make_clock()
    budget = Budget(10.0, clock)
    clock.now = 8.0

    assert budget.slice(100.0).remaining() == 2.0
    late = budget.slice(-5.0)
    assert late.expired()
    assert (late.seconds, late.used()) == (0.0, 1.0)
    assert budget.used() == 0.8


class Stuck:
    """Workers that never end a job, and remember how long they were waited for."""

    count = 1
    idle = 1

    def __init__(self):
        self.waits = []

    def start(self, job):
        self.idle = 0

    def wait(self, seconds):
        self.waits.append(seconds)
        return []


@pytest.mark.parametrize("seconds", [100.0, 0.0])
def test_the_clock_is_looked_at_while_a_fit_takes_long_and_may_end_the_search(seconds):
    class EnoughError(Exception):
        """What the clock raises."""

    run = search([Fake("slow")], seconds=seconds)
    run.workers = team = Stuck()
    looks = iter(range(20))

    def clock():
        if next(looks, None) is None:
            raise EnoughError
        return 1.0

    run.budget.clock = clock

    with pytest.raises(EnoughError):
        run.run()

    assert team.waits
    assert all(0 < wait <= LOOK_SECONDS for wait in team.waits)
