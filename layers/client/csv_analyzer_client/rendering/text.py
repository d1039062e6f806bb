"""Text from elsewhere, made harmless: no markup, no control characters, no endless lines."""

import re
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

MAX_CELL: Final = 200
BARS: Final = "▁▂▃▄▅▆▇█"
# C0 and C1 control characters and those that change the direction of writing: a terminal would obey them.
_UNSAFE: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_KEPT_IN_PROSE: Final = frozenset("\n\t")
_STYLES: Final = {
    "READY": "green",
    "SUCCEEDED": "green",
    "COMPLETE": "green",
    "production": "bold green",
    "FAILED": "red",
    "CANCELLED": "red",
    "archived": "dim",
    "RUNNING": "cyan",
    "ANALYZING": "cyan",
    "CHECKING": "cyan",
}


def harmless(text: str, kept: frozenset[str] = frozenset()) -> str:
    """Text whose control characters are spelled out."""

    def spelled(found: re.Match[str]) -> str:
        character = found[0]
        return character if character in kept else f"\\u{ord(character):04x}"

    return _UNSAFE.sub(spelled, text)


def prose(text: str) -> str:
    """Harmless text that keeps its lines."""
    return harmless(text.replace("\r\n", "\n"), _KEPT_IN_PROSE)


def plain(value: Any, style: str = "", most: int = MAX_CELL) -> Text:
    """A value as a cell: what it says is shown, never obeyed."""
    text = shown(value)
    return Text(harmless(text[:most] + "…" if len(text) > most else text), style=style)


def shown(value: Any) -> str:
    """A JSON value in words."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, int | float) else str(value)


def number(value: Any) -> str:
    """A number, short; anything else as harmless text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return harmless(shown(value)[:MAX_CELL])
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.6g}"


def share(value: Any) -> str:
    """A share in percent."""
    return f"{value:.1%}" if isinstance(value, int | float) else "-"


def size(count: Any) -> str:
    """Bytes in the unit that suits them."""
    if not isinstance(count, int):
        return "-"
    amount = float(count)
    for unit in ("B", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def moment(text: Any) -> str:
    """A moment of ISO 8601 to the second."""
    return harmless(str(text)[:19].replace("T", " ")) if text else "-"


def status(value: Any) -> Text:
    """A status or stage in its colour."""
    return plain(value, _STYLES.get(str(value), ""))


def bars(counts: Any) -> str:
    """A histogram in one line."""
    numbers = (
        [count for count in counts if isinstance(count, int | float)] if isinstance(counts, list) else []
    )
    top = max(numbers, default=0)
    if top <= 0:
        return ""
    return "".join(BARS[min(7, int(8 * max(0, count) / top))] if count else " " for count in numbers[:100])


def bar(value: Any, width: int = 20) -> str:
    """A share from 0 to 1 as a bar."""
    if not isinstance(value, int | float):
        return ""
    return "█" * round(max(0.0, min(1.0, value)) * width)


def at(content: Any, *path: str) -> Any:
    """What stands at a path of objects, or None."""
    for name in path:
        content = content.get(name) if isinstance(content, Mapping) else None
    return content


def objects(content: Any, *path: str) -> list[Mapping[str, Any]]:
    """The objects of a list at a path; none if it is no list."""
    found = at(content, *path)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list | tuple) else []


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table; the named columns are set to the right."""
    made = Table(box=None, pad_edge=False)
    for name in columns:
        made.add_column(
            Text(harmless(name), style="dim"), justify="right" if name in right else "left", overflow="fold"
        )
    return made


def titled(title: str, made: RenderableType) -> Group:
    """Something under a title, which rich would fold to the width of a table."""
    return Group(Text(harmless(title), style="bold"), made)


def facts(pairs: Mapping[str, Any]) -> Table:
    """Names and values, one pair a line; what is None is left out."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        if value is not None:
            made.add_row(Text(harmless(name)), value if isinstance(value, Text) else plain(value, most=2_000))
    return made
