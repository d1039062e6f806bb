"""The control plane's routes, called as API Gateway calls them."""

import base64
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from csv_analyzer.settings import ApiSettings
from csv_analyzer.storage import Storage
from tests.conformance import PAGES
from tests.conftest import ROOT
from tests.functional.conftest import ME, YOU, Call

CSV = b"rooms,age,price\n" + b"".join(b"%d,%d,%d\n" % (i % 7, i % 31, 1000 * (i % 7)) for i in range(60))


def test_a_file_is_announced_and_gets_a_form(api: Call) -> None:
    answer = api("api-post-datasets", body={"file_name": "../Häuser 1.CSV"})
    assert answer.status == 201
    assert answer.body["status"] == "UPLOADING"
    assert answer.body["upload"]["expires_in_seconds"] == 300
    key = f"uploads/{ME}/{answer.body['id']}/H-user-1.csv"
    assert answer.body["upload"]["fields"]["key"] == key


def test_pages_of_the_allowed_origin_may_read_answers(aws: Any, context: Any) -> None:
    from api import app
    from tests.functional.conftest import answer_of, proxy_event

    for name, status in (("api-get-datasets", 200), ("api-get-dataset", 404)):
        event = proxy_event(name)
        event["headers"]["Origin"] = event["multiValueHeaders"]["Origin"] = "https://example.com"
        event["multiValueHeaders"]["Origin"] = ["https://example.com"]
        answer = answer_of(app.handler(event, context))
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_small_csv_body_is_stored_at_once(api: Call, storage: Storage) -> None:
    answer = api("api-post-datasets-csv", body=CSV.decode(), query={"file_name": "small.csv"})
    assert answer.status == 201
    assert answer.body["upload"] is None
    assert storage.get(f"uploads/{ME}/{answer.body['id']}/small.csv", 10_000) == CSV


def test_a_base64_body_keeps_its_bytes(api: Call, storage: Storage, context: Any) -> None:
    from api import app
    from tests.functional.conftest import answer_of, proxy_event

    event = proxy_event("api-post-datasets-csv", body=base64.b64encode(b"a,\xe9\n1,2\n").decode())
    event["isBase64Encoded"] = True
    answer = answer_of(app.handler(event, context))
    key = f"uploads/{ME}/{answer.body['id']}/{answer.body['file_name']}"
    assert storage.get(key, 100) == b"a,\xe9\n1,2\n"


@pytest.mark.parametrize(
    ("changes", "status", "locations"),
    [
        ({"body": "{"}, 422, ["body"]),
        ({"body": "null"}, 422, ["body"]),
        ({"body": "[1]"}, 422, ["body"]),
        ({"body": {}}, 422, ["body.file_name"]),
        ({"body": {"file_name": 5, "size": 1}}, 422, ["body.file_name", "body.size"]),
        ({"body": {"file_name": ""}}, 422, ["body.file_name"]),
        ({"body": "", "media": "text/csv"}, 422, ["body"]),
        ({"body": "a,\ufffd\n", "media": "text/csv"}, 422, ["body"]),
        ({"body": "<a/>", "media": "application/xml"}, 415, []),
        ({"body": "a,b\n" + "1,2\n" * 1_400_000, "media": "text/csv; charset=utf-8"}, 413, []),
    ],
)
def test_a_bad_upload_request_names_all_of_its_faults(
    api: Call, changes: dict[str, Any], status: int, locations: list[str]
) -> None:
    answer = api("api-post-datasets", **changes)
    assert answer.status == answer.body["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [fault["location"] for fault in answer.body.get("errors", [])] == locations


def test_a_viewer_may_look_and_not_upload(api: Call) -> None:
    assert api("api-get-datasets", groups="viewer").status == 200
    answer = api("api-post-datasets", body={"file_name": "a.csv"}, groups="viewer")
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert "needs the role editor; yours is viewer" in answer.body["detail"]


def test_who_may_not_order_is_told_so_whatever_the_order_says(api: Call) -> None:
    answer = api("api-post-dataset-train", body={"target": 5}, groups="viewer")
    assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_who_is_in_no_group_has_the_role_that_the_template_says(api: Call) -> None:
    assert api("api-post-datasets", body={"file_name": "a.csv"}, groups="").status == 201


def test_every_route_that_needs_a_token_names_its_role(api: Call) -> None:
    document = api("api-get-openapi").body
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            public = operation.get("security") == []
            assert ("x-required-role" in operation) is not public, f"{method} {path}"


def test_datasets_are_listed_newest_first_in_pages(api: Call) -> None:
    ids = [api("api-post-datasets", body={"file_name": f"{i}.csv"}).body["id"] for i in range(3)]
    first = api("api-get-datasets", query={"limit": "2"}).body
    second = api("api-get-datasets", query={"limit": "2", "after": first["next"]}).body
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None
    assert api("api-get-datasets", query={"limit": "2"}, owner=YOU).body["items"] == []


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"limit": "101"}, {"after": "../"}])
def test_a_page_that_can_not_be_is_refused(api: Call, query: dict[str, str]) -> None:
    answer = api("api-get-datasets", query=query)
    assert answer.status == 422
    assert answer.body["code"] == "invalid_request"


def test_a_dataset_shows_what_the_analysis_found(api: Call, upload: Callable[..., str]) -> None:
    path = {"dataset_id": upload(CSV)}
    dataset = api("api-get-dataset", path=path).body
    assert dataset["status"] == "READY"
    assert (dataset["rows"], dataset["columns"]) == (60, 3)
    profile = api("api-get-dataset-profile", path=path).body
    assert [column["name"] for column in profile["columns"]] == ["rooms", "age", "price"]
    assert profile["file"]["delimiter"] == ","


def test_what_belongs_to_somebody_else_is_not_there(api: Call, upload: Callable[..., str]) -> None:
    path = {"dataset_id": upload(CSV)}
    order = {"target": "price"}
    for name, changes in {
        "api-get-dataset": {},
        "api-get-dataset-profile": {},
        "api-post-dataset-train": {"body": order},
    }.items():
        answer = api(name, path=path, owner=YOU, **changes)
        assert (answer.status, answer.body["code"]) == (404, "not_found"), name
    job = api("api-post-dataset-train", path=path, body=order).body
    assert api("api-get-job", path={"job_id": job["id"]}).status == 200
    assert api("api-get-job", path={"job_id": job["id"]}, owner=YOU).status == 404


def test_training_before_the_analysis_is_a_conflict(api: Call) -> None:
    dataset_id = api("api-post-datasets", body={"file_name": "a.csv"}).body["id"]
    answer = api("api-post-dataset-train", path={"dataset_id": dataset_id}, body={"target": "price"})
    assert answer.status == 409
    assert "UPLOADING" in answer.body["detail"]


def test_training_on_a_failed_dataset_repeats_the_reason(api: Call, upload: Callable[..., str]) -> None:
    dataset_id = upload(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    answer = api("api-post-dataset-train", path={"dataset_id": dataset_id}, body={"target": "price"})
    assert answer.status == 409
    assert "PNG" in answer.body["detail"]


@pytest.mark.parametrize(
    ("body", "locations"),
    [
        ({}, ["body.target"]),
        ({"target": "prize"}, ["body.target"]),
        ({"target": "price", "exclude": ["no", "rooms", "nor"]}, ["body.exclude.0", "body.exclude.2"]),
        ({"target": "price", "exclude": ["price"]}, ["body.exclude"]),
        (
            {"target": 1, "budget_seconds": "60", "modle": "x"},
            ["body.target", "body.budget_seconds", "body.modle"],
        ),
        ({"target": "price", "budget_seconds": 601}, ["body.budget_seconds"]),
        ({"target": "price", "budget_seconds": True}, ["body.budget_seconds"]),
        ({"target": "price", "task": "clustering"}, ["body.task"]),
        ({"target": "price", "model": "Not A Name"}, ["body.model"]),
        ([], ["body"]),
        ("{", ["body"]),
    ],
)
def test_a_bad_training_request_names_all_of_its_faults(
    api: Call, upload: Callable[..., str], body: Any, locations: list[str]
) -> None:
    answer = api("api-post-dataset-train", path={"dataset_id": upload(CSV)}, body=body)
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [fault["location"] for fault in answer.body["errors"]] == locations
    assert all(fault["code"] and fault["message"] for fault in answer.body["errors"])


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("multipart/form-data", '{"target": "price"}'),
        ("multipart/form-data; boundary=x", "--x--"),
        ("application/x-www-form-urlencoded", "target=price"),
        ("text/csv", "target\nprice\n"),
    ],
)
def test_a_body_that_is_not_json_by_its_type_is_refused(
    api: Call, upload: Callable[..., str], media: str, body: str
) -> None:
    answer = api("api-post-dataset-train", path={"dataset_id": upload(CSV)}, body=body, media=media)
    assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("body", ["[" * 100_000, '{"target": NaN}', "\ud800"])
def test_json_that_can_not_be_read_is_a_fault_of_the_body(api: Call, body: str) -> None:
    answer = api("api-post-dataset-train", path={"dataset_id": "x"}, body=body)
    assert (answer.status, answer.body["errors"][0]["location"]) == (422, "body")


@pytest.mark.parametrize("body", ["[null, null]", "[]", "5", '"{}"', "false"])
def test_what_is_no_object_is_not_taken_for_no_body(api: Call, body: str) -> None:
    answer = api("api-post-model-rollback", path={"name": "houses"}, body=body)
    assert (answer.status, answer.body["errors"][0]["location"]) == (422, "body")


def test_a_training_is_ordered_in_s3_and_queued(
    api: Call, upload: Callable[..., str], storage: Storage
) -> None:
    dataset_id = upload(CSV)
    answer = api("api-post-dataset-train", path={"dataset_id": dataset_id}, body={"target": "price"})
    assert answer.status == 202
    assert answer.body["status"] == "QUEUED"
    assert answer.body["model"] == "houses"
    order = storage.get_json(f"training/{ME}/{dataset_id}/{answer.body['id']}.json", 10_000)
    assert order["target"] == "price"
    assert order["budget_seconds"] == 60
    assert order["data_key"] == f"uploads/{ME}/{dataset_id}/houses.csv"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("api-get-dataset", {"dataset_id": "no"}),
        ("api-get-job", {"job_id": "no"}),
        ("api-get-model", {"name": "no"}),
        ("api-get-model", {"name": "n" * 3000}),
        ("api-get-dataset", {"dataset_id": "é\n/../" * 300}),
        ("api-get-model-schema", {"name": "no"}),
        ("api-get-model-export", {"name": "no"}),
        ("api-get-model-version", {"name": "no", "version": "1"}),
        ("api-get-model-version", {"name": "no", "version": "one"}),
        ("api-get-model-version", {"name": "no", "version": "99999999"}),
    ],
)
def test_what_does_not_exist_is_a_404(api: Call, name: str, path: dict[str, str]) -> None:
    answer = api(name, path=path)
    assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_the_contract_describes_every_route_and_problem(api: Call, template: Any) -> None:
    contract = api("api-get-openapi").body
    described = {(method.upper(), path) for path, methods in contract["paths"].items() for method in methods}
    documents = {("GET", path) for path in PAGES}
    assert described | documents == {(route.method, route.path) for route in template.api.routes}
    assert contract["openapi"].startswith("3.1")
    for path, methods in contract["paths"].items():
        for operation in methods.values():
            assert operation["responses"], path


def test_the_docs_page_loads_nothing_from_elsewhere(api: Call) -> None:
    page = api("api-get-docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "SwaggerUIBundle" in page.text
    assert 'src="http' not in page.text
    assert "href='http" not in page.text


def test_the_link_on_the_docs_page_leads_to_the_contract(api: Call) -> None:
    assert api("api-get-docs", query={"format": "json"}).body == api("api-get-openapi").body


def test_health_needs_no_token(api: Call) -> None:
    assert api("api-get-health").body == {"status": "ok"}


def test_a_client_learns_without_a_token_where_to_sign_in(api: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    assert api("api-get-config").body == {
        "region": "cn-north-1",
        "user_pool_client_id": ApiSettings.from_environment().user_pool_client_id,
        "cognito_url": "https://cognito-idp.cn-north-1.amazonaws.com.cn",
        "role_without_group": "editor",
        "self_sign_up": True,
        "version": tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"],
    }
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:4000/")
    assert api("api-get-config").body["cognito_url"] == "http://127.0.0.1:4000"
