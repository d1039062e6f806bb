"""Train: target, features, search, ensemble, evaluation, export."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.budget import Budget, Clock
from automl.config import CLASSIFICATION, FitConfig, Progress, ProgressCallback
from automl.ensemble import Ensemble
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
from automl.features import raw_columns, take
from automl.folds import Training
from automl.guards import choose_features, find_all, messages
from automl.learners import candidates
from automl.learners.base import FloatArray
from automl.metrics import evaluate, resolve_metric
from automl.search import Search
from automl.selection import Choice, choose, leaderboard
from automl.splits import holdout_mask
from automl.table import Table
from automl.target import Target, prepare_target
from scoring import FORMAT_VERSION

SEARCH_SHARE = 0.7
REFIT_SHARE = 0.9
MODEL_FILE = "model.npz"
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True)
class Result:
    """A trained, evaluated and exported model.

    Parameters
    ----------
    task, target, metric
        What was learned and what decided.
    leaderboard
        One entry per candidate, best first.
    metrics
        ``holdout``, ``cross_validation`` (with ``<metric>_std``) and ``baseline`` (on the holdout).
    rows
        Usable rows.
    dropped_rows
        Rows without a usable target.
    dropped_columns
        Columns that were not used, and why.
    parameters
        Flat, for an experiment tracker.
    warnings
        What the user should know.
    manifest
        Everything the stored model says about itself.
    npz_bytes, manifest_bytes
        The two files.
    """

    task: str
    target: str
    metric: str
    leaderboard: list[dict[str, Any]]
    metrics: dict[str, dict[str, Any]]
    rows: int
    dropped_rows: int
    dropped_columns: dict[str, str]
    parameters: dict[str, Any]
    warnings: list[str]
    manifest: dict[str, Any]
    npz_bytes: bytes
    manifest_bytes: bytes

    def save(self, directory: str | Path) -> None:
        """Write ``model.npz`` and ``manifest.json``."""
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_FILE).write_bytes(self.npz_bytes)
        (folder / MANIFEST_FILE).write_bytes(self.manifest_bytes)


def fit(
    table: Table,
    config: FitConfig,
    progress: ProgressCallback | None = None,
    *,
    clock: Clock = time.monotonic,
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

    Raises
    ------
    DataError
        When nothing can be learned from the data.
    ParityError
        When the exported model does not answer as the fitted one.
    """
    budget = Budget(config.budget_seconds, clock)
    target = prepare_target(table, config)
    metric, greater_is_better = resolve_metric(config.metric, target.task)
    names, dropped = choose_features(table, target, config.exclude, config.keep)
    findings = find_all(table, target, names, dropped, config)
    formats = {name: table.formats[name] for name in names}
    types = {name: how.type for name, how in formats.items()}
    frame = table.frame.iloc[target.rows][names]
    columns = raw_columns(frame, types)
    held_out = holdout_mask(target.y, config.seed)
    seen = np.flatnonzero(~held_out)
    training = Training(take(columns, seen), types, target.y[seen], target.task, target.classes)
    search = Search(
        training,
        candidates(len(seen)),
        metric,
        greater_is_better,
        budget.slice(SEARCH_SHARE * config.budget_seconds),
        config.seed,
        progress,
    )
    search.run()
    choice = choose(search, budget)
    board = leaderboard(search, choice)
    _tell(progress, 0.9, f"{choice.name} chosen", board)

    end = REFIT_SHARE * config.budget_seconds
    ensemble = Ensemble.of(choice, training, config.seed, budget.slice(end - budget.elapsed()))
    held_y = target.y[held_out]
    answers = ensemble.predict(take(columns, np.flatnonzero(held_out)))
    metrics = {
        "holdout": evaluate(target.task, held_y, answers, target.classes),
        "cross_validation": choice.cross_validation(),
        "baseline": evaluate(target.task, held_y, _naive(training, len(held_y)), target.classes),
    }
    warnings = [*messages(findings), *search.failures, *_judgement(metrics, metric, greater_is_better)]
    _tell(progress, 0.93, f"{choice.name} evaluated", board)

    exported = ensemble.export()
    npz = pack_arrays(exported.arrays)
    features = input_features(frame, formats)
    parameters = _parameters(config, target, choice, ensemble, training, budget)
    manifest = json_safe(
        {
            "format_version": FORMAT_VERSION,
            "task": target.task,
            "target": target.name,
            "metric": metric,
            "classes": target.classes,
            "model": {"name": choice.name, "members": choice.members, **exported.block},
            "features": [feature.to_json() for feature in features],
            "unused_columns": [*dropped, target.name],
            "dropped_columns": dropped,
            "encoders": ensemble.plan.to_json(),
            "schema": input_schema(f"One instance to predict {target.name} for", frame, features),
            "example": example_instance(frame, features),
            "metrics": metrics,
            "leaderboard": board,
            "rows": {"training": len(seen), "holdout": int(held_out.sum()), "dropped": target.dropped_rows},
            "parameters": parameters,
            "warnings": warnings,
            "findings": [finding.to_json() for finding in findings],
            "positive_class": target.positive,
            "libraries": library_versions(),
            "data_sha256": config.data_sha256,
            "model_sha256": sha256(npz),
        }
    )
    manifest_bytes = pack_manifest(manifest)
    parity = check_parity(
        npz,
        manifest_bytes,
        predict=ensemble.predict,
        features=features,
        frame=frame,
        columns=columns,
    )
    _tell(progress, 1.0, f"exported, parity {parity:.1e}", manifest["leaderboard"])
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
        npz_bytes=npz,
        manifest_bytes=manifest_bytes,
    )


def _tell(
    progress: ProgressCallback | None, fraction: float, message: str, board: list[dict[str, Any]]
) -> None:
    if progress is not None:
        progress(Progress(fraction, message, board))


def _naive(training: Training, rows: int) -> FloatArray:
    """Return what one answers without looking: the class shares, or the mean."""
    if training.task == CLASSIFICATION:
        answer = np.bincount(training.y, minlength=len(training.classes)) / len(training.y)
    else:
        answer = np.array([float(training.y.mean())])
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
        "features": len(training.types),
        "matrix_columns": len(ensemble.plan.names),
        "model": choice.name,
        "fitted_models": len(ensemble.parts),
    }
    for number, (trial, weight) in enumerate(zip(choice.trials, choice.weights, strict=True), start=1):
        rounds = np.mean([fitted.rounds for fitted, _ in trial.models])
        parameters |= {
            f"member_{number}": trial.learner.name,
            f"member_{number}_weight": round(weight, 4),
            f"member_{number}_rounds": round(float(rounds)),
            **{f"member_{number}_{name}": value for name, value in trial.learner.parameters().items()},
        }
    return parameters
