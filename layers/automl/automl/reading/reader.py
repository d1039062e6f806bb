"""Any CSV file to a typed table, or one sentence that says why not."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pandas as pd

from automl.errors import DataError
from automl.reading.clean import Levels, parse_clean
from automl.reading.columns import ColumnBuilder
from automl.reading.detected import describe_column, describe_file
from automl.reading.rows import BrokenQuotesError, Source
from automl.reading.sniff import MAX_CELL_CHARACTERS, Dialect, sniff
from automl.table import BOOLEAN, NUMERIC, ColumnFormat, Table
from scoring.files.written_numbers import Texts, file_decimal

MAX_LABELS = 200


class Overrides(TypedDict, total=False):
    """What the user knows better than the detection."""

    delimiter: str
    decimal: str
    header: bool
    encoding: str


def read_csv(
    path: str | Path,
    max_rows: int | None = None,
    *,
    min_columns: int = 2,
    formats: Mapping[str, ColumnFormat] | None = None,
    **overrides: Unpack[Overrides],
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
        The types of columns of these names, known from another file, which may be written otherwise: names
        may differ in case and blanks; decimal signs, the forms of dates and the order of columns are found
        anew. Other columns are inferred.
    **overrides
        Instead of what would be detected: ``delimiter`` (one character), ``decimal`` (``.`` or ``,``),
        ``header`` (whether the first row is one) and ``encoding`` (a Python codec).

    Raises
    ------
    DataError
        When the file is not a usable CSV file.
    ValueError
        When an override makes no sense.
    """
    path = Path(path)
    _check(overrides)
    known = dict(formats or {})
    dialect = sniff(path, overrides.get("encoding"), overrides.get("delimiter"), known)
    try:
        return _read(path, dialect, max_rows, min_columns, known, overrides)
    except BrokenQuotesError:
        return _read(path, replace(dialect, quoted=False), max_rows, min_columns, known, overrides)


def _check(overrides: Overrides) -> None:
    delimiter = overrides.get("delimiter", ",")
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0 ' or delimiter.isalnum():
        raise ValueError("delimiter must be one character that is no letter, digit, blank, quote or line end")
    if overrides.get("decimal", ".") not in {".", ","}:
        raise ValueError("decimal must be . or ,")
    try:
        "a".encode(overrides.get("encoding", "utf-8"))
    except LookupError as error:
        raise ValueError("encoding must be one that Python knows") from error


def _read(
    path: Path,
    dialect: Dialect,
    max_rows: int | None,
    min_columns: int,
    formats: dict[str, ColumnFormat],
    overrides: Overrides,
) -> Table:
    with _open(path, dialect, overrides, formats) as source:
        builders = _build(source, min_columns, formats, max_rows, overrides)
    failed = {b.name for b in builders if b.needs_text() and (b.known is None or len(b.chunks) > 1)}
    if failed:
        # The first block misled: read them as text, and then decide from all of their values.
        with _open(path, dialect, overrides, formats) as source:
            builders = _build(source, min_columns, formats, max_rows, overrides, failed)
        for builder in builders:
            if builder.name in failed:
                builder.reconsider()
    return _table(source, builders, min_columns, overrides)


@contextmanager
def _open(path: Path, dialect: Dialect, overrides: Overrides, names: Collection[str]) -> Iterator[Source]:
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
            yield Source(file, dialect, overrides.get("header"), names)
    finally:
        csv.field_size_limit(previous)


def _build(
    source: Source,
    min_columns: int,
    formats: Mapping[str, ColumnFormat],
    max_rows: int | None,
    overrides: Overrides,
    as_text: Collection[str] = (),
) -> list[ColumnBuilder]:
    if len(source.header) < min_columns:
        raise _one_column()
    builders = [
        ColumnBuilder(
            name,
            source.dialect.delimiter,
            formats.get(name),
            overrides.get("decimal"),
            as_text=name in as_text,
        )
        for name in source.header
    ]
    for text in source.blocks():
        left = None if max_rows is None else max_rows - builders[0].rows
        if left is None and _add_clean(source, text, builders):
            continue
        rows = source.careful(text, left)
        columns = list(zip(*rows, strict=True))
        _hint(builders, columns)
        for builder, cells in zip(builders, columns, strict=bool(rows)):
            builder.add(cells)
        if left is not None and len(rows) + source.trailing >= left:
            break
    if not builders[0].rows:
        raise DataError(
            "no_rows", "The file has a header but no data rows: add the rows and upload it again."
        )
    return builders


def _add_clean(source: Source, text: str, builders: list[ColumnBuilder]) -> bool:
    parsed = None if source.pending else parse_clean(text, source.dialect, builders)
    if parsed is None:
        return False
    _hint(builders, [column.texts for column in parsed if isinstance(column, Levels)])
    for builder, column in zip(builders, parsed, strict=True):
        if isinstance(column, Levels):
            builder.add_levels(column.codes, column.texts)
        else:
            builder.add_numbers(column)
    return True


def _hint(builders: Sequence[ColumnBuilder], columns: Sequence[Sequence[str] | Texts]) -> None:
    """Tell all columns the decimal sign that the first rows agree on."""
    if not builders[0].rows and columns:
        decimal = file_decimal(columns)
        for builder in builders:
            builder.hint = decimal


def _one_column() -> DataError:
    return DataError(
        "one_column",
        "The file has one column only: separate the columns by commas, semicolons, tabs or |, "
        "and keep at least one column beside the target.",
    )


def _table(
    source: Source, builders: list[ColumnBuilder], min_columns: int, given: Mapping[str, Any]
) -> Table:
    nameless = {f"column_{position}" for position in range(1, len(builders) + 1)}
    dropped = [b.name for b in builders if b.format is None and b.known is None and b.name in nameless]
    kept = [b for b in builders if b.name not in dropped]
    if len(kept) < min_columns:
        raise _one_column()
    columns: dict[str, pd.Series] = {}
    formats: dict[str, ColumnFormat] = {}
    details: list[dict[str, Any]] = []
    labels: dict[str, dict[float, str]] = {}
    for builder in kept:
        column, how = builder.build()
        columns[builder.name], formats[builder.name] = column, how
        if how.type in {NUMERIC, BOOLEAN} and len(builder.labels) <= MAX_LABELS:
            labels[builder.name] = builder.labels
        details.append(describe_column(builder, column, how))
    report = {**describe_file(source, builders, given), "columns": details, "dropped_columns": dropped}
    return Table(pd.DataFrame(columns, copy=False), formats, report, labels)
