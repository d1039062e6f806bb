"""Rows that are too long because a cell holds the delimiter and is not quoted."""

from collections.abc import Sequence
from dataclasses import dataclass

from automl.reading.infer import BOOLEANS
from scoring.files.words import MISSING_AMONG_VALUES
from scoring.files.written_dates import looks_like_date
from scoring.files.written_numbers import is_number

TYPED_SHARE = 0.9
MIN_ROWS = 5
MAX_EXTRA = 5


def _is_value(cell: str) -> bool:
    text = cell.strip()
    folded = text.casefold()
    return folded in MISSING_AMONG_VALUES or folded in BOOLEANS or is_number(text) or looks_like_date(text)


@dataclass(frozen=True)
class Joiner:
    """Knows which columns hold numbers or dates, and so where the others of a long row belong.

    Parameters
    ----------
    typed
        For each column whether it holds numbers, dates or truth values only.
    """

    typed: tuple[bool, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], width: int) -> "Joiner":
        """Look at the regular ones of some rows."""
        regular = [row for row in rows if len(row) == width]
        if len(regular) < MIN_ROWS:
            return cls()
        columns = zip(*regular, strict=True)
        return cls(tuple(sum(map(_is_value, cells)) >= TYPED_SHARE * len(cells) for cells in columns))

    def join(self, row: Sequence[str], delimiter: str) -> list[str] | None:
        """Return the row with some neighbours joined, if only one way of it fits the columns, else None."""
        width, extra = len(self.typed), len(row) - len(self.typed)
        if not any(self.typed) or not 0 < extra <= MAX_EXTRA:
            return None
        # Blanks behind delimiters were dropped on reading, and in a text a comma has one.
        glue = ", " if delimiter == "," else delimiter
        ways = []
        for position in range(width):
            if self.typed[position]:
                continue
            joined = glue.join(row[position : position + extra + 1])
            whole = [*row[:position], joined, *row[position + extra + 1 :]]
            if all(_is_value(cell) for cell, typed in zip(whole, self.typed, strict=True) if typed):
                ways.append(whole)
        return ways[0] if len(ways) == 1 else None
