"""The type of a column, from the distinct texts in it and how often each occurs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.reading.dates import best_format, to_dates
from automl.reading.numbers import Numbers, Texts, best_style, decimal_votes, may_be_grouped, plain_numbers
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, ColumnFormat

# Never a category of meaning.
MISSING_WORDS = frozenset(
    {
        "", "na", "n/a", "#n/a", "#n/a n/a", "n.a.", "n.a", "nan", "-nan", "null", "(null)", "[null]",
        "\\n", "<na>", "nat", "(blank)", "<none>", "?", "??", "???", "#value!", "#div/0!", "#ref!",
        "#null!", "#name?", "#num!", "1.#qnan", "-1.#ind", "1.#ind",
    }
)  # fmt: skip
# Missing among numbers and dates, but a possible category among words.
MISSING_AMONG_VALUES = MISSING_WORDS | {
    "-", "--", "---", ".", "..", "...", "*", "\u2013", "\u2014", "none", "nil", "unknown", "missing",
    "undefined", "not available", "not applicable", "no data", "tbd", "inf", "-inf", "+inf", "infinity",
    "-infinity",
}  # fmt: skip
DASHES = ("-", "--", "---", ".", "..", "...", "\u2013", "\u2014")
BOOLEANS = {"true": 1.0, "false": 0.0}
TOLERATED_SHARE = 0.03
TOLERATED_ONE_FROM = 10
EXACT_DIGITS = 15
# So few words, beside so many different numbers in so large a share of the cells, mean "missing".
MAX_GAP_WORDS = 3
MIN_NUMBERS = 20
MIN_NUMBER_SHARE = 0.5
HINT_TEXTS = 300


def tolerated(bad: int, total: int) -> bool:
    """Return whether so few cells are unreadable that they count as missing."""
    return bad == 0 or bad <= max(TOLERATED_SHARE * total, 1 if total >= TOLERATED_ONE_FROM else 0)


def file_decimal(columns: Iterable[Sequence[str] | Texts]) -> str | None:
    """Return the decimal sign that a file's columns agree on, None if they do not or none shows it."""
    points = commas = 0
    for column in columns:
        point, comma = decimal_votes([text.strip() for text in column[:HINT_TEXTS]])
        points += point > comma
        commas += comma > point
    if points and commas:
        return None
    return "." if points else "," if commas else None


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
    date_format = best_format(written)
    if date_format is not None:
        unread = to_dates(written, date_format).isna().to_numpy(dtype=bool)
        if tolerated(int(weights[unread].sum()), total):
            return ColumnFormat(DATE, date_format=date_format)
    return ColumnFormat(CATEGORICAL, missing_words=DASHES if _has_words(candidates) else ())


def adapt(
    known: ColumnFormat, texts: Texts, delimiter: str, decimal: str | None = None, hint: str | None = None
) -> ColumnFormat:
    """Return how to read a column whose type is known from another file, which may be written differently."""
    gaps = MISSING_AMONG_VALUES | set(known.missing_words)
    present = texts[np.array([text.casefold() not in gaps for text in texts], dtype=bool)]
    if not len(present):
        return known
    if known.type == NUMERIC:
        style, _ = best_style(present, delimiter, decimal, hint=hint, prior=known.number_style)
        return replace(known, number_style=style)
    if known.type == DATE:
        return replace(known, date_format=best_format(pd.Series(present, dtype=object), known.date_format))
    if known.type in {CATEGORICAL, TEXT} and _has_words(present):
        return replace(known, missing_words=(*known.missing_words, *DASHES))
    return known


def _are_plain(texts: Texts) -> bool:
    """Return whether texts are plain numbers without doubt."""
    numbers = plain_numbers(texts) if len(texts) else None
    return numbers is not None and not may_be_grouped(texts) and not are_codes(texts)


def _has_words(texts: Iterable[str]) -> bool:
    """Return whether a dash is a gap: beside words it is, beside signs it is one of them."""
    return any(character.isalnum() for text in texts for character in text)


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
