"""How each service says that it broke or is asked too often."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from tests.drill.plan import Fault

_SCOPE = re.compile(r"Credential=[^/]*/\d{8}/[^/]+/(?P<service>[^/]+)/aws4_request")
_TARGETS = {"DynamoDB": "dynamodb", "AmazonSQS": "sqs"}
_SAYS = {
    Fault.ERROR: "We encountered an internal error. Please try again.",
    Fault.THROTTLE: "Please reduce your request rate.",
}
# What a service answers: status and code.
_CODES: Mapping[str, Mapping[Fault, tuple[tuple[int, str], ...]]] = {
    "s3": {Fault.ERROR: ((500, "InternalError"),), Fault.THROTTLE: ((503, "SlowDown"),)},
    "dynamodb": {
        Fault.ERROR: ((500, "InternalServerError"),),
        Fault.THROTTLE: ((400, "ProvisionedThroughputExceededException"), (400, "ThrottlingException")),
    },
    "sqs": {Fault.ERROR: ((500, "InternalFailure"),), Fault.THROTTLE: ((400, "ThrottlingException"),)},
    "mlflow": {
        Fault.ERROR: ((500, "INTERNAL_ERROR"), (503, "TEMPORARILY_UNAVAILABLE")),
        Fault.THROTTLE: ((429, "REQUEST_LIMIT_EXCEEDED"),),
    },
}


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def service_of(method: str, headers: Mapping[str, str], query: str) -> str:
    """Name the AWS service that a request is for; empty if it does not say.

    Parameters
    ----------
    method, headers, query
        Of the request; names of headers are compared as they are given, so hand in a case-blind mapping.
    """
    if found := _SCOPE.search(headers.get("Authorization", "")):
        return found["service"]
    if target := headers.get("X-Amz-Target", ""):
        return _TARGETS.get(target.partition("_")[0].partition(".")[0], "")
    # Signed by its address, or by a form.
    if "X-Amz-Signature=" in query or (
        method == "POST" and headers.get("Content-Type", "").startswith("multipart/form-data")
    ):
        return "s3"
    return ""


def refusal(service: str, fault: Fault, number: int, *, bodyless: bool = False) -> Answer:
    """The words of a service that broke, or is asked too often.

    Parameters
    ----------
    service, fault
        Who says what.
    number : int
        Of the request; chooses where there are several ways to say it.
    bodyless : bool
        Whether the request is one whose answer has no body.
    """
    choices = _CODES[service][fault]
    status, code = choices[number % len(choices)]
    says = _SAYS[fault]
    if bodyless:
        return Answer(status, {}, b"")
    if service == "s3":
        error = f"<Error><Code>{code}</Code><Message>{says}</Message></Error>"
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
        return Answer(status, {"Content-Type": "application/xml"}, text.encode())
    if service == "mlflow":
        document = json.dumps({"error_code": code, "message": says})
        return Answer(status, {"Content-Type": "application/json"}, document.encode())
    namespace = "com.amazonaws.dynamodb.v20120810" if service == "dynamodb" else "com.amazon.coral.service"
    document = json.dumps({"__type": f"{namespace}#{code}", "message": says})
    return Answer(status, {"Content-Type": "application/x-amz-json-1.0"}, document.encode())
