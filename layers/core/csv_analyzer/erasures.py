"""Life of an erasure: PENDING, then COMPLETE; and what keeps workers from bringing back what is erased.

One transaction makes a dataset or a model invisible and enters the receipt. What is left is deleted by
:mod:`csv_analyzer.clearing` and the function `erase`, in the phases :class:`csv_analyzer.catalog.Phase`.

Two marks stay as long as workers that had begun may live. ``ERASED#{dataset}`` keeps a dataset from being
analyzed and its models from being published. ``erased_at`` of a model keeps trainings that were ordered
before from being published; versions of later trainings go on with the next number.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from csv_analyzer.catalog import Catalog, dataset_key, erased_key, erasure_key, model_key, version_key
from csv_analyzer.dynamo import (
    ConditionFailedError,
    Item,
    Table,
    back_off,
    check,
    delete,
    put_new,
    replace,
    update,
)
from csv_analyzer.errors import ErasedError, LeaseHeldError
from csv_analyzer.history import Change, next_revision
from csv_analyzer.ids import new_id, now
from csv_analyzer.leases import Lease
from csv_analyzer.records import (
    PENDING_ATTRIBUTE,
    Action,
    Erasure,
    ErasureKind,
    ErasureStatus,
    Model,
    Pending,
    Phase,
)

# Items that one transaction takes away; DynamoDB takes 100 operations and 4 MB.
AT_ONCE = 40
# Between the time when nothing could begin any more and the last sweep: no function runs longer than an hour,
# and predict keeps counts that it could not write no longer.
SWEEP_SECONDS = 3900
_ATTEMPTS = 10
_ABSENT = "attribute_not_exists(pk)"
_CHANGING = "It changes all the time. Please try again."


def erase_dataset(table: Table, owner: str, dataset_id: str) -> Erasure:
    """Make a dataset invisible for good, in one transaction with its receipt.

    Raises
    ------
    NotFoundError
        If there is no such dataset: also for the second of two that erase it at once.
    LeaseHeldError
        If the dataset changes all the time.
    """
    for attempt in range(_ATTEMPTS):
        dataset = Catalog(table).dataset(owner, dataset_id)
        erasure = _new(owner, ErasureKind.DATASET, dataset_id, items=1)
        mark = {"owner": owner, "created_at": erasure.created_at, "key": dataset.key}
        try:
            table.write(
                delete(dataset_key(owner, dataset_id)),
                put_new(erased_key(owner, dataset_id), {**mark, "version_id": dataset.version_id}),
                _entered(erasure),
            )
        except ConditionFailedError:
            back_off(attempt)
            continue
        return erasure
    raise LeaseHeldError(_CHANGING)


def erase_model(table: Table, owner: str, name: str, actor: str) -> Erasure:
    """Make a model invisible for good, in one transaction with its receipt and the entry of its history.

    Raises
    ------
    NotFoundError
        If there is no such model: also for the second of two that erase it at once.
    LeaseHeldError
        If the model changes all the time.
    """
    catalog = Catalog(table)
    for attempt in range(_ATTEMPTS):
        model = catalog.model(owner, name)
        versions, _ = catalog.versions(owner, name, AT_ONCE, None)
        erasure = _new(
            owner,
            ErasureKind.MODEL,
            name,
            items=len(versions),
            versions=len(versions),
            mlflow="pending",
            parts=[{"model": name, "first": 1, "last": model.latest}],
        )
        try:
            table.write(
                *buried(model, erasure.created_at, Change(actor, Action.ERASED)),
                _entered(erasure),
                *(delete(version_key(owner, name, version.version)) for version in versions),
            )
        except ConditionFailedError:
            back_off(attempt)
            continue
        return erasure
    raise LeaseHeldError(_CHANGING)


def buried(model: Model, moment: str, change: Change) -> tuple[Item, Item]:
    """Operations that leave of a model its numbers and the time, with the entry of its history.

    They hold only if the model still has the revision and the number that were looked at.
    """
    revision = next_revision(model, change, production=0, lineage=[], versions=0)
    stone: Item = {"owner": model.owner, "created_at": model.created_at, "name": model.name}
    stone |= {
        "latest": model.latest,
        "revision": revision.model.revision,
        "erased_at": max(moment, model.erased_at),
    }
    stone |= {"changed_at": revision.model.changed_at, "logged": model.logged}
    seen = {"revision": model.revision, "latest": model.latest}
    condition = [f"#{name} = :{name}" if seen[name] else f"attribute_not_exists(#{name})" for name in seen]
    return (
        replace(
            model_key(model.owner, model.name),
            stone,
            " AND ".join(condition),
            {f":{name}": number for name, number in seen.items() if number},
        ),
        revision.operations[1],
    )


def go_on(erasure: Erasure, lease: Lease, phase: Phase, **facts: Any) -> list[Item]:
    """Operations that enter how far an erasure is and let the next worker go on."""
    return [
        lease.given_up(),
        update(erasure_key(erasure.owner, erasure.id), assign={"phase": phase, **facts}),
    ]


def complete(erasure: Erasure, lease: Lease, mlflow: str) -> list[Item]:
    """Operations that end an erasure; of its receipt stays what it counted."""
    ended = {"status": ErasureStatus.COMPLETE, "completed_at": now(), "mlflow": mlflow}
    return [
        lease.done(),
        update(
            erasure_key(erasure.owner, erasure.id),
            assign=ended,
            remove=(PENDING_ATTRIBUTE, "parts", "phase", "sweep_at", "revision"),
        ),
    ]


def effect(erasure: Erasure) -> str:
    """Name of the effect that workers on an erasure hold the lease of."""
    return f"erase {erasure.owner}/{erasure.id}"


def is_erased(
    table: Table, owner: str, dataset_id: str, model: str | None = None, ordered_at: str = ""
) -> bool:
    """Return whether a dataset is being erased, or a model was after something was ordered of it."""
    if table.get(erased_key(owner, dataset_id)):
        return True
    found = table.get(model_key(owner, model)) if model is not None else None
    return bool(found and found.get("erased_at", "") >= ordered_at > "")


def standing(owner: str, dataset_id: str) -> Item:
    """Operation without which nothing of a dataset becomes visible: it fails where the dataset is erased."""
    return check(erased_key(owner, dataset_id), _ABSENT)


@contextmanager
def unless_erased(
    table: Table, owner: str, dataset_id: str, model: str | None = None, ordered_at: str = ""
) -> Generator[None]:
    """Say so where a write failed because what it is about was erased.

    Raises
    ------
    ErasedError
        In place of the failed condition.
    """
    try:
        yield
    except ConditionFailedError as error:
        if is_erased(table, owner, dataset_id, model, ordered_at):
            raise ErasedError("What this is about was erased.") from error
        raise


def _new(owner: str, kind: ErasureKind, subject: str, **facts: Any) -> Erasure:
    return Erasure(owner=owner, created_at=now(), id=new_id(), kind=kind, subject=subject, **facts)


def _entered(erasure: Erasure) -> Item:
    return put_new(
        erasure_key(erasure.owner, erasure.id),
        {**erasure.to_item(), PENDING_ATTRIBUTE: Pending.ERASURE},
    )
