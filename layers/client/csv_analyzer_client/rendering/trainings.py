"""Trainings in a terminal, also while they run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.text import Text

from csv_analyzer_client.rendering.text import facts, moment, number, plain, share, status, table, titled
from csv_analyzer_client.resources import Job

_SHOWN: Final = 15
_BAR: Final = 40


def jobs(items: Iterable[Job]) -> RenderableType:
    """A list of trainings."""
    made = table(
        "id", "model", "target", "status", "progress", "version", "created", right=("progress", "version")
    )
    for item in items:
        made.add_row(
            plain(item.id),
            plain(item.model),
            plain(item.target, most=40),
            status(item.status),
            share(item.progress),
            "" if item.version is None else str(item.version),
            moment(item.created_at),
        )
    return (
        made
        if made.row_count
        else Text("There are no trainings yet: csv-analyzer train DATASET --target COLUMN")
    )


def job(item: Job) -> RenderableType:
    """One training."""
    options = None
    if item.options:
        options = ", ".join(
            f"{name}={value}" for name, value in item.options.items() if value not in (None, [], {})
        )
    known = facts(
        {
            "id": item.id,
            "model": item.model,
            "version": item.version,
            "target": item.target,
            "dataset": item.dataset_id,
            "status": status(item.status),
            "in the queue": item.queue_position,
            "progress": share(item.progress),
            "message": item.message or None,
            "options": options,
            "created": moment(item.created_at),
            "started": moment(item.started_at) if item.started_at else None,
            "finished": moment(item.finished_at) if item.finished_at else None,
            "error": None if item.error is None else f"{item.error.message} ({item.error.code})",
        }
    )
    return Group(known, Text(), leaderboard(item.leaderboard)) if item.leaderboard else known


def running(item: Job) -> RenderableType:
    """A training that goes on: a bar, a sentence and the leaderboard so far."""
    line = Text.assemble((f"{item.progress:>4.0%}  ", "bold"), plain(item.message or waiting(item), most=100))
    parts: list[RenderableType] = [
        ProgressBar(total=1.0, completed=max(0.0, min(1.0, item.progress)), width=_BAR),
        line,
    ]
    return Group(*parts, leaderboard(item.leaderboard)) if item.leaderboard else Group(*parts)


def waiting(item: Job) -> str:
    """What a training that has nothing to say is waiting for."""
    if item.queue_position is not None:
        return f"{item.status}, number {item.queue_position} in the queue"
    return item.status


def leaderboard(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Candidates, best first."""
    made = table("model", "score", "± std", "seconds", "", right=("score", "± std", "seconds"))
    for row in rows[:_SHOWN]:
        made.add_row(
            plain(row.get("model"), most=60),
            number(row.get("mean")),
            number(row.get("std")),
            number(row.get("fit_seconds")),
            "chosen" if row.get("chosen") is True else "",
        )
    return titled("Leaderboard", made)
