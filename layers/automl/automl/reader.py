"""Any CSV file to a typed table, or one sentence that says why not."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from automl.clean import Levels, parse_clean
from automl.columns import ColumnBuilder
from automl.errors import DataError
from automl.rows import BrokenQuotesError, Source
from automl.sniff import MAX_CELL_CHARACTERS, Dialect, sniff
from automl.table import BOOLEAN, CATEGORICAL, NUMERIC, ColumnFormat, Table

MAX_LABELS = 200


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
        with _open(path, dialect) as source:
            builders = _build(source, min_columns, formats, max_rows)
        retry = {
            b.name: ColumnFormat(CATEGORICAL) for b in builders if b.name not in given and b.needs_text()
        }
        if not retry or set(retry) <= set(formats):
            return _table(source, dialect, builders, min_columns)
        formats = {**formats, **retry}


@contextmanager
def _open(path: Path, dialect: Dialect) -> Iterator[Source]:
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
            yield Source(file, dialect)
    finally:
        csv.field_size_limit(previous)


def _build(
    source: Source, min_columns: int, formats: Mapping[str, ColumnFormat], max_rows: int | None
) -> list[ColumnBuilder]:
    if len(source.header) < min_columns:
        raise _one_column()
    builders = [ColumnBuilder(name, source.dialect.delimiter, formats.get(name)) for name in source.header]
    for text in source.blocks():
        left = None if max_rows is None else max_rows - builders[0].rows
        if left is None and _add_clean(source, text, builders):
            continue
        rows = source.careful(text, left)
        for builder, cells in zip(builders, zip(*rows, strict=True), strict=bool(rows)):
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
    for builder, column in zip(builders, parsed, strict=True):
        if isinstance(column, Levels):
            builder.add_levels(column.codes, column.texts)
        else:
            builder.add_numbers(column)
    return True


def _one_column() -> DataError:
    return DataError(
        "one_column",
        "The file has one column only: separate the columns by commas, semicolons, tabs or |, "
        "and keep at least one column beside the target.",
    )


def _table(source: Source, dialect: Dialect, builders: list[ColumnBuilder], min_columns: int) -> Table:
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
