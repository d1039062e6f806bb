"""Versions of models: their numbers, their publication, and whether MLflow knows them and their stages."""

from csv_analyzer import jobs
from csv_analyzer.catalog import job_key, model_key, version_key
from csv_analyzer.dynamo import ConditionFailedError, Table, back_off, put_new, update
from csv_analyzer.erasures import standing, unless_erased
from csv_analyzer.errors import ErasedError, LeaseHeldError, UserDataError
from csv_analyzer.history import TRAINING_ACTOR, Change, next_revision
from csv_analyzer.leases import Lease
from csv_analyzer.records import PENDING_ATTRIBUTE, Action, Job, Model, Pending, Stage, Version

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

    One transaction enters the version and its history, ends the job, marks the training as done, and puts the
    version into production if none is there.

    Raises
    ------
    ConditionFailedError
        If this worker no longer holds the lease, or the job is no longer its own or to be cancelled.
    LeaseHeldError
        If others were always quicker to change the model.
    UserDataError
        If the model predicts something else.
    ErasedError
        If the dataset or the model was erased since the training was ordered.
    """
    for attempt in range(_ATTEMPTS):
        key = model_key(version.owner, version.model)
        model = Model.from_item(
            table.get(key) or {"owner": version.owner, "name": version.model, "created_at": job.created_at}
        )
        if model.erased_at >= job.created_at:
            raise ErasedError("The model was erased after the training was ordered.")
        _require_target(model, version.target)
        stage = Stage.STAGING if model.production else Stage.PRODUCTION
        revision = next_revision(
            model,
            Change(TRAINING_ACTOR, Action.PUBLISHED, version.version, to_stage=stage),
            production=model.production or version.version,
            versions=model.versions + 1,
            assign={"task": version.task, "target": version.target},
        )
        ours = (
            lease.done(),
            jobs.succeeded(lease, job, version.leaderboard),
            put_new(
                version_key(version.owner, version.model, version.version),
                {**version.to_item(), PENDING_ATTRIBUTE: Pending.TRACKING},
            ),
            standing(job.owner, job.dataset_id),
        )
        try:
            with unless_erased(table, job.owner, job.dataset_id):
                table.write(*ours, *revision.operations)
        except ConditionFailedError as error:
            if error.failed & set(range(len(ours))):
                raise
            back_off(attempt)
            continue
        return
    raise LeaseHeldError("Others are changing this model.")


def require_target(table: Table, job: Job, target: str) -> None:
    """Demand that the model of a job, if there is one, predicts a column: a model keeps its target.

    Raises
    ------
    UserDataError
        If it predicts another one.
    """
    if found := table.get(model_key(job.owner, job.model)):
        _require_target(Model.from_item(found), target)


def _require_target(model: Model, target: str) -> None:
    if model.target and model.target != target:
        raise UserDataError(
            "other_target",
            f"The model {model.name!r} predicts {model.target!r} and not {target!r}; name another model.",
        )


def tracked(table: Table, lease: Lease, version: Version, run_id: str) -> None:
    """Enter the MLflow run of a version, with the marks that logging it is done and its stage is to be told.

    Raises
    ------
    ConditionFailedError
        If this worker no longer holds the lease, or the version was erased meanwhile.
    """
    table.write(
        lease.done(),
        update(
            version_key(version.owner, version.model, version.version),
            assign={"mlflow_run_id": run_id},
            remove=(PENDING_ATTRIBUTE,),
            condition="attribute_exists(pk)",
        ),
        update(
            model_key(version.owner, version.model),
            assign={PENDING_ATTRIBUTE: Pending.MIRROR},
            add={"logged": 1},
            condition="attribute_exists(pk)",
        ),
    )


def mirrored(table: Table, lease: Lease, model: Model) -> None:
    """Enter that MLflow knows the stages of a model as it was read, and let the lease go.

    Raises
    ------
    ConditionFailedError
        If stages changed or a version was logged meanwhile, or this worker no longer holds the lease.
    """
    seen = {"revision": model.revision, "logged": model.logged}
    unchanged = [
        f"#{name} = :{name}" if count else f"attribute_not_exists(#{name})" for name, count in seen.items()
    ]
    table.write(
        lease.given_up(),
        update(
            model_key(model.owner, model.name),
            assign={"mirrored": model.revision},
            remove=(PENDING_ATTRIBUTE,),
            condition=" AND ".join([f"#{PENDING_ATTRIBUTE} = :mirror", *unchanged]),
            values={
                ":mirror": Pending.MIRROR,
                **{f":{name}": count for name, count in seen.items() if count},
            },
        ),
    )
