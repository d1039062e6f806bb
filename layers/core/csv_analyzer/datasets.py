"""Life of a dataset: UPLOADING, ANALYZING, then READY or FAILED."""

from typing import Any

from csv_analyzer.catalog import Dataset, DatasetStatus, dataset_key, encode
from csv_analyzer.dynamo import Item, Table, put_new, update
from csv_analyzer.errors import UserDataError
from csv_analyzer.leases import Lease

# A dataset whose file never came disappears by itself.
UPLOAD_GRACE_SECONDS = 24 * 3600


def expect_upload(table: Table, dataset: Dataset, expires_at: int) -> None:
    """Enter a dataset whose file is on its way."""
    table.write(
        put_new(
            dataset_key(dataset.owner, dataset.id),
            {**dataset.to_item(), "status": DatasetStatus.UPLOADING, "expires_at": expires_at},
        )
    )


def start_analysis(table: Table, dataset: Dataset) -> None:
    """Enter that the file is there and being read; makes the dataset if the API did not."""
    table.write(
        update(
            dataset_key(dataset.owner, dataset.id),
            assign={
                "status": DatasetStatus.ANALYZING,
                "key": dataset.key,
                "version_id": dataset.version_id,
                "size": dataset.size,
            },
            default={
                "owner": dataset.owner,
                "id": dataset.id,
                "file_name": dataset.file_name,
                "created_at": dataset.created_at,
            },
            remove=("expires_at", "error"),
        )
    )


def ready(table: Table, lease: Lease, dataset: Dataset, facts: dict[str, Any]) -> None:
    """Enter what the analysis found, together with the mark that it is done."""
    table.write(lease.done(), _finish(dataset, {"status": DatasetStatus.READY, **encode(facts)}))


def failed(table: Table, lease: Lease, dataset: Dataset, error: UserDataError) -> None:
    """Enter why the file can't be used, together with the mark that the analysis is done."""
    reason = encode({"error": {"code": error.code, "message": error.message}})
    table.write(lease.done(), _finish(dataset, {"status": DatasetStatus.FAILED, **reason}))


def _finish(dataset: Dataset, attributes: dict[str, Any]) -> Item:
    # A newer upload of the same file may have begun its own analysis: its word stands.
    return update(
        dataset_key(dataset.owner, dataset.id),
        assign=attributes,
        condition="#version_id = :version_id",
        values={":version_id": dataset.version_id},
    )
