"""What a prediction request may look like; everything wrong with its frame is named at once.

The instances themselves are checked by the model, which knows its features. pydantic would cost a
quarter of a second at every cold start, so the few rules stand here; a test holds them against the
schema that the contract publishes.
"""

from collections.abc import Mapping
from typing import Any

from csv_analyzer.errors import Fault, InvalidRequestError
from csv_analyzer.http import json_body

MAX_INSTANCES = 10_000
MAX_VERSION = 999_999
_MAX_FAULTS = 100


def version_of(event: Mapping[str, Any]) -> int | None:
    """Version asked for by ``?version=``; None for the one in production.

    Raises
    ------
    InvalidRequestError
        If it is not a positive whole number, or there are other query parameters.
    """
    query: Mapping[str, str] = event.get("queryStringParameters") or {}
    faults: list[Fault] = [
        {"location": f"query.{name}", "code": "extra_forbidden", "message": "There is no such parameter."}
        for name in query
        if name != "version"
    ]
    text = query.get("version")
    if text is not None and not (
        text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= MAX_VERSION
    ):
        message = "The version must be a whole number from 1."
        faults.append({"location": "query.version", "code": "int_parsing", "message": message})
    if faults:
        raise InvalidRequestError("The query has faults.", faults)
    return int(text) if text else None


def instances_of(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Instances of the body ``{"instances": [{...}, ...]}``.

    Raises
    ------
    InvalidRequestError
        If the body has another form.
    """
    body = json_body(event)
    if not isinstance(body, dict):
        raise InvalidRequestError(
            'The body must be an object: {"instances": [...]}.',
            [_fault("body", "object_type", "Not an object.")],
        )
    faults = [
        _fault(f"body.{name}", "extra_forbidden", "There is no such field.")
        for name in body
        if name != "instances"
    ][:_MAX_FAULTS]
    instances = body.get("instances")
    if "instances" not in body:
        faults.append(_fault("body.instances", "missing", "This field is required."))
    elif not isinstance(instances, list):
        faults.append(_fault("body.instances", "list_type", "This must be a list of objects."))
    elif not 1 <= len(instances) <= MAX_INSTANCES:
        message = f"Send 1 to {MAX_INSTANCES:,} instances; there are {len(instances):,}."
        faults.append(_fault("body.instances", "length", message))
    else:
        faults += [
            _fault(f"body.instances.{i}", "object_type", "This must be an object of features.")
            for i, instance in enumerate(instances)
            if not isinstance(instance, dict)
        ][:_MAX_FAULTS]
    if faults or not isinstance(instances, list):
        raise InvalidRequestError("The request has faults.", faults)
    return instances


def _fault(location: str, code: str, message: str) -> Fault:
    return {"location": location[:300], "code": code, "message": message}
