"""Folds: what a fit sees, and what it never sees."""

import numpy as np
import pandas as pd
import pytest

from automl import FitConfig, fit
from automl.learners import Candidate
from automl.searching.selection import choose
from automl.searching.workers import InProcess
from tests.unit.automl.engine_samples import (
    Fake,
    endless,
    frozen,
    numbered,
    quick,
    search_of,
    searched,
)

ROWS = 240


class Blind(Fake):
    """A learner that does not look at the rows to judge by."""

    judges = False


def ran(training, learners, **options):
    search = search_of(training, [Candidate(learner) for learner in learners], **options)
    search.run()
    return search


@pytest.mark.parametrize("kind", [Fake, Blind])
def test_a_fit_learns_from_the_other_folds_and_judges_by_its_own(kind):
    learner = kind("any")
    search = ran(numbered(ROWS), [learner])

    split = search.splits[0]
    for fold in range(4):
        assert np.array_equal(learner.learned[fold], split.learn(fold))
        assert np.array_equal(learner.judged[fold], split.judge(fold))


@pytest.mark.parametrize("kind", [Fake, Blind])
def test_no_fit_of_the_holdout_ever_sees_a_row_of_it(kind):
    learner = kind("any")
    search = ran(numbered(ROWS), [learner], repeats=3, promising=lambda run: [0])

    held_out = search.splits[0].judge(search.holdout)
    assert len(learner.learned) == 15
    for call in (4, 9, 14):
        assert not np.isin(learner.learned[call], held_out).any()
        assert not np.isin(learner.judged[call], held_out).any()


def test_where_the_holdout_is_put_aside_an_inner_part_tells_when_to_stop():
    looks, blind = Fake("looks"), Blind("blind")
    search = ran(numbered(ROWS), [looks, blind])

    rest = search.splits[0].learn(search.holdout)
    assert sorted(np.append(looks.learned[4], looks.judged[4])) == rest.tolist()
    assert len(looks.judged[4]) == len(rest) // 8
    assert blind.learned[4].tolist() == rest.tolist()


def table_of(read, **columns):
    frame = pd.DataFrame({"row": np.arange(ROWS) + 0.5, **columns})
    rng = np.random.default_rng(0)
    shuffled = frame.sample(frac=1, random_state=1)
    shuffled["y"] = rng.normal(size=ROWS).round(4) + (frame["row"] / 100).loc[shuffled.index]
    return read(shuffled.to_csv(index=False))


def recorded(monkeypatch, table, config):
    learner = Fake("any")
    monkeypatch.setattr("automl.training.candidates", lambda training: [Candidate(learner)])
    # The fake's models are no data: what matters is what they saw until then.
    with pytest.raises(AssertionError, match="exports nothing"):
        fit(table, config, workers=InProcess, clock=frozen)
    return learner


def test_rows_of_a_group_are_never_on_both_sides(read, monkeypatch):
    group = np.repeat(np.arange(48), 5)
    table = table_of(read, who=[f"person {number}" for number in group])

    learner = recorded(monkeypatch, table, FitConfig("y", group="who"))

    assert len(learner.learned) >= 8
    for learned, judged in zip(learner.learned, learner.judged, strict=True):
        assert len(judged)
        assert not np.intersect1d(group[learned], group[judged]).size


def test_by_time_every_model_is_judged_by_later_rows_and_the_latest_are_held_out(read, monkeypatch):
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS) // 2, unit="D")
    table = table_of(read, day=days.strftime("%Y-%m-%d"))

    learner = recorded(monkeypatch, table, FitConfig("y", time="day", keep=("row",)))

    for learned, judged in zip(learner.learned, learner.judged, strict=True):
        assert len(judged)
        assert learned.max() // 2 < judged.min() // 2
    seen = np.concatenate([*learner.learned[-1:], *learner.judged[-1:]])
    assert sorted(seen) == list(range(len(seen)))
    assert len(seen) < ROWS


def test_copies_of_a_row_stay_together(read, monkeypatch):
    # Fewer copies than would make them the rule.
    copy = np.arange(ROWS) % 180
    frame = pd.DataFrame({"row": copy * 2 + 0.5, "y": np.random.default_rng(0).normal(size=ROWS).round(4)})

    learner = recorded(monkeypatch, read(frame.to_csv(index=False)), FitConfig("y"))

    for learned, judged in zip(learner.learned, learner.judged, strict=True):
        assert not np.intersect1d(learned, judged).size


@pytest.mark.parametrize(
    ("target", "metric"), [("price", "rmse"), ("sold", "f1_macro"), ("grade", "log_loss")]
)
def test_the_holdout_chooses_no_weight_no_temperature_and_no_decision(mixed_table, target, metric):
    others = tuple({"price", "sold", "grade"} - {target})
    data, search = searched(mixed_table, quick(), target, exclude=others, metric=metric)
    before = choose(search, endless())

    held_out, y = data.held_out, data.training.y
    y[held_out] = y[held_out][::-1] if target == "price" else (y[held_out] + 1) % len(data.training.classes)
    for trial in search.trials:
        trial.models[0, search.holdout].answers[:] = 1 / max(1, len(data.training.classes))
    after = choose(search, endless())

    assert after.weights == before.weights
    assert after.temperatures == before.temperatures
    assert after.temperature == before.temperature
    assert after.decision == before.decision
    assert after.cross_validation() == before.cross_validation()
    assert after.figures(held_out, data.training) != before.figures(held_out, data.training)


def test_a_log_target_is_learned_as_a_logarithm_and_answered_as_a_number():
    y = np.expm1(np.linspace(0, 5, ROWS))
    training = numbered(ROWS, y)
    assert training.skewed

    goals = training.goals(log=True)
    search = search_of(training, [Candidate(Fake("log", lambda x: goals[x.astype(int)]), log=True)])
    search.run()

    assert search.ranked()[0].values("rmse", search.holdout) == pytest.approx([0.0] * 4, abs=1e-9)


def test_numbers_are_never_answered_far_beyond_what_training_saw():
    search = ran(numbered(ROWS), [Fake("wild", lambda x: np.where(x % 2, 1e9, -1e9))])

    answers = search.trials[0].models[0, 0].answers
    assert (answers.min(), answers.max()) == pytest.approx((-1.1, 1.1))


@pytest.mark.parametrize(
    "y", [np.linspace(-1, 1, 50), np.ones(50), np.array([0.0, -1.0, *np.arange(48.0) ** 4])]
)
def test_even_negative_or_symmetric_numbers_are_not_learned_as_logarithms(y):
    assert not numbered(50, y).skewed


def test_the_same_fold_is_made_once_for_all_candidates_of_a_view(monkeypatch):
    made = []
    from automl.features import views

    original = views.ViewFitter.fit
    monkeypatch.setattr(views.ViewFitter, "fit", lambda self, view: made.append(view) or original(self, view))

    ran(numbered(ROWS), [Fake("a"), Fake("b")])

    assert made == ["tree"] * 5
    monkeypatch.setattr("automl.searching.folds.CACHE_BYTES", 1)
    made.clear()
    ran(numbered(ROWS), [Fake("a"), Fake("b")])
    assert made == ["tree"] * 10
