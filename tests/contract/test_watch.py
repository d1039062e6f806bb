"""A training goes on while the catalog is away, and ends when it is told to."""

from typing import Any

import pytest

import automl
from csv_analyzer import jobs
from csv_analyzer.catalog import Catalog, job_key
from csv_analyzer.dynamo import Item, Key, Table, put_new
from csv_analyzer.errors import DependencyError, JobCancelledError, LeaseHeldError
from csv_analyzer.leases import Leases
from csv_analyzer.records import Job
from train.watch import Watch

JOB = Job(
    owner="me", created_at="2026-01-01T00:00:00.000Z", id="1", dataset_id="d", model="houses", status="QUEUED"
)
PROGRESS = automl.Progress(0.5, "half", [])


class Away(Table):
    """A table that does not answer when it is told so."""

    away = False

    def get(self, key: Key) -> Item | None:
        if self.away:
            raise DependencyError("DynamoDB did not answer.")
        return super().get(key)

    def write(self, *operations: Item) -> None:
        if self.away:
            raise DependencyError("DynamoDB did not answer.")
        super().write(*operations)


@pytest.fixture
def table(aws: Any) -> Away:
    return Away(aws.tables["Catalog"].name)


@pytest.fixture
def watch(table: Away, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr("train.watch.SECONDS_BETWEEN_REPORTS", 0.0)
    monkeypatch.setattr("train.watch.SECONDS_BETWEEN_LOOKS", 0.0)
    table.write(put_new(job_key("me", "1"), JOB.to_item()))
    with Leases(table).hold("train me/1", 60) as lease:
        assert lease
    assert jobs.start(table, lease, JOB)
    return Watch(table, lease, JOB)


def test_a_training_goes_on_while_the_catalog_is_away(table: Away, watch: Watch) -> None:
    table.away = True
    watch.report(PROGRESS)
    watch.clock()
    table.away = False
    watch.report(PROGRESS)
    assert Catalog(table).job("me", "1").progress == 0.5


def test_a_report_ends_a_training_that_is_not_wanted(table: Away, watch: Watch) -> None:
    jobs.cancel(table, "me", "1")
    with pytest.raises(JobCancelledError):
        watch.report(PROGRESS)


def test_a_report_ends_a_training_that_another_worker_took_over(table: Away, watch: Watch) -> None:
    with Leases(table).hold("train me/1 again", 60) as lease:
        assert lease
        assert jobs.start(table, lease, JOB)
    with pytest.raises(LeaseHeldError):
        watch.report(PROGRESS)
