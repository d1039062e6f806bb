"""The lines of a file: its header, and its rows block by block."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TextIO

from automl.errors import DataError
from automl.reading.edges import MAX_PREAMBLE, cut_footer, find_start, is_comment
from automl.reading.encodings import lines_of
from automl.reading.header import SURE, find_header
from automl.reading.ragged import Joiner
from automl.reading.sniff import Dialect
from scoring.files.names import align, key_of, unique_names

MAX_COLUMNS = 2000
MAX_LINE_CHARACTERS = 8_000_000
BLOCK_CHARACTERS = 8_000_000
# The first block is small: its numbers are read as texts, because nothing is known of them yet.
FIRST_BLOCK_CHARACTERS = 1_000_000
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
    names
        Columns that the header should have, if known.
    """

    file: TextIO
    dialect: Dialect
    given_header: bool | None = None
    names: Collection[str] = ()
    header: list[str] = field(default_factory=list)
    has_header: bool = True
    header_confidence: float = 1.0
    row_names: bool = False
    short: int = 0
    long: int = 0
    blank: int = 0
    joined: int = 0
    comments: int = 0
    preamble: int = 0
    footer: int = 0
    repeated_headers: int = 0
    _ahead: str = ""
    _empty: list[list[str]] = field(default_factory=list)
    _line: str = ""
    _joiner: Joiner = field(default_factory=Joiner)

    def __post_init__(self) -> None:
        """Read the header."""
        self._ahead = self._block(FIRST_BLOCK_CHARACTERS)
        inside = io.StringIO(self._ahead, newline="")
        borrowed: list[str] = []
        ahead: list[list[str]] = []
        ends = [0]
        for row in self._rows(chain(inside, self._borrow(borrowed))):
            end = inside.tell() + sum(map(len, borrowed))
            if any(cell.strip() for cell in row):
                ahead.append(row)
                ends.append(end)
            elif not ahead:
                ends = [end]
            if len(ahead) > LOOK_AHEAD + MAX_PREAMBLE:
                break
        if not ahead:
            raise DataError("empty_file", "The file is empty: upload a CSV file with a header and data rows.")
        self.preamble = 0 if self.given_header is False else find_start(ahead, self.names)
        header, *body = ahead[self.preamble :]
        if len(header) > MAX_COLUMNS:
            raise DataError(
                "too_many_columns",
                f"The file has {len(header)} columns, more than {MAX_COLUMNS}: "
                "remove those that are not needed.",
            )
        self._name_columns(header, body[:LOOK_AHEAD])
        whole = self._ahead + "".join(borrowed)
        before, after = ends[self.preamble : self.preamble + 2]
        self._line = whole[before:after].strip("\r\n") if self.has_header else ""
        self._ahead = whole[after if self.has_header else before :]

    def _name_columns(self, header: list[str], body: list[list[str]]) -> None:
        self.row_names = (
            len(body) > 1
            and len(header) > 1
            and all(len(row) == len(header) + 1 and row[-1].strip() for row in body)
        )
        if self.row_names:
            header = ["", *header]
        known = {key_of(name) for name in self.names}.intersection(map(key_of, header))
        if self.given_header is not None:
            self.has_header = self.given_header
        elif known:
            self.header_confidence = SURE
        else:
            self.has_header, self.header_confidence = find_header(header, body)
        names = align(header, self.names) if self.has_header else [""] * len(header)
        self.header = unique_names(names)
        self._joiner = Joiner.of(body, len(header))

    @property
    def trailing(self) -> int:
        """Rows of empty cells at the end of what was read."""
        return len(self._empty)

    @property
    def pending(self) -> bool:
        """Whether empty rows wait for a row that shows that they are not the end."""
        return bool(self._empty)

    def blocks(self) -> Iterator[str]:
        """Yield whole lines, some megabytes at a time, without what stands below the table."""
        while text := self._ahead:
            self._ahead = self._block(BLOCK_CHARACTERS)
            if not self._ahead:
                text, self.footer = cut_footer(text, len(self.header), self._split)
            yield self._without_headers(text)
            self._ahead = self._ahead or self._block(BLOCK_CHARACTERS)

    def careful(self, text: str, limit: int | None = None) -> list[list[str]]:
        """Return the rows of a block, of equal width; empty ones at its end wait for the next block.

        A quoted cell may reach beyond the block: what it takes is missing from the next one.
        """
        inside = io.StringIO(text, newline="")
        rows = self._rows(chain(inside, self._take()))
        width = len(self.header)
        chunk: list[list[str]] = []
        while inside.tell() < len(text) and (limit is None or len(chunk) + len(self._empty) < limit):
            row = next(rows, None)
            if row is None:
                break
            if not row or (len(row) == 1 and width > 1 and not row[0].strip()):
                self.blank += 1
                continue
            if is_comment(row, width):
                self.comments += 1
                continue
            fitted = self._fit(row, width)
            if any(fitted):
                chunk.extend(self._empty)
                self._empty.clear()
                chunk.append(fitted)
            else:
                self._empty.append(fitted)
        return chunk

    def _take(self) -> Iterator[str]:
        """Yield the lines behind the present block, which are then missing from the next one."""
        while self._ahead:
            line = io.StringIO(self._ahead, newline="").readline()
            self._ahead = self._ahead[len(line) :]
            yield line
        yield from self._lines()

    def _without_headers(self, text: str) -> str:
        """Return lines without those that repeat the header, as where files were joined."""
        line = self._line
        if len(self.header) < 2 or not line or line not in text:
            return text
        lines = lines_of(text)
        kept = [other for other in lines if other.strip("\r\n") != line]
        self.repeated_headers += len(lines) - len(kept)
        return "".join(kept)

    def _split(self, line: str) -> list[str]:
        return next(csv.reader([line], **self._options()), [])

    def _block(self, characters: int) -> str:
        text = self.file.read(characters)
        text = text + next(self._lines(), "") if text else ""
        # A NUL means nothing in a text. One that is nothing else must not look like the end of the file.
        return text.replace("\0", "") or "\n" * bool(text)

    def _lines(self) -> Iterator[str]:
        """Yield lines of bounded length, so that a file without line ends is never held in memory."""
        while line := self.file.readline(MAX_LINE_CHARACTERS):
            if len(line) == MAX_LINE_CHARACTERS:
                raise DataError(
                    "malformed",
                    f"The file has a line of more than {MAX_LINE_CHARACTERS:,} characters: "
                    "check its line ends.",
                )
            yield line.replace("\0", "")

    def _borrow(self, taken: list[str]) -> Iterator[str]:
        for line in self._lines():
            taken.append(line)
            yield line

    def _options(self) -> dict[str, Any]:
        quoted, escaped = self.dialect.quoted, self.dialect.escaped
        return {
            "delimiter": self.dialect.delimiter,
            "quoting": csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            "escapechar": "\\" if escaped else None,
            "doublequote": not escaped,
            "skipinitialspace": quoted,
        }

    def _rows(self, lines: Iterator[str]) -> Iterator[list[str]]:
        quoted = self.dialect.quoted
        reader = csv.reader(lines, **self._options())
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
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            whole = self._joiner.join(row, self.dialect.delimiter)
            if whole is not None:
                self.joined += 1
                return whole
            self.long += 1
        if len(row) > width:
            return row[:width]
        return row
