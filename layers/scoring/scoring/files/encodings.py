"""Bytes of a CSV file to text, block by block: the encoding is found on the way."""

import codecs
import re
from dataclasses import dataclass
from typing import Protocol

from scoring.errors import ScoringError

BLOCK_BYTES = 2 << 20
# A record, and so a block, is never larger: a file without line ends must not be held in memory.
MAX_RECORD_BYTES = 16 << 20
HEAD_BYTES = 1 << 16
MAX_CONTROL_SHARE = 0.01
FEW_CONTROL = 3
# Of the characters beyond ASCII in text that is UTF-8 but for some bytes.
MAX_DAMAGED_SHARE = 0.05
MIN_ASCII_SHARE = 0.15
MAX_SWAPPED_SHARE = 0.02
CONTROL = bytes(set(range(32)) - {0x00, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})
ASCII, UTF8, CP1252 = "ascii", "utf-8", "cp1252"
BOMS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
UNITS = {"utf-32-le": 4, "utf-32-be": 4, "utf-16-le": 2, "utf-16-be": 2}
WIDE = frozenset(UNITS)
NO_CHARACTER = re.compile("[\ud800-\udfff]")


class ByteSource(Protocol):
    """What is read of a file; it is sought only where reading goes on in its middle."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""

    def seek(self, offset: int, /) -> int:
        """Go on at an offset from the beginning."""


class TableError(ScoringError):
    """The file cannot be scored as a whole.

    Parameters
    ----------
    code
        Stable code of the fault, such as ``empty_file`` or ``missing_columns``.
    message
        One sentence for a person: what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _c1(error: UnicodeError) -> tuple[str, int]:
    """Read the five bytes that cp1252 leaves open as browsers do: as the control characters of Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("scoring.c1", _c1)
DECODING = {ASCII: "strict", UTF8: "surrogateescape", CP1252: "scoring.c1"}


def decode(raw: bytes, encoding: str) -> str:
    """Return text of whole characters; bytes that are none are kept, so that :func:`width` counts them."""
    return raw.decode(encoding, DECODING.get(encoding, "surrogatepass"))


def width(text: str, encoding: str) -> int:
    """Return how many bytes a decoded text had."""
    if text.isascii() and encoding not in WIDE:
        return len(text)
    if encoding == CP1252:
        return len(text)
    return len(text.encode(encoding, DECODING.get(encoding, "surrogatepass")))


@dataclass(frozen=True)
class TextBlock:
    """Some whole lines.

    Parameters
    ----------
    text
        The lines with their ends.
    last
        Whether the file ends here.
    """

    text: str
    last: bool


class TextBlocks:
    """Reads a binary stream as blocks of whole lines.

    A file is taken as ASCII until a block says otherwise: text beyond ASCII is UTF-8 if it can be, else
    Windows-1252. A block's bounds depend on where it begins alone, so that a file that is read on from
    there is cut alike.

    Parameters
    ----------
    stream
        Open for reading, behind what is ``ahead``.
    offset
        Where the first block begins, in bytes.
    encoding
        What is known of the encoding: ``ascii`` if nothing is.
    size
        Bytes of a block.
    ahead
        What was read of the stream behind ``offset``.
    """

    def __init__(
        self, stream: ByteSource, offset: int, encoding: str, size: int = BLOCK_BYTES, ahead: bytes = b""
    ) -> None:
        self._stream = stream
        self.offset = offset
        self.encoding = encoding
        self._size = size
        self._ahead = ahead
        self._ended = False
        self._present = b""

    def next(self) -> TextBlock | None:
        """Return the block that begins at ``offset``, None at the end of the file.

        It has to be taken with :meth:`take` before the next one is asked for.

        Raises
        ------
        TableError
            When a line is longer than ``MAX_RECORD_BYTES``.
        """
        return self._block(self._size)

    def longer(self) -> TextBlock | None:
        """Return the same block with twice as many bytes, None if it has as many as a record may have."""
        size = 2 * max(self._size, len(self._present))
        return None if size > MAX_RECORD_BYTES else self._block(size)

    def take(self, characters: int) -> None:
        """Go on behind the first characters of the present block."""
        text = decode(self._present, self.encoding)
        used = len(self._present) if characters >= len(text) else width(text[:characters], self.encoding)
        self._ahead = self._present[used:] + self._ahead
        self._present = b""
        self.offset += used

    def _block(self, size: int) -> TextBlock | None:
        raw = self._present + self._ahead
        self._present = self._ahead = b""
        raw, end = self._filled(raw, size)
        while raw and not end:
            size *= 2
            if size > MAX_RECORD_BYTES:
                raise TableError(
                    "malformed",
                    f"The file has a line of more than {MAX_RECORD_BYTES:,} bytes: check its line ends.",
                )
            raw, end = self._filled(raw, size)
        if not raw:
            return None
        self._present, self._ahead = raw[:end], raw[end:]
        last = len(raw) < size
        if self.encoding == ASCII and not self._present.isascii():
            self.encoding = _beyond_ascii(self._present)
        if last and self.encoding in WIDE:
            self._present = self._present[: end // UNITS[self.encoding] * UNITS[self.encoding]]
        try:
            text = decode(self._present, self.encoding)
        except UnicodeDecodeError as error:
            raise _binary() from error
        return TextBlock(NO_CHARACTER.sub("\ufffd", text) if not _is_valid(text) else text, last)

    def _filled(self, raw: bytes, size: int) -> tuple[bytes, int]:
        """Return as many bytes as a block has, and where the last of its lines ends; 0 if none does."""
        parts, missing = [raw], size - len(raw)
        while missing > 0 and not self._ended:
            part = self._stream.read(missing)
            self._ended = not part
            parts.append(part)
            missing -= len(part)
        raw = b"".join(parts)
        # Whether a block that is full is the last one is not known, also where it could be.
        return raw, len(raw) if len(raw) < size else line_end(raw[:size], self.encoding)


def line_end(raw: bytes, encoding: str) -> int:
    """Return where the last line of some bytes ends that is whole, 0 if there is none.

    A carriage return alone ends lines where there is no line feed at all.
    """
    for mark in ("\n", "\r"):
        end = mark.encode(encoding if encoding in WIDE else ASCII)
        found = raw.rfind(end)
        while found > 0 and found % len(end):
            found = raw.rfind(end, 0, found + len(end) - 1)
        # A carriage return at the very end may be half of a line end.
        if mark == "\r" and found == len(raw) - len(end):
            found = raw.rfind(end, 0, found)
        if found >= 0 and not found % len(end):
            return found + len(end)
    return 0


def _beyond_ascii(raw: bytes) -> str:
    try:
        raw.decode(UTF8)
    except UnicodeDecodeError:
        text = raw.decode(UTF8, "replace")
        damaged = text.count("\ufffd")
        beyond = len(text) - len(text.encode(ASCII, "ignore"))
        return UTF8 if damaged <= MAX_DAMAGED_SHARE * beyond else CP1252
    return UTF8


def find_encoding(head: bytes) -> tuple[str, int]:
    """Return the encoding that the first bytes of a file show, and how many of them are its mark.

    Raises
    ------
    TableError
        When they are not those of a text.
    """
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise TableError("empty_file", "The file is empty: send a CSV file with a header and data rows.")
    encoding, mark = next(((name, len(bom)) for bom, name in BOMS if head.startswith(bom)), (ASCII, 0))
    if encoding == ASCII and b"\0" in head:
        encoding = _wide_without_mark(head) or ASCII
    whole = head[: len(head) // 4 * 4] if encoding in WIDE else head
    text = whole.decode("latin-1" if encoding == ASCII else encoding, "replace")
    odd = sum(text.count(chr(code)) for code in CONTROL)
    if encoding == ASCII:
        odd += head.count(b"\0")
    if odd > max(FEW_CONTROL, MAX_CONTROL_SHARE * len(text)):
        raise _binary()
    return encoding, mark


def _binary() -> TableError:
    return TableError(
        "not_csv", "The file holds binary data, not text: export the data as CSV in UTF-8 and send that."
    )


def _is_valid(text: str) -> bool:
    try:
        text.encode(UTF8)
    except UnicodeEncodeError:
        return False
    return True


def _wide_without_mark(head: bytes) -> str:
    """Return the UTF-16 in which digits, commas and line ends are what they should be, or nothing."""
    pairs = max(1, len(head) // 2)
    low, high = head[0::2], head[1::2]
    little = _ascii_units(low, high) / pairs
    big = _ascii_units(high, low) / pairs
    if little >= MIN_ASCII_SHARE and big <= MAX_SWAPPED_SHARE:
        return "utf-16-le"
    return "utf-16-be" if big >= MIN_ASCII_SHARE and little <= MAX_SWAPPED_SHARE else ""


def _ascii_units(low: bytes, high: bytes) -> int:
    return sum(not above and 0 < below < 0x80 for below, above in zip(low, high, strict=False))
