"""A job has one end, whoever cancels, works or dies at the same time."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from csv_analyzer import jobs, registry
from csv_analyzer.catalog import Catalog, job_key
from csv_analyzer.dynamo import ConditionFailedError, Table, put_new
from csv_analyzer.errors import (
    ConflictError,
    JobCancelledError,
    LeaseHeldError,
    NotFoundError,
    UserDataError,
)
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.records import Job, JobStatus, Version
from tests.contract.lost_answers import Repeating

JOB = Job(
    owner="me", created_at="2026-01-01T00:00:00.000Z", id="1", dataset_id="d", model="houses", status="QUEUED"
)


@pytest.fixture
def table(aws: Any) -> Table:
    return Table(aws.tables["Catalog"].name)


def _enter(table: Table, job: Job = JOB) -> None:
    table.write(put_new(job_key(job.owner, job.id), job.to_item()))
    jobs.queued(table, job)


def _status(table: Table, job: Job = JOB) -> str:
    return Catalog(table).job(job.owner, job.id).status


def _claim(table: Table, job: Job = JOB) -> Lease:
    with Leases(table).hold(f"train {job.owner}/{job.id}", 60) as lease:
        assert lease
    return lease


def _version(job: Job) -> Version:
    return Version(
        owner=job.owner,
        created_at="2026-01-01T00:00:00.000Z",
        model=job.model,
        version=1,
        dataset_id=job.dataset_id,
        job_id=job.id,
        task="regression",
        target="price",
        metric="r2",
        npz_sha256="n",
        manifest_sha256="m",
    )


def _queue(table: Table) -> list[str]:
    return Catalog(table).queue("2025", "2027")


def test_a_job_that_waits_is_cancelled_at_once_and_never_begins(table: Table) -> None:
    _enter(table)
    assert _queue(table) == [JOB.created_at]
    cancelled = jobs.cancel(table, "me", "1")
    assert (cancelled.status, bool(cancelled.finished_at)) == (JobStatus.CANCELLED, True)
    assert _queue(table) == []
    lease = _claim(table)
    assert not jobs.start(table, lease, JOB)
    assert _status(table) == JobStatus.CANCELLED
    with Leases(table).hold("train me/1", 60) as again:
        assert again is None
    jobs.queued(table, JOB)
    assert (_status(table), _queue(table)) == (JobStatus.CANCELLED, [])


def test_a_worker_learns_at_its_next_report_or_look_that_the_job_is_cancelled(table: Table) -> None:
    _enter(table)
    lease = _claim(table)
    assert jobs.start(table, lease, JOB)
    assert _queue(table) == []
    jobs.require_running(table, lease, JOB)
    for _ in range(2):
        assert jobs.cancel(table, "me", "1").status == JobStatus.CANCELLING
    with pytest.raises(JobCancelledError):
        jobs.report_progress(table, lease, JOB, 0.5, "searching", [])
    with pytest.raises(JobCancelledError):
        jobs.require_running(table, lease, JOB)
    jobs.cancelled(table, lease, JOB)
    assert _status(table) == JobStatus.CANCELLED


def test_a_worker_that_was_killed_while_it_was_cancelled_is_followed_by_the_end(table: Table) -> None:
    _enter(table)
    with Leases(table).hold("train me/1", -10) as killed:
        assert killed
        jobs.start(table, killed, JOB)
    jobs.cancel(table, "me", "1")
    lease = _claim(table)
    assert not jobs.start(table, lease, JOB)
    assert _status(table) == JobStatus.CANCELLED
    with pytest.raises(LeaseHeldError):
        jobs.require_running(table, Lease(lease.key, "another"), JOB)


@pytest.mark.parametrize("end", ["succeeded", "failed"])
def test_of_a_cancellation_and_another_end_one_comes_about(table: Table, end: str) -> None:
    outcomes = []
    for number in range(6):
        job = replace(JOB, id=str(number), model=f"m{number}")
        _enter(table, job)
        lease = _claim(table, job)
        jobs.start(table, lease, job)
        cancelled: list[bool] = []

        def cancel(job: Job = job, told: list[bool] = cancelled) -> None:
            try:
                jobs.cancel(table, "me", job.id)
                told.append(True)
            except ConflictError:
                told.append(False)

        thread = threading.Thread(target=cancel)
        thread.start()
        try:
            if end == "succeeded":
                registry.publish(table, lease, job, _version(job))
            else:
                jobs.failed(table, lease, job, UserDataError("x", "No."))
            ended = True
        except ConditionFailedError:
            ended = False
            thread.join()
            with pytest.raises(JobCancelledError):
                jobs.require_running(table, lease, job)
            jobs.cancelled(table, lease, job)
        thread.join()
        status = _status(table, job)
        assert cancelled == [not ended]
        assert status == (end.upper() if ended else JobStatus.CANCELLED)
        if end == "succeeded" and not ended:
            with pytest.raises(NotFoundError):
                Catalog(table).version("me", job.model, 1)
        outcomes.append(status)
    assert len(outcomes) == 6


def test_a_cancellation_whose_answer_was_lost_is_no_conflict(table: Table) -> None:
    _enter(table)
    assert jobs.cancel(Repeating(table.name), "me", "1").status == JobStatus.CANCELLED
    running = replace(JOB, id="2")
    _enter(table, running)
    jobs.start(table, _claim(table, running), running)
    assert jobs.cancel(Repeating(table.name), "me", "2").status == JobStatus.CANCELLING


@pytest.mark.parametrize("end", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_that_is_over_can_not_be_cancelled(table: Table, end: JobStatus) -> None:
    table.write(put_new(job_key("me", "1"), {**JOB.to_item(), "status": end}))
    with pytest.raises(ConflictError, match=end):
        jobs.cancel(table, "me", "1")
    assert _status(table) == end


def test_the_job_of_somebody_else_can_not_be_cancelled(table: Table) -> None:
    _enter(table)
    with pytest.raises(NotFoundError):
        jobs.cancel(table, "you", "1")
    assert _status(table) == JobStatus.QUEUED


def test_a_model_keeps_its_target(table: Table) -> None:
    for number, target in ((1, "price"), (2, "rooms")):
        job = replace(JOB, id=str(number))
        lease = _claim(table, job)
        jobs.start(table, lease, job)
        version = replace(_version(job), version=registry.reserve_version(table, job), target=target)
        if target == "price":
            registry.publish(table, lease, job, version)
        else:
            with pytest.raises(UserDataError, match="predicts 'price'"):
                registry.publish(table, lease, job, version)
    assert Catalog(table).model("me", "houses").target == "price"
