"""Drift through real handlers: predictions are counted, folded and reported."""

import json
from dataclasses import asdict
from datetime import timedelta

import boto3
import pytest

from csv_analyzer import keys
from csv_analyzer.catalog import model_key
from csv_analyzer.dynamo import update
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.schemas.drift import DriftView
from drift import app as drift_app
from drift.service import Summary
from predict import app as predict_app
from predict.observations import ROWS_AT_ONCE
from scoring.drift.reference import Reference
from tests.functional.conftest import ME, YOU
from tests.functional.drift.conftest import HOUSES, NOW, REFERENCE, World, rows, run


def test_rows_that_moved_are_reported(world: World) -> None:
    world.ask(rows(ROWS_AT_ONCE, kind="castle", age=85))
    assert run()["folded"] == 1

    shown = DriftView.model_validate(world.show())

    assert (shown.model, shown.version, shown.stage) == ("houses", 1, "production")
    assert (shown.status, shown.window_days) == ("drifted", 7)
    assert shown.statement.startswith(f"In 7 days {ROWS_AT_ONCE} rows were scored. ")
    moved = {feature.feature: feature for feature in shown.windows[0].features if feature.status == "drifted"}
    assert set(moved) == {"kind", "age"}
    assert moved["kind"].unseen is not None
    assert moved["kind"].unseen.observed == 1.0
    assert [finding.code for finding in moved["kind"].findings] == ["unseen"]
    assert shown.windows[0].predictions is not None
    assert not world.waiting()


def test_rows_like_those_of_the_training_are_ok(world: World) -> None:
    world.ask(rows(600))
    run()

    shown = world.show()
    features = shown["windows"][0]["features"]
    assert shown["status"] == "ok", [(one["feature"], one["psi"], one["findings"]) for one in features]
    assert shown["windows"][0]["rows"] == 600
    assert shown["thresholds"]["minimum_rows"] == 100


def test_requests_are_counted_by_day_with_the_time_that_they_took(world: World) -> None:
    for _ in range(2):
        for _ in range(3):
            world.ask(rows(ROWS_AT_ONCE))
            _write_at_once()
        refused = world.predict(
            "predict-post-predict", path={"name": "houses"}, body={"instances": [{"age": "old"}]}
        )
        assert refused.status == 422
        run()

    (day,) = DriftView.model_validate(world.show()).traffic

    assert (day.date, day.rows, day.requests) == (NOW.date().isoformat(), 6 * ROWS_AT_ONCE, 6)
    assert day.milliseconds.p50 is not None
    assert day.milliseconds.p95 is not None
    assert day.milliseconds.p50 <= day.milliseconds.p95


def test_a_document_of_before_requests_were_counted_goes_on(world: World) -> None:
    world.ask(rows(ROWS_AT_ONCE))
    run()
    document = world.document()
    for day in document["days"].values():
        del day["requests"]
    world.storage.put(keys.drift(HOUSES), json.dumps(document).encode(), "application/json")
    _write_at_once()
    world.ask(rows(ROWS_AT_ONCE))
    run()

    (today,) = world.show()["traffic"]
    assert (today["rows"], today["requests"]) == (2 * ROWS_AT_ONCE, 1)


def test_nothing_of_a_row_is_stored(world: World) -> None:
    world.ask(rows(ROWS_AT_ONCE, kind="a secret kind", Price=1234567.875))
    (key,) = world.waiting()
    observed = world.storage.get(key, 10**6)
    run()
    stored = observed + json.dumps(world.document()).encode()

    assert b"secret" not in stored
    assert b"1234567" not in stored


def test_before_the_first_predictions_the_route_says_so(world: World) -> None:
    shown = world.show()
    assert (shown["status"], shown["windows"], shown["computed_at"]) == ("too_few", [], None)
    assert shown["statement"].startswith("No predictions have been counted yet")


def test_few_predictions_say_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [NOW.timestamp()]
    monkeypatch.setattr(predict_app.predictor.observations, "_clock", lambda: now[0])
    for _ in range(2):
        world.ask(rows(30))
        now[0] += 60
    run()

    shown = world.show()
    assert shown["status"] == "too_few"
    assert shown["statement"] == "Too few predictions to tell: 60 rows in 30 days, and it takes 100."


def test_a_version_of_before_is_not_measured(world: World) -> None:
    world.publish(2, reference=None)
    world.ask(rows(ROWS_AT_ONCE), query={"version": "2"})
    run()

    assert world.show(query={"version": "2"})["status"] == "not_measured"
    assert world.show()["version"] == 1


def test_versions_are_told_apart_and_strangers_see_nothing(world: World) -> None:
    world.publish(2)
    world.ask(rows(ROWS_AT_ONCE), query={"version": "2"})
    run()

    assert world.show(query={"version": "2"})["windows"][0]["rows"] == ROWS_AT_ONCE
    assert world.show(query={"version": "1"})["status"] == "too_few"
    assert world.show(404, query={"version": "3"})["code"] == "not_found"
    assert world.show(422, query={"version": "x"})["code"] == "invalid_request"
    assert world.show(404, owner=YOU)["code"] == "not_found"


def test_without_a_version_in_production_one_must_be_named(world: World) -> None:
    world.table.write(update(model_key(ME, "houses"), assign={"production": 0}))

    assert world.show(409)["code"] == "no_production"
    assert world.show(query={"version": "1"})["status"] == "too_few"


def test_days_leave_the_windows(world: World) -> None:
    world.observe(300)
    run()
    run(at=NOW + timedelta(days=10))
    windows = world.show()["windows"]
    assert [window["rows"] for window in windows] == [0, 300]
    run(at=NOW + timedelta(days=31))
    assert world.show()["status"] == "too_few"
    assert world.document()["days"] == {}


def test_a_version_that_is_gone_leaves_nothing(world: World) -> None:
    world.observe(300)
    run()
    world.observe(600)
    boto3.client("dynamodb").delete_item(
        TableName=world.table.name,
        Key={"pk": {"S": f"OWNER#{ME}"}, "sk": {"S": "VERSION#houses#000001"}},
    )
    run()

    assert not world.waiting()
    assert not list(world.storage.listed(keys.DRIFT))


def test_a_model_of_another_training_under_the_same_number_begins_anew(world: World) -> None:
    world.observe(300)
    run()
    boto3.client("dynamodb").delete_item(
        TableName=world.table.name,
        Key={"pk": {"S": f"OWNER#{ME}"}, "sk": {"S": "VERSION#houses#000001"}},
    )
    world.publish(target="another")
    assert world.show()["status"] == "too_few"
    world.observe(600)
    run()
    assert world.rows_folded() == 600


def test_one_version_that_can_not_be_measured_holds_up_no_other(world: World) -> None:
    world.observe(300)
    world.publish(2)
    world.storage.put(keys.model(ME, "houses", 2, "manifest.json"), b"{}", "application/json")
    key = keys.observation(ObservationKey(VersionKey(ME, "houses", 2), "2020-01-01", "0" * 24))
    world.storage.put(key, b"{}", "application/json")

    with pytest.raises(Exception, match="manifest"):
        run()
    assert world.rows_folded() == 300
    assert world.waiting() == [key]


def test_the_metrics_are_of_models_in_production(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.publish(2)
    world.ask(rows(ROWS_AT_ONCE, kind="castle"))
    world.ask(rows(ROWS_AT_ONCE, age=85, Price=0.5, kind="castle"), query={"version": "2"})
    _write_at_once()
    predict_app.predictor.observations.flush()
    capsys.readouterr()
    summary = run()

    assert summary == asdict(Summary(2, 1, 1, summary["worst_index"], 2, 0))
    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    (metrics,) = emitted
    assert metrics["DriftedModels"] == metrics["DriftedFeatures"] == [1.0]
    assert metrics["DriftWorstIndex"][0] == summary["worst_index"] > 0.25
    assert metrics["ObservationsFolded"] == [2.0]
    names = metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    assert names == [["service"]]


def test_the_reference_of_a_stored_model_is_that_of_its_manifest(world: World) -> None:
    found = drift_app.service._reference(world.version())
    assert isinstance(found, Reference)
    assert found.to_json() == REFERENCE


def _write_at_once() -> None:
    """Let the process write what it counts next without waiting a minute since the last time."""
    predict_app.predictor.observations._last_write = float("-inf")
