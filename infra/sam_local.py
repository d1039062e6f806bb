"""``make sam-local``: what template.yaml declares, in containers, as SAM CLI runs it with a Docker engine.

Builds for this machine, gives every event of events/ to its function with ``sam local invoke``, and asks some
routes of ``sam local start-api``. AWS is moto, as in the local stack.
"""

import asyncio
import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from infra import build
from infra.local.clients import Clients
from infra.local.errors import StackError
from infra.local.lambda_environment import aws_variables
from infra.local.process import LOOPBACK, Guard, free_port, kill_group
from infra.local.resources import create_resources
from infra.local.servers import moto_server
from infra.local.template import PhysicalIds, Template, read_source
from infra.sam_events import ROWS, WALK, Outcome, Walk, outcome_of

TEMPLATE: Final = build.ROOT / "template.yaml"
BUILD: Final = build.ROOT / ".aws-sam" / "local" / "build"
ENDPOINT: Final = "AWS_ENDPOINT_URL"
ROUTES: Final = ("/health", "/openapi.json", "/docs", "/app", "/models")
_ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_MOTO_SECONDS: Final = 60.0
_API_SECONDS: Final = 60.0
_REQUEST_SECONDS: Final = 120.0
_INVOKE_SECONDS: Final = 1000.0
_CONTAINER: Final = re.compile(r"SAM_CONTAINER_ID: (\w+)")


@dataclass(frozen=True)
class Sam:
    """SAM CLI on the built template.

    Parameters
    ----------
    folder : Path
        For what SAM reads and writes here.
    template : Path
        The built template.
    options : sequence of str
        Of all its local commands.
    environment : mapping
        Of its process.
    """

    folder: Path
    template: Path
    options: Sequence[str]
    environment: Mapping[str, str]
    containers: set[str] = field(default_factory=set)

    def command(self, *words: str) -> list[str]:
        """A local command."""
        return [str(build.SAM), "local", *words, "--template-file", str(self.template), *self.options]

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """Give an event to a function in a new container; its answer, None without one."""
        path = self.folder / "event.json"
        path.write_text(json.dumps(event), "utf-8")
        log = self.folder / f"{function}.log"
        try:
            with log.open("wb") as output:
                done = subprocess.run(
                    self.command("invoke", function, "--event", str(path)),
                    cwd=self.folder,
                    env=self.environment,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    timeout=_INVOKE_SECONDS,
                    check=False,
                )
        except subprocess.TimeoutExpired:
            return {"errorType": "SAM CLI", "errorMessage": f"no answer in {_INVOKE_SECONDS:.0f} s"}
        finally:
            told = log.read_text("utf-8", errors="replace")
            self.note_containers(told)
        try:
            return json.loads(done.stdout.decode().strip().rpartition("\n")[2])
        except ValueError:
            tail = " ".join(told.split())[-160:]
            return {"errorType": f"SAM CLI, status {done.returncode}", "errorMessage": tail}

    def note_containers(self, log: str) -> None:
        """Remember which containers SAM CLI says it has made."""
        self.containers.update(_CONTAINER.findall(log))

    def remove_containers(self) -> None:
        """Remove those that it has left."""
        if self.containers:
            subprocess.run(["docker", "rm", "--force", *self.containers], capture_output=True, check=False)


def main() -> int:
    """Build, invoke, ask; return the exit status."""
    if fault := build.engine_fault():
        print(
            f"sam local needs a Docker engine, and {fault}. Start one and try again; on Debian .ci/docker "
            "installs and starts it, and makes the base image where no registry can be reached."
        )
        return 1
    architecture = _ARCHITECTURES.get(platform.machine().lower())
    if architecture is None:
        print(f"Lambda has no functions for {platform.machine()}.")
        return 1
    parameters = {"ZipArchitecture": architecture}
    overrides = ("--parameter-overrides", f"ZipArchitecture={architecture}")
    options = (*overrides, "--cache-dir", str(BUILD.parent / "cache"))
    if status := build.main(image_required=True, folder=BUILD, options=options):
        return status
    try:
        with (
            tempfile.TemporaryDirectory() as name,
            _aws(Path(name), parameters) as (template, clients, port),
            door(bridge_address(), port) as address,
        ):
            sam = _sam(Path(name), template, address, overrides)
            try:
                good = _invoke_all(sam, Walk(template), clients("s3"), template.buckets["DataBucket"].name)
                return 0 if _ask_api(sam) and good else 1
            finally:
                sam.remove_containers()
    except StackError as error:
        print(f"Error: {error}")
        return 1


def bridge_address() -> str:
    """The address at which containers of the engine reach this machine.

    Raises
    ------
    StackError
        If the engine has no network of its own.
    """
    form = "{{range .IPAM.Config}}{{.Gateway}}{{end}}"
    asked = subprocess.run(
        ["docker", "network", "inspect", "bridge", "--format", form],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode or not asked.stdout.strip():
        raise StackError(f"the Docker engine has no network named bridge: {asked.stderr.strip()}")
    return asked.stdout.strip()


@contextlib.contextmanager
def door(host: str, port: int) -> Iterator[str]:
    """Lead connections to an address of this machine on to a loopback port; the address to use.

    Containers can't reach loopback, and a server that listened everywhere would be open to the network; the
    address of Docker's bridge is seen by this machine and its containers only. With ``--docker-network host``
    SAM CLI does not find its own containers.

    Parameters
    ----------
    host : str
        Address of the bridge.
    port : int
        The loopback port.

    Raises
    ------
    StackError
        If nothing can listen there.
    """
    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(asyncio.start_server(_leading_to(port), host, 0))
    except OSError as error:
        loop.close()
        raise StackError(
            f"containers reach this machine at {host}, but nothing can listen there ({error.strerror}): "
            "the Docker engine must run on this machine itself, and not in a virtual one"
        ) from error
    thread = threading.Thread(target=loop.run_forever, name="door", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def with_endpoint(source: Mapping[str, Any]) -> dict[str, Any]:
    """The template with a variable more for all functions.

    SAM CLI hands over only variables that the template declares; on AWS this one must not be there.
    """
    changed: dict[str, Any] = json.loads(json.dumps(source, default=str))
    function = changed.setdefault("Globals", {}).setdefault("Function", {})
    function.setdefault("Environment", {}).setdefault("Variables", {})[ENDPOINT] = ""
    return changed


@contextlib.contextmanager
def _aws(folder: Path, parameters: Mapping[str, str]) -> Iterator[tuple[Template, Clients, int]]:
    """Start moto and create in it what the template declares."""
    ids = PhysicalIds()
    port = free_port()
    template = Template.load(TEMPLATE, parameters, ids)
    clients = Clients(ids, f"http://{LOOPBACK}:{port}")
    guard = Guard()
    moto = moto_server(port, folder, guard)
    try:
        moto.start()
        moto.wait_ready(_MOTO_SECONDS)
        create_resources(template, clients)
        yield template, clients, port
    finally:
        moto.stop()
        guard.close()


def _sam(folder: Path, template: Template, address: str, overrides: Sequence[str]) -> Sam:
    path = BUILD / "with-endpoint.yaml"
    # JSON is YAML; the paths in it start where the built template is.
    path.write_text(json.dumps(with_endpoint(read_source(BUILD / "template.yaml")), indent=1), "utf-8")
    variables = folder / "variables.json"
    variables.write_text(
        json.dumps(
            {
                name: {**function.environment, ENDPOINT: address}
                for name, function in template.functions.items()
            }
        ),
        "utf-8",
    )
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return Sam(
        folder=folder,
        template=path,
        options=(*overrides, "--env-vars", str(variables), *_pulling()),
        environment=own | aws_variables(template.ids, address) | nowhere | {"SAM_CLI_TELEMETRY": "0"},
    )


def _pulling() -> tuple[str, ...]:
    """Forbid pulling where a base image is, because it may be a stand-in that no registry has."""
    base = f"public.ecr.aws/lambda/python:{(build.ROOT / '.python-version').read_text().strip()}"
    found = subprocess.run(["docker", "image", "inspect", base], capture_output=True, check=False)
    return ("--skip-pull-image",) if found.returncode == 0 else ()


def _invoke_all(sam: Sam, walk: Walk, s3: Any, bucket: str) -> bool:
    """Invoke on every event, print what came of it; whether all did their work."""
    print(f"\nsam local invoke, {len(WALK)} events, each in a new container")
    print(f"{'function':<17}{'event':<30}{'answer':<15}{'seconds':>8}  shape")
    good = True
    for name in WALK:
        if key := walk.file_key(name):
            s3.put_object(Bucket=bucket, Key=key, Body=ROWS)
        function = walk.function(name)
        begun = time.monotonic()
        answer = sam.invoke(function, walk.event(name))
        seconds = time.monotonic() - begun
        walk.learn(name, answer)
        outcome = outcome_of(answer)
        _print(function, name, outcome, seconds)
        good = good and outcome.good
    print("All functions did their work." if good else "NOT all functions did their work.")
    return good


def _print(function: str, name: str, outcome: Outcome, seconds: float) -> None:
    mark = "" if outcome.good else "  <- FAILED"
    print(f"{function:<17}{name:<30}{outcome.status:<15}{seconds:>8.1f}  {outcome.shape}{mark}", flush=True)


def _ask_api(sam: Sam) -> bool:
    """Start the API, ask some routes without a token, print the answers; whether they are as they must be."""
    port = free_port()
    log = sam.folder / "start-api.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            sam.command("start-api", "--host", LOOPBACK, "--port", str(port)),
            cwd=sam.folder,
            env=sam.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    print("\nsam local start-api, asked without a token")
    try:
        _wait_for(port, process, log)
        with httpx.Client(
            base_url=f"http://{LOOPBACK}:{port}", timeout=_REQUEST_SECONDS, trust_env=False
        ) as client:
            answers = {path: _ask(client, path) for path in ROUTES}
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        kill_group(process.pid)
        process.wait()
        sam.note_containers(log.read_text("utf-8", errors="replace"))
    print(
        "SAM CLI knows no Cognito authorizers: it lets /models pass without a token, and the function "
        f"answers {answers['/models']}. On AWS, as on the local stack, the gateway answers 401 before."
    )
    return all(answers[path] < 400 for path in ROUTES if path != "/models") and answers["/models"] == 401


def _ask(client: httpx.Client, path: str) -> int:
    begun = time.monotonic()
    answer = client.get(path)
    seconds = time.monotonic() - begun
    kind = answer.headers.get("content-type", "-").partition(";")[0]
    start = " ".join(answer.text[:60].split())
    size = f"{len(answer.content):,} bytes"
    print(
        f"GET {path:<15}{answer.status_code:<5}{seconds:>6.1f} s  {kind:<26}{size:>16}  {start}", flush=True
    )
    return answer.status_code


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _API_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            # A path that no route has needs no container.
            httpx.get(f"http://{LOOPBACK}:{port}/-", timeout=5, trust_env=False)
            return
        time.sleep(0.5)
    raise StackError(
        f"sam local start-api does not answer:\n{log.read_text('utf-8', errors='replace')[-2000:]}"
    )


def _leading_to(port: int) -> Any:
    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass_on(reader, to_writer), _pass_on(to_reader, writer))

    return lead


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
