"""The holdout: the same rows of a file, however long a training may take and whatever columns it uses."""

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from automl.splitting.splits import Folds

type IntArray = NDArray[np.int64]

# Of the rows that are put aside so many judge: more would tell no more, and each takes time.
MAX_HELD_OUT = 50_000


def judging_rows(folds: Folds, seed: int) -> IntArray:
    """Return the rows of the holdout that judge: all, or as many as are needed, drawn by the seed."""
    rows = folds.judge(folds.holdout)
    if len(rows) <= MAX_HELD_OUT:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MAX_HELD_OUT, replace=False))


def sample_rows(folds: Folds, judging: IntArray, most: int, parts: int, seed: int) -> IntArray:
    """Return about ``most`` of all rows: those that judge, and of the others as many as are due to each side.

    Parameters
    ----------
    folds
        Of all rows.
    judging
        From :func:`judging_rows`; all of them stay.
    most
        How many rows can be learned from in the time that there is.
    parts
        How many folds the sample is for: one of them is the holdout.
    seed
        For the draw.
    """
    generator = np.random.default_rng(seed)
    aside = np.setdiff1d(folds.judge(folds.holdout), judging)
    learned = np.flatnonzero(folds.parts != folds.holdout)
    share = most // parts
    drawn = [
        generator.choice(rows, min(len(rows), max(0, wanted)), replace=False)
        for rows, wanted in ((learned, most - share), (aside, share - len(judging)))
    ]
    picked: IntArray = np.sort(np.concatenate([judging, *drawn])).astype(np.int64)
    return picked


def holdout_id(data_sha256: str | None, target: str, task: str, rows: NDArray[np.integer]) -> str | None:
    """Return what names a holdout: models with equal ones can be compared by their figures on it.

    Parameters
    ----------
    data_sha256
        Digest of the file; without it nothing names its rows, and there is no id.
    target, task
        What is predicted.
    rows
        Numbers of the holdout's rows, counted from zero over the data rows of the file, before any recipe.

    Returns
    -------
    str or None
        SHA-256 over all of these, in hexadecimal digits.
    """
    if data_sha256 is None:
        return None
    digest = hashlib.sha256(json.dumps([data_sha256, target, task]).encode())
    digest.update(np.sort(rows).astype("<i8").tobytes())
    return digest.hexdigest()
