"""What a training costs, and how MLflow is told of its leaderboard."""

import pytest

from csv_analyzer.settings import function_memory_mb
from train.costs import PRICE_PER_GB_SECOND, estimate_cost
from train.tracking import flat_numbers, leaderboard_table


def test_the_cost_is_time_times_memory_times_price_and_said_to_be_an_estimate() -> None:
    cost = estimate_cost(90.0, 8192)

    assert cost is not None
    assert cost["estimate"] is True
    assert cost["usd"] == pytest.approx(90 * 8 * PRICE_PER_GB_SECOND, abs=1e-6)
    assert (cost["seconds"], cost["memory_gb"]) == (90.0, 8.0)
    assert "us-east-1" in cost["basis"]


@pytest.mark.parametrize("text", [None, "", "much"])
def test_where_nothing_says_how_much_memory_there_is_there_is_no_estimate(text: str | None) -> None:
    environment = {} if text is None else {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": text}

    assert function_memory_mb(environment) is None
    assert function_memory_mb({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}) == 1024
    assert estimate_cost(1.0, None) is None


def test_a_leaderboard_is_a_table_of_columns_and_rows() -> None:
    row = {"model": "a", "metric": "rmse", "mean": 1.0, "std": 0.1, "folds": 4, "fit_seconds": 2.0}

    table = leaderboard_table(
        [{**row, "chosen": True, "members": []}, {**row, "model": "b", "chosen": False}]
    )

    assert table["columns"] == [*row, "chosen"]
    assert table["data"] == [["a", "rmse", 1.0, 0.1, 4, 2.0, True], ["b", "rmse", 1.0, 0.1, 4, 2.0, False]]


def test_numbers_of_nested_metrics_are_joined_and_others_left_out() -> None:
    metrics = {"holdout": {"rmse": 1, "r2": None, "confusion_matrix": {"matrix": [[1]]}}, "flag": True}

    assert flat_numbers(metrics) == {"holdout.rmse": 1.0}
