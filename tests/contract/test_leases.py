"""Leases on DynamoDB's conditional writes: one effect, one worker at a time."""

import threading
from typing import Any

import pytest

from csv_analyzer.dynamo import ConditionFailedError, Key, Table, put_new
from csv_analyzer.errors import LeaseHeldError
from csv_analyzer.leases import Leases
from tests.contract.lost_answers import Repeating

pytestmark = pytest.mark.usefixtures("aws")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def table(aws: Any) -> Table:
    return Table(aws.tables["Catalog"].name)


def test_a_finished_effect_is_found_by_its_repeat(table: Table) -> None:
    leases = Leases(table)
    with leases.hold("train x", 10) as lease:
        assert lease
        table.write(lease.done())
    with leases.hold("train x", 10) as again:
        assert again is None


def test_a_second_worker_is_sent_away_while_the_first_is_at_it(table: Table) -> None:
    leases = Leases(table)
    with leases.hold("train x", 10), pytest.raises(LeaseHeldError), leases.hold("train x", 10):
        pytest.fail("both hold the lease")


def test_after_an_error_the_next_worker_may_try_at_once(table: Table) -> None:
    clock = Clock()
    leases = Leases(table, clock)
    with pytest.raises(ZeroDivisionError), leases.hold("train x", 100):
        raise ZeroDivisionError
    with leases.hold("train x", 100) as lease:
        assert lease


def test_a_killed_workers_lease_expires_and_the_worker_can_no_longer_finish(table: Table) -> None:
    clock = Clock()
    leases = Leases(table, clock)
    killed = leases.hold("train x", 100)
    old = killed.__enter__()
    clock.seconds += 102
    with leases.hold("train x", 100) as new:
        assert old
        assert new
        with pytest.raises(ConditionFailedError):
            table.write(old.done(), put_new(Key("OWNER#o", "MODEL#m"), {"x": 1}))
        assert table.get(Key("OWNER#o", "MODEL#m")) is None
        table.write(new.done())


def test_of_many_workers_at_once_one_gets_the_lease(table: Table) -> None:
    won, barrier = [], threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        try:
            with Leases(table).hold("train x", 60) as lease:
                won.append(lease)
                barrier.wait()
        except LeaseHeldError:
            barrier.wait()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_lease_whose_answer_was_lost_is_known_to_be_ones_own(table: Table) -> None:
    with Leases(Repeating(table.name)).hold("train x", 60) as lease:
        assert lease
        with pytest.raises(LeaseHeldError), Leases(table).hold("train x", 60):
            pytest.fail("both hold the lease")
        table.write(lease.done())


@pytest.mark.parametrize("ahead", [60, 240, 86_400])
def test_a_lease_that_was_taken_in_the_future_is_not_believed(table: Table, ahead: float) -> None:
    clock, wrong = Clock(), Clock()
    wrong.seconds += ahead
    killed = Leases(table, wrong).hold("train x", 30)
    old = killed.__enter__()
    clock.seconds += 32
    with Leases(table, clock).hold("train x", 30) as new:
        assert old
        assert new
        with pytest.raises(ConditionFailedError):
            table.write(old.done())
        table.write(new.done())


@pytest.mark.parametrize("ahead", [-5, 0, 5])
def test_clocks_that_differ_by_seconds_are_right(table: Table, ahead: float) -> None:
    clock, other = Clock(), Clock()
    other.seconds += ahead
    with (
        Leases(table, other).hold("train x", 30),
        pytest.raises(LeaseHeldError),
        Leases(table, clock).hold("train x", 30),
    ):
        pytest.fail("both hold the lease")
