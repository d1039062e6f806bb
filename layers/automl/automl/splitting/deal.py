"""Rows dealt to parts."""

import numpy as np
from numpy.typing import NDArray

type IntArray = NDArray[np.int64]

# Rows that are learned from in every fold, and judge in none.
NO_PART = -1


def deal(keys: NDArray[np.generic], parts: int, generator: np.random.Generator) -> IntArray:
    """Return a part for each row: of each run of ``parts`` rows with like keys, one goes to each part."""
    shuffled = generator.permutation(len(keys))
    order = shuffled[np.argsort(keys[shuffled], kind="stable")]
    runs = -(-len(keys) // parts)
    dealt = generator.permuted(np.tile(np.arange(parts), (runs, 1)), axis=1).ravel()[: len(keys)]
    part = np.empty(len(keys), dtype=np.int64)
    part[order] = dealt
    return part


def lonely(y: NDArray[np.generic], part: IntArray) -> NDArray[np.generic]:
    """Return the classes whose rows all fell into one part."""
    if not np.issubdtype(y.dtype, np.integer):
        return y[:0]
    labels, codes = np.unique(y, return_inverse=True)
    lowest = np.full(len(labels), part.max())
    highest = np.full(len(labels), part.min())
    np.minimum.at(lowest, codes, part)
    np.maximum.at(highest, codes, part)
    alone: NDArray[np.generic] = labels[lowest == highest]
    return alone
