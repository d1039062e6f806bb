"""``python -m monitoring.run``: exporter, Prometheus and Alertmanager beside the local stack of ``make run``.

They are child processes on the loopback, made from the same files as on a server: only addresses are put in.
Who is told of alerts stands in the variables ``ALERT_*`` (monitoring/alertmanager/render.py).
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from infra.local.errors import StackError
from infra.local.lambda_environment import aws_variables
from infra.local.physical import PhysicalIds
from infra.local.process import LOOPBACK, Guard, ServerProcess, answers, free_port
from monitoring.settings import rendered

type Transform = Callable[[str, str], str]

ROOT = Path(__file__).parent.parent
_READY_SECONDS = 60.0
# The ports that people know, as far as they are free.
_PORTS = {"exporter": 5000, "prometheus": 9090, "alertmanager": 9093}


class MonitoringError(Exception):
    """Monitoring cannot run here; the message says why and what helps."""


@dataclass(frozen=True)
class Programs:
    """Paths of the programs that monitoring is made of."""

    exporter: str
    prometheus: str
    alertmanager: str


def find_programs(folder: Path = ROOT / ".local" / "bin") -> Programs:
    """Find the programs in a folder or on PATH.

    Parameters
    ----------
    folder:
        Where ``make exporter`` puts YACE.

    Raises
    ------
    MonitoringError
        If some are missing; all of them are named, each with its remedy.
    """
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    # Debian calls Alertmanager's program after its package.
    wanted = {
        "exporter": (("yace",), "YACE, the exporter, is not there: make exporter builds it with Go"),
        "prometheus": (("prometheus",), "Prometheus is not there. On Debian: apt-get install prometheus"),
        "alertmanager": (
            ("prometheus-alertmanager", "alertmanager"),
            "Alertmanager is not there. On Debian: apt-get install prometheus-alertmanager",
        ),
    }
    found = {
        kind: next(filter(None, (shutil.which(name, path=path) for name in names)), None)
        for kind, (names, _remedy) in wanted.items()
    }
    missing = [wanted[kind][1] for kind, program in found.items() if program is None]
    if missing:
        raise MonitoringError("\n".join(missing))
    return Programs(**{kind: str(program) for kind, program in found.items()})


def _unchanged(_name: str, text: str) -> str:
    return text


class Monitoring:
    """The chain from CloudWatch to Alertmanager as child processes; a context manager.

    Parameters
    ----------
    programs:
        Paths of the programs.
    aws_url:
        The address of the local stack's AWS.
    folder:
        Takes configurations, logs and data; what is in it is deleted.
    receivers:
        The variables ``ALERT_*``.
    scrape_seconds:
        How often the exporter asks CloudWatch.
    delay_seconds:
        How long a minute is over before the exporter reads it.
    transform:
        Changes the text of a configuration, by the name of its file, before it is used.
    """

    def __init__(
        self,
        programs: Programs,
        aws_url: str,
        folder: Path,
        receivers: Mapping[str, str],
        *,
        scrape_seconds: int = 60,
        delay_seconds: int = 0,
        transform: Transform = _unchanged,
    ) -> None:
        self._programs = programs
        self._aws_url = aws_url
        self._folder = folder
        self._receivers = receivers
        self._scrape_seconds = scrape_seconds
        self._delay_seconds = delay_seconds
        self._transform = transform
        self._cleanup = contextlib.ExitStack()
        self.addresses: dict[str, str] = {}
        self.servers: dict[str, ServerProcess] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._cleanup.close()

    def url(self, kind: str) -> str:
        """Return the address of ``exporter``, ``prometheus`` or ``alertmanager``."""
        return f"http://{self.addresses[kind]}"

    def restart(self, kind: str) -> None:
        """Start a server again that was stopped, at the address that it had."""
        self.servers[kind].start()
        self.servers[kind].wait_ready(_READY_SECONDS)

    def _start(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self.addresses = {kind: f"{LOOPBACK}:{free_port(port)}" for kind, port in _PORTS.items()}
        guard = Guard()
        self._cleanup.callback(guard.close)
        environment = {"AWS_REGION": PhysicalIds().region, "YACE_DELAY_SECONDS": str(self._delay_seconds)}
        environment["AWS_ENDPOINT_URL"] = self._aws_url
        for name, text in rendered(environment, self._receivers, self.addresses).items():
            self._write(name, text)
        commands = self._commands()
        for kind, (command, health, variables) in commands.items():
            server = ServerProcess(
                name=kind,
                command=command,
                health_url=f"{self.url(kind)}{health}",
                log_path=self._folder / f"{kind}.log",
                guard=guard,
                environment=variables,
            )
            server.start()
            self._cleanup.callback(server.stop)
            self.servers[kind] = server
        for server in self.servers.values():
            server.wait_ready(_READY_SECONDS)

    def _commands(self) -> dict[str, tuple[list[str], str, dict[str, str]]]:
        """Each server's command, the path that says that it is ready, and its variables."""
        folder = self._folder
        return {
            "exporter": (
                [
                    *(self._programs.exporter, "--config.file", str(folder / "yace.yml")),
                    *("--listen-address", self.addresses["exporter"]),
                    *("--scraping-interval", str(self._scrape_seconds)),
                ],
                "/healthz",
                aws_variables(PhysicalIds(), self._aws_url),
            ),
            "alertmanager": (
                [
                    *(self._programs.alertmanager, f"--config.file={folder / 'alertmanager.yml'}"),
                    f"--storage.path={folder / 'alertmanager-data'}",
                    "--cluster.listen-address=",
                    f"--web.listen-address={self.addresses['alertmanager']}",
                ],
                "/-/ready",
                {},
            ),
            "prometheus": (
                [
                    *(self._programs.prometheus, f"--config.file={folder / 'prometheus' / 'prometheus.yml'}"),
                    f"--storage.tsdb.path={folder / 'prometheus-data'}",
                    f"--web.listen-address={self.addresses['prometheus']}",
                ],
                "/-/ready",
                {},
            ),
        }

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Receivers may be secret.
        path.touch(mode=0o600)
        path.write_text(self._transform(name, text), encoding="utf-8")


def running_stack(state_dir: Path) -> dict[str, Any]:
    """Return the addresses of the local stack that runs with this state folder.

    Raises
    ------
    MonitoringError
        If none runs.
    """
    try:
        state: dict[str, Any] = json.loads((state_dir / "stack.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        state = {}
    if not state or not answers(f"{state['aws_url']}/moto-api/data.json"):
        raise MonitoringError("No local stack runs here. Start it with make run in another terminal.")
    return state


def main(state_dir: Path = ROOT / ".local", *, check: bool = False) -> int:
    """Run monitoring until Ctrl-C, or until the stack or one of the programs ends.

    Parameters
    ----------
    state_dir:
        The state folder of the local stack.
    check:
        Only say whether the programs are there.
    """
    stopping = threading.Event()
    try:
        programs = find_programs()
        if check:
            return 0
        stack = running_stack(state_dir)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        with (
            _alone(state_dir),
            Monitoring(programs, stack["aws_url"], state_dir / "monitoring", os.environ) as monitoring,
        ):
            _tell(stack, monitoring)
            return _stay(monitoring, state_dir, stopping)
    except (MonitoringError, StackError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    with (state_dir / "monitoring.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MonitoringError("Monitoring runs here already: stop that first.") from None
        yield


def _tell(stack: Mapping[str, Any], monitoring: Monitoring) -> None:
    told = any(name.startswith("ALERT_") and os.environ[name] for name in os.environ)
    print(
        f"Monitoring of the local stack at {stack['api_url']}\n"
        f"  Prometheus    {monitoring.url('prometheus')}/\n"
        f"  Alertmanager  {monitoring.url('alertmanager')}/\n"
        f"  exporter      {monitoring.url('exporter')}/metrics\n"
        "The first minute of values comes within three minutes."
        + ("" if told else " Alerts are shown on these pages only: no ALERT_* variable is set.")
        + "\nPress Ctrl-C to stop.",
        flush=True,
    )


def _stay(monitoring: Monitoring, state_dir: Path, stopping: threading.Event) -> int:
    while not stopping.wait(1):
        ended = [kind for kind, server in monitoring.servers.items() if not server.alive]
        if ended:
            log = state_dir / "monitoring" / f"{ended[0]}.log"
            raise MonitoringError(f"The {ended[0]} has ended; its last words are in {log}.")
        if not (state_dir / "stack.json").exists():
            print("The local stack has ended, and so does its monitoring.")
            return 0
    print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
