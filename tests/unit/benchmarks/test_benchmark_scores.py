"""Every tool is judged by the same rules."""

import math

import numpy as np
import pytest

from tests.benchmarks.automl.scores import UnusableError, judge_classes, judge_numbers, label, read, score


@pytest.mark.parametrize(
    ("written", "canonical"),
    [("1.0", "1"), (" <=50K", "<=50K"), ("007", "7"), ("1.5", "1.5"), ("nan", "nan")],
)
def test_labels_that_say_the_same_are_one(written: str, canonical: str) -> None:
    assert label(written) == canonical


def test_two_classes_are_judged_by_area_log_loss_and_weighted_f1() -> None:
    scores = judge_classes(
        ["a", "a", "b", "b"],
        ["a", "b", "b", "b"],
        ["a", "b"],
        np.array([[0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.1, 0.9]]),
    )

    assert scores["roc_auc"] == pytest.approx(3 / 4)
    assert scores["log_loss"] == pytest.approx(-np.log([0.8, 0.3, 0.6, 0.9]).mean())
    assert scores["f1_weighted"] == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_three_classes_have_the_mean_area_of_one_against_the_rest() -> None:
    shares = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.5, 0.1, 0.4]])

    assert judge_classes(list("abc"), list("aba"), list("abc"), shares)["roc_auc"] == 1.0
    assert judge_classes(list("abc"), list("aba"), list("bac"), shares)["roc_auc"] == pytest.approx(
        (1 / 2 + 0 + 1) / 3
    )


def test_a_class_that_the_tool_never_saw_costs_log_loss_and_is_left_out_of_the_area() -> None:
    scores = judge_classes(
        list("abc"), list("abb"), list("ab"), np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    )

    assert scores["roc_auc"] == 1.0
    assert scores["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(1e-15)) / 3)


def test_probabilities_are_brought_to_a_sum_of_one() -> None:
    scores = judge_classes(list("ab"), list("ab"), list("ab"), np.array([[3.0, 1.0], [np.nan, 2.0]]))

    assert scores["log_loss"] == pytest.approx(-math.log(0.75) / 2)


def test_labels_without_probabilities_have_an_f1_only() -> None:
    assert judge_classes(["1"], ["1.0"], [], np.empty((1, 0))) == {
        "roc_auc": None,
        "log_loss": None,
        "f1_weighted": 1.0,
    }


def test_numbers_are_judged_by_r2_and_absolute_error() -> None:
    assert judge_numbers(["1", "2", "3"], ["1", "2", "4"]) == {
        "r2": pytest.approx(0.5),
        "mae": pytest.approx(1 / 3),
    }


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(UnusableError, match="1 predictions"):
        judge_numbers(["1", "2"], ["1", "nan"])


def test_predictions_are_matched_by_row_number(tmp_path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("row,prediction,p_a,p_b\n1,b,0.1,0.9\n0,a,0.9,0.1\n")

    assert score(read(path, 2), ["a", "b"], regression=False)["f1_weighted"] == 1.0


def test_a_row_without_a_prediction_is_refused(tmp_path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("row,prediction\n0,1.5\n")

    with pytest.raises(UnusableError, match="1 of 2"):
        read(path, 2)
