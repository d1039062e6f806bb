"""What a report draws is true, small and JSON-able."""

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from automl.judging.curves import (
    calibration_curve,
    precision_recall_curve,
    report,
    roc_curve,
    threshold_table,
)
from automl.judging.intervals import conformal


@pytest.fixture
def scored():
    """Return members and their scores, with ties."""
    rng = np.random.default_rng(0)
    member = rng.random(5000) < 0.2
    return member, (0.7 * rng.random(5000) + 0.3 * member).round(3)


def test_a_roc_curve_goes_from_corner_to_corner_with_few_points(scored):
    curve = roc_curve(*scored)

    false, true = np.array(curve["false_positive_rate"]), np.array(curve["true_positive_rate"])
    assert len(false) <= 100
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert (np.diff(false) >= 0).all()
    assert (np.diff(true) >= 0).all()
    assert curve["area"] == pytest.approx(sk.roc_auc_score(*scored), abs=1e-6)
    assert np.trapezoid(true, false) == pytest.approx(curve["area"], abs=0.002)


def test_a_precision_recall_curve_passes_through_the_truth(scored):
    curve = precision_recall_curve(*scored)

    precision, recall, _ = sk.precision_recall_curve(*scored)
    truth = set(zip(precision.round(6), recall.round(6), strict=True))
    assert set(zip(curve["precision"], curve["recall"], strict=True)) <= truth
    assert len(curve["recall"]) <= 100
    assert curve["recall"][-1] == 1
    assert curve["share"] == pytest.approx(scored[0].mean())


def test_few_scores_make_a_curve_of_all_of_them():
    curve = roc_curve(np.array([True, False, True]), np.array([0.9, 0.5, 0.1]))

    assert curve["false_positive_rate"] == [0, 0, 1, 1]
    assert curve["true_positive_rate"] == [0, 0.5, 0.5, 1]


def test_calibration_compares_what_was_said_with_what_happened():
    rng = np.random.default_rng(0)
    said = rng.random(20_000)
    honest = calibration_curve(rng.random(20_000) < said, said)
    boasting = calibration_curve(rng.random(20_000) < 0.5, said)

    assert honest["count"] == [2000] * 10
    assert honest["observed"] == pytest.approx(honest["predicted"], abs=0.05)
    assert honest["expected_error"] < 0.02
    assert boasting["expected_error"] == pytest.approx(0.25, abs=0.02)


def test_equal_probabilities_are_one_bin():
    curve = calibration_curve(np.array([True, False] * 20), np.full(40, 0.5))

    assert curve == {"expected_error": 0, "predicted": [0.5], "observed": [0.5], "count": [40]}


def test_the_table_of_thresholds_tells_what_each_does(scored):
    member, scores = scored

    table = threshold_table(member, scores)

    assert 20 <= len(table) <= 60
    assert 0.5 in [row["threshold"] for row in table]
    for row in table:
        flagged = scores > row["threshold"]
        assert row["flagged"] == pytest.approx(flagged.mean(), abs=1e-6)
        assert row["recall"] == pytest.approx(flagged[member].mean(), abs=1e-6)
        assert row["precision"] == pytest.approx(
            sk.precision_score(member, flagged, zero_division=0), abs=1e-6
        )
        assert row["f1"] == pytest.approx(sk.f1_score(member, flagged), abs=1e-6)
        assert row["accuracy"] == pytest.approx((flagged == member).mean(), abs=1e-6)


def test_two_classes_are_drawn_for_the_positive_one():
    y = np.array([0, 1] * 50)
    p = np.column_stack([np.linspace(0, 1, 100), np.linspace(1, 0, 100)])

    drawn = report("classification", y, p, ["no", "yes"], positive=0, labels=y)

    assert [curve["class"] for curve in drawn["roc"]] == ["no"]
    assert drawn["thresholds"]["class"] == "no"
    assert drawn["confusion_matrix"] == {"labels": ["no", "yes"], "matrix": [[50, 0], [0, 50]]}
    json.dumps(drawn, allow_nan=False)


def test_of_many_classes_the_ten_most_frequent_that_occur_are_drawn():
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(14), np.arange(14))
    p = rng.dirichlet(np.ones(14), len(y))

    drawn = report("classification", y, p, [f"c{i}" for i in range(14)])

    for kind in ("roc", "precision_recall", "calibration"):
        assert [curve["class"] for curve in drawn[kind]] == [f"c{i}" for i in range(13, 3, -1)]
    assert "thresholds" not in drawn
    assert len(json.dumps(drawn, allow_nan=False)) < 100_000


def test_one_class_alone_has_no_curves():
    drawn = report("classification", np.zeros(5, dtype=int), np.full((5, 2), 0.5), ["a", "b"])

    assert drawn == {
        "confusion_matrix": {"labels": ["a", "b"], "matrix": [[5, 0], [0, 0]]},
        "roc": [],
        "precision_recall": [],
        "calibration": [],
    }


def test_numbers_are_drawn_by_a_sample_and_their_residuals():
    rng = np.random.default_rng(0)
    predicted = rng.normal(size=3000)
    y = predicted + rng.normal(size=3000)
    y[7] += 1000

    drawn = report("regression", y, predicted[:, None], [], interval=conformal(y, predicted))

    assert len(drawn["predicted_actual"]["actual"]) == 500
    assert drawn["residual_quantiles"]["0.5"] == pytest.approx(np.median(y - predicted))
    histogram = drawn["residual_histogram"]
    assert sum(histogram["count"]) == 3000
    assert max(histogram["count"]) < 1000
    assert histogram["edges"][-1] > 990
    assert len(histogram["edges"]) == len(histogram["count"]) + 1
    assert drawn["interval"]["holdout_coverage"] == pytest.approx(0.9, abs=0.001)
    json.dumps(drawn, allow_nan=False)


def test_residuals_without_spread_are_one_bin():
    drawn = report("regression", np.arange(30.0), np.arange(30.0)[:, None], [])

    assert drawn["residual_histogram"] == {"edges": [0, 0], "count": [30]}
    assert drawn["interval"] is None
