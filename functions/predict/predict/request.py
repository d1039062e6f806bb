"""What a prediction request may look like; everything wrong with its frame is named at once.

The instances themselves are checked by the model, which knows its features. pydantic would cost a
quarter of a second at every cold start, so the few rules stand here; a test holds them against the
schema that the contract publishes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from csv_analyzer.errors import Fault, InvalidRequestError
from csv_analyzer.http import json_body
from csv_analyzer.records import SERVING_STAGES, Stage

MAX_INSTANCES = 10_000
MAX_VERSION = 999_999
_MAX_FAULTS = 100
_PARAMETERS = ("version", "stage")


@dataclass(frozen=True, kw_only=True)
class Body:
    """The body of a request; every flag is a field of the same name.

    Parameters
    ----------
    instances : list of dict
        One object per row, a value per feature.
    strict : bool
        Whether values that training never saw are refused.
    explain : bool
        Whether each answer comes with its reasons; a model explains a few instances at once.
    """

    instances: list[dict[str, Any]]
    strict: bool = False
    explain: bool = False


_FLAGS = tuple(field.name for field in fields(Body) if field.type is bool)


def wanted_of(event: Mapping[str, Any]) -> int | Stage:
    """Version asked for by ``?version=`` or stage asked for by ``?stage=``; production by default.

    Raises
    ------
    InvalidRequestError
        If one of them is none, both are there, or there are other query parameters.
    """
    query: Mapping[str, str] = event.get("queryStringParameters") or {}
    repeated: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    faults = [
        _fault(f"query.{name}", "extra_forbidden", "There is no such parameter.")
        for name in query
        if name not in _PARAMETERS
    ][:_MAX_FAULTS]
    faults += [
        _fault(f"query.{name}", "repeated", "Give this parameter once.")
        for name in _PARAMETERS
        if len(repeated.get(name) or ()) > 1
    ]
    version, stage = (query.get(name) for name in _PARAMETERS)
    if version is not None and not _is_version(version):
        faults.append(_fault("query.version", "int_parsing", "The version must be a whole number from 1."))
    if stage is not None and stage not in SERVING_STAGES:
        message = f"The stage must be {' or '.join(SERVING_STAGES)}."
        faults.append(_fault("query.stage", "literal_error", message))
    if version is not None and stage is not None:
        faults.append(_fault("query", "exclusive", "Ask for a version or for a stage, not for both."))
    if faults:
        raise InvalidRequestError("The query has faults.", faults)
    return int(version) if version else Stage(stage or Stage.PRODUCTION)


def body_of(event: Mapping[str, Any]) -> Body:
    """Body of a request: ``{"instances": [{...}, ...], "strict": false, "explain": false}``.

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
    flags = {name: body[name] for name in _FLAGS if name in body}
    faults = [
        _fault(f"body.{name}", "extra_forbidden", "There is no such field.")
        for name in body
        if name != "instances" and name not in flags
    ][:_MAX_FAULTS]
    faults += [
        _fault(f"body.{name}", "bool_type", "This must be true or false.")
        for name, value in flags.items()
        if not isinstance(value, bool)
    ]
    instances = body.get("instances")
    if "instances" not in body:
        faults.append(_fault("body.instances", "missing", "This field is required."))
    elif not isinstance(instances, list):
        faults.append(_fault("body.instances", "list_type", "This must be a list of objects."))
    elif not 1 <= len(instances) <= MAX_INSTANCES:
        message = (
            f"Send 1 to {MAX_INSTANCES:,} instances; there are {len(instances):,}. "
            "POST /models/{name}/batch scores files of any length."
        )
        faults.append(_fault("body.instances", "length", message))
    else:
        faults += [
            _fault(f"body.instances.{i}", "object_type", "This must be an object of features.")
            for i, instance in enumerate(instances)
            if not isinstance(instance, dict)
        ][:_MAX_FAULTS]
    if faults or not isinstance(instances, list):
        raise InvalidRequestError("The request has faults.", faults)
    return Body(instances=instances, **flags)


def _is_version(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= MAX_VERSION


def _fault(location: str, code: str, message: str) -> Fault:
    return {"location": location[:300], "code": code, "message": message}
