"""Rules for events/: every route and trigger of the template has its event, and each event its route."""

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from csv_analyzer.events import objects_written
from infra.local.proxy import match_path
from infra.local.template import Template

EVENTS = Path(__file__).parent.parent.parent / "events"
STARTED_BY_REQUESTS = {"ApiFunction": "api-", "PredictFunction": "predict-", "WebFunction": "web-"}
REQUESTS = sorted(
    path.name for prefix in STARTED_BY_REQUESTS.values() for path in EVENTS.glob(f"{prefix}*.json")
)
SCHEDULES = sorted(path.name for path in EVENTS.glob("schedule-*.json"))
MESSAGES = sorted(path.name for path in EVENTS.glob("sqs-s3-*.json"))


def test_every_file_is_an_event_of_a_known_kind() -> None:
    files = {path.name for path in EVENTS.iterdir()}
    assert files == {*REQUESTS, *MESSAGES, *SCHEDULES, "README.md"}


def test_every_route_has_an_event(template: Template) -> None:
    events = [_read(name) for name in REQUESTS]
    assert {(event["httpMethod"], event["resource"]) for event in events} == {
        (route.method, route.path) for route in template.api.routes
    }


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_fits_its_route(template: Template, name: str) -> None:
    event = _read(name)
    context = event["requestContext"]
    (route,) = [
        route
        for route in template.api.routes
        if (route.method, route.path) == (event["httpMethod"], event["resource"])
    ]
    assert name.startswith(STARTED_BY_REQUESTS[route.function])
    assert match_path(route.path, event["path"]) == (event["pathParameters"] or {})
    assert (context["resourcePath"], context["httpMethod"]) == (route.path, route.method)
    assert context["path"] == f"/{template.api.stage}{event['path']}"
    assert ("authorizer" in context) == (route.authorizer is not None)
    assert ("Authorization" in event["headers"]) == (route.authorizer is not None)
    if route.authorizer:
        assert context["authorizer"]["claims"]["token_use"] == "id"
    assert event["multiValueHeaders"] == {key: [value] for key, value in event["headers"].items()}


def test_every_notification_of_the_bucket_has_an_event(template: Template) -> None:
    notifications = template.buckets["DataBucket"].notifications
    keys = {name: _key(name) for name in MESSAGES}
    for notification in notifications:
        pattern = f"{notification.prefix}*{notification.suffix}"
        (name,) = [name for name, key in keys.items() if fnmatch(key, pattern)]
        queue = _read(name)["Records"][0]["eventSourceARN"].split(":")[-1].split("-")[-2]
        assert queue == notification.queue
    assert len(notifications) == len(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_names_an_object_by_its_encoded_key(name: str) -> None:
    (record,) = _read(name)["Records"]
    (written,) = objects_written(record["body"])
    assert written.key == _key(name)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_every_schedule_has_an_event_of_its_rule(template: Template) -> None:
    events = {name: _read(name) for name in SCHEDULES}
    assert {event["detail-type"] for event in events.values()} == {"Scheduled Event"}
    for schedule in template.schedules:
        service = template.functions[schedule.function].environment["POWERTOOLS_SERVICE_NAME"]
        assert schedule.logical_id in events[f"schedule-{service}.json"]["resources"][0]
    assert len(events) == len(template.schedules)


def _read(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / name).read_text())
    return event


def _key(name: str) -> str:
    body = json.loads(_read(name)["Records"][0]["body"])
    return unquote_plus(body["Records"][0]["s3"]["object"]["key"])
