"""One column of text: find its type, turn it into values, chunk by chunk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.dates import ISO, best_format, to_dates
from automl.numbers import Texts, best_style, plain_numbers, to_numbers
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, ColumnFormat

# Never a category of meaning.
MISSING_WORDS = frozenset(
    {
        "",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "-nan",
        "null",
        "<na>",
        "nat",
        "?",
        "#value!",
        "#div/0!",
        "#ref!",
        "#null!",
        "#name?",
    }
)
# Missing among numbers and dates, but a possible category among words.
MISSING_AMONG_VALUES = MISSING_WORDS | {
    "-", "--", "---", ".", "..", "none", "nil", "unknown", "missing", "n.a.", "undefined", "not available",
    "inf", "-inf", "+inf", "infinity", "-infinity",
}  # fmt: skip
DASHES = ("-", "--", "---", ".", "..")
BOOLEANS = {"true": 1.0, "false": 0.0}
TOLERATED_SHARE = 0.03
TOLERATED_ONE_FROM = 10
EXACT_DIGITS = 15
MAX_LABELS = 200
TEXT_WORDS = 3.0
TEXT_DISTINCT_SHARE = 0.3
TEXT_DISTINCT = 50
EXAMPLES = 3


def tolerated(bad: int, total: int) -> bool:
    """Return whether so few cells are unreadable that they count as missing."""
    return bad == 0 or bad <= max(TOLERATED_SHARE * total, 1 if total >= TOLERATED_ONE_FROM else 0)


def infer(
    texts: Texts, counts: NDArray[np.int64], delimiter: str, decimal: str | None = None
) -> ColumnFormat | None:
    """Return how to read distinct texts (stripped) that occur so many times, or None if all are missing."""
    folded = [text.casefold() for text in texts]
    if all(text in MISSING_WORDS for text in folded):
        return None
    present = np.array([text not in MISSING_AMONG_VALUES for text in folded])
    candidates, weights = texts[present], counts[present]
    total = int(weights.sum())
    if not total:
        return ColumnFormat(CATEGORICAL)
    if all(text.casefold() in BOOLEANS for text in candidates):
        return ColumnFormat(BOOLEAN)
    if not _are_codes(candidates):
        style, numbers = best_style(candidates, delimiter, decimal)
        if tolerated(int(weights[np.isnan(numbers)].sum()), total):
            return ColumnFormat(NUMERIC, number_style=style)
    written = pd.Series(candidates, dtype=object)
    date_format = best_format(written)
    if date_format is not None:
        unread = to_dates(written, date_format).isna().to_numpy(dtype=bool)
        if tolerated(int(weights[unread].sum()), total):
            return ColumnFormat(DATE, date_format=date_format)
    # Beside words a dash is a gap; beside signs it is one of them.
    dashes = DASHES if any(character.isalnum() for text in candidates for character in text) else ()
    return ColumnFormat(CATEGORICAL, missing_words=dashes)


def _are_codes(texts: Iterable[str]) -> bool:
    """Return whether digits are codes: with leading zeros, or too long for an exact number."""
    return any(
        (text[0] == "0" or len(text) > EXACT_DIGITS) and len(text) > 1 and text.isdigit()
        for text in texts
        if text
    )


def is_float(word: str) -> bool:
    """Return whether Python reads the text as a number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


@dataclass
class ColumnBuilder:
    """Collects the values of one column.

    Parameters
    ----------
    name
        The column's name.
    delimiter
        Of the file: a semicolon makes a comma a decimal comma.
    format
        Given, or found in the first chunk with values.
    given_decimal
        The decimal sign of all numbers, if the user named it.
    """

    name: str
    delimiter: str
    format: ColumnFormat | None = None
    given_decimal: str | None = None
    failed: bool = False
    rows: int = 0
    present: int = 0
    unread: int = 0
    unread_examples: list[str] = field(default_factory=list)
    missing_words: set[str] = field(default_factory=set)
    labels: dict[float, str] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)
    chunks: list[NDArray[Any]] = field(default_factory=list)

    def add(self, cells: Sequence[str]) -> None:
        """Convert and keep a chunk of cells."""
        if self.format is not None and self.format.type == NUMERIC and self._add_numbers(cells, self.format):
            return
        codes, distinct = pd.factorize(np.array(cells, dtype=object))
        self.add_levels(codes, distinct)

    def add_levels(self, codes: NDArray[np.intp], distinct: Texts) -> None:
        """Convert and keep a chunk of cells, given as codes into distinct texts."""
        texts: Texts = np.array([text.strip() for text in distinct], dtype=object)
        counts = np.bincount(codes, minlength=len(texts))
        if self.format is None:
            self.format = infer(texts, counts, self.delimiter, self.given_decimal)
        if self.format is None:
            self.missing_words.update(text.casefold() for text in texts if text)
            self.rows += len(codes)
            return
        if not self.chunks and self.rows:
            self.chunks.append(np.full(self.rows, self._missing()))
        self.rows += len(codes)
        self.chunks.append(self._convert(texts, counts, self.format)[codes])

    @property
    def takes_numbers(self) -> bool:
        """Whether cells may come as numbers: all were plain so far, and their spelling is not kept."""
        how = self.format
        return (
            how is not None
            and how.type == NUMERIC
            and how.number_style != "us"
            and len(self.labels) > MAX_LABELS
            and not self.unread
        )

    @property
    def decimal(self) -> str:
        """The character before the decimals."""
        return "," if self.format is not None and self.format.number_style == "eu" else "."

    def absent_spellings(self) -> list[str]:
        """Return how a missing number may be written: what was met so far, and nothing."""
        known = {*self.missing_words, *(self.format.missing_words if self.format else ())}
        words = {spelt for word in known for spelt in (word, word.upper(), word.title())}
        # What float() understands, like nan, would hide numbers that are none.
        return ["", *sorted(word for word in words if not is_float(word))]

    def add_numbers(self, numbers: NDArray[np.float64]) -> None:
        """Keep a chunk of plain numbers and of cells of :meth:`absent_spellings`, which are NaN."""
        self.rows += len(numbers)
        self.present += int(np.isfinite(numbers).sum())
        self.chunks.append(numbers)

    def _add_numbers(self, cells: Sequence[str], how: ColumnFormat) -> bool:
        """Keep a chunk that is nothing but plain numbers, and return whether it was."""
        if how.number_style == "eu" or len(self.labels) <= MAX_LABELS or _are_codes(cells):
            return False
        numbers = plain_numbers(cells)
        if numbers is None:
            return False
        self.add_numbers(numbers)
        return True

    def _missing(self) -> float | int | np.datetime64:
        match self.format.type if self.format else CATEGORICAL:
            case "numeric" | "boolean":
                return np.nan
            case "date":
                return np.datetime64("NaT", "us")
            case _:
                return -1

    def _convert(self, texts: Texts, counts: NDArray[np.int64], how: ColumnFormat) -> NDArray[Any]:
        words = MISSING_WORDS if how.type in {CATEGORICAL, TEXT} else MISSING_AMONG_VALUES
        words |= set(how.missing_words)
        folded = [text.casefold() for text in texts]
        missing = np.array([text in words for text in folded], dtype=bool)
        self.missing_words.update(
            text for text, absent in zip(folded, missing, strict=True) if absent and text
        )
        self.present += int(counts[~missing].sum())
        values: NDArray[Any]
        match how.type:
            case "numeric":
                values = np.full(len(texts), np.nan)
                values[~missing] = to_numbers(texts[~missing], how.number_style)
                unread = np.isnan(values) & ~missing
                self.failed |= self.chunks != [] and _are_codes(texts[~missing])
            case "boolean":
                values = np.array([BOOLEANS.get(text, np.nan) for text in folded])
                unread = np.isnan(values) & ~missing
            case "date":
                dates = to_dates(pd.Series(texts, dtype=object).where(~missing, ""), how.date_format or ISO)
                values = dates.to_numpy(dtype="datetime64[us]")
                unread = np.isnat(values) & ~missing
            case _:
                return self._level_codes(texts, missing)
        self._note_unread(texts, counts, unread)
        if how.type != DATE:
            self._note_labels(texts, values.astype(np.float64), counts)
        return values

    def _level_codes(self, texts: Texts, missing: NDArray[np.bool_]) -> NDArray[np.int32]:
        levels = self.levels
        known = (
            -1 if absent else levels.setdefault(text, len(levels))
            for text, absent in zip(texts, missing, strict=True)
        )
        return np.fromiter(known, np.int32, len(texts))

    def _note_unread(self, texts: Texts, counts: NDArray[np.int64], unread: NDArray[np.bool_]) -> None:
        if unread.any():
            self.unread += int(counts[unread].sum())
            self.unread_examples = [*self.unread_examples, *(text[:50] for text in texts[unread])][:EXAMPLES]

    def _note_labels(self, texts: Texts, values: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        if len(self.labels) <= MAX_LABELS:
            for position in np.argsort(-counts, kind="stable")[: MAX_LABELS + 1]:
                if not np.isnan(values[position]):
                    self.labels.setdefault(float(values[position]), texts[position])

    def needs_text(self) -> bool:
        """Return whether the chosen type did not hold for the whole column."""
        return self.failed or not tolerated(self.unread, self.present)

    def reconsider(self) -> None:
        """Type a column that was read as text from all of its values: its first ones were misleading."""
        if self.format is None or self.format.type != CATEGORICAL or not self.chunks:
            return
        codes = np.concatenate(self.chunks)
        texts: Texts = np.array(list(self.levels), dtype=object)
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        found = infer(texts, counts, self.delimiter, self.given_decimal)
        if found is None or found.type not in {NUMERIC, DATE}:
            return
        self.format, self.present, self.chunks = found, 0, []
        values = self._convert(texts, counts, found)
        self.chunks = [np.append(values, np.array([self._missing()], dtype=values.dtype))[codes]]

    def build(self) -> tuple[pd.Series, ColumnFormat]:
        """Return the typed column and how it was read."""
        how = self.format or ColumnFormat(CATEGORICAL)
        values: NDArray[Any] = np.concatenate(self.chunks or [np.full(self.rows, -1, dtype=np.int32)])
        self.chunks = []
        words = self.missing_words | (
            set(how.missing_words) - set(DASHES) if how.type == CATEGORICAL else set(how.missing_words)
        )
        how = replace(how, missing_words=tuple(sorted(words)))
        match how.type:
            case "numeric":
                return pd.Series(_whole(values), name=self.name), how
            case "boolean":
                flags = pd.array(values == 1.0, dtype="boolean")
                flags[np.isnan(values)] = pd.NA
                return pd.Series(flags, name=self.name), how
            case "date":
                return pd.Series(values, name=self.name), how
        categories = pd.Categorical.from_codes(values, categories=pd.Index(list(self.levels), dtype=object))
        if how.type == CATEGORICAL and self._is_text():
            how = replace(how, type=TEXT)
        return pd.Series(categories, name=self.name), how

    def _is_text(self) -> bool:
        distinct = len(self.levels)
        if distinct < TEXT_DISTINCT or distinct < TEXT_DISTINCT_SHARE * self.present:
            return False
        sample = list(self.levels)[:1000]
        return sum(len(text.split()) for text in sample) / len(sample) >= TEXT_WORDS


def _whole(values: NDArray[np.float64]) -> NDArray[np.float64] | NDArray[np.int64]:
    """Return integers where every number is one."""
    whole = values.size > 0 and bool(np.isfinite(values).all()) and bool((np.abs(values) < 2**53).all())
    return values.astype(np.int64) if whole and bool((values == np.floor(values)).all()) else values
