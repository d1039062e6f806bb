"""From a table to what a search takes: the target, the columns, the rows that are used, and their folds."""

from dataclasses import dataclass

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
from automl.learners.base import FloatArray, Problem
from automl.searching.folds import Training, split_rows
from automl.searching.search import fold_count, repeat_count
from automl.splitting.groups import merge_groups, row_copies
from automl.splitting.splits import Folds
from automl.table import DATE, NUMERIC, ColumnFormat, Table
from scoring.features import Column

# More rows than can be learned from in the time tell little more: so many for each second, at least so many.
ROWS_PER_SECOND = 5_000
LEAST_ROWS = 50_000


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

    @property
    def types(self) -> dict[str, str]:
        """Type of each column that is used."""
        return {name: how.type for name, how in self.formats.items()}

    @property
    def held_out(self) -> NDArray[np.int64]:
        """The rows that choose nothing."""
        return self.splits[0].judge(self.splits[0].holdout)


def prepare(table: Table, config: FitConfig) -> Prepared:
    """Return what can be learned from a table.

    Raises
    ------
    DataError
        When nothing can.
    """
    target = prepare_target(table, config)
    metric, greater_is_better = resolve_metric(config.metric, target.task, target.y)
    names, dropped = choose_features(table, target, config.exclude, config.keep, config.group)
    findings = find_all(table, target, names, dropped, config, group=config.group, time=config.time)
    picked, sampled = _sample(len(target.rows), config)
    y, frame = target.y[picked], table.frame.iloc[target.rows[picked]]
    formats = {name: table.formats[name] for name in names}
    types = {name: how.type for name, how in formats.items()}
    columns = raw_columns(frame[names], types)
    groups, times = _order_of_rows(table, frame, config)
    copies = row_copies(columns)
    if times is None and len(np.unique(copies)) < len(copies):
        groups = copies if groups is None else merge_groups(groups, copies)
    problem = Problem(len(target.classes))
    folds = fold_count(len(y), problem, config.budget_seconds)
    splits = split_rows(y, folds, repeat_count(len(y)), config.seed, groups, times)
    seen = np.flatnonzero(splits[0].parts != splits[0].holdout)
    encoders = choose_encoders(take(columns, seen), types, problem.outputs)
    blocks = encoders.encode(columns, len(y))
    training = Training(
        encoders, blocks, y, target.task, target.classes, target.positive_index, groups, times
    )
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
    )


def _sample(rows: int, config: FitConfig) -> tuple[NDArray[np.intp], list[Finding]]:
    """Return which of the usable rows are learned from, and a finding if they are not all."""
    most = max(LEAST_ROWS, int(ROWS_PER_SECOND * config.budget_seconds))
    if rows <= most:
        return np.arange(rows), []
    picked = np.sort(np.random.default_rng(config.seed).choice(rows, most, replace=False))
    message = (
        f"{most:,} of {rows:,} rows were used: more cannot be learned from in {config.budget_seconds:g} s."
    )
    return picked, [Finding("sampled_rows", message, "sampled", None, {"rows": rows, "used": most})]


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
