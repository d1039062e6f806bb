"""Life of a training job: QUEUED, RUNNING, then SUCCEEDED, FAILED or, by way of CANCELLING, CANCELLED.

A job is entered when the owner's limits admit it (:mod:`csv_analyzer.admission`), then its order is written,
then it is :func:`queued`. If its maker dies in between it disappears by itself and counts no more. Every
change of the status demands the one before it, so that of two ends only one comes about.
"""

from collections.abc import Sequence
from typing import Any

from csv_analyzer.catalog import Catalog, job_key
from csv_analyzer.dynamo import ConditionFailedError, Item, Table, put_new, update
from csv_analyzer.erasures import is_erased
from csv_analyzer.errors import ConflictError, JobCancelledError, LeaseHeldError, UserDataError
from csv_analyzer.ids import now
from csv_analyzer.leases import Lease
from csv_analyzer.records import PENDING_ATTRIBUTE, Job, JobStatus, Pending, encode

# An order that was not written so long after its job was entered will not be: the API lives for 29 s.
ORDER_GRACE_SECONDS = 60
# A queue keeps an order so long (a test holds that); what has not begun by then never will.
LIFE_SECONDS = 4 * 24 * 3600
UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING)
_ATTEMPTS = 10
_CANCELLED = "The training was cancelled."


def queued(table: Table, job: Job) -> None:
    """Enter that the job's order is written; does nothing if the job went on or was cancelled meanwhile."""
    try:
        table.write(
            update(
                job_key(job.owner, job.id),
                assign={PENDING_ATTRIBUTE: Pending.TRAINING},
                remove=("expires_at",),
                condition="#status = :queued",
                values={":queued": JobStatus.QUEUED},
            )
        )
    except ConditionFailedError:
        return


def refuse(table: Table, job: Job, error: UserDataError) -> None:
    """Enter a job that is not carried out, as FAILED with the reason; does nothing if it is there."""
    reason = {"error": {"code": error.code, "message": error.message}}
    ended = {**job.to_item(), **encode(reason), "status": JobStatus.FAILED, "finished_at": now()}
    try:
        table.write(put_new(job_key(job.owner, job.id), ended))
    except ConditionFailedError:
        return


def start(table: Table, lease: Lease, job: Job) -> bool:
    """Enter that this worker trains the job; makes the job if nobody entered it yet.

    Returns
    -------
    bool
        False if the job is over, or was to be cancelled and is over now: there is nothing to do. It is over
        too if its dataset, or its model, was erased since it was ordered.

    Raises
    ------
    LeaseHeldError
        If the job changes all the time.
    """
    if is_erased(table, job.owner, job.dataset_id, job.model, job.created_at):
        _end_erased(table, lease, job)
        return False
    for _ in range(_ATTEMPTS):
        try:
            table.write(
                update(
                    job_key(job.owner, job.id),
                    assign={
                        "status": JobStatus.RUNNING,
                        "worker": lease.token,
                        "started_at": now(),
                        "progress": 0,
                    },
                    default={
                        **_identity(job),
                        "target": job.target,
                        **encode({"options": job.options}),
                    },
                    remove=("expires_at", PENDING_ATTRIBUTE),
                    condition="attribute_not_exists(#status) OR #status IN (:queued, :running)",
                    values={":queued": JobStatus.QUEUED, ":running": JobStatus.RUNNING},
                )
            )
        except ConditionFailedError:
            if _end_idle(table, lease, job):
                return False
        else:
            return True
    raise LeaseHeldError("The job changes all the time.")


def report_progress(
    table: Table, lease: Lease, job: Job, progress: float, message: str, leaderboard: Sequence[dict[str, Any]]
) -> None:
    """Enter how far the training is.

    Raises
    ------
    JobCancelledError
        If the job is to be cancelled.
    LeaseHeldError
        If another worker took the job over: this one must stop.
    """
    attributes = encode(
        {"progress": round(progress, 3), "message": message, "leaderboard": list(leaderboard)}
    )
    try:
        table.write(_by_worker(lease, job, attributes))
    except ConditionFailedError:
        require_running(table, lease, job)
        raise


def require_running(table: Table, lease: Lease, job: Job) -> None:
    """Look whether this worker is to go on.

    Raises
    ------
    JobCancelledError
        If the job is to be cancelled.
    LeaseHeldError
        If another worker took the job over.
    """
    found = table.get(job_key(job.owner, job.id)) or {}
    if found.get("worker") != lease.token:
        raise LeaseHeldError("Another worker took the training over.")
    if found["status"] == JobStatus.CANCELLING:
        raise JobCancelledError(_CANCELLED)


def failed(table: Table, lease: Lease, job: Job, error: UserDataError) -> None:
    """Enter why the training can't work, together with the mark that it is done.

    Raises
    ------
    ConditionFailedError
        If this worker does not train the job any more, or it is to be cancelled.
    """
    attributes = encode({"error": {"code": error.code, "message": error.message}})
    attributes |= {"status": JobStatus.FAILED, "finished_at": now()}
    table.write(lease.done(), _by_worker(lease, job, attributes))


def succeeded(lease: Lease, job: Job, leaderboard: Sequence[dict[str, Any]]) -> Item:
    """Operation that ends the job well, to be written together with its model version.

    Its condition fails where the job is to be cancelled: a job has one end.
    """
    attributes = {"status": JobStatus.SUCCEEDED, "progress": 1, "message": "The model is ready."}
    attributes |= {"finished_at": now(), **encode({"leaderboard": list(leaderboard)})}
    return _by_worker(lease, job, attributes)


def cancelled(table: Table, lease: Lease, job: Job) -> None:
    """Enter that the training was cancelled, together with the mark that it is done.

    Raises
    ------
    ConditionFailedError
        If nobody wants it cancelled.
    """
    table.write(lease.done(), _end(job, JobStatus.CANCELLING))


def cancel(table: Table, owner: str, job_id: str) -> Job:
    """Cancel a job: one that waits is over at once, one that runs ends soon.

    Returns
    -------
    Job
        CANCELLED or CANCELLING.

    Raises
    ------
    NotFoundError
        If there is no such job.
    ConflictError
        If it is over.
    """
    catalog = Catalog(table)
    wanted = {JobStatus.CANCELLING}
    for _ in range(_ATTEMPTS):
        job = catalog.job(owner, job_id)
        if job.status in wanted:
            return job
        if job.status not in UNFINISHED:
            raise ConflictError(f"The training is over: it is {job.status}.")
        waiting = job.status == JobStatus.QUEUED
        try:
            table.write(_end(job, JobStatus.QUEUED) if waiting else _to_be_cancelled(job))
        except ConditionFailedError:
            # Also where an answer was lost on its way, and what the client sent again met what it had done.
            wanted.add(JobStatus.CANCELLED)
            continue
        return catalog.job(owner, job_id)
    raise LeaseHeldError("The job changes all the time. Please try again.")


def _end_idle(table: Table, lease: Lease, job: Job) -> bool:
    """End what needs no worker; False if the job has changed and may need one now."""
    found = table.get(job_key(job.owner, job.id)) or {}
    try:
        if found.get("status") == JobStatus.CANCELLING:
            cancelled(table, lease, job)
            return True
        if found.get("status") not in UNFINISHED and found:
            table.write(lease.done())
            return True
    except ConditionFailedError:
        return False
    return False


def _to_be_cancelled(job: Job) -> Item:
    return update(
        job_key(job.owner, job.id),
        assign={"status": JobStatus.CANCELLING},
        condition="#status = :running",
        values={":running": JobStatus.RUNNING},
    )


def _end(job: Job, before: JobStatus) -> Item:
    return update(
        job_key(job.owner, job.id),
        assign={"status": JobStatus.CANCELLED, "message": _CANCELLED, "finished_at": now()},
        remove=("expires_at", PENDING_ATTRIBUTE),
        condition="#status = :before",
        values={":before": before},
    )


def _end_erased(table: Table, lease: Lease, job: Job) -> None:
    ended = update(
        job_key(job.owner, job.id),
        assign={"status": JobStatus.CANCELLED, "finished_at": now()},
        default=_identity(job),
        remove=("expires_at", PENDING_ATTRIBUTE),
        condition="attribute_not_exists(#status) OR #status IN (:queued, :running, :cancelling)",
        values={f":{status.lower()}": status for status in UNFINISHED},
    )
    try:
        table.write(lease.done(), ended)
    except ConditionFailedError:
        table.write(lease.done())


def _identity(job: Job) -> Item:
    return {
        "owner": job.owner,
        "id": job.id,
        "dataset_id": job.dataset_id,
        "model": job.model,
        "created_at": job.created_at,
    }


def _by_worker(lease: Lease, job: Job, attributes: dict[str, Any]) -> Item:
    return update(
        job_key(job.owner, job.id),
        assign=attributes,
        condition="#worker = :worker AND #status = :running",
        values={":worker": lease.token, ":running": JobStatus.RUNNING},
    )
