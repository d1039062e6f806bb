"""Cut a CSV file into training and test files without decoding it, so that no quirk of it is lost.

Works for every encoding in which delimiters, quotes and line ends are single ASCII bytes (UTF-8, Latin-1,
cp1252), not for UTF-16.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

DELIMITERS = b",;\t|"
QUOTE = b'"'


@dataclass(frozen=True)
class Records:
    """A file's records, each as its fields' bytes, quotes included.

    Parameters
    ----------
    delimiter
        The byte between fields.
    end
        The bytes behind a record.
    header
        The first record.
    rows
        The records behind it; blank lines are none, as for pandas.
    """

    delimiter: bytes
    end: bytes
    header: list[bytes]
    rows: list[list[bytes]]

    def write(self, rows: Iterable[int], *, blank: int | None = None) -> bytes:
        """Return a file of the header and the rows of these numbers, counted from 0.

        Parameters
        ----------
        rows
            Which rows, in this order.
        blank
            A column whose cells are emptied. It stays in its place, because names of columns without a
            name are made from where they stand.
        """
        lines = [self.header]
        for number in rows:
            fields = self.rows[number]
            lines.append(fields if blank is None else [*fields[:blank], b"", *fields[blank + 1 :]])
        return b"".join(self.delimiter.join(fields) + self.end for fields in lines)


def cut(data: bytes) -> Records:
    """Cut a file into records and fields. A quote opens a field only at its start (RFC 4180)."""
    delimiter = delimiter_of(data)
    stop = b"[^" + re.escape(delimiter) + b"\r\n]*"
    field = re.compile(
        b'("(?:[^"]|"")*"' + stop + b"|" + stop + b")(" + re.escape(delimiter) + b"|\r\n|\n|\r|\\Z)"
    )
    records: list[list[bytes]] = []
    fields: list[bytes] = []
    end = b""
    for match in field.finditer(data):
        fields.append(match[1])
        if match[2] == delimiter:
            continue
        if fields != [b""]:
            records.append(fields)
        end = end or match[2]
        fields = []
    return Records(delimiter, end or b"\n", records[0], records[1:])


def delimiter_of(data: bytes) -> bytes:
    """Return the delimiter that the first line holds most often outside quotes."""
    line = re.sub(rb'"[^"]*"', b"", data.splitlines()[0])
    return max((bytes([byte]) for byte in DELIMITERS), key=line.count)


def text(field: bytes) -> str:
    """Return a field's content. Latin-1 maps every byte, so equal bytes stay equal."""
    if field.startswith(QUOTE) and field.endswith(QUOTE) and len(field) > 1:
        field = field[1:-1].replace(QUOTE * 2, QUOTE)
    return field.decode("latin-1")
