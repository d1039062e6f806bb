"""Child processes that never outlive the stack."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.errors import StackError

LOOPBACK = "127.0.0.1"
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT")


def free_port(preferred: int | None = None) -> int:
    """Return a free loopback port, the preferred one if it is free."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((LOOPBACK, port))
                return int(probe.getsockname()[1])
    raise StackError("no free port on 127.0.0.1: end some programs that listen there and start again")


def base_environment() -> dict[str, str]:
    """Return the part of the parent's environment that a Python process needs to start."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def kill_group(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to the process group that a child leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class Guard:
    """A small process that kills the stack's process groups if the stack dies without stopping them."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("guard_process.py")
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            env=base_environment(),
            text=True,
        )

    @property
    def pid(self) -> int:
        """The process id of the guard."""
        return self._process.pid

    def watch(self, group: int) -> None:
        """Put a process group on the list."""
        self._write(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Take a process group off the list: its id may be given to another program now."""
        self._write(f"-{group}\n")

    def close(self) -> None:
        """End the guard; it kills what is still on the list."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()
        self._process.wait()

    def _write(self, line: str) -> None:
        stdin = self._process.stdin
        with self._lock, contextlib.suppress(BrokenPipeError, ValueError):
            if stdin is not None:
                stdin.write(line)
                stdin.flush()


@dataclass
class ServerProcess:
    """A server that runs as a child in a process group of its own.

    Attributes
    ----------
    name:
        How messages call it.
    command:
        The program and its arguments.
    health_url:
        The address that answers with a success once the server is ready.
    log_path:
        The file that takes its output.
    guard:
        The guard of the stack.
    environment:
        Variables beside those that Python needs.
    """

    name: str
    command: Sequence[str]
    health_url: str
    log_path: Path
    guard: Guard
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def pid(self) -> int | None:
        """The process id, None while it does not run."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and return at once."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=base_environment() | dict(self.environment),
            )
        self.guard.watch(self._process.pid)

    def wait_ready(self, timeout_seconds: float) -> None:
        """Wait until the server answers.

        Raises
        ------
        StackError
            If the process ends or does not answer in time; the message has the end of its log.
        """
        process = self._process
        if process is None:
            raise StackError(f"{self.name} was not started")
        end = time.monotonic() + timeout_seconds
        while time.monotonic() < end:
            if process.poll() is not None:
                raise StackError(f"{self.name} ended with status {process.returncode}:\n{self._log_tail()}")
            if answers(self.health_url):
                return
            time.sleep(0.1)
        raise StackError(f"{self.name} did not answer within {timeout_seconds:.0f} s:\n{self._log_tail()}")

    def stop(self, grace_seconds: float = 3.0) -> None:
        """Stop the process and everything that it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        kill_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_seconds)
        kill_group(process.pid)
        process.wait()
        self.guard.forget(process.pid)

    def _log_tail(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-15:])


def answers(url: str) -> bool:
    """Say whether a server on this machine answers with a success."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status < 400)
    except (urllib.error.URLError, OSError):
        return False
