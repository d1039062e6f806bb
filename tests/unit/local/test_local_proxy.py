"""Requests become events and results become responses as with a REST API and the Lambda proxy contract."""

import base64
import json

import pytest

from infra.local.proxy import (
    Gateway,
    MalformedResponseError,
    Request,
    build_event,
    find_route,
    match_path,
    parse_result,
)
from infra.local.specs import Route

ROUTE = Route("POST", "/models/{name}/predict", "Predict", "Cognito")
GATEWAY = Gateway("api1", "v1", "123456789012", "request-1")


def request(**changes) -> Request:
    values = {
        "method": "POST",
        "path": "/models/my%20model/predict",
        "headers": [("Host", "api"), ("X-Many", "1"), ("X-Many", "2")],
        "query": [("page", "1"), ("page", "2"), ("q", "a b")],
        "body": '{"näme": 1}'.encode(),
        "source_ip": "127.0.0.1",
        "host": "127.0.0.1:8000",
    }
    return Request(**(values | changes))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/models", "/models", {}),
        ("/models", "/models/", {}),
        ("/models", "/models//", None),
        ("/models", "/model", None),
        ("/models/{name}", "/models/a%20b", {"name": "a b"}),
        ("/models/{name}", "/models/a%2Fb", {"name": "a/b"}),
        ("/models/{name}", "/models/", None),
        ("/models/{name}", "/models/a/b", None),
        ("/files/{path+}", "/files/a/b.csv", {"path": "a/b.csv"}),
        ("/files/{path+}", "/files/a/", {"path": "a"}),
        ("/files/{path+}", "/files/", None),
        ("/files", "/files/", {}),
        ("/", "/", {}),
    ],
)
def test_a_path_matches_segment_by_segment(pattern, path, expected):
    assert match_path(pattern, path) == expected


def test_a_fixed_segment_wins_over_a_variable_one():
    routes = [
        Route("GET", "/models/{name}", "A", None),
        Route("GET", "/models/latest", "B", None),
        Route("GET", "/{rest+}", "C", None),
    ]
    assert find_route(routes, "GET", "/models/latest") == (routes[1], {})
    assert find_route(routes, "GET", "/models/x") == (routes[0], {"name": "x"})
    assert find_route(routes, "GET", "/other/y") == (routes[2], {"rest": "other/y"})
    assert find_route(routes, "PUT", "/models/x") is None


def test_the_event_has_the_shape_of_a_rest_api():
    event = build_event(request(), ROUTE, {"name": "my model"}, GATEWAY, {"sub": "u1"})
    assert event["version"] == "1.0"
    assert event["resource"] == "/models/{name}/predict"
    assert event["path"] == "/models/my%20model/predict"
    assert event["pathParameters"] == {"name": "my model"}
    assert event["queryStringParameters"] == {"page": "2", "q": "a b"}
    assert event["multiValueQueryStringParameters"] == {"page": ["1", "2"], "q": ["a b"]}
    assert event["headers"]["X-Many"] == "2"
    assert event["multiValueHeaders"]["X-Many"] == ["1", "2"]
    assert event["body"] == '{"näme": 1}'
    assert event["isBase64Encoded"] is False
    assert event["stageVariables"] is None
    context = event["requestContext"]
    assert context["path"] == "/v1/models/my%20model/predict"
    assert context["authorizer"] == {"claims": {"sub": "u1"}}
    assert context["stage"] == "v1"
    assert context["identity"]["sourceIp"] == "127.0.0.1"


def test_what_a_request_does_not_have_is_null():
    event = build_event(request(query=[], body=b""), ROUTE, {}, GATEWAY, None)
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["pathParameters"] is None
    assert event["body"] is None
    assert "authorizer" not in event["requestContext"]


def test_a_body_is_base64_only_for_a_binary_media_type():
    png = [("Content-Type", "image/png")]
    binary = Gateway("api1", "v1", "123456789012", "request-1", ("image/*",))
    event = build_event(request(body=b"\x89PNG", headers=png), ROUTE, {}, binary, None)
    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"\x89PNG").decode(), True)
    event = build_event(request(body=b"\x89PNG", headers=png), ROUTE, {}, GATEWAY, None)
    assert (event["body"], event["isBase64Encoded"]) == ("\ufffdPNG", False)


def result(**values) -> bytes:
    return json.dumps({"statusCode": 200} | values).encode()


def test_a_result_becomes_a_response():
    payload = result(
        statusCode="201",
        headers={"Content-Type": "text/csv", "X-Flag": True, "Set-Cookie": "dropped", "Content-Length": "1"},
        multiValueHeaders={"set-cookie": ["a=1", "b=2"]},
        body="é",
    )
    response = parse_result(payload, "", ())
    assert response.status == 201
    assert response.body == "é".encode()
    assert response.headers == [
        ("Content-Type", "text/csv"),
        ("X-Flag", "true"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]


def test_a_response_without_content_type_is_json():
    assert parse_result(result(), "", ()).headers == [("Content-Type", "application/json")]


def test_base64_is_decoded_only_when_the_request_accepts_a_binary_type():
    payload = result(body=base64.b64encode(b"\x00\x01").decode(), isBase64Encoded=True)
    assert parse_result(payload, "image/png, */*", ("image/png",)).body == b"\x00\x01"
    assert parse_result(payload, "text/html", ("image/png",)).body == b"AAE="


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not json",
        b"null",
        b'"text"',
        b"{}",
        result(statusCode="many"),
        result(statusCode=99),
        result(body={"not": "text"}),
        result(headers=["a"]),
        result(headers={"a": {}}),
        result(multiValueHeaders={"a": "b"}),
        result(message="unknown key"),
    ],
)
def test_a_result_that_breaks_the_contract_is_refused(payload: bytes):
    with pytest.raises(MalformedResponseError):
        parse_result(payload, "", ())


def test_broken_base64_is_refused():
    with pytest.raises(MalformedResponseError, match="not base64"):
        parse_result(result(body="%%", isBase64Encoded=True), "image/png", ("*/*",))
