"""Selection: which candidates answer together, with which weights, and which class they answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.budget import Budget
from automl.config import CLASSIFICATION
from automl.judging.metrics import evaluate, measure
from automl.learners import Candidate
from automl.learners.linear import LinearLearner
from automl.searching.folds import FoldModel
from automl.searching.search import Trial
from automl.searching.selection import ENSEMBLE, LEAST_WEIGHT, Prospects, _shrunk, choose, leaderboard, select
from tests.unit.automl.engine_samples import endless, numbered, search_of

ROWS = 200
ERROR = np.sin(np.arange(ROWS) * 7)[:, None]


class Named(LinearLearner):
    """A candidate in name only."""

    def __init__(self, name):
        self.name = name


def told(training, *answers, repeats=1, metric=None):
    """Return a search whose candidates gave these answers."""
    search = search_of(training, [], repeats=repeats, **({} if metric is None else {"metric": metric}))
    for number, answer in enumerate(answers):
        trial = Trial(Candidate(Named(f"candidate {number}")))
        for fold in range(search.folds):
            rows = search.splits[0].judge(fold)
            trial.models[0, fold] = FoldModel(None, None, answer[rows], 1.0)
            trial.figures[fold] = evaluate(training.task, training.y[rows], answer[rows], training.classes)
        search.trials.append(trial)
    return search


def numbers(*answers):
    return told(numbered(ROWS), *answers)


def truth():
    return numbered(ROWS).y[:, None]


def classes(count=2, sharpness=1.0, seed=0):
    """Return rows of some classes, and probabilities that are right about them but for their sharpness."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(2000, count))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (shares.cumsum(axis=1) > rng.random((2000, 1))).argmax(axis=1)
    sharp = shares**sharpness
    training = numbered(2000, y, [f"class {label}" for label in range(count)])
    return training, sharp / sharp.sum(axis=1, keepdims=True)


def test_two_candidates_that_err_apart_answer_together():
    search = numbers(truth() + ERROR, truth() - 1.1 * ERROR)

    choice = choose(search, endless())
    rows = leaderboard(search, choice)

    assert choice.name == ENSEMBLE
    assert [row["chosen"] for row in rows] == [True, False, False]
    assert rows[0]["mean"] < 0.1 * rows[1]["mean"]
    assert rows[0]["members"] == choice.members
    assert sum(choice.weights) == pytest.approx(1.0)
    assert rows[0]["fit_seconds"] == 10.0
    assert choice.weights == sorted(choice.weights, reverse=True)


def test_a_candidate_that_no_other_can_help_stays_alone():
    search = numbers(truth() + 0.01, truth() + 5.0)

    choice = choose(search, endless())

    assert (choice.trials, choice.weights) == ([search.trials[0]], [1.0])
    assert choice.name == "candidate 0"
    rows = leaderboard(search, choice)
    assert [row["chosen"] for row in rows] == [True, False]
    assert [row["model"] for row in rows] == [row["model"] for row in search.leaderboard()]


def test_a_candidate_without_all_its_folds_is_no_member():
    search = numbers(truth() + ERROR, truth() - ERROR)
    del search.trials[1].models[0, 3]

    assert choose(search, endless()).trials == [search.trials[0]]


def test_a_weight_that_is_not_worth_its_bytes_is_dropped(monkeypatch):
    monkeypatch.setattr("automl.searching.selection.LEAST_WEIGHT", 0.3)
    search = numbers(truth() + ERROR, truth() - 9 * ERROR)

    choice = choose(search, endless())

    assert 0 < LEAST_WEIGHT < 0.1
    assert choice.weights == [1.0]


def test_a_compact_choice_takes_the_best_and_no_more_than_asked_for():
    rng = np.random.default_rng(0)
    search = numbers(*(truth() + rng.normal(size=(ROWS, 1)) for _ in range(6)))

    everything, two = choose(search, endless()), choose(search, endless(), 2)

    assert len(everything.trials) > len(two.trials) == 2
    alone = [trial.candidate.name for trial in search.ranked()[:2]]
    assert sorted(member["model"] for member in two.members) == sorted(alone)


def test_the_figures_of_cross_validation_leave_the_holdout_out():
    search = numbers(truth() + ERROR)
    choice = choose(search, endless())

    figures = choice.cross_validation()

    assert figures["folds"] == search.folds - 1
    assert figures["rmse"] == pytest.approx(np.mean(search.trials[0].values("rmse", search.holdout)))


def test_those_that_the_ensemble_takes_are_promising():
    search = numbers(truth() + 5.0, truth() - 1.1 * ERROR, truth() + ERROR)

    prospects = Prospects()
    assert prospects(search) == [2, 1]
    # Nothing was fitted since, so nothing has improved.
    assert prospects(search) == []


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("sharpness", [0.5, 2.0])
def test_probabilities_that_are_too_sure_or_not_sure_enough_get_a_temperature(count, sharpness):
    training, answers = classes(count, sharpness)

    choice = choose(told(training, answers), endless())

    assert choice.temperatures[0] == pytest.approx(1 / sharpness, rel=0.25)
    assert choice.temperature == 1.0
    y = training.y
    assert measure("log_loss", CLASSIFICATION, y, choice.answers) < measure(
        "log_loss", CLASSIFICATION, y, answers
    )


def test_probabilities_that_are_right_keep_theirs_but_are_never_almost_zero():
    training, answers = classes(3)
    answers[:5] = [1.0, 0.0, 0.0]
    training.y[:5] = 0

    choice = choose(told(training, answers), endless())

    assert (choice.temperatures, choice.temperature) == ([1.0], 1.0)
    assert choice.answers.min() > 0
    assert choice.floor == 0.5 / 2000
    assert choice.prior.sum() == pytest.approx(1.0)
    assert choice.answers.sum(axis=1) == pytest.approx(1.0)


def test_for_a_metric_of_labels_the_class_that_is_answered_is_tuned():
    rng = np.random.default_rng(0)
    score = rng.random(2000)
    y = (rng.random(2000) < 0.35 * score).astype(int)
    answers = np.stack([1 - 0.35 * score, 0.35 * score], axis=1)

    tuned = choose(told(numbered(2000, y, ["no", "yes"]), answers, metric="f1_macro"), endless())
    plain = choose(told(numbered(2000, y, ["no", "yes"]), answers), endless())

    rows = np.arange(2000)
    assert tuned.decision.tuned
    assert set(tuned.labels(rows)) == {0, 1}
    assert not plain.decision.tuned
    assert set(plain.labels(rows)) == {0}
    assert tuned.cross_validation()["f1_macro"] > plain.cross_validation()["f1_macro"] + 0.05


def test_numbers_have_no_decision():
    choice = choose(numbers(truth()), endless())

    assert choice.decision is None
    assert choice.labels(np.arange(3)) is None


ANSWERS = st.lists(st.lists(st.floats(-10, 10), min_size=8, max_size=8), min_size=1, max_size=5)


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


def test_a_metric_that_no_answer_has_still_leaves_a_model():
    assert select([np.zeros((3, 1))] * 2, lambda answer: np.inf, endless()).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc", "accuracy"])
def test_the_short_way_to_a_metric_leads_to_the_same_figure(metric):
    rng = np.random.default_rng(0)
    y, shares = rng.integers(0, 3, 60), rng.dirichlet(np.ones(3), 60)

    expected = evaluate("classification", y, shares, ["a", "b", "c"])[metric]

    assert measure(metric, "classification", y, shares) == pytest.approx(expected, rel=1e-12)


def test_on_few_rows_candidates_as_good_as_the_best_share_half_of_the_weight():
    losses = np.array([1.0, 1.04, 1.2, 1.01, 1.02, 1.03])

    shrunk = _shrunk(np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), losses)

    assert shrunk == pytest.approx(np.array([0.125, 0.0, 0.5, 0.125, 0.125, 0.125]))


def test_weights_stay_as_they_are_where_one_candidate_is_far_ahead():
    weights = np.array([0.7, 0.3])

    assert _shrunk(weights, np.array([1.0, 1.2])) is weights
