"""Run a program on two cores and tell its seconds, its memory and what it said."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

CORES = 2
POLL_SECONDS = 0.1
MEGABYTE = 2**20


@dataclass(frozen=True)
class Measured:
    """What a run took.

    Parameters
    ----------
    seconds
        From the start of the process to its end.
    peak_mb
        The most that it and its children held at once, pages that they share counted once.
    status
        Its exit status; negative for a signal, none if it was stopped at the limit.
    output
        What it wrote to stderr.
    """

    seconds: float
    peak_mb: float
    status: int | None
    output: str


def pin() -> None:
    """Confine this process and all that it starts to two cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def run(command: Sequence[str], folder: Path, environment: dict[str, str], limit: float) -> Measured:
    """Run a command in a folder; it and its children are stopped when ``limit`` seconds are over."""
    errors = folder / "stderr.txt"
    started = time.perf_counter()
    with errors.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=file
        )
    watch = _Watch(process.pid)
    watch.start()
    try:
        status: int | None = process.wait(limit)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        seconds = time.perf_counter() - started
        watch.stop()
        process.kill()
        process.wait()
    return Measured(seconds, watch.peak / MEGABYTE, status, errors.read_text("utf-8", errors="replace"))


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class _Watch(threading.Thread):
    """Polls the memory of a process and its children, and ends what children it leaves behind."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._root = psutil.Process(pid)
        self._tree: dict[int, psutil.Process] = {pid: self._root}
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            with contextlib.suppress(psutil.NoSuchProcess):
                self._tree |= {child.pid: child for child in self._root.children(recursive=True)}
            self.peak = max(self.peak, sum(map(_held, self._tree.values())))

    def stop(self) -> None:
        self._over.set()
        self.join()
        for process in self._tree.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _held(process: psutil.Process) -> int:
    """Return a process's proportional share of memory, or its resident set where that is not known."""
    try:
        full = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    return int(getattr(full, "pss", full.rss))
