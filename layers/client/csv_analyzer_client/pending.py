"""Work that goes on in the service: look at it, wait for it, cancel it."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from csv_analyzer_client.errors import FailedError, PatienceError
from csv_analyzer_client.resources import Reason

SUCCEEDED: Final = frozenset({"READY", "SUCCEEDED"})
FAILED: Final = frozenset({"FAILED"})
CANCELLED: Final = frozenset({"CANCELLED"})
ENDED: Final = SUCCEEDED | FAILED | CANCELLED
_FIRST_PAUSE: Final = 0.3
_LONGEST_PAUSE: Final = 3.0
_GROWTH: Final = 1.2


class HasStatus(Protocol):
    """What has a life: a dataset, a recipe, a training, a batch job."""

    @property
    def status(self) -> str:
        """Where in its life it is."""

    @property
    def error(self) -> Reason | None:
        """Why it failed, if it did."""


class Pending[T: HasStatus]:
    """Work that was ordered.

    Parameters
    ----------
    state : T
        What it was when it was ordered.
    look : callable
        Asks for it anew.
    cancel : callable, optional
        Cancels it.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self,
        state: T,
        look: Callable[[], T],
        cancel: Callable[[], T] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.state = state
        self._look = look
        self._cancel = cancel
        self._sleep = sleep

    def refresh(self) -> T:
        """Ask for it anew.

        Raises
        ------
        ClientError
            As every call.
        """
        self.state = self._look()
        return self.state

    def cancel(self) -> T:
        """Cancel it.

        Raises
        ------
        TypeError
            If this kind of work can't be cancelled.
        ClientError
            As every call.
        """
        if self._cancel is None:
            raise TypeError("this work can't be cancelled")
        self.state = self._cancel()
        return self.state

    def wait(self, on_progress: Callable[[T], None] | None = None, timeout: float | None = None) -> T:
        """Wait until it has ended well, and answer what it has become.

        Parameters
        ----------
        on_progress : callable, optional
            Told what it is, each time that something about it has changed.
        timeout : float, optional
            Seconds to wait at most; without end if absent.

        Raises
        ------
        FailedError
            If it ends in another way.
        PatienceError
            If it has not ended in time; it goes on.
        ClientError
            As every call.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        told: T | None = None
        pause = _FIRST_PAUSE
        while True:
            if on_progress and self.state != told:
                on_progress(self.state)
                told = self.state
            if self.state.status in ENDED:
                return ended_well(self.state)
            if deadline is not None and time.monotonic() >= deadline:
                raise PatienceError(f"It has not ended after {timeout:.0f} s, and goes on.")
            self._sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)
            self.refresh()


def ended_well[T: HasStatus](state: T) -> T:
    """The state itself, if it is a good end.

    Raises
    ------
    FailedError
        If it is another one.
    """
    if state.status in SUCCEEDED:
        return state
    if state.status in CANCELLED:
        raise FailedError("It was cancelled.", "cancelled")
    reason = state.error
    if reason is None:
        raise FailedError("It failed, and the service does not say why.", "failed")
    raise FailedError(reason.message, reason.code, reason.steps)
