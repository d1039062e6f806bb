"""Actual outcomes through real handlers: counted once, shown beside the holdout, judged by the hour."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from csv_analyzer import outcomes as counting
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import update
from csv_analyzer.records import encode
from csv_analyzer.schemas.drift import DriftView
from csv_analyzer.schemas.outcomes import MAX_OUTCOMES
from tests.functional.conftest import ME, YOU, Answer
from tests.functional.drift.conftest import World, run
from tests.functional.erasure_world import KilledAfter, KilledError

EVENT = "api-post-model-outcomes"
MATRIX = {"labels": ["no", "yes"], "matrix": [[95, 5], [5, 95]]}
METRICS = {
    "holdout": {"accuracy": 0.95, "balanced_accuracy": 0.95, "confusion_matrix": MATRIX},
    "baseline": {"accuracy": 0.5, "balanced_accuracy": 0.5},
}
NUMBERS = {
    "holdout": {"mae": 4.0, "mse": 25.0, "rmse": 5.0, "r2": 0.9, "residual_mean": 0.5},
    "baseline": {"mae": 20.0},
}


def _learned(world: World, metrics: dict[str, Any], *, task: str = "classification", number: int = 1) -> None:
    """Give a version the metrics that training would have left."""
    assigned = encode({"metrics": metrics, "task": task, "holdout_rows": 200})
    world.table.write(update(version_key(ME, "houses", number), assign=assigned))


def _post(world: World, body: Any = None, **changes: Any) -> Answer:
    return world.api(EVENT, path={"name": "houses"}, body=body, **changes)


def _send(
    world: World, outcomes: list[tuple[Any, Any]], name: str = "first", status: int = 200, **fields: Any
) -> Any:
    pairs = [{"prediction": told, "actual": actual} for told, actual in outcomes]
    answer = _post(world, {"id": name, "outcomes": pairs, **fields})
    assert answer.status == status, answer.text
    return answer.body


def _pairs(right: int, wrong: int) -> list[tuple[str, str]]:
    """Outcomes of both classes alike."""
    return [
        *[("no", "no"), ("yes", "yes")] * (right // 2),
        *[("no", "yes"), ("yes", "no")] * (wrong // 2),
    ]


def _quality(world: World, **changes: Any) -> Any:
    return world.show(**changes)["quality"]


def _emitted(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return {name: value for line in lines for name, value in line.items()}


def test_the_committed_event_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    answer = world.api(EVENT)

    assert answer.status == 200
    today = datetime.now(UTC).date().isoformat()
    assert answer.body == {
        "id": "orders-2026-03-31-1", "model": "houses", "version": 1, "date": today, "outcomes": 2,
        "counted": True,
    }  # fmt: skip
    assert _emitted(capsys)["OutcomesReceived"] == [2.0]
    quality = _quality(world)
    assert quality["by_day"][0] | {"figures": {}} == {"date": today, "outcomes": 2, "figures": {}}
    assert quality["by_day"][0]["figures"]["accuracy"] == 0.5
    assert (quality["status"], quality["windows"][0]["outcomes"]) == ("too_few", 2)


def test_a_classifier_that_got_worse_is_shown_with_each_class(world: World) -> None:
    _learned(world, METRICS)
    _send(world, [*_pairs(160, 40), ("no", "yes")])

    quality = DriftView.model_validate(world.show()).quality
    assert (quality.status, quality.window_days, quality.metric) == ("worse", 7, "log_loss")
    assert quality.statement.startswith("In 7 days 201 outcomes came back. ")
    window = quality.windows[0]
    assert window.figures["accuracy"] == pytest.approx(160 / 201)
    assert {one.metric for one in window.compared} == {"accuracy", "balanced_accuracy"}
    assert all(one.status == "worse" and one.training == 0.95 for one in window.compared)
    no, yes = window.classes
    assert (no.label, no.outcomes, no.predicted) == ("no", 100, 101)
    assert (no.recall, no.precision) == (0.8, pytest.approx(80 / 101))
    assert yes.recall == pytest.approx(80 / 101)
    assert quality.training.rows == 200
    assert quality.training.figures["accuracy"] == 0.95
    assert [entry.recall for entry in quality.training.classes] == [0.95, 0.95]


def test_a_classifier_as_good_as_ever_is_as_expected(world: World) -> None:
    _learned(world, METRICS)
    _send(world, _pairs(190, 10))
    assert _quality(world)["status"] == "as_expected"


def test_a_regressor_is_judged_by_its_errors(world: World) -> None:
    _learned(world, NUMBERS, task="regression")
    _send(world, [(100.0 + i + (4 if i % 2 else -5), 100 + i) for i in range(150)], "good")
    quality = _quality(world)
    assert quality["status"] == "as_expected"
    assert quality["windows"][0]["figures"] == {
        "mae": pytest.approx(4.5), "mse": pytest.approx(20.5), "rmse": pytest.approx(20.5**0.5),
        "r2": pytest.approx(1 - 20.5 / ((150**2 - 1) / 12)), "bias": pytest.approx(-0.5),
    }  # fmt: skip
    assert quality["training"]["figures"]["bias"] == -0.5
    _send(world, [(100.0 + i + (12 if i % 2 else 8), 100 + i) for i in range(600)], "bad")
    (compared,) = _quality(world)["windows"][0]["compared"]
    assert (compared["metric"], compared["status"]) == ("mae", "worse")
    assert compared["live"] == pytest.approx((150 * 4.5 + 600 * 10) / 750)


def test_a_repeat_has_no_second_effect(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    first = _send(world, _pairs(6, 2))
    before = _items(world)
    capsys.readouterr()

    again = _send(world, _pairs(6, 2))

    assert again == first | {"counted": False}
    assert _items(world) == before
    assert "OutcomesReceived" not in _emitted(capsys)
    assert _quality(world)["windows"][0]["outcomes"] == 8


def test_an_id_is_used_once_and_belongs_to_its_model_and_owner(world: World) -> None:
    _send(world, _pairs(6, 2))
    refused = _send(world, _pairs(6, 4), status=409)
    assert refused["code"] == "conflict"
    assert "'first'" in refused["detail"]
    assert _send(world, _pairs(6, 2), version=1, status=409)["code"] == "conflict"
    assert _quality(world)["windows"][0]["outcomes"] == 8
    assert _post(world, owner=YOU).status == 404


def test_a_repeat_after_a_promotion_stays_with_its_version(world: World) -> None:
    first = _send(world, _pairs(6, 2))
    world.publish(2)
    world.table.write(update(model_key(ME, "houses"), assign={"production": 2}))

    assert _send(world, _pairs(6, 2)) == first | {"counted": False}
    assert _send(world, _pairs(6, 2), "second")["version"] == 2
    assert _quality(world, query={"version": "1"})["windows"][0]["outcomes"] == 8
    assert _quality(world)["windows"][0]["outcomes"] == 8


def test_a_version_is_named_or_in_production_and_may_be_archived(world: World) -> None:
    assert _send(world, _pairs(2, 0), version=3, status=404)["detail"].startswith("There is no such version")
    world.table.write(
        update(model_key(ME, "houses"), assign={"production": 0}),
        update(version_key(ME, "houses", 1), assign={"archived": True}),
    )
    assert _send(world, _pairs(2, 0), status=409)["code"] == "no_production"
    assert _send(world, _pairs(2, 0), version=1)["counted"]
    assert world.api(EVENT, path={"name": "nothing"}).status == 404


def test_every_fault_is_named_at_once_with_its_place(world: World) -> None:
    long = "x" * 500
    refused = _send(world, [("no", "no"), ("maybe", 1), ("yes", long)], status=422)
    assert refused["detail"] == "The classes of version 1 are 'no', 'yes', and 3 values are none."
    assert [(fault["location"], fault["code"]) for fault in refused["errors"]] == [
        ("body.outcomes.1.prediction", "unknown_class"),
        ("body.outcomes.1.actual", "string_type"),
        ("body.outcomes.2.actual", "unknown_class"),
    ]
    assert long not in json.dumps(refused)
    _learned(world, NUMBERS, task="regression")
    refused = _send(world, [(1, 2.5), ("3", 1e101), (-(10**400), 0)], status=422)
    assert [(fault["location"], fault["code"]) for fault in refused["errors"]] == [
        ("body.outcomes.1.prediction", "number_type"),
        ("body.outcomes.1.actual", "too_large"),
        ("body.outcomes.2.prediction", "too_large"),
    ]
    assert not _items(world)


ONE = {"prediction": "no", "actual": "no"}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, {"body.id", "body.outcomes"}),
        ({"id": "a b", "outcomes": []}, {"body.id", "body.outcomes"}),
        ({"id": "x" * 129, "outcomes": [ONE] * (MAX_OUTCOMES + 1)}, {"body.id", "body.outcomes"}),
        ({"id": "x", "outcomes": [ONE], "version": 0, "owner": YOU}, {"body.version", "body.owner"}),
        ({"id": 1, "outcomes": [{"actual": None}, {**ONE, "prediction": True, "row": 1}]},
         {"body.id", "body.outcomes.0.prediction", "body.outcomes.0.actual", "body.outcomes.1.prediction",
          "body.outcomes.1.row"}),
        ({"id": "x", "outcomes": [{"prediction": [], "actual": {}}]},
         {"body.outcomes.0.prediction", "body.outcomes.0.actual"}),
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused(world: World, body: Any, places: set[str]) -> None:
    answer = _post(world, body)
    assert (answer.status, answer.body["code"]) == (422, "invalid_request")
    assert {fault["location"] for fault in answer.body["errors"]} == places
    assert not _items(world)


def test_no_number_that_json_does_not_have_is_taken(world: World) -> None:
    _learned(world, NUMBERS, task="regression")
    for number in ("NaN", "Infinity", "1e999"):
        body = f'{{"id": "x", "outcomes": [{{"prediction": {number}, "actual": 1}}]}}'
        assert _post(world, body).status == 422, number


def test_numbers_that_no_ratio_can_hold_are_shown_and_told_all_the_same(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = {"holdout": NUMBERS["holdout"] | {"mae": 0.0, "rmse": 0.0}, "baseline": {"mae": 5e-324}}
    _learned(world, tiny, task="regression")
    # A spread so small that the errors are no multiple of it.
    _send(world, [(1e100, 0.0), (1e100, 1e-160)] * 60)

    quality = _quality(world)
    (compared,) = quality["windows"][0]["compared"]
    assert (quality["status"], compared["lift_lost"]) == ("worse", 1000)
    assert quality["windows"][0]["figures"]["r2"] is None
    capsys.readouterr()
    run()
    # Of the models of everybody: CloudWatch refuses what is no number of its own.
    assert _emitted(capsys)["LiveQualityLoss"] == [1000.0]


def test_viewers_look_and_editors_count(world: World) -> None:
    refused = _post(world, groups="viewer")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    assert _post(world, groups="editor").status == 200


def test_nothing_of_an_outcome_is_kept(world: World) -> None:
    _learned(world, NUMBERS, task="regression")
    _send(world, [(1234567.875, 7654321.125), (3, 4)])
    kept = json.dumps(_items(world))
    assert "1234567" not in kept
    assert "7654321" not in kept


def test_a_process_that_dies_behind_the_write_has_counted(world: World) -> None:
    with KilledAfter(1) as kills, pytest.raises(KilledError):
        _send(world, _pairs(6, 2))
    assert kills == ["TransactWriteItems"]
    assert _send(world, _pairs(6, 2))["counted"] is False
    assert _quality(world)["windows"][0]["outcomes"] == 8


def test_a_process_that_dies_before_the_write_has_counted_nothing(world: World) -> None:
    call = BaseClient._make_api_call

    def dying(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
        if operation == "TransactWriteItems":
            raise KilledError
        return call(client, operation, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", dying)
        with pytest.raises(KilledError):
            _send(world, _pairs(6, 2))
    assert not _items(world)
    assert _send(world, _pairs(6, 2))["counted"] is True
    assert _quality(world)["windows"][0]["outcomes"] == 8


def test_what_was_counted_leaves_with_the_windows(world: World) -> None:
    _learned(world, METRICS)
    _send(world, _pairs(120, 80))
    (day,) = Catalog(world.table).outcome_days(ME, "houses", 1)
    (receipt,) = [item for key, item in _items(world).items() if key.startswith("OUTCOMES#")]
    today = datetime.now(UTC)
    ends = datetime.fromtimestamp(day.expires_at, UTC)
    assert timedelta(days=31) < ends - today < timedelta(days=33)
    assert int(receipt["expires_at"]["N"]) > day.expires_at
    run(at=today + timedelta(days=31))
    assert run()["worse_models"] == 1
    assert run(at=today + timedelta(days=31))["judged_models"] == 0


def test_the_hourly_run_counts_models_in_production_that_got_worse(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.publish(2)
    for number in (1, 2):
        _learned(world, METRICS, number=number)
        _send(world, _pairs(120, 80), f"of {number}".replace(" ", "-"), version=number)
    capsys.readouterr()

    summary = run()

    assert (summary["judged_models"], summary["worse_models"]) == (1, 1)
    assert summary["worst_loss"] == pytest.approx(0.35 / 0.45)
    emitted = _emitted(capsys)
    assert emitted["ModelsWorseLive"] == [1.0]
    assert emitted["LiveQualityLoss"] == [summary["worst_loss"]]
    world.table.write(update(model_key(ME, "houses"), assign={"production": 0}))
    assert run()["judged_models"] == 0


def test_a_version_that_was_erased_takes_no_outcomes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased between the look at it and the transaction."""
    known = counting.known_receipt

    def erased_meanwhile(*arguments: Any) -> Any:
        boto3.client("dynamodb").delete_item(
            TableName=world.table.name,
            Key={"pk": {"S": f"OWNER#{ME}"}, "sk": {"S": "VERSION#houses#000001"}},
        )
        return known(*arguments)

    monkeypatch.setattr(counting, "known_receipt", erased_meanwhile)
    assert _send(world, _pairs(2, 0), status=404)["code"] == "not_found"
    assert not _items(world)


def _items(world: World) -> dict[str, Any]:
    """What is kept of outcomes, by sort key."""
    found = boto3.client("dynamodb").query(
        TableName=world.table.name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"OWNER#{ME}"}},
    )
    kinds = ("OUTCOMES#", "QUALITY#")
    return {item["sk"]["S"]: dict(item) for item in found["Items"] if item["sk"]["S"].startswith(kinds)}
