"""The edge of the control plane: callers, uploads, and one place where errors become answers."""

import base64
import binascii
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
)
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from aws_lambda_powertools.event_handler.types import EventHandlerInstance
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from csv_analyzer import http
from csv_analyzer.errors import (
    Fault,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnsupportedMediaError,
)
from csv_analyzer.metrics import RouteClass
from csv_analyzer.observability import count_request
from csv_analyzer.roles import Role, role_of
from csv_analyzer.schemas.datasets import UploadRequest

ROLE: Final = "x-required-role"
_MESSAGES: Final = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
}


_classes: dict[Callable[..., Any], RouteClass] = {}


@dataclass(frozen=True)
class UploadOf:
    """A file that a request brings along."""

    file_name: str
    body: bytes


class Resolver(APIGatewayRestResolver):
    """Validates requests and answers every error with a problem document.

    Parameters
    ----------
    cors_origin : str
        Whose pages may read the answers.
    role_without_group : str
        Role of a caller who is in no group.
    """

    def __init__(self, cors_origin: str, role_without_group: str) -> None:
        super().__init__(
            cors=CORSConfig(allow_origin=cors_origin),
            enable_validation=True,
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
            json_body_deserializer=_json_object,
        )
        # Of the request that is being answered; an address without a route counts as the service's.
        self.route_class = RouteClass.SERVICE
        self._request_validation_middleware = _Door(Role(role_without_group))
        self.exception_handler(Exception)(_problem)
        self.exception_handler(RequestValidationError)(_invalid)
        self.not_found(_no_route)


class _Door(OpenAPIRequestValidationMiddleware):
    """Looks at the caller's role first, then at the request.

    Bodies of any other type than JSON are refused, where Powertools would read forms, too.
    """

    def __init__(self, role_without_group: Role) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._role_without_group = role_without_group

    def handler(self, app: EventHandlerInstance, next_middleware: NextMiddleware) -> Response[Any]:
        route = app.context["_route"]
        cast("Resolver", app).route_class = _classes.get(route.func, RouteClass.SERVICE)
        if needed := (route.openapi_extensions or {}).get(ROLE):
            role = _require(Role(needed), app.current_event, self._role_without_group)
            app.append_context(role=role)  # type: ignore[no-untyped-call]
        if route.dependant.body_params and _media_type(app.current_event) != "application/json":
            raise UnsupportedMediaError("Send the body as application/json.")
        return super().handler(app, next_middleware)


def _require(needed: Role, event: BaseProxyEvent, without_group: Role) -> Role:
    claims = http.claims_of(event.raw_event)
    role = role_of(claims.get("cognito:groups", ""), without_group)
    if not role.covers(needed):
        raise ForbiddenError(
            f"This needs the role {needed}; yours is {role}. An administrator can change it."
        )
    return role


@dataclass(frozen=True)
class Caller:
    """Who asks: the owner of all that the request may touch, and what it may do with it."""

    owner: str
    role: Role


class Routes:
    """Routes of one kind of thing; each names the least role that may use it.

    Parameters
    ----------
    tag : str
        Heading of the routes in the contract.
    route_class : RouteClass
        What their requests are counted as.
    """

    def __init__(self, tag: str, route_class: RouteClass) -> None:
        self.router = APIGatewayRouter()  # type: ignore[no-untyped-call]
        self._tag = tag
        self._class = route_class

    def get[F: Callable[..., Any]](
        self, rule: str, *, role: Role | None = None, **about: Any
    ) -> Callable[[F], F]:
        """Register a route that shows something; without a role it is public."""
        return self._route("GET", rule, role, about)

    def post[F: Callable[..., Any]](self, rule: str, *, role: Role, **about: Any) -> Callable[[F], F]:
        """Register a route that orders something."""
        return self._route("POST", rule, role, about)

    def put[F: Callable[..., Any]](self, rule: str, *, role: Role, **about: Any) -> Callable[[F], F]:
        """Register a route that sets something."""
        return self._route("PUT", rule, role, about)

    def delete[F: Callable[..., Any]](self, rule: str, *, role: Role, **about: Any) -> Callable[[F], F]:
        """Register a route that takes something away."""
        return self._route("DELETE", rule, role, about)

    @property
    def app(self) -> APIGatewayRestResolver:
        """The resolver that the routes were joined to."""
        return cast("APIGatewayRestResolver", self.router.api_resolver)

    @property
    def event(self) -> APIGatewayProxyEvent:
        """The request as it came."""
        return self.router.current_event

    @property
    def owner(self) -> str:
        """Owner on whose behalf the request acts."""
        return http.owner_of(self.event.raw_event)

    @property
    def caller(self) -> Caller:
        """Owner and role of the request."""
        return Caller(self.owner, self.router.context["role"])

    def _route(self, method: str, rule: str, role: Role | None, about: dict[str, Any]) -> Callable[..., Any]:
        if role is not None:
            about["openapi_extensions"] = {ROLE: str(role)}

        def register[F: Callable[..., Any]](function: F) -> F:
            name = _operation_id(function.__name__)
            registered: F = self.router.route(
                rule, method, tags=[self._tag], operation_id=name, description=function.__doc__, **about
            )(function)
            _classes[registered] = self._class
            return registered

        return register


def answer(app: Resolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Resolve one request and count it."""
    app.route_class = RouteClass.SERVICE
    start = time.perf_counter()
    response = app.resolve(event, context)
    count_request(app.route_class, response["statusCode"], (time.perf_counter() - start) * 1000)
    return response


def created[T: BaseModel](body: T) -> Response[T]:
    """Answer 201."""
    return Response(HTTPStatus.CREATED, "application/json", body)


def accepted[T: BaseModel](body: T) -> Response[T]:
    """Answer 202."""
    return Response(HTTPStatus.ACCEPTED, "application/json", body)


def upload_of(event: APIGatewayProxyEvent) -> UploadRequest | UploadOf:
    """Read ``POST /datasets``: JSON announces a file, ``text/csv`` brings it along.

    Raises
    ------
    InvalidRequestError
        If the JSON does not follow :class:`UploadRequest`, or the CSV text is not UTF-8.
    UnsupportedMediaError
        If the body is of another type.
    """
    media = _media_type(event)
    if media == "application/json":
        try:
            return UploadRequest.model_validate(http.json_body(event.raw_event))
        except ValidationError as error:
            raise InvalidRequestError("The body has faults.", _faults(error.errors(), "body")) from error
    if media == "text/csv":
        return UploadOf((event.query_string_parameters or {}).get("file_name", "data.csv"), _csv_bytes(event))
    raise UnsupportedMediaError('Send a CSV file as text/csv, or {"file_name": ...} as application/json.')


def _media_type(event: BaseProxyEvent) -> str:
    return event.headers.get("content-type", "application/json").partition(";")[0].strip().lower()


def _json_object(text: str) -> Any:
    body = http.parse_json(text)
    if isinstance(body, dict) or body is None:
        return body
    # Powertools would take it for no body at all, which is an order where the body is optional.
    fault = {"location": "body", "code": "not_an_object", "message": "Send a JSON object."}
    raise InvalidRequestError("The body must be a JSON object.", [fault])


def _csv_bytes(event: APIGatewayProxyEvent) -> bytes:
    text = event.body or ""
    if event.is_base64_encoded:
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


def _operation_id(name: str) -> str:
    """``list_datasets`` as ``listDatasets``, which clients made from the contract can use as a name."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _problem(error: Exception) -> Response[str]:
    known = http.known_error(error)
    return Response(
        known.status,
        http.PROBLEM_TYPE,
        json.dumps(http.problem(known)),
        headers=dict(http.problem_headers(known)),
    )


def _invalid(error: RequestValidationError) -> Response[str]:
    return _problem(InvalidRequestError("The request has faults.", _faults(error.errors())))


def _no_route(_: NoRouteError) -> Response[str]:
    return _problem(NotFoundError("There is nothing at this address."))


def _faults(errors: Any, *prefix: str) -> list[Fault]:
    return [
        {
            "location": ".".join(str(part) for part in (*prefix, *error["loc"])),
            "code": error["type"],
            "message": _MESSAGES.get(error["type"], error["msg"]),
        }
        for error in errors
    ]
