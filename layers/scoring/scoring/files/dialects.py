"""The header of a CSV file, and how its lines are cut: found by the names that a model looks for."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from scoring.files.encodings import TableError
from scoring.files.names import align, key_of, unique_names
from scoring.files.records import Dialect, Record, records_of

DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"
CHOSEN = re.compile(r"sep=(.)[\r\n]", re.IGNORECASE)
MAX_PREAMBLE = 30
MAX_COLUMNS = 10_000
SAMPLE_ROWS = 200
LISTED = 20


@dataclass(frozen=True)
class Head:
    """The header of a file.

    Parameters
    ----------
    dialect
        How the file is cut.
    written
        The names as the file writes them.
    names
        Different names, those of features where they are meant.
    end
        Where the header ends in the text, in characters.
    """

    dialect: Dialect
    written: list[str]
    names: list[str]
    end: int


def find_head(text: str, names: Collection[str], *, whole: bool) -> Head:
    """Return the header of a file, among its first lines the one that has the most of the names.

    Parameters
    ----------
    text
        The beginning of the file.
    names
        Those of the model's features.
    whole
        Whether the text is the whole file.

    Raises
    ------
    TableError
        When columns are missing, or are too many.
    """
    keys = {key_of(name) for name in names}
    chosen = CHOSEN.match(text)
    candidates = (chosen[1],) if chosen and chosen[1] not in '"\r\n' else DELIMITERS
    cuts = [(Dialect(mark), _first(text, Dialect(mark), whole=whole)) for mark in candidates]
    if not any(cut for _, cut in cuts):
        raise TableError("empty_file", "The file is empty: send a CSV file with a header and data rows.")
    dialect, rows = max(cuts, key=lambda cut: max(_known(cut[1], keys)))
    known = _known(rows, keys)
    place = known.index(max(known))
    header, body = rows[place].cells, rows[place + 1 :]
    if len(header) == 1:
        # One column: commas in its cells do not cut them.
        mark = next((mark for mark in DELIMITERS if mark not in text), NO_DELIMITER)
        dialect = Dialect(mark)
    if len(header) > MAX_COLUMNS:
        raise TableError(
            "too_many_columns",
            f"The file has {len(header):,} columns, more than {MAX_COLUMNS:,}: "
            "remove those that are not needed.",
        )
    if len(body) > 1 and len(header) > 1 and all(_has_row_name(row.cells, header) for row in body):
        header = ["", *header]
    aligned = unique_names(align(header, names))
    _require(names, aligned)
    rest = text[rows[place].end :]
    return Head(_refined(rest, dialect, len(header), whole=whole), header, aligned, rows[place].end)


def _first(text: str, dialect: Dialect, *, whole: bool) -> list[Record]:
    filled = (
        record
        for record in records_of(text, dialect, whole=whole)
        if any(cell.strip() for cell in record.cells)
    )
    return list(islice(filled, SAMPLE_ROWS))


def _known(rows: Sequence[Record], keys: Collection[str]) -> list[int]:
    """Return how many of the names each of the first rows has."""
    return [len({key_of(cell) for cell in row.cells}.intersection(keys)) for row in rows[:MAX_PREAMBLE]] or [
        0
    ]


def _has_row_name(cells: Sequence[str], header: Sequence[str]) -> bool:
    return len(cells) == len(header) + 1 and bool(cells[-1].strip())


def _require(names: Collection[str], found: Collection[str]) -> None:
    lost = [name for name in names if name not in found]
    if lost:
        more = f" and {len(lost) - LISTED} more" if len(lost) > LISTED else ""
        listed = ", ".join(repr(name) for name in lost[:LISTED])
        raise TableError(
            "missing_columns", f"The model needs columns that the file lacks: add {listed}{more}."
        )


def _refined(text: str, dialect: Dialect, width: int, *, whole: bool) -> Dialect:
    """Return how quotes are written: the way in which most of the first rows have the header's width."""
    ways = [dialect]
    if '\\"' in text:
        ways.append(Dialect(dialect.delimiter, escaped=True))
    if '"' in text:
        ways.append(Dialect(dialect.delimiter, quoted=False))
    return max(ways, key=lambda way: _sound(text, way, width, whole=whole)) if len(ways) > 1 else dialect


def _sound(text: str, dialect: Dialect, width: int, *, whole: bool) -> float:
    """Return the share of the first lines that are in rows of the right width."""
    rows = _first(text, dialect, whole=whole)
    good = sum(record.sound and len(record.cells) == width for record in rows)
    return good / max(1, len(rows))
