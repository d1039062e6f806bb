"""Who fits fold models: forked processes, one a core, or this process itself.

A worker that overruns its limit or runs out of memory is ended and replaced; only its job is lost.
Pipes are all that is used: where there is no /dev/shm (AWS Lambda) semaphores and queues do not work.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

from automl.errors import ParityError

# A fit looks at the clock between steps; what takes so much longer is stuck in one of them.
GRACE = 1.5
GRACE_SECONDS = 1.5
# Of the available memory: what all processes together may take.
MEMORY_SHARE = 0.8
PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class Job:
    """One fold of one candidate.

    Parameters
    ----------
    candidate, repeat, fold
        Which one, counted from 0.
    seconds
        How long it may take.
    """

    candidate: int
    repeat: int
    fold: int
    seconds: float


@dataclass(frozen=True)
class Done:
    """A job that has ended: with a result, or with the reason why there is none.

    Parameters
    ----------
    job
        Which one.
    result
        What it returned.
    fault
        Why there is none.
    ours
        Whether that is a fault of ours: an export that answers otherwise than the fitted model.
    """

    job: Job
    result: Any = None
    fault: str | None = None
    ours: bool = False


type Work = Callable[[Job], Any]


class Workers(Protocol):
    """Does jobs."""

    count: int

    @property
    def idle(self) -> int:
        """How many jobs can be started now."""

    def start(self, job: Job) -> None:
        """Start a job."""

    def wait(self, seconds: float) -> list[Done]:
        """Return the jobs that ended, after so many seconds at the latest; none if nothing runs."""

    def close(self) -> None:
        """End all work."""


def attempt(work: Work, job: Job) -> Done:
    """Do a job; a fault of its candidate, even one of ours, does not end the search."""
    try:
        return Done(job, work(job))
    except Exception as error:  # noqa: BLE001 - every library has exceptions of its own
        fault = f"{type(error).__name__}: {error}"
        return Done(job, fault=fault, ours=isinstance(error, ParityError))


class InProcess:
    """Does each job at once, in this process."""

    count = 1

    def __init__(self, work: Work, bytes_each: int = 0) -> None:  # noqa: ARG002 - needs none of its own
        self._work = work
        self._done: list[Done] = []

    @property
    def idle(self) -> int:
        """How many jobs can be started now."""
        return 0 if self._done else 1

    def start(self, job: Job) -> None:
        """Do a job."""
        self._done.append(attempt(self._work, job))

    def wait(self, seconds: float) -> list[Done]:  # noqa: ARG002 - nothing is ever waited for
        """Return what was done."""
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Nothing is left to end."""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None
    deadline: float = 0.0


class Forked:
    """Does jobs in forked processes, which see the parent's data without a copy.

    Parameters
    ----------
    work
        Does one job; its result must bear being pickled.
    bytes_each
        About how much memory each needs of its own.
    count
        How many processes; by default one for each core that this process may use, as far as memory bears.
    """

    def __init__(self, work: Work, bytes_each: int = 0, count: int | None = None) -> None:
        self.count = count or _affordable(len(os.sched_getaffinity(0)), bytes_each)
        self._work = work
        self._workers: list[_Worker] = []
        for _ in range(self.count):
            self._workers.append(self._fork())

    @property
    def idle(self) -> int:
        """How many jobs can be started now."""
        return sum(worker.job is None for worker in self._workers)

    def start(self, job: Job) -> None:
        """Hand a job to an idle worker, if possible to one that has worked on this fold before."""
        idle = [worker for worker in self._workers if worker.job is None]
        usual = self._workers[job.fold % self.count]
        worker = usual if usual in idle else idle[0]
        worker.job = job
        worker.deadline = time.monotonic() + GRACE * job.seconds + GRACE_SECONDS
        worker.pipe.send(job)

    def wait(self, seconds: float) -> list[Done]:
        """Return the jobs that ended, after so many seconds at the latest; none if nothing runs."""
        busy = [worker for worker in self._workers if worker.job is not None]
        if not busy:
            return []
        until = min(worker.deadline for worker in busy) - time.monotonic()
        ready = wait([worker.pipe for worker in busy], timeout=max(0.0, min(seconds, until)))
        ended = [self._receive(worker) for worker in busy if worker.pipe in ready]
        now = time.monotonic()
        late = [worker for worker in busy if worker.job is not None and worker.deadline <= now]
        return ended + [self._replace(worker, "it took too long") for worker in late]

    def close(self) -> None:
        """End all workers at once."""
        for worker in self._workers:
            _end(worker)
        self._workers = []

    def _receive(self, worker: _Worker) -> Done:
        try:
            done: Done = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker, "its process died, most likely for want of memory")
        worker.job = None
        return done

    def _replace(self, worker: _Worker, fault: str) -> Done:
        job = worker.job
        _end(worker)
        fresh = self._fork()
        worker.process, worker.pipe, worker.job = fresh.process, fresh.pipe, None
        assert job is not None  # noqa: S101 - only a busy worker is replaced
        return Done(job, fault=fault)

    def _fork(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        others = [ours, *(worker.pipe for worker in self._workers)]
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_serve, args=(self._work, theirs, others), daemon=True)
        with warnings.catch_warnings():
            # A child calls nothing that waits for the parent's other threads: learners use one thread.
            warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
            process.start()
        theirs.close()
        return _Worker(process, ours)


def _affordable(cores: int, bytes_each: int) -> int:
    """Return how many processes the memory bears that is available now."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        available = next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return cores
    return max(1, min(cores, int(MEMORY_SHARE * available) // max(1, bytes_each)))


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _serve(work: Work, pipe: Connection, others: list[Connection]) -> None:
    for other in others:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        # Whatever ends the parent ends its workers.
        ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGKILL)
    while True:
        try:
            pipe.send(attempt(work, pipe.recv()))
        except (EOFError, BrokenPipeError):
            os._exit(0)
