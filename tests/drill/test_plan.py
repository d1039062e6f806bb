"""The plan is a matter of its seed and its rules, and of how often which fault was asked for."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.drill.plan import GROUP, STORM_SHARE, Decision, Fault, Plan, Rule

MANY = 6_000


def faults(plan: Plan, service: str, count: int = MANY) -> list[Fault | None]:
    return [plan.decide(service, number).fault for number in range(count)]


def test_equal_seeds_decide_alike_and_others_do_not() -> None:
    rules = {"s3": Rule(0.3), "sqs": Rule(0.3)}
    assert faults(Plan("1", rules), "s3") == faults(Plan("1", rules), "s3")
    assert faults(Plan("1", rules), "s3") != faults(Plan("2", rules), "s3")
    assert faults(Plan("1", rules), "s3") != faults(Plan("1", rules), "sqs")


def test_a_service_without_a_rule_never_fails() -> None:
    assert set(faults(Plan("1", {"s3": Rule(1.0)}), "dynamodb")) == {None}
    assert Plan("1").decide("s3", 0) == Decision()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_so_many_fail_and_each_kind_as_often_as_the_others(share: float) -> None:
    counts = Counter(faults(Plan("seed", {"s3": Rule(share)}), "s3"))
    failed = MANY - counts[None]
    assert failed == pytest.approx(share * MANY, abs=0.02 * MANY)
    for fault in Fault:
        assert counts[fault] == pytest.approx(failed / len(Fault), rel=0.25)


def test_weights_choose_the_kinds() -> None:
    rule = Rule(0.5, weights={Fault.LOST: 3, Fault.SLOW: 1})
    counts = Counter(faults(Plan("seed", {"s3": rule}), "s3"))
    assert set(counts) == {None, Fault.LOST, Fault.SLOW}
    assert counts[Fault.LOST] == pytest.approx(3 * counts[Fault.SLOW], rel=0.2)


def test_only_what_is_slow_takes_time_and_within_its_bounds() -> None:
    plan = Plan("seed", {"s3": Rule(0.9, slow_seconds=(0.2, 0.4))})
    for decision in (plan.decide("s3", number) for number in range(2000)):
        assert (0.2 <= decision.seconds <= 0.4) if decision.fault is Fault.SLOW else decision.seconds == 0


def test_in_a_storm_nearly_all_of_a_group_fail_and_else_none() -> None:
    found = faults(Plan("seed", {"s3": Rule(0.0, storms=0.2)}), "s3")
    starts = range(0, MANY + 1, GROUP)
    shares = [sum(fault is not None for fault in found[start:end]) / GROUP for start, end in pairwise(starts)]
    assert all(share == 0 or share > 0.6 for share in shares)
    stormy = [share for share in shares if share]
    assert len(stormy) == pytest.approx(0.2 * len(shares), rel=0.25)
    assert sum(stormy) / len(stormy) == pytest.approx(STORM_SHARE, abs=0.02)
