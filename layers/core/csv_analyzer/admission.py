"""Limits of an owner: what may be begun, and when it is worth asking again.

What is used is counted in the catalog each time and kept nowhere else, so no crash can make it wrong. All
admissions of an owner change one item in the transaction that enters what is admitted; of two that counted at
the same time one has to count again.

Trainings count from the moment they are entered: those that are not over, and those of the last 24 hours.
Datasets count while they are there; what was refused does not. Bytes that are on their way are reserved.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self

from csv_analyzer import datasets, jobs
from csv_analyzer.catalog import Catalog, admission_key, job_key
from csv_analyzer.dynamo import ConditionFailedError, Item, Table, back_off, put_new_or_expired, update
from csv_analyzer.erasures import is_erased
from csv_analyzer.errors import DependencyError, ErasedError, LimitReachedError
from csv_analyzer.records import Dataset, Job, JobStatus, is_over
from csv_analyzer.settings import LimitSettings

DAY_SECONDS = 24 * 3600
# Where only the owner can make room, asking again later is worth little.
_UNKNOWN_SECONDS = 3600
# A training that is over its budget is being stored.
_LEAST_SECONDS = 5
_ATTEMPTS = 50


@dataclass(frozen=True)
class Limits:
    """What one owner may have at most; 0 is no limit.

    Parameters
    ----------
    max_running_trainings : int
        Trainings that wait or run.
    max_trainings_per_day : int
        Trainings begun within 24 hours.
    max_datasets : int
        Datasets.
    max_stored_bytes : int
        Bytes of their files.
    """

    max_running_trainings: int
    max_trainings_per_day: int
    max_datasets: int
    max_stored_bytes: int

    @classmethod
    def of(cls, settings: LimitSettings) -> Self:
        """Limits that a function's environment names."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class Usage:
    """What an owner has: the jobs and datasets that count, oldest first.

    Parameters
    ----------
    moment : float
        When it was counted (Unix time).
    jobs : sequence of Job
        Not over, or of the last 24 hours.
    datasets : sequence of Dataset
        Those that are there.
    """

    moment: float
    jobs: Sequence[Job]
    datasets: Sequence[Dataset]

    @property
    def running(self) -> list[Job]:
        """Trainings that are not over."""
        return [job for job in self.jobs if job.status in jobs.UNFINISHED]

    @property
    def of_last_day(self) -> list[Job]:
        """Trainings of the last 24 hours."""
        recent = [job for job in self.jobs if _unix(job.created_at) > self.moment - DAY_SECONDS]
        return sorted(recent, key=lambda job: job.created_at)

    @property
    def stored_bytes(self) -> int:
        """Bytes that are stored or on their way."""
        return sum(self.bytes_of(dataset) for dataset in self.datasets)

    def bytes_of(self, dataset: Dataset) -> int:
        """Bytes that a dataset counts for."""
        return dataset.size or (dataset.reserved if dataset.reserved_until > self.moment else 0)


class Admission:
    """Admits what an owner's limits leave room for.

    Parameters
    ----------
    table : Table
        The catalog's table.
    limits : Limits
        Of every owner.
    clock : callable, optional
        Unix time in seconds.
    """

    def __init__(self, table: Table, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        self.limits = limits
        self._table = table
        self._catalog = Catalog(table)
        self._clock = clock

    def usage(self, owner: str) -> Usage:
        """Count what an owner has."""
        moment = self._clock()
        return Usage(moment, self._jobs(owner, moment), self._datasets(owner))

    def train(self, job: Job) -> Job:
        """Enter a job whose order is to be written.

        Returns
        -------
        Job
            The job as it stands: another one of the same id stays as it is.

        Raises
        ------
        LimitReachedError
            If the owner's trainings leave no room for it.
        """

        def write(moment: float) -> Sequence[Item]:
            there = self._table.get(job_key(job.owner, job.id))
            if there and not is_over(there):
                entered.append(Job.from_item(there))
                return ()
            self._require_trainings(job.owner, moment)
            expires_at = int(moment) + jobs.ORDER_GRACE_SECONDS
            item = {**job.to_item(), "status": JobStatus.QUEUED, "expires_at": expires_at}
            entered.append(replace(job, status=JobStatus.QUEUED, expires_at=expires_at))
            return (put_new_or_expired(job_key(job.owner, job.id), item, int(moment)),)

        entered: list[Job] = []
        self._admit(job.owner, write)
        return entered[-1]

    def expect_upload(self, dataset: Dataset, at_most: int, seconds: int, *, whole: bool) -> Dataset:
        """Enter a dataset whose file is on its way, and reserve room for it.

        Parameters
        ----------
        dataset : Dataset
            The new dataset.
        at_most : int
            Bytes that the file may have.
        seconds : int
            How long it may be on its way.
        whole : bool
            Whether there must be room for all of these bytes; else for a single one.

        Returns
        -------
        Dataset
            With ``reserved``: how many bytes the file may have, as far as there is room.

        Raises
        ------
        LimitReachedError
            If there is no room.
        """

        def write(moment: float) -> Sequence[Item]:
            left = self._require_room(dataset, moment, at_most if whole else 1)
            expected = replace(
                dataset,
                reserved=at_most if left is None else min(at_most, left),
                reserved_until=int(moment) + seconds,
                expires_at=int(moment) + datasets.UPLOAD_GRACE_SECONDS,
            )
            entered.append(expected)
            return (datasets.expected(expected),)

        entered: list[Dataset] = []
        self._admit(dataset.owner, write)
        return entered[-1]

    def take(self, dataset: Dataset) -> None:
        """Enter that the file of a dataset is there and is being read.

        Raises
        ------
        LimitReachedError
            If it is beyond the owner's limits; nothing was written.
        ErasedError
            If it was erased; nothing was written.
        """

        def write(moment: float) -> Sequence[Item]:
            if is_erased(self._table, dataset.owner, dataset.id):
                raise ErasedError("The dataset was erased.")
            self._require_room(dataset, moment, dataset.size)
            return datasets.started(dataset)

        self._admit(dataset.owner, write)

    def _admit(self, owner: str, write: Callable[[float], Sequence[Item]]) -> None:
        """Count, and write what is admitted, until nobody else was admitted in between."""
        for attempt in range(_ATTEMPTS):
            found = self._table.get(admission_key(owner)) or {}
            revision = found.get("revision", 0)
            operations = write(self._clock())
            if not operations:
                return
            turn = update(
                admission_key(owner),
                assign={"revision": revision + 1},
                default={"owner": owner},
                condition="attribute_not_exists(#revision) OR #revision = :seen",
                values={":seen": revision},
            )
            try:
                self._table.write(turn, *operations)
            except ConditionFailedError:
                back_off(attempt)
            else:
                return
        raise DependencyError("Too much was ordered at the same time. Please try again.")

    def _jobs(self, owner: str, moment: float) -> list[Job]:
        since = self._catalog.jobs_since(owner, moment - jobs.LIFE_SECONDS)
        return [job for job in since if not _refused(job) and _counts(job, moment)]

    def _datasets(self, owner: str) -> list[Dataset]:
        return [dataset for dataset in self._catalog.all_datasets(owner) if not _refused(dataset)]

    def _require_trainings(self, owner: str, moment: float) -> None:
        if not self.limits.max_running_trainings and not self.limits.max_trainings_per_day:
            return
        usage = Usage(moment, self._jobs(owner, moment), ())
        found = []
        most = self.limits.max_running_trainings
        if most and len(usage.running) >= most:
            ends = sorted(_expected_end(job) for job in usage.running)
            wait = max(_LEAST_SECONDS, _in_seconds(ends[len(ends) - most], usage.moment))
            what = "training waits or runs" if most == 1 else "trainings wait or run"
            found.append((wait, f"{most} {what} already; wait until one is over, or cancel one"))
        most, today = self.limits.max_trainings_per_day, usage.of_last_day
        if most and len(today) >= most:
            leaves = _unix(today[len(today) - most].created_at) + DAY_SECONDS
            found.append(
                (_in_seconds(leaves, usage.moment), f"{len(today)} trainings were begun in the last 24 hours")
            )
        _refuse_if(found)

    def _require_room(self, dataset: Dataset, moment: float, size: int) -> int | None:
        """Return how many bytes are left, None for any number, if there is room for a dataset of a size."""
        if not self.limits.max_datasets and not self.limits.max_stored_bytes:
            return None
        others = [one for one in self._datasets(dataset.owner) if one.id != dataset.id]
        usage = Usage(moment, (), others)
        found = []
        most = self.limits.max_datasets
        if most and len(others) >= most:
            leaves = [one.expires_at for one in others if one.expires_at]
            wait = _in_seconds(min(leaves), usage.moment) if leaves else _UNKNOWN_SECONDS
            found.append((wait, f"there are {most} datasets, the most there may be; delete one"))
        most = self.limits.max_stored_bytes
        left = max(0, most - usage.stored_bytes) if most else None
        if left is not None and size > left:
            ends = [one.reserved_until for one in others if not one.size and usage.bytes_of(one)]
            wait = _in_seconds(min(ends), usage.moment) if ends else _UNKNOWN_SECONDS
            found.append(
                (wait, f"{left:,} of {most:,} bytes are left and {size:,} are needed; delete a dataset")
            )
        _refuse_if(found)
        return left


def _refuse_if(found: Sequence[tuple[int, str]]) -> None:
    if found:
        message = "; ".join(text for _, text in found)
        raise LimitReachedError(f"{message[0].upper()}{message[1:]}.", max(wait for wait, _ in found))


def _refused(thing: Job | Dataset) -> bool:
    return thing.error is not None and thing.error["code"] == LimitReachedError.code


def _counts(job: Job, moment: float) -> bool:
    return job.status in jobs.UNFINISHED or _unix(job.created_at) > moment - DAY_SECONDS


def _expected_end(job: Job) -> float:
    """Return when a training should be over, by the budget it was given."""
    return _unix(job.started_at or job.created_at) + float(job.options.get("budget_seconds", 0))


def _unix(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _in_seconds(moment: float, now: float) -> int:
    return max(1, int(moment - now) + 1)
