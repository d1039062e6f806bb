"""`make sam-local`: every event goes through, in an order that makes sense, and in containers."""

import csv
import json
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra import build, sam_local
from infra.local.errors import StackError
from infra.local.template import Template, read_source
from infra.sam_events import EVENTS, ROWS, SAMPLE_DATASET, SAMPLE_ID, WALK, Walk, outcome_of

ROOT = Path(__file__).parent.parent.parent


def _read(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event


def test_every_event_is_in_the_walk_once() -> None:
    assert sorted(WALK) == sorted(path.stem for path in EVENTS.glob("*.json"))


def test_every_event_goes_to_the_function_of_its_route_or_trigger(template: Template) -> None:
    walk = Walk(template)
    routes = {(route.method, route.path): route.function for route in template.api.routes}
    requests = {name: _read(name) for name in WALK if "httpMethod" in _read(name)}
    for name, event in requests.items():
        assert walk.function(name) == routes[event["httpMethod"], event["resource"]], name
    others = {name: walk.function(name) for name in WALK if name not in requests}
    assert others == {
        "sqs-s3-upload": "AnalyzeFunction",
        "sqs-s3-drop": "AnalyzeFunction",
        "sqs-s3-recipe": "AnalyzeFunction",
        "sqs-s3-training": "TrainFunction",
        "sqs-s3-batch": "BatchFunction",
        "schedule-tracking": "TrackingFunction",
        "schedule-drift": "DriftFunction",
        "schedule-erase": "EraseFunction",
    }
    assert {*others.values(), *(walk.function(name) for name in requests)} == set(template.functions)


def test_an_event_is_as_it_is_committed_until_the_service_has_given_another_id(template: Template) -> None:
    walk = Walk(template)
    for name in set(WALK) - {"api-delete-dataset"}:
        assert walk.event(name) == _read(name)
    walk.learn("api-post-dataset-train", {"statusCode": 202, "body": '{"id": "new-job"}'})
    walk.learn("api-post-model-batch", {"statusCode": 201, "body": '{"id": "new-batch"}'})
    walk.learn("api-delete-model", {"statusCode": 200, "body": '{"id": "new-receipt"}'})
    for name, wanted in (
        ("api-get-job", "/jobs/new-job"),
        ("api-get-model-batch", "/models/houses/batch/new-batch"),
        ("api-get-erasure", "/erasures/new-receipt"),
        ("api-delete-dataset", f"/datasets/{SAMPLE_DATASET}"),
    ):
        assert walk.event(name)["path"] == wanted
        assert SAMPLE_ID not in json.dumps(walk.event(name))
    assert f"{SAMPLE_DATASET}/new-job.json" in json.dumps(walk.event("sqs-s3-training"))
    assert (
        walk.file_key("sqs-s3-batch")
        == "batch/3f0c1a52-9d4e-4b7a-8c61-5e2d7f90ab13/houses/new-batch/input.csv"
    )
    assert str(walk.file_key("sqs-s3-drop")).endswith("/target=price/summer houses.csv")
    assert walk.file_key("sqs-s3-training") is None


def test_the_rows_have_what_the_events_speak_of_and_a_model_needs_what_its_request_has() -> None:
    rows = list(csv.DictReader(ROWS.decode().splitlines()))
    varying = {name for name in rows[0] if len({row[name] for row in rows}) > 1}
    for instance in json.loads(_read("predict-post-predict")["body"])["instances"]:
        assert varying == {"id", *instance, "price"}
    assert len({row["id"] for row in rows}) == len(rows)
    assert "" not in {cell for row in rows for cell in row.values()}
    steps = json.loads(_read("api-put-dataset-recipe")["body"])["steps"]
    named = {
        name
        for step in steps
        for name in (*step.get("columns", ()), step.get("by"), step.get("column"))
        if name
    }
    assert named <= set(rows[0])


@pytest.mark.parametrize("answer", [None, {}, {"statusCode": 500}, {"body": "no JSON"}, {"body": "[]"}])
def test_an_answer_without_an_id_teaches_nothing(template: Template, answer: Any) -> None:
    walk = Walk(template)
    walk.learn("api-post-dataset-train", answer)
    assert walk.event("api-get-job") == _read("api-get-job")


JSON = {"Content-Type": ["application/json"]}


@pytest.mark.parametrize(
    ("answer", "status", "shape", "good"),
    [
        (
            {"statusCode": 200, "multiValueHeaders": JSON, "body": '{"items": [], "next": 1}'},
            "200",
            "{items, next}",
            True,
        ),
        (
            {
                "statusCode": 404,
                "headers": {"content-type": "application/problem+json"},
                "body": '{"code": "not_found", "detail": "No."}',
            },
            "404",
            "problem not_found: No.",
            True,
        ),
        ({"statusCode": 502, "body": ""}, "502", "no body, 0 characters", False),
        (
            {"statusCode": 200, "headers": {"Content-Type": "text/html; charset=utf-8"}, "body": "<p>"},
            "200",
            "text/html, 3 characters",
            True,
        ),
        ({"batchItemFailures": []}, "done", "0 failed messages", True),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, "comes again", "1 failed messages", False),
        ({"errorType": "KeyError", "errorMessage": "'x'"}, "function error", "KeyError: 'x'", False),
        ({"logged": 0}, "done", '{"logged": 0}', True),
        (None, "no answer", "nothing", False),
    ],
)
def test_an_answer_is_told_by_its_status_and_shape(answer: Any, status: str, shape: str, good: bool) -> None:
    outcome = outcome_of(answer)
    assert (outcome.status, outcome.shape, outcome.good) == (status, shape, good)


def test_the_template_gets_one_variable_and_nothing_else() -> None:
    source = read_source(ROOT / "template.yaml")
    changed = sam_local.with_endpoint(source)
    assert yaml_parse(json.dumps(changed)) == changed
    variables = changed["Globals"]["Function"]["Environment"]["Variables"]
    assert variables.pop("AWS_ENDPOINT_URL") == ""
    assert changed == source


def test_the_door_leads_both_ways_and_closes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data.upper())

        thread = threading.Thread(target=answer)
        thread.start()
        with sam_local.door("127.0.0.1", server.getsockname()[1]) as address:
            host, port = address.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=10) as client:
                for said in (b"one", b"two"):
                    client.sendall(said)
                    assert client.recv(100) == said.upper()
            thread.join(10)
            assert not thread.is_alive()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=10)


def test_where_nothing_can_listen_that_is_said_with_the_remedy() -> None:
    with pytest.raises(StackError, match="must run on this machine itself"), sam_local.door("192.0.2.1", 1):
        pass


def test_without_an_engine_the_remedy_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sam_local.main() == 1
    assert "there is no docker command on this machine. Start one" in capsys.readouterr().out


@pytest.mark.docker
@pytest.mark.long
@pytest.mark.timeout(2400)
def test_every_function_does_its_work_in_a_container_and_the_api_answers(template: Template) -> None:
    fault = build.engine_fault()
    if fault:
        pytest.skip(f"{fault} (.ci/docker starts one)")
    if not build.SAM.is_file() or build.page_fault(ROOT / "functions/web/function"):
        pytest.skip("SAM CLI or the page is not here: make build")
    done = subprocess.run(
        [sys.executable, "-m", "infra.sam_local"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    rows = re.findall(r"^(\w+Function) +(\S+) +(.+?) +(\d+\.\d)  (.+)$", done.stdout, re.MULTILINE)
    assert [row[1] for row in rows] == list(WALK)
    assert {row[0] for row in rows} == set(template.functions)
    statuses = {event: status for _, event, status, _, _ in rows}
    # The walk is one: what was uploaded is analyzed, cleaned, trained on, predicted with, scored and erased.
    for event, status in statuses.items():
        if event.startswith("sqs-"):
            assert status == "done", event
    for event in ("api-get-dataset-profile", "api-get-dataset-preview", "api-get-model-version-report"):
        assert statuses[event] == "200"
    shapes = {event: shape for _, event, _, _, shape in rows}
    assert statuses["predict-post-predict"] == "200"
    assert "predictions" in shapes["predict-post-predict"]
    assert statuses["api-get-erasure"] == "200"
    for path in ("/health", "/openapi.json", "/docs"):
        assert re.search(rf"^GET {path} +200 ", done.stdout, re.MULTILINE), path
    assert re.search(r"^GET /app +302 ", done.stdout, re.MULTILINE)
    assert re.search(r"^GET /models +[45]\d\d ", done.stdout, re.MULTILINE)
