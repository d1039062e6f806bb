"""The one tree of exceptions; each class carries the HTTP status and the stable code it answers with.

::

    CsvAnalyzerError                500 internal_error
    ├── RequestError                400 bad_request           the caller can mend it
    │   ├── InvalidRequestError     422 invalid_request       names every fault at once
    │   ├── UnauthorizedError       401 unauthorized          nobody has verified who asks
    │   ├── ForbiddenError          403 forbidden             the caller's role may not do it
    │   ├── NotFoundError           404 not_found             also for what belongs to somebody else
    │   ├── ConflictError           409 conflict              not now, or not twice
    │   │   ├── NotExportableError  409 not_exportable        the version has no file of that format
    │   │   ├── ArchivedError       409 archived              the version answers nobody
    │   │   ├── NoProductionError   409 no_production         no version answers for the model
    │   │   ├── InProductionError   409 in_production         another version must take its place first
    │   │   ├── NothingToRollBackError 409 nothing_to_roll_back no version was in production before
    │   │   └── GateRefusedError    409 gate_refused          the version is worse; says by how much
    │   ├── PayloadTooLargeError    413 payload_too_large
    │   ├── UnsupportedMediaError   415 unsupported_media_type
    │   └── LimitReachedError       429 limit_reached         says when to come back
    ├── UserDataError               422 (its own code)        ends a dataset or a job as FAILED
    ├── DependencyError             503 dependency_unavailable an AWS service refused or was away
    ├── ModelDamagedError           500 model_damaged         stored files are not those that were registered
    ├── LeaseHeldError              503 lease_held            another worker is on it; come back later
    ├── JobCancelledError           500 job_cancelled         the user wants it no more; stop and say so
    ├── ErasedError                 500 erased                what an event is about was erased: nothing to do
    ├── UploadGoneError             500 upload_gone           S3 knows the parts no more; begin anew
    └── GaveUpError                 500 gave_up               tried too often; belongs to the dead letters
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict


class Fault(TypedDict):
    """One fault of an input: where it is, what kind it is and a sentence for a person."""

    location: str
    code: str
    message: str


class CsvAnalyzerError(Exception):
    """Root of every exception that CSV Analyzer raises on purpose.

    Parameters
    ----------
    message : str
        One sentence for a person: what is wrong and what to do.
    faults : sequence of mappings, optional
        All faults of an input at once, in the order of the input.
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, message: str, faults: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = list(faults)


class RequestError(CsvAnalyzerError):
    """The request can't be answered as it is."""

    status = 400
    code = "bad_request"
    title = "Bad request"


class InvalidRequestError(RequestError):
    """The request's body, path or query has faults; all of them are listed."""

    status = 422
    code = "invalid_request"
    title = "Invalid request"


class UnauthorizedError(RequestError):
    """Nobody verified who asks. API Gateway says so itself; what stands in for it may let everybody pass."""

    status = 401
    code = "unauthorized"
    title = "Unauthorized"


class ForbiddenError(RequestError):
    """The caller's role may not do this; the message names the role that may."""

    status = 403
    code = "forbidden"
    title = "Forbidden"


class NotFoundError(RequestError):
    """Nothing of that name belongs to the caller."""

    status = 404
    code = "not_found"
    title = "Not found"


class ConflictError(RequestError):
    """The thing asked for is in a state that does not allow it."""

    status = 409
    code = "conflict"
    title = "Conflict"


class NotExportableError(ConflictError):
    """The version can't be downloaded in that format; the message says why."""

    code = "not_exportable"
    title = "Not exportable"


class ArchivedError(ConflictError):
    """The version is archived: it answers nobody until it is restored or promoted."""

    code = "archived"
    title = "Archived"


class NoProductionError(ConflictError):
    """The model has versions, and none of them is in production."""

    code = "no_production"
    title = "Nothing in production"


class InProductionError(ConflictError):
    """The version is in production, which it leaves only when another one takes its place."""

    code = "in_production"
    title = "In production"


class NothingToRollBackError(ConflictError):
    """No earlier version of the model was in production."""

    code = "nothing_to_roll_back"
    title = "Nothing to roll back to"


class GateRefusedError(ConflictError):
    """The gate refused a promotion.

    Parameters
    ----------
    message : str
        Why, and how to do it all the same.
    gate : mapping
        Document of :class:`csv_analyzer.gate.Gate`, with the figures compared.
    """

    code = "gate_refused"
    title = "Refused by the gate"

    def __init__(self, message: str, gate: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.gate = dict(gate)


class PayloadTooLargeError(RequestError):
    """The body, or the answer to it, is larger than the service takes."""

    status = 413
    code = "payload_too_large"
    title = "Payload too large"


class UnsupportedMediaError(RequestError):
    """The body's content type is not one that the route reads."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


class LimitReachedError(RequestError):
    """One of the caller's limits is reached.

    Parameters
    ----------
    message : str
        Which limit, how high it is and what makes room.
    retry_after : int
        Seconds after which it is worth asking again.
    """

    status = 429
    code = "limit_reached"
    title = "Limit reached"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UserDataError(CsvAnalyzerError):
    """A file or a training order that can't work; the message says what to do about it.

    Parameters
    ----------
    code : str
        Stable code of the fault, such as ``empty_file`` or ``target_constant``.
    message : str
        One sentence for a person.
    """

    status = 422
    title = "The data can't be used"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DependencyError(CsvAnalyzerError):
    """A service this one stands on refused, throttled or did not answer."""

    status = 503
    code = "dependency_unavailable"
    title = "Temporarily unavailable"


class ModelDamagedError(CsvAnalyzerError):
    """A version's files are not those that were registered: it answers nobody.

    Parameters
    ----------
    version : int
        Which version.
    reason : str
        What is wrong with which file.
    """

    code = "model_damaged"
    title = "Model damaged"

    def __init__(self, version: int, reason: str) -> None:
        super().__init__(
            f"Version {version} of the model is damaged and answers nobody. {reason} "
            "Ask for another version, have one rolled back to, or train again."
        )


class LeaseHeldError(CsvAnalyzerError):
    """Another worker holds the lease on this effect; the event must come back later."""

    status = 503
    code = "lease_held"
    title = "Temporarily unavailable"


class JobCancelledError(CsvAnalyzerError):
    """The user cancelled the job that a worker is on; the worker ends it."""

    code = "job_cancelled"


class ErasedError(CsvAnalyzerError):
    """What a worker works on was erased: whatever it has done must not become visible."""

    code = "erased"


class UploadGoneError(CsvAnalyzerError):
    """S3 does not know the parts of an upload any more: the object appeared, or was given up."""

    code = "upload_gone"


class GaveUpError(CsvAnalyzerError):
    """An event was delivered for the last time; raised so that it ends among the dead letters."""

    code = "gave_up"
