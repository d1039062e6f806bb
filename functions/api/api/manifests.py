"""What stands beside the arrays of a stored model: its schema, its classes, its reference for drift."""

from typing import Any

from csv_analyzer import keys
from csv_analyzer.records import Version
from csv_analyzer.storage import Storage

# Texts, wide tables and their histograms make it long; read, it takes several times as much memory.
_MAX_BYTES = 32 * 1024 * 1024


def manifest_of(storage: Storage, version: Version) -> dict[str, Any]:
    """Manifest of a version.

    Raises
    ------
    NotFoundError
        If it was erased meanwhile.
    PayloadTooLargeError
        If the function's memory could not hold it.
    """
    key = keys.model(version.owner, version.model, version.version, "manifest.json")
    manifest: dict[str, Any] = storage.get_json(key, _MAX_BYTES)
    return manifest
