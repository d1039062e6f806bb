"""Functions as Lambda runs them: more environments for more events at once, idle ones used again."""

import asyncio
import contextlib
import math
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from infra.local.environment import MAX_PAYLOAD_BYTES, Conditions, ExecutionEnvironment, Outcome, Workplace

# AWS has room for a thousand; here further events wait instead of being throttled.
UNRESERVED_CONCURRENCY = 10
_IDLE_SECONDS = 900.0


class ThrottledError(Exception):
    """All environments that are reserved for the function are busy."""


class PayloadTooLargeError(Exception):
    """The event is larger than Lambda takes."""


class FunctionPool:
    """All execution environments of one function.

    Attributes
    ----------
    invocations, errors, throttles, cold_starts:
        Counters since the start of the stack.
    init_ms:
        The init time of each cold start.
    """

    def __init__(self, workplace: Workplace) -> None:
        self.function = workplace.function
        self.invocations = 0
        self.errors = 0
        self.throttles = 0
        self.cold_starts = 0
        self._peak_memory_mb = 0.0
        self.init_ms: list[float] = []
        self.durations_ms: list[float] = []
        self._workplace = workplace
        self._idle: list[tuple[ExecutionEnvironment, float]] = []
        self._all: list[ExecutionEnvironment] = []
        self._retiring: set[asyncio.Future[None]] = set()
        self._busy = 0
        self._running = self._peak_running = 0
        self._places = asyncio.Semaphore(UNRESERVED_CONCURRENCY)

    @property
    def logs_path(self) -> Path:
        """The log file."""
        return self._workplace.log.path

    @property
    def peak_memory_mb(self) -> float:
        """The highest memory that any environment has used."""
        return max([self._peak_memory_mb, *(item.memory.peak_mb for item in list(self._all))])

    @property
    def environments(self) -> list[int]:
        """The ids of the running processes."""
        return [environment.pid for environment in list(self._all) if environment.pid is not None]

    @property
    def running(self) -> int:
        """How many invocations run now."""
        return self._running

    def take_peak_concurrency(self) -> int:
        """Return the highest number of invocations at once since the last call."""
        peak, self._peak_running = self._peak_running, self._running
        return peak

    def kill(self) -> list[int]:
        """Kill the running processes (SIGKILL); may be called from any thread."""
        killed = self.environments
        for environment in list(self._all):
            environment.kill()
        return killed

    @contextlib.contextmanager
    def under(self, conditions: Conditions) -> Iterator[None]:
        """Run events that begin meanwhile under other conditions; those that have begun go on."""
        usual = self._workplace
        self._workplace = replace(usual, conditions=conditions)
        try:
            yield
        finally:
            self._workplace = usual

    async def invoke(self, payload: bytes) -> Outcome:
        """Run the function on an event.

        Raises
        ------
        ThrottledError
            If the function's reserved concurrency is used up.
        PayloadTooLargeError
            If the event is larger than 6 MB.
        """
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise PayloadTooLargeError(f"{len(payload)} bytes exceed the limit of {MAX_PAYLOAD_BYTES}")
        reserved = self.function.reserved_concurrency
        if reserved is None:
            async with self._places:
                return await self._invoke(payload)
        if self._busy >= reserved:
            self.throttles += 1
            raise ThrottledError(f"{self.function.name}: Rate Exceeded.")
        self._busy += 1
        try:
            return await self._invoke(payload)
        finally:
            self._busy -= 1

    async def stop(self) -> None:
        """Stop all environments."""
        environments, self._all, self._idle = self._all, [], []
        await asyncio.gather(*(environment.stop() for environment in environments))

    async def _invoke(self, payload: bytes) -> Outcome:
        self._running += 1
        self._peak_running = max(self._peak_running, self._running)
        try:
            return await self._run(payload)
        finally:
            self._running -= 1

    async def _run(self, payload: bytes) -> Outcome:
        request_id = str(uuid.uuid4())
        trace_id = (
            f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"
        )
        log = self._workplace.log
        self.invocations += 1
        environment = await self._take_idle()
        init_ms: float | None = None
        failure: Outcome | None = None
        if environment is None:
            environment, failure = await self._cold_start()
            init_ms = environment.init_ms
        log.platform(f"START RequestId: {request_id} Version: $LATEST")
        outcome = failure or await environment.invoke(request_id, payload, trace_id)
        self._report(request_id, environment, outcome, init_ms)
        if environment.alive:
            self._idle.append((environment, time.monotonic()))
            asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._retire)
        else:
            await self._discard(environment)
        return outcome

    async def _take_idle(self) -> ExecutionEnvironment | None:
        while self._idle:
            environment, _since = self._idle.pop()
            if environment.alive and environment.conditions == self._workplace.conditions:
                return environment
            await self._discard(environment)
        return None

    async def _cold_start(self) -> tuple[ExecutionEnvironment, Outcome | None]:
        self.cold_starts += 1
        environment = ExecutionEnvironment(self._workplace, self.cold_starts)
        self._all.append(environment)
        self._workplace.log.platform(
            f"INIT_START Runtime Version: {self.function.runtime or 'image'} (local)"
        )
        failure = await environment.start()
        if environment.init_ms is not None:
            self.init_ms.append(environment.init_ms)
        if failure:
            environment.kill()
        return environment, failure

    def _report(
        self, request_id: str, environment: ExecutionEnvironment, outcome: Outcome, init_ms: float | None
    ) -> None:
        self.errors += outcome.error
        self.durations_ms.append(outcome.duration_ms)
        self._peak_memory_mb = max(self._peak_memory_mb, environment.memory.peak_mb)
        log = self._workplace.log
        if outcome.error:
            log.platform(f"ERROR RequestId: {request_id} {outcome.payload.decode('utf-8', errors='replace')}")
        log.platform(f"END RequestId: {request_id}")
        parts = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {outcome.duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(outcome.duration_ms)} ms",
            f"Memory Size: {environment.function.memory_mb} MB",
            f"Max Memory Used: {math.ceil(environment.memory.peak_mb)} MB",
        ]
        if init_ms is not None:
            parts.append(f"Init Duration: {init_ms:.2f} ms")
        log.platform("\t".join(parts) + "\t")

    async def _discard(self, environment: ExecutionEnvironment) -> None:
        with contextlib.suppress(ValueError):
            self._all.remove(environment)
        await environment.stop()

    def _retire(self) -> None:
        """Stop the environments that nothing has asked for in a long time."""
        limit = time.monotonic() - _IDLE_SECONDS
        old = [environment for environment, since in self._idle if since <= limit]
        self._idle = [item for item in self._idle if item[1] > limit]
        for environment in old:
            task = asyncio.ensure_future(self._discard(environment))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
