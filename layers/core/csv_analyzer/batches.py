"""Life of a batch job: UPLOADING, QUEUED, RUNNING, then SUCCEEDED or FAILED.

QUEUED is not stored: it is a job whose file is there and that no worker has taken up.
"""

from typing import Any

from csv_analyzer.catalog import batch_key, version_key
from csv_analyzer.dynamo import ConditionFailedError, Item, Table, back_off, check, put_new, update
from csv_analyzer.errors import LeaseHeldError, NotFoundError, UserDataError
from csv_analyzer.ids import now
from csv_analyzer.leases import Lease
from csv_analyzer.records import Batch, BatchStatus, encode

# A job whose file never came disappears by itself.
UPLOAD_GRACE_SECONDS = 24 * 3600
_ATTEMPTS = 5


def expect_upload(table: Table, batch: Batch, expires_at: int) -> None:
    """Enter a batch job whose file is on its way, if its version is still there.

    Raises
    ------
    NotFoundError
        If the version was erased.
    LeaseHeldError
        If the version changes all the time.
    """
    for attempt in range(_ATTEMPTS):
        try:
            table.write(
                put_new(
                    batch_key(batch.owner, batch.model, batch.id),
                    {**batch.to_item(), "status": BatchStatus.UPLOADING, "expires_at": expires_at},
                ),
                check(version_key(batch.owner, batch.model, batch.version), "attribute_exists(pk)"),
            )
        except ConditionFailedError as error:
            if error.failed:
                raise NotFoundError("There is no such version of the model.") from error
            back_off(attempt)
        else:
            return
    raise LeaseHeldError("The version changes all the time. Please try again.")


def start(table: Table, lease: Lease, batch: Batch) -> None:
    """Enter that this worker scores the file, and which bytes these are.

    Raises
    ------
    ConditionFailedError
        If nobody ordered the job.
    """
    table.write(
        update(
            batch_key(batch.owner, batch.model, batch.id),
            assign={"status": BatchStatus.RUNNING, "worker": lease.token},
            default={"started_at": now(), "version_id": batch.version_id, "size": batch.size},
            remove=("expires_at",),
            condition="attribute_exists(pk)",
        )
    )


def report(table: Table, lease: Lease, batch: Batch, facts: dict[str, Any]) -> None:
    """Enter how far the job is; ``checkpoint`` among the facts is what to go on with.

    Raises
    ------
    LeaseHeldError
        If another worker took the job over: this one must stop.
    """
    try:
        table.write(_by_worker(lease, batch, encode(facts)))
    except ConditionFailedError as error:
        raise LeaseHeldError("Another worker took the batch job over.") from error


def hand_over(table: Table, lease: Lease, batch: Batch, facts: dict[str, Any]) -> None:
    """Enter a checkpoint, and let the next worker go on at once.

    Raises
    ------
    ConditionFailedError
        If this worker no longer holds the lease.
    """
    table.write(lease.given_up(), _by_worker(lease, batch, encode(facts)))


def succeeded(table: Table, lease: Lease, batch: Batch, facts: dict[str, Any]) -> None:
    """Enter that both files are there, together with the mark that the job is done.

    Raises
    ------
    ConditionFailedError
        If this worker no longer holds the lease.
    """
    _finish(table, lease, batch, {"status": BatchStatus.SUCCEEDED, "progress": 1, **facts})


def failed(table: Table, lease: Lease, batch: Batch, error: UserDataError) -> None:
    """Enter why the file can't be scored, together with the mark that the job is done."""
    reason = encode({"error": {"code": error.code, "message": error.message}})
    _finish(table, lease, batch, {"status": BatchStatus.FAILED, **reason})


def _finish(table: Table, lease: Lease, batch: Batch, attributes: dict[str, Any]) -> None:
    attributes = {**attributes, "finished_at": now()}
    table.write(lease.done(), _by_worker(lease, batch, attributes, remove=("checkpoint",)))


def _by_worker(lease: Lease, batch: Batch, attributes: dict[str, Any], remove: tuple[str, ...] = ()) -> Item:
    return update(
        batch_key(batch.owner, batch.model, batch.id),
        assign=attributes,
        remove=remove,
        condition="#worker = :worker",
        values={":worker": lease.token},
    )
