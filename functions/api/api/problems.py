"""Every problem that an operation can answer with, and which kind of operation answers which."""

from dataclasses import dataclass
from typing import Any, Final

from api.examples import REFUSED
from csv_analyzer import http
from csv_analyzer.errors import (
    ArchivedError,
    ConflictError,
    CsvAnalyzerError,
    DependencyError,
    ForbiddenError,
    GateRefusedError,
    InProductionError,
    InvalidRequestError,
    LimitReachedError,
    ModelDamagedError,
    NoProductionError,
    NotExportableError,
    NotFoundError,
    NothingToRollBackError,
    PayloadTooLargeError,
    RequestError,
    UnauthorizedError,
    UnsupportedMediaError,
)

Document = dict[str, Any]


def _gateway(status: int, title: str, code: str, detail: str) -> Document:
    """A document that API Gateway answers by itself, as the template has it."""
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}


@dataclass(frozen=True)
class Problem:
    """What the contract tells of one status.

    Parameters
    ----------
    name : str
        Of the reusable response.
    description : str
        When it is answered.
    examples : tuple of dict
        One document for each `code`, or more.
    """

    name: str
    description: str
    examples: tuple[Document, ...]


_UNKNOWN_COLUMN: Final = {
    "location": "body.target",
    "code": "unknown_column",
    "message": "The dataset has no column 'prize'.",
}
_MISSING_VALUE: Final = {
    "instance": 0,
    "feature": "rooms",
    "code": "missing",
    "message": "This feature is required.",
}

PROBLEMS: Final = {
    "400": Problem(
        "BadRequest",
        "The request can't be read.",
        (_gateway(400, RequestError.title, RequestError.code, "Invalid request path"),),
    ),
    "401": Problem(
        "Unauthorized",
        "There is no token, or it is not valid, or not valid any more.",
        (
            http.problem(UnauthorizedError("Sign in: the Authorization header must carry a valid ID token.")),
            _gateway(401, UnauthorizedError.title, "token_expired", "The token has expired: sign in again."),
        ),
    ),
    "403": Problem(
        "Forbidden",
        "The caller's role may not do this.",
        (
            http.problem(
                ForbiddenError("This needs the role editor; yours is viewer. An administrator can change it.")
            ),
            _gateway(403, ForbiddenError.title, ForbiddenError.code, "This identity may not do this."),
        ),
    ),
    "404": Problem(
        "NotFound",
        "There is nothing of that name, or it belongs to somebody else.",
        (
            http.problem(NotFoundError("There is no such dataset.")),
            _gateway(
                404,
                NotFoundError.title,
                NotFoundError.code,
                "There is no such path, or it does not know this method.",
            ),
        ),
    ),
    "409": Problem(
        "Conflict",
        "What it is about is in a state that does not allow it.",
        (
            http.problem(ConflictError("The dataset is ANALYZING. Ask again when it is READY.")),
            http.problem(
                NotExportableError(
                    "The version has no file of this format. ONNX has no words for one of its models."
                )
            ),
            http.problem(ArchivedError("Version 1 is archived: ask for another one, or have it restored.")),
            http.problem(NoProductionError("No version of the model is in production.")),
            http.problem(
                InProductionError(
                    "Version 2 is in production: promote another one, or roll back, and it is archived."
                )
            ),
            http.problem(NothingToRollBackError("No earlier version of the model was in production.")),
            http.problem(
                GateRefusedError(
                    f"{REFUSED['statement']} Promote it all the same with `force` and a `reason`.", REFUSED
                )
            ),
        ),
    ),
    "413": Problem(
        "PayloadTooLarge",
        "The body, or the answer to it, is too large.",
        (
            http.problem(PayloadTooLargeError("A CSV body may hold at most 5,242,880 bytes.")),
            _gateway(
                413,
                PayloadTooLargeError.title,
                PayloadTooLargeError.code,
                "The request is too large: upload files with the presigned form that POST /datasets answers "
                "with, and score files with POST /models/{name}/batch.",
            ),
        ),
    ),
    "415": Problem(
        "UnsupportedMediaType",
        "The body is of a type that the route does not read.",
        (
            http.problem(UnsupportedMediaError("Send the body as application/json.")),
            _gateway(
                415,
                UnsupportedMediaError.title,
                UnsupportedMediaError.code,
                "This path does not take this content type.",
            ),
        ),
    ),
    "422": Problem(
        "InvalidRequest",
        "The request has faults; all of them are listed.",
        (
            http.problem(
                InvalidRequestError("The dataset's columns are: rooms, age, price.", [_UNKNOWN_COLUMN])
            ),
            http.problem(InvalidRequestError("The instances have 1 fault.", [_MISSING_VALUE])),
        ),
    ),
    "429": Problem(
        "TooManyRequests",
        "One of the caller's limits is reached, or there are too many requests at once.",
        (
            http.problem(
                LimitReachedError("You may run 2 trainings at once, and as many are under way.", 60)
            ),
            _gateway(
                429,
                "Too many requests",
                "too_many_requests",
                "Too many requests at once: wait a second and try again.",
            ),
            _gateway(
                429,
                "Too many requests",
                "too_many_requests",
                "The quota of requests is used up: try again later.",
            ),
        ),
    ),
    "5XX": Problem(
        "ServiceFault",
        "The service, or one that it stands on, is at fault; the same request may be sent again.",
        (
            _gateway(
                500,
                CsvAnalyzerError.title,
                CsvAnalyzerError.code,
                "Something broke in the service: try again, and tell its operator if it stays so.",
            ),
            _gateway(
                502,
                "Bad gateway",
                "bad_gateway",
                "The service gave no proper answer: try again, and tell its operator if it stays so.",
            ),
            http.problem(ModelDamagedError(2, "The checksum of model.npz is not the registered one.")),
            http.problem(DependencyError("The catalog does not answer. Please try again.")),
            _gateway(
                504,
                "Gateway timeout",
                "timeout",
                "The service took longer than 29 seconds: try again, or send less at once.",
            ),
        ),
    ),
}


def statuses_of(operation: dict[str, Any], *, public: bool) -> set[str]:
    """Which problems an operation can answer with, by what it takes and who may call it.

    Parameters
    ----------
    operation : dict
        Of the contract, with its parameters, its body and the statuses that the route names itself.
    public : bool
        Whether it is answered without a token.
    """
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    found = {"400", "429", "5XX"} | ({"409"} & set(operation["responses"]))
    if not public:
        found |= {"401", "403"}
    if "path" in places:
        found.add("404")
    if "query" in places:
        found.add("422")
    if "requestBody" in operation:
        found |= {"413", "415", "422"}
    return found
