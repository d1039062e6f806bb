"""Fit the feature plan that `scoring` executes."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.table import BOOLEAN, DATE, NUMERIC, TEXT
from scoring.features import (
    CodeEncoder,
    Column,
    DateEncoder,
    Encoder,
    FeaturePlan,
    MissingEncoder,
    NumberEncoder,
    OneHotEncoder,
    TextEncoder,
    words_of,
)

TREE = "tree"
LINEAR = "linear"
MAX_CODES = 1000
MAX_ONE_HOT = 30
MAX_ONE_HOT_TOTAL = 400
MIN_LEVEL_ROWS = 2
MAX_WORDS = 150
MAX_WORDS_TOTAL = 600
MIN_WORD_ROWS = 5
MIN_WORD_SHARE = 0.004
TEXT_SAMPLE = 20_000
DATE_PARTS = ("days", "year", "month", "day", "day_of_year", "weekday", "hour")


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


def fit_plan(columns: Mapping[str, Column], types: Mapping[str, str], view: str) -> FeaturePlan:
    """Learn a plan from the rows it is given, and from no others.

    Parameters
    ----------
    columns
        Raw columns of the training rows.
    types
        Type of each column.
    view
        ``tree`` keeps missing numbers and writes categories as codes; ``linear`` fills and one-hot encodes.
    """
    categorical = sum(kind not in {NUMERIC, BOOLEAN, DATE, TEXT} for kind in types.values())
    one_hot = max(2, min(MAX_ONE_HOT, MAX_ONE_HOT_TOTAL // max(1, categorical)))
    words = min(MAX_WORDS, MAX_WORDS_TOTAL // max(1, list(types.values()).count(TEXT)))
    encoders: list[Encoder] = []
    for name, kind in types.items():
        column = columns[name]
        if kind in {NUMERIC, BOOLEAN}:
            encoders += _number(name, column, view)
        elif kind == DATE:
            encoders += _date(name, column, view)
        elif kind == TEXT:
            encoders.append(TextEncoder(name, _frequent_words(column, words)))
        elif view == TREE:
            encoders.append(CodeEncoder(name, _levels(column, MAX_CODES)))
        else:
            encoders.append(OneHotEncoder(name, _levels(column, one_hot)))
    return FeaturePlan(encoders)


def _number(name: str, column: Column, view: str) -> list[Encoder]:
    if view == TREE:
        return [NumberEncoder(name)]
    missing = np.isnan(column)
    fill = 0.0 if missing.all() else float(np.median(column[~missing]))
    return [NumberEncoder(name, fill), *([MissingEncoder(name)] if missing.any() else [])]


def _date(name: str, column: Column, view: str) -> list[Encoder]:
    known = column[~np.isnan(column)]
    if not known.size:
        return [MissingEncoder(name)]
    matrix = DateEncoder(name, DATE_PARTS).encode(known)
    varying = np.flatnonzero(np.ptp(matrix, axis=0) > 0)
    parts = tuple(DATE_PARTS[index] for index in varying) or ("days",)
    if view == TREE:
        return [DateEncoder(name, parts)]
    encoder = DateEncoder(name, parts)
    fills = tuple(np.median(encoder.encode(known), axis=0).tolist())
    return [DateEncoder(name, parts, fills), *([MissingEncoder(name)] if known.size < column.size else [])]


def _levels(column: Column, most: int) -> tuple[str, ...]:
    counts = Counter(column.tolist())
    counts.pop(None, None)
    frequent = [level for level, rows in counts.items() if rows >= MIN_LEVEL_ROWS]
    return tuple(sorted(frequent, key=lambda level: (-counts[level], level))[:most])


def _frequent_words(column: Column, most: int) -> tuple[str, ...]:
    texts: Sequence[str | None] = column[:: max(1, len(column) // TEXT_SAMPLE)].tolist()
    rows = Counter(word for text in texts if text is not None for word in set(words_of(text)))
    least = max(MIN_WORD_ROWS, MIN_WORD_SHARE * len(texts))
    frequent = [word for word, count in rows.items() if least <= count < 0.95 * len(texts)]
    return tuple(sorted(frequent, key=lambda word: (-rows[word], word))[:most])


def take(columns: Mapping[str, Column], rows: NDArray[np.generic]) -> dict[str, Column]:
    """Return the raw columns of some rows."""
    return {name: column[rows] for name, column in columns.items()}
