"""Stages of versions over HTTP: who may change them, what the gate says, and what history tells."""

from dataclasses import dataclass
from typing import Any

import pytest

from csv_analyzer import history
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.metrics import Metric
from infra.local.template import Template
from tests.contract.stage_samples import publish
from tests.functional.conftest import ME, YOU, Answer, Call

ACTOR = f"user:{ME}"


@dataclass
class Registry:
    """An administrator of the model `houses`."""

    api: Call
    catalog: Catalog

    def publish(self, rmse: float = 0.5, **options: Any) -> int:
        return publish(self.catalog, rmse, owner=ME, **options)

    def put(self, stage: str, body: Any, *, name: str = "houses", **changes: Any) -> Answer:
        return self.api("api-put-model-stage", path={"name": name, "stage": stage}, body=body, **changes)

    def roll_back(self, body: Any = None, **changes: Any) -> Answer:
        return self.api("api-post-model-rollback", path={"name": "houses"}, body=body or "{}", **changes)

    def history(self, owner: str = ME, **query: str) -> Answer:
        return self.api("api-get-model-history", path={"name": "houses"}, query=query, owner=owner)

    @property
    def stages(self) -> dict[int, str]:
        versions = self.api("api-get-model", path={"name": "houses"}).body["versions"]
        return {version["version"]: version["stage"] for version in versions}


@pytest.fixture
def houses(aws: Template, api: Call) -> Registry:
    registry = Registry(api, Catalog(Table(aws.tables["Catalog"].name)))
    registry.publish()
    return registry


def test_a_promotion_is_answered_with_the_change_and_the_gate(houses: Registry) -> None:
    houses.publish(0.4)
    answer = houses.put("production", {"version": 2, "reason": " better "})
    assert answer.status == 200
    change = answer.body.pop("change")
    assert answer.body == {
        "model": "houses",
        "version": 2,
        "stage": "production",
        "production_version": 2,
        "revision": 3,
        "changed": True,
    }
    assert change.pop("at").endswith("Z")
    gate = change.pop("gate")
    assert change == {
        "revision": 3,
        "actor": ACTOR,
        "action": "promoted",
        "version": 2,
        "from_stage": "staging",
        "to_stage": "production",
        "production_version": 2,
        "forced": False,
        "reason": "better",
    }
    assert gate.pop("statement").startswith("On the same rows, rmse is 0.4 against 0.5 of version 1")
    assert gate == {
        "decision": "passed",
        "metric": "rmse",
        "candidate": 0.4,
        "production": 0.5,
        "baseline": 1.0,
        "tolerance": 0.005,
    }
    model = houses.api("api-get-model", path={"name": "houses"}).body
    assert (model["production_version"], model["revision"], model["lineage"]) == (2, 3, [1])
    assert houses.stages == {2: "production", 1: "archived"}


def test_the_same_promotion_again_changes_nothing(houses: Registry) -> None:
    houses.publish()
    first = houses.put("production", {"version": 2})
    again = houses.put("production", {"version": 2})
    assert (first.status, again.status) == (200, 200)
    assert (first.body["changed"], again.body["changed"], again.body["change"]) == (True, False, None)
    assert again.body["revision"] == first.body["revision"]
    assert len(houses.history().body["items"]) == 3


def test_a_refusal_has_the_figures_and_is_overruled_with_a_reason(
    houses: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    houses.publish(0.6)
    refused = houses.put("production", {"version": 2})
    told = capsys.readouterr().out
    assert Metric.GATE_REFUSALS in told
    assert Metric.STAGES_CHANGED not in told
    assert (refused.status, refused.body["code"]) == (409, "gate_refused")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (refused.body["gate"]["candidate"], refused.body["gate"]["production"]) == (0.6, 0.5)
    assert "force" in refused.body["detail"]
    forced = houses.put("production", {"version": 2, "force": True, "reason": "The first one leaks."})
    assert forced.status == 200
    assert Metric.STAGES_CHANGED in capsys.readouterr().out
    change = forced.body["change"]
    assert (change["forced"], change["reason"]) == (True, "The first one leaks.")
    assert change["gate"] == refused.body["gate"]


def test_a_version_judged_on_other_rows_must_beat_its_baseline(houses: Registry) -> None:
    houses.publish(0.9, holdout_id="other"), houses.publish(1.1, holdout_id="other")
    assert houses.put("production", {"version": 3}).body["gate"]["decision"] == "refused"
    gate = houses.put("production", {"version": 2}).body["change"]["gate"]
    assert (gate["decision"], gate["production"]) == ("not_comparable", None)


def test_versions_are_archived_restored_and_rolled_back(houses: Registry) -> None:
    houses.publish()
    assert houses.put("archived", {"version": 2}).body["change"]["action"] == "archived"
    assert houses.put("staging", {"version": 2}).body["change"]["action"] == "restored"
    for stage in ("archived", "staging"):
        answer = houses.put(stage, {"version": 1})
        assert (answer.status, answer.body["code"]) == (409, "in_production")
    houses.put("production", {"version": 2})
    back = houses.roll_back({"from_version": 2, "reason": "It answers too high."})
    assert (back.status, back.body["version"], back.body["stage"]) == (200, 1, "production")
    assert back.body["change"]["action"] == "rolled_back"
    assert houses.stages == {2: "archived", 1: "production"}
    again = houses.roll_back({"from_version": 2})
    assert (again.status, again.body["code"]) == (409, "conflict")
    nothing = houses.roll_back()
    assert (nothing.status, nothing.body["code"]) == (409, "nothing_to_roll_back")


@pytest.mark.parametrize("body", [None, "", "{}", "null"])
def test_a_rollback_needs_no_body(houses: Registry, body: str | None) -> None:
    from api import app
    from tests.functional.conftest import Context, answer_of, proxy_event

    houses.publish()
    houses.put("production", {"version": 2})
    event = proxy_event("api-post-model-rollback", path={"name": "houses"})
    event["body"] = body
    answer = answer_of(app.handler(event, Context()))
    assert (answer.status, answer.body.get("version")) == (200, 1), answer.body


FAULTS: list[tuple[str, Any, list[str]]] = [
    ("production", {}, ["body.version"]),
    ("production", {"version": 0}, ["body.version"]),
    ("production", {"version": "2"}, ["body.version"]),
    ("production", {"version": 10**20}, ["body.version"]),
    ("production", {"version": 1, "force": True}, ["body.reason"]),
    ("production", {"version": 1, "force": "yes", "reason": 7}, ["body.force", "body.reason"]),
    ("production", {"version": 1, "reason": " "}, ["body.reason"]),
    ("production", {"version": 1, "reason": "x" * 501}, ["body.reason"]),
    ("production", {"version": 1, "reason": "\ud800"}, ["body.reason"]),
    ("production", {"version": 1, "actor": "user:somebody"}, ["body.actor"]),
    ("archived", {"version": 1, "force": True}, ["body.force", "body.reason"]),
    ("staging", {"version": 1, "force": True, "reason": "x"}, ["body.force"]),
    ("production", "[]", ["body"]),
    ("production", "{", ["body"]),
    ("retired", {"version": 1}, ["path.stage"]),
]


@pytest.mark.parametrize(("stage", "body", "locations"), FAULTS)
def test_every_fault_of_a_request_is_named(
    houses: Registry, stage: str, body: Any, locations: list[str]
) -> None:
    answer = houses.put(stage, body)
    assert answer.status == 422, answer.body
    assert [fault["location"] for fault in answer.body["errors"]] == locations
    assert len(houses.history().body["items"]) == 1


def test_only_administrators_decide_and_everybody_may_look(houses: Registry) -> None:
    houses.publish()
    for groups in ("viewer", "editor", ""):
        assert houses.put("production", {"version": 2}, groups=groups).status == 403
        assert houses.roll_back(groups=groups).status == 403
    assert houses.api("api-get-model-history", path={"name": "houses"}, groups="viewer").status == 200
    assert houses.put("production", {"version": 2}, groups="admin").status == 200


def test_what_is_not_there_or_not_ours_is_not_found(houses: Registry) -> None:
    answers = [
        houses.put("production", {"version": 2}),
        houses.put("production", {"version": 1}, name="castles"),
        houses.put("archived", {"version": 1}, name="n" * 3000),
        houses.put("production", {"version": 1}, owner=YOU),
        houses.roll_back(owner=YOU),
        houses.history(owner=YOU),
    ]
    assert {(answer.status, answer.body["code"]) for answer in answers} == {(404, "not_found")}


def test_history_tells_what_was_in_production_when_and_who_put_it_there(
    houses: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(f"2030-01-0{day}T00:00:00.000Z" for day in range(1, 6))
    monkeypatch.setattr(history, "now", lambda: next(moments))
    houses.publish()
    houses.put("production", {"version": 2})
    houses.publish()
    houses.put("archived", {"version": 3})

    def told(at: str) -> tuple[Any, ...]:
        body = houses.history(at=at).body
        by = body["put_there_by"] or {}
        return body["production_version"], by.get("revision"), by.get("actor"), len(body["items"])

    assert told("2020-01-01T00:00:00Z") == (None, None, None, 0)
    assert told("2030-01-01T12:00:00Z") == (1, 1, "service:train", 2)
    assert told("2030-01-02T00:00Z") == (2, 3, ACTOR, 3)
    assert told("2030-01-02T00:59:59.999+01:00") == (1, 1, "service:train", 2)
    assert told("2030-01-04T00:00:00Z") == (2, 3, ACTOR, 5)
    present = houses.history().body
    assert (present["production_version"], present["put_there_by"]["revision"]) == (2, 3)
    actions = ["archived", "published", "promoted", "published", "published"]
    assert [item["action"] for item in present["items"]] == actions


def test_history_comes_in_pages(houses: Registry) -> None:
    for _ in range(4):
        houses.publish()
    seen: list[int] = []
    query = {"limit": "2"}
    while True:
        page = houses.history(**query).body
        seen += [item["revision"] for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "at",
    [
        "now",
        "2030-01-01",
        "2030-01-01T00:00:00",
        "2030-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1" * 4000,
    ],
)
def test_what_is_no_moment_is_refused(houses: Registry, at: str) -> None:
    answer = houses.history(at=at)
    assert answer.status == 422
    assert [fault["location"] for fault in answer.body["errors"]] == ["query.at"]
