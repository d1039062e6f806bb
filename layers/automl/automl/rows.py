"""The lines of a file: its header, and its rows block by block."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TextIO

from automl.errors import DataError
from automl.header import find_header, unique_names
from automl.sniff import Dialect

MAX_COLUMNS = 2000
MAX_LINE_CHARACTERS = 8_000_000
BLOCK_CHARACTERS = 8_000_000
# The first block is small: its numbers are read as texts, because nothing is known of them yet.
FIRST_BLOCK_CHARACTERS = 2_000_000
# A quote that swallows so many lines was never closed.
MAX_LINES_IN_A_ROW = 200
LOOK_AHEAD = 50


class BrokenQuotesError(Exception):
    """Quotes do not pair up: read the file again without them."""


@dataclass
class Source:
    """A file behind its header, and what had to be repaired.

    Parameters
    ----------
    file
        Open for reading, line ends untouched.
    dialect
        How it is written.
    given_header
        Whether the first row is the header; None to find out.
    """

    file: TextIO
    dialect: Dialect
    given_header: bool | None = None
    header: list[str] = field(default_factory=list)
    has_header: bool = True
    header_confidence: float = 1.0
    row_names: bool = False
    short: int = 0
    long: int = 0
    blank: int = 0
    _first: str = ""
    _empty: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the header."""
        self._first = self._block(FIRST_BLOCK_CHARACTERS)
        inside = io.StringIO(self._first, newline="")
        borrowed: list[str] = []
        rows = self._rows(chain(inside, self._borrow(borrowed)))
        before = after = 0
        header: list[str] | None = None
        for row in rows:
            after = inside.tell() + sum(map(len, borrowed))
            if any(cell.strip() for cell in row):
                header = row
                break
            before = after
        if header is None:
            raise DataError("empty_file", "The file is empty: upload a CSV file with a header and data rows.")
        if len(header) > MAX_COLUMNS:
            raise DataError(
                "too_many_columns",
                f"The file has {len(header)} columns, more than {MAX_COLUMNS}: "
                "remove those that are not needed.",
            )
        ahead = [row for row in islice(rows, LOOK_AHEAD) if any(cell.strip() for cell in row)]
        self.row_names = (
            len(ahead) > 1
            and len(header) > 1
            and all(len(row) == len(header) + 1 and row[-1].strip() for row in ahead)
        )
        if self.row_names:
            header = ["", *header]
        if self.given_header is None:
            self.has_header, self.header_confidence = find_header(header, ahead)
        else:
            self.has_header, self.header_confidence = self.given_header, 1.0
        self.header = unique_names(header if self.has_header else [""] * len(header))
        self._first = (self._first + "".join(borrowed))[after if self.has_header else before :]

    @property
    def trailing(self) -> int:
        """Rows of empty cells at the end of what was read."""
        return len(self._empty)

    @property
    def pending(self) -> bool:
        """Whether empty rows wait for a row that shows that they are not the end."""
        return bool(self._empty)

    def blocks(self) -> Iterator[str]:
        """Yield whole lines, some megabytes at a time."""
        if self._first:
            yield self._first
            self._first = ""
        while text := self._block(BLOCK_CHARACTERS):
            yield text

    def careful(self, text: str, limit: int | None = None) -> list[list[str]]:
        """Return the rows of a block, of equal width; empty ones at its end wait for the next block.

        A quoted cell may reach beyond the block: what it takes is missing from the next one.
        """
        inside = io.StringIO(text, newline="")
        rows = self._rows(chain(inside, self._lines()))
        width = len(self.header)
        chunk: list[list[str]] = []
        while inside.tell() < len(text) and (limit is None or len(chunk) + len(self._empty) < limit):
            row = next(rows, None)
            if row is None:
                break
            if not row or (len(row) == 1 and width > 1 and not row[0].strip()):
                self.blank += 1
                continue
            fitted = self._fit(row, width)
            if any(fitted):
                chunk.extend(self._empty)
                self._empty.clear()
                chunk.append(fitted)
            else:
                self._empty.append(fitted)
        return chunk

    def _block(self, characters: int) -> str:
        text = self.file.read(characters)
        return text + next(self._lines(), "") if text else ""

    def _lines(self) -> Iterator[str]:
        """Yield lines of bounded length, so that a file without line ends is never held in memory."""
        while line := self.file.readline(MAX_LINE_CHARACTERS):
            if len(line) == MAX_LINE_CHARACTERS:
                raise DataError(
                    "malformed",
                    f"The file has a line of more than {MAX_LINE_CHARACTERS:,} characters: "
                    "check its line ends.",
                )
            yield line

    def _borrow(self, taken: list[str]) -> Iterator[str]:
        for line in self._lines():
            taken.append(line)
            yield line

    def _rows(self, lines: Iterator[str]) -> Iterator[list[str]]:
        quoted = self.dialect.quoted
        reader = csv.reader(
            lines,
            delimiter=self.dialect.delimiter,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            skipinitialspace=quoted,
        )
        line = 0
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                if quoted:
                    raise BrokenQuotesError from error
                raise DataError(
                    "malformed", "A line cannot be read as CSV: check its quotes and its length."
                ) from error
            if row is None:
                return
            if quoted and reader.line_num - line > MAX_LINES_IN_A_ROW:
                raise BrokenQuotesError
            line = reader.line_num
            yield row

    def _fit(self, row: list[str], width: int) -> list[str]:
        if len(row) < width:
            self.short += 1
            return row + [""] * (width - len(row))
        if len(row) > width:
            self.long += any(cell.strip() for cell in row[width:])
            return row[:width]
        return row
