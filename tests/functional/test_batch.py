"""A file of rows was uploaded: from the order to the files, whatever happens in between."""

import base64
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from csv_analyzer import aws as clients
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import Key, Table, update
from csv_analyzer.errors import DependencyError
from csv_analyzer.events import LAST_ATTEMPT, objects_written
from csv_analyzer.keys import VersionKey, parse_observation
from csv_analyzer.storage import Storage
from tests.functional.batch_jobs import BatchJobs
from tests.functional.conftest import ME, YOU, Answer, Call
from tests.unit.scoring.batch_samples import FILE, HEADER, REFERENCE, ROWS, packed

# Of the long file.
SOUND_ROWS = 54_545
BAD = f"{HEADER}\n{ROWS[0]}\nforty,1,,,\n{ROWS[1]}\n".encode()


@pytest.fixture
def jobs(api: Call, storage: Storage, aws: Any) -> BatchJobs:
    table = Table(aws.tables["Catalog"].name)
    return BatchJobs(api, storage, table, aws.resolve({"Ref": "BatchQueue"}))


@pytest.fixture
def ready(jobs: BatchJobs) -> BatchJobs:
    jobs.publish(reference=REFERENCE)
    return jobs


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def _counted(jobs: BatchJobs) -> list[int]:
    """Rows of each observation for drift."""
    found = [json.loads(jobs.storage.get(entry.key, 10**6)) for entry in jobs.storage.listed("observations/")]
    return [one["rows"] for one in found]


def _long(rows: int = 60_000) -> bytes:
    """Several blocks of rows, some with faults, and more than one part of results."""
    note = "x" * 150
    lines = (f"{i % 90},{'bad' if i % 11 == 0 else i % 7},,,flat,{note}" for i in range(rows))
    return "\n".join([HEADER + ",note", *lines]).encode()


def test_an_order_leads_to_a_file_of_predictions_and_a_file_of_errors(ready: BatchJobs) -> None:
    job = ready.order(file_name="new houses.csv")
    assert (job["status"], job["version"], job["file_name"]) == ("UPLOADING", 1, "new-houses.csv")
    assert job["upload"]["fields"]["key"] == f"batch/{ME}/houses/{job['id']}/input.csv"
    assert job["upload"]["expires_in_seconds"] == 300
    assert ready.look(job)["status"] == "UPLOADING"

    key = ready.upload(job, BAD)
    assert ready.look(job)["status"] == "QUEUED"
    ready.work(key)

    done = ready.look(job)
    assert (done["status"], done["rows"], done["rows_with_errors"]) == ("SUCCEEDED", 3, 1)
    assert done["progress"] == 1
    assert done["finished_at"] >= done["started_at"] >= done["created_at"]
    predictions = _rows(ready.file(done, "predictions"))
    assert [row["prediction"] for row in predictions] == ["yes", "", "yes"]
    assert [(row["row"], row["feature"]) for row in _rows(ready.file(done, "errors"))] == [("1", "age")]
    assert done["predictions"]["file_name"] == "new-houses-predictions.csv"
    assert "new-houses-errors.csv" in done["errors"]["url"]
    (listed,) = ready.api("api-get-model-batches", path={"name": "houses"}).body["items"]
    assert (listed["id"], listed["status"]) == (job["id"], "SUCCEEDED")


def test_the_form_is_for_one_key_and_a_bounded_size(ready: BatchJobs, aws: Any) -> None:
    fields = ready.order()["upload"]["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert {"key": fields["key"]} in policy["conditions"]
    most = int(aws.functions["ApiFunction"].environment["MAX_UPLOAD_BYTES"])
    assert ["content-length-range", 1, most] in policy["conditions"]
    seconds = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert seconds <= timedelta(seconds=300)


def test_the_answers_are_those_of_predict(ready: BatchJobs) -> None:
    from predict import app as predict_app
    from tests.functional.conftest import answer_of, proxy_event

    instance = {"age": 40, "Price": 1.5, "member": True, "day": "2024-01-31", "kind": "flat"}
    event = proxy_event("predict-post-predict", path={"name": "houses"}, body={"instances": [instance]})
    (online,) = answer_of(predict_app.handler(event, ready.context)).body["predictions"]
    row = _rows(ready.file(ready.score(FILE.encode()), "predictions"))[0]
    assert row["prediction"] == online["prediction"]
    assert float(row["p_yes"]) == pytest.approx(online["probabilities"]["yes"], abs=1e-12)


def test_rows_without_faults_are_counted_for_drift(ready: BatchJobs) -> None:
    done = ready.score(BAD)

    assert (done["rows"], done["rows_with_errors"]) == (3, 1)
    (entry,) = ready.storage.listed("observations/")
    place = parse_observation(entry.key)
    assert place is not None
    assert place.version == VersionKey(ME, "houses", 1)
    observed = json.loads(ready.storage.get(entry.key, 10**6))
    version = Catalog(ready.table).version(ME, "houses", 1)
    assert (observed["manifest_sha256"], observed["rows"]) == (version.manifest_sha256, 2)
    # Each row is in one bin of each of five features, and of the answers.
    assert sum(observed["counts"]) == 2 * 6


def test_a_job_does_not_fail_where_its_counts_can_not_be_written(
    ready: BatchJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Storage.put

    def away(storage: Storage, key: str, *args: Any) -> None:
        if key.startswith("observations/"):
            raise DependencyError("S3 did not answer as it should. Please try again.")
        put(storage, key, *args)

    monkeypatch.setattr(Storage, "put", away)
    assert ready.score(FILE.encode())["status"] == "SUCCEEDED"
    assert _counted(ready) == []


def test_all_rows_are_scored_by_the_version_of_the_order(ready: BatchJobs) -> None:
    job = ready.order()
    ready.publish(2, classes=("a", "b"))
    ready.work(ready.upload(job, FILE.encode()))
    assert _rows(ready.file(ready.look(job), "predictions"))[0]["prediction"] == "yes"
    assert ready.score(FILE.encode())["version"] == 2
    assert ready.score(FILE.encode(), version=1)["version"] == 1
    # What is not in production is in staging.
    assert ready.score(FILE.encode(), stage="staging")["version"] == 1
    assert ready.score(FILE.encode(), stage="production")["version"] == 2


def test_an_archived_version_takes_no_new_orders(ready: BatchJobs) -> None:
    ready.publish(2, classes=("a", "b"))
    job = ready.order(version=1)
    ready.table.write(update(version_key(ME, "houses", 1), assign={"archived": True}))

    def order(body: Any) -> Answer:
        return ready.api("api-post-model-batch", path={"name": "houses"}, body=body)

    answers = {
        "version": order({"version": 1}),
        "staging": order({"stage": "staging"}),
    }
    ready.table.write(update(model_key(ME, "houses"), assign={"production": 0, "versions": 2}))
    answers["production"] = order({})
    assert {name: (answer.status, answer.body["code"]) for name, answer in answers.items()} == {
        "version": (409, "archived"),
        "staging": (404, "not_found"),
        "production": (409, "no_production"),
    }
    # What was ordered before is done.
    ready.work(ready.upload(job, FILE.encode()))
    assert ready.look(job)["status"] == "SUCCEEDED"


def test_schema_and_download_are_of_a_version_or_of_the_one_in_production(ready: BatchJobs) -> None:
    ready.publish(2, classes=("a", "b"), production=False)

    def ask(name: str, **query: str) -> tuple[int, Any]:
        answer = ready.api(name, path={"name": "houses"}, query=query)
        return answer.status, answer.body.get("code")

    for name, found in (
        ("api-get-model-schema", (200, None)),
        ("api-get-model-export", (409, "not_exportable")),
    ):
        assert ask(name) == ask(name, version="2") == found
        assert ask(name, version="3") == (404, "not_found")
        assert ask(name, version="0") == (422, "invalid_request")
    ready.table.write(update(model_key(ME, "houses"), assign={"production": 0, "versions": 2}))
    for name, found in (
        ("api-get-model-schema", (200, None)),
        ("api-get-model-export", (409, "not_exportable")),
    ):
        assert ask(name) == (409, "no_production")
        assert ask(name, version="1") == found


def test_formulas_are_disarmed_on_request(ready: BatchJobs) -> None:
    content = f"{HEADER},note\n{ROWS[0]},=1+1\n".encode()
    assert _rows(ready.file(ready.score(content, safe=True), "predictions"))[0]["note"] == "'=1+1"
    assert _rows(ready.file(ready.score(content), "predictions"))[0]["note"] == "=1+1"


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"version": 0}, {"body.version"}),
        ({"version": "1"}, {"body.version"}),
        ({"stage": "best", "safe": "yes", "more": 1}, {"body.stage", "body.safe", "body.more"}),
        ({"version": 1, "stage": "staging"}, {"body"}),
        ({"file_name": ""}, {"body.file_name"}),
        ("[]", {"body"}),
    ],
)
def test_every_fault_of_an_order_is_named(ready: BatchJobs, body: Any, codes: set[str]) -> None:
    answer = ready.api("api-post-model-batch", path={"name": "houses"}, body=body)
    assert answer.status == 422, answer.body
    assert {fault["location"] for fault in answer.body["errors"]} == codes


def test_what_is_not_there_or_not_ours_is_not_found(ready: BatchJobs) -> None:
    job = ready.score(FILE.encode())
    place = {"name": "houses", "batch_id": job["id"]}
    for name, path, owner, body in (
        ("api-post-model-batch", {"name": "castles"}, ME, {}),
        ("api-post-model-batch", {"name": "houses"}, ME, {"version": 7}),
        ("api-post-model-batch", {"name": "houses"}, ME, {"stage": "staging"}),
        ("api-post-model-batch", {"name": "houses"}, YOU, {}),
        ("api-get-model-batch", place, YOU, None),
        ("api-get-model-batch", {**place, "name": "castles"}, ME, None),
        ("api-get-model-batch", {**place, "batch_id": "0" * 24}, ME, None),
        ("api-get-model-batches", {"name": "houses"}, YOU, None),
    ):
        assert ready.api(name, path=path, owner=owner, body=body).status == 404, (name, path)


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b" ", "empty_file", "empty"),
        (HEADER.encode(), "no_rows", "no rows"),
        (b"age,kind\n1,flat\n", "missing_columns", "'Price', 'member', 'day'"),
        (b"PK\x03\x04" + bytes(range(256)) * 50, "not_csv", "binary"),
        (FILE.encode() + b"x" * (17 << 20), "malformed", "line ends"),
    ],
)
def test_a_file_that_can_not_be_scored_fails_the_job_with_a_reason(
    ready: BatchJobs, content: bytes, code: str, word: str
) -> None:
    job = ready.score(content)
    assert (job["status"], job["error"]["code"]) == ("FAILED", code)
    assert word in job["error"]["message"]
    assert (job["predictions"], job["errors"]) == (None, None)


def test_a_model_or_a_file_that_is_gone_fails_the_job(ready: BatchJobs) -> None:
    job = ready.order()
    key = ready.upload(job, FILE.encode())
    boto3.client("s3").delete_object(Bucket=ready.storage.bucket, Key=key)
    ready.work(key)
    assert ready.look(job)["error"]["code"] == "file_gone"
    boto3.client("s3").delete_object(Bucket=ready.storage.bucket, Key=f"models/{ME}/houses/1/model.npz")
    assert ready.score(FILE.encode())["error"]["code"] == "model_gone"


@pytest.mark.parametrize("bound", ["MAX_FILE_BYTES", "MAX_MODEL_BYTES"])
def test_a_model_that_is_too_large_fails_the_job(
    ready: BatchJobs, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(f"batch.service.{bound}", 100)
    assert ready.score(FILE.encode())["error"]["code"] == "model_too_large"


def test_a_model_that_was_changed_is_not_used(ready: BatchJobs) -> None:
    changed = packed(target="other")[1]
    ready.storage.put(f"models/{ME}/houses/1/manifest.json", changed, "application/octet-stream")
    job = ready.score(FILE.encode())
    assert (job["status"], job["error"]["code"]) == ("FAILED", "model_damaged")
    assert "checksum of manifest.json" in job["error"]["message"]
    assert (job["predictions"], job["errors"]) == (None, None)


def test_the_schema_of_a_model_that_was_changed_is_not_shown(ready: BatchJobs) -> None:
    changed = packed(target="other")[1]
    ready.storage.put(f"models/{ME}/houses/1/manifest.json", changed, "application/octet-stream")
    answer = ready.api("api-get-model-schema", path={"name": "houses"})
    assert (answer.status, answer.body["code"]) == (500, "model_damaged")


def test_what_nobody_ordered_is_left_alone(ready: BatchJobs) -> None:
    for key in (f"batch/{ME}/houses/{'0' * 24}/input.csv", f"batch/{ME}/input.csv"):
        ready.storage.put(key, FILE.encode(), "text/csv")
        assert ready.work(key) == {"batchItemFailures": []}
    assert ready.api("api-get-model-batches", path={"name": "houses"}).body["items"] == []


def test_an_event_that_comes_again_changes_nothing(ready: BatchJobs) -> None:
    job = ready.order()
    key = ready.upload(job, FILE.encode())
    ready.work(key)
    first = ready.look(job)
    ready.upload(job, BAD)
    ready.work(key, attempt=2)
    again = ready.look(job)
    assert again["finished_at"] == first["finished_at"]
    assert again["rows_with_errors"] == 0


def test_after_the_last_attempt_the_user_is_told_and_the_message_given_up(ready: BatchJobs) -> None:
    job = ready.order()
    with pytest.raises(BatchProcessingError, match="GaveUpError"):
        ready.work(ready.upload(job, FILE.encode()), attempt=LAST_ATTEMPT)
    assert ready.look(job)["error"]["code"] == "batch_interrupted"


@pytest.fixture
def whole(ready: BatchJobs) -> dict[str, bytes]:
    """Both files of the long job, written without a break."""
    done = ready.score(_long())
    assert done["rows"] == 60_000
    return {name: ready.file(done, name) for name in ("predictions", "errors")}


def _files(jobs: BatchJobs, job: Any) -> dict[str, bytes]:
    done = jobs.look(job)
    assert done["status"] == "SUCCEEDED", done
    assert (done["rows"], done["rows"] - done["rows_with_errors"]) == (60_000, SOUND_ROWS)
    return {name: jobs.file(done, name) for name in ("predictions", "errors")}


def test_a_job_that_is_longer_than_an_invocation_goes_on_in_the_next_ones(
    ready: BatchJobs, whole: dict[str, bytes]
) -> None:
    job = ready.order()
    key = ready.upload(job, _long())
    # The notifications of S3 itself.
    ready.messages()
    turns = 0
    # Invocations without time stop after one block each.
    while ready.work(key, seconds=1) == {"batchItemFailures": []} and (waiting := ready.messages()):
        turns += 1
        assert [item.key for body in waiting for item in objects_written(body)] == [key]
        if turns == 1:
            running = ready.look(job)
            assert running["status"] == "RUNNING"
            assert 0 < running["progress"] < 1
            assert 0 < running["rows"] < 60_000
    assert turns >= 4
    assert _files(ready, job) == whole
    # One observation of each invocation, after that of the job that `whole` is of.
    assert (sum(_counted(ready)), len(_counted(ready))) == (2 * SOUND_ROWS, 1 + turns + 1)
    assert ready.open_uploads() == []


class Killed(BaseException):
    """Stands for the end of the process: no handler of ours sees it."""


def _let_leases_expire(table: Table) -> None:
    for item in clients.dynamodb().scan(TableName=table.name)["Items"]:
        if item["sk"]["S"] == "CLAIM" and item["state"]["S"] == "leased":
            table.write(update(Key(item["pk"]["S"], "CLAIM"), assign={"lease_until": 1}))


@pytest.mark.parametrize(
    "place",
    [
        "csv_analyzer.batches.report",
        "csv_analyzer.batches.succeeded",
        "csv_analyzer.batches.hand_over",
        "csv_analyzer.streams.ObjectWriter.close",
        "csv_analyzer.streams.ObjectWriter.save",
    ],
)
def test_a_job_that_was_killed_is_done_right_by_the_next_delivery(
    ready: BatchJobs, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    # Every block is followed by a checkpoint.
    monkeypatch.setattr("batch.service._SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    job = ready.order()
    key = ready.upload(job, _long())
    ready.work(key, seconds=1)
    with monkeypatch.context() as patch:
        patch.setattr(place, killed)
        with pytest.raises(Killed):
            ready.work(key, seconds=1 if place.endswith("hand_over") else 120)
    assert ready.look(job)["status"] == "RUNNING"
    with pytest.raises(BatchProcessingError, match="LeaseHeldError"):
        ready.work(key, attempt=2)

    _let_leases_expire(ready.table)
    ready.work(key, attempt=3)
    assert _files(ready, job) == whole
    assert ready.open_uploads() == []
    # Rows that were scored twice are counted once, as those of the job that `whole` is of.
    assert sum(_counted(ready)) == 2 * SOUND_ROWS


def test_a_worker_that_lost_its_lease_writes_nothing(
    ready: BatchJobs, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from batch.results import Results

    job = ready.order()
    key = ready.upload(job, _long())
    monkeypatch.setattr("batch.service._SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    write = Results.write
    overtaken = []

    def slow(results: Results, scored: Any) -> None:
        write(results, scored)
        if not overtaken:
            overtaken.append(True)
            _let_leases_expire(ready.table)
            ready.work(key, attempt=2)

    monkeypatch.setattr(Results, "write", slow)
    with pytest.raises(BatchProcessingError, match="took the batch job over"):
        ready.work(key)
    assert _files(ready, job) == whole
    assert sum(_counted(ready)) == 2 * SOUND_ROWS
