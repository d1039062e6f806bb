"""Train: target, columns, search, ensemble, evaluation, export."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.budget import Budget, Clock
from automl.config import CLASSIFICATION, FitConfig, Progress, ProgressCallback
from automl.ensemble import COMPACT_MEMBERS, Ensemble
from automl.errors import DataError
from automl.export import (
    check_parity,
    example_instance,
    input_features,
    input_schema,
    json_safe,
    library_versions,
    pack_arrays,
    pack_manifest,
    sha256,
)
from automl.features import choose_encoders, raw_columns, take
from automl.findings import Finding
from automl.folds import FoldFitter, Training, split_rows
from automl.groups import merge_groups, row_copies
from automl.guards import choose_features, find_all, messages
from automl.learners.base import FloatArray, Problem
from automl.metrics import evaluate, resolve_metric
from automl.report import interval_of, make_report
from automl.result import Result
from automl.search import Search, fold_count, repeat_count
from automl.selection import Choice, choose, leaderboard, promising
from automl.splits import Folds
from automl.table import DATE, NUMERIC, Table
from automl.target import Target, find_column, prepare_target
from automl.workers import Forked, Work, Workers
from automl.zoo import candidates
from scoring import FORMAT_VERSION

# Of the budget: what the search may take, and when the report must be done.
SEARCH_SHARE = 0.78
REPORT_END = 0.97
LEAST_REPORT_SECONDS = 0.3
# More rows than can be learned from in the time tell little more: so many for each second, at least so many.
ROWS_PER_SECOND = 5_000
LEAST_ROWS = 50_000


def fit(
    table: Table,
    config: FitConfig,
    progress: ProgressCallback | None = None,
    *,
    clock: Clock = time.monotonic,
    workers: Callable[[Work], Workers] = Forked,
) -> Result:
    """Train the best model that the budget allows.

    Parameters
    ----------
    table
        From :func:`automl.read_csv`.
    config
        What to learn and how long.
    progress
        Called after each step; what it raises ends the training.
    clock
        Returns seconds; replaced in tests.
    workers
        Makes what fits the fold models; processes on all cores by default.

    Raises
    ------
    DataError
        When nothing can be learned from the data.
    ParityError
        When the exported model does not answer as the fitted one.
    """
    budget = Budget(config.budget_seconds, clock)
    target = prepare_target(table, config)
    metric, greater_is_better = resolve_metric(config.metric, target.task, target.y)
    names, dropped = choose_features(table, target, config.exclude, config.keep, config.group)
    findings = find_all(table, target, names, dropped, config, group=config.group, time=config.time)
    picked, sampled = _sample(len(target.rows), config)
    findings += sampled
    y, frame = target.y[picked], table.frame.iloc[target.rows[picked]]
    groups, times = _order_of_rows(table, frame, config)
    formats = {name: table.formats[name] for name in names}
    types = {name: how.type for name, how in formats.items()}
    columns = raw_columns(frame[names], types)
    problem = Problem(len(target.classes))
    copies = row_copies(columns)
    if times is None and len(np.unique(copies)) < len(copies):
        groups = copies if groups is None else merge_groups(groups, copies)
    folds = fold_count(len(y), problem, budget.seconds)
    splits = split_rows(y, folds, repeat_count(len(y)), config.seed, groups, times)
    seen = np.flatnonzero(splits[0].parts != splits[0].holdout)
    encoders = choose_encoders(take(columns, seen), types, problem.outputs)
    blocks = encoders.encode(columns, len(y))
    training = Training(encoders, blocks, y, target.task, target.classes, target.positive_index)
    tried = candidates(training)
    fitter = FoldFitter(training, splits, tried, config.seed, clock)
    team = workers(fitter)
    searching = budget.slice(SEARCH_SHARE * budget.seconds - budget.elapsed())
    try:
        search = Search(
            training, splits, tried, metric, greater_is_better, searching, team, promising, progress
        )
        search.run()
    finally:
        team.close()
    choice = choose(search, budget, COMPACT_MEMBERS if config.compact else None)
    board = leaderboard(search, choice)
    _tell(progress, 0.9, f"{choice.name} chosen", board)

    held_out = splits[0].judge(splits[0].holdout)
    metrics = {
        "holdout": choice.figures(held_out, training),
        "cross_validation": choice.cross_validation(),
        "baseline": evaluate(target.task, y[held_out], _naive(training, splits[0]), target.classes),
    }
    holdout = [splits[0].holdout]
    ensemble = Ensemble.of(choice, training, splits, holdout if config.compact else splits[0].served)
    interval = interval_of(choice, training, splits[0])
    warnings = [
        *messages(findings),
        *search.failures(),
        *_judgement(metrics, metric, greater_is_better),
    ]
    _tell(progress, 0.93, f"{choice.name} evaluated", board)

    exported = ensemble.export()
    npz = pack_arrays(exported.arrays)
    features = input_features(frame[names], formats)
    parameters = _parameters(config, target, choice, ensemble, training, budget)
    manifest = json_safe(
        {
            "format_version": FORMAT_VERSION,
            "task": target.task,
            "target": target.name,
            "metric": metric,
            "classes": target.classes,
            "model": {
                "name": choice.name,
                "members": choice.members,
                "decision": None if choice.decision is None else choice.decision.weights,
                **exported.block,
            },
            "features": [feature.to_json() for feature in features],
            "unused_columns": [*dropped, target.name],
            "dropped_columns": dropped,
            "encoders": encoders.to_json(),
            "schema": input_schema(f"One instance to predict {target.name} for", frame, features),
            "example": example_instance(frame, features),
            "metrics": metrics,
            "leaderboard": board,
            "rows": {
                "training": len(y) - len(held_out),
                "holdout": len(held_out),
                "dropped": target.dropped_rows,
            },
            "parameters": parameters,
            "warnings": warnings,
            "findings": [finding.to_json() for finding in findings],
            "positive_class": target.positive,
            "interval": None if interval is None else interval.to_json(),
            "libraries": library_versions(),
            "data_sha256": config.data_sha256,
            "model_sha256": sha256(npz),
        }
    )
    manifest_bytes = pack_manifest(manifest)
    parity = check_parity(
        npz,
        manifest_bytes,
        predict=lambda raw, rows: ensemble.predict(encoders.encode(raw, rows)),
        features=features,
        frame=frame,
        columns=columns,
    )
    _tell(progress, 0.96, f"exported, parity {parity:.1e}", manifest["leaderboard"])
    explaining = budget.slice(max(LEAST_REPORT_SECONDS, REPORT_END * budget.seconds - budget.elapsed()))
    report = make_report(choice, training, splits, columns, types, metric, interval, explaining)
    _tell(progress, 1.0, "The report is written", manifest["leaderboard"])
    return Result(
        task=target.task,
        target=target.name,
        metric=metric,
        leaderboard=manifest["leaderboard"],
        metrics=manifest["metrics"],
        rows=len(target.rows),
        dropped_rows=target.dropped_rows,
        dropped_columns=dropped,
        parameters={**parameters, "parity": parity},
        warnings=warnings,
        manifest=manifest,
        report=report,
        npz_bytes=npz,
        manifest_bytes=manifest_bytes,
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


def _tell(
    progress: ProgressCallback | None, fraction: float, message: str, board: list[dict[str, Any]]
) -> None:
    if progress is not None:
        progress(Progress(fraction, message, board))


def _naive(training: Training, split: Folds) -> FloatArray:
    """Return what one answers without looking: the class shares, or the mean."""
    y, rows = training.y[split.learn(split.holdout)], len(split.judge(split.holdout))
    if training.task == CLASSIFICATION:
        answer = np.bincount(y, minlength=len(training.classes)) / len(y)
    else:
        answer = np.array([float(y.mean())])
    return np.tile(answer, (rows, 1))


def _judgement(metrics: dict[str, dict[str, Any]], metric: str, greater_is_better: bool) -> list[str]:
    ours, naive = metrics["holdout"][metric], metrics["baseline"][metric]
    if ours is None or naive is None or (ours > naive if greater_is_better else ours < naive):
        return []
    figures = f"{metric} {ours:.4g} against {naive:.4g} on the holdout"
    return [f"The model is no better than the naive baseline: {figures}."]


def _parameters(
    config: FitConfig, target: Target, choice: Choice, ensemble: Ensemble, training: Training, budget: Budget
) -> dict[str, Any]:
    parameters = {
        "target": target.name,
        "task": target.task,
        "seed": config.seed,
        "budget_seconds": config.budget_seconds,
        "used_seconds": round(budget.elapsed(), 3),
        "excluded": ", ".join(config.exclude),
        "training_rows": len(training.y),
        "features": len(training.encoders.steps),
        "matrix_columns": ensemble.plan.width,
        "model": choice.name,
        "fitted_models": len(ensemble.parts),
    }
    for number, (trial, weight) in enumerate(zip(choice.trials, choice.weights, strict=True), start=1):
        rounds = np.mean([model.fitted.rounds for model in trial.models.values()])
        parameters |= {
            f"member_{number}": trial.candidate.name,
            f"member_{number}_weight": round(weight, 4),
            f"member_{number}_rounds": round(float(rounds)),
        }
    return parameters
