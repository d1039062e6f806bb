"""What kind of file this is: binary or text, which encoding, which delimiter."""

import csv
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from automl.errors import DataError
from automl.reading.encodings import CONTROL, decodes, find_encoding, lines_of
from scoring.files.names import key_of
from scoring.files.written_dates import looks_like_date
from scoring.files.written_numbers import is_number

SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 500
CLEAN_ROWS = 100
DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"
# A rival that cuts nearly as many rows alike may still be the delimiter, if its cells make more sense.
NEARLY = 0.9
# The widest cell that is still believed; beyond it a quote was never closed.
MAX_CELL_CHARACTERS = 1_000_000

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    (b"%PDF-", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"{\\rtf", "a rich-text document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)
# Short signatures that a header could start with by chance count only in a file with control bytes.
WEAK_MAGIC = frozenset({b"BM", b"MZ", b"ORC", b"PAR1", b"GIF8", b"BZh", b"ARROW1"})
CHOSEN = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How the file is written."""

    encoding: str
    delimiter: str
    quoted: bool = True
    escaped: bool = False
    encoding_confidence: float = 1.0
    delimiter_confidence: float = 1.0


def sniff(
    path: Path,
    encoding: str | None = None,
    delimiter: str | None = None,
    names: Collection[str] = (),
) -> Dialect:
    """Return how a text file is written; what is given is taken as it is.

    Parameters
    ----------
    path
        The file.
    encoding, delimiter
        What the user knows better.
    names
        Columns that the header should have.

    Raises
    ------
    DataError
        When the file is empty or not a text file.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise DataError(
            "unreadable", "The file cannot be opened: check that it exists and is a file."
        ) from error
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise DataError("empty_file", "The file is empty: upload a CSV file with a header and data rows.")
    _refuse_other_formats(head)
    certainty = 1.0
    if encoding is None:
        encoding, certainty = find_encoding(path, head)
    elif not decodes(path, encoding):
        raise DataError("wrong_encoding", f"The file is not written in {encoding}: choose another encoding.")
    text = head.decode(encoding, errors="replace").replace("\0", "")
    if len(head) == SAMPLE_BYTES:
        text = text[: text.rfind("\n") + 1] or text
    chosen = CHOSEN.match(text)
    share = 1.0
    if delimiter is None and chosen is not None:
        delimiter = chosen[1]
    if delimiter is None:
        delimiter, share = _delimiter(text, names)
    return Dialect(
        encoding,
        delimiter,
        escaped=_escapes(text, delimiter),
        encoding_confidence=certainty,
        delimiter_confidence=share,
    )


def _refuse_other_formats(head: bytes) -> None:
    has_control = bool(head.translate(None, delete=bytes(set(range(256)) - set(CONTROL))))
    for signature, kind in MAGIC:
        if head.startswith(signature) and (has_control or signature not in WEAK_MAGIC):
            raise DataError(
                "not_csv", f"The file is {kind}, not a CSV file: export the data as CSV and upload that."
            )
    if head[:4] == b"RIFF" and has_control:
        raise DataError(
            "not_csv", "The file is a media file, not a CSV file: export the data as CSV and upload that."
        )


def _escapes(text: str, delimiter: str) -> bool:
    """Return whether quotes inside of quotes are written behind backslashes."""
    if '\\"' not in text:
        return False
    lines = lines_of(text)
    return _cut(lines, delimiter, escaped=True).share > _cut(lines, delimiter).share


@dataclass(frozen=True)
class _Cut:
    """How a delimiter cuts: the share of rows with the usual number of cells, that number, and those rows."""

    share: float
    cells: int
    rows: list[list[str]]


def _delimiter(text: str, names: Collection[str] = ()) -> tuple[str, float]:
    """Return the delimiter, and how sure it is: the share of rows it cuts alike, less if others do, too."""
    lines = lines_of(text)
    cuts = {delimiter: _cut(lines, delimiter) for delimiter in DELIMITERS}
    if names:
        keys = {key_of(name) for name in names}
        known = {
            delimiter: max((len(keys.intersection(map(key_of, row))) for row in cut.rows[:10]), default=0)
            for delimiter, cut in cuts.items()
        }
        best = max(DELIMITERS, key=lambda delimiter: known[delimiter])
        if known[best]:
            return best, 1.0
    most = max(cut.share for cut in cuts.values())
    rivals = [
        delimiter for delimiter, cut in cuts.items() if most and cut.share >= NEARLY * most and cut.cells > 1
    ]
    if not rivals:
        # One column: commas in its cells do not cut them.
        return next((mark for mark in (*DELIMITERS, NO_DELIMITER) if mark not in text), NO_DELIMITER), 0.0
    best = max(
        rivals,
        key=lambda delimiter: (
            _clean_share(cuts[delimiter].rows),
            cuts[delimiter].share,
            cuts[delimiter].cells,
        ),
    )
    return best, cuts[best].share / sum(cuts[rival].share == cuts[best].share for rival in rivals)


def _clean_share(rows: list[list[str]]) -> float:
    """Return the share of cells that are empty, a number, a date, or hold no other delimiter."""
    cells = [cell.strip() for row in rows[:CLEAN_ROWS] for cell in row]
    clean = sum(
        not any(delimiter in cell for delimiter in DELIMITERS) or is_number(cell) or looks_like_date(cell)
        for cell in cells
    )
    return round(clean / max(1, len(cells)), 2)


def _cut(lines: list[str], delimiter: str, *, escaped: bool = False) -> _Cut:
    counts: Counter[int] = Counter()
    rows: list[list[str]] = []
    escape = "\\" if escaped else None
    try:
        for row in csv.reader(lines, delimiter=delimiter, escapechar=escape, doublequote=not escaped):
            if row:
                counts[len(row)] += 1
                rows.append(row)
            if len(rows) >= SAMPLE_ROWS:
                break
    except csv.Error:
        return _Cut(0.0, 0, rows)
    if not rows:
        return _Cut(0.0, 0, rows)
    cells, usual = max(counts.items(), key=lambda item: (item[1], item[0]))
    if cells < 2 or _is_one_column(rows, cells):
        return _Cut(0.0, 0, rows)
    return _Cut(usual / len(rows), cells, rows)


def _is_one_column(rows: list[list[str]], cells: int) -> bool:
    """Return whether commas stand inside the cells of one column: its header has none."""
    if cells != 2 or len(rows) < 2 or len(rows[0]) != 1:
        return False
    return any(not cell.strip() or cell.startswith(" ") or is_number(cell.strip()) for cell in rows[1])
