"""Every call asks the route that was agreed on, and reads what it answers."""

import json

import pytest

import csv_analyzer_client
from csv_analyzer_client import errors
from csv_analyzer_client.connection import address
from csv_analyzer_client.decoding import Resource
from csv_analyzer_client.errors import BadAnswerError, ClientError, FailedError, NotFoundError, PatienceError
from csv_analyzer_client.pending import Pending
from csv_analyzer_client.resources import Dataset, Job, Predictions, Recipe
from tests.unit.client.fake_service import (
    BATCH,
    CHANGE,
    DATASET,
    ENTRY,
    HISTORY,
    JOB,
    RECEIPT,
    RECIPE,
    SUMMARY,
    URL,
    VERSION,
    answer,
    predicted,
)

MODEL = SUMMARY | {"versions": [VERSION]}
FULL = VERSION | {"model": "houses", "dataset_id": "d1", "job_id": "j1", "exports": [], "leaderboard": []}
STEPS = [{"step": "drop_duplicates"}]

CALLS = {
    "dataset": (lambda c: c.dataset("d1"), "GET", "/datasets/d1", DATASET, None),
    "profile_of": (lambda c: c.profile_of("d1", 2), "GET", "/datasets/d1/profile?recipe=2", {}, None),
    "profile raw": (lambda c: c.profile_of("d1"), "GET", "/datasets/d1/profile", {}, None),
    "preview": (
        lambda c: c.preview("d1", 1, 5, 9),
        "GET",
        "/datasets/d1/preview?recipe=1&offset=5&limit=9",
        {},
        None,
    ),
    "clean": (
        lambda c: c.clean("d1", STEPS, "price"),
        "PUT",
        "/datasets/d1/recipe",
        RECIPE,
        {"target": "price", "steps": STEPS},
    ),
    "recipe": (lambda c: c.recipe("d1", 3), "GET", "/datasets/d1/recipe?version=3", RECIPE, None),
    "train": (
        lambda c: c.train("d1", "price", budget_seconds=5, exclude=["id"], class_weights="balanced"),
        "POST",
        "/datasets/d1/train",
        JOB,
        {"target": "price", "budget_seconds": 5, "exclude": ["id"], "class_weights": "balanced"},
    ),
    "job": (lambda c: c.job("j1"), "GET", "/jobs/j1", JOB, None),
    "cancel": (lambda c: c.cancel("j1"), "DELETE", "/jobs/j1", JOB, None),
    "limits": (lambda c: c.limits(), "GET", "/limits", {}, None),
    "model": (lambda c: c.model("houses"), "GET", "/models/houses", MODEL, None),
    "version": (lambda c: c.version("houses", 1), "GET", "/models/houses/versions/1", FULL, None),
    "report": (lambda c: c.report("houses", 1), "GET", "/models/houses/versions/1/report", {}, None),
    "schema": (lambda c: c.schema("houses"), "GET", "/models/houses/schema", {}, None),
    "drift": (lambda c: c.drift("houses", 2), "GET", "/models/houses/drift?version=2", {}, None),
    "outcomes": (
        lambda c: c.post_outcomes("houses", [{"prediction": 1, "actual": 2}], outcomes_id="may", version=2),
        "POST",
        "/models/houses/outcomes",
        {"counted": True},
        {"id": "may.1", "version": 2, "outcomes": [{"prediction": 1, "actual": 2}]},
    ),
    "promote": (
        lambda c: c.promote("houses", 2),
        "PUT",
        "/models/houses/stages/production",
        CHANGE,
        {"version": 2},
    ),
    "forced": (
        lambda c: c.promote("houses", 2, force=True, reason="R"),
        "PUT",
        "/models/houses/stages/production",
        CHANGE,
        {"version": 2, "force": True, "reason": "R"},
    ),
    "archive": (
        lambda c: c.set_stage("houses", 2, "archived"),
        "PUT",
        "/models/houses/stages/archived",
        CHANGE,
        {"version": 2},
    ),
    "rollback": (lambda c: c.rollback("houses"), "POST", "/models/houses/rollback", CHANGE, {}),
    "rollback from": (
        lambda c: c.rollback("houses", "R", 2),
        "POST",
        "/models/houses/rollback",
        CHANGE,
        {"from_version": 2, "reason": "R"},
    ),
    "history": (
        lambda c: c.history("houses", "2026-01-01T00:00:00Z", 5),
        "GET",
        "/models/houses/history?at=2026-01-01T00%3A00%3A00Z&limit=5",
        HISTORY,
        None,
    ),
    "batch job": (lambda c: c.batch_job("houses", "b1"), "GET", "/models/houses/batch/b1", BATCH, None),
    "delete dataset": (lambda c: c.delete_dataset("d1"), "DELETE", "/datasets/d1", RECEIPT, None),
    "delete model": (lambda c: c.delete_model("houses"), "DELETE", "/models/houses", RECEIPT, None),
    "erasure": (lambda c: c.erasure("r1"), "GET", "/erasures/r1", RECEIPT, None),
    "predict": (
        lambda c: c.predict("houses", [{"rooms": 1}], stage="staging"),
        "POST",
        "/models/houses/predict?stage=staging",
        predicted(1.0),
        {"instances": [{"rooms": 1}]},
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_asks_its_route(service, name):
    call, method, path, content, body = CALLS[name]
    service.on(method, path.partition("?")[0], answer(content))
    call(service.client())
    assert service.calls == [f"{method} /v1{path}"]
    assert service.requests[0].headers["Authorization"] == "token"
    assert (service.body() if service.requests[0].content else None) == body


LISTS = {
    "datasets": (lambda c: c.datasets(), "/datasets", DATASET),
    "recipes": (lambda c: c.recipes("d1"), "/datasets/d1/recipes", RECIPE),
    "jobs": (lambda c: c.jobs(), "/jobs", JOB),
    "models": (lambda c: c.models(), "/models", SUMMARY),
    "batches": (lambda c: c.batches("houses"), "/models/houses/batch", BATCH),
    "erasures": (lambda c: c.erasures(), "/erasures", RECEIPT),
    "changes": (lambda c: c.changes("houses", "2026-01-01T00:00:00Z"), "/models/houses/history", ENTRY),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_page_by_page_as_it_is_used(service, name):
    call, path, item = LISTS[name]
    pages = [{"items": [item, item], "next": "p2"}, {"items": [item], "next": None}]
    service.on("GET", path, *map(answer, pages))
    items = call(service.client())
    assert service.requests == []
    next(items)
    assert len(service.requests) == 1
    assert len(list(items)) == 2
    assert [request.url.params.get("after") for request in service.requests] == [None, "p2"]
    assert {request.url.params["limit"] for request in service.requests} == {"100"}
    if name == "changes":
        assert service.requests[1].url.params["at"] == "2026-01-01T00:00:00Z"


def test_a_list_that_leads_to_itself_ends(service):
    service.on("GET", "/models", answer({"items": [SUMMARY], "next": "same"}))
    assert len(list(service.client().models())) == 2


@pytest.mark.parametrize("page", [{}, {"items": 5}, {"items": [5]}, {"items": [{}]}, []])
def test_a_page_that_is_none_is_named(service, page):
    service.on("GET", "/models", answer(page))
    with pytest.raises(BadAnswerError):
        list(service.client().models())


def test_a_card_is_text(service):
    service.on("GET", "/models/houses/versions/1/card", answer("# Card"))
    assert service.client().card("houses", 1) == '"# Card"'


@pytest.mark.parametrize(
    ("segment", "quoted"),
    [
        ("a/b", "a%2Fb"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("é", "%C3%A9"),
        ("a b#", "a%20b%23"),
        ("..a", "..a"),
        ("%2e", "%252e"),
    ],
)
def test_a_name_can_not_lead_to_another_route(segment, quoted):
    assert address(URL, ("models", segment, "schema")) == f"{URL}/models/{quoted}/schema"


@pytest.mark.parametrize("segment", ["", ".", "..", "a" * 1_001, "\udcff", "a\nb", "\x00"])
def test_a_name_that_can_not_be_one_is_not_asked_for(service, segment):
    with pytest.raises(NotFoundError):
        service.client().model(segment)
    assert service.requests == []


@pytest.mark.parametrize(
    ("kind", "content", "changed"),
    [
        (Dataset, DATASET, {"rows": "10"}),
        (Dataset, DATASET, {"rows": True}),
        (Dataset, DATASET, {"rows": 1.5}),
        (Dataset, DATASET, {"id": None}),
        (Dataset, DATASET, {"error": "x"}),
        (Dataset, DATASET, {"error": {"code": "x"}}),
        (Job, JOB, {"progress": "half"}),
        (Job, JOB, {"leaderboard": {}}),
        (Job, JOB, {"leaderboard": [5]}),
        (Recipe, RECIPE, {"effect": {"rows_before": 1}}),
        (Predictions, predicted(1.0), {"predictions": [{"prediction": None}]}),
        (Predictions, predicted(1.0), {"predictions": [{"prediction": 1, "interval": {"low": 1}}]}),
    ],
)
def test_an_answer_of_another_form_is_named_by_its_place(kind, content, changed):
    assert isinstance(kind.from_json(content), Resource)
    with pytest.raises(BadAnswerError, match=kind.__name__ + r"\." + next(iter(changed))) as caught:
        kind.from_json(content | changed)
    assert caught.value.exit_code == 6


def test_a_field_that_lacks_is_named_and_one_that_is_new_is_kept():
    with pytest.raises(BadAnswerError, match=r"lacks Dataset\.id"):
        Dataset.from_json({name: value for name, value in DATASET.items() if name != "id"})
    found = Dataset.from_json(DATASET | {"new": [1]})
    assert found.raw["new"] == [1]
    assert found == Dataset.from_json(DATASET)
    with pytest.raises(AttributeError):
        found.rows = 5


def pending(*states):
    left = list(states[1:])
    pauses = []
    read = [Job.from_json(JOB | state) for state in left]
    return Pending(Job.from_json(JOB | states[0]), lambda: read.pop(0), sleep=pauses.append), pauses


def test_waiting_tells_every_change_once():
    work, pauses = pending(
        {}, {}, {"status": "RUNNING", "progress": 0.5}, {"status": "SUCCEEDED", "version": 1}
    )
    told = []
    assert work.wait(lambda job: told.append(job.status)).version == 1
    assert told == ["QUEUED", "RUNNING", "SUCCEEDED"]
    assert len(pauses) == 3
    assert pauses == sorted(pauses)


def test_work_that_fails_says_why():
    reason = {
        "code": "target_constant",
        "message": "Only one value.",
        "steps": [{"step": 2, "message": "M"}],
    }
    work, _ = pending({}, {"status": "FAILED", "error": reason})
    with pytest.raises(FailedError, match="Only one value") as caught:
        work.wait()
    assert (caught.value.code, caught.value.faults, caught.value.exit_code) == (
        "target_constant",
        [{"step": 2, "message": "M"}],
        1,
    )
    cancelled, _ = pending({"status": "CANCELLING"}, {"status": "CANCELLED"})
    with pytest.raises(FailedError, match="cancelled"):
        cancelled.wait()


def test_patience_ends():
    work, _ = pending({}, {}, {})
    with pytest.raises(PatienceError) as caught:
        work.wait(timeout=0)
    assert caught.value.exit_code == 5


def test_a_training_is_ordered_followed_and_cancelled(service):
    service.on("POST", "/datasets/d1/train", answer(JOB, 202))
    service.on("GET", "/jobs/j1", answer(JOB | {"status": "RUNNING"}), answer(JOB | {"status": "SUCCEEDED"}))
    service.on("DELETE", "/jobs/j1", answer(JOB | {"status": "CANCELLING"}, 202))
    training = service.client().train("d1", "price")
    assert training.wait().status == "SUCCEEDED"
    assert training.cancel().status == "CANCELLING"
    with pytest.raises(TypeError, match="can't be cancelled"):
        service.client().analysis(Dataset.from_json(DATASET)).cancel()


def test_every_exception_is_in_the_tree_and_its_document_is_json():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(issubclass(kind, ClientError) for kind in kinds)
    public = {kind for kind in kinds if kind.__name__ in csv_analyzer_client.__all__}
    assert public == set(kinds)
    assert {kind.exit_code for kind in kinds} == {1, 2, 3, 4, 5, 6}
    json.dumps(errors.UsageError("x").to_problem())
