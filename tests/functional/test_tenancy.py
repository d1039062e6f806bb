"""Every route of the template, asked by somebody else, and about ids that nobody has.

The routes, and a request for each, are read from `template.yaml` and `events/`: a new route is tested without
being named here. It only has to say what the parameters of its path are called.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from api import app as api_app
from csv_analyzer.dynamo import Table
from csv_analyzer.storage import Storage
from infra.local.specs import Route
from infra.local.template import Template
from predict import app as predict_app
from tests.conftest import ROOT, _template
from tests.functional.conftest import EVENTS, ME, YOU, Answer, Context, answer_of
from tests.functional.erasure_world import SECRET, World

HANDLERS: dict[str, Callable[..., Any]] = {
    "ApiFunction": api_app.handler,
    "PredictFunction": predict_app.handler,
}
ROUTES = [route for route in _template.api.routes if route.authorizer]
WITH_IDS = [route for route in ROUTES if "{" in route.path]
WITHOUT_IDS = [route for route in ROUTES if "{" not in route.path]
ODD = [
    "..",
    ".",
    " ",
    "%2f",
    "..%2f..",
    "%00",
    "\N{ARABIC-INDIC DIGIT THREE}",
    "0",
    "-1",
    "*",
    "DATASET#",
    "x" * 2000,
    f"{YOU}%2f{{id}}",
    f"..%2f{YOU}%2f{{id}}",
    "{id}%20",
    "{id}#",
]


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


def _event_of(route: Route) -> dict[str, Any]:
    """The committed request of a route; of several, any will do."""
    for path in sorted(EVENTS.glob("*.json")):
        event: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if (event.get("httpMethod"), event.get("resource")) == (route.method, route.path):
            return event
    raise AssertionError(f"{_name(route)} has no event")


def _ask(route: Route, ids: dict[str, str], owner: str) -> Answer:
    """Ask as an administrator, with ids in the path as they are."""
    event = _event_of(route)
    path = route.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    event |= {"path": path, "pathParameters": ids or None}
    event["requestContext"]["path"] = f"/v1{path}"
    claims = event["requestContext"]["authorizer"]["claims"]
    claims |= {"sub": owner, "cognito:username": owner, "cognito:groups": "admin"}
    return answer_of(HANDLERS[route.function](event, Context()))


@pytest.fixture
def world(aws: Template) -> World:
    """Everything of a user, with a receipt of an erasure too."""
    storage = Storage(aws.buckets["DataBucket"].name)
    world = World(Table(aws.tables["Catalog"].name), storage, ME).fill()
    (erase,) = [route for route in ROUTES if _name(route) == "DELETE /models/{name}"]
    assert _ask(erase, {"name": "flats"}, ME).status == 200
    return world


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("route", ROUTES, ids=_name)
def test_who_was_not_verified_is_answered_nothing(route: Route) -> None:
    event = _event_of(route)
    del event["requestContext"]["authorizer"]
    answer = answer_of(HANDLERS[route.function](event, Context()))
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def _ids(world: World, route: Route) -> dict[str, str]:
    """Ids of the user's own for the parameters of a route."""

    def last(kind: str) -> str:
        return max(key for key in world.items() if key.startswith(kind)).rpartition("#")[2]

    known: dict[str, Callable[[], str]] = {
        "dataset_id": lambda: world.dataset,
        "job_id": lambda: world.jobs[0].id,
        "name": lambda: "houses",
        "version": lambda: "1",
        "batch_id": lambda: last("BATCH#houses#"),
        "erasure_id": lambda: last("ERASURE#"),
        "stage": lambda: "archived",
    }
    return {name: known[name]() for name in _parameters(route)}


def _parameters(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


def test_there_is_nothing_at_anothers_ids(world: World) -> None:
    before = (world.items(), world.objects())
    for route in WITH_IDS:
        answer = _ask(route, _ids(world, route), YOU)
        assert (answer.status, answer.body["code"]) == (404, "not_found"), _name(route)
        assert not _leaks(world, answer, _ids(world, route)), _name(route)
    assert (world.items(), world.objects()) == before


def test_lists_and_new_things_are_the_callers_own(world: World) -> None:
    before = (world.items(), world.objects())
    for route in sorted(WITHOUT_IDS, key=lambda route: route.method):
        answer = _ask(route, {}, YOU)
        assert answer.status < 300, _name(route)
        if isinstance(answer.body, dict) and "items" in answer.body and route.method == "GET":
            assert answer.body["items"] == [], _name(route)
        assert not _leaks(world, answer, {}), _name(route)
    assert (world.items(), world.objects()) == before


def test_the_owner_is_answered_at_the_same_ids(world: World) -> None:
    """Else the tests above would pass where nothing works."""
    last = [route for route in ROUTES if route.method == "DELETE"]
    for route in [*(route for route in ROUTES if route not in last), *last]:
        answer = _ask(route, _ids(world, route), ME)
        assert answer.status < 500, _name(route)
        assert answer.status != 404 or route in last, _name(route)


def test_odd_ids_are_not_found(world: World) -> None:
    before = (world.items(), world.objects())
    for route in WITH_IDS:
        mine = _ids(world, route)
        for name in mine:
            values = {odd.replace("{id}", mine[name]) for odd in ODD}
            for value in values | {quote(value, safe="%") for value in values}:
                answer = _ask(route, {**mine, name: value}, ME)
                assert answer.status in {404, 422}, (_name(route), name, value, answer.text)
                assert answer.headers["Content-Type"] == "application/problem+json", _name(route)
    assert (world.items(), world.objects()) == before


def test_a_new_route_is_tested_without_being_named() -> None:
    named = (ROOT / "template.yaml").read_text("utf-8").count("Type: Api\n")
    assert len(_template.api.routes) == named
    assert {route.function for route in ROUTES} <= HANDLERS.keys()


def _leaks(world: World, answer: Answer, asked: dict[str, str]) -> list[str]:
    """What of the user's stands in an answer, but for what was asked with."""
    secrets = {SECRET, ME, world.dataset, world.other, *(job.id for job in world.jobs)} - set(asked.values())
    return [secret for secret in secrets if secret in answer.text]
