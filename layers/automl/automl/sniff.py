"""What kind of file this is: binary or text, which encoding, which delimiter."""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from automl.errors import DataError

SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 500
READ_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
MAX_CONTROL_SHARE = 0.01
# A byte order mark or valid UTF-8 is hard to get by chance; nearly any bytes are cp1252 or Latin-1.
ENCODING_CONFIDENCE = {"cp1252": 0.7, "latin-1": 0.5, "utf-16-le": 0.9, "utf-16-be": 0.9}
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
CONTROL = bytes(set(range(32)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})


@dataclass(frozen=True)
class Dialect:
    """How the file is written."""

    encoding: str
    delimiter: str
    quoted: bool = True
    encoding_confidence: float = 1.0
    delimiter_confidence: float = 1.0


def sniff(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Dialect:
    """Return how a text file is written; what is given is taken as it is.

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
        encoding = _encoding(path, head)
        certainty = ENCODING_CONFIDENCE.get(encoding, 1.0)
    elif not _decodes(path, encoding):
        raise DataError("wrong_encoding", f"The file is not written in {encoding}: choose another encoding.")
    text = head.decode(encoding, errors="replace")
    if len(head) == SAMPLE_BYTES:
        text = text[: text.rfind("\n") + 1] or text
    if delimiter is not None:
        return Dialect(encoding, delimiter, encoding_confidence=certainty)
    delimiter, share = _delimiter(text)
    return Dialect(encoding, delimiter, encoding_confidence=certainty, delimiter_confidence=share)


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


def _binary() -> DataError:
    return DataError(
        "binary", "The file holds binary data, not text: export the data as CSV in UTF-8 and upload that."
    )


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig" if _decodes(path, "utf-8-sig") else "cp1252"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\0" in head:
        candidates = [_utf16_without_bom(head)]
    else:
        candidates = ["utf-8", "cp1252", "latin-1"]
    for encoding in candidates:
        if encoding and _decodes(path, encoding):
            _refuse_garbage(head.decode(encoding, errors="ignore"))
            return encoding
    raise _binary()


def _utf16_without_bom(head: bytes) -> str:
    """Return the UTF-16 variant in which nearly every second byte is a NUL, or an empty name."""
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return ""


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                decoder.decode(block)
        # A file cut in the middle of its last character is still of this encoding.
    except UnicodeDecodeError:
        return False
    return True


def _refuse_garbage(text: str) -> None:
    control = sum(text.count(chr(code)) for code in CONTROL) + sum(
        text.count(chr(code)) for code in range(0x80, 0xA0)
    )
    if control > MAX_CONTROL_SHARE * len(text):
        raise _binary()


def _delimiter(text: str) -> tuple[str, float]:
    """Return the delimiter, and how sure it is: the share of rows it cuts alike, less if others do, too."""
    lines = text.splitlines(keepends=True)
    scores = {delimiter: _consistency(lines, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    rivals = sum(score[0] == scores[best][0] for score in scores.values())
    return best, scores[best][0] / rivals


def _consistency(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Return the share of rows with the usual number of cells, and that number."""
    counts: Counter[int] = Counter()
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if row:
                counts[len(row)] += 1
            if counts.total() >= SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0, 0
    if not counts:
        return 0.0, 0
    cells, rows = max(counts.items(), key=lambda item: (item[1], item[0]))
    return (rows / counts.total(), cells) if cells > 1 else (0.0, 0)
