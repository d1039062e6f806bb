"""The fast way through a block of lines that are all regular: pandas' own parser.

It may only be taken where it gives what the careful way gives, so every doubt is a refusal.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reading.columns import ColumnBuilder
from automl.reading.sniff import MAX_CELL_CHARACTERS, Dialect
from scoring.files.written_numbers import Texts

NEWLINE, QUOTE, SPACE, ZERO, NINE = (ord(character) for character in '\n" 09')
# From here on a number of digits only may have more of them than a float holds.
TOO_LONG = 1e15
MAX_LEADING = 3


@dataclass(frozen=True)
class Levels:
    """Cells of one column as codes into their distinct texts, in order of first appearance."""

    codes: NDArray[np.intp]
    texts: Texts


type Parsed = NDArray[np.float64] | Levels


@dataclass(frozen=True)
class _Layout:
    """Where the cells of a block begin, one row per line."""

    raw: NDArray[np.uint8]
    starts: NDArray[np.intp]

    def has_leading_zeros(self, column: int) -> bool:
        """Return whether a cell looks like a code (007), which would be lost in a number."""
        starts = self.starts[:, column].copy()
        for _ in range(MAX_LEADING):
            skipped = np.isin(self.raw[starts], (QUOTE, SPACE))
            if not skipped.any():
                break
            starts[skipped] += 1
        else:
            return True
        zero = starts[self.raw[starts] == ZERO]
        second = self.raw[zero + 1]
        return bool(((second >= ZERO) & (second <= NINE)).any())


def parse_clean(text: str, dialect: Dialect, builders: Sequence[ColumnBuilder]) -> list[Parsed] | None:
    """Return the columns of a block of whole lines, or None if it must be read with care.

    Parameters
    ----------
    text
        Lines, the last one with its end unless it is the last of the file.
    dialect
        How the file is written.
    builders
        What is known of the columns; those that take plain numbers are parsed as such.
    """
    if len(builders) < 2 or not text or _is_odd(text, dialect):
        return None
    data = (text if text.endswith("\n") else text + "\n").encode()
    layout = _layout(data, dialect, len(builders))
    if layout is None:
        return None
    plain = [
        position
        for position, builder in enumerate(builders)
        if builder.takes_numbers and not layout.has_leading_zeros(position)
    ]
    commas = [position for position in plain if builders[position].decimal == ","]
    if 2 * len(commas) > len(plain):
        plain, decimal = commas, ","
    else:
        plain, decimal = [position for position in plain if position not in commas], "."
    words = {position: builders[position].absent_spellings() for position in plain}
    parsed = _parse(data, dialect, len(builders), words, decimal)
    if parsed is None and plain:
        # One dirty cell is enough to come here: find it, and what it means, in the texts.
        parsed = _parse(data, dialect, len(builders), {}, decimal)
    return None if parsed is None or len(layout.starts) != _rows(parsed) or _has_empty_row(parsed) else parsed


def _is_odd(text: str, dialect: Dialect) -> bool:
    """Return whether the two parsers could differ over a character."""
    return (
        text.startswith("\ufeff")
        or ("\r" in text and text.count("\r") != text.count("\r\n"))
        or (dialect.escaped and "\\" in text)
        or (dialect.quoted and dialect.delimiter != "\t" and '"' in text and "\t" in text)
    )


def _layout(data: bytes, dialect: Dialect, width: int) -> _Layout | None:
    """Return where cells begin if every line is a row of that many cells."""
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = raw == NEWLINE
    separators = ends | (raw == ord(dialect.delimiter))
    if dialect.quoted and b'"' in data:
        # Sums of bytes wrap at 256, which leaves odd and even alone.
        separators &= np.cumsum(raw == QUOTE, dtype=np.uint8) % 2 == 0
    positions = np.flatnonzero(separators)
    lines = data.count(b"\n")
    if len(positions) != lines * width:
        return None
    if not ends[positions[width - 1 :: width]].all():
        return None
    bounds = np.concatenate([[0], positions + 1])
    if np.diff(bounds[::width]).max() > MAX_CELL_CHARACTERS:
        return None
    return _Layout(raw, bounds[:-1].reshape(lines, width))


def _parse(
    data: bytes, dialect: Dialect, width: int, words: dict[int, list[str]], decimal: str
) -> list[Parsed] | None:
    options: dict[str, Any] = {"na_values": words} if words else {"na_filter": False}
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=dialect.delimiter,
            decimal=decimal,
            quoting=0 if dialect.quoted else 3,
            skipinitialspace=dialect.quoted,
            header=None,
            names=range(width),
            index_col=False,
            dtype={position: "float64" if position in words else object for position in range(width)},
            keep_default_na=False,
            skip_blank_lines=False,
            low_memory=False,
            **options,
        )
    except ValueError:  # ParserError is one
        return None
    parsed: list[Parsed] = []
    for position in range(width):
        column = frame[position]
        if position in words:
            numbers = column.to_numpy(dtype=np.float64)
            if (np.abs(numbers) >= TOO_LONG).any():
                return None
            parsed.append(numbers)
        else:
            codes, texts = pd.factorize(column.to_numpy(dtype=object))
            if (codes < 0).any():
                return None
            parsed.append(Levels(codes, texts))
    return parsed


def _rows(parsed: list[Parsed]) -> int:
    first = parsed[0]
    return len(first.codes) if isinstance(first, Levels) else len(first)


def _has_empty_row(parsed: list[Parsed]) -> bool:
    """Return whether a row has no cell, as those at the end of a file, which do not count."""
    empty = np.ones(_rows(parsed), dtype=bool)
    for column in parsed:
        if isinstance(column, Levels):
            empty &= (column.texts == "")[column.codes]
        else:
            empty &= np.isnan(column)
        if not empty.any():
            return False
    return True
