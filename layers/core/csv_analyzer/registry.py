"""Versions of models: their numbers, their publication, and whether MLflow knows them."""

from csv_analyzer import jobs
from csv_analyzer.catalog import (
    PENDING_ATTRIBUTE,
    Job,
    Pending,
    Version,
    job_key,
    model_key,
    version_key,
)
from csv_analyzer.dynamo import ConditionFailedError, Table, put_new, update
from csv_analyzer.errors import LeaseHeldError
from csv_analyzer.leases import Lease

_ATTEMPTS = 20


def reserve_version(table: Table, job: Job) -> int:
    """Number of the version that a job makes: the next one, or the one the job was given before.

    Raises
    ------
    LeaseHeldError
        If other jobs of the same model were always quicker.
    """
    for _ in range(_ATTEMPTS):
        entered = table.get(job_key(job.owner, job.id)) or {}
        if number := entered.get("version"):
            return int(number)
        model = table.get(model_key(job.owner, job.model)) or {}
        latest = model.get("latest", 0)
        try:
            table.write(
                update(
                    model_key(job.owner, job.model),
                    assign={"latest": latest + 1},
                    default={"owner": job.owner, "name": job.model, "created_at": job.created_at},
                    condition="attribute_not_exists(#latest) OR #latest = :seen",
                    values={":seen": latest},
                ),
                update(
                    job_key(job.owner, job.id),
                    assign={"version": latest + 1},
                    condition="attribute_not_exists(#version)",
                ),
            )
        except ConditionFailedError:
            continue
        return int(latest) + 1
    raise LeaseHeldError("Too many trainings of this model end at the same time.")


def publish(table: Table, lease: Lease, job: Job, version: Version) -> None:
    """Make a trained version visible, at once and exactly once.

    One transaction enters the version, ends the job, marks the training as done, and puts the version
    into production if the model has none yet.

    Raises
    ------
    ConditionFailedError
        If this worker no longer holds the lease.
    """
    table.write(
        lease.done(),
        jobs.succeeded(lease, job, version.leaderboard),
        put_new(
            version_key(version.owner, version.model, version.version),
            {**version.to_item(), PENDING_ATTRIBUTE: Pending.TRACKING},
        ),
        update(
            model_key(version.owner, version.model),
            assign={"task": version.task, "target": version.target},
            default={"production": version.version},
        ),
    )


def tracked(table: Table, lease: Lease, version: Version, run_id: str) -> None:
    """Enter the MLflow run of a version, together with the mark that logging it is done."""
    table.write(
        lease.done(),
        update(
            version_key(version.owner, version.model, version.version),
            assign={"mlflow_run_id": run_id},
            remove=(PENDING_ATTRIBUTE,),
        ),
    )
