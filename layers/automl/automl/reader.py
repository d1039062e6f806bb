"""Any CSV file to a typed table, or one sentence that says why not."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from automl.columns import ColumnBuilder
from automl.errors import DataError
from automl.sniff import MAX_CELL_CHARACTERS, Dialect, sniff
from automl.table import BOOLEAN, CATEGORICAL, NUMERIC, ColumnFormat, Table

MAX_COLUMNS = 2000
MAX_LINE_CHARACTERS = 8_000_000
CHUNK_CELLS = 1_000_000
# A quote that swallows so many lines was never closed.
MAX_LINES_IN_A_ROW = 200
MAX_NAME = 200
LOOK_AHEAD = 50
MAX_LABELS = 200


class BrokenQuotesError(Exception):
    """Quotes do not pair up: read the file again without them."""


@dataclass
class Rows:
    """The rows of a file, and what had to be repaired."""

    header: list[str]
    has_header: bool
    row_names: bool
    rows: Iterator[list[str]]
    short: int = 0
    long: int = 0
    blank: int = 0
    trailing: int = 0
    notes: list[str] = field(default_factory=list)

    def chunks(self) -> Iterator[list[list[str]]]:
        """Yield chunks of rows of equal width; rows of empty cells at the end of the file are dropped."""
        width = len(self.header)
        size = max(1000, CHUNK_CELLS // width)
        empty: list[list[str]] = []
        while block := list(islice(self.rows, size)):
            chunk: list[list[str]] = []
            for row in block:
                if not row or (len(row) == 1 and width > 1 and not row[0].strip()):
                    self.blank += 1
                    continue
                fitted = self._fit(row, width)
                if any(fitted):
                    if empty:
                        chunk.extend(empty)
                        empty.clear()
                    chunk.append(fitted)
                else:
                    empty.append(fitted)
            if chunk:
                yield chunk
        self.trailing = len(empty)

    def _fit(self, row: list[str], width: int) -> list[str]:
        if len(row) < width:
            self.short += 1
            return row + [""] * (width - len(row))
        if len(row) > width:
            self.long += any(cell.strip() for cell in row[width:])
            return row[:width]
        return row


def read_csv(
    path: str | Path,
    max_rows: int | None = None,
    *,
    min_columns: int = 2,
    formats: Mapping[str, ColumnFormat] | None = None,
) -> Table:
    """Read a CSV file of any dialect.

    Parameters
    ----------
    path
        The file.
    max_rows
        Read no more rows than these.
    min_columns
        Refuse files with fewer columns.
    formats
        How to read columns of these names; all others are inferred.

    Raises
    ------
    DataError
        When the file is not a usable CSV file.
    """
    path = Path(path)
    dialect = sniff(path)
    formats = dict(formats or {})
    try:
        return _read(path, dialect, max_rows, min_columns, formats)
    except BrokenQuotesError:
        return _read(path, replace(dialect, quoted=False), max_rows, min_columns, formats)


def _read(
    path: Path, dialect: Dialect, max_rows: int | None, min_columns: int, formats: dict[str, ColumnFormat]
) -> Table:
    given = set(formats)
    while True:
        with _open(path, dialect) as lines:
            source = _rows(lines)
            if max_rows is not None:
                source.rows = islice(source.rows, max_rows)
            builders = _build(source, dialect, min_columns, formats)
        retry = {
            b.name: ColumnFormat(CATEGORICAL) for b in builders if b.name not in given and b.needs_text()
        }
        if not retry or set(retry) <= set(formats):
            return _table(source, dialect, builders, min_columns)
        formats = {**formats, **retry}


@contextmanager
def _open(path: Path, dialect: Dialect) -> Iterator[Iterator[list[str]]]:
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
            yield _guarded(_lines(file), dialect)
    finally:
        csv.field_size_limit(previous)


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines of bounded length, so that a file without line ends is never held in memory."""
    while line := file.readline(MAX_LINE_CHARACTERS):
        if len(line) == MAX_LINE_CHARACTERS:
            raise DataError(
                "malformed",
                f"The file has a line of more than {MAX_LINE_CHARACTERS:,} characters: check its line ends.",
            )
        yield line


def _guarded(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
        skipinitialspace=dialect.quoted,
    )
    line = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            if dialect.quoted:
                raise BrokenQuotesError from error
            raise DataError(
                "malformed", f"Line {reader.line_num} cannot be read as CSV: check its quotes and its length."
            ) from error
        if row is None:
            return
        if dialect.quoted and reader.line_num - line > MAX_LINES_IN_A_ROW:
            raise BrokenQuotesError
        line = reader.line_num
        yield row


def _rows(lines: Iterator[list[str]]) -> Rows:
    header = next((row for row in lines if any(cell.strip() for cell in row)), None)
    if header is None:
        raise DataError("empty_file", "The file is empty: upload a CSV file with a header and data rows.")
    if len(header) > MAX_COLUMNS:
        raise DataError(
            "too_many_columns",
            f"The file has {len(header)} columns, more than {MAX_COLUMNS}: remove those that are not needed.",
        )
    ahead = list(islice(lines, LOOK_AHEAD))
    first = [row for row in ahead if any(cell.strip() for cell in row)]
    row_names = (
        len(first) > 1
        and len(header) > 1
        and all(len(row) == len(header) + 1 and row[-1].strip() for row in first)
    )
    if row_names:
        header = ["", *header]
    has_header = not (first and _all_numbers(header) and _all_numbers(first[0]) and not _all_years(header))
    data = chain(ahead if has_header else [header, *ahead], lines)
    names = header if has_header else [""] * len(header)
    return Rows(_unique_names(names), has_header, row_names, data)


def _all_numbers(row: list[str]) -> bool:
    try:
        return [float(cell) for cell in row] != []
    except ValueError:
        return False


def _all_years(row: list[str]) -> bool:
    return all(cell.strip().isdigit() and 1900 <= int(cell) <= 2100 for cell in row) and len(set(row)) == len(
        row
    )


def _unique_names(header: list[str]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(header, start=1):
        base = (
            " ".join(cell.replace("\ufeff", "").replace("\0", "").split())[:MAX_NAME] or f"column_{position}"
        )
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def _build(
    source: Rows, dialect: Dialect, min_columns: int, formats: Mapping[str, ColumnFormat]
) -> list[ColumnBuilder]:
    if len(source.header) < min_columns:
        raise _one_column()
    builders = [ColumnBuilder(name, dialect.delimiter, formats.get(name)) for name in source.header]
    for chunk in source.chunks():
        for builder, cells in zip(builders, zip(*chunk, strict=True), strict=True):
            builder.add(cells)
    if not builders[0].rows:
        raise DataError(
            "no_rows", "The file has a header but no data rows: add the rows and upload it again."
        )
    return builders


def _one_column() -> DataError:
    return DataError(
        "one_column",
        "The file has one column only: separate the columns by commas, semicolons, tabs or |, "
        "and keep at least one column beside the target.",
    )


def _table(source: Rows, dialect: Dialect, builders: list[ColumnBuilder], min_columns: int) -> Table:
    nameless = {f"column_{position}" for position in range(1, len(builders) + 1)}
    dropped = [b.name for b in builders if b.format is None and b.name in nameless]
    kept = [b for b in builders if b.name not in dropped]
    if len(kept) < min_columns:
        raise _one_column()
    columns: dict[str, pd.Series] = {}
    formats: dict[str, ColumnFormat] = {}
    details: list[dict[str, Any]] = []
    labels: dict[str, dict[float, str]] = {}
    for builder in kept:
        columns[builder.name], how = builder.build()
        formats[builder.name] = how
        if how.type in {NUMERIC, BOOLEAN} and len(builder.labels) <= MAX_LABELS:
            labels[builder.name] = builder.labels
        details.append(
            {
                "name": builder.name,
                "type": how.type,
                "number_style": how.number_style if how.type == NUMERIC else None,
                "date_format": how.date_format,
                "missing_words": list(how.missing_words),
                "unread": builder.unread,
                "unread_examples": builder.unread_examples,
            }
        )
    styles = {how.number_style for how in formats.values() if how.type == NUMERIC}
    report: dict[str, Any] = {
        "encoding": dialect.encoding,
        "delimiter": dialect.delimiter,
        "decimal": "," if "eu" in styles else ".",
        "quotes": "paired" if dialect.quoted else "ignored, because they do not pair up",
        "header": source.has_header,
        "row_names": source.row_names,
        "rows": builders[0].rows,
        "columns": details,
        "dropped_columns": dropped,
        "short_rows": source.short,
        "long_rows": source.long,
        "blank_rows": source.blank,
        "trailing_rows": source.trailing,
    }
    return Table(pd.DataFrame(columns), formats, report, labels)
