"""A step's figures are those of its answers, and the limit is where it is said to be."""

import math
from collections.abc import Mapping

import pytest

from infra.local.runtime import UNRESERVED_CONCURRENCY
from infra.local.template import Template
from tests.load import machine
from tests.load.machine import Bound, bounds_of, shortage
from tests.load.steps import ANALYSIS, Figures, Reason, Request, Rules, Step, limit_of, percentile, step_of

RULES = Rules(slowest_ms=1000, most_errors=0.01, least_growth=0.1, patience=2)
THROTTLING = "50 a second"


def _step(
    users: int, rate: float, p95: float = 50.0, errors: Mapping[str, int] | None = None, throttled: int = 0
) -> Step:
    return Step(users, 10.0, rate, Figures(1000, 20.0, p95, p95), {}, errors or {}, throttled)


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1), (1, 1), (50, 50), (50.5, 51), (95, 95), (99, 99), (100, 100)]
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share: float, expected: int) -> None:
    assert percentile(range(1, 101), share) == expected


def test_few_values_have_percentiles_too_and_none_has_none() -> None:
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0
    assert percentile([1.0, 9.0], 50) == 1.0
    assert percentile([1.0, 9.0], 51) == 9.0
    assert math.isnan(percentile([], 95))


def test_only_what_ended_between_settling_and_the_end_is_counted() -> None:
    requests = [Request(at, "a", 10.0, 200) for at in (0.0, 4.999, 5.0, 14.999, 15.0)]
    step = step_of(2, requests, settle=5.0, seconds=10.0)
    assert (step.all.count, step.rate) == (2, 0.2)


def test_errors_throttled_requests_and_analyses_are_no_answers() -> None:
    requests = [
        Request(1.0, "a", 10.0, 200),
        Request(1.0, "b", 30.0, 201),
        Request(1.0, "a", 1.0, 429, "too_many_requests"),
        Request(1.0, "a", 1.0, 429, "limit_reached"),
        Request(1.0, "a", 1.0, 502, "bad_gateway"),
        Request(1.0, "a", 1.0, 502, "bad_gateway"),
        Request(1.0, "a", 1.0, 0, "ConnectionRefusedError"),
        Request(1.0, ANALYSIS, 9000.0, 200),
    ]
    step = step_of(4, requests, settle=0.0, seconds=2.0, machine={"machine %": 50.0})
    assert step.all == Figures(2, 10.0, 30.0, 30.0)
    assert step.rate == 1.0
    assert step.errors == {
        "502 bad_gateway": 2,
        "429 limit_reached": 1,
        "no answer ConnectionRefusedError": 1,
    }
    assert step.throttled == 1
    assert (step.error_share, step.throttled_share) == (4 / 7, 1 / 7)
    assert step.by_name["b"] == Figures(1, 30.0, 30.0, 30.0)
    assert step.by_name[ANALYSIS].count == 1
    assert step.machine == {"machine %": 50.0}


def test_a_step_without_answers_has_no_times_and_is_a_limit_of_errors() -> None:
    step = step_of(1, [], settle=0.0, seconds=2.0)
    assert step.all.count == 0
    assert step.error_share == 0
    limit = limit_of([step], RULES)
    assert limit
    assert limit.reason is Reason.ERRORS
    assert "none was answered" in limit.sentence


def test_while_the_rate_grows_there_is_a_further_step() -> None:
    steps: list[Step] = []
    for users, rate in ((1, 10.0), (2, 20.0), (4, 39.0), (8, 60.0)):
        steps.append(_step(users, rate))
        assert limit_of(steps, RULES) is None


def test_one_step_that_does_not_grow_may_be_chance_and_two_are_the_limit() -> None:
    steps = [_step(1, 10.0), _step(2, 20.0), _step(4, 21.0)]
    assert limit_of(steps, RULES) is None
    limit = limit_of([*steps, _step(8, 20.5)], RULES)
    assert limit
    assert (limit.reason, limit.step.users) == (Reason.FULL, 4)
    assert "Beyond 2 users the rate grew no more" in limit.sentence
    assert "21.0 requests/s with 4 users" in limit.sentence
    assert limit_of([*steps, _step(8, 22.5)], RULES) is None


def test_a_rate_that_falls_is_a_limit_too() -> None:
    limit = limit_of([_step(1, 20.0), _step(2, 15.0), _step(4, 12.0)], RULES)
    assert limit
    assert (limit.reason, limit.step.users) == (Reason.FULL, 1)
    assert "1 user the rate" in limit.sentence


@pytest.mark.parametrize(
    ("bad", "reason", "words"),
    [
        (_step(4, 90.0, p95=1000.1), Reason.SLOW, "p95 was 1,000 ms, above the bound of 1,000"),
        (
            _step(4, 90.0, errors={"502 bad_gateway": 11}),
            Reason.ERRORS,
            "1.1% of the requests failed: 11 x 502",
        ),
        (_step(4, 90.0, throttled=11), Reason.THROTTLED, "429 too_many_requests: the service's own limit"),
        (_step(4, 90.0, throttled=50, errors={"500": 99}), Reason.THROTTLED, f"({THROTTLING})"),
    ],
)
def test_a_step_that_passes_a_bound_ends_it_and_the_best_before_is_the_limit(
    bad: Step, reason: Reason, words: str
) -> None:
    limit = limit_of([_step(1, 10.0), _step(2, 20.0), bad], RULES, THROTTLING)
    assert limit
    assert (limit.reason, limit.step.users) == (reason, 2)
    assert words in limit.sentence
    assert "Best within the bounds: 20.0 requests/s with 2 users" in limit.sentence


def test_a_step_at_its_bounds_keeps_them() -> None:
    step = _step(1, 10.0, p95=1000.0, errors={"502": 5}, throttled=5)
    assert limit_of([step], RULES) is None


def test_where_not_even_the_first_step_keeps_the_bounds_that_is_said() -> None:
    limit = limit_of([_step(1, 10.0, p95=5000.0)], RULES)
    assert limit
    assert "No step kept the bounds." in limit.sentence


def test_a_limit_that_was_not_reached_is_not_made_up() -> None:
    limit = limit_of([_step(1, 10.0), _step(2, 20.0)], RULES, last=True)
    assert limit
    assert (limit.reason, limit.step.users) == (Reason.ALL_TAKEN, 2)
    assert "was not reached" in limit.sentence


def _used(**changes: float) -> Step:
    figures = {
        "machine %": 50.0,
        "functions": 20.0,
        "gateway": 10.0,
        "moto": 5.0,
        "load generator": 10.0,
        "all else": 5.0,
        "at work: ApiFunction": 3.0,
    }
    return Step(8, 10.0, 1.0, Figures(1, 1, 1, 1), {}, {}, 0, figures | changes)


def test_what_was_used_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CORES", 2)
    bounds = {"ApiFunction": Bound(10, "whose")}
    (nothing,) = shortage(_used(), bounds)
    assert nothing.startswith("Nothing that is measured")
    (cpu,) = shortage(_used(**{"machine %": 97.0}), bounds)
    assert cpu.startswith("CPU: 2 cores were 97 % busy (functions 20 %, gateway 10 %")
    (gateway,) = shortage(_used(gateway=47.0), bounds)
    assert gateway.startswith("The local gateway: its one process used 94 % of a core")
    (aws,) = shortage(_used(moto=43.6), bounds)
    assert aws.startswith("The local moto: its one process used 87 % of a core")
    (processes,) = shortage(_used(**{"at work: ApiFunction": 9.4}), bounds)
    assert processes == "Processes: 9.4 of 10 of ApiFunction were at work (whose)."
    _, others = shortage(_used(**{"all else": 40.0}), bounds)
    assert "Other programs used 40 % of the machine" in others
    assert len(shortage(_used(**{"machine %": 97.0, "at work: ApiFunction": 9.4}), bounds)) == 2


def test_the_bound_of_a_function_is_the_least_of_the_templates_and_the_stacks(template: Template) -> None:
    bounds = bounds_of(template)
    assert set(bounds) == set(template.functions)
    assert bounds["PredictFunction"] == Bound(UNRESERVED_CONCURRENCY, "the local stack's bound")
    for mapping in template.queue_mappings:
        most = mapping.maximum_concurrency or UNRESERVED_CONCURRENCY
        assert bounds[mapping.function].processes <= most
    assert any("maximum concurrency of its queue" in bound.whose for bound in bounds.values())
