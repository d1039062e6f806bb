"""A file was written: what becomes of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from analyze import app
from csv_analyzer import aws as clients
from csv_analyzer.errors import GaveUpError
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.storage import Storage
from tests.functional.conftest import ME, Call, Context, sqs_event

CSV = b"rooms,age,price\n" + b"".join(b"%d,%d,%d\n" % (i % 7, i % 31, 1000 * (i % 7)) for i in range(60))


def _orders(storage: Storage) -> list[str]:
    listed = clients.s3().list_objects_v2(Bucket=storage.bucket, Prefix="training/")
    return [item["Key"] for item in listed.get("Contents", [])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"a,b,c\n", "no_rows"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "not_csv"),
        (b"\x1f\x8b\x08" + b"\0" * 64, "not_csv"),
        (b"PK\x03\x04" + b"\0" * 64, "not_csv"),
        (b"%PDF-1.7\n" + b"x" * 64, "not_csv"),
        (bytes(range(256)) * 8, "binary"),
        (b"a\n1\n2\n3\n", "one_column"),
    ],
)
def test_a_file_that_is_no_table_fails_with_one_sentence(
    api: Call, upload: Callable[..., str], content: bytes, code: str
) -> None:
    dataset = api("api-get-dataset", path={"dataset_id": upload(content)}).body
    assert dataset["status"] == "FAILED"
    assert dataset["error"]["code"] == code
    message = dataset["error"]["message"]
    assert "Traceback" not in message
    assert "\n" not in message
    assert len(message) > 20


def test_a_file_over_the_limit_fails_before_it_is_read(
    api: Call, upload: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "analyzer", replace(app.analyzer, max_upload_bytes=100))
    dataset = api("api-get-dataset", path={"dataset_id": upload(CSV)}).body
    assert dataset["error"]["code"] == "file_too_large"
    assert "100" in dataset["error"]["message"]


def test_an_event_that_comes_twice_has_one_effect(api: Call, storage: Storage, context: Context) -> None:
    key = f"drop/{ME}/target=price/houses.csv"
    storage.put(key, CSV, "text/csv")
    for attempt in (1, 2, 3):
        app.handler(sqs_event(key, attempt=attempt, template="sqs-s3-drop"), context)
    assert len(api("api-get-datasets").body["items"]) == 1
    assert len(_orders(storage)) == 1


def test_events_out_of_order_read_what_is_there_now(api: Call, storage: Storage, context: Context) -> None:
    created = api("api-post-datasets", body={"file_name": "a.csv"}).body
    key = created["upload"]["fields"]["key"]
    storage.put(key, CSV, "text/csv")
    storage.put(key, CSV + b"1,2,3\n", "text/csv")
    app.handler(sqs_event(key), context)
    app.handler(sqs_event(key), context)
    assert api("api-get-dataset", path={"dataset_id": created["id"]}).body["rows"] == 61


@pytest.mark.parametrize("key", [f"drop/{ME}/target=price/houses.csv", f"drop/{ME}/houses.csv"])
def test_the_drop_folder_orders_a_training_when_it_knows_the_target(
    api: Call, storage: Storage, context: Context, key: str
) -> None:
    storage.put(key, CSV, "text/csv")
    app.handler(sqs_event(key, template="sqs-s3-drop"), context)
    (dataset,) = api("api-get-datasets").body["items"]
    assert dataset["status"] == "READY"
    if "target=" in key:
        job = api("api-get-job", path={"job_id": dataset["job_id"]}).body
        assert (job["status"], job["target"], job["model"]) == ("QUEUED", "price", "houses")
        (order,) = _orders(storage)
        assert order == f"training/{ME}/{dataset['id']}/{job['id']}.json"
    else:
        assert dataset["job_id"] is None
        assert _orders(storage) == []


def test_the_target_may_stand_in_the_objects_metadata(api: Call, storage: Storage, context: Context) -> None:
    key = f"drop/{ME}/houses.csv"
    clients.s3().put_object(Bucket=storage.bucket, Key=key, Body=CSV, Metadata={"target": "price"})
    app.handler(sqs_event(key, template="sqs-s3-drop"), context)
    (dataset,) = api("api-get-datasets").body["items"]
    assert api("api-get-job", path={"job_id": dataset["job_id"]}).body["target"] == "price"


def test_a_new_file_under_an_old_name_is_a_new_dataset(api: Call, storage: Storage, context: Context) -> None:
    key = f"drop/{ME}/target=price/houses.csv"
    for content in (CSV, CSV + b"1,2,3\n"):
        storage.put(key, content, "text/csv")
        app.handler(sqs_event(key, template="sqs-s3-drop"), context)
    assert sorted(item["rows"] for item in api("api-get-datasets").body["items"]) == [60, 61]


@pytest.mark.parametrize(
    "key", ["uploads/x/y.csv", f"drop/{ME}/deep/er/houses.csv", f"uploads/{ME}/{'0' * 24}/gone.csv"]
)
def test_keys_of_no_use_are_passed_over(api: Call, storage: Storage, context: Context, key: str) -> None:
    if "gone" not in key:
        storage.put(key, CSV, "text/csv")
    app.handler(sqs_event(key), context)
    assert api("api-get-datasets").body["items"] == []


def test_a_message_that_is_no_notification_ends_among_the_dead_letters(aws: Any, context: Context) -> None:
    event = sqs_event("k")
    event["Records"][0]["body"] = json.dumps({"hello": "world"})
    with pytest.raises(BatchProcessingError, match="All records failed"):
        app.handler(event, context)


def test_after_the_last_attempt_the_user_is_told_and_the_message_given_up(
    api: Call, storage: Storage, context: Context
) -> None:
    created = api("api-post-datasets", body={"file_name": "a.csv"}).body
    storage.put(created["upload"]["fields"]["key"], CSV, "text/csv")
    with pytest.raises(BatchProcessingError, match=GaveUpError.__name__):
        app.handler(sqs_event(created["upload"]["fields"]["key"], attempt=LAST_ATTEMPT), context)
    dataset = api("api-get-dataset", path={"dataset_id": created["id"]}).body
    assert (dataset["status"], dataset["error"]["code"]) == ("FAILED", "analysis_interrupted")
