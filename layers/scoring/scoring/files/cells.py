"""Cells of a CSV file to raw columns, as the training read them, and why a cell gives no value."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from scoring.columns import Column, FloatArray
from scoring.files.formats import BOOLEAN, CATEGORICAL, DATE, NUMERIC, ColumnFormat, adapt
from scoring.files.words import MISSING_AMONG_VALUES, MISSING_WORDS, TRUTHS
from scoring.files.written_dates import ISO, to_seconds
from scoring.files.written_numbers import EU, Texts, plain_numbers, to_numbers
from scoring.inputs import EXPECTED, Feature

SHOWN_CELL = 50
LOGICAL_NUMBERS = frozenset({"true", "false"})


class CellFault(NamedTuple):
    """Why a cell gives no value: its row among those read, the feature, a code and a sentence."""

    row: int
    feature: str
    code: str
    message: str


def distinct_texts(cells: Iterable[str]) -> Texts:
    """Return the distinct texts of cells, without surrounding blanks, in order of appearance."""
    return np.array(list(dict.fromkeys(cell.strip() for cell in cells)), dtype=object)


class CellReader:
    """Reads the cells of one column.

    Parameters
    ----------
    feature
        What the model knows of the column.
    how
        How the file writes it, from :func:`scoring.files.formats.adapt`.
    """

    def __init__(self, feature: Feature, how: ColumnFormat) -> None:
        self.feature = feature
        self._how = how
        words = MISSING_WORDS if how.type == CATEGORICAL else MISSING_AMONG_VALUES
        self._words = words | set(how.missing_words)

    @classmethod
    def of(
        cls, feature: Feature, known: ColumnFormat, texts: Texts, delimiter: str, hint: str | None
    ) -> "CellReader":
        """Return a reader for a file of which some texts of the column are known.

        Parameters
        ----------
        feature
            What the model knows of the column.
        known
            How the training file wrote it.
        texts
            Distinct stripped texts of this file.
        delimiter
            Of the file.
        hint
            The decimal sign of the file's other columns.
        """
        return cls(feature, adapt(known, texts, delimiter, hint=hint))

    def read(self, cells: Sequence[str]) -> tuple[Column, list[CellFault]]:
        """Return the raw column, and the faults of cells that give no value."""
        if self._how.type == NUMERIC:
            numbers = self._numbers(cells)
            if numbers is not None:
                return numbers, []
        return self._by_text(cells)

    def _numbers(self, cells: Sequence[str]) -> FloatArray | None:
        """Return the numbers if all cells are plain ones, or blank where that is allowed."""
        if self._how.number_style.startswith(EU):
            return None
        numbers = plain_numbers(cells)
        if numbers is not None or not self.feature.nullable or "" not in cells:
            return numbers
        filled = plain_numbers([cell or "0" for cell in cells])
        if filled is not None:
            filled[[not cell for cell in cells]] = np.nan
        return filled

    def _by_text(self, cells: Sequence[str]) -> tuple[Column, list[CellFault]]:
        """Read each distinct text once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(cells))}
        texts: Texts = np.array([text.strip() for text in places], dtype=object)
        folded = [text.casefold() for text in texts]
        missing = np.array([text in self._words for text in folded], dtype=bool)
        values = self._values(texts, folded, missing)
        codes = np.fromiter((places[cell] for cell in cells), np.intp, len(cells))
        bad = missing & (not self.feature.nullable)
        if self._how.type != CATEGORICAL:
            bad |= np.isnan(values) & ~missing
        reasons = {
            place: self._null() if missing[place] else self._unread(texts[place])
            for place in np.flatnonzero(bad).tolist()
        }
        rows = np.flatnonzero(bad[codes]).tolist()
        faults = [CellFault(row, self.feature.name, *reasons[int(codes[row])]) for row in rows]
        return values[codes], faults

    def _values(self, texts: Texts, folded: Sequence[str], missing: np.typing.NDArray[np.bool_]) -> Column:
        present = ~missing
        values = np.full(len(texts), np.nan)
        match self._how.type:
            case "numeric":
                values[present] = to_numbers(texts[present], self._how.number_style)
                for place, text in enumerate(folded):
                    if text in LOGICAL_NUMBERS:
                        values[place] = TRUTHS[text]
            case "boolean":
                values[:] = [
                    math.nan if absent else TRUTHS.get(text, math.nan)
                    for text, absent in zip(folded, missing, strict=True)
                ]
            case "date":
                dates = to_seconds(texts[present].tolist(), self._how.date_format or ISO)
                values[:] = [
                    math.nan if absent else dates.get(text, math.nan)
                    for text, absent in zip(texts, missing, strict=True)
                ]
            case _:
                known: Column = texts.copy()
                known[missing] = None
                return known
        return values

    def _null(self) -> tuple[str, str]:
        return "null", f"Must be {EXPECTED[self.feature.type]}: training saw no missing value here."

    def _unread(self, text: str) -> tuple[str, str]:
        shown = text if len(text) <= SHOWN_CELL else text[:SHOWN_CELL] + "..."
        code = {DATE: "bad_date", BOOLEAN: "wrong_type"}.get(self._how.type, "not_a_number")
        if code == "not_a_number" and _is_too_large(text):
            return "not_finite", f"Must be a finite number, not {shown!r}."
        return code, f"Must be {EXPECTED[self.feature.type]}, not {shown!r}."


def _is_too_large(text: str) -> bool:
    try:
        return math.isinf(float(text))
    except ValueError:
        return False
