"""Whether what was tuned on some folds holds on the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl.splitting.deal import NO_PART

type IntArray = NDArray[np.int64]

FOLDS = 5
MAX_ROWS = 30_000
MAX_CELLS = 600_000
# Standard errors of the mean gain that may be noise.
NOISE = 1.5


def checked_rows(y: IntArray, classes: int, parts: IntArray | None) -> tuple[IntArray, IntArray]:
    """Return rows with out-of-fold answers, as many as are needed, and a fold for each of them.

    Parameters
    ----------
    y
        Class indices.
    classes
        How many there are.
    parts
        The fold of each row, ``NO_PART`` for those without an answer; None or a single fold is dealt anew.
    """
    seen = np.arange(len(y)) if parts is None else np.flatnonzero(parts != NO_PART)
    rows = seen[:: max(1, -(-len(seen) // min(MAX_ROWS, MAX_CELLS // classes)))]
    if parts is not None and len(np.unique(parts[rows])) > 1:
        return rows, parts[rows]
    shuffled = np.random.default_rng(0).permutation(np.arange(len(rows)) % FOLDS)
    return rows, shuffled.astype(np.int64)


def holds(gains: Sequence[float], least: float = 0.0) -> bool:
    """Return whether gains on folds are more than ``least`` and more than noise, and so in most folds."""
    figures = np.array(gains)
    error = NOISE * float(figures.std(ddof=1)) / np.sqrt(len(figures))
    return float(figures.mean()) > max(error, least) and float((figures > 0).mean()) > 0.5
