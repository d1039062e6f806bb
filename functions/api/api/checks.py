"""What is wrong with a training request, as far as the profile of its dataset can tell."""

from collections.abc import Iterator, Mapping
from typing import Any

from csv_analyzer.errors import Fault
from csv_analyzer.schemas.trainings import CLASSIFICATION_METRICS, REGRESSION_METRICS, TrainRequest

# Column name -> its entry in the profile.
type Columns = Mapping[str, Mapping[str, Any]]

METRICS = {"classification": CLASSIFICATION_METRICS, "regression": REGRESSION_METRICS}
_NUMBER, _DATE = "numeric", "date"
_ORDERED = {_NUMBER, _DATE}
# Of more different numbers the engine never makes classes (a test holds this); of few it depends.
_MAX_CODES = 10
_SHOWN_LABELS = 20


def faults_of(request: TrainRequest, columns: Columns) -> list[Fault]:
    """Return every fault of a request, in the order of its fields.

    Parameters
    ----------
    request : TrainRequest
        What was asked for.
    columns : mapping
        Entries of the profile by column name.
    """
    return [*_unknown(request, columns), *_roles(request), *_by_type(request, columns)]


def task_of(request: TrainRequest, columns: Columns) -> str | None:
    """Return the task, None where only the engine can tell."""
    if request.task != "auto":
        return request.task
    column = columns.get(request.target)
    if column is None:
        return None
    if column["type"] != _NUMBER or column["distinct"] == 2:
        return "classification"
    return "regression" if column["distinct"] > _MAX_CODES else None


def _unknown(request: TrainRequest, columns: Columns) -> Iterator[Fault]:
    named = [("target", request.target)]
    for field in ("exclude", "keep"):
        named += [(f"{field}.{i}", name) for i, name in enumerate(getattr(request, field))]
    named += [(field, name) for field in ("group", "time") if (name := getattr(request, field)) is not None]
    for place, name in named:
        if name not in columns:
            yield _fault(place, "unknown_column", f"The dataset has no column {name!r}.")


def _roles(request: TrainRequest) -> Iterator[Fault]:
    """Faults of columns that are named for two things that exclude each other."""
    if request.target in request.exclude:
        yield _fault("exclude", "target_excluded", "The target can't be excluded.")
    for i, name in enumerate(request.keep):
        if name in request.exclude:
            yield _fault(f"keep.{i}", "excluded_and_kept", f"{name!r} can't be both excluded and kept.")
    for field in ("group", "time"):
        if getattr(request, field) == request.target:
            yield _fault(field, "target_splits", "Rows can't be split by the target.")
    if request.group is not None and request.time is not None:
        yield _fault("time", "group_and_time", "A split is either by group or by time: choose one of them.")


def _by_type(request: TrainRequest, columns: Columns) -> Iterator[Fault]:
    target, task = columns.get(request.target), task_of(request, columns)
    if target is not None and target["type"] == _DATE:
        yield _fault("target", "target_is_date", "The target holds dates: choose categories or numbers.")
        return
    known = METRICS.get(task or "")
    if request.metric != "auto" and known is not None and request.metric not in known:
        message = f"The metric does not suit {task}: choose auto or one of {', '.join(known)}."
        yield _fault("metric", "unknown_metric", message)
    if request.class_weights is not None:
        yield from _class_weights(request.class_weights, task, target)
    time = columns.get(request.time or "")
    if time is not None and time["type"] not in _ORDERED:
        message = f"Rows can't be put in order by {request.time!r}, which holds no dates or numbers."
        yield _fault("time", "time_not_ordered", message)


def _class_weights(
    weights: str | Mapping[str, float], task: str | None, target: Mapping[str, Any] | None
) -> Iterator[Fault]:
    if task == "regression":
        message = "Class weights need classes, but the target is predicted as a number: leave them out."
        yield _fault("class_weights", "class_weights_regression", message)
        return
    if isinstance(weights, str) or target is None or target["type"] != "categorical":
        # Numbers and booleans have several spellings, which the profile does not know.
        return
    labels = [entry["value"] for entry in target.get("top", ())]
    if len(labels) < target["distinct"]:
        return
    for name in weights:
        if name not in labels:
            shown = ", ".join(map(repr, labels[:_SHOWN_LABELS]))
            message = f"The target has no value {name!r}: choose from {shown}."
            yield _fault(f"class_weights.{name}", "unknown_label", message)


def _fault(place: str, code: str, message: str) -> Fault:
    return {"location": f"body.{place}", "code": code, "message": message}
