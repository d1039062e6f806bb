"""Changes of a model's stages: promote, archive, restore, roll back.

Which version is in production is one pointer on the model's item. Every change is one transaction that holds
only if nobody else changed the model since it was looked at, else it is decided anew on what is there now.
So there is never a moment with two versions in production, or with none between two.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from csv_analyzer import gate as gates
from csv_analyzer.catalog import Catalog, version_key
from csv_analyzer.dynamo import ConditionFailedError, Item, back_off, update
from csv_analyzer.errors import (
    ConflictError,
    GateRefusedError,
    InProductionError,
    NotFoundError,
    NothingToRollBackError,
)
from csv_analyzer.history import Change, next_revision
from csv_analyzer.records import Action, History, Model, Stage, Version

MAX_LINEAGE: Final = 100
_ATTEMPTS = 20


class Outcome(NamedTuple):
    """The model after a request, its version, and the change, which is None if there was nothing to do."""

    model: Model
    version: int
    entry: History | None


class _Plan(NamedTuple):
    change: Change
    production: int
    lineage: Sequence[int]
    archived: dict[int, bool]


def promote(
    catalog: Catalog, owner: str, name: str, number: int, *, actor: str, force: bool = False, reason: str = ""
) -> Outcome:
    """Put a version into production in the place of the one that is there, which is archived.

    Parameters
    ----------
    catalog : Catalog
        The catalog.
    owner, name, number
        Whose model, and which version.
    actor : str
        Who does it.
    force : bool
        Whether the gate's refusal is overruled.
    reason : str
        Why, for the history.

    Raises
    ------
    NotFoundError
        If there is no such model or version.
    GateRefusedError
        If the version is worse than the one in production.
    ConflictError
        If others changed the model again and again.
    """

    def decide(model: Model) -> _Plan | None:
        version = catalog.version(owner, name, number)
        stage = version.stage(model)
        if stage is Stage.PRODUCTION:
            return None
        former = _find(catalog, model, model.production)
        gate = gates.judge(version, former)
        if not gate.allows and not force:
            raise GateRefusedError(
                f"{gate.statement} Promote it all the same with `force` and a `reason`.", gate.document()
            )
        return _Plan(
            Change(
                actor,
                Action.PROMOTED,
                number,
                stage,
                Stage.PRODUCTION,
                forced=not gate.allows,
                reason=reason,
                gate=gate.document(),
            ),
            number,
            [*model.lineage, former.version][-MAX_LINEAGE:] if former else model.lineage,
            {number: False, **({former.version: True} if former else {})},
        )

    return _change(catalog, owner, name, number, decide)


def roll_back(
    catalog: Catalog, owner: str, name: str, *, actor: str, leaving: int | None = None, reason: str = ""
) -> Outcome:
    """Put the version into production that was there before; the present one is archived.

    Parameters
    ----------
    catalog : Catalog
        The catalog.
    owner, name
        Whose model.
    actor : str
        Who does it.
    leaving : int or None
        The version that must be in production for this to happen, so that a repeat goes no further back.
    reason : str
        Why, for the history.

    Raises
    ------
    NotFoundError
        If there is no such model.
    NothingToRollBackError
        If no version that is still there was in production before.
    ConflictError
        If `leaving` is not in production, or others changed the model again and again.
    """

    def decide(model: Model) -> _Plan | None:
        if leaving is not None and leaving != model.production:
            raise ConflictError(
                f"Version {leaving} is not in production; "
                + (f"version {model.production} is." if model.production else "none is.")
            )
        lineage = list(model.lineage)
        while lineage:
            earlier = lineage.pop()
            version = _find(catalog, model, earlier) if earlier != model.production else None
            if version:
                break
        else:
            raise NothingToRollBackError("No earlier version of the model was in production.")
        former = _find(catalog, model, model.production)
        return _Plan(
            Change(
                actor,
                Action.ROLLED_BACK,
                version.version,
                version.stage(model),
                Stage.PRODUCTION,
                reason=reason,
            ),
            version.version,
            lineage,
            {version.version: False, **({former.version: True} if former else {})},
        )

    return _change(catalog, owner, name, 0, decide)


def archive(catalog: Catalog, owner: str, name: str, number: int, *, actor: str, reason: str = "") -> Outcome:
    """Take a version out of service.

    Raises
    ------
    NotFoundError
        If there is no such model or version.
    InProductionError
        If it is in production.
    ConflictError
        If others changed the model again and again.
    """
    return _move(catalog, owner, name, number, Change(actor, Action.ARCHIVED, number, reason=reason))


def restore(catalog: Catalog, owner: str, name: str, number: int, *, actor: str, reason: str = "") -> Outcome:
    """Put an archived version back into staging.

    Raises
    ------
    NotFoundError
        If there is no such model or version.
    InProductionError
        If it is in production.
    ConflictError
        If others changed the model again and again.
    """
    return _move(catalog, owner, name, number, Change(actor, Action.RESTORED, number, reason=reason))


def _move(catalog: Catalog, owner: str, name: str, number: int, change: Change) -> Outcome:
    """Move a version that is not in production to where the change leads."""
    to_stage = Stage.ARCHIVED if change.action is Action.ARCHIVED else Stage.STAGING

    def decide(model: Model) -> _Plan | None:
        stage = catalog.version(owner, name, number).stage(model)
        if stage is Stage.PRODUCTION:
            raise InProductionError(
                f"Version {number} is in production: promote another one, or roll back, and it is archived."
            )
        if stage is to_stage:
            return None
        return _Plan(
            replace(change, from_stage=stage, to_stage=to_stage),
            model.production,
            model.lineage,
            {number: to_stage is Stage.ARCHIVED},
        )

    return _change(catalog, owner, name, number, decide)


def _change(
    catalog: Catalog, owner: str, name: str, number: int, decide: Callable[[Model], _Plan | None]
) -> Outcome:
    """Decide on the model as it is, and write; decide anew as long as others were quicker."""
    for attempt in range(_ATTEMPTS):
        model = catalog.model(owner, name)
        plan = decide(model)
        if plan is None:
            return Outcome(model, number, None)
        revision = next_revision(model, plan.change, production=plan.production, lineage=plan.lineage)
        marks = [_mark(model, version, archived=archived) for version, archived in plan.archived.items()]
        try:
            catalog.table.write(*revision.operations, *marks)
        except ConditionFailedError:
            back_off(attempt)
            continue
        return Outcome(revision.model, plan.change.version, revision.entry)
    raise ConflictError("Others are changing this model: look at it, and try again.")


def _mark(model: Model, number: int, *, archived: bool) -> Item:
    return update(
        version_key(model.owner, model.name, number),
        assign={"archived": archived},
        condition="attribute_exists(pk)",
    )


def _find(catalog: Catalog, model: Model, number: int) -> Version | None:
    """Read a version that may have been erased."""
    try:
        return catalog.version(model.owner, model.name, number) if number else None
    except NotFoundError:
        return None
