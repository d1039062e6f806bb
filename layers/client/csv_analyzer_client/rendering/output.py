"""Where output goes: results to stdout, everything else to stderr."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from csv_analyzer_client.errors import ClientError
from csv_analyzer_client.rendering.problems import problem
from csv_analyzer_client.rendering.text import harmless, prose
from csv_analyzer_client.transfer import Progress as Tell

# Lines in a pipe are for other programs: nothing is folded to the width of a terminal that is not there.
_PIPE_WIDTH: Final = 200
# JSON escapes the C0 characters only; these may stand within its strings alone, where \u is understood.
_UNESCAPED: Final = re.compile(
    "[\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


class Output:
    """What a command tells.

    Parameters
    ----------
    as_json : bool
        Whether stdout gets one JSON document and nothing else.
    quiet : bool
        Whether stderr gets errors only.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)

    def result(self, content: Any, *render: Callable[[], RenderableType]) -> None:
        """The result of a command: JSON, or what is rendered of it."""
        if self.as_json:
            self.write(to_json(content) + "\n")
            return
        for one in render:
            self._print(one())

    def _print(self, renderable: RenderableType) -> None:
        if self.out.is_terminal:
            self.out.print(renderable)
            return
        # Tables are filled up with blanks to their width, which nobody wants in a file.
        with self.out.capture() as captured:
            self.out.print(renderable)
        self.write("\n".join(line.rstrip(" ") for line in captured.get().split("\n")))

    def write(self, text: str) -> None:
        """Text to stdout, as it is."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """A remark beside the result."""
        if not self.quiet:
            self.err.print(Text(prose(text)))

    def error(self, error: ClientError) -> None:
        """What went wrong, on stderr."""
        if self.as_json:
            sys.stderr.write(to_json(error.to_problem()) + "\n")
        else:
            self.err.print(problem(error))

    @property
    def is_live(self) -> bool:
        """Whether something that moves may be drawn."""
        return self.err.is_terminal and not self.quiet

    @contextmanager
    def progress(self, what: str) -> Iterator[Tell | None]:
        """A bar for a transfer of bytes, on stderr."""
        if not self.is_live:
            yield None
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as shown:
            task = shown.add_task(harmless(what), total=None)

            def tell(done: int, total: int) -> None:
                shown.update(task, completed=done, total=total or None)

            yield tell


def to_json(content: Any) -> str:
    """JSON that a terminal shows and does not obey."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return _UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPE_WIDTH
    return console
