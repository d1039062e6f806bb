"""The report and the model card of a version, as API Gateway is answered."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from csv_analyzer import keys
from csv_analyzer.catalog import model_key, version_key
from csv_analyzer.dynamo import Table, put_new, update
from csv_analyzer.records import Version
from csv_analyzer.schemas.reports import Report
from csv_analyzer.storage import Storage
from infra.local.template import Template
from tests.functional.conftest import ME, YOU, Answer, Call, Context, proxy_event

EXAMPLE = Report.model_json_schema()["examples"][0]
REPORT = {**EXAMPLE, "classes": ["Köln", "a\\b"], "metrics": {"holdout": {"rmse": 1.5}}}
CARD = "# houses, version 1\n\nOf Köln &lt;b&gt;.\n"
LAMBDA_ANSWER = 6 * 1024 * 1024
PATHS = {"report": "api-get-model-version-report", "card": "api-get-model-version-card"}


@dataclass
class Reader:
    """A user who reads what is told of versions."""

    api: Call
    storage: Storage
    table: Table

    def publish(self, number: int, files: dict[str, bytes]) -> None:
        version = Version(
            owner=ME, created_at="2026-11-25T03:00:00Z", model="houses", version=number, dataset_id="d",
            job_id="j", task="regression", target="y", metric="rmse", npz_sha256="0", manifest_sha256="0",
        )  # fmt: skip
        for name, content in files.items():
            self.storage.put(keys.model(ME, "houses", number, name), content, "text/plain")
        self.table.write(
            put_new(version_key(ME, "houses", number), version.to_item()),
            update(
                model_key(ME, "houses"),
                assign={"latest": number, "versions": number},
                default={"owner": ME, "name": "houses", "created_at": "", "production": number},
            ),
        )

    def ask(self, what: str, name: str = "houses", version: str = "1", **changes: Any) -> Answer:
        return self.api(PATHS[what], path={"name": name, "version": version}, **changes)


@pytest.fixture
def reader(aws: Template, api: Call, storage: Storage) -> Reader:
    reader = Reader(api, storage, Table(aws.tables["Catalog"].name))
    reader.publish(1, {keys.REPORT: json.dumps(REPORT).encode(), keys.CARD: CARD.encode()})
    return reader


def test_the_report_is_the_stored_document(reader: Reader) -> None:
    answer = reader.ask("report")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.body == REPORT


def test_the_card_is_markdown(reader: Reader) -> None:
    answer = reader.ask("card")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    assert answer.text == CARD


@pytest.mark.parametrize("what", PATHS)
@pytest.mark.parametrize("groups", ["viewer", "editor", "admin"])
def test_every_role_may_read(reader: Reader, what: str, groups: str) -> None:
    assert reader.ask(what, groups=groups).status == 200


@pytest.mark.parametrize("what", PATHS)
def test_what_is_not_there_or_not_yours_is_not_found(reader: Reader, what: str) -> None:
    for changes in ({"owner": YOU}, {"name": "castles"}, {"version": "2"}):
        answer = reader.ask(what, **changes)
        assert (answer.status, answer.body["code"]) == (404, "not_found")
    for version in ("0", "-1", "one", "1.0", "9" * 30):
        assert reader.ask(what, version=version).status in {404, 422}
    # A version that was made before there were reports.
    reader.publish(2, {})
    assert reader.ask(what, version="2").status == 404


def test_the_largest_report_fits_an_answer(reader: Reader, context: Context) -> None:
    from api import app
    from automl.reporting.document import MAX_BYTES, encode

    # Of all documents of this size the one whose marks take the most in the answer of a function.
    marks = {"names": ["a" if i else "" for i in range(4)] + ['"' * 100] * (MAX_BYTES // 204)}
    content = encode(marks)
    assert 0.95 * MAX_BYTES < len(content) <= MAX_BYTES
    reader.publish(2, {keys.REPORT: content})
    path = {"name": "houses", "version": "2"}

    answer = app.handler(proxy_event(PATHS["report"], path=path), context)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == marks
    assert len(json.dumps(answer).encode()) < LAMBDA_ANSWER


def test_the_contract_names_both(api: Call) -> None:
    paths = api("api-get-openapi").body["paths"]

    for what, media in (("report", "application/json"), ("card", "text/markdown")):
        operation = paths[f"/models/{{name}}/versions/{{version}}/{what}"]["get"]
        assert operation["x-required-role"] == "viewer"
        assert [*operation["responses"]["200"]["content"]] == [media]
        assert {"401", "403", "404"} <= operation["responses"].keys()
