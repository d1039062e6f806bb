"""Trainings of the control plane: their orders, their state, and how the API shows them."""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.checks import Columns, faults_of
from api.findings import Findings
from csv_analyzer import jobs, keys
from csv_analyzer.admission import Admission
from csv_analyzer.catalog import Catalog, model_key
from csv_analyzer.errors import ConflictError, InvalidRequestError, NotFoundError
from csv_analyzer.ids import iso, new_id, now
from csv_analyzer.observability import request_id
from csv_analyzer.records import Dataset, Job, JobStatus
from csv_analyzer.schemas.base import Reason
from csv_analyzer.schemas.trainings import (
    JobSummary,
    JobView,
    LimitsView,
    LimitView,
    OrderedOptions,
    TrainingOrder,
    TrainRequest,
)

# An item of the catalog holds 400 KB, of which the leaderboard takes a part.
_MAX_OPTIONS_BYTES = 100_000
_SHOWN_COLUMNS = 50


@dataclass(frozen=True)
class TrainingPlane:
    """Trainings of one stack.

    Parameters
    ----------
    findings : Findings
        What is known of datasets.
    admission : Admission
        Limits of every owner.
    max_upload_bytes : int
        Largest file that may be uploaded.
    default_budget_seconds : int
        Search budget of a training that names none.
    """

    findings: Findings
    admission: Admission
    max_upload_bytes: int
    default_budget_seconds: int

    @property
    def catalog(self) -> Catalog:
        """Truth about datasets, jobs and models."""
        return self.findings.catalog

    def order(self, owner: str, dataset_id: str, request: TrainRequest) -> JobView:
        """Order a training on a dataset that is ready.

        The job is entered first, where the limits admit it, and disappears by itself if this function dies
        before the order is written.

        Raises
        ------
        InvalidRequestError
            If the request does not fit the dataset; names every fault.
        ConflictError
            If the dataset or the recipe is not ready, or the model of that name predicts something else.
        LimitReachedError
            If the owner's limits leave no room.
        """
        dataset = self.findings.dataset(owner, dataset_id)
        self._check(dataset, request)
        name = request.model or keys.model_name(dataset.file_name)
        self._require_target(owner, name, request.target)
        budget = request.budget_seconds or self.default_budget_seconds
        order = TrainingOrder(
            **request.model_dump(exclude={"model", "budget_seconds"}),
            budget_seconds=budget,
            created_at=now(),
            request_id=request_id(),
            model=name,
            data_key=dataset.key,
            data_version_id=dataset.version_id,
        )
        job = Job(
            owner=owner,
            created_at=order.created_at,
            id=new_id(),
            dataset_id=dataset.id,
            model=name,
            status=JobStatus.QUEUED,
            target=request.target,
            options=order.options(),
        )
        job = self.admission.train(job)
        self.findings.storage.put_json(keys.training(owner, dataset.id, job.id), order.model_dump())
        jobs.queued(self.catalog.table, job)
        return self.in_full(job)

    def find(self, owner: str, job_id: str) -> JobView:
        """A job in full."""
        return self.in_full(self.catalog.job(owner, job_id))

    def cancel(self, owner: str, job_id: str) -> JobView:
        """Cancel a job and show it."""
        return self.in_full(jobs.cancel(self.catalog.table, owner, job_id))

    def page(self, owner: str, limit: int, before: str | None) -> tuple[list[JobSummary], str | None]:
        """One page of the owner's jobs, newest first, and where the next page begins."""
        found, more = self.catalog.jobs(owner, limit, before)
        places = self._places(found)
        return [JobSummary(**_fields(job, places)) for job in found], more

    def in_full(self, job: Job) -> JobView:
        """A job with its options, its leaderboard and its place in the queue."""
        return JobView(
            **_fields(job, self._places([job])),
            options=OrderedOptions(**job.options) if job.options else None,
            leaderboard=job.leaderboard,
        )

    def limits(self, owner: str) -> LimitsView:
        """What an owner may have, and has."""
        limits, usage = self.admission.limits, self.admission.usage(owner)
        return LimitsView(
            running_trainings=_limit(limits.max_running_trainings, len(usage.running)),
            trainings_per_day=_limit(limits.max_trainings_per_day, len(usage.of_last_day)),
            datasets=_limit(limits.max_datasets, len(usage.datasets)),
            stored_bytes=_limit(limits.max_stored_bytes, usage.stored_bytes),
            max_upload_bytes=self.max_upload_bytes,
        )

    def _places(self, found: Sequence[Job]) -> Mapping[str, int]:
        """Return the place in the queue of each job that waits: how many are older, and one."""
        waiting = [job for job in found if job.status == JobStatus.QUEUED]
        if not waiting:
            return {}
        since = iso(datetime.now(UTC) - timedelta(seconds=jobs.LIFE_SECONDS))
        queue = self.catalog.queue(since, max(job.created_at for job in waiting))
        return {job.id: bisect_left(queue, job.created_at) + 1 for job in waiting}

    def _check(self, dataset: Dataset, request: TrainRequest) -> None:
        columns = self._columns(dataset, request.recipe)
        faults = faults_of(request, columns)
        if len(json.dumps(request.model_dump())) > _MAX_OPTIONS_BYTES:
            message = f"All options together may have {_MAX_OPTIONS_BYTES:,} bytes."
            faults.append({"location": "body", "code": "too_long", "message": message})
        if faults:
            shown = ", ".join([*columns][:_SHOWN_COLUMNS])
            more = ", ..." if len(columns) > _SHOWN_COLUMNS else ""
            raise InvalidRequestError(f"The dataset's columns are: {shown}{more}.", faults)

    def _columns(self, dataset: Dataset, recipe: int | None) -> Columns:
        """Return the columns as they were read, or as a recipe leaves them."""
        try:
            profile = self.findings.profile(dataset.owner, dataset.id, recipe)
        except NotFoundError as error:
            if recipe is None:
                raise
            message = f"The dataset has no recipe {recipe}."
            fault = {"location": "body.recipe", "code": "unknown_recipe", "message": message}
            raise InvalidRequestError(message, [fault]) from error
        return {column["name"]: column for column in profile["columns"]}

    def _require_target(self, owner: str, name: str, target: str) -> None:
        item = self.catalog.table.get(model_key(owner, name)) or {}
        if item.get("target", target) != target:
            raise ConflictError(
                f"The model {name!r} predicts {item['target']!r}: name another model, or predict that column."
            )


def _limit(limit: int, used: int) -> LimitView:
    return LimitView(limit=limit or None, used=used)


def _fields(job: Job, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": job.id,
        "dataset_id": job.dataset_id,
        "model": job.model,
        "target": job.target,
        "status": str(job.status),
        "queue_position": places.get(job.id),
        "created_at": job.created_at,
        "started_at": job.started_at or None,
        "finished_at": job.finished_at or None,
        "progress": job.progress,
        "message": job.message,
        "version": job.version or None,
        "error": Reason(**job.error) if job.error else None,
    }
