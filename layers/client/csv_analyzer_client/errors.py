"""The one tree of exceptions; each class carries the exit code that the command line ends with.

::

    ClientError                     1
    ├── UsageError                  2  the call itself can't work
    ├── NotSignedInError            3  there is no token, or it is not accepted any more
    │   └── SignInError             3  Cognito refused
    ├── ProblemError                1  the service's problem document (RFC 9457)
    │   ├── UnauthorizedError       3  401
    │   ├── ForbiddenError          1  403
    │   ├── NotFoundError           4  404
    │   ├── ConflictError           1  409
    │   ├── InvalidRequestError     1  400, 413, 415, 422
    │   ├── LimitReachedError       5  429
    │   └── ServiceError            6  5xx
    ├── UnreachableError            6  no answer came
    ├── BadAnswerError              6  an answer came that is none
    ├── TransferError               1  a file could not be sent or fetched
    ├── FailedError                 1  the work ended as FAILED or CANCELLED
    └── PatienceError               5  the work had not ended in the time given
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

MAX_TEXT: Final = 2_000
MAX_FAULTS: Final = 1_000


class ClientError(Exception):
    """Root of every exception that this package raises on purpose.

    Parameters
    ----------
    message : str
        One sentence for a person: what is wrong and what to do.
    """

    exit_code: ClassVar[int] = 1
    code: str = "client_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def to_problem(self) -> dict[str, Any]:
        """Problem document of the error, for programs."""
        return {
            "type": "about:blank",
            "title": type(self).__name__,
            "code": self.code,
            "detail": self.message,
        }


class UsageError(ClientError):
    """The call can't work, whatever the service says."""

    exit_code = 2
    code = "usage"


class NotSignedInError(ClientError):
    """There is no token, or it is not accepted any more."""

    exit_code = 3
    code = "not_signed_in"


class SignInError(NotSignedInError):
    """Cognito refused to sign in; `code` is the name of its exception."""

    code = "sign_in_refused"


class UnreachableError(ClientError):
    """No answer came."""

    exit_code = 6
    code = "unreachable"


class BadAnswerError(ClientError):
    """An answer came that is too large, no JSON, or not of the form that was agreed on."""

    exit_code = 6
    code = "bad_answer"


class TransferError(ClientError):
    """A file could not be sent or fetched, or is not what was announced."""

    code = "transfer_failed"


class PatienceError(ClientError):
    """The work had not ended in the time that the caller gave it; it goes on."""

    exit_code = 5
    code = "not_ended"


class FailedError(ClientError):
    """The work ended as FAILED or CANCELLED.

    Parameters
    ----------
    message : str
        The service's sentence.
    code : str
        The service's stable code.
    faults : sequence of mappings
        What is wrong with which part, if the service says so.
    """

    def __init__(self, message: str, code: str, faults: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.faults = list(faults)

    def to_problem(self) -> dict[str, Any]:
        """Problem document of the error, with its faults."""
        return super().to_problem() | ({"errors": self.faults} if self.faults else {})


class ProblemError(ClientError):
    """The service answered with a problem document.

    Parameters
    ----------
    status : int
        HTTP status.
    document : mapping
        The problem document; what is missing or of another type is left out.
    retry_after : float or None
        Seconds after which the service asks to try again.
    """

    def __init__(self, status: int, document: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.title = _text(document.get("title")) or f"HTTP {status}"
        self.code = _text(document.get("code")) or f"http_{status}"
        errors = document.get("errors")
        self.faults: list[dict[str, Any]] = (
            [fault for fault in errors if isinstance(fault, dict)][:MAX_FAULTS]
            if isinstance(errors, list)
            else []
        )
        self.retry_after = retry_after
        self.document = dict(document)
        super().__init__(_text(document.get("detail")) or self.title)

    def to_problem(self) -> dict[str, Any]:
        """The service's own document."""
        return self.document | {
            "status": self.status,
            "title": self.title,
            "code": self.code,
            "detail": self.message,
        }


class UnauthorizedError(ProblemError):
    """The token is missing or not accepted (401)."""

    exit_code = 3


class ForbiddenError(ProblemError):
    """The caller's role does not allow it (403)."""


class NotFoundError(ProblemError):
    """Nothing of that name belongs to the caller (404)."""

    exit_code = 4


class ConflictError(ProblemError):
    """The thing asked for is in a state that does not allow it (409)."""


class InvalidRequestError(ProblemError):
    """The request has faults; all of them are in `faults` (400, 413, 415, 422)."""


class LimitReachedError(ProblemError):
    """A limit is reached, or too many calls came at once (429); see `retry_after`."""

    exit_code = 5


class ServiceError(ProblemError):
    """The service could not answer (5xx)."""

    exit_code = 6


_BY_STATUS: Final[dict[int, type[ProblemError]]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    429: LimitReachedError,
}


def problem_error(status: int, document: Mapping[str, Any], retry_after: float | None = None) -> ProblemError:
    """The exception of an HTTP status."""
    kind = _BY_STATUS.get(status, ServiceError if status >= 500 else InvalidRequestError)
    return kind(status, document, retry_after)


def _text(value: Any) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""
