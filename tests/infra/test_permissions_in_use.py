"""Rule for permissions: what the functions call on the whole path is what their roles allow, both ways.

Neither moto nor the local stack enforces IAM, so a missing permission would show on AWS only.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from botocore.client import BaseClient

from analyze import app as analyze_app
from api import app as api_app
from batch import app as batch_app
from csv_analyzer import jobs, keys, reads
from csv_analyzer.storage import Storage
from drift import app as drift_app
from erase import app as erase_app
from infra.local.template import Template
from predict import app as predict_app
from predict.observations import ROWS_AT_ONCE
from tests.functional.conftest import ME, Context, proxy_event, sqs_event
from train import app as train_app
from train import service as train_service
from train import tracking, tracking_app
from train.service import Trainer
from train.tracking_service import TrackingService

CSV = b"rooms,age,price\n" + b"".join(
    b"%d,%d,%d\n" % (i % 7, i % 31, 1000 * (i % 7) + 10 * (i % 31)) for i in range(90)
)
# What the services themselves ask for on a function's behalf; no call of the code shows it.
ON_BEHALF = (
    "logs:",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
)
# S3's operations on parts are judged as writes of the object.
PARTS = {
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "CompleteMultipartUpload": "PutObject",
}

LISTS = {"ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads"}

type Use = tuple[str, str]


class Recorder:
    """Notes every AWS call as the action and the ARN that IAM would judge."""

    def __init__(self, template: Template) -> None:
        self.function = ""
        self.uses: dict[str, set[Use]] = {name: set() for name in template.functions}
        self._bucket = template.resolve({"Fn::GetAtt": ["DataBucket", "Arn"]})
        self._table = template.resolve({"Fn::GetAtt": ["Catalog", "Arn"]})
        self._queues = {
            template.resolve({"Ref": name}): template.resolve({"Fn::GetAtt": [name, "Arn"]})
            for name in template.queues
        }

    def note(self, service: str, operation: str, request: dict[str, Any]) -> None:
        # CloudWatch is called by the session's local stack, which passes metrics on in the background.
        if not self.function or service == "cloudwatch":
            return
        if operation == "TransactWriteItems":
            kinds = [kind for item in request["TransactItems"] for kind in item]
            self._add(*((f"dynamodb:{kind}Item", self._table) for kind in kinds))
        elif service == "dynamodb":
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            self._add((f"dynamodb:{operation}", self._table + index))
        elif service == "sqs":
            self._add((f"sqs:{operation}", self._queues[request["QueueUrl"]]))
        elif operation in LISTS:
            self._add((f"s3:{LISTS[operation]}", self._bucket))
        elif operation == "DeleteObjects":
            for item in request["Delete"]["Objects"]:
                action = "s3:DeleteObjectVersion" if "VersionId" in item else "s3:DeleteObject"
                self._add((action, f"{self._bucket}/{item['Key']}"))
        elif operation != "ListObjectsV2":
            operation = PARTS.get(operation, operation)
            action = operation.replace("Head", "Get") + ("Version" if "VersionId" in request else "")
            self._add((f"{service}:{action}", f"{self._bucket}/{request['Key']}"))

    def _add(self, *uses: Use) -> None:
        self.uses[self.function] |= set(uses)


@pytest.fixture
def recorder(aws: Template, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A recorder of all calls that leave through boto3, and of the reads that do without it."""
    recorder = Recorder(aws)
    call: Callable[..., Any] = BaseClient._make_api_call

    def recorded(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
        recorder.note(client.meta.service_model.service_name, operation, request)
        return call(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    _record_presigned(recorder, monkeypatch)
    get_item, get_object, put_object = (
        getattr(reads.reader, name) for name in ("get_item", "get_object", "put_object")
    )

    def recorded_item(table: str, key: dict[str, Any]) -> Any:
        recorder.note("dynamodb", "GetItem", {})
        return get_item(table, key)

    def recorded_object(bucket: str, key: str, max_bytes: int) -> bytes:
        recorder.note("s3", "GetObject", {"Key": key})
        return get_object(bucket, key, max_bytes)

    def written_object(bucket: str, key: str, *args: Any, **options: Any) -> None:
        recorder.note("s3", "PutObject", {"Key": key})
        put_object(bucket, key, *args, **options)

    monkeypatch.setattr(reads.reader, "put_object", written_object)
    monkeypatch.setattr(reads.reader, "get_item", recorded_item)
    monkeypatch.setattr(reads.reader, "get_object", recorded_object)
    return recorder


def _record_presigned(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Note what a client does with a signed address, which acts with the permissions of the signer."""
    for name, operation in (("presigned_upload", "PutObject"), ("presigned_download", "GetObject")):
        sign: Callable[..., Any] = getattr(Storage, name)

        def signed(
            storage: Storage, key: str, *args: Any, sign: Any = sign, operation: str = operation
        ) -> Any:
            recorder.note("s3", operation, {"Key": key})
            return sign(storage, key, *args)

        monkeypatch.setattr(Storage, name, signed)


@pytest.mark.slow
@pytest.mark.long
def test_roles_allow_what_the_functions_call_and_nothing_that_they_do_not(
    aws: Template, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _walk_the_whole_path(aws, recorder, monkeypatch)
    granted = {(function, grant) for function in aws.functions for grant in _granted(aws, function)}
    used = {(function, use) for function, uses in recorder.uses.items() for use in uses}
    refused = {use for use in used if not any(_covers(grant, use) for grant in granted)}
    idle = {grant for grant in granted if not any(_covers(grant, use) for use in used)}
    assert refused == set()
    assert idle == set()


def _walk_the_whole_path(aws: Template, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(aws.buckets["DataBucket"].name)

    def call(function: str, handler: Callable[..., Any], event: dict[str, Any], seconds: float = 120) -> Any:
        recorder.function = function
        answer = handler(event, Context(seconds))
        recorder.function = ""
        if "resource" in event:
            assert answer["statusCode"] < 300, answer
        return answer

    def api(name: str, **changes: Any) -> Any:
        return call("ApiFunction", api_app.handler, proxy_event(name, **changes))

    # Both doors: a body through the API, a file copied into the drop folder; one event comes twice.
    api("api-post-datasets-csv", body=CSV.decode())
    (uploaded,) = _keys(aws, "uploads/")
    dropped = f"drop/{ME}/target=price/flats.csv"
    storage.put(dropped, CSV, "text/csv")
    for key in (uploaded, dropped, dropped):
        call("AnalyzeFunction", analyze_app.handler, sqs_event(key))
    dataset = uploaded.split("/")[2]
    api("api-get-datasets")
    api("api-get-dataset-profile", path={"dataset_id": dataset})
    api("api-get-dataset-preview", path={"dataset_id": dataset})
    api("api-put-dataset-recipe", path={"dataset_id": dataset}, body={"target": "price"})
    (recipe,) = _keys(aws, "recipes/")
    call("AnalyzeFunction", analyze_app.handler, sqs_event(recipe, template="sqs-s3-recipe"))
    api("api-get-dataset-recipe", path={"dataset_id": dataset})
    api("api-get-dataset-recipes", path={"dataset_id": dataset})
    order = {"target": "price", "budget_seconds": 5, "model": "flats", "recipe": 1}
    job = json.loads(api("api-post-dataset-train", path={"dataset_id": dataset}, body=order)["body"])
    api("api-get-job", path={"job_id": job["id"]})
    api("api-get-limits", groups="admin")
    _upload_in_parts(storage, api)
    # One version is logged by its training, the other waits for the schedule.
    monkeypatch.setattr(tracking, "log_version", lambda *_, **__: "run")
    monkeypatch.setattr(tracking, "mirror_stages", lambda *_, **__: None)
    table = train_app.trainer.table
    with_mlflow = TrackingService(table, storage, "http://mlflow.example.com")
    for key, service in zip(_keys(aws, "training/"), (with_mlflow, train_app.trainer.tracking), strict=True):
        monkeypatch.setattr(train_app, "trainer", Trainer(table, storage, service))
        call("TrainFunction", train_app.handler, sqs_event(key, template="sqs-s3-training"))
    monkeypatch.setattr(tracking_app, "service", with_mlflow)
    assert call("TrackingFunction", tracking_app.handler, {}) == {"logged": 1, "mirrored": 1, "erased": 0}
    _cancel_in_the_end(aws, api, call, monkeypatch, dataset)
    api("api-get-models")
    schema = json.loads(api("api-get-model-schema", path={"name": "flats"})["body"])
    api("api-get-model-export", path={"name": "flats"})
    # Both trainings made a version of one model: the second one waits in staging.
    for stage in ("production", "staging"):
        question = proxy_event(
            "predict-post-predict",
            path={"name": "flats"},
            query={"stage": stage},
            body={"instances": schema["examples"] * ROWS_AT_ONCE},
        )
        call("PredictFunction", predict_app.handler, question)
        monkeypatch.setattr(predict_app.predictor.observations, "_last_write", float("-inf"))
    # Of a version that is gone all is forgotten, of the others observations are folded.
    storage.put(keys.drift(keys.VersionKey(ME, "castles", 1)), b"{}", "application/json")
    assert call("DriftFunction", drift_app.handler, {})["folded"] == 2
    api("api-get-model-drift", path={"name": "flats"})
    _change_stages(api)
    _score_files(aws, storage, call, api, monkeypatch)
    _erase_all(storage, call, api, monkeypatch)


def _change_stages(api: Callable[..., Any]) -> None:
    why = {"force": True, "reason": "The path of the test."}
    api("api-put-model-stage", path={"name": "flats", "stage": "production"}, body={"version": 2, **why})
    api("api-post-model-rollback", path={"name": "flats"}, body={})
    api("api-get-model-history", path={"name": "flats"})


def _erase_all(
    storage: Storage, call: Callable[..., Any], api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erase a dataset whose request ends before its models are looked at, a model, and another dataset."""
    datasets = json.loads(api("api-get-datasets")["body"])["items"]
    # Newest first: the one that came with its request was the first of all.
    *_, upload = [item["id"] for item in datasets if not item["job_id"]]
    (drop,) = [item["id"] for item in datasets if item["job_id"]]
    for prefix in ("uploads", "results"):
        place = upload if prefix == "uploads" else "flats"
        boto3.client("s3").create_multipart_upload(Bucket=storage.bucket, Key=f"{prefix}/{ME}/{place}/part")
    with monkeypatch.context() as patch:
        patch.setattr("api.erasure._CLEARING_SECONDS", -1)
        api("api-delete-dataset", path={"dataset_id": upload})
    for _ in range(2):
        call("EraseFunction", erase_app.handler, {})
        monkeypatch.setattr(erase_app, "eraser", replace(erase_app.eraser, clock=lambda: time.time() + 7200))
    api("api-delete-model", path={"name": "flats"})
    api("api-delete-dataset", path={"dataset_id": drop})
    for hours in (4, 8):
        later = replace(erase_app.eraser, clock=lambda hours=hours: time.time() + 3600 * hours)
        monkeypatch.setattr(erase_app, "eraser", later)
        assert call("EraseFunction", erase_app.handler, {})["advanced"] == 2
    (receipt, *_) = json.loads(api("api-get-erasures")["body"])["items"]
    assert json.loads(api("api-get-erasure", path={"erasure_id": receipt["id"]})["body"]) == receipt
    assert receipt["status"] == "COMPLETE"


def _upload_in_parts(storage: Storage, api: Callable[..., Any]) -> None:
    body = {"file_name": "parts.csv", "size_bytes": len(CSV), "multipart": True}
    begun = json.loads(api("api-post-datasets", body=body)["body"])
    place = dict(parse_qsl(urlsplit(begun["upload"]["parts"][0]["url"]).query))
    sent = boto3.client("s3").upload_part(
        Bucket=storage.bucket,
        Key=keys.upload(ME, begun["id"], "parts.csv"),
        UploadId=place["uploadId"],
        PartNumber=1,
        Body=CSV,
    )
    parts = [{"number": 1, "etag": sent["ETag"]}]
    # The second time S3 knows the upload no more, and the file is there.
    for _ in range(2):
        api("api-post-dataset-complete", path={"dataset_id": begun["id"]}, body={"parts": parts})


def _cancel_in_the_end(
    aws: Template,
    api: Callable[..., Any],
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    dataset: str,
) -> None:
    """Cancel a training when all of its version is stored and nothing is published."""
    order = {"target": "price", "budget_seconds": 5, "model": "spoiled"}
    path = {"dataset_id": dataset}
    job = json.loads(api("api-post-dataset-train", path=path, body=order)["body"])
    table = train_app.trainer.table
    store: Callable[..., None] = train_service.store_exports

    def stored(*args: Any) -> None:
        store(*args)
        jobs.cancel(table, ME, job["id"])

    with monkeypatch.context() as patch:
        patch.setattr(train_service, "store_exports", stored)
        key = keys.training(ME, dataset, job["id"])
        call("TrainFunction", train_app.handler, sqs_event(key, template="sqs-s3-training"))
    assert json.loads(api("api-get-job", path={"job_id": job["id"]})["body"])["status"] == "CANCELLED"
    assert not any("spoiled" in key for key in _keys(aws, "models/"))
    waiting = json.loads(api("api-post-dataset-train", path=path, body=order)["body"])
    api("api-delete-job", path={"job_id": waiting["id"]})


def _score_files(
    aws: Template,
    storage: Storage,
    call: Callable[..., Any],
    api: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Score a file in several invocations, and another one that is refused in its middle."""
    monkeypatch.setattr("csv_analyzer.streams.PART_BYTES", 5 << 20)
    header, *rows = CSV.splitlines()
    # More than one part of results, and more than one block of rows.
    whole = b"\n".join([header + b",note", *(row + b"," + b"x" * 400 for row in rows * 180)])
    broken = whole[: 6 << 20] + b"x" * (17 << 20)
    for content, status in ((whole, "SUCCEEDED"), (broken, "FAILED")):
        ordered = json.loads(api("api-post-model-batch", path={"name": "flats"}, body={})["body"])
        place = {"name": "flats", "batch_id": ordered["id"]}
        key = ordered["upload"]["fields"]["key"]
        storage.put(key, content, "text/csv")
        api("api-get-model-batch", path=place)
        for _ in range(3 if status == "SUCCEEDED" else 0):
            call("BatchFunction", batch_app.handler, sqs_event(key, template="sqs-s3-batch"), seconds=1)
        call("BatchFunction", batch_app.handler, sqs_event(key, template="sqs-s3-batch"))
        assert json.loads(api("api-get-model-batch", path=place)["body"])["status"] == status
    api("api-get-model-batches", path={"name": "flats"})


def _keys(aws: Template, prefix: str) -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket=aws.buckets["DataBucket"].name, Prefix=prefix)
    return [item["Key"] for item in listed["Contents"]]


def _granted(template: Template, function: str) -> Iterator[Use]:
    for policy in template.properties(f"{function}Role")["Policies"]:
        # MLflow is replaced in the path; tests/functional/test_managed_mlflow.py has it write there.
        if policy["PolicyName"] == "mlflow":
            continue
        for statement in policy["PolicyDocument"]["Statement"]:
            actions, resources = (_listed(statement[key]) for key in ("Action", "Resource"))
            for action in actions:
                if action != "s3:ListBucket" and not action.startswith(ON_BEHALF):
                    yield from ((action, resource) for resource in resources)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _covers(grant: tuple[str, Use], use: tuple[str, Use]) -> bool:
    (grantee, (allowed, resources)), (caller, (action, resource)) = grant, use
    return (grantee, allowed) == (caller, action) and fnmatchcase(resource, resources)
