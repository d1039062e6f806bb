"""What is told of a version: its report and its model card, stored beside the model."""

from collections.abc import Mapping
from typing import Any

import automl
from csv_analyzer import keys
from csv_analyzer.ids import now
from csv_analyzer.schemas.trainings import TrainingOrder
from csv_analyzer.settings import function_memory_mb
from csv_analyzer.storage import Storage
from train.costs import estimate_cost


def complete_report(
    result: automl.Result, order: TrainingOrder, exports: Mapping[str, Mapping[str, Any]], seconds: float
) -> dict[str, Any]:
    """Return the engine's report with what only the service knows.

    Parameters
    ----------
    result : Result
        What was trained.
    order : TrainingOrder
        Names the file.
    exports : mapping
        See :func:`train.exports.make_exports`.
    seconds : float
        How long the function has worked, reading included.
    """
    file = {"key": order.data_key, "version_id": order.data_version_id}
    return {
        **result.report,
        "created_at": now(),
        "data": {**result.report["data"], **file},
        "seconds": {**result.report["seconds"], "function": seconds},
        "cost": estimate_cost(seconds, function_memory_mb()),
        "exports": {name: dict(export) for name, export in exports.items()},
    }


def store_documents(storage: Storage, report: Mapping[str, Any], place: tuple[str, str, int]) -> None:
    """Store the report and the card of a version.

    Parameters
    ----------
    storage : Storage
        The data bucket.
    report : mapping
        From :func:`complete_report`.
    place : tuple
        Owner, model and version.
    """
    _owner, name, version = place
    card = automl.model_card(report, name=name, version=version, created_at=report["created_at"])
    storage.put(keys.model(*place, keys.REPORT), automl.encode(report), "application/json")
    storage.put(keys.model(*place, keys.CARD), card.encode(), "text/markdown; charset=utf-8")
