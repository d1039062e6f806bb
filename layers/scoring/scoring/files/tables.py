"""A CSV file of rows to score, block by block, in bounded memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypedDict

from scoring.columns import Column
from scoring.files.cells import CellFault, CellReader, distinct_texts
from scoring.files.dialects import NO_DELIMITER, find_head
from scoring.files.encodings import BLOCK_BYTES, HEAD_BYTES, ByteSource, TextBlocks, find_encoding
from scoring.files.formats import column_formats
from scoring.files.records import MAX_CELL_CHARACTERS, Dialect, long_cells, records_of
from scoring.files.written_numbers import file_decimal
from scoring.inputs import Feature

SAMPLE_CHARACTERS = 1_000_000
WRONG_CELLS = "The row has {found} cells, the header {width}."
MALFORMED = "The row cannot be read as CSV: check its quotes and its length."


class Place(TypedDict):
    """Where to read on: behind how many bytes and rows, and what is known of the encoding."""

    offset: int
    row: int
    encoding: str


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Parameters
    ----------
    first_row
        Number of the first row, counted from 0.
    width
        How many cells a row has.
    cells
        The cells, row by row.
    lines
        The rows as they stand in the file, where they can be written again as they are.
    faults
        Of rows whose cells are too few, too many, or cannot be told apart; ``row`` counts from ``first_row``.
    """

    first_row: int
    width: int
    cells: list[str]
    lines: list[str] | None
    faults: list[CellFault]

    def __len__(self) -> int:
        return len(self.cells) // self.width

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        return self.cells[place :: self.width]

    def row(self, number: int) -> list[str]:
        """Return the cells of one row."""
        return self.cells[number * self.width : (number + 1) * self.width]


class Table:
    """An open CSV file whose columns are those of a model, and maybe more.

    Parameters
    ----------
    stream
        Open for reading at its beginning; seekable if it is read on from a place.
    features
        What the model reads.
    place
        Where to begin, from :attr:`place`; the first row if None.
    block_bytes
        How many bytes are read at once.

    Raises
    ------
    TableError
        When the file holds no text, no header with the model's columns, or no rows.
    """

    def __init__(
        self,
        stream: ByteSource,
        features: Sequence[Feature],
        place: Place | None = None,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._row = 0
        start = stream.read(HEAD_BYTES)
        encoding, mark = find_encoding(start)
        self.marked = mark > 0
        self._blocks = TextBlocks(stream, mark, encoding, block_bytes, start[mark:])
        with long_cells():
            first = self._blocks.next()
            text, whole = (first.text, first.last) if first else ("", True)
            self._head = find_head(text, [feature.name for feature in features], whole=whole)
            self._readers = self._read_formats(text[self._head.end :], features, whole=whole)
        self._blocks.take(self._head.end)
        if place is not None:
            stream.seek(place["offset"])
            self._blocks = TextBlocks(stream, place["offset"], place["encoding"], block_bytes)
            self._row = place["row"]

    @property
    def header(self) -> list[str]:
        """The names of the columns as the file writes them."""
        return self._head.written

    @property
    def delimiter(self) -> str:
        """The character between cells, in this file and in what is written of it."""
        return "," if self._head.dialect.delimiter == NO_DELIMITER else self._head.dialect.delimiter

    @property
    def place(self) -> Place:
        """Where the next block begins."""
        return Place(offset=self._blocks.offset, row=self._row, encoding=self._blocks.encoding)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows; blank lines and comments are none."""
        while (text := self._blocks.next()) is not None:
            with long_cells():
                block, used = self._cut(text.text, whole=text.last)
                while not used:
                    longer = self._blocks.longer()
                    text = longer or text
                    block, used = self._cut(text.text, whole=text.last or longer is None)
            self._blocks.take(used)
            self._row += len(block)
            if len(block):
                yield block

    def raw_columns(self, block: Block) -> tuple[dict[str, Column], list[CellFault]]:
        """Return what the model reads of a block, and what is wrong with its rows."""
        columns: dict[str, Column] = {}
        faults = list(block.faults)
        unsound = {fault.row for fault in faults}
        for name, (place, reader) in self._readers.items():
            columns[name], found = reader.read(block.column(place))
            faults += [fault for fault in found if fault.row not in unsound] if unsound else found
        return columns, faults

    def _read_formats(
        self, text: str, features: Sequence[Feature], *, whole: bool
    ) -> Mapping[str, tuple[int, CellReader]]:
        """Find out from the first rows how each column is written."""
        sample = text[:SAMPLE_CHARACTERS]
        if len(sample) < len(text):
            sample = sample[: sample.rfind("\n") + 1] or text
        block, _ = self._cut(sample, whole=whole or len(sample) < len(text))
        texts = [distinct_texts(block.column(place)) for place in range(block.width)]
        hint = file_decimal(texts)
        formats = column_formats(features)
        places = {name: place for place, name in enumerate(self._head.names)}
        return {
            feature.name: (
                places[feature.name],
                CellReader.of(
                    feature,
                    formats[feature.name],
                    texts[places[feature.name]],
                    self._head.dialect.delimiter,
                    hint,
                ),
            )
            for feature in features
        }

    def _cut(self, text: str, *, whole: bool) -> tuple[Block, int]:
        """Return the rows of whole lines, and how many characters they take."""
        width = len(self._head.names)
        lines = _regular_lines(text, self._head.dialect, width)
        if lines is not None:
            delimiter = self._head.dialect.delimiter
            kept = lines if self.delimiter == delimiter and '"' not in text else None
            cells = delimiter.join(lines).split(delimiter)
            return Block(self._row, width, cells, kept, []), len(text)
        rows: list[list[str]] = []
        faults: list[CellFault] = []
        end = 0
        for record in records_of(text, self._head.dialect, whole=whole):
            end = record.end
            if record.sound and _is_no_row(record.cells, width):
                continue
            if not record.sound:
                faults.append(CellFault(len(rows), "", "malformed", MALFORMED))
            elif len(record.cells) < width or any(cell.strip() for cell in record.cells[width:]):
                message = WRONG_CELLS.format(found=len(record.cells), width=width)
                faults.append(CellFault(len(rows), "", "wrong_cells", message))
            missing = width - len(record.cells)
            rows.append(record.cells[:width] if missing <= 0 else record.cells + [""] * missing)
        return Block(self._row, width, list(chain.from_iterable(rows)), None, faults), end


def _is_no_row(cells: Sequence[str], width: int) -> bool:
    if not cells or (len(cells) == 1 and not cells[0].strip() and width > 1):
        return True
    return len(cells) == 1 < width and cells[0].lstrip().startswith("#")


def _regular_lines(text: str, dialect: Dialect, width: int) -> list[str] | None:
    """Return the lines, without their ends, if each is a row and cutting at delimiters gives its cells."""
    if (dialect.quoted and '"' in text) or (dialect.escaped and "\\" in text) or "\0" in text:
        return None
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if "\r" in text:
        lines = [line.removesuffix("\r") for line in lines]
        if text.count("\r") != text.count("\r\n"):
            return None
    marks, delimiter = width - 1, dialect.delimiter
    if not lines or "" in lines or any(line.count(delimiter) != marks for line in lines):
        return None
    return lines if max(map(len, lines)) <= MAX_CELL_CHARACTERS else None
