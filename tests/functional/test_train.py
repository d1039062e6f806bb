"""A training was ordered: from the order to a model that answers."""

import hashlib
import importlib
import json
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

import automl
from automl import ParityError, SearchError
from csv_analyzer import aws as clients
from csv_analyzer import keys
from csv_analyzer.catalog import Catalog, job_key, model_key, version_key
from csv_analyzer.dynamo import Key, Table, put_new, update
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.metrics import Metric
from csv_analyzer.storage import Storage
from tests.functional.conftest import (
    ME,
    YOU,
    Answer,
    Call,
    Context,
    load_event,
    order_key,
    sqs_event,
)
from train import app

ROWS = 90
REQUEST = load_event("api-post-dataset-train")["requestContext"]["requestId"]
CSV = b"rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%d\n"
    % (i % 7, i % 31, [b"flat", b"house"][i % 2], 1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2))
    for i in range(ROWS)
)


@dataclass
class Workshop:
    """Orders trainings through the API and carries them out with the real handler."""

    api: Call
    upload: Callable[..., str]
    storage: Storage
    context: Context
    predictions: Call

    def order(self, content: bytes = CSV, *, owner: str = ME, **request: Any) -> tuple[str, str]:
        dataset_id = self.upload(content, owner=owner)
        body = {"target": "price", "budget_seconds": 5, **request}
        answer = self.api("api-post-dataset-train", path={"dataset_id": dataset_id}, body=body, owner=owner)
        assert answer.status == 202, answer.body
        return dataset_id, str(answer.body["id"])

    def carry_out(self, order: tuple[str, str], *, attempt: int = 1, owner: str = ME) -> Any:
        event = sqs_event(order_key(owner, *order), attempt=attempt, template="sqs-s3-training")
        app.handler(event, self.context)
        return self.job(order, owner=owner)

    def job(self, order: tuple[str, str], *, owner: str = ME) -> Any:
        return self.api("api-get-job", path={"job_id": order[1]}, owner=owner).body

    def predict(self, body: Any, *, name: str = "houses", owner: str = ME, **changes: Any) -> Answer:
        return self.predictions(
            "predict-post-predict", path={"name": name}, body=body, owner=owner, **changes
        )


@pytest.fixture
def workshop(
    api: Call, upload: Callable[..., str], storage: Storage, context: Context, predict: Call
) -> Workshop:
    return Workshop(api, upload, storage, context, predict)


ROW = {"rooms": 3, "age": 10, "kind": "flat"}


@pytest.mark.slow
def test_an_order_leads_to_a_model_that_answers(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "8192")
    job = workshop.carry_out(workshop.order())
    assert (job["status"], job["version"], job["progress"]) == ("SUCCEEDED", 1, 1)
    assert sum(row["chosen"] for row in job["leaderboard"]) == 1
    (line,) = (line for line in capsys.readouterr().out.splitlines() if Metric.MODEL_LIFT in line)
    told = json.loads(line)
    assert told[Metric.BUDGET_USED] == [pytest.approx(told[Metric.TRAINING_SECONDS][0] / 5)]
    assert Catalog(app.table).version(ME, "houses", 1).request_id == REQUEST
    # The price is a sum of what the columns say.
    assert 0.5 < told[Metric.MODEL_LIFT][0] <= 1
    # Nothing was in production before.
    assert Metric.MODELS_MUCH_WORSE not in told

    model = workshop.api("api-get-model", path={"name": "houses"}).body
    assert (model["production_version"], model["task"], model["target"]) == (1, "regression", "price")
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    assert version["stage"] == "production"
    assert version["mlflow_run_id"] is None
    assert {"holdout", "cross_validation", "baseline"} <= version["metrics"].keys()
    assert version["metrics"]["holdout"]["r2"] > version["metrics"]["baseline"]["r2"]

    place = {"name": "houses", "version": "1"}
    report = workshop.api("api-get-model-version-report", path=place).body
    assert report == workshop.storage.get_json(keys.model(ME, "houses", 1, keys.REPORT), 5_000_000)
    assert report["metrics"] == version["metrics"]
    assert report["data"]["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert report["exports"]["archive"]["sha256"]
    # The one is rounded to a tenth.
    assert report["seconds"]["function"] + 0.1 >= report["seconds"]["used"] > 0
    assert report["cost"]["memory_gb"] == 8
    assert report["cost"]["usd"] == pytest.approx(8 * report["seconds"]["function"] * 0.0000166667, abs=1e-5)
    card = workshop.api("api-get-model-version-card", path=place).text
    assert card.startswith("# houses, version 1\n")
    assert "an estimate" in card

    schema = workshop.api("api-get-model-schema", path={"name": "houses"}).body
    assert schema["properties"].keys() == {"rooms", "age", "kind"}

    answer = workshop.predict({"instances": [ROW, {**ROW, "kind": "castle"}]})
    assert answer.status == 200
    assert answer.body["version"] == 1
    assert answer.body["stage"] == "production"
    assert len(answer.body["predictions"]) == 2
    assert answer.body["predictions"][0]["prediction"] == pytest.approx(3100, abs=400)

    # Every fault of every instance is named, per feature.
    answer = workshop.predict(
        {"instances": [{"rooms": "many", "age": None, "hue": 1}, ROW, {"rooms": 1, "age": 2, "kind": ["x"]}]}
    )
    assert answer.status == 422
    faults = {(fault["instance"], fault["feature"]): fault["code"] for fault in answer.body["errors"]}
    assert faults.keys() == {(0, "rooms"), (0, "age"), (0, "kind"), (0, "hue"), (2, "kind")}
    assert faults[0, "kind"] == "missing"
    assert faults[0, "hue"] == "unknown"
    assert all(fault["message"] for fault in answer.body["errors"])

    # Nobody else has that model, and there is no other version of it.
    assert workshop.predict({"instances": [ROW]}, owner=YOU).status == 404
    assert workshop.predict({"instances": [ROW]}, name="castles").status == 404
    assert workshop.predict({"instances": [ROW]}, query={"version": "2"}).status == 404
    assert workshop.predict({"instances": [ROW]}, query={"version": "1"}).status == 200
    assert workshop.predict("{").status == 422
    assert workshop.api("api-get-model", path={"name": "houses"}, owner=YOU).status == 404


@pytest.mark.slow
def test_versions_of_one_file_name_the_same_holdout_and_those_of_another_do_not(
    workshop: Workshop,
) -> None:
    dataset_id, job_id = workshop.order()
    workshop.carry_out((dataset_id, job_id))
    body = {"target": "price", "budget_seconds": 6, "exclude": ["age"]}
    again = workshop.api("api-post-dataset-train", path={"dataset_id": dataset_id}, body=body).body["id"]
    workshop.carry_out((dataset_id, again))
    workshop.carry_out(workshop.order(CSV + b"1,1,flat,1000\n"))

    first, second, third = (Catalog(app.table).version(ME, "houses", number) for number in (1, 2, 3))
    assert len(first.holdout_id) == 64
    assert first.holdout_id == second.holdout_id != third.holdout_id
    assert first.holdout_rows == second.holdout_rows == len(CSV.splitlines()) // 8


@pytest.mark.slow
def test_a_version_can_be_downloaded_as_an_archive_and_as_onnx(workshop: Workshop) -> None:
    workshop.carry_out(workshop.order())
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    kept = {export["format"]: export for export in version["exports"]}
    for name, ending in (("archive", "zip"), ("onnx", "onnx")):
        answer = workshop.api("api-get-model-export", path={"name": "houses"}, query={"format": name})
        assert answer.status == 200, answer.body
        assert (answer.body["version"], answer.body["format"]) == (1, name)
        assert answer.body["file_name"] == f"houses-1.{ending}"
        assert answer.body["expires_in_seconds"] == 300
        assert f"houses-1.{ending}" in unquote(answer.body["url"])
        content = _downloaded(workshop.storage, answer.body["url"])
        assert len(content) == answer.body["size_bytes"] == kept[name]["size_bytes"]
        assert hashlib.sha256(content).hexdigest() == answer.body["sha256"] == kept[name]["sha256"]
    assert kept["onnx"]["parity"] < 1e-9
    assert kept["archive"]["parity"] is None

    # Nobody else may, and there is no other version or format.
    def status(query: dict[str, str], owner: str = ME, name: str = "houses") -> Any:
        answer = workshop.api("api-get-model-export", path={"name": name}, query=query, owner=owner)
        return answer.status, answer.body["code"]

    assert status({"version": "1"}, owner=YOU) == (404, "not_found")
    assert status({}, name="castles") == (404, "not_found")
    assert status({"version": "2"}) == (404, "not_found")
    assert status({"version": "0"}) == (422, "invalid_request")
    assert status({"format": "pickle"}) == (422, "invalid_request")


def _downloaded(storage: Storage, url: str) -> bytes:
    """What a presigned URL of the bucket leads to."""
    parts = urlsplit(url)
    assert parts.path.endswith(keys.EXPORT_FILES["onnx"]) or parts.path.endswith(keys.EXPORT_FILES["archive"])
    key = unquote(parts.path).removeprefix("/").removeprefix(f"{storage.bucket}/")
    return storage.get(key, 10**8)


@pytest.mark.slow
def test_a_version_that_onnx_has_no_words_for_says_why(workshop: Workshop) -> None:
    words = ["quiet street", "near the old station", "garden and a balcony", "loud", "top floor with lift"]
    notes = [f"{words[i % 5]} and {words[i * 7 % 5]} no {i}" for i in range(ROWS)]
    content = b"note,rooms,age,kind,price\n" + b"".join(
        b"%s,%s\n" % (note.encode(), line) for note, line in zip(notes, CSV.splitlines()[1:], strict=True)
    )
    assert workshop.carry_out(workshop.order(content))["status"] == "SUCCEEDED"

    answer = workshop.api("api-get-model-export", path={"name": "houses"}, query={"format": "onnx"})

    assert (answer.status, answer.body["code"]) == (409, "not_exportable")
    assert "'note'" in answer.body["detail"]
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    (onnx,) = [export for export in version["exports"] if export["format"] == "onnx"]
    assert onnx["reason"] in answer.body["detail"]
    assert workshop.api("api-get-model-export", path={"name": "houses"}, query={}).status == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "reason", "told"),
    [({"MAX_SECONDS": 0.01}, "longer than", True), ({"LEAST_SECONDS": 1e9}, "all the time", False)],
)
def test_an_export_that_fails_costs_the_file_and_not_the_training(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    reason: str,
    told: bool,
) -> None:
    for name, value in change.items():
        monkeypatch.setattr(f"train.exports.{name}", value)
    assert workshop.carry_out(workshop.order())["status"] == "SUCCEEDED"
    answer = workshop.api("api-get-model-export", path={"name": "houses"}, query={"format": "onnx"})
    assert answer.status == 409
    assert reason in answer.body["detail"]
    assert (Metric.EXPORTS_FAILED in capsys.readouterr().out) == told
    assert workshop.predict({"instances": [ROW]}).status == 200


def test_a_version_from_before_there_were_exports_says_so(workshop: Workshop, template: Any) -> None:
    table = Table(template.tables["Catalog"].name)
    old = {"owner": ME, "created_at": "2025-01-01", "model": "old", "version": 1}
    old |= {"dataset_id": "d", "job_id": "j", "task": "regression", "target": "y", "metric": "rmse"}
    old |= {"npz_sha256": "0", "manifest_sha256": "0"}
    table.write(
        put_new(version_key(ME, "old", 1), old),
        put_new(
            model_key(ME, "old"), {"owner": ME, "created_at": "2025-01-01", "name": "old", "production": 1}
        ),
    )
    answer = workshop.api("api-get-model-export", path={"name": "old"}, query={})
    assert (answer.status, answer.body["code"]) == (409, "not_exportable")
    assert "train the model again" in answer.body["detail"]


@pytest.mark.slow
def test_an_order_that_comes_again_makes_no_second_version(workshop: Workshop) -> None:
    order = workshop.order()
    first = workshop.carry_out(order)
    again = workshop.carry_out(order, attempt=2)
    assert again == first
    model = workshop.api("api-get-model", path={"name": "houses"}).body
    assert [version["version"] for version in model["versions"]] == [1]


@pytest.mark.slow
def test_a_second_training_makes_the_next_version_of_the_same_model(workshop: Workshop) -> None:
    workshop.carry_out(workshop.order())
    workshop.carry_out(workshop.order(model="houses"))
    model = workshop.api("api-get-model", path={"name": "houses"}).body
    assert [(v["version"], v["stage"]) for v in model["versions"]] == [(2, "staging"), (1, "production")]
    assert workshop.predict({"instances": [ROW]}).body["version"] == 1
    assert workshop.predict({"instances": [ROW]}, query={"version": "2"}).body["stage"] == "staging"
    waiting = workshop.predict({"instances": [ROW]}, query={"stage": "staging"}).body
    assert (waiting["version"], waiting["stage"]) == (2, "staging")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (CSV.replace(b"flat", b"house"), "target_constant"),
        (b"rooms,kind\n" + b"1,\n2,\n" * 40, "target_all_missing"),
        (b"rooms,kind\n1,a\n2,b\n3,a\n", "too_few_rows"),
    ],
)
def test_a_target_that_can_not_be_learnt_fails_the_job_with_a_reason(
    workshop: Workshop, content: bytes, code: str
) -> None:
    job = workshop.carry_out(workshop.order(content, target="kind"))
    assert job["status"] == "FAILED"
    assert job["error"]["code"] == code
    assert "Traceback" not in job["error"]["message"]
    assert workshop.api("api-get-models").body["items"] == []


def test_a_target_that_is_not_there_fails_a_job_of_the_drop_folder(
    workshop: Workshop, storage: Storage, context: Context
) -> None:
    from analyze import app as analyze_app

    key = f"drop/{ME}/target=prize/houses.csv"
    storage.put(key, CSV, "text/csv")
    analyze_app.handler(sqs_event(key, template="sqs-s3-drop"), context)
    (dataset,) = workshop.api("api-get-datasets").body["items"]
    job = workshop.carry_out((dataset["id"], dataset["job_id"]))
    assert job["status"] == "FAILED"
    assert "prize" in job["error"]["message"]
    assert "price" in job["error"]["message"]


@pytest.mark.parametrize(
    "change", [{"target": 1}, {"data_key": f"uploads/{YOU}/{'0' * 24}/a.csv"}, {"more": 1}]
)
def test_a_forged_order_fails_its_job(workshop: Workshop, change: dict[str, Any]) -> None:
    order = workshop.order()
    key = order_key(ME, *order)
    workshop.storage.put_json(key, {**workshop.storage.get_json(key, 10_000), **change})
    job = workshop.carry_out(order)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "invalid_order")


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_job_whose_order_was_deleted_ends(workshop: Workshop, template: Any, cancelled: bool) -> None:
    order = workshop.order()
    workshop.storage.delete([order_key(ME, *order)])
    if cancelled:
        table = Table(template.tables["Catalog"].name)
        table.write(update(job_key(ME, order[1]), assign={"status": "CANCELLING"}))
    job = workshop.carry_out(order)
    assert job["status"] == ("CANCELLED" if cancelled else "FAILED")
    assert (job["error"] or {}).get("code") == (None if cancelled else "order_gone")
    # Without a job there is nothing to say.
    workshop.carry_out((order[0], "0" * 24))
    assert workshop.api("api-get-job", path={"job_id": "0" * 24}).status == 404


def test_a_training_whose_file_was_deleted_says_so(workshop: Workshop) -> None:
    order = workshop.order()
    data = workshop.storage.get_json(order_key(ME, *order), 10_000)
    clients.s3().delete_object(
        Bucket=workshop.storage.bucket, Key=data["data_key"], VersionId=data["data_version_id"]
    )
    assert workshop.carry_out(order)["error"]["code"] == "file_gone"


def test_a_table_that_the_memory_can_not_hold_is_refused_at_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.service.MAX_CELLS", ROWS)
    job = workshop.carry_out(workshop.order())
    assert (job["status"], job["error"]["code"]) == ("FAILED", "too_many_cells")
    assert "22 rows" in job["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "code"), [(SearchError("nothing"), "nothing_fitted"), (ParityError("0.1"), "not_portable")]
)
def test_a_fault_of_the_engine_ends_the_job_at_once_and_the_operator_learns_of_it(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    code: str,
) -> None:
    def broken(*_: object) -> None:
        raise fault

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("automl.training.Search.run", broken)
        job = workshop.carry_out(order)
    assert (job["status"], job["error"]["code"]) == ("FAILED", code)
    assert "train" in job["error"]["message"]
    (log,) = [record for record in caplog.records if record.message == "the engine failed"]
    assert log.levelname == "ERROR"
    assert log.exc_info is not None
    assert log.exc_info[1] is fault
    written = [line for line in capsys.readouterr().out.splitlines() if Metric.ENGINE_FAULTS in line]
    assert [json.loads(line)[Metric.ENGINE_FAULTS] for line in written] == [[1.0]]
    # The event that comes again finds the job done.
    assert workshop.carry_out(order, attempt=2) == job


def test_after_the_last_attempt_the_user_is_told_and_the_message_given_up(workshop: Workshop) -> None:
    order = workshop.order()
    with pytest.raises(BatchProcessingError, match="GaveUpError"):
        workshop.carry_out(order, attempt=LAST_ATTEMPT)
    job = workshop.job(order)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "training_interrupted")


def _let_leases_expire(template: Any) -> None:
    table = Table(template.tables["Catalog"].name)
    for item in clients.dynamodb().scan(TableName=table.name)["Items"]:
        if item["sk"]["S"] == "CLAIM" and item["state"]["S"] == "leased":
            table.write(update(Key(item["pk"]["S"], "CLAIM"), assign={"lease_until": 1}))


@pytest.mark.slow
def test_a_training_that_was_killed_is_done_right_by_the_next_delivery(
    workshop: Workshop, template: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process: no handler of ours sees it."""

    def killed(*_: object) -> None:
        raise Killed

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("csv_analyzer.registry.publish", killed)
        with pytest.raises(Killed):
            workshop.carry_out(order)
    assert workshop.job(order)["status"] == "RUNNING"
    with pytest.raises(BatchProcessingError, match="LeaseHeldError"):
        workshop.carry_out(order, attempt=2)

    _let_leases_expire(template)
    job = workshop.carry_out(order, attempt=3)
    assert (job["status"], job["version"]) == ("SUCCEEDED", 1)


@pytest.mark.slow
def test_a_model_whose_file_was_changed_is_not_served(workshop: Workshop) -> None:
    workshop.carry_out(workshop.order(model="other"))
    key = f"models/{ME}/other/1/manifest.json"
    manifest = json.loads(workshop.storage.get(key, 10**7))
    workshop.storage.put_json(key, {**manifest, "task": "classification"})
    answer = workshop.predict({"instances": [ROW]}, name="other")
    assert answer.status == 500
    assert answer.body["code"] == "internal_error"


@pytest.mark.slow
def test_a_version_without_mlflow_waits_for_it(workshop: Workshop, template: Any) -> None:
    from train import tracking_app

    workshop.carry_out(workshop.order())
    catalog = Catalog(Table(template.tables["Catalog"].name))
    assert [version.model for version in catalog.untracked(10)] == ["houses"]
    assert tracking_app.handler({}, workshop.context) == {"logged": 0, "mirrored": 0, "erased": 0}
    assert [version.model for version in catalog.untracked(10)] == ["houses"]


@dataclass
class Canceller:
    """Cancels a job in the middle of its training, when something of the engine or of ours is called."""

    workshop: Workshop
    monkeypatch: pytest.MonkeyPatch

    def when(self, name: str, order: tuple[str, str]) -> None:
        def called(*args: Any, **named: Any) -> Any:
            if self.workshop.job(order)["status"] == "RUNNING":
                answer = self.workshop.api("api-delete-job", path={"job_id": order[1]})
                assert (answer.status, answer.body["status"]) == (202, "CANCELLING")
            return original(*args, **named)

        module, _, attribute = name.rpartition(".")
        original = getattr(importlib.import_module(module), attribute)
        self.monkeypatch.setattr(name, called)


@pytest.fixture
def canceller(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Canceller:
    monkeypatch.setattr("train.watch.SECONDS_BETWEEN_LOOKS", 0.0)
    return Canceller(workshop, monkeypatch)


def _stored(workshop: Workshop) -> list[str]:
    listed = clients.s3().list_objects_v2(Bucket=workshop.storage.bucket, Prefix="models/")
    return [item["Key"] for item in listed.get("Contents", [])]


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    [
        "automl.read_csv",
        "automl.training.candidates",
        "automl.training.choose",
        "train.service.make_exports",
        "train.service.store_exports",
    ],
)
def test_a_training_is_cancelled_wherever_it_is(
    workshop: Workshop, canceller: Canceller, moment: str
) -> None:
    order = workshop.order()
    canceller.when(moment, order)
    job = workshop.carry_out(order)
    assert (job["status"], bool(job["finished_at"]), job["error"]) == ("CANCELLED", True, None)
    assert multiprocessing.active_children() == []
    assert workshop.api("api-get-model", path={"name": "houses"}).status == 404
    assert _stored(workshop) == []
    # The event that comes again finds the job over.
    assert workshop.carry_out(order, attempt=2) == job


@pytest.mark.slow
def test_a_killed_training_that_was_cancelled_ends_with_its_next_delivery(
    workshop: Workshop, template: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    def killed(*_: object) -> None:
        raise Killed

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("csv_analyzer.registry.publish", killed)
        with pytest.raises(Killed):
            workshop.carry_out(order)
    assert _stored(workshop) != []
    assert workshop.api("api-delete-job", path={"job_id": order[1]}).body["status"] == "CANCELLING"
    _let_leases_expire(template)
    # Even if it is the last: a job that nobody wants any more is no fault.
    job = workshop.carry_out(order, attempt=LAST_ATTEMPT)
    assert job["status"] == "CANCELLED"
    assert _stored(workshop) == []
    assert workshop.api("api-get-models").body["items"] == []


@pytest.mark.slow
def test_training_on_a_new_file_makes_the_next_version_of_the_same_model(workshop: Workshop) -> None:
    first = workshop.order()
    workshop.carry_out(first)
    newer = CSV + b"3,5,flat,3050\n" * 5
    second = workshop.order(newer, model="houses")
    assert second[0] != first[0]
    job = workshop.carry_out(second)
    assert (job["status"], job["version"]) == ("SUCCEEDED", 2)
    for number, (dataset_id, job_id) in enumerate((first, second), start=1):
        path = {"name": "houses", "version": str(number)}
        version = workshop.api("api-get-model-version", path=path).body
        assert (version["dataset_id"], version["job_id"]) == (dataset_id, job_id)


@pytest.mark.slow
def test_a_model_that_got_another_target_meanwhile_keeps_it(workshop: Workshop) -> None:
    one, other = workshop.order(), workshop.order(target="rooms")
    assert workshop.carry_out(one)["status"] == "SUCCEEDED"
    job = workshop.carry_out(other)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "other_target")
    path = {"dataset_id": other[0]}
    assert workshop.api("api-post-dataset-train", path=path, body={"target": "rooms"}).status == 409


@pytest.mark.slow
def test_the_engine_is_told_all_options(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    fit = automl.fit

    def noted(table: Any, config: Any, *args: Any, **named: Any) -> Any:
        told.append(config)
        return fit(table, config, *args, **named)

    monkeypatch.setattr(automl, "fit", noted)
    order = workshop.order(
        target="kind",
        task="classification",
        metric="f1_macro",
        exclude=["age"],
        keep=["rooms"],
        class_weights={"flat": 2.0},
        time="rooms",
        compact=True,
        recall=False,
        reasons=False,
        seed=3,
    )
    job = workshop.carry_out(order)
    assert job["status"] == "SUCCEEDED", job
    (config,) = told
    assert (config.metric, config.exclude, config.keep) == ("f1_macro", ("age",), ("rooms",))
    assert (config.class_weights, config.group, config.time) == ({"flat": 2.0}, None, "rooms")
    assert (config.compact, config.recall, config.reasons, config.seed) == (True, False, False, 3)
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    assert (version["metric"], version["task"]) == ("f1_macro", "classification")


@pytest.mark.slow
def test_a_training_begins_with_its_recipe(workshop: Workshop) -> None:
    from analyze import app as analyze_app

    dataset_id = workshop.upload(CSV)
    path = {"dataset_id": dataset_id}
    body = {"target": "price", "steps": [{"step": "drop_columns", "columns": ["kind"]}]}
    made = workshop.api("api-put-dataset-recipe", path=path, body=body).body
    ask = {"target": "price", "budget_seconds": 5, "recipe": made["version"]}
    assert workshop.api("api-post-dataset-train", path=path, body=ask).status == 409
    key = keys.recipe(ME, dataset_id, made["version"])
    analyze_app.handler(sqs_event(key, template="sqs-s3-recipe"), workshop.context)
    # Columns are named as the recipe leaves them.
    gone = workshop.api("api-post-dataset-train", path=path, body={**ask, "exclude": ["kind"]})
    assert [fault["code"] for fault in gone.body["errors"]] == ["unknown_column"]
    answer = workshop.api("api-post-dataset-train", path=path, body=ask)
    assert answer.body["options"]["recipe"] == made["version"]
    job = workshop.carry_out((dataset_id, str(answer.body["id"])))
    assert job["status"] == "SUCCEEDED", job
    manifest = workshop.storage.get_json(keys.model(ME, "houses", 1, "manifest.json"), 10**7)
    assert manifest["parameters"]["recipe_steps"] == 1
    assert manifest["schema"]["properties"].keys() == {"rooms", "age"}
