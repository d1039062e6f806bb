"""The drill's figures as a table."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.drill.audit import Kind, Order, Snapshot, Unanswered, Violation, Wrong, end_of
from tests.drill.plan import Fault
from tests.drill.stage import Account, kinds

_NOT_THERE = {Wrong.LOST, Wrong.UNFINISHED}
_GOOD = {"READY", "SUCCEEDED"}
_FAULTS = {
    Fault.ERROR: "error",
    Fault.THROTTLE: "throttled",
    Fault.SLOW: "slow",
    Fault.CUT: "cut",
    Fault.LOST: "unheard",
    Fault.DENIED: "denied",
}
_COLUMNS = (
    "scenario",
    "orders",
    *_FAULTS.values(),
    "killed",
    "retries",
    "failed-runs",
    "redelivered",
    "redriven",
    "5xx",
    "good",
    "failed",
    "cancelled",
    "versions",
    "lost",
    "doubled",
    "wrong",
    "seconds",
)


def table(
    accounts: Sequence[Account],
    orders: Sequence[Order],
    snapshot: Snapshot,
    violations: Sequence[Violation] = (),
) -> list[str]:
    """Lines of the table: a row for each scenario, and their sum."""
    rows = [_row(account, orders, snapshot, violations) for account in accounts]
    total = Counter[str]()
    for one in rows:
        total.update({name: value for name, value in one.items() if isinstance(value, int)})
    head = "  ".join(_COLUMNS)
    rule = "-" * len(head)
    return [head, rule, *map(_line, rows), rule, _line({**total, "scenario": "all"})]


def _row(
    account: Account, orders: Sequence[Order], snapshot: Snapshot, violations: Sequence[Violation]
) -> dict[str, int | str]:
    """The figures of a scenario, by the name of their column."""
    own = [order for order in orders if order.scenario == account.name]
    ends = Counter(_end(order, snapshot) for order in own)
    owners = {order.owner for order in own}
    # What is wrong names its owner, who takes part in one scenario.
    wrong = Counter(found.kind for found in violations if any(owner in found.text for owner in owners))
    lost = sum(wrong[kind] for kind in _NOT_THERE)
    return {
        "scenario": account.name,
        "orders": len(own),
        **{_FAULTS[fault]: count for fault, count in kinds(account.seen).items()},
        "killed": account.killed,
        "retries": account.seen.retries,
        "failed-runs": account.failed_invocations,
        "redelivered": account.seen.redelivered,
        "redriven": account.redriven,
        "5xx": account.errors.total(),
        "good": sum(ends[end] for end in _GOOD),
        "failed": ends["FAILED"],
        "cancelled": ends["CANCELLED"],
        "versions": sum(item["owner"] in owners for item in snapshot.of_kind("VERSION")),
        "lost": lost,
        "doubled": wrong[Wrong.DOUBLED],
        "wrong": wrong.total() - lost - wrong[Wrong.DOUBLED],
        "seconds": round(account.seconds),
    }


def _end(order: Order, snapshot: Snapshot) -> str:
    item = snapshot.found(order)
    return end_of(item).partition(" ")[0] if item else ""


def _line(figures: Mapping[str, int | str]) -> str:
    return "  ".join(str(figures.get(name, 0)).rjust(len(name)) for name in _COLUMNS)


def verdict(
    orders: Sequence[Order],
    unanswered: Sequence[Unanswered],
    snapshot: Snapshot,
    violations: Sequence[Violation],
) -> list[str]:
    """Sentences behind the table: what there is, and what is wrong."""
    wrong = Counter(violation.kind for violation in violations)
    trainings = sum(order.kind is Kind.TRAINING for order in orders)
    lost = sum(wrong[kind] for kind in _NOT_THERE)
    others = len(violations) - lost - wrong[Wrong.DOUBLED]
    return [
        f"{len(orders)} orders, {trainings} of them trainings; {len(unanswered)} requests got no answer.",
        (
            f"{len(snapshot.of_kind('VERSION'))} versions, {len(snapshot.runs)} runs and "
            f"{len(snapshot.registered)} registered versions in MLflow, {len(snapshot.objects)} objects, "
            f"{len(snapshot.dead)} dead letters."
        ),
        f"lost: {lost}, doubled: {wrong[Wrong.DOUBLED]}, otherwise wrong: {others}",
        *(f"  {violation.kind}: {violation.text}" for violation in violations),
    ]
