"""What the gateway answers by itself, in the words of the template's gateway responses."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.proxy import Response
from infra.local.specs import GatewayResponse

_VARIABLE = re.compile(r"\$context\.([A-Za-z.]+)")


@dataclass(frozen=True)
class Refusal:
    """A kind of answer of API Gateway with its default status and message."""

    kind: str
    status: int
    message: str


UNAUTHORIZED = Refusal("UNAUTHORIZED", 401, "Unauthorized")
EXPIRED_TOKEN = Refusal("EXPIRED_TOKEN", 401, "The incoming token has expired")
NO_SUCH_ROUTE = Refusal("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
TOO_LARGE = Refusal("REQUEST_TOO_LARGE", 413, "Request Too Long")
THROTTLED = Refusal("THROTTLED", 429, "Too Many Requests")
NO_PROPER_ANSWER = Refusal("INTEGRATION_FAILURE", 502, "Internal server error")
TIMEOUT = Refusal("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out")


def render(
    refusal: Refusal, responses: Mapping[str, GatewayResponse], accept: str, context: Mapping[str, str]
) -> Response:
    """Return the HTTP response for a refusal.

    Parameters
    ----------
    refusal:
        What happened.
    responses:
        The gateway responses of the template, by their type.
    accept:
        The Accept header, which chooses among the templates of a response.
    context:
        Values of ``$context`` variables, beside those of the error itself.
    """
    own = responses.get(refusal.kind)
    fallback = responses.get("DEFAULT_4XX" if refusal.status < 500 else "DEFAULT_5XX")
    response = own or fallback or GatewayResponse(None, {}, {})
    templates = response.templates or {"application/json": '{"message":$context.error.messageString}'}
    kind = next((kind for kind in templates if kind in accept), None)
    if kind is None:
        kind = "application/json" if "application/json" in templates else next(iter(templates))
    values = {
        **context,
        "error.message": refusal.message,
        "error.messageString": json.dumps(refusal.message),
        "error.responseType": refusal.kind,
    }
    body = _VARIABLE.sub(lambda match: values.get(match[1], ""), templates[kind])
    headers = {"Content-Type": kind}
    for name, value in response.headers.items():
        variable = value.removeprefix("context.") if value.startswith("context.") else None
        headers[name] = value if variable is None else values.get(variable, "")
    # The status of a default response would turn a 404 into its own, so only the type's own one counts.
    status = own.status if own and own.status is not None else refusal.status
    return Response(status, list(headers.items()), body.encode())
