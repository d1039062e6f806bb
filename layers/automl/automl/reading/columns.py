"""One column of text: find its type, turn it into values, chunk by chunk."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reading.dates import to_dates
from automl.reading.infer import are_codes, infer, is_float, tolerated
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, ColumnFormat
from scoring.files.formats import adapt
from scoring.files.words import DASHES, MISSING_AMONG_VALUES, MISSING_WORDS, TRUTHS
from scoring.files.written_dates import ISO, MONTH_FIRST, is_ordered, orders_proved
from scoring.files.written_numbers import EU, PLAIN, Texts, currencies, decimal_of, plain_numbers, to_numbers

MAX_LABELS = 200
TEXT_WORDS = 3.0
TEXT_DISTINCT_SHARE = 0.3
TEXT_DISTINCT = 50
EXAMPLES = 3


@dataclass
class ColumnBuilder:
    """Collects the values of one column.

    Parameters
    ----------
    name
        The column's name.
    delimiter
        Of the file: a semicolon makes a comma a decimal comma.
    known
        What another file told of the column: its type, and how it was written there.
    given_decimal
        The decimal sign of all numbers, if the user named it.
    hint
        The decimal sign of the file's other columns.
    as_text
        Read it as text, to decide from all of it in the end.
    format
        Found in the first chunk with values.
    """

    name: str
    delimiter: str
    known: ColumnFormat | None = None
    given_decimal: str | None = None
    hint: str | None = None
    as_text: bool = False
    format: ColumnFormat | None = None
    failed: bool = False
    day_proved: bool = False
    month_proved: bool = False
    currencies: set[str] = field(default_factory=set)
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
            self.format = self._find_format(texts, counts)
        if self.format is None:
            self.missing_words.update(text.casefold() for text in texts if text)
            self.rows += len(codes)
            return
        if not self.chunks and self.rows:
            self.chunks.append(np.full(self.rows, self._missing()))
        self.rows += len(codes)
        self.chunks.append(self._convert(texts, counts, self.format)[codes])

    def _find_format(self, texts: Texts, counts: NDArray[np.int64]) -> ColumnFormat | None:
        if self.as_text:
            return ColumnFormat(CATEGORICAL, missing_words=DASHES)
        if self.known is not None:
            return adapt(self.known, texts, self.delimiter, self.given_decimal, self.hint)
        return infer(texts, counts, self.delimiter, self.given_decimal, self.hint)

    @property
    def takes_numbers(self) -> bool:
        """Whether cells may come as numbers: all were plain so far, and their spelling is not kept."""
        how = self.format
        return (
            how is not None
            and how.type == NUMERIC
            and how.number_style in {PLAIN, EU}
            and len(self.labels) > MAX_LABELS
            and not self.unread
        )

    @property
    def decimal(self) -> str:
        """The character before the decimals."""
        return "." if self.format is None else decimal_of(self.format.number_style)

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
        if how.number_style.startswith(EU) or len(self.labels) <= MAX_LABELS or are_codes(cells):
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
        quick = (
            self._convert_plain(texts, counts) if how.number_style == PLAIN and how.type == NUMERIC else None
        )
        if quick is not None:
            return quick
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
                if self.known is not None:
                    values = np.where(np.isnan(values), _truths(folded, {"true", "false"}), values)
                unread = np.isnan(values) & ~missing
                self.failed |= self.chunks != [] and are_codes(texts[~missing])
                if how.number_style != PLAIN:
                    self.currencies |= currencies(texts)
            case "boolean":
                values = _truths(folded, TRUTHS)
                unread = np.isnan(values) & ~missing
            case "date":
                if is_ordered(how.date_format):
                    day, month = orders_proved(texts)
                    self.day_proved, self.month_proved = self.day_proved | day, self.month_proved | month
                dates = to_dates(pd.Series(texts, dtype=object).where(~missing, ""), how.date_format or ISO)
                values = dates.to_numpy(dtype="datetime64[us]")
                unread = np.isnat(values) & ~missing
            case _:
                return self._level_codes(texts, missing)
        self._note_unread(texts, counts, unread)
        if how.type != DATE:
            self._note_labels(texts, values.astype(np.float64), counts)
        return values

    def _convert_plain(self, texts: Texts, counts: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Convert texts that are nothing but plain numbers and blanks; None if they are not."""
        filled = texts != ""
        numbers = plain_numbers(texts[filled])
        if numbers is None:
            return None
        values = np.full(len(texts), np.nan)
        values[filled] = numbers
        self.present += int(counts[filled].sum())
        self.failed |= self.chunks != [] and are_codes(texts[filled])
        self._note_labels(texts, values, counts)
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
        """Return whether the chosen type, or order of day and month, did not hold for the whole column."""
        return self.failed or not tolerated(self.unread, self.present) or self._is_swapped()

    def _is_swapped(self) -> bool:
        how = self.format
        if how is None or not is_ordered(how.date_format) or self.day_proved == self.month_proved:
            return False
        return self.day_proved == str(how.date_format).startswith(MONTH_FIRST)

    def reconsider(self) -> None:
        """Type a column that was read as text from all of its values: its first ones were misleading."""
        self.as_text = False
        if self.format is None or not self.chunks:
            return
        codes = np.concatenate(self.chunks)
        texts: Texts = np.array(list(self.levels), dtype=object)
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        found = self._find_format(texts, counts)
        if found is None or found.type not in {NUMERIC, DATE, BOOLEAN}:
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


def _truths(folded: Sequence[str], words: Collection[str]) -> NDArray[np.float64]:
    return np.array([TRUTHS[text] if text in words else np.nan for text in folded], dtype=np.float64)


def _whole(values: NDArray[np.float64]) -> NDArray[np.float64] | NDArray[np.int64]:
    """Return integers where every number is one."""
    whole = values.size > 0 and bool(np.isfinite(values).all()) and bool((np.abs(values) < 2**53).all())
    return values.astype(np.int64) if whole and bool((values == np.floor(values)).all()) else values
