"""What stands beside the arrays of a stored model: its schema, its classes, its reference for drift."""

import hashlib
import json
from typing import Any

from csv_analyzer import keys
from csv_analyzer.errors import ModelDamagedError
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
    ModelDamagedError
        If it is not the one that was registered.
    """
    key = keys.model(version.owner, version.model, version.version, "manifest.json")
    body = storage.get(key, _MAX_BYTES)
    if hashlib.sha256(body).hexdigest() != version.manifest_sha256:
        raise ModelDamagedError(version.version, "The checksum of manifest.json is not the registered one.")
    manifest: dict[str, Any] = json.loads(body)
    return manifest
