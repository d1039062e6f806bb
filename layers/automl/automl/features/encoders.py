"""Choose the encoders that `scoring` runs: what is read from each column, before anything is estimated.

Only names are collected here (levels, words, pairs of columns), from the rows that may be learned from and
without a look at the target. Whatever is estimated belongs to `views` and is fitted inside each fold.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.table import BOOLEAN, DATE, NUMERIC, TEXT
from scoring.blocks import Encoders
from scoring.columns import Column
from scoring.encoders import (
    CategoryEncoder,
    DateEncoder,
    DifferenceEncoder,
    Encoder,
    LevelEncoder,
    NumberEncoder,
    PrefixEncoder,
    RotationEncoder,
    ShapeEncoder,
    TermsEncoder,
    TokenEncoder,
    prefix_of,
)
from scoring.terms import TOKEN, grams_of, words_of

MAX_LEVELS = 5_000
MIN_LEVEL_ROWS = 2
# A number with so few whole values may be a code, or a rating whose steps are not alike.
NUMBER_LEVELS = (3, 12)
# Names, tickets and addresses: their beginnings, lengths and words say more than the whole.
WIDE_LEVELS = 40
WIDE_SHARE = 0.04
MAX_PREFIXES = 60
MAX_TOKENS = 25
TOKEN_SHARE = 0.01
MIN_WORDS = 1.3
PROSE_WORDS = 5.0
PROSE_SAMPLE = 2_000
TEXT_SAMPLE = 20_000
MAX_TERMS = 15_000
MAX_WEIGHTS = 60_000
MIN_TERM_ROWS = 3
# Runs of letters are many: they are counted where texts are short enough.
MAX_GRAM_TOTAL = 4_000_000
PAIRED = (2, 30)
MAX_PAIRS = 8
MIN_CORRELATION = 0.6
PAIR_SAMPLE = 5_000
DATE_PARTS = ("days", "year", "month", "day", "day_of_year", "weekday", "hour")
CYCLED = ("month", "weekday", "hour")
LATITUDE = re.compile(r"(.*[_ ])?lat(itude)?|lattitude", re.IGNORECASE)
LONGITUDE = re.compile(r"(.*[_ ])?(lon|lng|long|longitude)|longtitude", re.IGNORECASE)
AXES = (15.0, 30.0, 45.0, 60.0, 75.0, 105.0, 120.0, 135.0, 150.0, 165.0)


def raw_columns(frame: pd.DataFrame, types: Mapping[str, str]) -> dict[str, Column]:
    """Return the columns of a frame as `scoring` takes them."""
    return {name: _raw_column(frame[name], kind) for name, kind in types.items()}


def _raw_column(series: pd.Series, kind: str) -> Column:
    if kind in {NUMERIC, BOOLEAN}:
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    if kind == DATE:
        moments = series.to_numpy(dtype="datetime64[us]")
        return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)
    levels: NDArray[np.object_] = np.array([*series.cat.categories, None], dtype=object)
    column: Column = levels[series.cat.codes.to_numpy()]
    return column


def take(columns: Mapping[str, Column], rows: NDArray[np.generic]) -> dict[str, Column]:
    """Return the raw columns of some rows."""
    return {name: column[rows] for name, column in columns.items()}


def choose_encoders(columns: Mapping[str, Column], types: Mapping[str, str], outputs: int = 1) -> Encoders:
    """Return what is read from each column.

    Parameters
    ----------
    columns
        Raw columns of the rows that may be learned from.
    types
        Type of each column.
    outputs
        How many weights a term will get.
    """
    terms = min(MAX_TERMS, MAX_WEIGHTS // outputs)
    encoders: list[Encoder] = []
    for name, kind in types.items():
        column = columns[name]
        if kind in {NUMERIC, BOOLEAN}:
            encoders += _of_number(name, column)
        elif kind == DATE:
            encoders += _of_date(name, column)
        elif kind == TEXT and _is_prose(column):
            encoders += _of_text(name, column, terms)
        else:
            encoders += _of_category(name, column)
    return Encoders([*encoders, *_differences(columns, types), *_rotations(columns, types)])


def _of_number(name: str, column: Column) -> list[Encoder]:
    values = pd.unique(column[~np.isnan(column)])
    few, many = NUMBER_LEVELS
    if few <= len(values) <= many and bool((values == np.floor(values)).all()):
        return [NumberEncoder(name), LevelEncoder(name, tuple(sorted(values.tolist())))]
    return [NumberEncoder(name)]


def _of_date(name: str, column: Column) -> list[Encoder]:
    known = {name: column[~np.isnan(column)]}
    if not len(known[name]):
        return []
    matrix = DateEncoder(name, DATE_PARTS).encode(known)
    varying = [part for part, spread in zip(DATE_PARTS, np.ptp(matrix, axis=0), strict=True) if spread > 0]
    cycled = tuple(f"{wave} {part}" for part in varying if part in CYCLED for wave in ("sin", "cos"))
    parts = DateEncoder(name, tuple(varying) or ("days",))
    return [parts, DateEncoder(name, cycled)] if cycled else [parts]


def _of_category(name: str, column: Column) -> list[Encoder]:
    counts = Counter(column.tolist())
    counts.pop(None, None)
    rows = counts.total()
    encoders: list[Encoder] = [CategoryEncoder(name, _frequent(counts, MIN_LEVEL_ROWS, MAX_LEVELS))]
    if len(counts) <= WIDE_LEVELS or len(counts) <= WIDE_SHARE * rows:
        return encoders
    encoders.append(ShapeEncoder(name))
    prefixes: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for text, times in counts.items():
        prefixes[prefix_of(text)] += times
        for word in set(TOKEN.findall(text.lower())):
            tokens[word] += times
    prefixes.pop("", None)
    frequent = _frequent(prefixes, max(3, 0.004 * rows), MAX_PREFIXES)
    if len(frequent) > 1:
        encoders.append(PrefixEncoder(name, frequent))
    if sum(len(text.split()) * times for text, times in counts.items()) > MIN_WORDS * rows:
        spoken = Counter(
            {word: n for word, n in tokens.items() if n < 0.95 * rows and word.isalpha() and len(word) > 1}
        )
        words = _frequent(spoken, max(5, TOKEN_SHARE * rows), MAX_TOKENS)
        encoders += [TokenEncoder(name, words)] if words else []
    return encoders


def _is_prose(column: Column) -> bool:
    """Return whether texts are sentences; names and addresses say more by how they begin."""
    texts = [text for text in column[:: max(1, len(column) // PROSE_SAMPLE)].tolist() if text is not None]
    return sum(len(text.split()) for text in texts) >= PROSE_WORDS * len(texts)


def _of_text(name: str, column: Column, most: int) -> list[Encoder]:
    texts = [text for text in column[:: max(1, len(column) // TEXT_SAMPLE)].tolist() if text is not None]
    encoders: list[Encoder] = [ShapeEncoder(name)]
    letters = sum(min(len(text), 600) for text in texts)
    for grams in (False, True):
        if grams and letters > MAX_GRAM_TOTAL:
            break
        split = grams_of if grams else words_of
        rows = Counter(term for text in texts for term in set(split(text)))
        terms = _frequent(rows, MIN_TERM_ROWS, most)
        encoders += [TermsEncoder(name, terms, grams)] if terms else []
    return encoders


def _frequent(counts: Counter[str], least: float, most: int) -> tuple[str, ...]:
    frequent = [value for value, rows in counts.items() if rows >= least]
    return tuple(islice(sorted(frequent, key=lambda value: (-counts[value], value)), most))


def _differences(columns: Mapping[str, Column], types: Mapping[str, str]) -> list[Encoder]:
    """Return differences of dates, and of numbers that move together: they show what adds up to what."""
    dates = [name for name, kind in types.items() if kind == DATE]
    encoders: list[Encoder] = [DifferenceEncoder(*pair) for pair in islice(combinations(dates, 2), MAX_PAIRS)]
    numbers = [name for name, kind in types.items() if kind == NUMERIC]
    least, most = PAIRED
    if not least <= len(numbers) <= most:
        return encoders
    rows = slice(None, None, max(1, len(columns[numbers[0]]) // PAIR_SAMPLE))
    sample = pd.DataFrame({name: columns[name][rows] for name in numbers})
    related = sample.corr().abs().to_numpy(na_value=0.0)
    pairs = [(related[a, b], numbers[a], numbers[b]) for a, b in combinations(range(len(numbers)), 2)]
    strong = sorted((pair for pair in pairs if pair[0] > MIN_CORRELATION), reverse=True)
    return encoders + [DifferenceEncoder(left, right) for _, left, right in strong[:MAX_PAIRS]]


def _rotations(columns: Mapping[str, Column], types: Mapping[str, str]) -> list[Encoder]:
    def named(pattern: re.Pattern[str]) -> Sequence[str]:
        return [name for name, kind in types.items() if kind == NUMERIC and pattern.fullmatch(name.strip())]

    encoders: list[Encoder] = []
    for north, east in zip(named(LATITUDE), named(LONGITUDE), strict=False):
        middle = float(np.nan_to_num(np.nanmedian(columns[north])))
        if abs(middle) < 89:
            encoders.append(RotationEncoder(north, east, float(np.cos(np.deg2rad(middle))), AXES))
    return encoders
