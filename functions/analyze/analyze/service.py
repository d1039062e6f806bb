"""Reads a new file, profiles it and, for the drop folder, orders its training."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

import automl
from analyze.reading import read_table
from csv_analyzer import datasets, jobs, keys
from csv_analyzer.admission import Admission
from csv_analyzer.dynamo import Table
from csv_analyzer.errors import GaveUpError, LimitReachedError, UserDataError
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.ids import derived_id, iso, now
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics, work_on
from csv_analyzer.records import Dataset, DatasetStatus, Job, JobStatus
from csv_analyzer.schemas.trainings import TrainingOrder
from csv_analyzer.storage import ObjectInfo, Storage

_INTERRUPTED = UserDataError(
    "analysis_interrupted",
    "The analysis was interrupted several times, most likely because the file needs more memory, disk "
    "or time than there is; upload fewer rows or columns.",
)


@dataclass(frozen=True)
class Analyzer:
    """Turns a file in S3 into a dataset that is READY, or FAILED with a reason.

    Parameters
    ----------
    table : Table
        The catalog's table.
    storage : Storage
        The data bucket.
    max_upload_bytes : int
        Largest file that is read.
    default_budget_seconds : int
        Search budget of the trainings that the drop folder orders.
    admission : Admission
        Limits of every owner.
    """

    table: Table
    storage: Storage
    max_upload_bytes: int
    default_budget_seconds: int
    admission: Admission

    def analyze(self, key: str, seconds: float, attempt: int) -> None:
        """Analyze the newest version of the file, unless that has been done.

        The event's own version does not count: events come late and out of order, and only what is
        there now is worth reading.

        Parameters
        ----------
        key : str
            Key of the file.
        seconds : float
            Time left to this invocation.
        attempt : int
            How often the event has been delivered, counted from 1.
        """
        place = keys.parse_file(key)
        info = self.storage.head(key)
        if place is None or info is None:
            logger.warning("nothing to analyze", key=key, found=info is not None)
            return
        work_on(info.metadata)
        dataset = self._dataset(key, place, info)
        effect = f"analyze {self.storage.bucket}/{key}?versionId={info.version_id}"
        with Leases(self.table).hold(effect, seconds) as lease:
            if lease is None:
                metrics.add_metric(Metric.REPEATED_EVENTS, MetricUnit.Count, 1)
                return
            try:
                self.admission.take(dataset)
            except LimitReachedError as error:
                self._refuse(lease, dataset, error)
                return
            if attempt >= LAST_ATTEMPT:
                self._fail(lease, dataset, _INTERRUPTED)
                raise GaveUpError(f"dataset {dataset.id} was not analyzed in {attempt} attempts")
            try:
                facts = self._read(dataset)
            except UserDataError as error:
                self._fail(lease, dataset, error)
                return
            self._finish(lease, dataset, place.target or info.metadata.get("target", ""), facts)

    def _refuse(self, lease: Lease, dataset: Dataset, error: LimitReachedError) -> None:
        logger.info("dataset refused", dataset_id=dataset.id, code=error.code)
        datasets.refuse(self.table, lease, dataset, UserDataError(error.code, error.message))
        metrics.add_metric(Metric.DATASETS_FAILED, MetricUnit.Count, 1)

    def _fail(self, lease: Lease, dataset: Dataset, error: UserDataError) -> None:
        logger.info("dataset failed", dataset_id=dataset.id, code=error.code)
        datasets.failed(self.table, lease, dataset, error)
        metrics.add_metric(Metric.DATASETS_FAILED, MetricUnit.Count, 1)

    def _dataset(self, key: str, place: keys.FileKey, info: ObjectInfo) -> Dataset:
        moment = info.last_modified
        derived = derived_id(moment, "dataset", self.storage.bucket, key, info.version_id)
        return Dataset(
            owner=place.owner,
            created_at=iso(moment.astimezone(UTC)),
            id=place.dataset_id or derived,
            file_name=place.file_name,
            status=DatasetStatus.ANALYZING,
            key=key,
            version_id=info.version_id,
            size=info.size,
        )

    def _read(self, dataset: Dataset) -> dict[str, Any]:
        table = read_table(self.storage, dataset, self.max_upload_bytes)
        try:
            profile = automl.profile(table)
        except automl.DataError as error:
            raise UserDataError(error.code, error.message) from error
        self.storage.put_json(keys.preview(dataset.owner, dataset.id), automl.preview(table))
        self.storage.put_json(keys.profile(dataset.owner, dataset.id), profile)
        return {
            "rows": len(table.frame),
            "columns": table.frame.shape[1],
            "warnings": len(profile["warnings"]),
        }

    def _finish(self, lease: Lease, dataset: Dataset, target: str, facts: dict[str, Any]) -> None:
        if target:
            facts["job_id"] = self._order_training(dataset, target)
        datasets.ready(self.table, lease, dataset, facts)
        logger.info("dataset ready", dataset_id=dataset.id, rows=facts["rows"], columns=facts["columns"])
        metrics.add_metric(Metric.DATASETS_READY, MetricUnit.Count, 1)

    def _order_training(self, dataset: Dataset, target: str) -> str:
        # The id is derived, so that an analysis that was killed right here orders the same job again.
        moment = datetime.fromisoformat(dataset.created_at)
        order = TrainingOrder(
            created_at=now(),
            model=keys.model_name(dataset.file_name),
            data_key=dataset.key,
            data_version_id=dataset.version_id,
            target=target,
            budget_seconds=self.default_budget_seconds,
        )
        job = Job(
            owner=dataset.owner,
            created_at=order.created_at,
            id=derived_id(moment, "job", self.storage.bucket, dataset.key, dataset.version_id),
            dataset_id=dataset.id,
            model=order.model,
            status=JobStatus.QUEUED,
            target=target,
            options=order.options(),
        )
        try:
            entered = self.admission.train(job)
        except LimitReachedError as error:
            jobs.refuse(self.table, job, UserDataError(error.code, error.message))
            return job.id
        if entered.status == JobStatus.QUEUED:
            order = order.model_copy(update={"created_at": entered.created_at})
            self.storage.put_json(keys.training(job.owner, job.dataset_id, job.id), order.model_dump())
            jobs.queued(self.table, entered)
        return job.id
