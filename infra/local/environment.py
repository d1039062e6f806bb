"""One execution environment: a process on awslambdaric and the Runtime API server that feeds it."""

import asyncio
import contextlib
import json
import math
import shutil
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiohttp import web

from infra.local.lambda_environment import function_variables
from infra.local.logs import FunctionLog, OutputPipe
from infra.local.memory import MemoryMeter
from infra.local.process import LOOPBACK, Guard, kill_group
from infra.local.specs import Function

MAX_PAYLOAD_BYTES = 6_291_556
_INIT_SECONDS = 10.0
_MEMORY_INTERVAL_SECONDS = 0.05


@dataclass(frozen=True)
class Outcome:
    """What an invocation ended with; ``error`` is Lambda's X-Amz-Function-Error."""

    payload: bytes
    error: bool
    duration_ms: float = 0.0


@dataclass
class Invocation:
    """One event on its way through an environment."""

    request_id: str
    payload: bytes
    trace_id: str
    deadline: float
    result: asyncio.Future[Outcome] = field(default_factory=asyncio.Future)

    def finish(self, outcome: Outcome) -> None:
        """Set the result; the first one counts."""
        if not self.result.done():
            self.result.set_result(outcome)


@dataclass(frozen=True)
class Conditions:
    """Under what processes of a function run that no template says, for drills of a bad day.

    ``command`` is what they are started by, with the runtime's own command behind it; ``variables`` are set
    beside the others; ``memory_mb`` stands for the memory of the template. If one of them moves the clock,
    ``clock_seconds`` says by how much, for deadlines are told by the clock of the process.
    """

    command: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int | None = None
    clock_seconds: float = 0.0


@dataclass(frozen=True)
class Workplace:
    """What all environments of a function share."""

    function: Function
    task_root: Path
    import_path: Sequence[Path]
    aws: dict[str, str]
    log: FunctionLog
    guard: Guard
    temporary: Path
    conditions: Conditions = field(default_factory=Conditions)


def function_error(kind: str, message: str) -> Outcome:
    """Return the outcome of an invocation that the platform has ended."""
    return Outcome(json.dumps({"errorType": kind, "errorMessage": message}).encode(), error=True)


class ExecutionEnvironment:
    """A process that runs one handler for one event at a time.

    Attributes
    ----------
    alive:
        Whether the process can take a further event.
    conditions:
        Under what it runs.
    init_ms:
        How long the process took from its start to its first wish for an event, None until then.
    memory:
        The meter of its memory.
    """

    def __init__(self, workplace: Workplace, number: int) -> None:
        self.conditions = workplace.conditions
        memory_mb = self.conditions.memory_mb or workplace.function.memory_mb
        self.function = replace(workplace.function, memory_mb=memory_mb)
        self.alive = False
        self.init_ms: float | None = None
        self.memory = MemoryMeter(memory_mb)
        self._workplace = workplace
        self._temporary = workplace.temporary / f"{workplace.function.logical_id}-{number}"
        self._events: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self._ready: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._death: Outcome | None = None
        self._runner: web.AppRunner | None = None
        self._process: Process | None = None
        self._pipe: OutputPipe | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        """The id of the running process."""
        return self._process.pid if self._process and self.alive else None

    async def start(self) -> Outcome | None:
        """Start the process and wait for its init; returns the error if the init fails."""
        self._temporary.mkdir(parents=True, exist_ok=True)
        port = await self._serve()
        variables = function_variables(
            self.function,
            self._workplace.task_root,
            self._workplace.import_path,
            self._temporary,
            f"{LOOPBACK}:{port}",
        )
        self._pipe = OutputPipe(self._workplace.log)
        self._started = time.perf_counter()
        self._process = await asyncio.create_subprocess_exec(
            *self.conditions.command,
            *(sys.executable, "-m", "awslambdaric", self.function.handler),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._pipe.writer,
            stderr=self._pipe.writer,
            env=variables | self._workplace.aws | dict(self.conditions.variables),
            cwd=self._workplace.task_root,
            start_new_session=True,
        )
        self._pipe.close_writer()
        self._workplace.guard.watch(self._process.pid)
        self.alive = True
        self._tasks = [
            asyncio.create_task(self._watch_exit(self._process)),
            asyncio.create_task(self._watch_memory(self._process.pid)),
        ]
        limit = max(_INIT_SECONDS, self.function.timeout_seconds)
        try:
            return await asyncio.wait_for(asyncio.shield(self._ready), limit)
        except TimeoutError:
            self.kill()
            return function_error("Sandbox.Timedout", f"Error: the init timed out after {limit:.2f} seconds")

    async def invoke(self, request_id: str, payload: bytes, trace_id: str) -> Outcome:
        """Hand one event to the process and wait for its answer, at most for the function's timeout."""
        seconds = self.function.timeout_seconds
        invocation = Invocation(request_id, payload, trace_id, deadline=time.time() + seconds)
        self._current = invocation
        started = time.perf_counter()
        if self._death:
            invocation.finish(self._death)
        self._events.put_nowait(invocation)
        try:
            outcome = await asyncio.wait_for(asyncio.shield(invocation.result), seconds)
        except TimeoutError:
            text = f"Task timed out after {seconds:.2f} seconds"
            self._die(function_error("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}"))
            self._workplace.log.timestamped(request_id, text)
            outcome = await invocation.result
        self._current = None
        if self._pipe:
            self._pipe.drain()
        if self._process and self.alive:
            self.memory.read_peak(self._process.pid)
        return Outcome(outcome.payload, outcome.error, (time.perf_counter() - started) * 1000)

    def kill(self) -> None:
        """Kill the process and all that it has started."""
        if self._process and self._process.returncode is None:
            kill_group(self._process.pid)
        self.alive = False

    async def stop(self) -> None:
        """Kill the process and free everything that belongs to the environment."""
        self.kill()
        if self._process:
            await self._process.wait()
            # What the process has started is in its group and may have outlived it.
            kill_group(self._process.pid)
            self._workplace.guard.forget(self._process.pid)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pipe:
            self._pipe.drain()
            self._pipe.close()
        if self._runner:
            await self._runner.cleanup()
        await asyncio.to_thread(shutil.rmtree, self._temporary, ignore_errors=True)

    def _die(self, outcome: Outcome) -> None:
        """End the environment; the event that it works on ends with the outcome."""
        self._death = self._death or outcome
        if self._current:
            self._current.finish(outcome)
        if not self._ready.done():
            self._ready.set_result(outcome)
        self.kill()

    async def _watch_exit(self, process: Process) -> None:
        status = await process.wait()
        reason = f"signal: {-status}" if status < 0 else f"exit status {status}"
        if status == -9:
            reason = "signal: killed"
        request_id = self._current.request_id if self._current else "init"
        message = f"RequestId: {request_id} Error: Runtime exited with error: {reason}"
        self._die(function_error("Runtime.ExitError", message))

    async def _watch_memory(self, pid: int) -> None:
        while self.alive:
            if (self._current or not self._ready.done()) and self.memory.sample(pid):
                request_id = self._current.request_id if self._current else "init"
                message = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
                self._workplace.log.platform(
                    f"Runtime.OutOfMemory: {math.ceil(self.memory.peak_mb)} MB used, "
                    f"{self.function.memory_mb} MB allowed"
                )
                self._die(function_error("Runtime.OutOfMemory", message))
            await asyncio.sleep(_MEMORY_INTERVAL_SECONDS)

    async def _serve(self) -> int:
        """Serve the four endpoints of the Runtime API on a port of this environment's own."""
        app = web.Application(client_max_size=MAX_PAYLOAD_BYTES + 1024)
        prefix = "/2018-06-01/runtime"
        app.router.add_get(f"{prefix}/invocation/next", self._next)
        app.router.add_post(f"{prefix}/invocation/{{request_id}}/response", self._response)
        app.router.add_post(f"{prefix}/invocation/{{request_id}}/error", self._error)
        app.router.add_post(f"{prefix}/init/error", self._init_error)
        # A process that dies while it waits for an event must not leave its request behind.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def _next(self, _request: web.Request) -> web.Response:
        if not self._ready.done():
            self.init_ms = (time.perf_counter() - self._started) * 1000
            self._ready.set_result(None)
        invocation = await self._events.get()
        return web.Response(
            body=invocation.payload,
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(
                    int((invocation.deadline + self.conditions.clock_seconds) * 1000)
                ),
                "Lambda-Runtime-Invoked-Function-Arn": self.function.arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    async def _response(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = b" " * (MAX_PAYLOAD_BYTES + 1)
        if len(body) <= MAX_PAYLOAD_BYTES:
            return self._finish(request, Outcome(body, error=False))
        self._finish(
            request,
            function_error(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes).",
            ),
        )
        return web.json_response(
            {"errorType": "RequestEntityTooLarge", "errorMessage": "Exceeded maximum allowed payload size"},
            status=413,
        )

    async def _error(self, request: web.Request) -> web.Response:
        return self._finish(request, Outcome(await request.read(), error=True))

    def _finish(self, request: web.Request, outcome: Outcome) -> web.Response:
        if self._current is None or self._current.request_id != request.match_info["request_id"]:
            return web.json_response(
                {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}, status=400
            )
        self._current.finish(outcome)
        return web.json_response({"status": "OK"}, status=202)

    async def _init_error(self, request: web.Request) -> web.Response:
        error = Outcome(await request.read(), error=True)
        self._death = error
        if not self._ready.done():
            self._ready.set_result(error)
        with contextlib.suppress(asyncio.QueueEmpty):
            self._events.get_nowait()
        return web.json_response({"status": "OK"}, status=202)
