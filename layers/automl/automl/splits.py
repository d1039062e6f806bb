"""Rows into parts that look alike."""

import numpy as np
from numpy.typing import NDArray

type IntArray = NDArray[np.int64]


def stratified_parts(y: NDArray[np.generic], parts: int, seed: int) -> IntArray:
    """Return the part of each row, so that every part has the same mix of targets.

    Rows are ordered by target, ties in random order, and of each run of ``parts`` rows one goes to
    each part. This serves classes and numbers alike.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    runs = -(-len(y) // parts)
    deal = generator.permuted(np.tile(np.arange(parts), (runs, 1)), axis=1).ravel()[: len(y)]
    part = np.empty(len(y), dtype=np.int64)
    part[order] = deal
    return part


def holdout_mask(y: NDArray[np.generic], seed: int, share: int = 5) -> NDArray[np.bool_]:
    """Return which rows are kept away from the search: one in ``share``."""
    mask: NDArray[np.bool_] = stratified_parts(y, share, seed) == 0
    return mask
