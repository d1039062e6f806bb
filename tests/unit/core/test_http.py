"""Errors become problem documents with the status and code of their class."""

import json
import re
from collections.abc import Callable

import pytest

from csv_analyzer import errors, http
from csv_analyzer.metrics import RouteClass


def _classes(root: type[errors.CsvAnalyzerError]) -> list[type[errors.CsvAnalyzerError]]:
    return [root, *(found for child in root.__subclasses__() for found in _classes(child))]


def _raise(error: Exception) -> None:
    raise error


_MADE: dict[type, Callable[[str], errors.CsvAnalyzerError]] = {
    errors.UserDataError: lambda message: errors.UserDataError("some_code", message),
    errors.GateRefusedError: lambda message: errors.GateRefusedError(message, {"decision": "refused"}),
    errors.LimitReachedError: lambda message: errors.LimitReachedError(message, 60),
    errors.ModelDamagedError: lambda message: errors.ModelDamagedError(1, message),
}


def test_a_limit_says_when_to_come_back_in_the_document_and_in_a_header() -> None:
    error = errors.LimitReachedError("Too many.", 60)
    assert http.problem(error)["retry_after"] == 60
    assert http.problem_headers(error) == {"Retry-After": "60"}
    assert http.problem_headers(errors.NotFoundError("Gone.")) == {}


@pytest.mark.parametrize("kind", _classes(errors.CsvAnalyzerError))
def test_every_error_of_the_tree_has_the_shape_of_a_problem(kind: type[errors.CsvAnalyzerError]) -> None:
    error = _MADE.get(kind, kind)("Why.")
    answer = http.answer(lambda: _raise(error), "*", RouteClass.PREDICT)
    body = json.loads(answer["body"])
    assert answer["statusCode"] == body["status"] == kind.status
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert body.keys() - {"gate", "retry_after"} == {"type", "title", "status", "code", "detail"}
    assert body["code"] == error.code
    assert body["detail"] == error.message
    assert "Why." in body["detail"]


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = set(re.findall(r"── (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in _classes(errors.CsvAnalyzerError)[1:]}


def test_an_unexpected_error_tells_nothing_of_its_cause() -> None:
    answer = http.answer(lambda: _raise(ValueError("secret path")), "*", RouteClass.PREDICT)
    assert answer["statusCode"] == 500
    assert "secret" not in answer["body"]


@pytest.mark.parametrize("body", [None, "", "{", "nul", '{"a": NaN}', '{"a": Infinity}', "[" * 100_000])
def test_a_body_that_is_not_json_is_named_as_such(body: str | None) -> None:
    with pytest.raises(errors.InvalidRequestError) as raised:
        http.json_body({"body": body})
    assert raised.value.faults[0]["code"] == "json_invalid"


def test_the_owner_is_the_sub_of_the_verified_token() -> None:
    event = {"requestContext": {"authorizer": {"claims": {"sub": "me"}}}, "body": '{"owner": "you"}'}
    assert http.owner_of(event) == "me"


@pytest.mark.parametrize("context", [{}, {"authorizer": None}, {"authorizer": {"claims": {}}}])
def test_nobody_is_the_owner_without_a_token_that_was_verified(context: dict[str, object]) -> None:
    with pytest.raises(errors.UnauthorizedError) as raised:
        http.owner_of({"requestContext": context})
    assert http.problem_headers(raised.value) == {"WWW-Authenticate": "Bearer"}
