"""Carries out one training order, whatever happened to it before."""

import hashlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import ValidationError

import automl
from automl.cleaning import parse
from csv_analyzer import jobs, keys, registry
from csv_analyzer.catalog import Catalog, job_key
from csv_analyzer.dynamo import ConditionFailedError, Table
from csv_analyzer.errors import GaveUpError, JobCancelledError, NotFoundError, UserDataError
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.ids import now
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics, work_for
from csv_analyzer.records import Job, JobStatus, Version
from csv_analyzer.schemas.trainings import TrainingOrder
from csv_analyzer.storage import Storage
from train.documents import complete_report, store_documents
from train.exports import make_exports, store_exports
from train.quality import tell_quality
from train.tracking_service import TrackingService
from train.watch import Watch

_MAX_ORDER_BYTES = 1024 * 1024
# Share of the time left to the invocation that a training may take; the rest is for reading and storing.
_TRAINING_SHARE = 0.8
# Of what a training leaves: how long writing other formats may take.
_EXPORT_SHARE = 0.5
_MAX_RECIPE_BYTES = 1024 * 1024

# A training was measured to need 170 bytes for every cell of its table. A test holds this bound against
# the function's memory: who exceeds it should be told at once and not be killed five times first.
BYTES_PER_CELL = 200
MAX_CELLS = 40_000_000

_INTERRUPTED = UserDataError(
    "training_interrupted",
    "The training was interrupted several times, most likely because the data needs more memory, disk "
    "or time than there is; train on fewer rows or columns.",
)
_ORDER_GONE = UserDataError("order_gone", "The training order was deleted; order it again.")
# Faults of ours that end a training and would come again: the user is told at once, and the operator by a
# log and an alarm.
_ENGINE_FAULTS: dict[type[automl.AutomlError], UserDataError] = {
    automl.SearchError: UserDataError(
        "nothing_fitted",
        "No kind of model could be fitted to this data; train with a larger budget, or leave columns out. "
        "The operator has been told.",
    ),
    automl.ParityError: UserDataError(
        "not_portable",
        "The stored model did not answer as the trained one, so it was not published; train with another "
        "seed, or leave unusual columns out. The operator has been told.",
    ),
}


@dataclass(frozen=True)
class Trainer:
    """Trains, stores and publishes models.

    Parameters
    ----------
    table : Table
        The catalog's table.
    storage : Storage
        The data bucket.
    tracking : TrackingService
        Logs finished versions to MLflow.
    """

    table: Table
    storage: Storage
    tracking: TrackingService

    def train(self, key: str, seconds: float, attempt: int) -> None:
        """Carry out the order at `key`, unless that has been done.

        Parameters
        ----------
        key : str
            Key of the order.
        seconds : float
            Time left to this invocation.
        attempt : int
            How often the event has been delivered, counted from 1.
        """
        deadline = time.monotonic() + seconds
        place = keys.parse_training(key)
        if place is None:
            logger.warning("not a training order", key=key)
            return
        with Leases(self.table).hold(f"train {place.owner}/{place.job_id}", seconds) as lease:
            if lease is None:
                metrics.add_metric(Metric.REPEATED_EVENTS, MetricUnit.Count, 1)
                return
            try:
                order = self._order(key)
            except NotFoundError:
                logger.warning("the order is gone", key=key)
                if self.table.get(job_key(place.owner, place.job_id)):
                    self._refuse(lease, place, _ORDER_GONE)
                return
            except UserDataError as error:
                self._refuse(lease, place, error)
                return
            work_for(order.request_id)
            job = _job(place, order)
            if not jobs.start(self.table, lease, job):
                logger.info("the job is over", job_id=job.id)
                self._remove_stored(job)
                return
            try:
                if attempt >= LAST_ATTEMPT:
                    self._fail(lease, job, _INTERRUPTED)
                    raise GaveUpError(f"job {job.id} was not done in {attempt} attempts")
                version = self._carry_out(lease, job, order, deadline)
            except JobCancelledError:
                self._cancel(lease, job)
                return
        if version is not None and self.tracking.log(version, deadline - time.monotonic()):
            self.tracking.mirror(version.owner, version.model, deadline - time.monotonic())

    def _carry_out(self, lease: Lease, job: Job, order: TrainingOrder, deadline: float) -> Version | None:
        """Make and publish the version; None where the job ends as FAILED."""
        try:
            version = self._make_version(lease, job, order, deadline)
            self._publish(lease, job, version)
        except UserDataError as error:
            self._fail(lease, job, error)
            return None
        metrics.add_metric(Metric.TRAININGS_SUCCEEDED, MetricUnit.Count, 1)
        tell_quality(Catalog(self.table), version)
        logger.info("model published", job_id=job.id, model=job.model, version=version.version)
        return version

    def _publish(self, lease: Lease, job: Job, version: Version) -> None:
        try:
            registry.publish(self.table, lease, job, version)
        except ConditionFailedError:
            jobs.require_running(self.table, lease, job)
            raise

    def _order(self, key: str) -> TrainingOrder:
        place = keys.parse_training(key)
        try:
            order = TrainingOrder.model_validate_json(self.storage.get(key, _MAX_ORDER_BYTES))
        except ValidationError as error:
            raise UserDataError(
                "invalid_order", "The training order is not valid; order it again."
            ) from error
        data = keys.parse_file(order.data_key)
        if place is None or data is None or data.owner != place.owner:
            raise UserDataError(
                "invalid_order", "The training order names no file of its owner; order it again."
            )
        return order

    def _recipe(self, job: Job, order: TrainingOrder) -> automl.Recipe | None:
        if order.recipe is None:
            return None
        key = keys.recipe(job.owner, job.dataset_id, order.recipe)
        try:
            steps = self.storage.get_json(key, _MAX_RECIPE_BYTES)["steps"]
        except NotFoundError as error:
            raise UserDataError("recipe_gone", "The recipe was deleted; make it again.") from error
        return parse(steps)

    def _refuse(self, lease: Lease, place: keys.TrainingKey, error: UserDataError) -> None:
        """End a job whose order can't be read."""
        job = _job(place, None)
        if jobs.start(self.table, lease, job):
            try:
                self._fail(lease, job, error)
            except JobCancelledError:
                self._cancel(lease, job)

    def _fail(self, lease: Lease, job: Job, error: UserDataError) -> None:
        logger.info("training failed", job_id=job.id, code=error.code)
        try:
            jobs.failed(self.table, lease, job, error)
        except ConditionFailedError:
            jobs.require_running(self.table, lease, job)
            raise
        metrics.add_metric(Metric.TRAININGS_FAILED, MetricUnit.Count, 1)
        self._remove_stored(job)

    def _cancel(self, lease: Lease, job: Job) -> None:
        logger.info("training cancelled", job_id=job.id)
        self._remove_stored(job)
        jobs.cancelled(self.table, lease, job)
        metrics.add_metric(Metric.TRAININGS_CANCELLED, MetricUnit.Count, 1)

    def _remove_stored(self, job: Job) -> None:
        """Take away what a training stored that makes no version; none of that number was ever listed."""
        found = self.table.get(job_key(job.owner, job.id)) or {}
        ended = {JobStatus.CANCELLING, JobStatus.CANCELLED, JobStatus.FAILED}
        if found.get("status") in ended and (number := found.get("version")):
            stored = self.storage.listed(keys.model(job.owner, job.model, number, ""))
            self.storage.delete([item.key for item in stored])

    def _make_version(self, lease: Lease, job: Job, order: TrainingOrder, deadline: float) -> Version:
        start = time.monotonic()
        watch = Watch(self.table, lease, job)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = folder / "data.csv"
            try:
                self.storage.download(order.data_key, order.data_version_id, data)
            except NotFoundError as error:
                raise UserDataError("file_gone", "The file was deleted; upload it again.") from error
            watch.look()
            result = self._fit(watch, job, order, data, deadline)
            registry.require_target(self.table, job, result.target)
            result.save(folder)
            seconds = round(time.monotonic() - start, 1)
            metrics.add_metric(Metric.TRAINING_SECONDS, MetricUnit.Seconds, seconds)
            metrics.add_metric(Metric.BUDGET_USED, MetricUnit.NoUnit, seconds / order.budget_seconds)
            seconds_left = (deadline - time.monotonic()) * _EXPORT_SHARE
            exports = make_exports(folder, result.sample, seconds_left, watch.clock)
            watch.look()
            report = complete_report(result, order, exports, seconds)
            number = registry.reserve_version(self.table, job)
            place = (job.owner, job.model, number)
            for file_name in ("model.npz", "manifest.json"):
                body = (folder / file_name).read_bytes()
                self.storage.put(keys.model(*place, file_name), body, "application/octet-stream")
            store_documents(self.storage, report, place)
            store_exports(self.storage, folder, exports, place)
            return Version(
                owner=job.owner,
                created_at=now(),
                model=job.model,
                version=number,
                dataset_id=job.dataset_id,
                job_id=job.id,
                task=result.task,
                target=result.target,
                metric=result.metric,
                npz_sha256=_sha256(folder / "model.npz"),
                manifest_sha256=_sha256(folder / "manifest.json"),
                metrics=result.metrics,
                leaderboard=result.leaderboard,
                exports=exports,
                holdout_id=result.holdout_id or "",
                holdout_rows=result.holdout_rows,
                request_id=order.request_id,
            )

    def _fit(
        self, watch: Watch, job: Job, order: TrainingOrder, data: Path, deadline: float
    ) -> automl.Result:
        budget = min(float(order.budget_seconds), (deadline - time.monotonic()) * _TRAINING_SHARE)
        try:
            config = automl.FitConfig(
                target=order.target,
                task=order.task,
                metric=order.metric,
                budget_seconds=budget,
                exclude=tuple(order.exclude),
                keep=tuple(order.keep),
                group=order.group,
                time=order.time,
                recall=order.recall,
                reasons=order.reasons,
                compact=order.compact,
                class_weights=order.class_weights,
                seed=order.seed,
                recipe=self._recipe(job, order),
                data_sha256=_sha256(data),
            )
            table = automl.read_csv(data)
            rows, columns = table.frame.shape
            if table.frame.size > MAX_CELLS:
                raise UserDataError(
                    "too_many_cells",
                    f"{rows:,} rows of {columns} columns need more memory than a training has; "
                    f"train on at most {MAX_CELLS // columns:,} rows of them.",
                )
            result = automl.fit(table, config, watch.report, clock=watch.clock)
        except automl.DataError as error:
            raise UserDataError(error.code, error.message) from error
        except tuple(_ENGINE_FAULTS) as error:
            logger.exception("the engine failed", job_id=job.id, fault=type(error).__name__)
            metrics.add_metric(Metric.ENGINE_FAULTS, MetricUnit.Count, 1)
            raise _ENGINE_FAULTS[type(error)] from error
        if result.breaches:
            logger.error("the engine failed", job_id=job.id, fault="ParityError", given_up=result.breaches)
            metrics.add_metric(Metric.ENGINE_FAULTS, MetricUnit.Count, 1)
        return result


def _job(place: keys.TrainingKey, order: TrainingOrder | None) -> Job:
    """The job of an order, as far as there is a valid one."""
    return Job(
        owner=place.owner,
        created_at=order.created_at if order else now(),
        id=place.job_id,
        dataset_id=place.dataset_id,
        model=order.model if order else "",
        status=JobStatus.RUNNING,
        target=order.target if order else "",
        options=order.options() if order else {},
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
