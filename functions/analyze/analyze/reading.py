"""A user's file as a table, or the fault that a user can act on."""

import tempfile
from pathlib import Path

import automl
from csv_analyzer.errors import NotFoundError, UserDataError
from csv_analyzer.records import Dataset
from csv_analyzer.storage import Storage


def read_table(storage: Storage, dataset: Dataset, max_bytes: int) -> automl.Table:
    """Read a dataset's file.

    Raises
    ------
    UserDataError
        If it is too large, no table, or no longer there.
    """
    if dataset.size > max_bytes:
        raise UserDataError(
            "file_too_large", f"The file has {dataset.size:,} bytes; upload at most {max_bytes:,}."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        try:
            storage.download(dataset.key, dataset.version_id, path)
            return automl.read_csv(path)
        except NotFoundError as error:
            raise UserDataError("file_gone", "The file was deleted; upload it again.") from error
        except automl.DataError as error:
            raise UserDataError(error.code, error.message) from error
