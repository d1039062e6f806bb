"""Scores one file of rows, as far as the time reaches, whatever happened to it before."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from aws_lambda_powertools.metrics import MetricUnit

import scoring
from batch.counting import Counting
from batch.results import Checkpoint, Results
from csv_analyzer import aws, batches, keys
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import (
    GaveUpError,
    ModelDamagedError,
    NotFoundError,
    PayloadTooLargeError,
    UploadGoneError,
    UserDataError,
)
from csv_analyzer.events import LAST_ATTEMPT, ObjectWritten, notification
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics, work_for
from csv_analyzer.records import Batch
from csv_analyzer.storage import Storage
from csv_analyzer.streams import ObjectReader
from scoring.files.batch import BatchScorer
from scoring.files.encodings import TableError

# A file of a model, and what its arrays take: the bounds of predict.
MAX_FILE_BYTES = 128 * 1024 * 1024
MAX_MODEL_BYTES = 384 * 1024 * 1024
_SECONDS_BETWEEN_REPORTS = 2.0
_SECONDS_BETWEEN_CHECKPOINTS = 30.0
# What is left of an invocation when it stops: to store what was done, and twice the longest block.
_RESERVE_SECONDS = 15.0
_BLOCKS_IN_RESERVE = 2

_INTERRUPTED = UserDataError(
    "batch_interrupted",
    "The scoring was interrupted several times, most likely because the model needs more memory or time than "
    "there is; train a compact one.",
)
_FILE_GONE = UserDataError("file_gone", "The file was deleted; order the job again and upload it.")
_MODEL_TOO_LARGE = UserDataError(
    "model_too_large", "The version of the model is larger than what is served: train a compact one."
)
_MODEL_GONE = UserDataError("model_gone", "The version of the model was deleted; order the job with another.")


@dataclass(frozen=True)
class BatchService:
    """Scores files.

    Parameters
    ----------
    catalog : Catalog
        Jobs and versions.
    storage : Storage
        The data bucket.
    queue_url : str
        The queue that starts this function, for what has to go on in another invocation.
    clock : callable
        Returns seconds; replaced in tests.
    """

    catalog: Catalog
    storage: Storage
    queue_url: str
    clock: Callable[[], float] = time.monotonic

    def score(self, key: str, seconds: float, attempt: int) -> None:
        """Score the file at `key`, or a part of it, unless that has been done.

        Parameters
        ----------
        key : str
            Key of the file.
        seconds : float
            Time left to this invocation.
        attempt : int
            How often the event has been delivered, counted from 1.
        """
        deadline = self.clock() + seconds
        place = keys.parse_batch(key)
        if place is None:
            logger.warning("not a file of a batch job", key=key)
            return
        effect = f"batch {place.owner}/{place.model}/{place.batch_id}"
        with Leases(self.catalog.table).hold(effect, seconds) as lease:
            if lease is None:
                metrics.add_metric(Metric.REPEATED_EVENTS, MetricUnit.Count, 1)
                return
            try:
                batch = self.catalog.batch(place.owner, place.model, place.batch_id)
            except NotFoundError:
                logger.warning("nobody ordered this", key=key)
                return
            work_for(batch.request_id)
            batch = self._started(lease, batch, key)
            if attempt >= LAST_ATTEMPT:
                self._fail(lease, batch, _INTERRUPTED)
                raise GaveUpError(f"batch job {batch.id} was not done in {attempt} attempts")
            try:
                done = self._work(lease, batch, key, deadline)
            except UserDataError as error:
                self._fail(lease, batch, error)
                return
        if not done:
            self._go_on(key)

    def _started(self, lease: Lease, batch: Batch, key: str) -> Batch:
        """Enter that the work begins, with the bytes that the first worker found."""
        if not batch.version_id:
            info = self.storage.head(key)
            if info is not None:
                batch = replace(batch, version_id=info.version_id, size=info.size)
        batches.start(self.catalog.table, lease, batch)
        return batch

    def _fail(self, lease: Lease, batch: Batch, error: UserDataError) -> None:
        logger.info("batch failed", batch_id=batch.id, code=error.code)
        batches.failed(self.catalog.table, lease, batch, error)
        metrics.add_metric(Metric.BATCHES_FAILED, MetricUnit.Count, 1)

    def _go_on(self, key: str) -> None:
        """Tell the queue to start another invocation: a message of its own, whose tries count anew."""
        with aws.translated("SQS"):
            aws.sqs().send_message(
                QueueUrl=self.queue_url, MessageBody=notification(ObjectWritten(self.storage.bucket, key))
            )
        metrics.add_metric(Metric.BATCHES_CONTINUED, MetricUnit.Count, 1)

    def _work(self, lease: Lease, batch: Batch, key: str, deadline: float) -> bool:
        """Score rows until the file or the time ends, and return whether the file did."""
        if not batch.version_id:
            raise _FILE_GONE
        model, sha256 = self._model(batch)
        try:
            counting = Counting(self.storage, batch, sha256, model.reference)
            try:
                results = Results(self.storage, batch, counting)
                return self._score(results, lease, batch, key, model, deadline)
            except UploadGoneError:
                # Its last worker had made a file appear and then died, or S3 has forgotten old parts.
                logger.warning("starting anew", batch_id=batch.id)
                results = Results(self.storage, replace(batch, checkpoint=None), counting)
                return self._score(results, lease, batch, key, model, deadline)
        except TableError as error:
            raise UserDataError(error.code, error.message) from error
        except NotFoundError as error:
            raise _FILE_GONE from error

    def _model(self, batch: Batch) -> tuple[scoring.Model, str]:
        try:
            version = self.catalog.version(batch.owner, batch.model, batch.version)
            npz, manifest = (
                self.storage.get(
                    keys.model(batch.owner, batch.model, batch.version, file_name), MAX_FILE_BYTES
                )
                for file_name in ("model.npz", "manifest.json")
            )
        except NotFoundError as error:
            raise _MODEL_GONE from error
        except PayloadTooLargeError as error:
            raise _MODEL_TOO_LARGE from error
        try:
            if scoring.unpacked_bytes(npz) > MAX_MODEL_BYTES:
                raise _MODEL_TOO_LARGE
            model = scoring.load(npz, manifest, version.npz_sha256, version.manifest_sha256)
        except scoring.ModelError as error:
            logger.exception("the model is damaged", batch_id=batch.id)
            damaged = ModelDamagedError(version.version, str(error))
            raise UserDataError(damaged.code, damaged.message) from error
        return model, version.manifest_sha256

    def _score(
        self, results: Results, lease: Lease, batch: Batch, key: str, model: scoring.Model, deadline: float
    ) -> bool:
        try:
            return self._fill(results, lease, batch, key, model, deadline)
        except (TableError, NotFoundError):
            results.abort()
            raise

    def _fill(
        self, results: Results, lease: Lease, batch: Batch, key: str, model: scoring.Model, deadline: float
    ) -> bool:
        reader = ObjectReader(self.storage, key, batch.version_id, batch.size)
        begun = results.begun
        scorer = BatchScorer(model, reader, safe=batch.safe, state=begun, counting=True)
        rows, row_errors = (begun["rows"], begun["row_errors"]) if begun else (0, 0)
        last_report = last_checkpoint = block_start = self.clock()
        longest = 0.0
        for scored in scorer.run():
            results.write(scored)
            now = self.clock()
            longest, block_start = max(longest, now - block_start), now
            state = scored.state
            metrics.add_metric(Metric.BATCH_ROWS, MetricUnit.Count, state["rows"] - rows)
            metrics.add_metric(Metric.BATCH_ROW_ERRORS, MetricUnit.Count, state["row_errors"] - row_errors)
            rows, row_errors = state["rows"], state["row_errors"]
            offset = state["place"]["offset"]
            facts = {"rows": rows, "row_errors": row_errors, "progress": round(offset / batch.size, 3)}
            if offset >= batch.size:
                continue
            if deadline - now < _RESERVE_SECONDS + _BLOCKS_IN_RESERVE * longest:
                batches.hand_over(self.catalog.table, lease, batch, facts | self._save(results, lease))
                results.committed()
                return False
            if now - last_checkpoint >= _SECONDS_BETWEEN_CHECKPOINTS:
                last_checkpoint = last_report = now
                batches.report(self.catalog.table, lease, batch, facts | self._save(results, lease))
                results.committed()
            elif now - last_report >= _SECONDS_BETWEEN_REPORTS:
                last_report = now
                batches.report(self.catalog.table, lease, batch, facts)
        results.close()
        batches.succeeded(self.catalog.table, lease, batch, {"rows": rows, "row_errors": row_errors})
        results.committed()
        metrics.add_metric(Metric.BATCHES_SUCCEEDED, MetricUnit.Count, 1)
        logger.info("batch scored", batch_id=batch.id, rows=rows, row_errors=row_errors)
        return True

    @staticmethod
    def _save(results: Results, lease: Lease) -> dict[str, Checkpoint]:
        return {"checkpoint": results.save(lease.token)}
