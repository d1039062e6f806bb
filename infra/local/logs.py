"""The log of a function: the output of its processes and the lines that Lambda writes around them."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


class FunctionLog:
    """The log file of one function, shared by all its execution environments.

    Parameters
    ----------
    path:
        The file that lines are added to.
    on_line:
        Called with each line that the function wrote.
    """

    def __init__(self, path: Path, on_line: Callable[[str], None]) -> None:
        self.path = path
        self._on_line = on_line
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def output(self, line: str) -> None:
        """Take one line of a function's output."""
        self.platform(line)
        self._on_line(line)

    def platform(self, line: str) -> None:
        """Write a line of the platform."""
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def timestamped(self, request_id: str, line: str) -> None:
        """Write a line of the platform with its time, as Lambda does for timeouts."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        self.platform(f"{now}Z {request_id} {line}")


class OutputPipe:
    """The end of a pipe that a process writes its output to.

    Reading is non-blocking, so that all that the process has written before its answer can be taken
    before the answer is reported: the lines in the log stay in order.
    """

    def __init__(self, log: FunctionLog) -> None:
        self._log = log
        self._reader, self.writer = os.pipe()
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        os.set_blocking(self._reader, False)
        self._loop.add_reader(self._reader, self.drain)

    def close_writer(self) -> None:
        """Close the end that the child has inherited, so that its death ends the pipe."""
        os.close(self.writer)

    def drain(self) -> None:
        """Take everything that is in the pipe now."""
        while self._reader >= 0:
            try:
                chunk = os.read(self._reader, 65536)
            except BlockingIOError:
                return
            if not chunk:
                self.close()
                return
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                self._log.output(line.decode("utf-8", errors="replace"))

    def close(self) -> None:
        """Write what is left and close the pipe."""
        if self._reader < 0:
            return
        self._loop.remove_reader(self._reader)
        with contextlib.suppress(OSError):
            os.close(self._reader)
        self._reader = -1
        if self._rest:
            self._log.output(self._rest.decode("utf-8", errors="replace"))
            self._rest = b""
