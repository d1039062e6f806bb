"""The type of a column, from the distinct texts in it and how often each occurs."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reading.dates import to_dates
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, ColumnFormat
from scoring.files.words import DASHES, MISSING_AMONG_VALUES, MISSING_WORDS, has_words
from scoring.files.written_dates import best_format
from scoring.files.written_numbers import Numbers, Texts, best_style, may_be_grouped, plain_numbers

BOOLEANS = {"true": 1.0, "false": 0.0}
TOLERATED_SHARE = 0.03
TOLERATED_ONE_FROM = 10
EXACT_DIGITS = 15
# So few words, beside so many different numbers in so large a share of the cells, mean "missing".
MAX_GAP_WORDS = 3
MIN_NUMBERS = 20
MIN_NUMBER_SHARE = 0.5


def tolerated(bad: int, total: int) -> bool:
    """Return whether so few cells are unreadable that they count as missing."""
    return bad == 0 or bad <= max(TOLERATED_SHARE * total, 1 if total >= TOLERATED_ONE_FROM else 0)


def infer(
    texts: Texts,
    counts: NDArray[np.int64],
    delimiter: str,
    decimal: str | None = None,
    hint: str | None = None,
) -> ColumnFormat | None:
    """Return how to read a column, or None if all of it is missing.

    Parameters
    ----------
    texts
        Its distinct texts, stripped.
    counts
        How often each occurs.
    delimiter
        Of the file.
    decimal
        The decimal sign, where the user gave it.
    hint
        The decimal sign of the file's other columns.
    """
    if decimal != "," and _are_plain(texts[texts != ""]):
        return ColumnFormat(NUMERIC)
    folded = [text.casefold() for text in texts]
    if all(text in MISSING_WORDS for text in folded):
        return None
    present = np.array([text not in MISSING_AMONG_VALUES for text in folded])
    candidates, weights = texts[present], counts[present]
    total = int(weights.sum())
    if all(text.casefold() in BOOLEANS for text in candidates):
        return ColumnFormat(BOOLEAN if total else CATEGORICAL)
    if not are_codes(candidates):
        style, numbers = best_style(candidates, delimiter, decimal, hint=hint)
        is_read = tolerated(int(weights[np.isnan(numbers)].sum()), total)
        gaps = () if is_read else _gap_words(candidates, weights, numbers)
        if is_read or gaps:
            return ColumnFormat(NUMERIC, number_style=style, missing_words=gaps)
    written = pd.Series(candidates, dtype=object)
    date_format = best_format(candidates)
    if date_format is not None:
        unread = to_dates(written, date_format).isna().to_numpy(dtype=bool)
        if tolerated(int(weights[unread].sum()), total):
            return ColumnFormat(DATE, date_format=date_format)
    return ColumnFormat(CATEGORICAL, missing_words=DASHES if has_words(candidates) else ())


def _are_plain(texts: Texts) -> bool:
    """Return whether texts are plain numbers without doubt."""
    numbers = plain_numbers(texts) if len(texts) else None
    return numbers is not None and not may_be_grouped(texts) and not are_codes(texts)


def _gap_words(texts: Texts, counts: NDArray[np.int64], numbers: Numbers) -> tuple[str, ...]:
    """Return the words that stand where numbers are not known."""
    unread = np.isnan(numbers)
    words = [text for text in texts[unread] if not any(character.isdigit() for character in text)]
    enough = counts[~unread].sum() >= MIN_NUMBER_SHARE * counts.sum() and (~unread).sum() >= MIN_NUMBERS
    few = len({word.casefold() for word in words}) <= MAX_GAP_WORDS and len(words) == unread.sum()
    return tuple(sorted({word.casefold() for word in words})) if enough and few else ()


def are_codes(texts: Iterable[str]) -> bool:
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
