"""Whether a training is still wanted: looked at by the clock that the engine looks at."""

import os
import time
from contextlib import suppress

import automl
from csv_analyzer import jobs
from csv_analyzer.dynamo import Table
from csv_analyzer.errors import DependencyError
from csv_analyzer.leases import Lease
from csv_analyzer.records import Job

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_REPORTS = 1.0


class Watch:
    """Tells the catalog how a training goes on, and the training when it is to end.

    Parameters
    ----------
    table : Table
        The catalog's table.
    lease : Lease
        Of the worker.
    job : Job
        What it trains.
    """

    def __init__(self, table: Table, lease: Lease, job: Job) -> None:
        self._table = table
        self._lease = lease
        self._job = job
        self._process = os.getpid()
        self._looked = self._reported = -SECONDS_BETWEEN_LOOKS

    def clock(self) -> float:
        """Return seconds, and look now and then whether the job is still to be done.

        The engine looks at the clock between all of its steps, so this ends it within seconds wherever it is.
        In the processes that it forks this is a clock and nothing more.

        Raises
        ------
        JobCancelledError
            If the job is to be cancelled.
        LeaseHeldError
            If another worker took it over.
        """
        now = time.monotonic()
        if now - self._looked >= SECONDS_BETWEEN_LOOKS and os.getpid() == self._process:
            self._looked = now
            self.look()
        return now

    def look(self) -> None:
        """Look now; see :meth:`clock`."""
        try:
            jobs.require_running(self._table, self._lease, self._job)
        except DependencyError:
            # The next look will do.
            return

    def report(self, progress: automl.Progress) -> None:
        """Enter how far the training is, if the catalog answers; see :meth:`clock` for what is raised."""
        now = time.monotonic()
        if now - self._reported >= SECONDS_BETWEEN_REPORTS:
            self._reported = now
            # The next report will do.
            with suppress(DependencyError):
                jobs.report_progress(
                    self._table,
                    self._lease,
                    self._job,
                    progress.fraction,
                    progress.message,
                    progress.leaderboard,
                )
