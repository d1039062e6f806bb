"""Text to the records of a CSV file: cells, and where quotes or lengths are wrong, one line by itself."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

MAX_CELL_CHARACTERS = 1_000_000
# A quote that swallows so many lines was never closed.
MAX_LINES_IN_A_ROW = 200
SENTINEL = "\x1e"


@dataclass(frozen=True)
class Dialect:
    """How a file cuts its lines into cells.

    Parameters
    ----------
    delimiter
        One character.
    quoted
        Whether quotes mean anything.
    escaped
        Whether quotes inside of quotes are written behind backslashes.
    """

    delimiter: str
    quoted: bool = True
    escaped: bool = False

    def options(self) -> dict[str, Any]:
        """Return what :func:`csv.reader` has to know."""
        return {
            "delimiter": self.delimiter,
            "quoting": csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            "escapechar": "\\" if self.escaped else None,
            "doublequote": not self.escaped,
            "skipinitialspace": self.quoted,
        }


@dataclass(frozen=True)
class Record:
    """A row as it stands in the file.

    Parameters
    ----------
    cells
        Its cells; those of a line that cannot be read are cut at every delimiter.
    end
        Where it ends in the text, in characters.
    sound
        Whether it could be read.
    """

    cells: list[str]
    end: int
    sound: bool = True


class _TooManyLinesError(Exception):
    """A quote was never closed."""


class _Lines(Iterator[str]):
    """Lines, no more of them for one record than a record may have, and then the sentinel."""

    def __init__(self, lines: Sequence[str], start: int) -> None:
        self._lines = lines
        self.place = start
        self.record_start = start

    def __next__(self) -> str:
        if self.place - self.record_start >= MAX_LINES_IN_A_ROW:
            raise _TooManyLinesError
        if self.place > len(self._lines):
            raise StopIteration
        line = self._lines[self.place] if self.place < len(self._lines) else SENTINEL
        self.place += 1
        return line


@contextmanager
def long_cells() -> Iterator[None]:
    """Let cells be as long as they may be here; the limit is one of the whole process."""
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        yield
    finally:
        csv.field_size_limit(previous)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends; a form feed or a line separator ends none."""
    return list(io.StringIO(text, newline=""))


def records_of(text: str, dialect: Dialect, *, whole: bool) -> Iterator[Record]:
    """Yield the records of whole lines.

    Parameters
    ----------
    text
        The lines.
    dialect
        How they are cut.
    whole
        Whether nothing follows. Else a record that does not end here is left out.
    """
    originals = lines_of(text)
    # A NUL means nothing in a text.
    lines = [line.replace("\0", "") for line in originals] if "\0" in text else originals
    start = end = 0
    while start < len(lines):
        for cells, following, sound in _run(lines, start, dialect, whole=whole):
            end += sum(map(len, originals[start:following]))
            start = following
            yield Record(cells, end, sound)
            if not sound:
                break
        else:
            return


def _run(
    lines: Sequence[str], start: int, dialect: Dialect, *, whole: bool
) -> Iterator[tuple[list[str], int, bool]]:
    """Yield cells, the line behind the record, and whether it was sound; nothing follows one that was not."""
    feed = _Lines(lines, start)
    reader = csv.reader(feed, **dialect.options())
    while True:
        try:
            cells = next(reader, None)
        except (_TooManyLinesError, csv.Error):
            break
        if cells is None or (
            feed.place > len(lines) and cells == [SENTINEL] and feed.record_start == len(lines)
        ):
            return
        if feed.place > len(lines):
            # The sentinel was swallowed: the record has no end here.
            if not whole:
                return
            break
        yield cells, feed.place, True
        feed.record_start = feed.place
    first = lines[feed.record_start].rstrip("\r\n")
    yield first.split(dialect.delimiter), feed.record_start + 1, False
