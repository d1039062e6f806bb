"""Counts actual outcomes exactly once: their receipt and their counts are one transaction.

A receipt under the client's id says that the outcomes are counted; where there is one, nothing is counted. Of
a transaction that was carried out though nobody heard of it the receipt tells, too. Nothing is counted of a
version that was erased meanwhile.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from csv_analyzer.catalog import Catalog, outcome_day_key, outcome_receipt_key, version_key
from csv_analyzer.dynamo import ConditionFailedError, Item, back_off, check, put_new, replace
from csv_analyzer.errors import ConflictError, LeaseHeldError, NotFoundError
from csv_analyzer.ids import iso
from csv_analyzer.records import PENDING_ATTRIBUTE, OutcomeDay, OutcomeReceipt, Pending, Version

# How long a repeat is known by its id: longer than what it counted for is shown.
RECEIPT_SECONDS = 40 * 86_400
# The longest window, and the day that a clock may be ahead.
DAY_SECONDS = 32 * 86_400
_ATTEMPTS = 12

# Takes the counts of a day, None where there are none yet, and returns them with those of a request.
Merge = Callable[[Mapping[str, Any] | None], dict[str, Any]]


@dataclass(frozen=True)
class Sent:
    """What a client sent: its id for it, how many outcomes, and the digest of all.

    Parameters
    ----------
    id : str
        The client's own.
    outcomes : int
        How many.
    digest : str
        Tells a repeat from something else under the same id.
    """

    id: str
    outcomes: int
    digest: str


def known_receipt(catalog: Catalog, owner: str, model: str, sent: Sent) -> OutcomeReceipt | None:
    """Receipt of what was counted before under the id; None if nothing was.

    Raises
    ------
    ConflictError
        If the id was used for something else.
    """
    receipt = catalog.outcome_receipt(owner, model, sent.id)
    if receipt is not None and receipt.digest != sent.digest:
        raise ConflictError(
            f"Under the id {sent.id!r} other outcomes were counted on {receipt.day}: "
            "repeat them as they were, or take another id."
        )
    return receipt


def count_once(
    catalog: Catalog, version: Version, sent: Sent, merge: Merge, moment: datetime
) -> tuple[OutcomeReceipt, bool]:
    """Count outcomes of a version, unless they are counted already.

    Parameters
    ----------
    catalog : Catalog
        Where they are counted.
    version : Version
        Whose predictions came true, or did not.
    sent : Sent
        What was sent.
    merge : callable
        Adds them to the counts of a day.
    moment : datetime
        Present moment in UTC, which says the day.

    Returns
    -------
    receipt : OutcomeReceipt
        Where they are counted.
    counted : bool
        Whether just now.

    Raises
    ------
    ConflictError
        If the id was used for something else.
    NotFoundError
        If the version was erased.
    LeaseHeldError
        If the day is changed by others all the time.
    """
    table, owner, model = catalog.table, version.owner, version.model
    receipt = _receipt(version, sent, moment)
    for attempt in range(_ATTEMPTS):
        known = known_receipt(catalog, owner, model, sent)
        if known is not None:
            return known, False
        try:
            table.write(
                check(version_key(owner, model, version.version), "attribute_exists(pk)"),
                put_new(outcome_receipt_key(owner, model, sent.id), receipt.to_item()),
                _counted(catalog, receipt, merge),
            )
        except ConditionFailedError as error:
            if 0 in error.failed:
                raise NotFoundError("There is no such version of the model.") from error
            back_off(attempt)
            continue
        return receipt, True
    raise LeaseHeldError("Too many outcomes come in at once. Please try again.")


def _receipt(version: Version, sent: Sent, moment: datetime) -> OutcomeReceipt:
    return OutcomeReceipt(
        owner=version.owner,
        created_at=iso(moment),
        model=version.model,
        id=sent.id,
        version=version.version,
        day=moment.astimezone(UTC).date().isoformat(),
        outcomes=sent.outcomes,
        digest=sent.digest,
        expires_at=int(moment.timestamp()) + RECEIPT_SECONDS,
    )


def _counted(catalog: Catalog, receipt: OutcomeReceipt, merge: Merge) -> Item:
    """Operation that adds outcomes to their day as it is now, and fails if it has changed by then."""
    place = (receipt.owner, receipt.model, receipt.version, receipt.day)
    known = catalog.outcome_day(*place)
    day = OutcomeDay(
        owner=receipt.owner,
        created_at=known.created_at if known else receipt.created_at,
        model=receipt.model,
        version=receipt.version,
        day=receipt.day,
        counts=merge(known.counts if known else None),
        revision=known.revision + 1 if known else 1,
        expires_at=known.expires_at if known else receipt.expires_at - RECEIPT_SECONDS + DAY_SECONDS,
    )
    item = {**day.to_item(), PENDING_ATTRIBUTE: Pending.OUTCOMES}
    key = outcome_day_key(*place)
    if known is None:
        return put_new(key, item)
    return replace(key, item, "#revision = :seen", {":seen": known.revision})
