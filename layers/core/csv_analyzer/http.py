"""The HTTP edge: who asks, what the body holds, and errors as RFC 9457 problem documents."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from csv_analyzer.errors import (
    CsvAnalyzerError,
    GateRefusedError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    UnauthorizedError,
)
from csv_analyzer.metrics import RouteClass
from csv_analyzer.observability import count_request, logger

PROBLEM_TYPE = "application/problem+json"
Proxy = dict[str, Any]


class Encoded(str):
    """A document that is JSON text already."""

    __slots__ = ()


def claims_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Claims of the token that the authorizer verified.

    Raises
    ------
    UnauthorizedError
        If it verified none: ``sam local start-api`` knows no authorizer of Cognito and lets everybody pass.
    """
    claims = (event["requestContext"].get("authorizer") or {}).get("claims") or {}
    if not claims.get("sub"):
        raise UnauthorizedError("Sign in: the Authorization header must carry a valid ID token.")
    verified: Mapping[str, Any] = claims
    return verified


def owner_of(event: Mapping[str, Any]) -> str:
    """Owner of everything the caller may touch: the ``sub`` of the verified token, never a field.

    Raises
    ------
    UnauthorizedError
        As `claims_of`.
    """
    return str(claims_of(event)["sub"])


def problem(error: CsvAnalyzerError) -> dict[str, Any]:
    """Problem document of an error (RFC 9457), with the project's stable ``code`` and all faults."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    if error.faults:
        document["errors"] = error.faults
    if isinstance(error, LimitReachedError):
        document["retry_after"] = error.retry_after
    if isinstance(error, GateRefusedError):
        document["gate"] = error.gate
    return document


def problem_headers(error: CsvAnalyzerError) -> dict[str, str]:
    """Headers that go with a problem document besides its type."""
    if isinstance(error, UnauthorizedError):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(error.retry_after)} if isinstance(error, LimitReachedError) else {}


def known_error(error: Exception) -> CsvAnalyzerError:
    """The error itself if it was raised on purpose, else a plain 500.

    The cause of every 5xx is logged; the caller learns nothing of it.
    """
    if isinstance(error, CsvAnalyzerError):
        known = error
    else:
        known = CsvAnalyzerError("Something went wrong on our side. Please try again.")
    if known.status >= 500:
        logger.exception("request failed", code=known.code)
    return known


def json_body(event: Mapping[str, Any]) -> Any:
    """Body of a request as JSON.

    Raises
    ------
    InvalidRequestError
        If it is missing or not JSON.
    """
    return parse_json(event.get("body") or "")


def parse_json(text: str) -> Any:
    """JSON that a client has sent.

    Raises
    ------
    InvalidRequestError
        If it is not JSON (``NaN`` and ``Infinity`` are not), or nested too deeply to be read.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        fault = {"location": "body", "code": "json_invalid", "message": str(error)[:200]}
        raise InvalidRequestError("The body must be a JSON document.", [fault]) from error


def respond(
    status: int, document: object, cors_origin: str, headers: Mapping[str, str] | None = None
) -> Proxy:
    """Answer of a Lambda proxy integration, with further headers."""
    return {
        "statusCode": status,
        "headers": {
            "Content-Type": PROBLEM_TYPE if status >= 400 else "application/json",
            "Access-Control-Allow-Origin": cors_origin,
            "Cache-Control": "no-store",
            **(headers or {}),
        },
        "body": str(document) if isinstance(document, Encoded) else json.dumps(document, allow_nan=False),
    }


def answer(work: Callable[[], object], cors_origin: str, route: RouteClass) -> Proxy:
    """Carry out the work of one route, turn its result, or its error, into JSON, and count it."""
    return resolve(
        lambda: respond(200, work(), cors_origin),
        lambda error: respond(error.status, problem(error), cors_origin, problem_headers(error)),
        route,
    )


def resolve(
    work: Callable[[], Proxy], refuse: Callable[[CsvAnalyzerError], Proxy], route: RouteClass
) -> Proxy:
    """Answer with what the work of one route gives or, if it raises, with the refusal; count either."""
    start = time.perf_counter()
    try:
        response = work()
    except Exception as raised:  # noqa: BLE001  # the one place where every error becomes an answer
        response = refuse(known_error(raised))
    count_request(route, response["statusCode"], (time.perf_counter() - start) * 1000)
    return response


def path_parameter(event: Mapping[str, Any], name: str) -> str:
    """Parameter of the path, or :class:`NotFoundError` if API Gateway sent none."""
    value = (event.get("pathParameters") or {}).get(name)
    if not value:
        raise NotFoundError("There is nothing at this address.")
    return str(value)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
