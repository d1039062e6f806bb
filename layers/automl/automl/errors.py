"""The faults a user can act on.

AutomlError
├── DataError     the file or the target cannot be used; the sentence says what to do
└── ParityError   the exported model does not answer as the fitted one did: a fault of ours
"""


class AutomlError(Exception):
    """Base of everything this package raises on purpose."""


class DataError(AutomlError):
    """The user's data cannot be used.

    Parameters
    ----------
    code
        A stable name of the fault.
    message
        One sentence that says what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


class ParityError(AutomlError):
    """The exported model and the fitted pipeline differ."""
