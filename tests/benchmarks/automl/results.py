"""The file of results: rows by set, tool and budget, so that an interrupted run goes on."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

type Row = dict[str, Any]
type Key = tuple[str, str, float]

LONGEST = 200


def key(row: Row) -> Key:
    """Return what makes a row the only one of its kind."""
    return row["dataset"], row["tool"], float(row["budget_s"])


def merge(old: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """Return all rows in order; a new one takes the place of the old one of its key."""
    rows = {key(row): row for row in (*old, *new)}
    return [rows[name] for name in sorted(rows)]


def read(path: Path) -> list[Row]:
    """Return the rows of a file, none if there is no file yet."""
    if not path.is_file():
        return []
    rows: list[Row] = json.loads(path.read_text("utf-8"))["rows"]
    return rows


def write(path: Path, rows: Iterable[Row], head: dict[str, Any]) -> None:
    """Write rows behind what is said once; a reader never meets half a file."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    start = json.dumps(head, indent=1).removesuffix("\n}")
    part.write_text(f'{start},\n "rows": [\n{lines}\n ]\n}}\n', "utf-8")
    part.replace(path)


def reason(output: str, fallback: str) -> str:
    """Return the last line that a program printed, without the folders of this machine."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return re.sub(r"(?:/[\w.+-]+)+/([\w.+-]+)", r"\1", lines[-1] if lines else fallback)[:LONGEST]
