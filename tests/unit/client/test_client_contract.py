"""The client against the committed contract: every route has a call, which asks and reads what it says."""

import json
import re
from pathlib import Path
from typing import get_type_hints

import httpx
import pytest

from csv_analyzer_client import TrainOptions
from csv_analyzer_client.decoding import Resource
from tests.unit.client.fake_service import URL, answer

CONTRACT = json.loads((Path(__file__).parents[3] / "functions/api/openapi.json").read_text("utf-8"))
OPERATIONS = [
    (method.upper(), path) for path, operations in CONTRACT["paths"].items() for method in operations
]
# Programs that watch the service ask for it, not its users.
NOT_CALLED = {("GET", "/health")}
NAMES = {
    "dataset_id": "d1",
    "job_id": "j1",
    "name": "houses",
    "version": "1",
    "stage": "production",
    "batch_id": "b1",
    "erasure_id": "r1",
}
OPTIONS = {
    "model": "houses", "task": "auto", "metric": "auto", "budget_seconds": 5, "exclude": ["a"], "keep": ["b"],
    "class_weights": {"yes": 2.0}, "group": "g", "time": None, "recipe": 1, "compact": True, "recall": False,
    "reasons": True, "seed": 1,
}  # fmt: skip

CALLS = {
    ("GET", "/config"): lambda c, _: c.config(),
    ("GET", "/limits"): lambda c, _: c.limits(),
    ("GET", "/datasets"): lambda c, _: next(c.datasets()),
    ("POST", "/datasets"): lambda c, file: c.upload(file).state,
    ("GET", "/datasets/{dataset_id}"): lambda c, _: c.dataset("d1"),
    ("DELETE", "/datasets/{dataset_id}"): lambda c, _: c.delete_dataset("d1"),
    ("POST", "/datasets/{dataset_id}/complete"): None,
    ("GET", "/datasets/{dataset_id}/profile"): lambda c, _: c.profile_of("d1", 1),
    ("GET", "/datasets/{dataset_id}/preview"): lambda c, _: c.preview("d1", 1, 2, 3),
    ("PUT", "/datasets/{dataset_id}/recipe"): lambda c, _: c.clean("d1", [{"step": "trim"}], "price").state,
    ("GET", "/datasets/{dataset_id}/recipe"): lambda c, _: c.recipe("d1", 1),
    ("GET", "/datasets/{dataset_id}/recipes"): lambda c, _: next(c.recipes("d1")),
    ("POST", "/datasets/{dataset_id}/train"): lambda c, _: c.train("d1", "price", **OPTIONS).state,
    ("GET", "/jobs"): lambda c, _: next(c.jobs()),
    ("GET", "/jobs/{job_id}"): lambda c, _: c.job("j1"),
    ("DELETE", "/jobs/{job_id}"): lambda c, _: c.cancel("j1"),
    ("GET", "/models"): lambda c, _: next(c.models()),
    ("GET", "/models/{name}"): lambda c, _: c.model("houses"),
    ("DELETE", "/models/{name}"): lambda c, _: c.delete_model("houses"),
    ("GET", "/models/{name}/versions/{version}"): lambda c, _: c.version("houses", 1),
    ("GET", "/models/{name}/versions/{version}/report"): lambda c, _: c.report("houses", 1),
    ("GET", "/models/{name}/versions/{version}/card"): lambda c, _: c.card("houses", 1),
    ("GET", "/models/{name}/schema"): lambda c, _: c.schema("houses", 1),
    ("GET", "/models/{name}/drift"): lambda c, _: c.drift("houses", 1),
    ("POST", "/models/{name}/outcomes"): lambda c, _: c.post_outcomes(
        "houses", [{"prediction": 1.0, "actual": 2.0}], outcomes_id="x", version=1
    )[0],
    ("PUT", "/models/{name}/stages/{stage}"): lambda c, _: c.promote("houses", 1, force=True, reason="R"),
    ("POST", "/models/{name}/rollback"): lambda c, _: c.rollback("houses", "R", 1),
    ("GET", "/models/{name}/history"): lambda c, _: c.history("houses", "2026-01-01T00:00:00Z", 5),
    ("POST", "/models/{name}/predict"): lambda c, _: c.predict(
        "houses", [{"rooms": 1}], version=1, strict=True, explain=True
    ),
    ("POST", "/models/{name}/batch"): lambda c, file: c.batch("houses", file, stage="staging").state,
    ("GET", "/models/{name}/batch"): lambda c, _: next(c.batches("houses")),
    ("GET", "/models/{name}/batch/{batch_id}"): lambda c, _: c.batch_job("houses", "b1"),
    ("GET", "/models/{name}/export"): lambda c, file: c.export("houses", file, version=1),
    ("GET", "/erasures"): lambda c, _: next(c.erasures()),
    ("GET", "/erasures/{erasure_id}"): lambda c, _: c.erasure("r1"),
}  # fmt: skip


def concrete(path):
    return re.sub(r"\{(\w+)\}", lambda found: NAMES.get(found[1], "x1"), path)


def resolved(schema):
    while "properties" not in schema:
        reference = next(entry["$ref"] for entry in [schema, *schema.get("anyOf", [])] if "$ref" in entry)
        schema = CONTRACT["components"]["schemas"][reference.rpartition("/")[2]]
    return schema


def test_every_route_has_a_call():
    unnamed = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in CALLS}
    assert {
        (method, path)
        for method, path in set(OPERATIONS) - NOT_CALLED
        if (method, re.sub(r"\{\w+\}", "{}", path)) not in unnamed
    } == set()


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if CALLS.get(found)], ids=" ".join)
def test_a_call_asks_and_reads_what_the_contract_says(service, operation, tmp_path):
    method, path = operation
    described = CONTRACT["paths"][path][method.lower()]
    status, good = next((int(code), told) for code, told in described["responses"].items() if code[0] == "2")
    ((media, content),) = good["content"].items()
    example = content["example"]
    file = tmp_path / "rows.csv"
    file.write_text("a\n1\n")
    # Where files go is not part of the contract, and an example's file is not there.
    if isinstance(example, dict) and (link := example.get("upload", example)).get("url"):
        example |= (
            {"size_bytes": 1, "sha256": "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"}
            if ("sha256" in example)
            else {}
        )
        service.on("POST", link["url"], httpx.Response(204))
        service.on("GET", link["url"].partition("?")[0], httpx.Response(200, content=b"t"))
    reply = answer(example, status) if "json" in media else httpx.Response(status, content=example.encode())
    service.on(method, concrete(path), reply)

    found = CALLS[operation](service.client(), file)

    assert isinstance(found, Resource | dict | str)
    asked = next(request for request in service.requests if str(request.url).startswith(URL))
    declared = {entry["name"] for entry in described.get("parameters", []) if entry["in"] == "query"}
    assert set(asked.url.params) <= declared
    if "application/json" in asked.headers.get("content-type", ""):
        body = resolved(described["requestBody"]["content"]["application/json"]["schema"])
        assert set(json.loads(asked.content)) <= set(body["properties"])


def test_trainings_take_every_option_of_the_contract():
    wanted = resolved({"$ref": "#/components/schemas/TrainRequest"})["properties"]
    assert set(get_type_hints(TrainOptions)) | {"target"} == set(wanted) == set(OPTIONS) | {"target"}
