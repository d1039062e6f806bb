"""The faults a user can act on, and those that are ours: these would come again if the training did.

AutomlError
├── DataError             the file or the target cannot be used; the sentence says what to do
│   └── RecipeError       the cleaning recipe does not fit; names every fault with its step
├── NotExpressibleError   another format has no words for the model; the message says for what of it
├── SearchError           no candidate could be fitted: a fault of ours
└── ParityError           the exported model does not answer as the fitted one did: a fault of ours
"""

from collections.abc import Sequence

from scoring.cleaning.vocabulary import StepFault

LISTED_FAULTS = 10


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


class NotExpressibleError(AutomlError):
    """The model can't be written in another format, or it answered otherwise there."""


class SearchError(AutomlError):
    """No candidate could be fitted."""


class ParityError(AutomlError):
    """The exported model and the fitted pipeline differ."""


class RecipeError(DataError):
    """A cleaning recipe cannot be applied.

    Parameters
    ----------
    faults
        All that were found, in the order of the steps.
    """

    def __init__(self, faults: Sequence[StepFault]) -> None:
        self.faults = list(faults)
        shown = [
            fault["message"] if fault["step"] is None else f"step {fault['step']}: {fault['message']}"
            for fault in self.faults[:LISTED_FAULTS]
        ]
        if len(self.faults) > LISTED_FAULTS:
            shown.append(f"and {len(self.faults) - LISTED_FAULTS} more")
        super().__init__("invalid_recipe", f"The recipe cannot be applied: {'; '.join(shown)}.")
