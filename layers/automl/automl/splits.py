"""Rows into parts that look alike."""

import numpy as np
from numpy.typing import NDArray

type IntArray = NDArray[np.int64]

NO_PART = -1
# More tell hardly more, and each is scored by every model that is served.
MAX_HELD_OUT = 25_000


def stratified_parts(y: NDArray[np.generic], parts: int, seed: int) -> IntArray:
    """Return the part of each row, so that every part has the same mix of targets.

    Rows are ordered by target, ties in random order, and of each run of ``parts`` rows one goes to
    each part. This serves classes and numbers alike. A class whose rows all fell into one part belongs
    to no part (``NO_PART``): put aside, it would be unknown to whatever learns from the others.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    runs = -(-len(y) // parts)
    deal = generator.permuted(np.tile(np.arange(parts), (runs, 1)), axis=1).ravel()[: len(y)]
    part = np.empty(len(y), dtype=np.int64)
    part[order] = deal
    if np.issubdtype(y.dtype, np.integer):
        for label in np.unique(y):
            members = y == label
            if len(np.unique(part[members])) == 1:
                part[members] = NO_PART
    return part


def holdout_mask(y: NDArray[np.generic], seed: int, share: int = 5) -> NDArray[np.bool_]:
    """Return which rows are kept away: one in ``share``, and no more than are needed to judge by."""
    share = max(share, len(y) // MAX_HELD_OUT)
    mask: NDArray[np.bool_] = stratified_parts(y, share, seed) == 0
    return mask
