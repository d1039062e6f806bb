"""Class weights: what learns and chooses counts rows by them; probabilities stay those of the file."""

import json

import numpy as np
import pytest

from automl import DataError, FitConfig, fit
from automl.cli import main
from automl.judging.calibration import temperature
from automl.judging.decision import tune
from automl.judging.metrics import LABEL_METRICS, evaluate, measure
from automl.judging.weighting import class_weights, weighted
from automl.learners import Problem
from automl.learners.base import Sample
from automl.learners.linear import PENALTIES
from automl.learners.penalised import Rows, solve
from automl.preparation import prepare
from automl.searching.workers import InProcess
from tests.unit.automl.engine_samples import endless, frozen, quick, zoo

Y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2])
LABELS = ["a", "b", "c"]


def imbalanced(rows=600, seed=0, classes=2):
    """Return CSV text in which the last class stands in some 6 % of the rows and overlaps with the first."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, rows))
    score = 1.2 * x + 0.8 * z + rng.normal(0, 1.0, rows)
    label = np.where(score > np.quantile(score, 0.94), "rare", "usual")
    if classes > 2:
        label = np.where(score < np.quantile(score, 0.3), "low", label)
    city = np.where(z > 0.5, "Bonn", rng.choice(["Köln", "Aachen"], rows))
    return "x,z,city,y\n" + "".join(
        f"{a:.4f},{b:.4f},{c},{d}\n" for a, b, c, d in zip(x, z, city, label, strict=True)
    )


def trained(table, **config):
    return fit(table, FitConfig("y", **config), clock=frozen, workers=InProcess)


def recall_of(figures, label):
    """Return the share of a class's rows that are found."""
    place = figures["confusion_matrix"]["labels"].index(label)
    row = figures["confusion_matrix"]["matrix"][place]
    return row[place] / sum(row)


def test_balanced_classes_count_alike_and_rows_one_on_average():
    weights = class_weights("balanced", "y", LABELS, Y)

    np.testing.assert_allclose(weights * np.bincount(Y), [3, 3, 3])
    named = class_weights({"c": 6, "a": 0.5}, "y", LABELS, Y)
    np.testing.assert_allclose(named / named[1], [0.5, 1, 6])
    assert weights[Y].mean() == pytest.approx(1)
    assert named[Y].mean() == pytest.approx(1)


@pytest.mark.parametrize("asked", [None, {}, {"a": 2, "b": 2, "c": 2.0}])
def test_weights_that_are_all_alike_are_none(asked):
    assert class_weights(asked, "y", LABELS, Y) is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"d": 1, "e": 2, "a": -1}, ["no class 'd', 'e'", "'a', 'b', 'c'", "positive number", "'a': -1"]),
        ({"a": 0}, ["'a': 0"]),
        ({"a": float("inf"), "b": float("nan")}, ["'a': inf", "'b': nan"]),
        ({"a": True}, ["'a': True"]),
        ({"a": "3"}, ["'a': '3'"]),
        ({"a": 10**400}, ["positive number"]),
        ({"a": 1e-4, "b": 1e4}, ["factor of 1,000,000"]),
        ("even", ["'balanced' or", "'even'"]),
    ],
)
def test_weights_that_make_no_sense_are_refused_with_all_faults(asked, said):
    with pytest.raises(DataError) as caught:
        class_weights(asked, "y", LABELS, Y)

    assert caught.value.code == "invalid_class_weights"
    assert all(part in caught.value.message for part in said)


def test_numbers_have_no_class_weights(mixed_table):
    with pytest.raises(DataError) as caught:
        prepare(mixed_table, FitConfig("price", class_weights="balanced"))

    assert caught.value.code == "class_weights_regression"


def repeated(y, counts):
    """Return each row as often as its class counts."""
    return np.repeat(np.arange(len(y)), np.array(counts)[y])


@pytest.mark.parametrize("metric", [*LABEL_METRICS, "log_loss", "brier", "average_precision"])
def test_a_weighted_metric_is_that_of_repeated_rows(metric):
    rng = np.random.default_rng(0)
    y, counts = rng.integers(0, 3, 60), [1, 4, 2]
    p = rng.dirichlet([1, 1, 1], 60)
    again = repeated(y, counts)

    ours = measure(metric, "classification", y, p, class_weights=np.array(counts, dtype=float))

    theirs = measure(metric, "classification", y[again], weighted(p, np.array(counts))[again])
    assert ours == pytest.approx(theirs)
    assert ours != pytest.approx(measure(metric, "classification", y, p))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_linear_model_of_weighted_rows_is_that_of_repeated_ones(classes):
    rng = np.random.default_rng(0)
    X, counts = rng.normal(size=(200, 4)), [1, 3, 2][:classes]
    y = (X[:, 0] + rng.normal(size=200) > np.array([[0.3], [1.2]])[: classes - 1]).sum(axis=0)
    again, problem = repeated(y, counts), Problem(classes)
    weights = np.array(counts, dtype=float)
    # Of the mean loss the penalty is the same share.
    penalties = [penalty * len(y) / len(again) for penalty in PENALTIES]

    ours = solve(Rows(X, y, weights), Rows(X, y, weights), problem, penalties, endless())
    theirs = solve(Rows(X[again], y[again]), Rows(X[again], y[again]), problem, PENALTIES, endless())

    assert ours.loss == pytest.approx(theirs.loss, rel=1e-3)
    np.testing.assert_allclose(ours.answers(X, problem), theirs.answers(X, problem), atol=0.01)
    usual = solve(Rows(X, y), Rows(X, y), problem, penalties, endless())
    assert np.abs(ours.answers(X, problem) - usual.answers(X, problem)).max() > 0.1


def test_a_temperature_lowers_the_loss_of_the_weighted_rows():
    rng = np.random.default_rng(0)
    truth = rng.dirichlet([1, 1], 4000)
    y = (rng.random(4000) < truth[:, 1]).astype(int)
    # The rows of the second class are answered much too surely, those of the first are not.
    unsure = truth**3 / (truth**3).sum(axis=1, keepdims=True)
    weights = np.array([0.2, 5.0])

    found = temperature(y, unsure, class_weights=weights)

    def loss(power):
        p = unsure**power / (unsure**power).sum(axis=1, keepdims=True)
        return measure("log_loss", "classification", y, p, class_weights=weights)

    assert found != 1.0
    assert loss(found) < loss(1.0)
    assert loss(found) <= min(loss(0.9 * found), loss(1.1 * found))


def test_the_rule_of_decision_starts_from_the_weights():
    rng = np.random.default_rng(0)
    p = rng.dirichlet([6, 1], 400)
    y = (rng.random(400) < p[:, 1]).astype(int)

    plain = tune("log_loss", y, p, class_weights=np.array([0.5, 8.0]))

    assert plain.weights[1] / plain.weights[0] == pytest.approx(16)
    assert plain.threshold == pytest.approx(1 / 17)
    chosen = tune("f1_macro", y, p, class_weights=np.array([0.5, 8.0]))
    assert chosen.metric == "f1_macro"
    assert chosen.weights[1] > chosen.weights[0]
    even = tune("f1_macro", y, p, class_weights=np.ones(2))
    assert even.weights == tune("f1_macro", y, p).weights


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3])
def test_every_learner_counts_rows_by_weight_and_answers_for_the_file_as_it_is(read, classes):
    table = read(imbalanced(300, classes=classes))
    weights = {"rare": 10.0}
    data, plain = zoo(table, "y")
    weighted_data, trials = zoo(table, "y", class_weights=weights)

    assert weighted_data.training.class_weights is not None
    rare = data.training.classes.index("rare")
    share = (data.training.y == rare).mean()
    for trial, other in zip(trials, plain, strict=True):
        models = trial.models
        answers = np.concatenate([model.answers for model in models.values()])
        before = np.concatenate([model.answers for model in other.models.values()])
        assert np.isfinite(answers).all()
        np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-9)
        # Weighted rows would have more than five times the share.
        assert answers[:, rare].mean() < 3 * share, trial.candidate.name
        # Random forests draw rows, and do not weigh them.
        assert np.allclose(answers, before) == (trial.candidate.name == "Random forest")


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.long
def test_more_rows_of_the_rare_class_are_found_and_probabilities_stay(read, monkeypatch, classes):
    monkeypatch.setattr("automl.training.candidates", quick)
    table = read(imbalanced(classes=classes))

    plain, balanced, named = (
        trained(table, class_weights=asked) for asked in (None, "balanced", {"rare": 15.0})
    )

    for result in (balanced, named):
        for part in ("holdout", "cross_validation"):
            found, before = result.metrics[part], plain.metrics[part]
            assert recall_of(found, "rare") > recall_of(before, "rare") + 0.1
            # The probabilities are those of the rows as they are: no worse than without weights, much.
            assert found["log_loss"] < result.metrics["baseline"]["log_loss"]
            assert found["log_loss"] < 1.15 * before["log_loss"]
            assert found["weighted_log_loss"] < result.metrics["baseline"]["weighted_log_loss"]
        assert result.parameters["parity"] <= 1e-9
        assert result.leaderboard[0]["metric"] == "weighted_log_loss"
        means = [row["mean"] for row in result.leaderboard if "members" not in row]
        assert means == sorted(means)
        assert not any("naive baseline" in warning for warning in result.warnings)
        weights = result.manifest["class_weights"]
        assert weights["rare"] > 5 * weights["usual"]
        decision = dict(zip(result.manifest["classes"], result.manifest["model"]["decision"], strict=True))
        assert decision["rare"] / decision["usual"] == pytest.approx(weights["rare"] / weights["usual"])
    assert plain.manifest["class_weights"] is None
    assert "weighted_log_loss" not in plain.metrics["holdout"]
    assert balanced.parameters["class_weights"] == "balanced"
    assert named.parameters["class_weights"] == "rare: 15"
    assert plain.holdout_rows == balanced.holdout_rows


def test_the_command_takes_weights_as_words_or_as_json(write, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("automl.training.candidates", quick)
    path = write(imbalanced(200))
    out = tmp_path / "model"
    command = ["fit", str(path), "--target", "y", "--out", str(out), "--budget", "3", "--class-weights"]

    assert main([*command, '{"rare": 5}']) == 0
    assert json.loads((out / "manifest.json").read_text("utf-8"))["class_weights"]["rare"] > 1
    assert json.loads(capsys.readouterr().out)["metrics"]["holdout"]["weighted_log_loss"]
    assert main([*command, '{"rarest": 5}']) == 1
    assert "no class 'rarest'" in capsys.readouterr().err
    for wrong in ("even", "[1]"):
        with pytest.raises(SystemExit):
            main([*command, wrong])


def test_a_sample_says_how_much_each_row_counts():
    sample = Sample(np.zeros((3, 1)), np.array([0, 1, 1]), class_weights=np.array([0.5, 2.0]))

    assert sample.weights.tolist() == [0.5, 2, 2]
    assert sample.take(np.array([True, False, True])).weights.tolist() == [0.5, 2]
    assert Sample(np.zeros((3, 1)), np.zeros(3)).weights is None


def test_what_judges_without_weights_is_as_it_was(read):
    data = prepare(read(imbalanced(200)), FitConfig("y"))
    rows = np.arange(50)
    answers = np.tile([0.1, 0.9], (50, 1))

    figures = data.training.figures("log_loss", rows, answers)

    positive = data.training.positive
    assert figures == evaluate(
        "classification", data.training.y[rows], answers, data.training.classes, positive=positive
    )
    assert data.training.deciding("log_loss") == "log_loss"
