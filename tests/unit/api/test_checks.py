"""What the API knows of the engine is what the engine does."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import automl
from api.checks import METRICS, faults_of, task_of
from automl.judging.metrics import CLASSIFICATION_METRICS, REGRESSION_METRICS
from csv_analyzer.schemas.trainings import TrainRequest

ROWS = 60
COLUMNS: dict[str, list[str]] = {
    "words": [["a", "b", "c"][i % 3] for i in range(ROWS)],
    "yes": [["yes", "no"][i % 2] for i in range(ROWS)],
    "two": [str(i % 2 * 5) for i in range(ROWS)],
    "codes": [str(i % 4) for i in range(ROWS)],
    "ten": [str(i % 10) for i in range(ROWS)],
    "eleven": [str(i % 11) for i in range(ROWS)],
    "shares": [str(i % 5 / 4) for i in range(ROWS)],
    "numbers": [str(i * 1.5) for i in range(ROWS)],
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> automl.Table:
    text = BytesIO()
    text.write(",".join(COLUMNS).encode() + b"\n")
    for row in zip(*COLUMNS.values(), strict=True):
        text.write(",".join(row).encode() + b"\n")
    path: Path = tmp_path_factory.mktemp("data") / "data.csv"
    path.write_bytes(text.getvalue())
    return automl.read_csv(path)


@pytest.fixture(scope="module")
def columns(table: automl.Table) -> dict[str, Any]:
    return {column["name"]: column for column in automl.profile(table)["columns"]}


def test_the_metrics_are_those_of_the_engine() -> None:
    assert {
        "classification": tuple(CLASSIFICATION_METRICS),
        "regression": tuple(REGRESSION_METRICS),
    } == METRICS


@pytest.mark.parametrize("target", COLUMNS)
def test_the_task_is_the_engines_where_one_is_named(
    table: automl.Table, columns: dict[str, Any], target: str
) -> None:
    from automl.checks.target import prepare_target

    task = prepare_target(table, automl.FitConfig(target)).task
    assert task_of(TrainRequest(target=target), columns) in {task, None}
    if target in {"words", "yes", "two", "eleven", "numbers"}:
        assert task_of(TrainRequest(target=target), columns) == task


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"target": "words", "class_weights": {"d": 1}}, "unknown_label"),
        ({"target": "numbers", "class_weights": "balanced"}, "class_weights_regression"),
        ({"target": "numbers", "metric": "f1_macro"}, "unknown_metric"),
        ({"target": "words", "group": "two", "time": "numbers"}, "group_and_time"),
        ({"target": "numbers", "time": "words"}, "time_not_ordered"),
    ],
)
def test_what_is_refused_at_once_the_engine_would_refuse(
    table: automl.Table, columns: dict[str, Any], request_: dict[str, Any], code: str
) -> None:
    (fault,) = faults_of(TrainRequest(**request_), columns)
    assert fault["code"] == code
    with pytest.raises(automl.DataError):
        automl.fit(table, automl.FitConfig(**request_, budget_seconds=5))


def test_weights_of_labels_that_the_profile_does_not_list_are_left_to_the_engine(
    columns: dict[str, Any],
) -> None:
    for target in ("yes", "two", "codes"):
        assert faults_of(TrainRequest(target=target, class_weights={"yes": 2}), columns) == []
