"""Errors for people: a sentence, and every fault of the input in a table."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from csv_analyzer_client.errors import ClientError, FailedError, ProblemError
from csv_analyzer_client.rendering.text import number, plain, prose, table

SHOWN: Final = 50
_ORDER: Final = ("step", "instance", "row", "location", "feature", "column", "code", "message")


def problem(error: ClientError) -> RenderableType:
    """An error with all that is known of it."""
    parts: list[RenderableType] = [
        Text.assemble(("Error: ", "bold red"), prose(error.message)),
    ]
    if isinstance(error, ProblemError | FailedError):
        if error.faults:
            parts.append(faults(error.faults))
        parts.append(Text(f"({prose(error.code)})", style="dim"))
    if isinstance(error, ProblemError) and error.retry_after is not None:
        parts.append(Text(f"Try again in {number(round(error.retry_after))} s."))
    return Group(*parts)


def faults(found: list[Mapping[str, Any]] | list[dict[str, Any]]) -> RenderableType:
    """Faults or warnings in a table; its columns are what they say."""
    names = [name for name in _ORDER if any(name in fault for fault in found)]
    made = table(*names)
    for fault in found[:SHOWN]:
        made.add_row(*(plain(fault[name], most=500) if name in fault else "" for name in names))
    if len(found) > SHOWN:
        return Group(made, Text(f"... and {len(found) - SHOWN:,} more; --json lists them."))
    return made
