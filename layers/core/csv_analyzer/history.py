"""The history of a model's stages: a chain without gaps, to which every change adds one link.

The link is written in the transaction of the change, which holds only if the model still has the revision
that was looked at. Links are put where none is and never touched again; a test holds the code to that, for
IAM can tell items apart by their partition key alone.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from csv_analyzer.catalog import Catalog, history_key, model_key
from csv_analyzer.dynamo import Item, put_new, update
from csv_analyzer.ids import now
from csv_analyzer.records import PENDING_ATTRIBUTE, Action, History, Model, Pending, Stage

TRAINING_ACTOR = "service:train"


@dataclass(frozen=True)
class Change:
    """What happened to a version, by whom and why.

    Parameters
    ----------
    actor : str
        ``user:{sub}`` or ``service:{name}``.
    action : Action
        What was done.
    version : int
        To which version; 0 where it concerns all.
    from_stage, to_stage : Stage or None
        Stages before and after; None where the version was, or is, not there.
    forced : bool
        Whether the gate had refused.
    reason : str
        What the actor gave as a reason.
    gate : mapping or None
        The gate's document, of a promotion.
    """

    actor: str
    action: Action
    version: int = 0
    from_stage: Stage | None = None
    to_stage: Stage | None = None
    forced: bool = False
    reason: str = ""
    gate: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Revision:
    """The next revision of a model: the model as it will be, the link, and the operations that write both.

    The first operation is the update of the model, on the condition that it has the revision looked at.
    """

    model: Model
    entry: History
    operations: tuple[Item, Item]


def next_revision(
    model: Model,
    change: Change,
    *,
    production: int | None = None,
    lineage: Sequence[int] | None = None,
    versions: int | None = None,
    assign: Mapping[str, Any] | None = None,
) -> Revision:
    """Prepare a change of a model's stages; write its operations in one transaction with what else changes.

    Parameters
    ----------
    model : Model
        As it was read.
    change : Change
        What happens.
    production, lineage, versions
        The model's state afterwards; as it is where None.
    assign : mapping, optional
        Further attributes of the model.
    """
    revision = model.revision + 1
    production = model.production if production is None else production
    since = model.production_since if production == model.production else revision
    after = replace(
        model,
        production=production,
        production_since=since,
        lineage=list(model.lineage if lineage is None else lineage),
        versions=model.versions if versions is None else versions,
        revision=revision,
        # Clocks differ; the chain's moments never go back, so that it can be searched by time.
        changed_at=max(now(), model.changed_at),
    )
    entry = history_item(after, change)
    state = {
        name: getattr(after, name)
        for name in ("production", "production_since", "lineage", "versions", "revision", "changed_at")
    }
    operations = (
        update(
            model_key(model.owner, model.name),
            assign={**(assign or {}), **state, PENDING_ATTRIBUTE: Pending.MIRROR},
            condition="#revision = :seen" if model.revision else "attribute_not_exists(#revision)",
            values={":seen": model.revision} if model.revision else {},
        ),
        put_new(history_key(model.owner, model.name, revision), entry.to_item()),
    )
    return Revision(after, entry, operations)


def history_item(after: Model, change: Change) -> History:
    """Link of a change, by the model as it is afterwards."""
    return History(
        owner=after.owner,
        created_at=after.changed_at,
        model=after.name,
        revision=after.revision,
        actor=change.actor,
        action=change.action,
        version=change.version,
        from_stage=change.from_stage or "",
        to_stage=change.to_stage or "",
        production=after.production,
        production_since=after.production_since,
        forced=change.forced,
        reason=change.reason,
        gate=dict(change.gate) if change.gate else None,
    )


def revision_at(catalog: Catalog, model: Model, moment: str) -> int:
    """Number of the last change at or before a moment, 0 for none.

    Parameters
    ----------
    catalog : Catalog
        Where the chain is.
    model : Model
        Whose.
    moment : str
        In UTC as :func:`csv_analyzer.ids.iso` writes it.
    """
    return bisect_right(
        range(1, model.revision + 1),
        moment,
        key=lambda revision: catalog.change(model.owner, model.name, revision).created_at,
    )
