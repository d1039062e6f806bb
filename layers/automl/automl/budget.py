"""Time as a resource that is handed down in slices."""

from collections.abc import Callable

type Clock = Callable[[], float]


class Budget:
    """A deadline on an injected clock.

    Parameters
    ----------
    seconds
        How long from now.
    clock
        Returns seconds, monotonically.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.clock = clock
        self.start = clock()
        self.seconds = seconds
        self.deadline = self.start + seconds

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return self.clock() - self.start

    def remaining(self) -> float:
        """Return the seconds until the deadline, never below zero."""
        return max(0.0, self.deadline - self.clock())

    def expired(self) -> bool:
        """Return whether the deadline has passed."""
        return self.clock() >= self.deadline

    def used(self) -> float:
        """Return the share of the time that has passed, from 0 to 1; 1 where there was none."""
        return min(1.0, self.elapsed() / self.seconds) if self.seconds > 0 else 1.0

    def slice(self, seconds: float) -> "Budget":
        """Return a budget that ends after so many seconds (none where negative), or with this one."""
        return Budget(max(0.0, min(seconds, self.remaining())), self.clock)
