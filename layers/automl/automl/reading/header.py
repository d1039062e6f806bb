"""Whether the first row of a file is its header, and how sure that is."""

from collections.abc import Sequence

from automl.reading.infer import BOOLEANS, is_float
from scoring.files.words import MISSING_AMONG_VALUES
from scoring.files.written_dates import looks_like_date
from scoring.files.written_numbers import is_number

TYPED_SHARE = 0.9
MIN_ROWS_OF_WORDS = 10
SURE, LIKELY, GUESS = 0.99, 0.8, 0.6


def find_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[bool, float]:
    """Return whether the first row holds names, and how sure that is.

    Parameters
    ----------
    first
        The first row.
    body
        Some rows below it.
    """
    if not body:
        return True, GUESS
    columns = [
        [row[position].strip() for row in body if position < len(row)] for position in range(len(first))
    ]
    typed = [position for position, cells in enumerate(columns) if _is_typed(cells)]
    names = [first[position].strip() for position in typed]
    if not typed:
        return _among_words(first, columns)
    present = [name for name in names if name.casefold() not in MISSING_AMONG_VALUES]
    values = [name for name in present if _is_value(name)]
    if len(values) < len(present) or not values:
        # A word above a column of numbers is its name.
        return True, SURE if present and not values else GUESS
    if _are_years(values) or (len(first) > 2 and [cell.strip() for cell in first] == _counted(len(first))):
        return True, LIKELY
    return False, SURE if len(typed) == len(first) else LIKELY


def _is_value(text: str) -> bool:
    return is_float(text) or is_number(text) or looks_like_date(text) or text.casefold() in BOOLEANS


def _is_typed(cells: list[str]) -> bool:
    present = [cell for cell in cells if cell.casefold() not in MISSING_AMONG_VALUES]
    return bool(present) and sum(map(_is_value, present)) >= TYPED_SHARE * len(present)


def _among_words(first: Sequence[str], columns: list[list[str]]) -> tuple[bool, float]:
    """Return whether words above words are names: they are not if each is one of the words below it."""
    rows = len(columns[0])
    repeated = all(cell.strip() and cell.strip() in cells for cell, cells in zip(first, columns, strict=True))
    if rows >= MIN_ROWS_OF_WORDS and len(first) > 1 and repeated:
        return False, LIKELY
    return True, GUESS


def _are_years(texts: list[str]) -> bool:
    return all(text.isdecimal() and 1900 <= int(text) <= 2100 for text in texts) and len(set(texts)) == len(
        texts
    )


def _counted(width: int) -> list[str]:
    """Return the names that pandas writes for columns without names."""
    return [str(number) for number in range(width)]
