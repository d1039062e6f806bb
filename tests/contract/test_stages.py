"""Stages of versions: at any moment one version is in production, and history tells how it came there."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from csv_analyzer import history, stages
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import Table, delete, update
from csv_analyzer.errors import (
    ConflictError,
    GateRefusedError,
    InProductionError,
    NotFoundError,
    NothingToRollBackError,
)
from csv_analyzer.history import Change, next_revision
from csv_analyzer.records import Action, Model, Stage
from tests.contract.stage_samples import PLACE, chain, publish, stage_of

ANA = "user:ana"


@pytest.fixture
def catalog(aws: Any) -> Catalog:
    return Catalog(Table(aws.tables["Catalog"].name))


def promote(catalog: Catalog, number: int, **how: Any) -> stages.Outcome:
    return stages.promote(catalog, *PLACE, number, actor=ANA, **how)


def test_a_promotion_archives_the_former_version_and_remembers_it(catalog: Catalog) -> None:
    publish(catalog), publish(catalog, 0.4)
    done = promote(catalog, 2, reason="better")
    model = catalog.model(*PLACE)
    assert done.model == replace(model, logged=0)
    assert (model.production, model.lineage, model.revision, model.versions) == (2, [1], 3, 2)
    assert stage_of(catalog) == {2: "production", 1: "archived"}
    entry = chain(catalog)[-1]
    assert done.entry == entry
    assert (entry.actor, entry.action, entry.version, entry.reason) == (ANA, "promoted", 2, "better")
    assert (entry.from_stage, entry.to_stage, entry.production) == ("staging", "production", 2)
    assert entry.gate is not None
    assert (entry.forced, entry.gate["decision"], entry.gate["candidate"]) == (False, "passed", 0.4)


def test_what_is_so_already_is_left_as_it_is(catalog: Catalog) -> None:
    publish(catalog), publish(catalog)
    assert promote(catalog, 1).entry is None
    assert stages.restore(catalog, *PLACE, 2, actor=ANA).entry is None
    assert stages.archive(catalog, *PLACE, 2, actor=ANA).entry
    assert stages.archive(catalog, *PLACE, 2, actor=ANA).entry is None
    assert [entry.action for entry in chain(catalog)] == ["published", "published", "archived"]


def test_versions_are_archived_and_restored_but_not_the_one_in_production(catalog: Catalog) -> None:
    publish(catalog), publish(catalog)
    stages.archive(catalog, *PLACE, 2, actor=ANA, reason="old")
    assert stage_of(catalog) == {2: "archived", 1: "production"}
    stages.restore(catalog, *PLACE, 2, actor=ANA)
    assert stage_of(catalog) == {2: "staging", 1: "production"}
    for move in (stages.archive, stages.restore):
        with pytest.raises(InProductionError):
            move(catalog, *PLACE, 1, actor=ANA)


def test_rolling_back_goes_back_the_way_that_was_come(catalog: Catalog) -> None:
    for _ in range(3):
        publish(catalog)
    promote(catalog, 2), promote(catalog, 3), promote(catalog, 1)
    assert catalog.model(*PLACE).lineage == [1, 2, 3]
    for expected, lineage in ((3, [1, 2]), (2, [1]), (1, [])):
        assert stages.roll_back(catalog, *PLACE, actor=ANA).version == expected
        model = catalog.model(*PLACE)
        assert (model.production, model.lineage) == (expected, lineage)
    assert stage_of(catalog) == {3: "archived", 2: "archived", 1: "production"}
    with pytest.raises(NothingToRollBackError):
        stages.roll_back(catalog, *PLACE, actor=ANA)


def test_a_rollback_that_names_what_it_leaves_happens_once(catalog: Catalog) -> None:
    for _ in range(3):
        publish(catalog)
    promote(catalog, 2), promote(catalog, 3)
    stages.roll_back(catalog, *PLACE, actor=ANA, leaving=3)
    with pytest.raises(ConflictError, match="Version 3 is not in production; version 2 is"):
        stages.roll_back(catalog, *PLACE, actor=ANA, leaving=3)
    assert catalog.model(*PLACE).production == 2


def test_a_worse_version_needs_force(catalog: Catalog) -> None:
    publish(catalog, 0.5), publish(catalog, 0.6)
    with pytest.raises(GateRefusedError) as refused:
        promote(catalog, 2)
    assert (refused.value.gate["decision"], refused.value.gate["tolerance"]) == ("refused", 0.005)
    assert (catalog.model(*PLACE).production, len(chain(catalog))) == (1, 2)
    promote(catalog, 2, force=True, reason="the first one leaks")
    entry = chain(catalog)[-1]
    assert entry.gate is not None
    assert (entry.forced, entry.gate["decision"], entry.reason) == (True, "refused", "the first one leaks")


def test_what_is_not_there_is_not_found(catalog: Catalog) -> None:
    publish(catalog)
    for owner, name, number in (("me", "houses", 2), ("me", "castles", 1), ("you", "houses", 1)):
        with pytest.raises(NotFoundError):
            stages.promote(catalog, owner, name, number, actor=ANA)
        with pytest.raises(NotFoundError):
            stages.archive(catalog, owner, name, number, actor=ANA)


def test_lineage_is_bounded(catalog: Catalog) -> None:
    publish(catalog), publish(catalog)
    model = model_key(*PLACE)
    catalog.table.write(update(model, assign={"lineage": list(range(1000, 1000 + stages.MAX_LINEAGE))}))
    promote(catalog, 2)
    assert catalog.model(*PLACE).lineage == [*range(1001, 1000 + stages.MAX_LINEAGE), 1]


def erase_version(catalog: Catalog, number: int) -> None:
    """Take a version away as an erasure does."""
    model = catalog.model(*PLACE)
    stage = catalog.version(*PLACE, number).stage(model)
    gone = Change(ANA, Action.ERASED, number, from_stage=stage)
    production = 0 if stage is Stage.PRODUCTION else model.production
    revision = next_revision(model, gone, production=production, versions=model.versions - 1)
    catalog.table.write(*revision.operations, delete(version_key(*PLACE, number)))


def test_without_its_production_version_a_model_is_there_and_can_be_rolled_back(catalog: Catalog) -> None:
    for _ in range(3):
        publish(catalog)
    promote(catalog, 2), promote(catalog, 3)
    erase_version(catalog, 2)
    erase_version(catalog, 3)
    assert (catalog.model(*PLACE).production, stage_of(catalog)) == (0, {1: "archived"})
    assert [model.name for model in catalog.models("me", 10, None)[0]] == ["houses"]
    # Version 2 is in the lineage, and gone.
    assert stages.roll_back(catalog, *PLACE, actor=ANA).version == 1
    erase_version(catalog, 1)
    assert catalog.models("me", 10, None) == ([], None)


def test_a_model_with_nothing_in_production_takes_the_next_version(catalog: Catalog) -> None:
    publish(catalog), publish(catalog)
    erase_version(catalog, 1)
    publish(catalog)
    assert stage_of(catalog) == {3: "production", 2: "staging"}
    erase_version(catalog, 3)
    done = promote(catalog, 2)
    assert done.entry
    assert done.entry.gate
    assert done.entry.gate["decision"] == "not_comparable"


def test_history_tells_what_was_in_production_when_and_who_put_it_there(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3, 4))
    monkeypatch.setattr(history, "now", lambda: next(moments))
    publish(catalog), publish(catalog), promote(catalog, 2)
    stages.restore(catalog, *PLACE, 1, actor="user:ben")
    model = catalog.model(*PLACE)
    found = {
        moment: history.revision_at(catalog, model, moment)
        for moment in (
            "2025-12-31T23:59:59.999Z",
            "2026-01-01T00:00:00.000Z",
            "2026-01-02T23:59:59.999Z",
            "2026-01-03T00:00:00.000Z",
            "2026-02-01T00:00:00.000Z",
        )
    }
    assert list(found.values()) == [0, 1, 2, 3, 4]
    last = catalog.change(*PLACE, 4)
    assert (last.actor, last.production, last.production_since) == ("user:ben", 2, 3)
    assert catalog.change(*PLACE, last.production_since).actor == ANA


def test_the_moments_of_a_history_never_go_back(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(["2026-01-02T00:00:00.000Z", "2026-01-01T00:00:00.000Z"])
    monkeypatch.setattr(history, "now", lambda: next(moments))
    publish(catalog), publish(catalog)
    assert {entry.created_at for entry in chain(catalog)} == {"2026-01-02T00:00:00.000Z"}


def test_a_change_that_others_forestall_again_and_again_is_given_up(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(catalog), publish(catalog)
    monkeypatch.setattr(stages, "back_off", lambda attempt: None)
    read: Callable[..., Model] = catalog.model
    stale = replace(read(*PLACE), revision=1)
    monkeypatch.setattr(catalog, "model", lambda *_: stale)
    with pytest.raises(ConflictError, match="Others are changing this model"):
        promote(catalog, 2)
