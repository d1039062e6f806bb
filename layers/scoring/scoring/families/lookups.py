"""Oblivious trees that ask tables too: what CatBoost knows of categories and of their combinations.

A table holds a few small numbers, its figures, for each combination of some categories and answers to
questions. CatBoost's statistics of categories (Prokhorenkova et al. 2018, section 3) are compared with fixed
borders only, so how many borders a statistic is above says all that a tree asks of it.
"""

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError
from scoring.families.oblivious import ObliviousTrees
from scoring.families.trees import Arrays, FloatArray, read_array
from scoring.families.walks import IntArray

type KeyArray = NDArray[np.int64]

# Rows times digits, keys or figures worked out together.
BLOCK = 1 << 20
# Places of all tables together, so that a place is a whole number of 64 bits.
MAX_BITS = 60
MAX_FIGURE = 1 << 16


class Tables:
    """Figures that are looked up by keys, each made of digits.

    The key of a table is a number of mixed radix, its first digit the lowest. A digit of size ``s`` above
    zero is a category: 0 where missing, else its code plus one, ``s - 1`` at most. One of size zero is a
    question: 1 where the input, rounded to float32, is above ``low`` and not above ``high``, or where it is
    NaN and ``missing`` is set.

    Nothing is an absolute position, so the arrays of several models are joined by concatenating them.

    Parameters
    ----------
    arrays
        ``digits``, ``entries`` and ``figures`` (tables): how many of each a table has; ``digit_feature`` and
        ``digit_size`` (digits); ``question_low``, ``question_high`` and ``question_missing`` (questions, in
        order); ``entry``, the keys of each table in ascending order; ``cell``, the figures of each entry;
        ``default``, those of a key that the table lacks.

    Raises
    ------
    ModelError
        When the arrays make no tables.
    """

    def __init__(self, arrays: Arrays) -> None:
        digits, entries, figures = (
            read_array(arrays, name, np.int64) for name in ("digits", "entries", "figures")
        )
        if not digits.shape == entries.shape == figures.shape:
            raise ModelError("The tables' arrays do not fit together.")
        if any((counts < least).any() for counts, least in ((digits, 1), (entries, 0), (figures, 1))):
            raise ModelError("The tables have impossible sizes.")
        self.figures = figures
        sizes = self._read_digits(arrays, digits)
        self._read_keys(digits, sizes)
        self._read_entries(arrays, entries)
        self._read_cells(arrays, entries)

    def _read_digits(self, arrays: Arrays, digits: KeyArray) -> KeyArray:
        """Return the radix of each digit."""
        feature = read_array(arrays, "digit_feature", np.intp)
        size = read_array(arrays, "digit_size", np.int64)
        asks = np.flatnonzero(size == 0)
        low, high = (read_array(arrays, f"question_{name}", np.float32) for name in ("low", "high"))
        missing = read_array(arrays, "question_missing", np.bool_)
        if feature.shape != size.shape or size.shape != (digits.sum(),):
            raise ModelError("The tables' digits do not add up.")
        if any(array.shape != asks.shape for array in (low, high, missing)):
            raise ModelError("The tables' questions do not fit their digits.")
        # A digit that is always zero would make keys endless.
        if (feature < 0).any() or (size < 0).any() or (size == 1).any():
            raise ModelError("The tables' digits are no digits.")
        if np.isnan(low).any() or np.isnan(high).any():
            raise ModelError("The tables' questions are no questions.")
        # Many tables share a digit: each distinct one is worked out once.
        question = np.zeros((3, len(size)), dtype=np.float32)
        question[:, asks] = low, high, missing
        distinct, self._number = np.unique(np.rec.fromarrays([size, feature, *question]), return_inverse=True)
        self._feature: IntArray = np.asarray(distinct["f1"])
        # Questions sort first.
        self._questions = int((distinct["f0"] == 0).sum())
        self._last: FloatArray = np.asarray(distinct["f0"][self._questions :] - 1, dtype=np.float64)
        self._low, self._high = (np.asarray(distinct[name][: self._questions, None]) for name in ("f2", "f3"))
        self._missing: NDArray[np.bool_] = np.asarray(distinct["f4"][: self._questions, None] != 0)
        return np.where(size == 0, 2, size)

    def _read_keys(self, digits: KeyArray, sizes: KeyArray) -> None:
        """Work out what each digit counts for, and how many places each table has."""
        first = np.cumsum(digits) - digits
        # In logarithms first, which cannot overflow.
        bits = np.add.reduceat(np.log2(sizes), first) if len(digits) else np.zeros(0)
        if (bits > MAX_BITS).any() or np.exp2(bits).sum() > 2.0**MAX_BITS:
            raise ModelError("The tables' keys are too long.")
        deepest = int(digits.max(initial=0))
        self._digits = np.zeros((deepest, len(digits)), dtype=np.intp)
        self._worth = np.zeros((deepest, len(digits)), dtype=np.int64)
        span = np.ones(len(digits), dtype=np.int64)
        for place in range(deepest):
            long = np.flatnonzero(digits > place)
            here = first[long] + place
            self._digits[place, long] = self._number[here]
            self._worth[place, long] = span[long]
            span[long] *= sizes[here]
        self._span = span
        self._start: KeyArray = np.cumsum(span) - span

    def _read_entries(self, arrays: Arrays, entries: KeyArray) -> None:
        if "entry" not in arrays:
            raise ModelError("The model lacks its array 'entry'.")
        stored = np.asarray(arrays["entry"])
        if stored.ndim != 1 or stored.dtype.kind not in "ui" or len(stored) != entries.sum():
            raise ModelError("The tables' entries do not add up.")
        table = np.repeat(np.arange(len(entries)), entries)
        # What a whole number of 64 bits cannot hold becomes negative.
        entry = stored.astype(np.int64)
        if (entry < 0).any() or (entry >= self._span[table]).any():
            raise ModelError("The tables' entries are beyond their keys.")
        # Table stands behind table, so that one search serves all.
        self._places: KeyArray = entry + self._start[table]
        if (np.diff(self._places) <= 0).any():
            raise ModelError("The tables' entries are not in order.")

    def _read_cells(self, arrays: Arrays, entries: KeyArray) -> None:
        cell = read_array(arrays, "cell", np.int64)
        default = read_array(arrays, "default", np.int64)
        figures = self.figures
        if default.shape != (figures.sum(),) or cell.shape != ((entries * figures).sum(),):
            raise ModelError("The tables' cells do not fit their entries.")
        if any((array < 0).any() or (array >= MAX_FIGURE).any() for array in (cell, default)):
            raise ModelError("The tables' cells are no figures.")
        self._cell: NDArray[np.uint16] = np.concatenate([cell, default]).astype(np.uint16)
        # Of each figure: its table, where its cells begin, how far they stand apart, and its default.
        self._table = np.repeat(np.arange(len(figures)), figures)
        own = np.arange(len(self._table)) - np.repeat(np.cumsum(figures) - figures, figures)
        before = np.cumsum(entries * figures) - entries * figures
        first = (before - (np.cumsum(entries) - entries) * figures)[self._table] + own
        self._first: IntArray = first[:, None].astype(np.intp)
        self._step: IntArray = figures[self._table][:, None].astype(np.intp)
        self._default: IntArray = (len(cell) + np.arange(len(default)))[:, None]

    @property
    def width(self) -> int:
        """How many figures all tables have together."""
        return len(self._table)

    @property
    def tables(self) -> int:
        """How many tables there are."""
        return len(self.figures)

    @property
    def rows(self) -> int:
        """How many rows are best looked up together."""
        return max(1, BLOCK // max(1, self.width, self.tables, len(self._feature)))

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns that the keys need."""
        return int(self._feature.max(initial=-1)) + 1

    def look_up(self, X: FloatArray) -> NDArray[np.uint16]:
        """Return the figures of each row of X: figures x rows."""
        digits = self._answers(X)
        places = np.zeros((self.tables, len(X)), dtype=np.int64) + self._start[:, None]
        for numbers, worth in zip(self._digits, self._worth, strict=True):
            places += digits[numbers] * worth[:, None]
        found = np.searchsorted(self._places, places)
        known = found < len(self._places)
        known[known] = self._places[found[known]] == places[known]
        cells = np.where(known[self._table], found[self._table] * self._step + self._first, self._default)
        return self._cell[cells]

    def _answers(self, X: FloatArray) -> KeyArray:
        """Return the distinct digits of each row: digits x rows."""
        inputs = X.T[self._feature]
        asked, codes = inputs[: self._questions], inputs[self._questions :]
        digits = np.empty(inputs.shape, dtype=np.int64)
        with np.errstate(over="ignore"):
            single = asked.astype(np.float32)
        inside = (single > self._low) & (single <= self._high)
        digits[: self._questions] = np.where(np.isnan(single), self._missing, inside)
        codes = np.clip(codes + 1.0, 0.0, self._last[:, None])
        digits[self._questions :] = np.where(np.isnan(codes), 0.0, codes)
        return digits


class TabledTrees:
    """Oblivious trees whose levels ask inputs or figures of tables.

    Parameters
    ----------
    arrays
        Those of :class:`~scoring.families.oblivious.ObliviousTrees` and of :class:`Tables`; ``asks``
        (levels): 0 where a level asks its ``feature``, ``n`` where it asks the n-th figure of its part's
        tables; ``tables`` (parts), how many of them each part has.

    Raises
    ------
    ModelError
        When the arrays make no such trees.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._tables = Tables(arrays)
        tables = read_array(arrays, "tables", np.intp)
        depth = read_array(arrays, "depth", np.intp)
        trees = read_array(arrays, "trees", np.intp) if "trees" in arrays else np.array([len(depth)])
        if tables.shape != trees.shape or (tables < 0).any() or tables.sum() != self._tables.tables:
            raise ModelError("The trees' tables do not add up.")
        if (trees < 0).any() or trees.sum() != len(depth) or (depth < 0).any():
            raise ModelError("The trees' parts do not add up.")
        feature, asks = (read_array(arrays, name, np.intp) for name in ("feature", "asks"))
        if feature.shape != asks.shape or len(asks) != depth.sum() or (asks < 0).any() or (feature < 0).any():
            raise ModelError("The trees' questions do not fit their levels.")
        ends = np.concatenate([[0], np.cumsum(self._tables.figures)])[np.cumsum(tables)]
        most = np.diff(ends, prepend=0)
        part = np.repeat(np.repeat(np.arange(len(trees)), trees), depth)
        if (asks > most[part]).any():
            raise ModelError("The trees ask figures that no table has.")
        self._inputs = max(self._tables.inputs, int(feature[asks == 0].max(initial=-1)) + 1)
        first = ends - most
        figures = self._tables.width
        placed = np.where(asks > 0, first[part] + asks - 1, figures + feature)
        self._trees = ObliviousTrees({**arrays, "feature": placed})

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns that trees and tables need."""
        return self._inputs

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x parts x outputs."""
        rows = self._tables.rows
        blocks = [self._scores(X[start : start + rows]) for start in range(0, max(1, len(X)), rows)]
        return np.concatenate(blocks)

    def _scores(self, X: FloatArray) -> FloatArray:
        return self._trees.score(np.concatenate([self._tables.look_up(X), X.T]).T)
