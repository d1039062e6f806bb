"""Client of CSV Analyzer: `from csv_analyzer_client import Client`."""

from csv_analyzer_client.client import Client
from csv_analyzer_client.dataset_calls import TrainOptions
from csv_analyzer_client.errors import (
    BadAnswerError,
    ClientError,
    ConflictError,
    FailedError,
    ForbiddenError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    NotSignedInError,
    PatienceError,
    ProblemError,
    ServiceError,
    SignInError,
    TransferError,
    UnauthorizedError,
    UnreachableError,
    UsageError,
)
from csv_analyzer_client.pending import Pending
from csv_analyzer_client.settings import Service

__all__ = [
    "BadAnswerError",
    "Client",
    "ClientError",
    "ConflictError",
    "FailedError",
    "ForbiddenError",
    "InvalidRequestError",
    "LimitReachedError",
    "NotFoundError",
    "NotSignedInError",
    "PatienceError",
    "Pending",
    "ProblemError",
    "Service",
    "ServiceError",
    "SignInError",
    "TrainOptions",
    "TransferError",
    "UnauthorizedError",
    "UnreachableError",
    "UsageError",
]
