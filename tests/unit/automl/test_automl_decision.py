"""The decision rule, the calibration and the intervals: kept where they help on other rows."""

import json

import numpy as np
import pytest

from automl.budget import Budget
from automl.judging.calibration import temperature
from automl.judging.crosscheck import holds
from automl.judging.decision import Decision, best_threshold, decide, thresholds_of, tune
from automl.judging.intervals import conformal, measured
from automl.judging.metrics import LABEL_METRICS, measure
from automl.splitting.deal import NO_PART
from automl.splitting.splits import stratified_parts
from scoring.families.links import sharpen


def rare(rows=6000, share=0.05, seed=0):
    """Return a rare class and honest probabilities of it."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(np.log(share / (1 - share)), 1.2, rows)
    p = 1 / (1 + np.exp(-odds))
    return (rng.random(rows) < p).astype(np.int64), np.column_stack([1 - p, p])


def uneven(rows=4000, seed=0):
    """Return four classes of uneven sizes and honest probabilities of them."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(rows, 4)) + np.log([0.75, 0.15, 0.06, 0.04])
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return (p.cumsum(axis=1) > rng.random((rows, 1))).argmax(axis=1), p


@pytest.mark.parametrize("make", [rare, uneven])
@pytest.mark.parametrize("metric", ["balanced_accuracy", "f1_macro"])
def test_a_tuned_rule_is_better_on_rows_that_it_never_saw(make, metric):
    y, p = make()
    fresh_y, fresh_p = make(seed=1)

    rule = tune(metric, y, p)

    plain = measure(metric, "classification", fresh_y, fresh_p)
    ours = measure(metric, "classification", fresh_y, fresh_p, labels=rule.decide(fresh_p))
    assert rule.tuned
    assert rule.gain > 0
    assert ours > plain + 0.02


def test_a_rule_for_accuracy_is_left_alone_where_probabilities_are_honest():
    y, p = rare()

    assert not tune("accuracy", y, p).tuned


def test_probabilities_that_say_nothing_are_left_alone():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, 300)

    assert tune("mcc", y, rng.dirichlet(np.ones(3) * 50, 300)).weights == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc", "average_precision", "brier"])
def test_metrics_of_probabilities_have_no_rule(metric):
    y, p = rare()

    assert tune(metric, y, p) == Decision(metric, [1.0, 1.0])


def test_no_rule_is_tuned_when_time_is_over(make_clock):
    y, p = rare()
    clock = make_clock()
    over = Budget(0.0, clock)

    assert not tune("f1_macro", y, p, budget=over).tuned


def test_a_gain_in_few_folds_or_within_the_noise_does_not_hold():
    assert holds([0.02, 0.03, 0.02])
    assert not holds([0.02, 0.03, 0.02], least=0.05)
    assert not holds([0.2, -0.01, -0.01])
    assert not holds([0.02, 0.2, -0.1])


def test_rows_without_out_of_fold_answers_are_not_looked_at():
    y, p = rare()
    parts = stratified_parts(y, 4, 0)
    twice = np.append(parts, np.full(len(y), NO_PART))

    rule = tune("f1_macro", np.append(y, 1 - y), np.vstack([p, p]), twice)

    assert rule == tune("f1_macro", y, p, parts)


def test_weights_of_two_classes_are_a_threshold():
    p = np.array([[0.8, 0.2], [0.6, 0.4]])

    rule = Decision("f1_macro", [0.6, 1.4])

    assert rule.threshold == pytest.approx(0.3)
    assert rule.decide(p).tolist() == [0, 1]
    assert Decision("f1_macro", [1.0, 1.0]).decide(p).tolist() == [0, 0]
    assert Decision("f1_macro", [1.0, 1.0, 1.0]).threshold is None


@pytest.mark.parametrize("metric", LABEL_METRICS)
def test_the_best_threshold_is_the_best_of_all(metric):
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, 60)
    scores = rng.random(60)

    best = best_threshold(metric, y, scores)

    figures = [
        measure(metric, "classification", y, np.column_stack([1 - scores, scores]), labels=labels)
        for labels in ((scores > level).astype(np.int64) for level in [0.5, *scores])
    ]
    labels = decide(np.column_stack([1 - scores, scores]), np.array([best, 1 - best]))
    ours = measure(metric, "classification", y, np.column_stack([1 - scores, scores]), labels=labels)
    assert ours == pytest.approx(max(figures))


def test_thresholds_stand_close_where_the_rare_class_is():
    rng = np.random.default_rng(0)
    scores = np.append(rng.uniform(0, 0.1, 9900), rng.uniform(0.8, 1, 100))
    y = (scores > 0.5).astype(np.int64)

    assert (thresholds_of(y, scores) > 0.7).sum() > 80


@pytest.mark.parametrize("power", [0.4, 2.5])
def test_the_temperature_undoes_what_distorted_the_probabilities(power):
    y, p = uneven()

    found = temperature(y, sharpen(p, 1 / power))

    assert found == pytest.approx(power, rel=0.1)
    one_fold = np.zeros(len(y), dtype=np.int64)
    assert temperature(y, sharpen(p, 1 / power), one_fold) == pytest.approx(power, rel=0.1)


def test_honest_probabilities_keep_their_temperature():
    y, p = rare()

    assert temperature(y, p) == 1.0


def test_the_temperature_of_extreme_probabilities_is_finite():
    p = np.array([[1.0, 0.0, 0.0], [1e-300, 1e-300, 1.0]])
    answers = sharpen(p, 5.0)

    assert answers.sum(axis=1) == pytest.approx(1)
    assert np.isfinite(answers).all()
    y = np.arange(200) % 3
    sure = np.eye(3)[(np.arange(200) + (np.arange(200) % 10 == 0)) % 3]
    assert 0.1 < temperature(y, sure) < 1


def test_an_interval_covers_what_it_promises_on_fresh_rows():
    rng = np.random.default_rng(0)
    answers = rng.normal(size=4000)
    y = answers + rng.normal(size=4000)

    interval = measured(conformal(y[:2000], answers[:2000]), y[2000:], answers[2000:])

    assert not interval.relative
    assert interval.half_width == pytest.approx(1.645, rel=0.05)
    assert interval.holdout_coverage == pytest.approx(0.9, abs=0.02)
    assert interval.holdout_width == pytest.approx(2 * interval.half_width)
    assert json.loads(json.dumps(interval.to_json()))["coverage"] == 0.9


def test_an_interval_grows_with_the_answer_where_errors_do():
    rng = np.random.default_rng(0)
    answers = np.exp(rng.normal(5, 1, 4000))
    y = answers * np.exp(rng.normal(0, 0.2, 4000))

    interval = measured(conformal(y[:2000], answers[:2000]), y[2000:], answers[2000:])

    assert interval.relative
    assert interval.holdout_coverage == pytest.approx(0.9, abs=0.02)
    plain = 2 * np.quantile(np.abs(y - answers), 0.9)
    assert interval.holdout_width < plain


def test_the_quantile_makes_up_for_few_rows():
    y = np.arange(1.0, 20.0)

    assert conformal(y, np.zeros(19)).half_width == 18.0
    assert conformal(y[:5], np.zeros(5)).half_width == 5.0
