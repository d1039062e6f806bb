"""Life of a dataset: UPLOADING, ANALYZING, then READY or FAILED."""

from typing import Any

from csv_analyzer.catalog import dataset_key
from csv_analyzer.dynamo import Item, Table, put_new, update
from csv_analyzer.erasures import standing, unless_erased
from csv_analyzer.errors import UserDataError
from csv_analyzer.leases import Lease
from csv_analyzer.records import Dataset, DatasetStatus, encode

# A dataset whose file never came disappears by itself.
UPLOAD_GRACE_SECONDS = 24 * 3600


def expected(dataset: Dataset) -> Item:
    """Operation that enters a dataset whose file is on its way."""
    return put_new(
        dataset_key(dataset.owner, dataset.id), {**dataset.to_item(), "status": DatasetStatus.UPLOADING}
    )


def begun_in_parts(table: Table, dataset: Dataset) -> None:
    """Enter the upload of a file that comes in parts."""
    table.write(
        update(
            dataset_key(dataset.owner, dataset.id),
            assign={"upload_id": dataset.upload_id, "announced": dataset.announced},
            condition="#status = :uploading",
            values={":uploading": DatasetStatus.UPLOADING},
        )
    )


def started(dataset: Dataset) -> tuple[Item, Item]:
    """Operations that enter that the file is there and being read; they make the dataset if the API did not.

    They fail where the dataset is erased.
    """
    return _there(dataset, {"status": DatasetStatus.ANALYZING}, ("error",)), standing(
        dataset.owner, dataset.id
    )


def refuse(table: Table, lease: Lease, dataset: Dataset, error: UserDataError) -> None:
    """Enter that the file is there and is not taken, with the mark that it needs no analysis.

    Raises
    ------
    ErasedError
        If the dataset was erased meanwhile.
    """
    refused = _there(dataset, {"status": DatasetStatus.FAILED, **_reason(error)})
    with unless_erased(table, dataset.owner, dataset.id):
        table.write(lease.done(), refused, standing(dataset.owner, dataset.id))


def ready(table: Table, lease: Lease, dataset: Dataset, facts: dict[str, Any]) -> None:
    """Enter what the analysis found, together with the mark that it is done.

    Raises
    ------
    ErasedError
        If the dataset was erased meanwhile.
    """
    with unless_erased(table, dataset.owner, dataset.id):
        table.write(lease.done(), _finish(dataset, {"status": DatasetStatus.READY, **encode(facts)}))


def failed(table: Table, lease: Lease, dataset: Dataset, error: UserDataError) -> None:
    """Enter why the file can't be used, together with the mark that the analysis is done."""
    with unless_erased(table, dataset.owner, dataset.id):
        table.write(lease.done(), _finish(dataset, {"status": DatasetStatus.FAILED, **_reason(error)}))


def _there(dataset: Dataset, attributes: dict[str, Any], remove: tuple[str, ...] = ()) -> Item:
    return update(
        dataset_key(dataset.owner, dataset.id),
        assign={
            **attributes,
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
        remove=("expires_at", "reserved", "reserved_until", "upload_id", *remove),
    )


def _reason(error: UserDataError) -> Item:
    return encode({"error": {"code": error.code, "message": error.message}})


def _finish(dataset: Dataset, attributes: dict[str, Any]) -> Item:
    # A newer upload of the same file may have begun its own analysis: its word stands.
    return update(
        dataset_key(dataset.owner, dataset.id),
        assign=attributes,
        condition="#version_id = :version_id",
        values={":version_id": dataset.version_id},
    )
