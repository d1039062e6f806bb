"""Life of a training job: QUEUED, RUNNING, then SUCCEEDED or FAILED."""

from collections.abc import Sequence
from typing import Any

from csv_analyzer.catalog import Job, JobStatus, encode, job_key
from csv_analyzer.dynamo import ConditionFailedError, Item, Table, put_new, update
from csv_analyzer.errors import LeaseHeldError, UserDataError
from csv_analyzer.ids import now
from csv_analyzer.leases import Lease


def enqueue(table: Table, job: Job) -> None:
    """Enter a job whose order has been written; does nothing if training was quicker."""
    try:
        table.write(put_new(job_key(job.owner, job.id), {**job.to_item(), "status": JobStatus.QUEUED}))
    except ConditionFailedError:
        return


def start(table: Table, lease: Lease, job: Job) -> None:
    """Enter that this worker trains the job; makes the job if nobody entered it yet."""
    table.write(
        update(
            job_key(job.owner, job.id),
            assign={"status": JobStatus.RUNNING, "worker": lease.token, "started_at": now(), "progress": 0},
            default={
                "owner": job.owner,
                "id": job.id,
                "dataset_id": job.dataset_id,
                "model": job.model,
                "target": job.target,
                "created_at": job.created_at,
            },
        )
    )


def report_progress(
    table: Table, lease: Lease, job: Job, progress: float, message: str, leaderboard: Sequence[dict[str, Any]]
) -> None:
    """Enter how far the training is.

    Raises
    ------
    LeaseHeldError
        If another worker took the job over: this one must stop.
    """
    attributes = encode(
        {"progress": round(progress, 3), "message": message, "leaderboard": list(leaderboard)}
    )
    try:
        table.write(_by_worker(lease, job, attributes))
    except ConditionFailedError as error:
        raise LeaseHeldError("Another worker took the training over.") from error


def failed(table: Table, lease: Lease, job: Job, error: UserDataError) -> None:
    """Enter why the training can't work, together with the mark that it is done."""
    attributes = encode({"error": {"code": error.code, "message": error.message}})
    attributes |= {"status": JobStatus.FAILED, "finished_at": now()}
    table.write(lease.done(), _by_worker(lease, job, attributes))


def succeeded(lease: Lease, job: Job, leaderboard: Sequence[dict[str, Any]]) -> Item:
    """Operation that ends the job well, to be written together with its model version."""
    attributes = {"status": JobStatus.SUCCEEDED, "progress": 1, "message": "The model is ready."}
    attributes |= {"finished_at": now(), **encode({"leaderboard": list(leaderboard)})}
    return _by_worker(lease, job, attributes)


def _by_worker(lease: Lease, job: Job, attributes: dict[str, Any]) -> Item:
    return update(
        job_key(job.owner, job.id),
        assign=attributes,
        condition="#worker = :worker",
        values={":worker": lease.token},
    )
