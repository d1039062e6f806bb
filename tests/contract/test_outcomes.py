"""Outcomes count exactly once, whoever sends them at the same time, again, or in another order."""

import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from csv_analyzer import quality
from csv_analyzer.catalog import Catalog, version_key
from csv_analyzer.dynamo import ConditionFailedError, Table, put_new
from csv_analyzer.errors import ConflictError, LeaseHeldError
from csv_analyzer.outcomes import Sent, count_once
from csv_analyzer.quality import Confusion
from csv_analyzer.records import OutcomeReceipt, Version

NOW = datetime.now(UTC)
WRITERS = 6


@pytest.fixture
def catalog(aws: Any) -> Catalog:
    return Catalog(Table(aws.tables["Catalog"].name))


@pytest.fixture
def version(catalog: Catalog) -> Version:
    version = Version(
        owner="me", created_at="2026-01-01T00:00:00Z", model="houses", version=1, dataset_id="d", job_id="j",
        task="classification", target="sold", metric="log_loss", npz_sha256="", manifest_sha256="",
    )  # fmt: skip
    catalog.table.write(put_new(version_key("me", "houses", 1), version.to_item()))
    return version


def _count(
    catalog: Catalog, version: Version, name: str, *, right: int = 1, digest: str = ""
) -> tuple[OutcomeReceipt, bool]:
    counts = Confusion.of(["no", "yes"], [("yes", "yes")] * right + [("no", "yes")])

    def merge(known: Mapping[str, Any] | None) -> dict[str, Any]:
        return (quality.added(quality.counts_from_json(known), counts) if known else counts).to_json()

    return count_once(catalog, version, Sent(name, counts.count, digest or name), merge, NOW)


def _at_once(catalog: Catalog, version: Version, names: list[list[str]]) -> list[bool]:
    """Let each writer send its requests, all at the same time; a writer that is told to comes back."""
    start = threading.Barrier(len(names))
    counted: list[bool] = []

    def write(own: list[str]) -> None:
        start.wait()
        for name in own:
            while True:
                try:
                    counted.append(_count(catalog, version, name)[1])
                except LeaseHeldError:
                    continue
                break

    threads = [threading.Thread(target=write, args=(own,)) for own in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counted


def _cells(catalog: Catalog) -> Any:
    (day,) = catalog.outcome_days("me", "houses", 1)
    assert day.day == NOW.date().isoformat()
    return day.counts["cells"]


def test_writers_at_once_lose_nothing(catalog: Catalog, version: Version) -> None:
    names = [[f"{writer}-{i}" for i in range(4)] for writer in range(WRITERS)]
    assert all(_at_once(catalog, version, names))
    assert _cells(catalog) == [[1, 0, 4 * WRITERS], [1, 1, 4 * WRITERS]]


def test_the_same_at_once_and_in_any_order_counts_once(catalog: Catalog, version: Version) -> None:
    names = [
        random.Random(writer).sample(range(5), 5)  # noqa: S311
        for writer in range(WRITERS)
    ]
    counted = _at_once(catalog, version, [[f"id-{i}" for i in own] for own in names])
    assert counted.count(True) == 5
    assert len(counted) == 5 * WRITERS
    assert _cells(catalog) == [[1, 0, 5], [1, 1, 5]]


def test_two_who_take_one_id_for_different_outcomes(catalog: Catalog, version: Version) -> None:
    start, ends = threading.Barrier(2), []

    def write(right: int) -> None:
        start.wait()
        try:
            ends.append(_count(catalog, version, "one", right=right, digest=str(right))[1])
        except ConflictError:
            ends.append(None)

    threads = [threading.Thread(target=write, args=(right,)) for right in (3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends, key=str) == [None, True]
    assert _cells(catalog) in ([[1, 0, 1], [1, 1, 3]], [[1, 0, 1], [1, 1, 5]])


def test_a_write_whose_answer_is_lost_is_known_by_its_receipt(
    catalog: Catalog, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is carried out, and what comes back is a collision with itself."""
    write = Table.write

    def lost(table: Table, *operations: Any) -> None:
        write(table, *operations)
        raise ConditionFailedError

    monkeypatch.setattr(Table, "write", lost)
    receipt, _ = _count(catalog, version, "one")
    assert receipt.outcomes == 2
    assert _cells(catalog) == [[1, 0, 1], [1, 1, 1]]


def test_a_day_that_changes_all_the_time_is_given_up(
    catalog: Catalog, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collides(*_: Any) -> None:
        raise ConditionFailedError

    monkeypatch.setattr(Table, "write", collides)
    with pytest.raises(LeaseHeldError, match="Too many outcomes come in at once"):
        _count(catalog, version, "one")
    assert catalog.outcome_days("me", "houses", 1) == []
