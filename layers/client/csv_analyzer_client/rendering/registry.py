"""Models, versions, their life and erasures in a terminal."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from csv_analyzer_client.rendering.text import (
    at,
    facts,
    moment,
    number,
    plain,
    size,
    status,
    table,
    titled,
)
from csv_analyzer_client.rendering.trainings import leaderboard
from csv_analyzer_client.resources import History, Model, ModelSummary, Receipt, StageChange, Version

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
            "before": ", ".join(map(str, item.lineage)) or None,
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


def stage_change(change: StageChange) -> RenderableType:
    """What a change of stages did, and how the gate judged it."""
    entry = change.change
    known: dict[str, Any] = {
        "model": change.model,
        "version": change.version,
        "stage": status(change.stage),
        "in production now": _version(change.production_version),
    }
    if entry is not None:
        known |= {
            "change": entry.action,
            "was": None if entry.from_stage is None else status(entry.from_stage),
            "forced": True if entry.forced else None,
            "reason": entry.reason,
        }
    parts: list[RenderableType] = [facts(known)]
    if not change.changed:
        parts.append(Text("It was so before."))
    if entry is not None and entry.gate:
        parts += [Text(), gate(entry.gate)]
    return Group(*parts)


def gate(content: Mapping[str, Any]) -> RenderableType:
    """The gate's decision and its numbers."""
    shown_ = {name.replace("_", " "): _short(value) for name, value in content.items() if value is not None}
    return titled("Gate", facts(shown_))


def history(content: History) -> RenderableType:
    """What was in production at a moment, who put it there, and the changes up to then."""
    by = content.put_there_by
    head = facts(
        {
            "model": content.model,
            "at": moment(content.at),
            "in production": _version(content.production_version),
            "put there by": None if by is None else f"{by.actor}, {moment(by.at)}, {by.action}",
        }
    )
    made = table(
        "at", "who", "did", "version", "from", "to", "production", "reason", right=("version", "production")
    )
    for entry in content.items:
        made.add_row(
            moment(entry.at),
            plain(entry.actor, most=50),
            plain(entry.action),
            _version(entry.version),
            status(entry.from_stage),
            status(entry.to_stage),
            _version(entry.production_version),
            plain(("forced: " if entry.forced else "") + (entry.reason or ""), most=500),
        )
    more = [] if content.next is None else [Text("... and earlier ones; --limit shows more.")]
    return Group(head, Text(), made, *more)


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
            "versions": item.versions,
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


def _short(value: Any) -> Any:
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return "-" if value is None else value


def _version(number_: int | None) -> str:
    return str(number_) if number_ else "-"
