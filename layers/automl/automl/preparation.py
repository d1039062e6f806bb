"""From a table to what a search takes: the target, the columns, the rows that are used, and their folds."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.checks.findings import Finding
from automl.checks.guards import choose_features, find_all
from automl.checks.target import Target, find_column, prepare_target
from automl.config import FitConfig
from automl.errors import DataError
from automl.features.encoders import choose_encoders, raw_columns, take
from automl.judging.metrics import resolve_metric
from automl.judging.weighting import class_weights
from automl.learners.base import FloatArray, Problem
from automl.searching.folds import Training, split_rows
from automl.searching.search import dealt_folds, fold_count, repeat_count
from automl.splitting.groups import merge_groups, row_copies
from automl.splitting.holdout import holdout_id, judging_rows, sample_rows
from automl.splitting.splits import Folds, make_folds
from automl.table import DATE, NUMERIC, ColumnFormat, Table
from scoring.columns import Column

# More rows than can be learned from in the time tell little more: so many for each second, at least so many.
ROWS_PER_SECOND = 5_000
LEAST_ROWS = 50_000


@dataclass(frozen=True)
class Origin:
    """Where a cleaned table came from: the table that was read, and the place of each row in it."""

    table: Table
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class Prepared:
    """What is learned from, and by which figure.

    Parameters
    ----------
    target
        Of all usable rows.
    metric, greater_is_better
        What decides, and its direction.
    dropped
        Columns that are not used, and why.
    findings
        What a user should judge.
    frame
        The columns that are used, of the rows that are learned from.
    formats
        How each of them is written.
    columns
        The same as `scoring` takes them.
    training, splits
        What the search takes.
    held_out
        The rows that choose nothing and judge what is served.
    holdout_id
        What names them, see :func:`automl.splitting.holdout.holdout_id`.
    """

    target: Target
    metric: str
    greater_is_better: bool
    dropped: dict[str, str]
    findings: list[Finding]
    frame: pd.DataFrame
    formats: dict[str, ColumnFormat]
    columns: dict[str, Column]
    training: Training
    splits: list[Folds]
    held_out: NDArray[np.int64]
    holdout_id: str | None

    @property
    def types(self) -> dict[str, str]:
        """Type of each column that is used."""
        return {name: how.type for name, how in self.formats.items()}


def prepare(table: Table, config: FitConfig, origin: Origin | None = None) -> Prepared:
    """Return what can be learned from a table.

    Parameters
    ----------
    table, config
        What to learn, and how.
    origin
        Where the table came from, if a recipe made it: by these rows the holdout is dealt.

    Raises
    ------
    DataError
        When nothing can.
    """
    target = prepare_target(table, config)
    metric, greater_is_better = resolve_metric(config.metric, target.task, target.y)
    weights = class_weights(config.class_weights, target.name, target.classes, target.y)
    names, dropped = choose_features(table, target, config.exclude, config.keep, config.group)
    findings = find_all(table, target, names, dropped, config, group=config.group, time=config.time)
    whole = table.frame.iloc[target.rows]
    formats = {name: table.formats[name] for name in names}
    types = {name: how.type for name, how in formats.items()}
    columns = raw_columns(whole[names], types)
    groups, times = _order_of_rows(table, whole, config)
    copies = None if times is not None else row_copies(columns)
    first, groups = _first_deal(table, target, config, origin, copies=copies, groups=groups, times=times)
    judging = judging_rows(first, config.seed)
    problem = Problem(len(target.classes))
    picked, sampled = _sample(first, judging, config)
    y, frame = target.y[picked], whole.iloc[picked]
    if len(picked) < len(target.y):
        columns, first = take(columns, picked), first.take(picked)
        groups = None if groups is None else groups[picked]
        times = None if times is None else times[picked]
    folds = fold_count(len(y), problem, config.budget_seconds)
    folds = first.count if folds == dealt_folds(len(target.y)) else folds
    splits = split_rows(y, folds, repeat_count(len(y)), config.seed, groups, times, first=first)
    seen = np.flatnonzero(splits[0].parts != splits[0].holdout)
    encoders = choose_encoders(take(columns, seen), types, problem.outputs)
    blocks = encoders.encode(columns, len(y))
    training = Training(
        encoders, blocks, y, target.task, target.classes, target.positive_index, groups, times, weights
    )
    rows = target.rows[judging] if origin is None else origin.rows[target.rows[judging]]
    return Prepared(
        target,
        metric,
        greater_is_better,
        dropped,
        [*findings, *sampled],
        frame[names],
        formats,
        columns,
        training,
        splits,
        np.searchsorted(picked, judging).astype(np.int64),
        holdout_id(config.data_sha256, target.name, target.task, rows),
    )


def _first_deal(
    table: Table,
    target: Target,
    config: FitConfig,
    origin: Origin | None,
    *,
    copies: NDArray[np.int64] | None,
    groups: NDArray[np.int64] | None,
    times: FloatArray | None,
) -> tuple[Folds, NDArray[np.int64] | None]:
    """Return folds of all usable rows, and the groups that later deals keep together.

    The holdout goes by the columns of the file, whatever the user excludes, keeps or cleans, so that models
    that differ in this can be compared on it. Rows that are copies only without an excluded column may then
    stand on both sides: no fold learns from copies of what it judges.
    """
    count = dealt_folds(len(target.y))
    if times is not None or copies is None:
        return make_folds(target.y, count, config.seed, groups, times), groups
    natural: NDArray[np.int64] | None = None
    if origin is not None or config.exclude or config.keep:
        natural = _natural_copies(origin or Origin(table, np.arange(len(table.frame))), target, config)
    if natural is None:
        natural = copies
    by_file, by_used = _with_copies(groups, natural), _with_copies(groups, copies)
    first = make_folds(target.y, count, config.seed, by_file)
    if natural is copies or by_used is None:
        return first, by_file
    torn = pd.Series(first.parts).groupby(copies).nunique().gt(1).any()
    return (replace(first, copies=copies) if torn else first), by_used


def _natural_copies(origin: Origin, target: Target, config: FitConfig) -> NDArray[np.int64] | None:
    """Return the copies by all columns that the engine would use if it were not told otherwise."""
    theirs = replace(target, rows=origin.rows[target.rows].astype(np.int64))
    try:
        names, _ = choose_features(origin.table, theirs, (), (), config.group)
    except DataError:
        return None
    types = {name: origin.table.formats[name].type for name in names}
    return row_copies(raw_columns(origin.table.frame.iloc[theirs.rows][names], types))


def _with_copies(groups: NDArray[np.int64] | None, copies: NDArray[np.int64]) -> NDArray[np.int64] | None:
    if len(np.unique(copies)) == len(copies):
        return groups
    return copies if groups is None else merge_groups(groups, copies)


def _sample(
    first: Folds, judging: NDArray[np.int64], config: FitConfig
) -> tuple[NDArray[np.int64], list[Finding]]:
    """Return which of the usable rows are used, and a finding if they are not all."""
    rows = len(first.parts)
    most = max(LEAST_ROWS, int(ROWS_PER_SECOND * config.budget_seconds))
    if rows <= most:
        return np.arange(rows), []
    picked = sample_rows(first, judging, most, dealt_folds(most), config.seed)
    used = len(picked)
    message = (
        f"{used:,} of {rows:,} rows were used: more cannot be learned from in {config.budget_seconds:g} s."
    )
    return picked, [Finding("sampled_rows", message, "sampled", None, {"rows": rows, "used": used})]


def _order_of_rows(
    table: Table, frame: pd.DataFrame, config: FitConfig
) -> tuple[NDArray[np.int64] | None, FloatArray | None]:
    """Return the groups or the times that the user wants rows to be split by."""
    groups = times = None
    if config.group is not None:
        column = frame[find_column(table, config.group)]
        groups = pd.factorize(column, use_na_sentinel=False)[0].astype(np.int64)
    if config.time is not None:
        name = find_column(table, config.time)
        kind = table.formats[name].type
        if kind not in {DATE, NUMERIC}:
            message = f"Rows cannot be put in order by {name!r}, which holds no dates or numbers."
            raise DataError("time_not_ordered", message)
        times = raw_columns(frame[[name]], {name: kind})[name]
    return groups, times
