"""The edge of the control plane: callers, uploads, and one place where errors become answers."""

import base64
import binascii
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from csv_analyzer import http
from csv_analyzer.errors import (
    Fault,
    InvalidRequestError,
    NotFoundError,
    UnsupportedMediaError,
)
from csv_analyzer.schemas import UploadRequest

_MESSAGES: Final = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "json_invalid": "This is not a JSON document.",
}


@dataclass(frozen=True)
class UploadOf:
    """A file that a request announces, or brings along as `body`."""

    file_name: str
    body: bytes | None


def resolver(cors_origin: str) -> APIGatewayRestResolver:
    """Resolver that validates requests and answers every error with a problem document."""
    app = APIGatewayRestResolver(
        cors=CORSConfig(allow_origin=cors_origin),
        enable_validation=True,
        response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    app.exception_handler(Exception)(_problem)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(RequestUnsupportedContentType)(_unsupported)
    app.not_found(_no_route)
    return app


def answer(app: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Resolve one request and count it."""
    response = app.resolve(event, context)
    http.count_request(response["statusCode"])
    return response


def owner(app: APIGatewayRestResolver) -> str:
    """Owner on whose behalf the request acts."""
    return http.owner_of(app.current_event.raw_event)


def created[T: BaseModel](body: T) -> Response[T]:
    """Answer 201."""
    return Response(HTTPStatus.CREATED, "application/json", body)


def accepted[T: BaseModel](body: T) -> Response[T]:
    """Answer 202."""
    return Response(HTTPStatus.ACCEPTED, "application/json", body)


def upload_of(app: APIGatewayRestResolver) -> UploadOf:
    """Read ``POST /datasets``: JSON announces a file, ``text/csv`` brings it along.

    Raises
    ------
    InvalidRequestError
        If the JSON does not follow :class:`UploadRequest`, or the CSV text is not UTF-8.
    UnsupportedMediaError
        If the body is of another type.
    """
    event = app.current_event
    media = event.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media == "application/json":
        try:
            request = UploadRequest.model_validate(http.json_body(event.raw_event))
        except ValidationError as error:
            raise InvalidRequestError("The body has faults.", _faults(error.errors(), "body")) from error
        return UploadOf(request.file_name, None)
    if media == "text/csv":
        return UploadOf((event.query_string_parameters or {}).get("file_name", "data.csv"), _csv_bytes(app))
    raise UnsupportedMediaError('Send a CSV file as text/csv, or {"file_name": ...} as application/json.')


def _csv_bytes(app: APIGatewayRestResolver) -> bytes:
    text = app.current_event.body or ""
    if app.current_event.is_base64_encoded:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise InvalidRequestError("The body is not valid base64.") from error
    if "\N{REPLACEMENT CHARACTER}" in text:
        # API Gateway passes text on as UTF-8 and puts this in the place of every byte it can't read.
        message = (
            "The body is not UTF-8. Announce the file as JSON and upload it by form to keep its encoding."
        )
        raise InvalidRequestError(message, [{"location": "body", "code": "not_utf8", "message": message}])
    return text.encode()


def _problem(error: Exception) -> Response[str]:
    known = http.known_error(error)
    return Response(known.status, http.PROBLEM_TYPE, json.dumps(http.problem(known)))


def _invalid(error: RequestValidationError) -> Response[str]:
    return _problem(InvalidRequestError("The request has faults.", _faults(error.errors())))


def _unsupported(_: RequestUnsupportedContentType) -> Response[str]:
    return _problem(UnsupportedMediaError("Send the body as application/json."))


def _no_route(_: NoRouteError) -> Response[str]:
    return _problem(NotFoundError("There is nothing at this address."))


def _faults(errors: Any, *prefix: str) -> list[Fault]:
    return [
        {
            "location": ".".join(str(part) for part in (*prefix, *error["loc"]))
            if error["type"] != "json_invalid"
            else "body",
            "code": error["type"],
            "message": _MESSAGES.get(error["type"], error["msg"]),
        }
        for error in errors
    ]
