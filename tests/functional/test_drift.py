"""Drift through real handlers: predictions are counted, folded exactly once, and reported."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import numpy as np
import pytest

from csv_analyzer import ids, keys
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import Table, put_new, update
from csv_analyzer.errors import ConflictError, DependencyError
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.records import Version
from csv_analyzer.schemas.drift import DriftView
from csv_analyzer.storage import Storage
from drift import app as drift_app
from drift import service as drift_service
from drift.service import DriftService, Summary
from infra.local.template import Template
from predict import app as predict_app
from predict.observations import ROWS_AT_ONCE
from scoring.drift.observation import Observation
from scoring.drift.reference import Reference
from tests.functional.conftest import ME, YOU, Call, Context, load_event
from tests.unit.scoring.batch_samples import features, packed

NOW = datetime.now(UTC)
TODAY = NOW.date()
HOUSES = VersionKey(ME, "houses", 1)
EDGES = {"edges": [0, 30, 60, 90], "counts": [0, 0, 1000, 1000, 1000, 0]}
PRICES = {"edges": [0, 1, 2, 3], "counts": [0, 0, 1000, 1000, 1000, 0]}
REFERENCE = {
    "features": [
        EDGES,
        PRICES,
        {"edges": [0, 0.5, 1], "counts": [1000, 0, 1000, 1000, 0]},
        {"edges": [0, 1e9, 2e9], "counts": [0, 0, 1500, 1500, 0]},
        {"values": ["flat", "house"], "once": 0, "counts": [0, 1500, 1500, 0, 0]},
    ],
    "predictions": {"values": ["no", "yes"], "once": 0, "counts": [0, 1000, 2000, 0, 0]},
}


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Instances that are distributed as the reference is, but for what is changed."""
    members = (None, False, True)
    return [
        {
            "age": 15 + 30 * (i % 3),
            "Price": 0.5 + i % 3,
            "member": members[i % 3],
            "day": ("1990-01-01", "2020-01-01")[i % 2],
            "kind": ("flat", "house")[i % 2],
            **changes,
        }
        for i in range(count)
    ]


@dataclass
class World:
    """A user with a model, the bucket, and the hourly run."""

    template: Template
    predict: Call
    api: Call
    storage: Storage

    def publish(self, number: int = 1, **manifest: Any) -> VersionKey:
        known = [
            {**feature, "known_values": ["flat", "house"]} if feature["name"] == "kind" else feature
            for feature in features()
        ]
        npz, content = packed(
            **{"reference": REFERENCE, "inputs": known, "target": f"sold {number}", **manifest}
        )
        version = Version(
            owner=ME, created_at="2025-01-15T10:30:00Z", model="houses", version=number, dataset_id="d",
            job_id="j", task="classification", target="sold", metric="log_loss",
            npz_sha256=digest(npz), manifest_sha256=digest(content),
        )  # fmt: skip
        for name, body in (("model.npz", npz), ("manifest.json", content)):
            self.storage.put(keys.model(ME, "houses", number, name), body, "application/octet-stream")
        self.table.write(
            put_new(version_key(ME, "houses", number), version.to_item()),
            update(
                model_key(ME, "houses"),
                assign={"latest": number, "versions": number},
                default={"owner": ME, "name": "houses", "created_at": "", "production": number},
            ),
        )
        return VersionKey(ME, "houses", number)

    @property
    def table(self) -> Table:
        return Table(self.template.tables["Catalog"].name)

    def version(self, number: int = 1) -> Version:
        return Catalog(self.table).version(ME, "houses", number)

    def ask(self, instances: list[dict[str, Any]], **changes: Any) -> None:
        answer = self.predict(
            "predict-post-predict", path={"name": "houses"}, body={"instances": instances}, **changes
        )
        assert answer.status == 200, answer.body

    def observe(self, count: int, *, ago: timedelta = timedelta(0)) -> str:
        """Put an observation as predict would have written it some time ago."""
        vector = np.array(USUAL) * (count // 300)
        moment = NOW - ago
        observed = ids.derived_id(moment, str(count), str(len(self.waiting())))
        key = keys.observation(ObservationKey(HOUSES, moment.date().isoformat(), observed))
        body = Observation(self.version().manifest_sha256, count, vector).encode()
        self.storage.put(key, body, "application/json")
        return key

    def waiting(self) -> list[str]:
        return [entry.key for entry in self.storage.listed(keys.OBSERVATIONS)]

    def document(self, place: VersionKey = HOUSES) -> dict[str, Any]:
        found: dict[str, Any] = self.storage.get_json(keys.drift(place), 10**8)
        return found

    def rows_folded(self) -> int:
        return sum(day["rows"] for day in self.document()["days"].values())

    def show(self, status: int = 200, **changes: Any) -> Any:
        answer = self.api("api-get-model-drift", path={"name": "houses"}, **{"query": {}, **changes})
        assert answer.status == status, answer.body
        return answer.body


USUAL = [
    *(0, 0, 100, 100, 100, 0),
    *(0, 0, 100, 100, 100, 0),
    *(100, 0, 100, 100, 0),
    *(0, 0, 150, 150, 0),
    *(0, 150, 150, 0, 0),
    *(0, 100, 200, 0, 0),
]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def world(aws: Template, predict: Call, api: Call, storage: Storage) -> World:
    world = World(aws, predict, api, storage)
    world.publish()
    return world


def run(context: Context | None = None, *, at: datetime | None = None) -> dict[str, Any]:
    """The hourly run, by its real handler on the committed event."""
    if at is None:
        result: dict[str, Any] = drift_app.handler(load_event("schedule-drift"), context or Context(900))
        return result
    service = DriftService(drift_app.service.catalog, drift_app.service.storage, lambda: at)
    return asdict(service.run(lambda: 900.0))


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


def test_every_observation_counts_once_however_often_the_run_is_repeated(world: World) -> None:
    for _ in range(3):
        world.observe(300)
    assert run()["folded"] == 3
    assert run()["folded"] == run()["folded"] == 0
    assert world.rows_folded() == 900


def test_an_observation_that_is_written_again_after_it_was_folded_does_not_count(world: World) -> None:
    """Predict did not hear that S3 has it, and writes the same bytes to the same key once more."""
    key = world.observe(300)
    body = world.storage.get(key, 10**6)
    run()
    world.storage.put(key, body, "application/json")
    result = run()

    assert (result["folded"], world.rows_folded()) == (0, 300)
    assert not world.waiting()


Broken = Callable[[Storage, pytest.MonkeyPatch], None]


def _killed_before_the_document(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Storage, "put_if_unchanged", _killed)


def _killed_before_deleting(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Storage, "delete", _killed)


def _unheard(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document was written, but its writer is told that somebody else did."""
    write = Storage.put_if_unchanged

    def unheard(*args: Any) -> None:
        write(*args)
        raise ConflictError("The object has changed meanwhile.")

    monkeypatch.setattr(Storage, "put_if_unchanged", unheard)


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("broken", [_killed_before_the_document, _killed_before_deleting, _unheard])
def test_a_run_that_is_killed_anywhere_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, broken: Broken
) -> None:
    world.observe(300)
    world.observe(600)
    with monkeypatch.context() as patch:
        broken(world.storage, patch)
        with suppress(KeyboardInterrupt):
            run()
    assert len(world.waiting()) == 2
    # Hours later, when ids that can no longer be met are forgotten.
    for hours in (0, 3, 6):
        run(at=NOW + timedelta(hours=hours))
    assert world.rows_folded() == 900
    assert not world.waiting()
    assert world.document()["folded"] == []


def test_of_two_runs_at_once_one_gives_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.observe(300)
    fold = DriftService._fold

    def with_another_run_in_between(service: DriftService, *args: Any) -> Any:
        done = fold(service, *args)
        with monkeypatch.context() as patch:
            patch.setattr(DriftService, "_fold", fold)
            assert run()["folded"] == 1
        return done

    with monkeypatch.context() as patch:
        patch.setattr(DriftService, "_fold", with_another_run_in_between)
        assert run()["folded"] == 0
    world.observe(600)
    run()
    assert world.rows_folded() == 900


def test_the_first_document_is_not_written_over_that_of_another_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.observe(300)
    read = Storage.get_tagged

    def nothing_yet(storage: Storage, key: str, max_bytes: int) -> Any:
        return None if key.startswith(keys.DRIFT) else read(storage, key, max_bytes)

    run()
    world.observe(600)
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "get_tagged", nothing_yet)
        assert run()["folded"] == 0
    assert (world.rows_folded(), len(world.waiting())) == (300, 1)


def test_what_comes_hours_after_its_id_says_is_refused(world: World) -> None:
    """Its id may be forgotten by then, and nobody could tell whether it has been counted."""
    world.observe(300, ago=timedelta(hours=3))
    world.observe(300, ago=timedelta(minutes=90))
    result = run()

    assert (result["folded"], result["refused"]) == (1, 1)
    assert not world.waiting()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"not JSON",
        b'{"manifest_sha256": "other", "rows": 1, "counts": []}',
        b'{"manifest_sha256": "SHA", "rows": 1, "counts": []}',
        b'{"manifest_sha256": "SHA", "rows": 301, "counts": USUAL}',
        b'{"manifest_sha256": "SHA", "rows": 300, "counts": USUALLY}',
        b'{"manifest_sha256": "SHA", "rows": 1e3, "counts": USUAL}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_observation_is_refused_and_the_others_count(world: World, body: bytes) -> None:
    world.observe(300)
    odd = json.dumps([*USUAL[:-1], -1]).encode()
    body = body.replace(b"USUALLY", odd).replace(b"USUAL", json.dumps(USUAL).encode())
    body = body.replace(b"SHA", world.version().manifest_sha256.encode())
    key = keys.observation(ObservationKey(HOUSES, TODAY.isoformat(), ids.new_id()))
    world.storage.put(key, body, "application/json")

    result = run()

    assert (result["folded"], result["refused"]) == (1, 1)
    assert (world.rows_folded(), world.waiting()) == (300, [])


def test_what_is_no_observation_is_left_alone(world: World) -> None:
    world.storage.put("observations/readme.txt", b"hello", "text/plain")
    world.observe(300)
    run()

    assert world.waiting() == ["observations/readme.txt"]


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


def test_more_than_one_run_can_take_is_left_for_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_service, "MAX_OBSERVATIONS", 2)
    for count in (300, 600, 900):
        world.observe(count)
    world.publish(2)
    other = keys.observation(ObservationKey(VersionKey(ME, "houses", 2), TODAY.isoformat(), ids.new_id()))
    body = Observation(world.version(2).manifest_sha256, 300, np.array(USUAL)).encode()
    world.storage.put(other, body, "application/json")

    assert run()["folded"] == 3
    assert run()["folded"] == 1
    assert world.rows_folded() == 1800


def test_without_time_nothing_is_begun(world: World) -> None:
    world.observe(300)
    assert run(Context(10))["folded"] == 0
    assert len(world.waiting()) == 1


def test_time_that_runs_out_leaves_the_rest_for_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_service, "READ_AT_ONCE", 1)
    for count in (300, 600):
        world.observe(count)
    left = iter([900.0, 900.0, 0.0])
    service = DriftService(drift_app.service.catalog, drift_app.service.storage)
    assert service.run(lambda: next(left)).folded == 1
    assert run()["folded"] == 1
    assert world.rows_folded() == 900


def test_the_metrics_are_of_models_in_production(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.publish(2)
    world.ask(rows(ROWS_AT_ONCE, kind="castle"))
    world.ask(rows(ROWS_AT_ONCE, age=85, Price=0.5, kind="castle"), query={"version": "2"})
    predict_app.predictor.observations._last_write = float("-inf")
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


def test_s3_being_away_is_a_fault_that_the_next_run_mends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.observe(300)

    def away(*_: Any) -> None:
        raise DependencyError("S3 did not answer as it should. Please try again.")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_if_unchanged", away)
        with pytest.raises(DependencyError):
            run()
    run()
    assert world.rows_folded() == 300


def test_the_reference_of_a_stored_model_is_that_of_its_manifest(world: World) -> None:
    found = drift_app.service._reference(world.version())
    assert isinstance(found, Reference)
    assert found.to_json() == REFERENCE
