"""What stands above a table and below it in the same file: titles, comments, notes, totals."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from automl.reading.encodings import lines_of
from automl.reading.header import SURE, find_header
from scoring.files.names import key_of

MAX_PREAMBLE = 30
MAX_FOOTER = 10
# Rows that must stand above a total, and that are looked through for the same word.
MIN_ROWS_ABOVE = 10
LOOK_BACK = 50
# As many names of a model's inputs make a row the header.
KNOWN_SHARE = 0.5
TOTAL = re.compile(
    r"(?:grand |sub|sub-)?totals?|sum|average|mean|summe|gesamt(?:summe)?|insgesamt|total général|totale",
    re.IGNORECASE,
)

type Row = Sequence[str]


def is_comment(row: Row, width: int) -> bool:
    """Return whether a row is a comment line instead of cells."""
    return len(row) == 1 < width and row[0].lstrip().startswith("#")


def find_start(rows: Sequence[Row], names: Collection[str] = ()) -> int:
    """Return how many of the first rows stand above the table.

    Parameters
    ----------
    rows
        The first rows of a file that have a filled cell.
    names
        Columns that the header should have, if known.
    """
    if names:
        keys = {key_of(name) for name in names}
        known = [len(keys.intersection(map(key_of, row))) for row in rows[:MAX_PREAMBLE]]
        if max(known) >= KNOWN_SHARE * len(keys) or known[0] < max(known):
            return known.index(max(known))
    start = next((number for number, row in enumerate(rows) if not _chooses(row)), 0)
    width = _usual(len(row) for row in rows[start:])
    while start < len(rows) - 1 and is_comment(rows[start], width):
        start += 1
    filled = _usual(map(_filled, rows[start:]))
    if filled < 2:
        return start
    for number in range(start, min(start + MAX_PREAMBLE, len(rows) - 1)):
        row = rows[number]
        if _is_above(row, width, filled):
            continue
        if row[0].lstrip().startswith("#") and find_header(rows[number + 1], rows[number + 2 :]) == (
            True,
            SURE,
        ):
            continue
        return number if number == start or _is_header(rows, number, start, filled) else start
    return start


def cut_footer(text: str, width: int, split: Callable[[str], Row]) -> tuple[str, int]:
    """Return the end of a file without the notes and totals below its table, and how many lines those are.

    Parameters
    ----------
    text
        Whole lines up to the end of the file.
    width
        How many cells a row has.
    split
        Cuts a line into cells.
    """
    lines = lines_of(text)
    kept = end = len(lines)
    dropped = 0
    while kept > 1 and len(lines) - kept < MAX_FOOTER:
        line = lines[kept - 1]
        if not line.strip(" \t\r\n,;|"):
            kept -= 1
            continue
        above = lines[max(0, kept - 1 - LOOK_BACK) : kept - 1]
        if line.count('"') % 2 or not _is_below(line, above, width, split):
            break
        dropped += 1
        kept -= 1
        end = kept
    return ("".join(lines[:end]), dropped) if dropped else (text, 0)


def _is_below(line: str, above: Sequence[str], width: int, split: Callable[[str], Row]) -> bool:
    try:
        row = [cell.strip() for cell in split(line)]
        cells = [cell for cell in row if cell]
        rows = [split(other) for other in above if other.strip()]
    except csv.Error:
        return False
    if width < 2 or not cells:
        return False
    first = cells[0]
    note = first.startswith(("#", "(", "*")) or ":" in first or len(first.split()) > 1
    after_gap = bool(above) and not above[-1].strip(" \t\r\n,;|")
    if len(cells) == 1 or (after_gap and note and len(row) < width):
        return (note if len(row) == 1 else after_gap) and _usual(map(len, rows)) > 1
    alike = any(other and other[0].strip().casefold() == first.casefold() for other in rows)
    return (
        len(rows) >= MIN_ROWS_ABOVE
        and row[0] == first
        and TOTAL.fullmatch(first.rstrip(": ")) is not None
        and not alike
    )


def _chooses(row: Row) -> bool:
    """Return whether a row is Excel's line that names the delimiter."""
    return bool(row) and row[0].casefold() in {"sep=", "sep=,", "sep=;", "sep=|", "sep=\t"}


def _is_above(row: Row, width: int, filled: int) -> bool:
    return len(row) < width - 1 or _filled(row) <= max(1, filled // 2)


def _is_header(rows: Sequence[Row], number: int, start: int, filled: int) -> bool:
    header, sure = find_header(rows[number], rows[number + 1 :])
    padded = any(len(row) >= len(rows[number]) for row in rows[start:number])
    return (
        header
        and (sure == SURE or not padded)
        and _filled(rows[number]) >= filled - 1
        and all(
            _filled(row) < _filled(rows[number]) or row[0].lstrip().startswith("#")
            for row in rows[start:number]
        )
    )


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _usual(numbers: Iterable[int]) -> int:
    counts = Counter(numbers)
    return max(counts, key=lambda number: (counts[number], number), default=0)
