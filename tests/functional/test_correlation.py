"""The id of the request that ordered work is in the logs of the function that does it."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from automl import SearchError
from csv_analyzer import aws as clients
from csv_analyzer.dynamo import Table
from csv_analyzer.observability import logger
from csv_analyzer.storage import Storage
from tests.functional.batch_jobs import BatchJobs
from tests.functional.conftest import ME, Call, Context, load_event, order_key, sqs_event
from tests.unit.scoring.batch_samples import FILE

CSV = b"rooms,age,price\n" + b"".join(b"%d,%d,%d\n" % (i % 7, i % 31, i) for i in range(90))
REQUEST = load_event("api-post-dataset-train")["requestContext"]["requestId"]


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since the last look."""
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)

    def look() -> list[dict[str, Any]]:
        lines = written.getvalue().splitlines()
        written.seek(0)
        written.truncate()
        return [json.loads(line) for line in lines]

    return look


def test_a_training(
    api: Call,
    upload: Callable[..., str],
    storage: Storage,
    context: Context,
    logs: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from train import app

    def broken(*_: object) -> None:
        raise SearchError("nothing")

    monkeypatch.setattr("automl.training.Search.run", broken)
    dataset_id = upload(CSV)
    body = {"target": "price", "budget_seconds": 5}
    job = api("api-post-dataset-train", path={"dataset_id": dataset_id}, body=body).body
    key = order_key(ME, dataset_id, job["id"])
    assert storage.get_json(key, 10_000)["request_id"] == REQUEST
    logs()
    app.handler(sqs_event(key, template="sqs-s3-training"), context)
    assert [(log["message"], log["correlation_id"]) for log in logs()] == [
        ("the engine failed", REQUEST),
        ("training failed", REQUEST),
    ]
    # The next invocation is of something else.
    app.handler(sqs_event("training/elsewhere", template="sqs-s3-training"), context)
    (log,) = logs()
    assert (log["message"], log.get("correlation_id")) == ("not a training order", None)


def test_a_recipe(
    api: Call, upload: Callable[..., str], context: Context, logs: Callable[[], list[dict[str, Any]]]
) -> None:
    from analyze import app

    dataset_id = upload(CSV)
    steps = [{"step": "drop_columns", "columns": ["age"]}]
    ordered = api("api-put-dataset-recipe", path={"dataset_id": dataset_id}, body={"steps": steps})
    assert ordered.status == 202, ordered.text
    logs()
    key = f"recipes/{ME}/{dataset_id}/1.json"
    app.handler(sqs_event(key, template="sqs-s3-recipe"), context)
    assert [(log["message"], log["correlation_id"]) for log in logs()] == [("recipe ready", REQUEST)]


def test_a_batch_job(api: Call, storage: Storage, aws: Any, logs: Callable[[], list[dict[str, Any]]]) -> None:
    jobs = BatchJobs(api, storage, Table(aws.tables["Catalog"].name), aws.resolve({"Ref": "BatchQueue"}))
    jobs.publish()
    key = jobs.upload(jobs.order(), FILE.encode())
    logs()
    jobs.work(key)
    assert [(log["message"], log["correlation_id"]) for log in logs()] == [("batch scored", REQUEST)]


@pytest.mark.parametrize("door", ["form", "body", "parts"])
def test_an_upload(
    door: str,
    api: Call,
    storage: Storage,
    context: Context,
    moto_url: str,
    logs: Callable[[], list[dict[str, Any]]],
) -> None:
    from analyze import app

    if door == "body":
        created = api("api-post-datasets-csv", body=CSV.decode()).body
    else:
        announced = {"file_name": "houses.csv", "size_bytes": len(CSV), "multipart": door == "parts"}
        created = api("api-post-datasets", body=announced).body
    if door == "form":
        form = created["upload"]["fields"]
        sent = httpx.post(f"{moto_url}/{storage.bucket}", data=form, files={"file": CSV}, trust_env=False)
        assert sent.status_code == 204, sent.text
        policy = json.loads(base64.b64decode(form["policy"]))["conditions"]
        # Signed, so that nobody puts another id in its place.
        assert {"x-amz-meta-request-id": REQUEST} in policy
    if door == "parts":
        (upload,) = clients.s3().list_multipart_uploads(Bucket=storage.bucket)["Uploads"]
        tag = clients.s3().upload_part(
            Bucket=storage.bucket, Key=upload["Key"], UploadId=upload["UploadId"], PartNumber=1, Body=CSV
        )["ETag"]
        body = {"parts": [{"number": 1, "etag": tag}]}
        assert api("api-post-dataset-complete", path={"dataset_id": created["id"]}, body=body).status == 202
    (listed,) = clients.s3().list_objects_v2(Bucket=storage.bucket, Prefix="uploads/")["Contents"]
    logs()
    app.handler(sqs_event(listed["Key"]), context)
    assert [(log["message"], log["correlation_id"]) for log in logs()] == [("dataset ready", REQUEST)]


@pytest.mark.parametrize("forged", ["", "x" * 101, 'a"b', "two words"])
def test_a_dropped_file_whose_metadata_hold_no_id(
    forged: str, storage: Storage, context: Context, logs: Callable[[], list[dict[str, Any]]]
) -> None:
    from analyze import app

    key = f"drop/{ME}/houses.csv"
    metadata = {"request-id": forged} if forged else {}
    clients.s3().put_object(Bucket=storage.bucket, Key=key, Body=CSV, Metadata=metadata)
    app.handler(sqs_event(key, template="sqs-s3-drop"), context)
    assert [(log["message"], log.get("correlation_id")) for log in logs()] == [("dataset ready", None)]
