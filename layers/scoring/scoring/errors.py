"""The ways a portable model can refuse.

ScoringError
├── ModelError         the stored model cannot be trusted or understood
├── InputError         the instances cannot be scored; names every fault
└── ExplanationError   the answers cannot be explained, or not so many at once
"""

import struct
import zipfile
import zlib
from tokenize import TokenError
from typing import TypedDict

MAX_FAULTS = 100
# What zipfile and numpy raise on bytes that are no archive, or a damaged, encrypted or boundless one.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    MemoryError,
    OSError,
    RuntimeError,
    TokenError,
    ValueError,
)


class Fault(TypedDict):
    """What is wrong, or unusual, with one feature of one instance."""

    instance: int
    feature: str
    code: str
    message: str


class ScoringError(Exception):
    """Base of everything this package raises on purpose."""


class ModelError(ScoringError):
    """The stored model is damaged, unsafe or of an unknown format."""


class ExplanationError(ScoringError):
    """The model cannot give reasons, or not for so many instances at once.

    Parameters
    ----------
    code
        ``no_background`` or ``too_many``.
    message
        What is wrong, for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InputError(ScoringError):
    """One or more instances do not fit the model's schema.

    Parameters
    ----------
    faults
        The faults in the order of the instances, at most ``MAX_FAULTS`` of them.
    total
        How many faults were found in all.
    """

    def __init__(self, faults: list[Fault], total: int) -> None:
        self.faults = faults
        self.total = total
        listed = f", the first {len(faults)} are listed" if total > len(faults) else ""
        noun = "value does" if total == 1 else "values do"
        super().__init__(f"{total} {noun} not fit the model's schema{listed}.")
