"""Models, versions, their life and erasures in a terminal."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from csv_analyzer_client.rendering.text import (
    at,
    bar,
    facts,
    moment,
    number,
    objects,
    plain,
    size,
    status,
    table,
    titled,
)
from csv_analyzer_client.rendering.trainings import leaderboard
from csv_analyzer_client.resources import Model, ModelSummary, Receipt, StageChange, Version

_PARTS: Final = ("holdout", "cross_validation", "baseline")
_SHOWN: Final = 20
# Beside the mean over the folds stands its spread.
_SPREAD: Final = "_std"


def models(items: Iterable[ModelSummary]) -> RenderableType:
    """A list of models."""
    made = table(
        "name", "task", "target", "in production", "newest", "created", right=("in production", "newest")
    )
    for item in items:
        made.add_row(
            plain(item.name, "bold"),
            plain(item.task),
            plain(item.target, most=40),
            _version(item.production_version),
            _version(item.latest_version),
            moment(item.created_at),
        )
    return (
        made
        if made.row_count
        else Text("There are no models yet: csv-analyzer train DATASET --target COLUMN")
    )


def model(item: Model) -> RenderableType:
    """A model with its versions."""
    known = facts(
        {
            "name": item.name,
            "task": item.task,
            "target": item.target,
            "created": moment(item.created_at),
            "in production": _version(item.production_version),
        }
    )
    right = ("version", *(part.replace("_", " ") for part in _PARTS))
    made = table("version", "stage", "metric", *right[1:], "created", right=right)
    for version in item.versions:
        figures = (number(at(version.metrics, part, version.metric)) for part in _PARTS)
        made.add_row(
            str(version.version),
            status(version.stage),
            plain(version.metric),
            *figures,
            moment(version.created_at),
        )
    return Group(known, Text(), made)


def version(item: Version) -> RenderableType:
    """A version in full."""
    parts: list[RenderableType] = [
        facts(
            {
                "model": item.model,
                "version": item.version,
                "stage": status(item.stage),
                "task": item.task,
                "target": item.target,
                "dataset": item.dataset_id,
                "training": item.job_id,
                "created": moment(item.created_at),
                "MLflow run": item.mlflow_run_id,
            }
        ),
        Text(),
        metrics(item.metrics),
    ]
    if item.leaderboard:
        parts += [Text(), leaderboard(item.leaderboard)]
    if item.exports:
        made = table("format", "size", "SHA-256", "", right=("size",))
        for export in item.exports:
            made.add_row(
                plain(export.get("format")),
                size(export.get("size_bytes")),
                plain(export.get("sha256")),
                plain(export.get("reason") or ""),
            )
        parts += [Text(), titled("Downloads", made)]
    return Group(*parts)


def metrics(content: Mapping[str, Any]) -> RenderableType:
    """Figures on the holdout, in cross-validation and of the baseline."""
    parts = [part for part in _PARTS if isinstance(content.get(part), Mapping)]
    names = list(dict.fromkeys(name for part in parts for name in content[part]))
    right = tuple(part.replace("_", " ") for part in parts)
    made = table("metric", *right, right=right)
    for name in names:
        if name.endswith(_SPREAD) and name.removesuffix(_SPREAD) in names:
            continue
        if any(isinstance(content[part].get(name), int | float) for part in parts):
            made.add_row(plain(name), *(_figure(content[part], name) for part in parts))
    return titled("Metrics", made)


def _figure(figures: Mapping[str, Any], name: str) -> str:
    value, spread = figures.get(name), figures.get(f"{name}{_SPREAD}")
    around = f" ± {spread:.2g}" if isinstance(spread, int | float) else ""
    return number(value) + around


def report(content: Mapping[str, Any]) -> RenderableType:
    """The report of a version: its figures and what its answers depend on; the rest is named."""
    parts: list[RenderableType] = []
    if isinstance(content.get("metrics"), Mapping):
        parts.append(metrics(content["metrics"]))
    importance = objects(content, "importance", "features") or objects(content, "importance")
    if importance:
        made = table("feature", "importance", "", right=("importance",))
        values = [entry.get("importance", entry.get("mean")) for entry in importance]
        top = max((value for value in values if isinstance(value, int | float)), default=0) or 1
        for entry, value in zip(importance[:_SHOWN], values, strict=False):
            length = value / top if isinstance(value, int | float) else 0
            made.add_row(plain(entry.get("feature", entry.get("column"))), number(value), bar(length))
        parts += [Text(), titled("What the answers depend on", made)]
    confusion = at(content, "curves", "confusion") or content.get("confusion_matrix")
    if (matrix := _confusion(confusion)) is not None:
        parts += [Text(), matrix]
    board = objects(content, "leaderboard")
    if board:
        parts += [Text(), leaderboard(board)]
    scalars = {
        name: value for name, value in content.items() if isinstance(value, str | int | float) and value != ""
    }
    others = [name for name in content if name not in {"metrics", "leaderboard", *scalars}]
    parts += [Text(), facts(scalars)] if scalars else []
    parts += [Text(), plain(f"--json has all of it: {', '.join(others)}", "dim", 1_000)] if others else []
    return Group(*parts)


def _confusion(content: Any) -> RenderableType | None:
    labels = at(content, "labels") or at(content, "classes")
    rows = at(content, "matrix") or at(content, "counts")
    if not isinstance(labels, list) or not isinstance(rows, list) or len(labels) != len(rows):
        return None
    names = [plain(label, most=20).plain for label in labels[:_SHOWN]]
    made = table("true \\ predicted", *names, right=tuple(names))
    for name, row in zip(names, rows, strict=False):
        made.add_row(name, *(number(value) for value in (row if isinstance(row, list) else [])[:_SHOWN]))
    return titled("Confusion matrix (holdout)", made)


def stage_change(change: StageChange, name: str) -> RenderableType:
    """What a change of stages did, and how the gate judged it."""
    parts: list[RenderableType] = [
        facts(
            {
                "model": name,
                "version": change.version,
                "change": change.action,
                "from": None if change.from_stage is None else status(change.from_stage),
                "to": None if change.to_stage is None else status(change.to_stage),
                "in production now": _version(change.production),
                "forced": True if change.forced else None,
                "reason": change.reason,
            }
        )
    ]
    if change.gate:
        parts += [Text(), gate(change.gate)]
    return Group(*parts)


def gate(content: Mapping[str, Any]) -> RenderableType:
    """The gate's decision and its numbers."""
    shown = {name.replace("_", " "): _short(value) for name, value in content.items() if value is not None}
    return Group(Text("Gate", style="bold"), facts(shown))


def history(entries: Iterable[Mapping[str, Any]]) -> RenderableType:
    """What was in production when, and who put it there."""
    made = table(
        "at", "who", "did", "version", "from", "to", "production", "reason", right=("version", "production")
    )
    for entry in entries:
        made.add_row(
            moment(entry.get("at")),
            plain(entry.get("actor"), most=50),
            plain(entry.get("action")),
            plain(entry.get("version")),
            status(entry.get("from_stage")),
            status(entry.get("to_stage")),
            plain(entry.get("production")),
            plain(("forced: " if entry.get("forced") is True else "") + str(entry.get("reason") or "")),
        )
    return made if made.row_count else Text("Nothing has happened to this model.")


def receipt(item: Receipt) -> RenderableType:
    """What was erased."""
    return facts(
        {
            "receipt": item.id,
            "erased": f"{item.kind} {item.name_or_id}",
            "status": status(item.status),
            "requested": moment(item.requested_at),
            "completed": moment(item.completed_at) if item.completed_at else None,
            "objects": item.objects,
            "bytes": item.bytes,
            "items": item.items,
            "versions": None if item.versions is None else _short(item.versions),
            "MLflow": item.mlflow,
        }
    )


def receipts(items: Iterable[Receipt]) -> RenderableType:
    """A list of receipts."""
    made = table("receipt", "erased", "status", "objects", "bytes", "requested", right=("objects", "bytes"))
    for item in items:
        made.add_row(
            plain(item.id),
            plain(f"{item.kind} {item.name_or_id}"),
            status(item.status),
            number(item.objects),
            number(item.bytes),
            moment(item.requested_at),
        )
    return made if made.row_count else Text("Nothing was erased.")


def schema(content: Mapping[str, Any]) -> RenderableType:
    """What an instance looks like."""
    needed = content.get("required")
    made = table("feature", "type", "required", "example", "description")
    properties = content.get("properties")
    for name, entry in (properties if isinstance(properties, Mapping) else {}).items():
        kinds = at(entry, "type")
        examples = at(entry, "examples")
        made.add_row(
            plain(name, "bold"),
            plain(" or ".join(map(str, kinds)) if isinstance(kinds, list) else kinds),
            "yes" if isinstance(needed, list) and name in needed else "",
            plain(examples[0] if isinstance(examples, list) and examples else "", most=40),
            plain(at(entry, "description") or "", most=300),
        )
    return made


def document(content: Mapping[str, Any]) -> RenderableType:
    """A document of whatever form: objects in objects, line by line."""
    return facts(dict(_lines(content, "")))


def _lines(content: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for name, value in content.items():
        label = plain(f"{prefix}{name}".replace("_", " "), most=60).plain
        if isinstance(value, Mapping):
            yield from _lines(value, f"{prefix}{name}.")
        else:
            yield label, _short(value)


def _short(value: Any) -> Any:
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return "-" if value is None else value


def _version(number_: int) -> str:
    return str(number_) if number_ else "-"
