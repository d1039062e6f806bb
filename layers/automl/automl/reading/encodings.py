"""The encoding of a text file, and whether it is one."""

import codecs
import io
from pathlib import Path

import numpy as np

from automl.errors import DataError

READ_BYTES = 1 << 20
MAX_CONTROL_SHARE = 0.01
# A byte order mark or valid UTF-8 is hard to get by chance; nearly any bytes are cp1252 or Latin-1.
CONFIDENCE = {"cp1252": 0.7, "latin-1": 0.5, "utf-16-le": 0.9, "utf-16-be": 0.9}
DAMAGED_CONFIDENCE = 0.8
# Of the characters beyond ASCII in a file that is UTF-8 but for some bytes.
MAX_DAMAGED_SHARE = 0.05
MIN_ASCII_SHARE = 0.15
MAX_SWAPPED_SHARE = 0.02
CONTROL = bytes(set(range(32)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})


def lines_of(text: str) -> list[str]:
    """Return the lines of a text as a file has them; a form feed or a line separator in a cell ends none."""
    return list(io.StringIO(text, newline=""))


def find_encoding(path: Path, head: bytes) -> tuple[str, float]:
    """Return the encoding of a file that starts with these bytes, and how sure it is.

    Raises
    ------
    DataError
        When the file holds no text.
    """
    for encoding in _candidates(head):
        if decodes(path, encoding):
            _refuse_garbage(head.decode(encoding, errors="ignore"))
            return encoding, CONFIDENCE.get(encoding, 1.0)
        if encoding == "utf-8" and _is_damaged_utf8(path):
            return encoding, DAMAGED_CONFIDENCE
    raise _binary()


def _candidates(head: bytes) -> list[str]:
    if head.startswith(codecs.BOM_UTF8):
        return ["utf-8-sig", "utf-8", "cp1252"]
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ["utf-32", "utf-16"]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    wide = _utf16_without_bom(head) if b"\0" in head else ""
    # A stray NUL in a file of bytes is dropped later; many of them are refused as garbage.
    return [wide] if wide else ["utf-8", "cp1252", "latin-1"]


def _utf16_without_bom(head: bytes) -> str:
    """Return the UTF-16 variant in which digits, commas and line ends are what they should be, or nothing."""
    shares = {}
    for order in ("<", ">"):
        units = np.frombuffer(head[: len(head) // 2 * 2], dtype=f"{order}u2")
        shares[order] = float(((units < 0x80) & (units > 0)).mean()) if len(units) else 0.0
    for order, name in (("<", "utf-16-le"), (">", "utf-16-be")):
        other = shares[">" if order == "<" else "<"]
        if shares[order] >= MIN_ASCII_SHARE and other <= MAX_SWAPPED_SHARE:
            return name
    return ""


def decodes(path: Path, encoding: str) -> bool:
    """Return whether the whole file is of this encoding; it may end in the middle of a character."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                decoder.decode(block)
    # Python 3.12 says of a missing byte order mark that it is a UnicodeError.
    except UnicodeError:
        return False
    return True


def _is_damaged_utf8(path: Path) -> bool:
    """Return whether a file is UTF-8 except for a few bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    damaged = beyond = 0
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            text = decoder.decode(block)
            damaged += text.count("\ufffd")
            beyond += len(text) - len(text.encode("ascii", "ignore"))
    return damaged <= MAX_DAMAGED_SHARE * beyond


def _refuse_garbage(text: str) -> None:
    control = sum(text.count(chr(code)) for code in CONTROL) + sum(
        text.count(chr(code)) for code in range(0x80, 0xA0)
    )
    if control > MAX_CONTROL_SHARE * len(text):
        raise _binary()


def _binary() -> DataError:
    return DataError(
        "binary", "The file holds binary data, not text: export the data as CSV in UTF-8 and upload that."
    )
