"""Predictions and batch jobs in a terminal."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from csv_analyzer_client.rendering.problems import faults
from csv_analyzer_client.rendering.text import (
    at,
    facts,
    moment,
    number,
    objects,
    plain,
    share,
    status,
    table,
    titled,
)
from csv_analyzer_client.resources import Batch, Prediction, Predictions

SHOWN: Final = 50
_SHOWN_CLASSES: Final = 8
_SHOWN_REASONS: Final = 12


def predictions(answer: Predictions) -> RenderableType:
    """Answers with their probabilities or intervals, reasons and warnings."""
    rows = answer.predictions
    classes = _classes(rows)
    numeric = any(row.interval is not None for row in rows)
    names = ["", "prediction", *(["low", "high"] if numeric else [])]
    shown_classes = classes[:_SHOWN_CLASSES]
    made = table(*names, *(plain(name, most=30).plain for name in shown_classes), right=tuple(names[2:]))
    for position, row in enumerate(rows[:SHOWN]):
        interval = (
            []
            if not numeric
            else ["", ""]
            if row.interval is None
            else [number(row.interval.low), number(row.interval.high)]
        )
        probabilities = [share((row.probabilities or {}).get(name)) for name in shown_classes]
        made.add_row(str(position), plain(row.prediction, "bold"), *interval, *probabilities)
    head = f"{answer.model}, version {answer.version}, {answer.stage}"
    coverage = next((row.interval.coverage for row in rows if row.interval), None)
    if coverage is not None:
        head += f"; low to high covers {coverage:.0%}"
    parts: list[RenderableType] = [plain(head, "dim"), made]
    if len(rows) > SHOWN:
        parts.append(Text(f"... and {len(rows) - SHOWN:,} more; --format csv or --json shows all."))
    for position, row in enumerate(rows[:SHOWN]):
        if row.reasons is not None:
            parts += [Text(), _reasons(position, row)]
    if answer.warnings:
        more = answer.warnings_total - len(answer.warnings)
        parts += [Text(), Text("Warnings", style="bold yellow"), faults(list(answer.warnings))]
        parts += [Text(f"... and {more:,} more.")] if more > 0 else []
    return Group(*parts)


def _reasons(position: int, row: Prediction) -> RenderableType:
    base = at(row.reasons, "base")
    kind = at(row.reasons, "class")
    title = (
        f"Why {position}: "
        + (f"probability of {kind}, " if kind is not None else "")
        + f"from {number(base)}"
    )
    made = table("feature", "value", "adds", right=("adds",))
    for entry in objects(row.reasons, "contributions")[:_SHOWN_REASONS]:
        adds = entry.get("contribution")
        sign = "+" if isinstance(adds, int | float) and adds > 0 else ""
        made.add_row(plain(entry.get("feature")), plain(entry.get("value")), sign + number(adds))
    return titled(title, made)


def csv_header(first: Predictions) -> list[str]:
    """Names of the columns of predictions as CSV; those of the files of batch jobs."""
    rows = first.predictions
    interval = ["low", "high"] if any(row.interval is not None for row in rows) else []
    return ["prediction", *interval, *(f"p_{name}" for name in _classes(rows))]


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def csv_rows(answer: Predictions, header: Sequence[str]) -> Iterable[list[Any]]:
    """Rows of CSV of an answer, under a header of :func:`csv_header`."""
    for row in answer.predictions:
        known: dict[str, Any] = {"prediction": row.prediction}
        if row.interval is not None:
            known |= {"low": row.interval.low, "high": row.interval.high}
        known |= {f"p_{name}": value for name, value in (row.probabilities or {}).items()}
        yield [known.get(name, "") for name in header]


def batch(item: Batch) -> RenderableType:
    """One batch job."""
    return facts(
        {
            "id": item.id,
            "model": f"{item.model}, version {item.version}",
            "file": item.file_name,
            "status": status(item.status),
            "progress": share(item.progress),
            "rows": item.rows,
            "rows with errors": item.rows_with_errors,
            "created": moment(item.created_at),
            "finished": moment(item.finished_at) if item.finished_at else None,
            "error": None if item.error is None else f"{item.error.message} ({item.error.code})",
        }
    )


def batches(items: Iterable[Batch]) -> RenderableType:
    """A list of batch jobs."""
    right = ("version", "rows", "with errors")
    made = table("id", "file", "status", *right, "created", right=right)
    for item in items:
        figures = (number(item.version), number(item.rows), number(item.rows_with_errors))
        made.add_row(
            plain(item.id),
            plain(item.file_name, most=60),
            status(item.status),
            *figures,
            moment(item.created_at),
        )
    return made if made.row_count else Text("There are no batch jobs of this model yet.")


def _classes(rows: Sequence[Prediction]) -> list[str]:
    return list(next((row.probabilities for row in rows if row.probabilities), {}))
