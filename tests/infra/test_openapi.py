"""Rules for the contract: made from the code, valid, complete, and each of its examples true."""

import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from api import contract, examples, openapi
from api.app import app
from api.composer import Composer
from api.problems import PROBLEMS
from csv_analyzer import schemas
from csv_analyzer.errors import RequestError
from csv_analyzer.roles import Role
from infra.local.template import Template
from infra.openapi import README, with_table
from tests.conformance import CONTRACT, Conformance

OPERATIONS = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, methods in CONTRACT["paths"].items()
    for method, operation in methods.items()
]
each_operation = pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
REMEDY = "The contract is not what the code says: run `make openapi` and commit what it writes."


def test_the_committed_contract_is_what_the_code_says() -> None:
    assert contract.openapi_json() == openapi.text_of(app), REMEDY


def test_the_table_of_routes_is_what_the_contract_says() -> None:
    text = README.read_text("utf-8")
    table = openapi.role_table(CONTRACT)
    assert table in text, REMEDY
    assert with_table(text, table) == text, REMEDY


def test_it_is_a_valid_document_of_openapi_3_1() -> None:
    assert CONTRACT["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(CONTRACT).iter_errors()] == []


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation.values[2]["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name)] == []


@each_operation
def test_an_operation_says_what_it_does_and_for_whom(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert 10 < len(operation["summary"]) <= 120
    assert len(operation["tags"]) == 1
    assert {*operation["tags"]} <= {tag["name"] for tag in CONTRACT["tags"] if tag["description"]}
    role = operation.get("x-required-role")
    if role is None:
        assert operation["security"] == []
        assert method == "get"
    else:
        assert "security" not in operation
        assert f"`{Role(role)}`" in operation["description"]


@each_operation
def test_a_parameter_says_what_it_is_and_how_it_looks(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    parameters = operation.get("parameters", [])
    in_path = [parameter["name"] for parameter in parameters if parameter["in"] == "path"]
    assert sorted(in_path) == sorted(re.findall(r"{(\w+)}", path))
    for number, parameter in enumerate(parameters):
        assert parameter["description"]
        pointer = ["paths", path, method, "parameters", str(number), "schema"]
        if parameter["in"] == "path" or "default" in parameter["schema"]:
            assert Conformance().faults(pointer, parameter["example"]) == []
        else:
            # A page to try it out would send the example, which must not be the usual request.
            assert "example" not in parameter


@each_operation
def test_every_answer_has_an_example_of_its_own_shape(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    successes = [status for status in operation["responses"] if status < "400"]
    assert len(successes) == 1
    for status in successes:
        for media, content in operation["responses"][status]["content"].items():
            pointer = ["paths", path, method, "responses", status, "content", media, "schema"]
            assert content["example"]
            assert Conformance().faults(pointer, content["example"]) == []


@each_operation
def test_every_request_has_examples_that_the_service_takes(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    models = _models()
    body = operation.get("requestBody")
    if body is None:
        assert method in {"get", "delete"} or operation["operationId"] in WITHOUT_BODY
        return
    for media, content in body["content"].items():
        assert content["examples"]
        for example in content["examples"].values():
            pointer = ["paths", path, method, "requestBody", "content", media, "schema"]
            assert Conformance().faults(pointer, example["value"]) == []
            for reference in re.findall(r"^#/components/schemas/(\w+)$", content["schema"].get("$ref", "")):
                models[reference].model_validate(example["value"])


WITHOUT_BODY: set[str] = set()


@each_operation
def test_an_operation_names_every_problem_that_its_kind_can_answer(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    named = set(operation["responses"])
    expected = {"400", "429", "5XX"}
    if "x-required-role" in operation:
        expected |= {"401", "403"}
    if "{" in path:
        expected |= {"404"}
    if "requestBody" in operation:
        expected |= {"413", "415", "422"}
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        expected |= {"422"}
    assert expected <= named
    for status in named - {status for status in named if status < "400"}:
        assert operation["responses"][status] == {"$ref": f"#/components/responses/{PROBLEMS[status].name}"}


@pytest.mark.parametrize("status", PROBLEMS)
def test_every_problem_has_examples_of_its_own_shape(status: str) -> None:
    name = PROBLEMS[status].name
    content = CONTRACT["components"]["responses"][name]["content"]["application/problem+json"]
    assert content["examples"]
    pointer = ["components", "responses", name, "content", "application/problem+json", "schema"]
    for example in content["examples"].values():
        assert Conformance().faults(pointer, example["value"]) == []
        assert re.fullmatch(status.replace("X", "."), str(example["value"]["status"]))


def test_every_error_that_a_caller_can_mend_is_an_example() -> None:
    shown = {(str(example["status"]), example["code"]) for example in _problem_examples()}
    raised = {(str(kind.status), kind.code) for kind in _tree(RequestError)}
    assert raised <= shown, "Add an example of the new error to functions/api/api/problems.py."


def test_what_the_gateway_answers_by_itself_is_in_the_contract(template: Template) -> None:
    shown = _problem_examples()
    for kind, response in template.api.gateway_responses.items():
        (text,) = response.templates.values()
        document = json.loads(text.replace("$context.error.messageString", '"Invalid request path"'))
        assert document in shown, kind


def test_a_field_that_nothing_tells_of_is_named() -> None:
    composer = Composer({"Thing": {"properties": {"mystery": {"type": "string"}}}})
    composer.answer("getThing", "application/json", {"$ref": "#/components/schemas/Thing"})
    composer.describe({"name": "riddle", "in": "query", "schema": {"type": "string"}}, "getThing")
    assert composer.missing == ["Thing.mystery", "getThing(riddle)"]


def test_what_the_examples_tell_of_is_in_the_contract() -> None:
    schemas_there = CONTRACT["components"]["schemas"]
    assert set(examples.SHAPES) <= set(schemas_there)
    for shape, told in examples.SHAPES.items():
        assert set(told) <= set(schemas_there[shape]["properties"]), shape
    operations = {operation.values[2]["operationId"] for operation in OPERATIONS}
    assert {name for name, _media in examples.WHOLE} <= operations


def _problem_examples() -> list[dict[str, Any]]:
    return [
        example["value"]
        for response in CONTRACT["components"]["responses"].values()
        for example in response["content"]["application/problem+json"]["examples"].values()
    ]


def _models() -> dict[str, type[BaseModel]]:
    return {
        name: kind
        for module in iter_modules(schemas.__path__, "csv_analyzer.schemas.")
        for name, kind in inspect.getmembers(import_module(module.name), inspect.isclass)
        if issubclass(kind, BaseModel)
    }


def _tree[T](root: type[T]) -> Iterator[type[T]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)
