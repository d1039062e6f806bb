"""What is known of a version's drift."""

from typing import Any

from api.manifests import manifest_of
from api.service import ControlPlane
from csv_analyzer import keys, serving
from csv_analyzer.errors import NotFoundError
from csv_analyzer.records import Model, Version

# Counts of 30 days beside the report; wide tables have many.
_MAX_BYTES = 64 * 1024 * 1024
_NOTHING: dict[str, Any] = {"computed_at": None, "window_days": None, "thresholds": {}, "windows": []}
NO_PREDICTIONS = "No predictions have been counted yet; what was counted is looked at every hour."
NOT_MEASURED = "This version was trained before drift was measured: train the model again."


def drift_of(
    plane: ControlPlane, owner: str, name: str, number: int | None
) -> tuple[Model, Version, dict[str, Any]]:
    """Report of a version, or a statement why there is none yet.

    Parameters
    ----------
    plane : ControlPlane
        Where models are found.
    owner, name : str
        Of the model.
    number : int or None
        Of the version; None for the one in production.

    Raises
    ------
    NotFoundError
        If the owner has no such model or version.
    NoProductionError
        If no version is named and none is in production.
    """
    model = plane.catalog.model(owner, name)
    version = plane.catalog.version(owner, name, number or serving.require_production(model))
    place = keys.VersionKey(owner, name, version.version)
    try:
        document = plane.storage.get_json(keys.drift(place), _MAX_BYTES)
    except NotFoundError:
        document = None
    if document is not None and document["manifest_sha256"] == version.manifest_sha256:
        report: dict[str, Any] = document["report"]
        return model, version, report
    if manifest_of(plane.storage, version).get("reference") is None:
        return model, version, {"status": "not_measured", "statement": NOT_MEASURED, **_NOTHING}
    return model, version, {"status": "too_few", "statement": NO_PREDICTIONS, **_NOTHING}
