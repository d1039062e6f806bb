"""Many change the stages of one model at once."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from csv_analyzer import stages
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.errors import ConflictError
from csv_analyzer.records import Action
from tests.contract.stage_samples import PLACE, chain, publish, replayed, stage_of

VERSIONS = 4
WORKERS = 8
REQUESTS = 6


@pytest.fixture
def catalog(aws: Any) -> Catalog:
    return Catalog(Table(aws.tables["Catalog"].name))


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every write that is tried on history, as its kind and the request."""
    found: list[dict[str, Any]] = []
    write: Callable[..., None] = Table.write

    def recorded(table: Table, *operations: dict[str, Any]) -> None:
        for operation in operations:
            ((kind, request),) = operation.items()
            if (request.get("Item") or request["Key"])["sk"]["S"].startswith("HISTORY#"):
                found.append({"kind": kind, **request})
        write(table, *operations)

    monkeypatch.setattr(Table, "write", recorded)
    return found


@dataclass
class Crowd:
    """Threads that order changes by chance, and one that looks on."""

    catalog: Catalog
    done: list[stages.Outcome] = field(default_factory=list)
    refused: list[ConflictError] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)

    def run(self) -> None:
        start = threading.Barrier(WORKERS + 1)
        workers = [threading.Thread(target=self._work, args=(start, seed)) for seed in range(WORKERS)]
        watcher = threading.Thread(target=self._watch, args=(start, workers))
        for thread in (*workers, watcher):
            thread.start()
        for thread in (*workers, watcher):
            thread.join()

    def _work(self, start: threading.Barrier, seed: int) -> None:
        chosen = random.Random(seed)  # noqa: S311
        start.wait()
        for _ in range(REQUESTS):
            what = chosen.choice(("promote", "promote", "roll_back", "archive", "restore", "publish"))
            try:
                self._order(what, chosen.randint(1, VERSIONS), f"user:{seed}")
            except ConflictError as error:
                self.refused.append(error)

    def _order(self, what: str, number: int, actor: str) -> None:
        if what == "publish":
            publish(self.catalog)
        elif what == "roll_back":
            self.done.append(stages.roll_back(self.catalog, *PLACE, actor=actor))
        else:
            order: Callable[..., stages.Outcome] = getattr(stages, what)
            self.done.append(order(self.catalog, *PLACE, number, actor=actor))

    def _watch(self, start: threading.Barrier, workers: list[threading.Thread]) -> None:
        start.wait()
        while any(worker.is_alive() for worker in workers):
            self.looks.append(self.catalog.model(*PLACE).production)


def test_one_version_is_in_production_at_any_moment_and_the_history_replays(
    catalog: Catalog, writes: list[dict[str, Any]]
) -> None:
    for _ in range(VERSIONS):
        publish(catalog)
    crowd = Crowd(catalog)
    crowd.run()

    entries, model, stage = chain(catalog), catalog.model(*PLACE), stage_of(catalog)
    assert [entry.revision for entry in entries] == list(range(1, model.revision + 1))
    assert replayed(entries) == (model.production, model.lineage, stage)
    assert list(stage.values()).count("production") == 1
    assert model.versions == len(stage) == model.latest
    # Every change that somebody was told of is in the history, as told, and no other.
    told = {outcome.entry.revision: outcome.entry for outcome in crowd.done if outcome.entry}
    assert told == {entry.revision: entry for entry in entries if entry.action != Action.PUBLISHED}
    assert crowd.looks
    assert 0 not in crowd.looks
    # History is put where none is, and never touched.
    assert {(write["kind"], write["ConditionExpression"]) for write in writes} == {
        ("Put", "attribute_not_exists(pk)")
    }
    collisions = len(writes) - len(entries)
    assert collisions > 0
    print(
        f"{len(entries)} changes by {WORKERS} threads, {collisions} collisions decided anew, "
        f"{len(crowd.refused)} requests refused, {len(crowd.looks)} looks; "
        f"version {model.production} in production, lineage {model.lineage}"
    )
