"""Every kind of mess that a CSV file can be in: the tests and the benchmark share them.

A kind takes a table as texts and returns the bytes of a messy file. Where the mess takes something away (a
stray word instead of a number) or needs something (cells with commas), ``meant`` is the table that is meant.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from tests.benchmarks.sheets import Sheet, text_of, with_gaps, written

type Make = Callable[[Sheet], bytes]
type Meant = Callable[[Sheet], Sheet]


@dataclass(frozen=True)
class Kind:
    """A kind of mess.

    Parameters
    ----------
    make
        Writes the messy file.
    meant
        The table that the messy file means, in which its readers should agree.
    named
        Whether the columns keep their names.
    """

    make: Make
    meant: Meant = lambda sheet: sheet
    named: bool = True


def grouped(mark: str, decimal: str) -> Callable[[str], str]:
    """Return how a number is written with this mark between thousands."""

    def change(cell: str) -> str:
        minus = "-" if cell.startswith("-") else ""
        whole, point, rest = cell.removeprefix("-").partition(".")
        return minus + f"{int(whole):,}".replace(",", mark) + (decimal + rest if point else "")

    return change


def _numbers(change: Callable[[str], str], delimiter: str = ",") -> Make:
    return lambda sheet: written(sheet.map(sheet.numbers, change), delimiter)


def _dates(*forms: str) -> Make:
    """Write the dates in these forms in turns."""

    def make(sheet: Sheet) -> bytes:
        rows = [
            [
                f"{pd.Timestamp(cell):{forms[turn % len(forms)]}}" if cell and at in sheet.dates else cell
                for at, cell in enumerate(row)
            ]
            for turn, row in enumerate(sheet.rows)
        ]
        return written(replace(sheet, rows=rows))

    return make


def _gaps(*words: str, columns: str = "numbers") -> Make:
    """Write the gaps of some columns as these words in turns."""

    def make(sheet: Sheet) -> bytes:
        positions = getattr(sheet, columns)
        gappy = with_gaps(sheet, positions)
        rows = [
            [
                words[turn % len(words)] if not cell and at in positions else cell
                for at, cell in enumerate(row)
            ]
            for turn, row in enumerate(gappy.rows)
        ]
        return written(replace(gappy, rows=rows))

    return make


def _stray(word: str, every: int = 60) -> Make:
    def make(sheet: Sheet) -> bytes:
        gappy = with_gaps(sheet, every=every)
        pairs = zip(sheet.rows, gappy.rows, strict=True)
        rows = [[word if a and not b else b for a, b in zip(*pair, strict=True)] for pair in pairs]
        return written(replace(sheet, rows=rows))

    return make


def _above(*lines: str) -> Make:
    return lambda sheet: ("".join(line + "\n" for line in lines) + text_of(sheet)).encode()


def _below(*lines: str) -> Make:
    return lambda sheet: (text_of(sheet) + "".join(line + "\n" for line in lines)).encode()


def _total(sheet: Sheet) -> bytes:
    cells = ["Total", *("" for _ in sheet.header[1:])]
    cells[1] = "123456.7"
    return _below(",".join(cells))(sheet)


def _padded_columns(sheet: Sheet) -> bytes:
    lines = text_of(sheet).splitlines()
    return ("\n".join(line + ",,," for line in lines) + "\n").encode()


def _padded_rows(sheet: Sheet) -> bytes:
    return _below(*["," * (len(sheet.header) - 1)] * 5, "", "")(sheet)


def _cut_rows(sheet: Sheet) -> bytes:
    """Leave out the delimiters behind a row's last filled cell."""
    lines = text_of(_gaps_last(sheet)).splitlines()
    return ("\n".join(line.rstrip(",") for line in lines) + "\n").encode()


def _gaps_last(sheet: Sheet) -> Sheet:
    """Return the sheet with a last column that has gaps."""
    rows = [[*row, "" if turn % 9 == 0 else str(turn % 5)] for turn, row in enumerate(sheet.rows)]
    return replace(sheet, header=[*sheet.header, "last"], rows=rows)


def _with_place(sheet: Sheet) -> Sheet:
    """Return the sheet with a first column of places whose name holds a comma in some rows."""
    places = (
        "Bonn, West",
        "Bonn",
        "Kiel",
        "Essen",
        "Ulm, Old, Town",
        "Jena",
        "Gera",
        "Hof",
        "Mainz",
        "Trier",
    )
    rows = [[places[turn % len(places)], *row] for turn, row in enumerate(sheet.rows)]
    shifted = {
        name: tuple(at + 1 for at in getattr(sheet, name)) for name in ("numbers", "dates", "words", "flags")
    }
    return replace(sheet, header=["place", *sheet.header], rows=rows, target=sheet.target + 1, **shifted)


def _unquoted(sheet: Sheet) -> bytes:
    whole = _with_place(sheet)
    return "".join(",".join(row) + "\n" for row in [whole.header, *whole.rows]).encode()


def _with_notes(sheet: Sheet) -> Sheet:
    """Return the sheet with a first column of quotes, commas and line ends."""
    notes = ('say "hi", then go', "two\nlines", "plain", 'a "b"', "semi; colon", "pipe | tab\t")
    whole = _with_place(sheet)
    rows = [[notes[turn % len(notes)], *row[1:]] for turn, row in enumerate(whole.rows)]
    return replace(whole, rows=rows)


def _escaped(sheet: Sheet) -> bytes:
    whole = _with_notes(sheet)
    rows = [['"' + row[0].replace('"', '\\"') + '"', *row[1:]] for row in whole.rows]
    return "".join(",".join(row) + "\n" for row in [whole.header, *rows]).encode()


def _spread(line: str, every: int = 50) -> Make:
    """Write a line between the rows."""

    def make(sheet: Sheet) -> bytes:
        lines = text_of(sheet).splitlines(keepends=True)
        spread = [
            text + (line + "\n" if turn and turn % every == 0 else "") for turn, text in enumerate(lines)
        ]
        return "".join(spread).encode()

    return make


def _repeated_header(sheet: Sheet) -> bytes:
    return _spread(text_of(sheet).splitlines()[0], 100)(sheet)


def _cased_flags(sheet: Sheet) -> bytes:
    rows = [
        [
            (cell.upper(), cell.title(), cell)[turn % 3] if at in sheet.flags else cell
            for at, cell in enumerate(row)
        ]
        for turn, row in enumerate(sheet.rows)
    ]
    return written(replace(sheet, rows=rows))


def _row_names(sheet: Sheet) -> bytes:
    lines = text_of(sheet).splitlines()
    return "\n".join([lines[0], *(f"r{turn},{line}" for turn, line in enumerate(lines[1:]))]).encode()


def _with_row_names(sheet: Sheet) -> Sheet:
    whole = _with_place(sheet)
    rows = [[f"r{turn}", *row[1:]] for turn, row in enumerate(whole.rows)]
    return replace(whole, header=["column_1", *sheet.header], rows=rows)


def _minus(form: str) -> Callable[[str], str]:
    return lambda cell: form.format(cell[1:]) if cell.startswith("-") else cell


def _odd_names(sheet: Sheet) -> Sheet:
    return sheet.rename([f"{name} (m²), #{at}/ü ☃" for at, name in enumerate(sheet.header)])


def _blank_names(sheet: Sheet) -> Sheet:
    return sheet.rename(["", *sheet.header[1:]])


def _nuls(sheet: Sheet) -> bytes:
    return text_of(sheet).replace("\n", "\n\0", 5).encode()


KINDS: dict[str, Kind] = {
    "UTF-8 with a byte order mark": Kind(lambda s: written(s, encoding="utf-8-sig")),
    "UTF-16 LE with a mark": Kind(lambda s: written(s, encoding="utf-16-le", prefix=b"\xff\xfe")),
    "UTF-16 BE with a mark": Kind(lambda s: written(s, encoding="utf-16-be", prefix=b"\xfe\xff")),
    "UTF-16 LE": Kind(lambda s: written(s, encoding="utf-16-le")),
    "UTF-16 BE": Kind(lambda s: written(s, encoding="utf-16-be")),
    "cp1252": Kind(lambda s: written(s, encoding="cp1252")),
    "Latin-1": Kind(
        lambda s: written(s.map(s.words, lambda cell: cell.replace("\u2019", "'")), encoding="latin-1"),
        lambda s: s.map(s.words, lambda cell: cell.replace("\u2019", "'")),
    ),
    "semicolons": Kind(lambda s: written(s, ";")),
    "tabs": Kind(lambda s: written(s, "\t")),
    "bars": Kind(lambda s: written(s, "|")),
    "sep= line": Kind(lambda s: b"sep=;\r\n" + written(s, ";", "\r\n")),
    "everything quoted": Kind(lambda s: written(s, quoting=csv.QUOTE_ALL)),
    "quotes, commas and line ends in cells": Kind(lambda s: written(_with_notes(s)), _with_notes),
    "quotes behind backslashes": Kind(_escaped, _with_notes),
    "blanks around cells": Kind(
        lambda s: text_of(s).replace(",", " ,  ").encode(),
    ),
    "CRLF": Kind(lambda s: written(s, newline="\r\n")),
    "CR": Kind(lambda s: written(s, newline="\r")),
    "NUL bytes": Kind(_nuls),
    "decimal commas, semicolons": Kind(_numbers(lambda cell: cell.replace(".", ","), ";")),
    "decimal commas, quoted": Kind(_numbers(lambda cell: cell.replace(".", ","))),
    "thousands 1,234.5": Kind(_numbers(grouped(",", "."))),
    "thousands 1.234,5": Kind(_numbers(grouped(".", ","), ";")),
    "thousands 1.234,5 quoted": Kind(_numbers(grouped(".", ","))),
    "thousands 1 234,5": Kind(_numbers(grouped(" ", ","), ";")),
    "thousands 1'234.5": Kind(_numbers(grouped("'", "."))),
    "thousands, no-break blanks": Kind(_numbers(grouped("\u202f", ","), "\t")),
    "$ before": Kind(_numbers(lambda cell: f"-${cell[1:]}" if cell[0] == "-" else f"${cell}")),
    "€ behind": Kind(_numbers(lambda cell: cell.replace(".", ",") + " €", ";")),
    "£ before": Kind(_numbers(lambda cell: f"£{cell}")),
    "¥ before": Kind(_numbers(lambda cell: f"¥ {cell}")),
    "USD before": Kind(_numbers(lambda cell: f"USD {cell}")),
    "EUR behind": Kind(_numbers(lambda cell: f"{cell} EUR")),
    "percent signs": Kind(_numbers(lambda cell: f"{cell}%")),
    "negatives in brackets": Kind(_numbers(_minus("({})"))),
    "minus behind": Kind(_numbers(_minus("{}-"))),
    "true minus signs": Kind(_numbers(_minus("\u2212{}"))),
    "units": Kind(_numbers(lambda cell: f"{cell} kg")),
    "units without blank": Kind(_numbers(lambda cell: f"{cell}km/h")),
    "dates 31/12/2024": Kind(_dates("%d/%m/%Y")),
    "dates 12/31/2024": Kind(_dates("%m/%d/%Y")),
    "dates 31.12.24": Kind(_dates("%d.%m.%y")),
    "dates in month names": Kind(_dates("%d %b %Y", "%B %d, %Y")),
    "dates with times": Kind(_dates("%d/%m/%Y %H:%M")),
    "dates in mixed forms": Kind(_dates("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%Y", "%d.%m.%Y %H:%M")),
    "truth words in any case": Kind(_cased_flags),
    "words for gaps": Kind(_gaps("NA", "?", "-", "n/a", "null", " "), lambda s: with_gaps(s, s.numbers)),
    "rare words for gaps": Kind(
        _gaps("unknown", "none", "#N/A", "missing"), lambda s: with_gaps(s, s.numbers)
    ),
    "a word of its own for gaps": Kind(_gaps("withheld"), lambda s: with_gaps(s, s.numbers)),
    "gaps among dates": Kind(_gaps("-", "unknown", columns="dates"), lambda s: with_gaps(s, s.dates)),
    "gaps among words": Kind(_gaps("NA", "?", "-", " ", columns="words"), lambda s: with_gaps(s, s.words)),
    "stray words among numbers": Kind(_stray("see note"), lambda s: with_gaps(s, every=60)),
    "blanks and case in the header": Kind(lambda s: written(s.rename([f"  {name} " for name in s.header]))),
    "odd characters in the header": Kind(lambda s: written(_odd_names(s)), _odd_names),
    "a blank name": Kind(lambda s: written(_blank_names(s)), _blank_names, named=False),
    "a name twice": Kind(lambda s: written(s.rename([s.header[1], *s.header[1:]])), named=False),
    "no header": Kind(lambda s: text_of(s).partition("\n")[2].encode(), named=False),
    "row names without a name": Kind(_row_names, _with_row_names),
    "title lines": Kind(_above("Report of the year 2024", "", "all figures as of today")),
    "lines of settings": Kind(_above("Station:,Berlin", "Printed:,2024-03-01", "")),
    "comment lines": Kind(_above("# exported by hand", "# two, commas, here")),
    "comment lines between rows": Kind(_spread("# page break")),
    "blank lines between rows": Kind(_spread("")),
    "header repeated": Kind(_repeated_header),
    "a total below": Kind(_total),
    "notes below": Kind(_below("", "(600 rows affected)", "Source: the city of Bonn")),
    "empty rows below": Kind(_padded_rows),
    "empty columns behind": Kind(_padded_columns),
    "rows cut short": Kind(_cut_rows, _gaps_last),
    "commas in cells without quotes": Kind(_unquoted, _with_place),
}
