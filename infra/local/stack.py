"""The whole local stack: everything that template.yaml declares, running on this machine."""

import asyncio
import contextlib
import fcntl
import json
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from infra.local import users
from infra.local.clients import Clients
from infra.local.environment import Workplace
from infra.local.errors import StackError
from infra.local.events import QueuePoller, ScheduleTimer
from infra.local.gateway import ApiGateway
from infra.local.lambda_environment import aws_variables
from infra.local.logs import FunctionLog
from infra.local.machine import check_machine
from infra.local.metrics import MetricsBridge
from infra.local.platform_metrics import PlatformMetrics
from infra.local.process import LOOPBACK, Guard, ServerProcess, free_port
from infra.local.resources import create_resources
from infra.local.runtime import FunctionPool
from infra.local.servers import mlflow_server, moto_server
from infra.local.task_root import prepare
from infra.local.template import PhysicalIds, Template, TemplateError, read_source

__all__ = ["LocalStack", "StackError", "TemplateError"]

_MOTO_SECONDS = 60.0
_MLFLOW_SECONDS = 180.0


class LocalStack:
    """Runs a SAM template on this machine; a context manager.

    Parameters
    ----------
    template:
        The SAM template.
    parameters:
        Values of template parameters. The address of the MLflow server is added to them.
    state_dir:
        The folder of logs, temporary files and the MLflow database; ``.local`` beside the template by
        default.
    mlflow:
        Whether an MLflow server is started.
    port:
        The wanted port of the API; another one is taken when it is not free.
    relay:
        Takes the name (``aws`` or ``mlflow``) and the address of a server, and returns the address under
        which functions and pollers reach it: for drills, in which what is between them fails.

    Examples
    --------
    >>> with LocalStack(Path("template.yaml"), {"TrainTimeoutSeconds": "60"}) as stack:
    ...     stack.create_user("a@example.com", "Secret-password-1", groups=("editor",))
    ...     token = stack.sign_in("a@example.com", "Secret-password-1")
    ...     httpx.get(f"{stack.api_url}/models", headers={"Authorization": token})
    """

    def __init__(
        self,
        template: Path,
        parameters: Mapping[str, str] | None = None,
        state_dir: Path | None = None,
        *,
        mlflow: bool = True,
        port: int | None = None,
        relay: Callable[[str, str], str] = lambda _name, url: url,
    ) -> None:
        self._template_path = template
        self._parameters = dict(parameters or {})
        self.state_dir = (state_dir or template.resolve().parent / ".local").resolve()
        self._with_mlflow = mlflow
        self._wanted_port = port
        self._relay = relay
        self.functions: dict[str, FunctionPool] = {}
        self.outputs: dict[str, str] = {}
        self.api_url = self.aws_url = ""
        self.mlflow_url: str | None = None
        self._mlflow: ServerProcess | None = None
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return when all of it answers.

        Raises
        ------
        StackError
            If a package or a port is missing or a server does not start.
        TemplateError
            If the template is not one that can run locally.
        """
        check_machine(("mlflow",) if self._with_mlflow else ())
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything; no process is left."""
        self._cleanup.close()

    def client(self, service: str) -> Any:
        """Return a boto3 client of the local AWS; clients may be shared by threads."""
        return self._clients(service)

    def create_user(self, email: str, password: str, groups: Sequence[str] = ()) -> str:
        """Create a confirmed user in the template's user pool and return its sub."""
        return users.create_user(self.template, self.client("cognito-idp"), email, password, groups)

    def sign_in(self, email: str, password: str) -> str:
        """Return an ID token of a user."""
        return self.tokens(email, password)["IdToken"]

    def tokens(self, email: str, password: str) -> dict[str, str]:
        """Return all tokens of a user: IdToken, AccessToken, RefreshToken."""
        return users.tokens(self.template, self.client("cognito-idp"), email, password)

    def run_schedule(self, logical_id: str) -> Any:
        """Fire a schedule now and return the function's result.

        Parameters
        ----------
        logical_id:
            The schedule's rule, or its function.

        Raises
        ------
        StackError
            If there is no such schedule, or the function fails.
        """
        for timer in self._timers:
            if logical_id in {timer.schedule.logical_id, timer.schedule.function}:
                outcome = self._call(timer.fire())
                if outcome.error:
                    raise StackError(f"{timer.schedule.function} failed: {outcome.payload.decode()}")
                return json.loads(outcome.payload or b"null")
        raise StackError(f"the template has no schedule {logical_id}")

    def invoke(self, logical_id: str, event: Mapping[str, Any]) -> tuple[Any, bool]:
        """Run a function on an event; returns its result and whether it is an error."""
        outcome = self._call(self.functions[logical_id].invoke(json.dumps(event).encode()))
        return json.loads(outcome.payload or b"null"), outcome.error

    def stop_mlflow(self) -> None:
        """Stop the MLflow server; its address stays the same."""
        self._mlflow_server().stop()

    def start_mlflow(self) -> None:
        """Start the MLflow server again, on the same port and database."""
        server = self._mlflow_server()
        server.start()
        server.wait_ready(_MLFLOW_SECONDS)

    def _mlflow_server(self) -> ServerProcess:
        if self._mlflow is None:
            raise StackError("this stack runs without MLflow")
        return self._mlflow

    def _start(self) -> None:
        self._prepare_state()
        self._cleanup.enter_context(_terminate_as_exit())
        guard = Guard()
        self._cleanup.callback(guard.close)
        self._ids = PhysicalIds()
        parameters = self._start_mlflow_early(guard)
        moto_port = free_port()
        self.aws_url = f"http://{LOOPBACK}:{moto_port}"
        self._clients = Clients(self._ids, self.aws_url)
        self._relayed_url = self._relay("aws", self.aws_url)
        moto = moto_server(moto_port, self.state_dir, guard)
        moto.start()
        self._cleanup.callback(moto.stop)
        self.template = Template.load(self._template_path, parameters, self._ids)
        moto.wait_ready(_MOTO_SECONDS)
        create_resources(self.template, self.client)
        self._forget_test_events()
        self._start_loop()
        self._create_functions(guard)
        self._call(self._serve())
        self._cleanup.callback(lambda: self._call(self._stop_serving(moto)))
        self._write_state()
        if self._mlflow:
            self._mlflow.wait_ready(_MLFLOW_SECONDS)

    def _prepare_state(self) -> None:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        lock = self._cleanup.enter_context((self.state_dir / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another local stack uses {self.state_dir}: stop it first") from None
        for name in ("logs", "tmp", "images"):
            shutil.rmtree(self.state_dir / name, ignore_errors=True)
            (self.state_dir / name).mkdir(parents=True)

    def _start_mlflow_early(self, guard: Guard) -> dict[str, str]:
        """Start the slowest server first; returns the template's parameters with its address."""
        chosen = {"Mlflow": "none"}
        if self._with_mlflow:
            port = free_port()
            self.mlflow_url = f"http://{LOOPBACK}:{port}"
            self._mlflow = mlflow_server(port, self.state_dir, guard)
            self._mlflow.start()
            self._cleanup.callback(self._mlflow.stop)
            chosen = {"Mlflow": "external", "MlflowTrackingUri": self._relay("mlflow", self.mlflow_url)}
        declared = read_source(self._template_path).get("Parameters", {})
        return {name: value for name, value in chosen.items() if name in declared} | self._parameters

    def _forget_test_events(self) -> None:
        """Empty the queues of what S3 sends to try a new notification.

        A deployed stack has handled it long before its first user comes; here it would make every
        function behind a queue start at once.
        """
        for queue in self.template.queues:
            self.client("sqs").purge_queue(QueueUrl=self.template.resolve({"Ref": queue}))

    def _start_loop(self) -> None:
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, name="local-stack", daemon=True)
        thread.start()

        async def end_tasks() -> None:
            # A thread that still waits for one of them would wait for ever.
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        def end() -> None:
            self._call(end_tasks())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

        self._cleanup.callback(end)

    def _call[T](self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _create_functions(self, guard: Guard) -> None:
        bridge = MetricsBridge(self.client("cloudwatch").put_metric_data)
        self._cleanup.callback(bridge.stop)
        aws = aws_variables(self._ids, self._relayed_url)
        for logical_id, function in self.template.functions.items():
            task_root, import_path = prepare(function, self.state_dir / "images")
            log = FunctionLog(self.state_dir / "logs" / f"{logical_id}.log", bridge.take_line)
            self.functions[logical_id] = FunctionPool(
                Workplace(function, task_root, import_path, aws, log, guard, self.state_dir / "tmp")
            )

    async def _serve(self) -> None:
        sqs = Clients(self._ids, self._relayed_url)("sqs")
        self._pollers = [
            QueuePoller(
                mapping,
                self.template.resolve({"Ref": mapping.queue}),
                (self.template.resolve({"Fn::GetAtt": [mapping.queue, "Arn"]}), self._ids.region),
                self.functions[mapping.function],
                sqs,
            )
            for mapping in self.template.queue_mappings
            if mapping.enabled
        ]
        self._timers = [
            ScheduleTimer(schedule, self._ids, self.functions[schedule.function])
            for schedule in self.template.schedules
        ]
        api = self.template.api
        verifiers = await asyncio.to_thread(users.token_verifiers, self.template, self.aws_url)
        self._platform_metrics = PlatformMetrics(
            self.client("cloudwatch").put_metric_data, self.functions.values(), api.name, api.stage
        )
        self._platform_metrics.start()
        self._gateway = ApiGateway(
            api, self._ids, self.functions, verifiers, on_answer=self._platform_metrics.count_answer
        )
        port = free_port(self._wanted_port)
        await self._gateway.start(port)
        self.api_url = f"http://{LOOPBACK}:{port}/{api.stage}"
        aws_api = f"https://{api.rest_api_id}.execute-api.{self._ids.region}.amazonaws.com"
        self.outputs = {
            name: value.replace(aws_api, f"http://{LOOPBACK}:{port}")
            for name, value in self.template.outputs.items()
        }
        for poller in self._pollers:
            poller.start()
        for timer in self._timers:
            timer.start()

    async def _stop_serving(self, moto: ServerProcess) -> None:
        await self._gateway.stop()
        await asyncio.to_thread(self._platform_metrics.stop)
        await asyncio.gather(*(timer.stop() for timer in self._timers))
        # A long poll ends when its server does.
        moto_stopped = asyncio.to_thread(moto.stop, 0.2)
        await asyncio.gather(moto_stopped, *(poller.stop() for poller in self._pollers))
        await asyncio.gather(*(pool.stop() for pool in self.functions.values()))

    def _write_state(self) -> None:
        state = {
            "api_url": self.api_url,
            "aws_url": self.aws_url,
            "mlflow_url": self.mlflow_url,
            "outputs": self.outputs,
        }
        path = self.state_dir / "stack.json"
        path.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        self._cleanup.callback(path.unlink, missing_ok=True)


@contextlib.contextmanager
def _terminate_as_exit() -> Iterator[None]:
    """Let SIGTERM unwind the program as Ctrl-C does, so that the stack is stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
