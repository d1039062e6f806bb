"""Terms of texts: words, pairs of words and runs of letters, counted and weighed (tf-idf)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]

TOKEN = re.compile(r"\w+")
# What stands further back in a text is not looked at, which bounds the time that one cell can take.
MAX_WORD_CHARACTERS = 10_000
MAX_GRAM_CHARACTERS = 600
GRAM_LENGTHS = (2, 3, 4)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, and each pair of neighbours."""
    words = TOKEN.findall(text[:MAX_WORD_CHARACTERS].lower())
    return words + [f"{left} {right}" for left, right in pairwise(words)]


def grams_of(text: str) -> list[str]:
    """Return the runs of two to four letters inside each word and its edges."""
    return [
        padded[start : start + length]
        for word in text[:MAX_GRAM_CHARACTERS].lower().split()
        for padded in (f" {word} ",)
        for length in GRAM_LENGTHS
        for start in range(len(padded) - length + 1)
    ]


@dataclass(frozen=True)
class Terms:
    """Counted terms of rows, as a sparse matrix in row order.

    Parameters
    ----------
    starts
        Where each row's entries begin, and where the last one's end.
    positions
        Which term of the vocabulary an entry is.
    counts
        How often the row has it.
    """

    starts: NDArray[np.intp]
    positions: NDArray[np.intp]
    counts: FloatArray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: NDArray[np.generic]) -> "Terms":
        """Return the terms of some rows."""
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
        entries = np.repeat(self.starts[:-1][rows] - starts[:-1], lengths) + np.arange(starts[-1])
        return Terms(starts, self.positions[entries], self.counts[entries])

    @property
    def rows(self) -> NDArray[np.intp]:
        """The row of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def weighed(self, idf: FloatArray) -> FloatArray:
        """Return ``(1 + log count) * idf`` of each entry, each row scaled to length one.

        The weighting is "sublinear tf-idf" of Manning, Raghavan and Schütze (2008), section 6.4.
        """
        values = (1.0 + np.log(self.counts)) * idf[self.positions]
        lengths = np.sqrt(np.bincount(self.rows, values**2, minlength=len(self)))
        scaled: FloatArray = values / np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(self.starts))
        return scaled

    def score(self, idf: FloatArray, weights: FloatArray) -> FloatArray:
        """Return each row's weighed terms times weights (terms x outputs)."""
        rows, values = self.rows, self.weighed(idf)
        columns = [
            np.bincount(rows, values * weights[self.positions, output], minlength=len(self))
            for output in range(weights.shape[1])
        ]
        return np.stack(columns, axis=1)


def count_terms(
    column: NDArray[Any], positions: Mapping[str, int], split: Callable[[str], list[str]]
) -> Terms:
    """Return the known terms of texts; a missing text has none."""
    starts: list[int] = [0]
    found: list[int] = []
    counts: list[int] = []
    for text in column:
        row: dict[int, int] = {}
        for term in split(text) if text is not None else ():
            position = positions.get(term)
            if position is not None:
                row[position] = row.get(position, 0) + 1
        found.extend(row)
        counts.extend(row.values())
        starts.append(len(found))
    return Terms(
        np.array(starts, dtype=np.intp), np.array(found, dtype=np.intp), np.array(counts, dtype=np.float64)
    )
