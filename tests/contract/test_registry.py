"""Versions of models are numbered, published and found, each exactly once."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from csv_analyzer import jobs, registry
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import ConditionFailedError, Table
from csv_analyzer.errors import LeaseHeldError, NotFoundError
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.records import Job, JobStatus, Stage, Version

JOB = Job(
    owner="me", created_at="2026-01-01T00:00:00.000Z", id="1", dataset_id="d", model="houses", status="QUEUED"
)


@pytest.fixture
def table(aws: Any) -> Table:
    return Table(aws.tables["Catalog"].name)


def _version(job: Job, number: int) -> Version:
    return Version(
        owner=job.owner,
        created_at=f"2026-01-01T00:00:0{number}.000Z",
        model=job.model,
        version=number,
        dataset_id=job.dataset_id,
        job_id=job.id,
        task="regression",
        target="price",
        metric="r2",
        npz_sha256="n",
        manifest_sha256="m",
        metrics={"holdout": {"r2": 1e-300}},
        leaderboard=[{"model": "ridge", "mean": 0.1 + 0.2}],
    )


def _publish(table: Table, job: Job) -> Version:
    with Leases(table).hold(f"train {job.id}", 60) as lease:
        assert lease
        jobs.start(table, lease, job)
        version = _version(job, registry.reserve_version(table, job))
        registry.publish(table, lease, job, version)
    return version


def test_the_first_version_goes_into_production_and_later_ones_wait(table: Table) -> None:
    first = _publish(table, JOB)
    second = _publish(table, replace(JOB, id="2"))
    model = Catalog(table).model("me", "houses")
    assert (model.production, model.latest) == (1, 2)
    assert first.stage(model) is Stage.PRODUCTION
    assert second.stage(model) is Stage.STAGING
    found, more = Catalog(table).versions("me", "houses", limit=10, before=None)
    assert [version.version for version in found] == [2, 1]
    assert more is None


def test_a_version_is_read_as_it_was_written(table: Table) -> None:
    written = _publish(table, JOB)
    assert Catalog(table).version("me", "houses", 1) == written


def test_a_job_that_starts_again_keeps_its_version_number(table: Table) -> None:
    with Leases(table).hold("train 1", 60) as lease:
        assert lease
        jobs.start(table, lease, JOB)
    assert registry.reserve_version(table, JOB) == 1
    assert registry.reserve_version(table, JOB) == 1
    assert registry.reserve_version(table, replace(JOB, id="2")) == 2


def test_jobs_that_end_together_get_numbers_of_their_own(table: Table) -> None:
    numbers = []

    def reserve(number: int) -> None:
        numbers.append(registry.reserve_version(table, replace(JOB, id=str(number))))

    threads = [threading.Thread(target=reserve, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_a_worker_without_its_lease_publishes_nothing(table: Table) -> None:
    with Leases(table).hold("train 1", 60) as lease:
        assert lease
        jobs.start(table, lease, JOB)
        number = registry.reserve_version(table, JOB)
        with pytest.raises(ConditionFailedError):
            registry.publish(table, Lease(lease.key, "stale"), JOB, _version(JOB, number))
    with pytest.raises(NotFoundError):
        Catalog(table).version("me", "houses", number)
    with pytest.raises(NotFoundError):
        Catalog(table).model("me", "houses")
    assert Catalog(table).models("me", 10, None) == ([], None)
    assert Catalog(table).job("me", "1").status == JobStatus.RUNNING


def test_a_worker_that_was_replaced_is_told_at_its_next_report(table: Table) -> None:
    with Leases(table).hold("train 1", 60) as lease:
        assert lease
        jobs.start(table, lease, JOB)
        jobs.report_progress(table, lease, JOB, 0.25, "searching", [])
        jobs.start(table, Lease(lease.key, "another"), JOB)
        with pytest.raises(LeaseHeldError):
            jobs.report_progress(table, lease, JOB, 0.5, "searching", [])


def test_a_version_waits_for_mlflow_until_it_is_logged(table: Table) -> None:
    version = _publish(table, JOB)
    assert [found.version for found in Catalog(table).untracked(10)] == [1]
    with Leases(table).hold("track", 60) as lease:
        assert lease
        registry.tracked(table, lease, version, "run-1")
    assert Catalog(table).untracked(10) == []
    assert Catalog(table).version("me", "houses", 1).mlflow_run_id == "run-1"


def test_what_belongs_to_another_owner_is_not_there(table: Table) -> None:
    _publish(table, JOB)
    for read in (
        lambda: Catalog(table).model("you", "houses"),
        lambda: Catalog(table).version("you", "houses", 1),
        lambda: Catalog(table).job("you", "1"),
    ):
        with pytest.raises(NotFoundError):
            read()
