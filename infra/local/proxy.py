"""The Lambda proxy contract of a REST API: requests as events, results as responses."""

import base64
import binascii
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from infra.local.specs import Route

_VARIABLE = re.compile(r"^\{(?P<name>[^}+]+)(?P<greedy>\+?)\}$")
_RESPONSE_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_OWN_HEADERS = {"content-length", "transfer-encoding", "connection", "date", "server"}


class MalformedResponseError(Exception):
    """The function's result is not in the format of the proxy contract."""


@dataclass(frozen=True)
class Request:
    """An HTTP request as the gateway has received it; ``path`` is raw and without the stage."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    query: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str
    host: str


@dataclass(frozen=True)
class Gateway:
    """What the gateway knows about itself and about one request."""

    api_id: str
    stage: str
    account: str
    request_id: str
    binary_media_types: Sequence[str] = ()


@dataclass(frozen=True)
class Response:
    """An HTTP response made from a function's result."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def match_path(pattern: str, path: str) -> dict[str, str] | None:
    """Return the decoded path parameters if a raw path matches a route's path, else None.

    REST APIs do not tell /models/ from /models when they look for the route; the event keeps the slash.
    """
    wanted, given = pattern.strip("/").split("/"), path.removeprefix("/").removesuffix("/").split("/")
    parameters: dict[str, str] = {}
    for index, part in enumerate(wanted):
        variable = _VARIABLE.match(part)
        if variable and variable["greedy"] and len(given) > index:
            parameters[variable["name"]] = unquote("/".join(given[index:]))
            return parameters
        if index >= len(given) or (variable and not given[index]):
            return None
        if variable:
            parameters[variable["name"]] = unquote(given[index])
        elif part != unquote(given[index]):
            return None
    return parameters if len(given) == len(wanted) else None


def find_route(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a request with its path parameters; fixed segments win over variables."""
    found = [
        (route, parameters)
        for route in routes
        if route.method == method and (parameters := match_path(route.path, path)) is not None
    ]
    return min(found, key=lambda item: (len(item[1]), "+}" in item[0].path), default=None)


def build_event(
    request: Request,
    route: Route,
    parameters: Mapping[str, str],
    gateway: Gateway,
    claims: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Return the event (version 1.0) that API Gateway hands to the function."""
    now = time.time()
    is_binary = _is_binary(dict(request.headers).get("Content-Type", ""), gateway.binary_media_types)
    user_agent = next((value for name, value in request.headers if name.lower() == "user-agent"), None)
    context: dict[str, Any] = {
        "accountId": gateway.account,
        "apiId": gateway.api_id,
        "domainName": request.host,
        "domainPrefix": request.host.split(".")[0],
        "extendedRequestId": gateway.request_id,
        "httpMethod": request.method,
        "identity": {
            "accessKey": None,
            "accountId": None,
            "caller": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": request.source_ip,
            "user": None,
            "userAgent": user_agent,
            "userArn": None,
        },
        "path": f"/{gateway.stage}{request.path}",
        "protocol": "HTTP/1.1",
        "requestId": gateway.request_id,
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": "local",
        "resourcePath": route.path,
        "stage": gateway.stage,
    }
    if claims is not None:
        context["authorizer"] = {"claims": dict(claims)}
    return {
        "version": "1.0",
        "resource": route.path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": _multiple(request.headers),
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _multiple(request.query) or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": context,
        "body": _body_text(request.body, is_binary=is_binary),
        "isBase64Encoded": bool(request.body) and is_binary,
    }


def _multiple(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def _body_text(body: bytes, *, is_binary: bool) -> str | None:
    if not body:
        return None
    return base64.b64encode(body).decode("ascii") if is_binary else body.decode("utf-8", errors="replace")


def _is_binary(content_type: str, binary_media_types: Iterable[str]) -> bool:
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    return any(
        known == "*/*"
        or known.lower() == kind
        or (known.endswith("/*") and kind.startswith(known[:-1].lower()))
        for known in binary_media_types
    )


def parse_result(payload: bytes, accept: str, binary_media_types: Iterable[str]) -> Response:
    """Return the HTTP response for a function's result.

    Parameters
    ----------
    payload:
        What the function has returned.
    accept:
        The Accept header of the request, whose first media type decides about binary answers.
    binary_media_types:
        The binary media types of the API.

    Raises
    ------
    MalformedResponseError
        If the result breaks the contract; API Gateway answers 502 then.
    """
    result = _json_object(payload)
    unknown = set(result) - _RESPONSE_KEYS
    if unknown:
        raise MalformedResponseError(f"unknown keys {sorted(unknown)}")
    try:
        status = int(result["statusCode"])
    except (KeyError, TypeError, ValueError):
        raise MalformedResponseError("statusCode is missing or no number") from None
    if not 100 <= status <= 599:
        raise MalformedResponseError(f"statusCode {status} is no HTTP status")
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        raise MalformedResponseError("body is no text")
    content = (body or "").encode()
    first = accept.split(",", maxsplit=1)[0]
    if result.get("isBase64Encoded") is True and _is_binary(first, binary_media_types):
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error:
            raise MalformedResponseError("body is not base64") from None
    return Response(status, _response_headers(result), content)


def _json_object(payload: bytes) -> dict[str, Any]:
    try:
        result = json.loads(payload)
    except ValueError:
        raise MalformedResponseError("the result is not JSON") from None
    if not isinstance(result, dict):
        raise MalformedResponseError("the result is no JSON object")
    return result


def _response_headers(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    single, multiple = result.get("headers") or {}, result.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise MalformedResponseError("headers are no JSON object")
    headers: list[tuple[str, str]] = []
    repeated = {name.lower() for name in multiple}
    for name, value in single.items():
        if isinstance(value, dict | list):
            raise MalformedResponseError(f"header {name} is no text")
        if name.lower() not in repeated:
            headers.append((name, _header_text(value)))
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise MalformedResponseError(f"multi-value header {name} is no list")
        headers.extend((name, _header_text(value)) for value in values)
    if not any(name.lower() == "content-type" for name, _value in headers):
        headers.append(("Content-Type", "application/json"))
    return [(name, value) for name, value in headers if name.lower() not in _OWN_HEADERS]


def _header_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
