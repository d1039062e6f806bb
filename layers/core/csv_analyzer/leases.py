"""Exactly one effect of an event, however often and in whatever order it is delivered.

The right to bring about an effect is a lease in the catalog, claimed by a conditional write. It ends
before the queue shows the event again, so that a killed worker is followed by another; a finished
effect stays marked as done, so that a repeat finds it and returns. The writes that make the effect
visible go into one transaction with the mark, so that a worker that lost its lease writes nothing.

So a lease may be taken away from a worker at any time, which costs work and nothing else; that nobody may
take it is what could lose an effect. A lease that was taken in the future is therefore not believed: it was
taken by a clock that is wrong, and would last for longer than its worker.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from csv_analyzer.dynamo import ConditionFailedError, Item, Key, Table, update
from csv_analyzer.errors import LeaseHeldError

# Events older than a queue's longest retention (14 days) can't come back, so marks need not stay longer.
KEEP_SECONDS = 30 * 24 * 3600
# By how much two clocks that are right may differ.
_TOLERANCE_SECONDS = 10
_FREE_OR_EXPIRED = (
    "attribute_not_exists(pk) OR (#state = :leased AND (#lease_until < :now OR #lease_from > :soon))"
)


@dataclass(frozen=True)
class Lease:
    """The right of one worker to bring about one effect."""

    key: Key
    token: str

    def done(self) -> Item:
        """Operation that marks the effect as done, to be written together with the effect itself."""
        return self._release("done", time.time() + KEEP_SECONDS)

    def given_up(self) -> Item:
        """Operation that lets the next worker try at once."""
        return self._release("leased", time.time() + KEEP_SECONDS)

    def _release(self, state: str, expires_at: float) -> Item:
        return update(
            self.key,
            assign={"state": state, "lease_until": 0, "expires_at": int(expires_at)},
            condition="#token = :token AND #state = :leased",
            values={":token": self.token, ":leased": "leased"},
        )


class Leases:
    """Leases kept in the catalog's table.

    Parameters
    ----------
    table : Table
        The catalog's table.
    clock : callable, optional
        Unix time in seconds.
    """

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    @contextmanager
    def hold(self, effect: str, seconds: float) -> Generator[Lease | None]:
        """Hold the lease on an effect; it is given up when the block ends by an exception.

        Parameters
        ----------
        effect : str
            What is to be done to which version of which object.
        seconds : float
            How long the worker may live at the most.

        Yields
        ------
        Lease or None
            None if the effect was brought about before.

        Raises
        ------
        LeaseHeldError
            If another worker is on it.
        """
        lease = self._claim(effect, seconds)
        try:
            yield lease
        except Exception:
            if lease:
                self._give_up(lease)
            raise

    def _claim(self, effect: str, seconds: float) -> Lease | None:
        key = Key(f"CLAIM#{hashlib.sha256(effect.encode()).hexdigest()}", "CLAIM")
        token = secrets.token_hex(16)
        now = self._clock()
        try:
            self._table.write(
                update(
                    key,
                    assign={
                        "state": "leased",
                        "token": token,
                        "lease_from": int(now),
                        "lease_until": int(now + seconds) + 1,
                        "expires_at": int(now + KEEP_SECONDS),
                    },
                    condition=_FREE_OR_EXPIRED,
                    values={
                        ":leased": "leased",
                        ":now": int(now),
                        ":soon": int(now) + _TOLERANCE_SECONDS,
                    },
                )
            )
        except ConditionFailedError:
            found = self._table.get(key)
            if found and found["state"] == "done":
                return None
            # An answer was lost on its way, and what the client sent again met what it had done.
            if found and found["token"] == token:
                return Lease(key, token)
            raise LeaseHeldError("Another worker is on it.") from None
        return Lease(key, token)

    def _give_up(self, lease: Lease) -> None:
        try:
            self._table.write(lease.given_up())
        except ConditionFailedError:
            # Somebody else took over, or the effect is done: there is nothing left to give up.
            return
