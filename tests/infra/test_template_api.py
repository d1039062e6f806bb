"""Rules for the door: which routes there are, who may use them, what the gateway answers by itself."""

import json
import re
from collections.abc import Callable

from api.app import app
from csv_analyzer.errors import CsvAnalyzerError
from infra.local.template import Template
from tests.conformance import CONTRACT

PAGE = {("GET", "/"), ("GET", "/app"), ("GET", "/app/{proxy+}")}
PAGES = PAGE | {("GET", "/openapi.json"), ("GET", "/docs")}
PUBLIC = PAGES | {("GET", "/health"), ("GET", "/config")}


def test_only_the_public_routes_are_open(template: Template) -> None:
    open_routes = {(route.method, route.path) for route in template.api.routes if route.authorizer is None}
    assert open_routes == PUBLIC


def test_every_other_route_wants_a_token_of_the_user_pool(template: Template) -> None:
    guarded = [route for route in template.api.routes if (route.method, route.path) not in PUBLIC]
    assert guarded
    assert {route.authorizer for route in guarded} == {"CognitoAuthorizer"}
    assert template.api.authorizers["CognitoAuthorizer"].user_pool_ids == (
        template.resolve({"Ref": "UserPool"}),
    )


def test_the_authorizer_takes_id_tokens_because_no_method_names_scopes(template: Template) -> None:
    paths = template.properties("Api")["Body"]["paths"]
    scopes = [
        names
        for operations in paths.values()
        for operation in operations.values()
        for requirement in operation.get("security", [])
        for names in requirement.values()
    ]
    assert scopes
    assert not any(scopes)


def test_a_preflight_needs_no_token(template: Template) -> None:
    paths = template.properties("Api")["Body"]["paths"]
    assert {preflight.path for preflight in template.api.preflights} == set(paths)
    assert not any("security" in operations["options"] for operations in paths.values())


def test_pages_of_the_configured_origin_may_send_a_token(template_with: Callable[..., Template]) -> None:
    template = template_with(CorsOrigin="https://example.com")
    for preflight in template.api.preflights:
        assert preflight.headers["Access-Control-Allow-Origin"] == "https://example.com"
        assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]


def test_the_routes_are_the_routes_of_the_code(template: Template) -> None:
    resolver = app._static_routes + app._dynamic_routes
    in_code = {
        (method, re.sub(r"<(\w+)>", r"{\1}", str(route.path)))
        for route in resolver
        for method in ([route.method] if isinstance(route.method, str) else route.method)
    }
    in_template = {
        (route.method, route.path) for route in template.api.routes if route.function == "ApiFunction"
    }
    assert in_template == in_code
    assert [
        (route.method, route.path) for route in template.api.routes if route.function == "PredictFunction"
    ] == [("POST", "/models/{name}/predict")]


def test_the_page_has_the_root_and_all_below_its_place(template: Template) -> None:
    routes = {(route.method, route.path) for route in template.api.routes if route.function == "WebFunction"}
    assert routes == PAGE


def test_nothing_of_the_page_is_sent_as_bytes_because_that_would_change_uploads(template: Template) -> None:
    assert template.api.binary_media_types == ()
    assert template.api.minimum_compression_size == 1024


def test_the_published_contract_describes_every_route_that_has_a_body_or_an_answer_of_its_own(
    template: Template,
) -> None:
    published = {(method.upper(), path) for path, methods in CONTRACT["paths"].items() for method in methods}
    routes = {(route.method, route.path) for route in template.api.routes}
    assert published == routes - PAGES


def test_what_the_gateway_answers_by_itself_is_a_problem_document(template: Template) -> None:
    responses = template.api.gateway_responses
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(responses)
    for kind, response in responses.items():
        (text,) = response.templates.values()
        problem = json.loads(text.replace("$context.error.messageString", '"why"'))
        assert set(problem) == {"type", "title", "status", "code", "detail"}, kind
        assert problem["status"] == response.status, kind
        assert re.fullmatch(r"[a-z_]+", problem["code"]), kind
        assert response.headers["Content-Type"] == "application/problem+json", kind
        assert response.headers["Access-Control-Allow-Origin"] == "*", kind


def test_the_gateway_names_each_fault_by_its_status(template: Template) -> None:
    statuses = {kind: response.status for kind, response in template.api.gateway_responses.items()}
    assert statuses == {
        "UNAUTHORIZED": 401,
        "EXPIRED_TOKEN": 401,
        "INVALID_SIGNATURE": 401,
        "ACCESS_DENIED": 403,
        "MISSING_AUTHENTICATION_TOKEN": 404,
        "RESOURCE_NOT_FOUND": 404,
        "REQUEST_TOO_LARGE": 413,
        "UNSUPPORTED_MEDIA_TYPE": 415,
        "THROTTLED": 429,
        "QUOTA_EXCEEDED": 429,
        "INTEGRATION_FAILURE": 502,
        "INTEGRATION_TIMEOUT": 504,
        "DEFAULT_4XX": 400,
        "DEFAULT_5XX": 500,
    }


def test_a_problem_of_the_gateway_has_the_title_of_the_same_problem_in_the_code(template: Template) -> None:
    in_code = {kind.code: kind for kind in _tree(CsvAnalyzerError) if "code" in vars(kind)}
    shared = 0
    for response in template.api.gateway_responses.values():
        (text,) = response.templates.values()
        problem = json.loads(text.replace("$context.error.messageString", '"why"'))
        if problem["code"] in in_code:
            known = in_code[problem["code"]]
            assert (problem["status"], problem["title"]) == (known.status, known.title)
            shared += 1
    assert shared


def test_the_gateway_throttles_and_keeps_an_access_log(template: Template) -> None:
    (stage,) = template.of_type("AWS::ApiGateway::Stage").values()
    (settings,) = stage["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"]
    assert settings["DataTraceEnabled"] is False
    access_log = template.resolve({"Fn::GetAtt": ["ApiAccessLogGroup", "Arn"]})
    assert stage["AccessLogSetting"]["DestinationArn"] == access_log
    assert json.loads(stage["AccessLogSetting"]["Format"])["status"] == "$context.status"
    assert stage["TracingEnabled"] is True


def test_functions_behind_the_gateway_end_before_it_gives_up(template: Template) -> None:
    behind = {route.function for route in template.api.routes}
    assert {name: template.functions[name].timeout_seconds for name in behind} == {
        "ApiFunction": 29,
        "PredictFunction": 29,
        "WebFunction": 10,
    }


def _tree[T](root: type[T]) -> list[type[T]]:
    return [root, *(kind for child in root.__subclasses__() for kind in _tree(child))]
