"""Counts of what was predicted on, kept in memory and written now and then, for drift to be measured by.

No values of rows are kept: a count per bin of the model's reference is all there is. What a process has not
written when Lambda ends it is lost (infra/decisions/0012).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from aws_lambda_powertools.metrics import MetricUnit

import scoring
from csv_analyzer import ids, keys
from csv_analyzer.errors import DependencyError
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.storage import Storage
from scoring.columns import FloatArray
from scoring.drift.observation import Observation
from scoring.drift.traffic import no_requests, one_request
from scoring.reader import Rows

# A process writes no more often, and what it counted waits that long unless it is that much.
SECONDS_BETWEEN_WRITES = 60.0
ROWS_AT_ONCE = 100
# An answer waits no longer for a write; the write goes on beside later requests.
WAIT_SECONDS = 0.5
# What could not be written in that time is given up: drift remembers only so long what it has counted.
RETRY_SECONDS = 3600.0
# Versions, and days of versions, that are counted at a time; and what may wait for S3 to be there again.
MAX_COUNTED = 50
MAX_WAITING = 100


class Counted(NamedTuple):
    """What is counted together: predictions of a version on one day, in UTC."""

    version: VersionKey
    manifest_sha256: str
    date: str


@dataclass(frozen=True)
class Waiting:
    """Counts to be written. A repeat writes the same bytes to the same key, so that none counts twice."""

    key: str
    body: bytes
    rows: int
    since: float


@dataclass
class Write:
    """A write on its way, in a thread of its own: what is asked for, what is there, and what went wrong."""

    asked: list[Waiting]
    written: list[Waiting] = field(default_factory=list)
    fault: str = ""


class Observations:
    """Counts predictions by version and day, and writes the counts.

    Parameters
    ----------
    storage : Storage
        Where they are written to.
    clock : callable
        Returns the time of day in seconds; replaced in tests.
    wait_seconds : float
        How long an answer waits for a write at most.
    """

    def __init__(
        self, storage: Storage, clock: Callable[[], float] = time.time, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._counted: OrderedDict[Counted, Observation] = OrderedDict()
        self._counting_since = 0.0
        self._current: Counted | None = None
        self._waiting: list[Waiting] = []
        self._last_write = float("-inf")
        self._write = Write([])
        self._thread: threading.Thread | None = None

    def count(
        self,
        version: VersionKey,
        manifest_sha256: str,
        model: scoring.Model,
        rows: Rows,
        outputs: FloatArray,
    ) -> None:
        """Count rows that were scored; a prediction never fails by it."""
        self._current = None
        try:
            if model.reference is None or not rows.count:
                return
            counts = model.reference.count(rows.columns, model.decided(outputs))
        except Exception:  # noqa: BLE001  # whatever it is: the answer is there
            logger.exception("predictions not counted", model=version.model, version=version.version)
            return
        now = self._clock()
        if not self._counted:
            self._counting_since = now
        place = Counted(version, manifest_sha256, datetime.fromtimestamp(now, UTC).date().isoformat())
        known = self._counted.get(place)
        if known is not None:
            counts += known.counts
        self._counted[place] = Observation(
            manifest_sha256,
            rows.count + (known.rows if known else 0),
            counts,
            known.requests if known else no_requests(),
        )
        self._counted.move_to_end(place)
        self._current = place
        if len(self._counted) > MAX_COUNTED:
            self._seal(*self._counted.popitem(last=False), now)

    def answered(self, milliseconds: float) -> None:
        """Count the request whose rows were counted last, and how long its answer took."""
        place, self._current = self._current, None
        if place is not None:
            known = self._counted[place]
            self._counted[place] = replace(known, requests=known.requests + one_request(milliseconds))

    def flush(self) -> None:
        """Write what was counted if it is time to, waiting a bounded time for it; never fails."""
        now = self._clock()
        if not self._settle(0) or 0 <= now - self._last_write < SECONDS_BETWEEN_WRITES:
            return
        rows = sum(observation.rows for observation in self._counted.values())
        ripe = rows >= ROWS_AT_ONCE or (rows and not 0 <= now - self._counting_since < SECONDS_BETWEEN_WRITES)
        if not ripe and not self._waiting:
            return
        while self._counted:
            self._seal(*self._counted.popitem(last=False), now)
        self._give_up(now)
        self._last_write = now
        self._write = Write(list(self._waiting))
        # A daemon: a process that ends does not wait for S3.
        self._thread = threading.Thread(target=self._carry_out, args=(self._write,), daemon=True)
        self._thread.start()
        self._settle(self._wait_seconds)

    def _seal(self, place: Counted, observation: Observation, now: float) -> None:
        key = keys.observation(ObservationKey(place.version, place.date, ids.new_id()))
        self._waiting.append(Waiting(key, observation.encode(), observation.rows, now))

    def _give_up(self, now: float) -> None:
        """Drop what waits for too long, or is too much."""
        kept = [waiting for waiting in self._waiting if 0 <= now - waiting.since < RETRY_SECONDS][
            -MAX_WAITING:
        ]
        lost = sum(waiting.rows for waiting in self._waiting) - sum(waiting.rows for waiting in kept)
        if lost:
            logger.warning("observations lost", rows=lost)
        self._waiting = kept

    def _carry_out(self, write: Write) -> None:
        try:
            for waiting in write.asked:
                # Frozen between two requests, this may go on hours later.
                if 0 <= self._clock() - waiting.since < RETRY_SECONDS:
                    self._storage.put_quickly(waiting.key, waiting.body, "application/json")
                    write.written.append(waiting)
        except DependencyError as error:
            write.fault = str(error.__cause__ or error)
        except Exception as error:  # noqa: BLE001  # a thread has nobody to tell but the next request
            write.fault = repr(error)

    def _settle(self, seconds: float) -> bool:
        """Wait for a write and take its result; say whether none is on its way any more."""
        if self._thread is None:
            return True
        self._thread.join(seconds)
        if self._thread.is_alive():
            return False
        self._thread = None
        written = {waiting.key for waiting in self._write.written}
        self._waiting = [waiting for waiting in self._waiting if waiting.key not in written]
        rows = sum(waiting.rows for waiting in self._write.written)
        if rows:
            metrics.add_metric(Metric.OBSERVED_ROWS, MetricUnit.Count, rows)
        if self._write.fault:
            metrics.add_metric(Metric.OBSERVATIONS_FAILED, MetricUnit.Count, 1)
            logger.warning("observations not written yet", reason=self._write.fault)
        return True
