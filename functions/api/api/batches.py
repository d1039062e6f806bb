"""Batch jobs of the control plane: their orders, their state, and how the API shows them."""

import time
from dataclasses import dataclass, replace
from typing import Any

from csv_analyzer import batches, keys, serving
from csv_analyzer.catalog import Catalog
from csv_analyzer.ids import new_id, now
from csv_analyzer.observability import request_id
from csv_analyzer.records import Batch, BatchStatus, Stage
from csv_analyzer.schemas.base import Reason, Upload
from csv_analyzer.schemas.batches import BatchFile, BatchInFull, BatchRequest, BatchView, CreatedBatch
from csv_analyzer.storage import DOWNLOAD_SECONDS, UPLOAD_SECONDS, Storage


@dataclass(frozen=True)
class BatchPlane:
    """Batch jobs of one stack.

    Parameters
    ----------
    catalog : Catalog
        Truth about models and jobs.
    storage : Storage
        The data bucket.
    max_upload_bytes : int
        Largest file that may be uploaded.
    """

    catalog: Catalog
    storage: Storage
    max_upload_bytes: int

    def order(self, owner: str, name: str, request: BatchRequest) -> tuple[Batch, dict[str, Any]]:
        """Enter a job, and sign the form with which its file may be uploaded.

        The version is fixed here: whatever is promoted later, all rows are scored by the one that the
        answer names.
        """
        batch = Batch(
            owner=owner,
            created_at=now(),
            id=new_id(),
            model=name,
            version=self._version(owner, name, request),
            status=BatchStatus.UPLOADING,
            file_name=keys.safe_file_name(request.file_name),
            safe=request.safe,
            request_id=request_id(),
        )
        batches.expect_upload(self.catalog.table, batch, int(time.time()) + batches.UPLOAD_GRACE_SECONDS)
        key = keys.batch(owner, name, batch.id)
        return batch, self.storage.presigned_upload(key, self.max_upload_bytes)

    def find(self, owner: str, name: str, batch_id: str) -> Batch:
        """A job; one whose file is there waits in the queue."""
        batch = self.catalog.batch(owner, name, batch_id)
        if batch.status == BatchStatus.UPLOADING and self.storage.head(keys.batch(owner, name, batch_id)):
            return replace(batch, status=BatchStatus.QUEUED)
        return batch

    def page(self, owner: str, name: str, limit: int, before: str | None) -> tuple[list[Batch], str | None]:
        """One page of a model's jobs, newest first, and where the next page begins."""
        self.catalog.model(owner, name)
        return self.catalog.batches(owner, name, limit, before)

    def in_full(self, batch: Batch) -> BatchInFull:
        """A job with links to its files when they are there."""
        done = batch.status == BatchStatus.SUCCEEDED
        return BatchInFull(
            **_fields(batch),
            predictions=self._file(batch, keys.PREDICTIONS_FILE) if done else None,
            errors=self._file(batch, keys.ERRORS_FILE) if done else None,
        )

    def _file(self, batch: Batch, file: str) -> BatchFile:
        file_name = f"{batch.file_name.removesuffix('.csv')}-{file}"
        url = self.storage.presigned_download(
            keys.result(batch.owner, batch.model, batch.id, file), file_name
        )
        return BatchFile(file_name=file_name, url=url, expires_in_seconds=DOWNLOAD_SECONDS)

    def _version(self, owner: str, name: str, request: BatchRequest) -> int:
        wanted = request.version or Stage(request.stage or Stage.PRODUCTION)
        version, _ = serving.find(self.catalog, owner, name, wanted)
        return version.version


def view(batch: Batch) -> BatchView:
    """A job without its places in S3."""
    return BatchView(**_fields(batch))


def created(batch: Batch, form: dict[str, Any]) -> CreatedBatch:
    """A new job with the form to upload its file."""
    upload = Upload(url=form["url"], fields=form["fields"], expires_in_seconds=UPLOAD_SECONDS)
    return CreatedBatch(**_fields(batch), upload=upload)


def _fields(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "model": batch.model,
        "version": batch.version,
        "file_name": batch.file_name,
        "safe": batch.safe,
        "status": str(batch.status),
        "created_at": batch.created_at,
        "started_at": batch.started_at or None,
        "finished_at": batch.finished_at or None,
        "progress": batch.progress,
        "rows": batch.rows,
        "rows_with_errors": batch.row_errors,
        "error": Reason(**batch.error) if batch.error else None,
    }
