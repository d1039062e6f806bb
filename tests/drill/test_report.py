"""The table adds up, and the sentences behind it name what is wrong."""

from collections import Counter

from tests.drill.audit import Kind, Order, Snapshot, Unanswered, Violation, Wrong
from tests.drill.plan import Fault
from tests.drill.proxy import Seen
from tests.drill.report import table, verdict
from tests.drill.stage import Account

ORDERS = [
    Order("storage", "ana", Kind.TRAINING, "1", {"SUCCEEDED"}),
    Order("storage", "ana", Kind.TRAINING, "2", {"FAILED"}),
    Order("storage", "ana", Kind.TRAINING, "3", {"SUCCEEDED"}),
    Order("kills", "ben", Kind.DATASET, "4", {"READY"}),
]
SNAPSHOT = Snapshot(
    0.0,
    items=[
        {"pk": "OWNER#ana", "sk": "JOB#1", "status": "SUCCEEDED", "owner": "ana"},
        {"pk": "OWNER#ana", "sk": "JOB#2", "status": "FAILED", "error": '{"code": "x"}', "owner": "ana"},
        {"pk": "OWNER#ana", "sk": "VERSION#m#000001", "owner": "ana"},
        {"pk": "OWNER#ben", "sk": "DATASET#4", "status": "READY", "owner": "ben"},
    ],
    dead=["training/x"],
)


def account(name: str, faults: int) -> Account:
    seen = Seen(
        faults=Counter({("s3", Fault.LOST): faults, ("sqs", Fault.LOST): 1}), retries=3, redelivered=2
    )
    return Account(name, seconds=12.4, seen=seen, killed=1, failed_invocations=4, redriven=0)


def figures(line: str, head: str) -> dict[str, str]:
    return dict(zip(head.split(), line.split(), strict=True))


def test_a_row_for_each_scenario_and_their_sum() -> None:
    wrong = [
        Violation(Wrong.LOST, "JOB ana/3"),
        Violation(Wrong.DOUBLED, "ben/m/1"),
        Violation(Wrong.GAP, "ben/m"),
    ]
    lines = table([account("storage", 5), account("kills", 0)], ORDERS, SNAPSHOT, wrong)
    storage, kills, total = (figures(lines[place], lines[0]) for place in (2, 3, 5))
    assert {name: storage[name] for name in ("scenario", "orders", "lost", "good", "failed", "versions")} == {
        "scenario": "storage",
        "orders": "3",
        "lost": "1",
        "good": "1",
        "failed": "1",
        "versions": "1",
    }
    assert (storage["unheard"], kills["unheard"], storage["slow"]) == ("6", "1", "0")
    assert (kills["orders"], kills["good"], kills["versions"], kills["lost"]) == ("1", "1", "0", "0")
    assert (storage["doubled"], kills["doubled"], kills["wrong"]) == ("0", "1", "1")
    assert (total["scenario"], total["orders"], total["good"], total["seconds"]) == ("all", "4", "2", "24")
    assert (total["retries"], total["redelivered"], total["killed"]) == ("6", "4", "2")


def test_the_sentences_count_and_name_what_is_wrong() -> None:
    wrong = [
        Violation(Wrong.LOST, "job 3"),
        Violation(Wrong.DOUBLED, "job 9"),
        Violation(Wrong.MLFLOW, "two runs"),
        Violation(Wrong.UNFINISHED, "job 8"),
    ]
    lines = verdict(ORDERS, [Unanswered("ana", Kind.DATASET)], SNAPSHOT, wrong)
    assert lines[0] == "4 orders, 3 of them trainings; 1 requests got no answer."
    assert "1 versions" in lines[1]
    assert "1 dead letters" in lines[1]
    assert lines[2] == "lost: 2, doubled: 1, otherwise wrong: 1"
    assert lines[3:] == ["  lost: job 3", "  doubled: job 9", "  mlflow: two runs", "  unfinished: job 8"]
