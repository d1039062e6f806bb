"""What training saw of each input and of the answers, in bins, for serving to measure drift by."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.learners.base import FloatArray
from automl.table import BOOLEAN, CATEGORICAL, TEXT
from scoring.columns import Column
from scoring.drift.reference import MISSING, Bins, Reference
from scoring.inputs import Feature

type Served = Callable[[Mapping[str, Column], int], NDArray[Any]]

# Ten bins are what the index is judged by in practice; fewer where a table is wide, because the manifest is
# read at every cold start.
BINS = 10
LEAST_BINS = 4
ALL_BINS = 10_000
VALUES = 20
# A longer category counts among the others.
LONGEST_VALUE = 200
# Rows that are counted in one go.
AT_ONCE = 10_000
# Rows that the served model answers: a second or less of the largest models.
SERVED_ROWS = 2_000


def reference(
    features: Sequence[Feature],
    columns: Mapping[str, Column],
    classes: Sequence[str],
    answers: FloatArray | NDArray[np.intp],
    served: Served | None = None,
) -> Reference:
    """Return what training saw.

    Parameters
    ----------
    features
        The inputs of the model.
    columns
        Their raw columns, of the rows that were learned from.
    classes
        Those of a classifier; of a regressor none.
    answers
        Positions of the classes, or numbers, that models answered to rows that they had not learned from;
        -1, or NaN, for rows that all models learned from.
    served
        What the model that is served answers, in the form of ``answers``, to raw columns and their number of
        rows: to those that it has learned from bolder ones than models that have not, or the known ones.
    """
    share = ALL_BINS // max(1, len(features))
    most = max(LEAST_BINS, min(BINS, share))
    values = max(LEAST_BINS, min(VALUES, share))
    bins = [_bins_of(feature, columns[feature.name], most, values) for feature in features]
    # The model that answers is none of those that answered here: it does not repeat the numbers that they do.
    bins.append(_of_values(classes) if classes else _of_numbers(answers, BINS, alone=False))
    empty = Reference(tuple(features), tuple(bins[:-1]), bins[-1])
    total = np.zeros(empty.size, dtype=np.int64)
    for start in range(0, len(answers), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        total += empty.count({name: column[some] for name, column in columns.items()}, answers[some])
    counted = empty.split(total)
    counted[-1][MISSING] = 0
    filled = [replace(one, counts=tuple(counts.tolist())) for one, counts in zip(bins, counted, strict=True)]
    learned = None if served is None else _learned(filled[-1], columns, len(answers), served)
    return Reference(tuple(features), tuple(filled[:-1]), filled[-1], learned)


def _learned(bins: Bins, columns: Mapping[str, Column], rows: int, served: Served) -> tuple[int, ...]:
    """Return how many answers to some of the rows that were learned from are in each bin."""
    sample = np.linspace(0, rows - 1, min(SERVED_ROWS, rows)).astype(np.intp)
    numbers = served({name: column[sample] for name, column in columns.items()}, len(sample))
    return tuple(Reference((), (), bins).count({}, numbers).tolist())


def _bins_of(feature: Feature, column: Column, most: int, values: int) -> Bins:
    if feature.type == CATEGORICAL:
        found = Counter(column.tolist())
        found.pop(None, None)
        top = [value for value, _ in found.most_common(values) if len(value) <= LONGEST_VALUE]
        return _of_values(top, sum(count == 1 for count in found.values()))
    if feature.type == BOOLEAN:
        return _of_edges([0.0, 0.5, 1.0])
    if feature.type == TEXT:
        column = np.array([np.nan if text is None else len(text) for text in column.tolist()])
    return _of_numbers(column, most)


def _of_numbers(column: Column, most: int, *, alone: bool = True) -> Bins:
    """Return bins of about as many rows each; of few distinct numbers one for each.

    A number that has a bin's share of the rows is a bin ``alone``, so that rows moved off it are told from
    rows that have it: counts, codes and sizes that moved by a fraction would stay between the same two whole
    numbers otherwise. So there may be twice as many bins.
    """
    known = np.sort(column[np.isfinite(column)].astype(np.float64))
    if not len(known):
        return _of_edges([0.0, 0.0])
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) <= most:
        frequent, inner = distinct, distinct
    else:
        frequent = distinct[counts * most >= len(known)]
        # Numbers that occur are shorter to write than numbers between them.
        inner = np.quantile(known, np.linspace(0, 1, most + 1)[1:-1], method="lower")
    ends = np.concatenate([known[:1], inner])
    if alone:
        ends = np.concatenate([ends, frequent, np.nextafter(frequent, np.inf)])
    last = known[-1]
    ends = np.unique(ends[ends <= last] if last in frequent else ends[ends < last])
    return _of_edges([*ends.tolist(), float(last)])


def _of_edges(edges: Sequence[float]) -> Bins:
    return Bins((), edges=tuple(edges))


def _of_values(values: Sequence[str], once: int = 0) -> Bins:
    return Bins((), values=tuple(values), once=once)
