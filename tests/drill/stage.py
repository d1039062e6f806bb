"""The stack that all scenarios play on, behind proxies, and what is written down of it."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from csv_analyzer.events import objects_written
from csv_analyzer.records import PENDING_ATTRIBUTE
from infra.local.stack import LocalStack, StackError
from tests.conftest import ROOT
from tests.drill.audit import Kind, Order, Snapshot, end_of, event_key, is_over
from tests.drill.people import Customer, Ledger
from tests.drill.plan import Fault, Plan, Rule, dice_of
from tests.drill.proxy import FaultProxy, Seen
from tests.drill.snapshot import QUEUES, items_of, take, waiting_in

# Short, so that what a dead worker leaves behind comes again while the drill waits.
PARAMETERS = {
    "AnalyzeTimeoutSeconds": "25",
    "AnalyzeVisibilitySeconds": "28",
    "TrainTimeoutSeconds": "40",
    "TrainVisibilitySeconds": "44",
    "BatchTimeoutSeconds": "30",
    "BatchVisibilitySeconds": "34",
    "MaxUploadBytes": "50000000",
    "TrainingBudgetSeconds": "5",
}
WORKERS = ("AnalyzeFunction", "TrainFunction", "BatchFunction")
_DONE_BY_EVENTS = {Kind.DATASET, Kind.RECIPE, Kind.TRAINING, Kind.BATCH}
_SETTLE_SECONDS = 600.0
_OPERATOR_SECONDS = 3.0
# So often a version is logged and its stages told, in turns, before something must be wrong.
_TRACKING_RUNS = 12
_TRACKING_SECONDS = 2.0


class Letter(NamedTuple):
    """A dead letter: the queue of work that it comes from, its body and the key that it is about."""

    queue: str
    body: str
    key: str


@dataclass
class Account:
    """What happened in a scenario."""

    name: str
    seconds: float = 0.0
    seen: Seen = field(default_factory=Seen)
    killed: int = 0
    failed_invocations: int = 0
    redriven: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


class Stage:
    """A local stack whose functions, pollers and MLflow client talk through proxies; a context manager.

    Parameters
    ----------
    folder : Path
        Of the stack's state.
    seed : str
        Decides all that is left to chance.
    events : int
        How many events of S3 are delivered where these are what it is about.
    mlflow : bool
        Whether there is an MLflow.
    """

    def __init__(self, folder: Path, seed: str, *, events: int = 1000, mlflow: bool = True) -> None:
        self.folder = folder
        self.seed = seed
        self.events = events
        self.ledger = Ledger()
        self.proxies: dict[str, FaultProxy] = {}
        self.letters: list[Letter] = []
        self.account = Account("")
        self._mlflow = mlflow
        self._numbers = itertools.count(1)
        self._failed: dict[str, int] = {}
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            self._exits = exits
            self.stack = exits.enter_context(
                LocalStack(
                    ROOT / "template.yaml",
                    PARAMETERS,
                    self.folder / "state",
                    mlflow=self._mlflow,
                    relay=self._relay,
                )
            )
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._exits.close()

    def _relay(self, name: str, url: str) -> str:
        proxy = FaultProxy(url, "mlflow" if name == "mlflow" else "")
        self.proxies[name] = self._exits.enter_context(proxy)
        return proxy.url

    def say(self, text: str) -> None:
        """Tell whoever watches."""
        print(f"{time.strftime('%H:%M:%S')}  {self.account.name:<8} {text}", flush=True)

    def dice(self, *what: object) -> random.Random:
        """Return dice of the scenario."""
        return dice_of(self.seed, self.account.name, *what)

    def count(self) -> int:
        """Return a number that nobody else has."""
        return next(self._numbers)

    def failures(self, function: str) -> int:
        """Invocations of a function that failed since the scenario began."""
        return self.stack.functions[function].errors - self._failed[function]

    @contextmanager
    def customers(self, *names: str) -> Iterator[list[Customer]]:
        """People who come for the scenario."""
        people = [Customer(self.stack, self.ledger, self.account.name, name) for name in names]
        try:
            yield people
        finally:
            for customer in people:
                customer.close()

    @contextmanager
    def weather(self, **rules: Rule) -> Iterator[None]:
        """Let requests to services fail meanwhile."""
        for name, proxy in self.proxies.items():
            proxy.plan = Plan(f"{self.seed}/{self.account.name}/{name}", rules)
        try:
            yield
        finally:
            for proxy in self.proxies.values():
                proxy.plan = Plan("")

    def kill(self, function: str) -> int:
        """Kill all processes of a function (SIGKILL)."""
        killed = len(self.stack.functions[function].kill())
        self.account.killed += killed
        return killed

    def play(self, name: str, scene: Callable[["Stage"], None]) -> Account:
        """Play a scenario to its end, when all of its work is over."""
        self.account = account = Account(name)
        self.say("begins")
        begun, seen, errors = time.monotonic(), self._seen(), len(self.ledger.errors)
        self._failed = {name: pool.errors for name, pool in self.stack.functions.items()}
        try:
            with self._operator():
                scene(self)
        finally:
            self.settle()
            account.seconds = time.monotonic() - begun
            account.seen = self._seen_since(seen)
            account.failed_invocations = sum(self.failures(name) for name in WORKERS)
            account.errors = Counter(self.ledger.errors[errors:])
        ends = Counter(end for _order, end in self.ends(items_of(self.stack)))
        self.say(", ".join(f"{count} {end}" for end, count in sorted(ends.items())))
        return account

    def ends(self, items: Sequence[Mapping[str, Any]]) -> list[tuple[Order, str]]:
        """In what the orders of this scenario ended."""
        there = Snapshot(time.time(), items=items)
        orders = [order for order in self.ledger.orders if order.scenario == self.account.name]
        found = [(order, there.found(order)) for order in orders]
        return [(order, end_of(item) if item else "LOST") for order, item in found]

    def settle(self) -> None:
        """Wait until nothing waits; do what the runbook says of dead letters whose work is not over."""
        again = 1
        while again and self.quiet():
            self._open_letters()
            again = self._redrive()
        if self._mlflow:
            self.track()

    def quiet(self) -> bool:
        """Wait until no queue of work holds anything; False if that takes too long."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            if not any(waiting_in(self.stack).values()):
                return True
            time.sleep(0.5)
        self.say(f"still at work: {waiting_in(self.stack)}")
        return False

    @contextmanager
    def _operator(self) -> Iterator[None]:
        """Let somebody look after dead letters meanwhile."""
        leaving = threading.Event()

        def watch() -> None:
            while not leaving.wait(_OPERATOR_SECONDS):
                self._open_letters()
                self._redrive()

        with ThreadPoolExecutor(1) as office:
            watching = office.submit(watch)
            try:
                yield
            finally:
                leaving.set()
        watching.result()

    def track(self) -> None:
        """Let MLflow be told what it does not know yet."""
        for _ in range(_TRACKING_RUNS):
            pending = Counter(
                item[PENDING_ATTRIBUTE]
                for item in items_of(self.stack)
                if item.get(PENDING_ATTRIBUTE) in {"tracking", "mirror"}
            )
            if not pending:
                return
            # A worker that died has a lease, which ends with its invocation.
            time.sleep(_TRACKING_SECONDS)
            try:
                self.stack.run_schedule("TrackingFunction")
            except StackError as error:
                self.account.notes.append(f"the tracking function failed: {error}")
        self.say(f"MLflow was not told: {dict(pending)}")

    def snapshot(self) -> Snapshot:
        """Look at everything."""
        return take(self.stack, [letter.key for letter in self.letters])

    def url(self, queue: str) -> str:
        """Address of a queue."""
        return str(self.stack.template.resolve({"Ref": queue}))

    def _open_letters(self) -> None:
        sqs = self.stack.client("sqs")
        for queue in QUEUES:
            url = self.url(queue.replace("Queue", "DeadLetterQueue"))
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    keys = [written.key for written in objects_written(message["Body"])]
                    self.letters.append(Letter(queue, message["Body"], ", ".join(keys)))
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def _redrive(self) -> int:
        """Send letters again whose work is not over; returns how many there were."""
        over = {
            key
            for item in items_of(self.stack)
            if (kind := item["sk"].split("#")[0]) in _DONE_BY_EVENTS and is_over(item)
            for key in [event_key(Kind(kind), item)]
        }
        again = [letter for letter in self.letters if letter.key not in over]
        for letter in again:
            self.letters.remove(letter)
            self.stack.client("sqs").send_message(QueueUrl=self.url(letter.queue), MessageBody=letter.body)
        self.account.redriven += len(again)
        return len(again)

    def _seen(self) -> dict[str, Seen]:
        return {name: proxy.seen.copy() for name, proxy in self.proxies.items()}

    def _seen_since(self, before: Mapping[str, Seen]) -> Seen:
        both = Seen()
        for name, proxy in self.proxies.items():
            since = proxy.seen.since(before[name])
            both = Seen(
                both.requests + since.requests,
                both.faults + since.faults,
                both.retries + since.retries,
                both.redelivered + since.redelivered,
            )
        return both


def kinds(seen: Seen) -> Counter[Fault]:
    """Faults by kind."""
    counts: Counter[Fault] = Counter()
    for (_service, fault), count in seen.faults.items():
        counts[fault] += count
    return counts
