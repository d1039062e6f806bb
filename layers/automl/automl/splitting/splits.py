"""Rows into parts: alike in their targets, whole groups, or one after the other in time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError
from automl.splitting.deal import NO_PART, deal, lonely
from automl.splitting.groups import grouped_parts

type IntArray = NDArray[np.int64]
type FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Folds:
    """Which rows judge in each fold, and from which rows is learned for it.

    Parameters
    ----------
    parts
        The fold that a row judges in, ``NO_PART`` for those that judge in none.
    count
        How many folds there are.
    blocks
        For splits by time, the place of each row in time: fold ``i`` learns from the blocks up to ``i``.
    copies
        A number for each row, the same for copies: a fold does not learn from copies of what it judges. None
        where the parts hold whole groups of them anyway.
    """

    parts: IntArray
    count: int
    blocks: IntArray | None = None
    copies: IntArray | None = None

    @property
    def holdout(self) -> int:
        """The fold that chooses nothing: no candidate, no weight, no moment to stop."""
        return self.count - 1

    @property
    def served(self) -> list[int]:
        """The folds whose models answer: all, or in a split by time the one that learned from most."""
        return [*range(self.count)] if self.blocks is None else [self.holdout]

    def judge(self, fold: int) -> IntArray:
        """Return the rows that judge in a fold."""
        return np.flatnonzero(self.parts == fold).astype(np.int64)

    def learn(self, fold: int) -> IntArray:
        """Return the rows that are learned from in a fold."""
        seen = self.parts != fold if self.blocks is None else self.blocks <= fold
        if self.copies is not None:
            seen &= ~np.isin(self.copies, self.copies[self.parts == fold])
        return np.flatnonzero(seen).astype(np.int64)

    def take(self, rows: IntArray) -> "Folds":
        """Return the folds of some of the rows."""
        blocks = None if self.blocks is None else self.blocks[rows]
        copies = None if self.copies is None else self.copies[rows]
        return Folds(self.parts[rows], self.count, blocks, copies)

    def fewer(self, count: int) -> "Folds":
        """Return fewer folds in time: the earliest are learned from and judge no more."""
        if self.blocks is None or count >= self.count:
            return self
        late = self.count - count
        parts = np.where(self.parts < late, NO_PART, self.parts - late)
        return Folds(parts, count, np.maximum(self.blocks - late, 0), self.copies)


def make_folds(
    y: NDArray[np.generic],
    folds: int,
    seed: int,
    groups: IntArray | None = None,
    times: FloatArray | None = None,
) -> Folds:
    """Return folds for a cross-validation; another seed makes another repeat.

    Parameters
    ----------
    y
        Class indices, or numbers.
    folds
        How many; fewer where there are fewer groups or moments.
    seed
        For the deal.
    groups
        Rows of the same group are never on both sides of a fold.
    times
        Each fold judges later rows than those it learns from; missing times count as the earliest. The
        blocks are of about equal size, and rows of one moment stay together. A repeat is the same.

    Raises
    ------
    DataError
        When groups or times leave nothing to split.
    """
    _only_one(groups, times)
    if times is not None:
        return _forward(y, folds, times)
    if groups is None:
        return Folds(stratified_parts(y, folds, seed), folds)
    count = min(folds, len(np.unique(groups)))
    return Folds(grouped_parts(y, groups, count, seed), count)


def inner_rows(
    y: NDArray[np.generic],
    parts: int,
    seed: int,
    groups: IntArray | None = None,
    times: FloatArray | None = None,
) -> NDArray[np.bool_]:
    """Return which of some rows judge a model that is to see no others: about one in ``parts``.

    Whole groups, or the last rows in time, if such are given and leave both something to learn from and
    something to judge by.
    """
    mask = np.zeros(len(y), dtype=bool)
    try:
        if times is not None:
            mask = _latest(y, _moments(times), parts)
        elif groups is not None:
            mask = grouped_parts(y, groups, min(parts, len(np.unique(groups))), seed) == 0
    except DataError:
        pass
    return mask if mask.any() and not mask.all() else stratified_parts(y, parts, seed) == 0


def _only_one(groups: IntArray | None, times: FloatArray | None) -> None:
    if groups is not None and times is not None:
        raise DataError("group_and_time", "A split is either by group or by time: choose one of them.")


def _moments(times: FloatArray) -> IntArray:
    """Return the rank of each row's moment, missing ones first."""
    known = ~np.isnan(times)
    ranks = np.zeros(len(times), dtype=np.int64)
    ranks[known] = np.unique(times[known], return_inverse=True)[1] + 1
    if len(np.unique(ranks)) < 2:
        raise DataError("time_constant", "The time column has one moment only: choose another, or none.")
    return ranks


def _forward(y: NDArray[np.generic], folds: int, times: FloatArray) -> Folds:
    order = _moments(times)
    moments, starts = np.unique(np.sort(order), return_index=True)
    ends = np.append(starts[1:], len(order))
    # Each moment belongs to the block in which its last row falls; empty blocks are closed up.
    wanted = np.minimum((ends - 1) * (folds + 1) // len(order), folds)
    block_of = np.unique(wanted, return_inverse=True)[1].astype(np.int64)
    count = int(block_of[-1])
    if count == 0:
        block_of, count = (np.arange(len(moments)) > 0).astype(np.int64), 1
    blocks = block_of[np.searchsorted(moments, order)]
    if not np.issubdtype(y.dtype, np.integer):
        return Folds(blocks - 1, count, blocks)
    # A fold needs two classes to learn from, and cannot judge classes that are yet to come.
    late = sum(len(np.unique(y[blocks <= fold])) < 2 for fold in range(count))
    if late == count:
        raise DataError("time_and_classes", "The classes follow one another in time: choose no time split.")
    blocks, count = np.maximum(blocks - late, 0), count - late
    parts = blocks - 1
    for fold in range(count):
        known = np.unique(y[blocks <= fold])
        parts[(blocks == fold + 1) & ~np.isin(y, known)] = NO_PART
    return Folds(parts, count, blocks)


def _latest(y: NDArray[np.generic], order: IntArray, parts: int) -> NDArray[np.bool_]:
    """Return the last rows in time, but for those of classes that stand nowhere else."""
    border = np.sort(order)[len(order) - 1 - max(1, len(order) // parts)]
    mask: NDArray[np.bool_] = order > min(border, order.max() - 1)
    if np.issubdtype(y.dtype, np.integer):
        mask &= np.isin(y, y[~mask])
    return mask


def stratified_parts(y: NDArray[np.generic], parts: int, seed: int) -> IntArray:
    """Return the part of each row, so that every part has the same mix of targets.

    Rows are ordered by target, ties in random order, and of each run of ``parts`` rows one goes to
    each part. This serves classes and numbers alike. A class whose rows all fell into one part belongs
    to no part (``NO_PART``): put aside, it would be unknown to whatever learns from the others.
    """
    part = deal(y, parts, np.random.default_rng(seed))
    for label in lonely(y, part):
        part[y == label] = NO_PART
    return part
