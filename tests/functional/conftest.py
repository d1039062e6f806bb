"""Real handlers on the committed events, with AWS played by moto."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from csv_analyzer import keys
from csv_analyzer.storage import Storage
from tests.conformance import Conformance

EVENTS = Path(__file__).parent.parent.parent / "events"
ME = "3f0c1a52-9d4e-4b7a-8c61-5e2d7f90ab13"
YOU = "99999999-0000-4000-8000-000000000000"


@dataclass
class Context:
    """What Lambda hands to a handler; ``seconds`` are left."""

    seconds: float = 120.0
    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class Answer:
    """An answer of a proxy integration."""

    status: int
    headers: dict[str, str]
    text: str
    body: Any = field(default=None)


Call = Callable[..., Answer]


def load_event(name: str) -> dict[str, Any]:
    """A committed event."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event


def proxy_event(
    name: str,
    *,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: Any = None,
    owner: str = ME,
    groups: str | None = None,
    media: str | None = None,
) -> dict[str, Any]:
    """A committed request with other parameters, body, caller or groups (names with commas between them)."""
    event = load_event(name)
    if path is not None:
        event["pathParameters"] = path
        event["path"] = event["resource"].format(**path)
        event["requestContext"]["path"] = "/v1" + event["path"]
    if query is not None:
        event["queryStringParameters"] = query
        event["multiValueQueryStringParameters"] = {key: [value] for key, value in query.items()}
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    if media is not None:
        event["headers"]["Content-Type"] = media
        event["multiValueHeaders"]["Content-Type"] = [media]
    if "authorizer" in event["requestContext"]:
        claims = event["requestContext"]["authorizer"]["claims"]
        claims["sub"] = owner
        if groups is not None:
            claims["cognito:groups"] = groups
    return event


def answer_of(response: dict[str, Any]) -> Answer:
    """A handler's response, read."""
    headers = response.get("headers") or {
        name: values[0] for name, values in response["multiValueHeaders"].items()
    }
    json_like = "json" in headers.get("Content-Type", "")
    body = json.loads(response["body"]) if json_like else None
    return Answer(response["statusCode"], headers, response["body"], body)


def sqs_event(key: str, *, attempt: int = 1, template: str = "sqs-s3-upload") -> dict[str, Any]:
    """A committed S3 notification in SQS about another key."""
    event = load_event(template)
    (record,) = event["Records"]
    notification = json.loads(record["body"])
    notification["Records"][0]["s3"]["object"]["key"] = key
    record["body"] = json.dumps(notification)
    record["attributes"]["ApproximateReceiveCount"] = str(attempt)
    return event


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def api(aws: Any, context: Context) -> Call:
    """Call the control plane: ``api("api-get-dataset", path={...})``."""
    from api import app

    return _calling(app.handler, context)


@pytest.fixture
def predict(aws: Any, context: Context, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Ask for predictions: ``predict("predict-post-predict", path={...}, body={...})``."""
    from csv_analyzer.catalog import Catalog
    from csv_analyzer.dynamo import Table
    from predict import app
    from predict.service import Predictor

    # What it found in the catalog of another test would count as fresh for a second.
    fresh = Predictor(Catalog(Table(app.settings.catalog_table)), Storage(app.settings.data_bucket))
    monkeypatch.setattr(app, "predictor", fresh)
    return _calling(app.handler, context)


def _calling(handler: Callable[[dict[str, Any], Any], dict[str, Any]], context: Context) -> Call:
    """Call a handler by events; an answer outside of the contract fails the test."""
    conformance = Conformance()

    def call(name: str, **changes: Any) -> Answer:
        event = proxy_event(name, **changes)
        answer = answer_of(handler(event, context))
        media = answer.headers.get("Content-Type", "")
        shown = answer.text if answer.body is None else answer.body
        conformance.check(event["httpMethod"], event["resource"], answer.status, media, shown)
        return answer

    return call


@pytest.fixture
def storage(aws: Any) -> Storage:
    return Storage(aws.buckets["DataBucket"].name)


@pytest.fixture
def upload(api: Call, storage: Storage, context: Context) -> Callable[..., str]:
    """Upload a file as a user does and let it be analyzed; answers the dataset's id."""
    from analyze import app as analyze_app

    def run(content: bytes, file_name: str = "houses.csv", owner: str = ME) -> str:
        created = api("api-post-datasets", body={"file_name": file_name}, owner=owner)
        key = created.body["upload"]["fields"]["key"]
        storage.put(key, content, "text/csv")
        analyze_app.handler(sqs_event(key), context)
        return str(created.body["id"])

    return run


def order_key(owner: str, dataset_id: str, job_id: str) -> str:
    """Key of the order that the API wrote."""
    return keys.training(owner, dataset_id, job_id)
