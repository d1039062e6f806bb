"""Limits hold whatever happens at the same time, and say when to come back."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from csv_analyzer import datasets, jobs
from csv_analyzer.admission import DAY_SECONDS, Admission, Limits
from csv_analyzer.catalog import Catalog, job_key
from csv_analyzer.dynamo import Table, update
from csv_analyzer.errors import ConflictError, LimitReachedError, NotFoundError, UserDataError
from csv_analyzer.ids import derived_id, iso
from csv_analyzer.leases import Leases
from csv_analyzer.records import Dataset, Job, JobStatus

NONE = Limits(0, 0, 0, 0)


class Clock:
    """Unix time that a test moves on: it begins now, for ids are made of the real one."""

    def __init__(self) -> None:
        import time

        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def table(aws: Any) -> Table:
    return Table(aws.tables["Catalog"].name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _moment(clock: Clock) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(clock.now, UTC)


def _job(clock: Clock, name: str, budget: int = 60) -> Job:
    moment = _moment(clock)
    return Job(
        owner="me",
        created_at=iso(moment),
        id=derived_id(moment, name),
        dataset_id="d",
        model="houses",
        status=JobStatus.QUEUED,
        target="price",
        options={"budget_seconds": budget},
    )


def _dataset(clock: Clock, name: str, size: int = 0) -> Dataset:
    moment = _moment(clock)
    return Dataset(
        owner="me",
        created_at=iso(moment),
        id=derived_id(moment, name),
        file_name=f"{name}.csv",
        status="UPLOADING",
        key=f"uploads/me/{name}.csv",
        version_id=name,
        size=size,
    )


def _all_at_once(work: Callable[[int], None], count: int) -> list[Exception]:
    refused: list[Exception] = []

    def attempt(number: int) -> None:
        try:
            work(number)
        except LimitReachedError as error:
            refused.append(error)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_orders_at_the_same_time_never_exceed_a_limit(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(3, 0, 0, 0), clock)
    refused = _all_at_once(lambda number: admission.train(_job(clock, str(number))) and None, 8)
    assert len(refused) == 5
    assert len(admission.usage("me").running) == 3


def test_uploads_at_the_same_time_never_exceed_the_bytes(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(0, 0, 0, 1000), clock)

    def announce(number: int) -> None:
        admission.expect_upload(_dataset(clock, str(number)), 400, 300, whole=True)

    assert len(_all_at_once(announce, 6)) == 4
    assert admission.usage("me").stored_bytes == 800


def test_a_training_over_the_limit_waits_for_the_first_that_should_end(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(2, 0, 0, 0), clock)
    admission.train(_job(clock, "a", budget=600))
    clock.now += 10
    admission.train(_job(clock, "b", budget=60))
    clock.now += 10
    with pytest.raises(LimitReachedError, match="2 trainings wait or run already") as caught:
        admission.train(_job(clock, "c"))
    assert caught.value.retry_after == 51
    jobs.cancel(table, "me", _job_id(table, clock.now - 10, "b"))
    admission.train(_job(clock, "c"))


def _job_id(table: Table, moment: float, name: str) -> str:
    from datetime import UTC, datetime

    return derived_id(datetime.fromtimestamp(moment, UTC), name)


def test_the_day_is_the_last_24_hours_and_leaves_one_by_one(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(0, 2, 0, 0), clock)
    now = clock.now
    for name, moment in (("a", now - DAY_SECONDS + 100), ("b", now - 50)):
        clock.now = moment
        job = admission.train(_job(clock, name))
        jobs.queued(table, job)
        jobs.cancel(table, "me", job.id)
    clock.now = now
    with pytest.raises(LimitReachedError, match="in the last 24 hours") as caught:
        admission.train(_job(clock, "c"))
    assert caught.value.retry_after == 101
    assert admission.usage("me").running == []
    clock.now = now + caught.value.retry_after
    admission.train(_job(clock, "c"))


def test_every_limit_that_is_reached_is_named_and_the_longest_wait_counts(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(1, 1, 0, 0), clock)
    admission.train(_job(clock, "a"))
    with pytest.raises(LimitReachedError) as caught:
        admission.train(_job(clock, "b"))
    assert "waits or runs" in caught.value.message
    assert "24 hours" in caught.value.message
    assert caught.value.retry_after == DAY_SECONDS + 1


def test_a_job_without_an_order_disappears_and_counts_no_more(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(1, 0, 0, 0), clock)
    job = _job(clock, "a")
    # As long ago as an order may take: DynamoDB itself would take the item away up to two days later.
    clock.now -= jobs.ORDER_GRACE_SECONDS + 1
    admission.train(job)
    clock.now += jobs.ORDER_GRACE_SECONDS + 1
    with pytest.raises(NotFoundError):
        Catalog(table).job("me", job.id)
    assert Catalog(table).jobs("me", 10, None)[0] == []
    assert admission.usage("me").jobs == []
    # Somebody who comes back with the same order may enter it again.
    assert admission.train(job).status == JobStatus.QUEUED
    jobs.queued(table, job)
    assert Catalog(table).job("me", job.id).expires_at == 0


def test_an_order_that_is_entered_twice_is_one(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(1, 1, 0, 0), clock)
    job = _job(clock, "a")
    admission.train(job)
    with Leases(table).hold("train", 60) as lease:
        assert lease
        assert jobs.start(table, lease, job)
    assert admission.train(job).status == JobStatus.RUNNING


def test_what_was_refused_does_not_count(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(0, 1, 1, 0), clock)
    refusal = UserDataError(LimitReachedError.code, "Too many.")
    jobs.refuse(table, _job(clock, "a"), refusal)
    with Leases(table).hold("analyze", 60) as lease:
        assert lease
        datasets.refuse(table, lease, _dataset(clock, "a", 500), refusal)
    usage = admission.usage("me")
    assert (len(usage.jobs), len(usage.datasets), usage.stored_bytes) == (0, 0, 0)
    assert Catalog(table).job("me", _job(clock, "a").id).status == JobStatus.FAILED
    with pytest.raises(ConflictError):
        jobs.cancel(table, "me", _job(clock, "a").id)


def test_a_form_is_good_for_what_is_left_and_holds_it_while_it_is_valid(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(0, 0, 0, 1000), clock)
    assert admission.expect_upload(_dataset(clock, "a"), 700, 300, whole=False).reserved == 700
    assert admission.expect_upload(_dataset(clock, "b"), 700, 300, whole=False).reserved == 300
    with pytest.raises(LimitReachedError, match="0 of 1,000 bytes are left") as caught:
        admission.expect_upload(_dataset(clock, "c"), 700, 300, whole=False)
    assert caught.value.retry_after == 301
    clock.now += caught.value.retry_after
    # The first file has come meanwhile, the second never will.
    admission.take(_dataset(clock, "d", 600))
    assert admission.usage("me").stored_bytes == 600
    assert admission.expect_upload(_dataset(clock, "c"), 700, 300, whole=False).reserved == 400


def test_a_file_that_came_counts_by_its_size_and_not_twice(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(0, 0, 1, 1000), clock)
    expected = _dataset(clock, "a", 900)
    admission.expect_upload(expected, 1000, 300, whole=True)
    for _ in range(2):
        admission.take(expected)
    assert admission.usage("me").stored_bytes == 900
    with pytest.raises(LimitReachedError, match="1 datasets"):
        admission.take(_dataset(clock, "b", 10))
    assert Catalog(table).dataset("me", expected.id).reserved == 0


def test_without_limits_nothing_is_refused(table: Table, clock: Clock) -> None:
    admission = Admission(table, NONE, clock)
    for number in range(5):
        admission.train(_job(clock, str(number)))
        admission.expect_upload(_dataset(clock, str(number)), 10**12, 300, whole=True)
    assert len(admission.usage("me").running) == 5
    assert admission.usage("you").jobs == []


def test_a_job_that_a_queue_forgot_counts_no_more(table: Table, clock: Clock) -> None:
    admission = Admission(table, Limits(1, 0, 0, 0), clock)
    now = clock.now
    clock.now = now - jobs.LIFE_SECONDS - 10
    old = admission.train(_job(clock, "a"))
    table.write(update(job_key("me", old.id), assign={"message": ""}, remove=("expires_at",)))
    clock.now = now
    admission.train(_job(clock, "b"))
