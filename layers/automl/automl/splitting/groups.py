"""Rows that belong together: dealt as whole groups, found as copies of each other."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from automl.errors import DataError
from automl.splitting.deal import NO_PART, deal, lonely

type IntArray = NDArray[np.int64]
type FloatArray = NDArray[np.float64]

# So many groups are dealt one by one, the largest first; the rest are small enough to be dealt in runs.
GREEDY_GROUPS = 2000
STRATA = 10
# A row that stands in more than this share of the table is a frequent case, not a copy.
MAX_COPIES_SHARE = 0.05
MAX_COPIES = 10
MIX = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(32)


def grouped_parts(y: NDArray[np.generic], groups: IntArray, parts: int, seed: int) -> IntArray:
    """Return the part of each row, whole groups in one part, the parts as alike as the groups permit.

    The largest groups are dealt first, each to the part that it unbalances least; small ones in runs of equal
    size and target; single rows fill up what is missing. A class that fell into one part stays among the rows
    to learn from, with its groups.

    Raises
    ------
    DataError
        When too little is left to judge by, because classes and groups coincide.
    """
    generator = np.random.default_rng(seed)
    strata = _strata(y)
    ids, first, unit, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    part_of = np.full(len(ids), NO_PART, dtype=np.int64)
    mix = np.zeros((parts, int(strata.max()) + 1))
    several = np.flatnonzero(sizes > 1)
    several = several[np.argsort(-sizes[several], kind="stable")]
    large, small = several[:GREEDY_GROUPS], several[GREEDY_GROUPS:]
    by_group = np.argsort(unit, kind="stable")
    ends = np.cumsum(sizes)
    for group in large:
        members = np.bincount(
            strata[by_group[ends[group] - sizes[group] : ends[group]]], minlength=mix.shape[1]
        )
        # Adding to a part raises the sum of squares by this much: least where its targets are rarest.
        strain = ((mix + members) ** 2 - mix**2).sum(axis=1) + 1e-9 * generator.random(parts)
        part_of[group] = int(strain.argmin())
        mix[part_of[group]] += members
    part_of[small] = deal(sizes[small] * mix.shape[1] + strata[first[small]], parts, generator)
    rows: IntArray = part_of[unit]
    dealt = rows != NO_PART
    mix[:] = 0
    np.add.at(mix, (rows[dealt], strata[dealt]), 1)
    single = np.flatnonzero(sizes == 1)
    for stratum in range(mix.shape[1]):
        mine = generator.permutation(single[strata[first[single]] == stratum])
        part_of[mine] = _fill_up(mix[:, stratum], len(mine), generator)
    rows = part_of[unit]
    alone = np.isin(y, lonely(y, rows))
    rows[np.isin(groups, groups[alone])] = NO_PART
    if 2 * int((rows == NO_PART).sum()) > len(rows):
        raise DataError(
            "too_few_groups", "Most classes stand in one group only: choose another group column, or none."
        )
    return rows


def _strata(y: NDArray[np.generic]) -> IntArray:
    """Return classes as codes, numbers as tenths by rank."""
    if np.issubdtype(y.dtype, np.integer):
        codes: IntArray = np.unique(y, return_inverse=True)[1].astype(np.int64)
        return codes
    ranks = np.argsort(np.argsort(y, kind="stable"), kind="stable")
    strata: IntArray = (ranks * STRATA // len(y)).astype(np.int64)
    return strata


def _fill_up(have: FloatArray, more: int, generator: np.random.Generator) -> IntArray:
    """Return parts for ``more`` rows, so that the parts end as equal as possible."""
    order = np.argsort(have + generator.random(len(have)) / 2, kind="stable")
    level = have[order]
    # The rows needed to lift the first k parts to the level of the next one.
    needed = np.arange(1, len(level)) * level[1:] - np.cumsum(level)[:-1]
    lifted = 1 + int(np.searchsorted(needed, more, side="right"))
    height, rest = divmod(int(level[:lifted].sum()) + more, lifted)
    counts = np.full(lifted, height) - level[:lifted].astype(np.int64)
    counts[:rest] += 1
    filled: IntArray = np.repeat(order[:lifted], np.maximum(counts, 0))[:more].astype(np.int64)
    return filled


def equal_rows(columns: Mapping[str, NDArray[Any]]) -> IntArray:
    """Return a number for each row, from 0 on, the same for rows that are equal in all columns.

    Rows are compared by hashes of 64 bits.

    Parameters
    ----------
    columns
        Raw columns: floats with NaN, or objects that are ``str`` or None.
    """
    hashes = np.zeros(len(next(iter(columns.values()))), dtype=np.uint64)
    for column in columns.values():
        hashes ^= _bits(column)
        hashes *= MIX
        hashes ^= hashes >> SHIFT
    return pd.factorize(hashes)[0].astype(np.int64)


def row_copies(columns: Mapping[str, NDArray[Any]]) -> IntArray:
    """Return a group for each row, the same for copies: rows that are equal in all columns.

    Repeats are no copies, and get groups of their own, where the columns have half as many combinations as
    there are rows or fewer (so that they are bound to repeat), and where one case fills a twentieth of the
    table.

    Parameters
    ----------
    columns
        Raw columns: floats with NaN, or objects that are ``str`` or None.
    """
    ids = equal_rows(columns)
    rows = len(ids)
    own = np.arange(rows, dtype=np.int64)
    sizes = np.bincount(ids)
    if len(sizes) == rows or 2 * _combinations(columns, rows) <= rows:
        return own
    frequent = sizes > max(MAX_COPIES, MAX_COPIES_SHARE * rows)
    copies: IntArray = np.where(frequent[ids], len(sizes) + own, ids)
    return copies


def _bits(column: NDArray[Any]) -> NDArray[np.uint64]:
    if column.dtype == object:
        return pd.factorize(column)[0].astype(np.int64).view(np.uint64)
    # Adding zero makes -0.0 and 0.0 the same; every NaN gets the same bits.
    numbers = column.astype(np.float64) + 0.0
    numbers[np.isnan(numbers)] = np.nan
    return numbers.view(np.uint64)


def _combinations(columns: Mapping[str, NDArray[Any]], enough: int) -> float:
    """Return how many different rows the values could make, or more than enough."""
    product = 1.0
    for column in columns.values():
        product *= max(1, len(pd.unique(column)))
        if product > enough:
            break
    return product


def merge_groups(first: IntArray, second: IntArray) -> IntArray:
    """Return the finest groups that keep together what either of two groupings does."""
    left = np.unique(first, return_inverse=True)[1]
    right = np.unique(second, return_inverse=True)[1] + int(left.max()) + 1
    nodes = int(right.max()) + 1
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(nodes, nodes))
    components: IntArray = connected_components(links, directed=False)[1][left].astype(np.int64)
    return components
