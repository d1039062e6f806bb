"""Train: target, columns, search, ensemble, evaluation, export."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget, Clock
from automl.checks.guards import messages
from automl.checks.target import Target
from automl.cleaning.applying import apply
from automl.config import CLASSIFICATION, FitConfig, Progress, ProgressCallback
from automl.judging.weighting import ClassWeights
from automl.learners.base import FloatArray
from automl.preparation import Origin, Prepared, prepare
from automl.reporting.document import describe_split, find_omitted, make_document
from automl.reporting.figures import interval_of, make_figures
from automl.result import Result
from automl.searching.folds import FoldFitter, Training
from automl.searching.search import Search
from automl.searching.selection import Choice, Prospects, choose, leaderboard
from automl.searching.workers import Forked, Work, Workers
from automl.searching.zoo import candidates
from automl.serving.background import background
from automl.serving.ensemble import COMPACT_MEMBERS, Ensemble
from automl.serving.export import (
    check_parity,
    example_instance,
    input_schema,
    instances_of,
    json_safe,
    library_versions,
    pack_arrays,
    pack_manifest,
    sha256,
)
from automl.serving.inputs import find_inputs
from automl.serving.recall import recall
from automl.serving.reference import reference
from automl.splitting.splits import Folds
from automl.table import Table
from scoring import FORMAT_VERSION
from scoring.columns import Column
from scoring.memory import Memory

# Of the budget: what the search may take, and when the report must be done.
SEARCH_SHARE = 0.78
REPORT_END = 0.97
LEAST_REPORT_SECONDS = 0.3
# A model that gains less over the naive baseline, as a share of it, has learned nothing worth the name.
LEAST_GAIN = 0.02
# Rows of the holdout, and as many of all, that are kept to compare other formats on.
SAMPLED_ROWS = 100


def fit(
    table: Table,
    config: FitConfig,
    progress: ProgressCallback | None = None,
    *,
    clock: Clock = time.monotonic,
    workers: Callable[[Work, int], Workers] = Forked,
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
        Returns seconds. It is looked at between all steps, at least once a second while models are fitted,
        and what it raises ends the training.
    workers
        Makes what fits the fold models, given how many bytes each needs; processes on all cores by default.

    Raises
    ------
    DataError
        When nothing can be learned from the data.
    ParityError
        When the exported model does not answer as the fitted one.
    """
    budget = Budget(config.budget_seconds, clock)
    cleaned = None if config.recipe is None else apply(table, config.recipe, config.target)
    origin = None if cleaned is None else Origin(table, cleaned.rows)
    data = prepare(table if cleaned is None else cleaned.table, config, origin)
    inputs = find_inputs(table, data, data.target.name, cleaned)
    target, training, splits, metric = data.target, data.training, data.splits, data.metric
    tried = candidates(training)
    fitter = FoldFitter(training, splits, tried, config.seed, clock)
    searching = budget.slice(SEARCH_SHARE * budget.seconds - budget.elapsed())
    # Nothing may come between: the clock that is looked at there may raise.
    team = workers(fitter, fitter.bytes_each)
    try:
        search = Search(
            training, splits, tried, metric, data.greater_is_better, searching, team, Prospects(), progress
        )
        search.run()
    finally:
        team.close()
    whole = choose(search, budget)
    choice = choose(search, budget, COMPACT_MEMBERS) if config.compact else whole
    board = leaderboard(search, choice)
    _tell(progress, 0.9, f"{choice.name} chosen", board)

    held_out = data.held_out
    naive = training.figures(metric, held_out, _naive(training, splits[0], len(held_out)))
    metrics = {
        "holdout": choice.figures(held_out, training),
        "cross_validation": choice.cross_validation(),
        "baseline": naive,
    }
    holdout = [splits[0].holdout]
    ensemble = Ensemble.of(choice, training, splits, holdout if config.compact else splits[0].served)
    interval = interval_of(choice, data)
    exported = ensemble.export()
    recalled = recall(data, choice) if config.recall else None
    memory = None
    if recalled is not None:
        exported = recalled.add_to(exported)
        memory = Memory(recalled.names, recalled.trust, recalled.arrays, training.width)
        data.findings.append(recalled.finding())
    warnings = [
        *messages(data.findings),
        *search.failures(),
        *_judgement(choice, data),
    ]
    _tell(progress, 0.93, f"{choice.name} evaluated", board)

    def answer(raw: Mapping[str, Column], rows: int) -> FloatArray:
        columns = inputs.cleaned(raw)
        answers = ensemble.predict(training.encoders.encode(columns, rows))
        return answers if memory is None else memory.blend(columns, answers)

    npz = pack_arrays(exported.arrays)
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
            "features": [feature.to_json() for feature in inputs.features],
            "unused_columns": inputs.unused,
            "dropped_columns": inputs.dropped,
            "recipe": inputs.recipe.to_json(),
            "cleaning": None if cleaned is None else cleaned.to_json(),
            "encoders": training.encoders.to_json(),
            "schema": input_schema(
                f"One instance to predict {target.name} for", inputs.frame, inputs.features, interval
            ),
            "example": example_instance(inputs.frame, inputs.features),
            "background": background(inputs, answer) if config.reasons else None,
            "reference": reference(
                inputs.features,
                inputs.columns,
                target.classes,
                _unlearned(choice, training, splits[0]),
                lambda raw, rows: _decided(choice, answer(raw, rows)),
            ).to_json(),
            "metrics": metrics,
            "leaderboard": board,
            "rows": {
                "training": len(training.y) - len(held_out),
                "holdout": len(held_out),
                "dropped": target.dropped_rows,
            },
            "parameters": parameters,
            "warnings": warnings,
            "findings": [finding.to_json() for finding in data.findings],
            "positive_class": target.positive,
            "class_weights": training.weight_of_class,
            "interval": None if interval is None else interval.to_json(),
            "libraries": library_versions(),
            "data_sha256": config.data_sha256,
            "holdout_id": data.holdout_id,
            "model_sha256": sha256(npz),
        }
    )
    manifest_bytes = pack_manifest(manifest)

    parity = check_parity(
        npz,
        manifest_bytes,
        predict=answer,
        features=inputs.features,
        frame=inputs.frame,
        columns=inputs.columns,
    )
    _tell(progress, 0.96, f"exported, parity {parity:.1e}", manifest["leaderboard"])
    explaining = budget.slice(max(LEAST_REPORT_SECONDS, REPORT_END * budget.seconds - budget.elapsed()))
    figures = make_figures(choice, data, inputs, interval, explaining)
    figures["compact"] = _loss_of(choice, whole, data) if config.compact else None
    report = make_document(
        manifest | {"parameters": {**parameters, "parity": parity}},
        figures,
        split=describe_split(data, config.group, config.time, config.seed),
        seconds={"budget": config.budget_seconds, "used": round(budget.elapsed(), 3)},
        omitted=find_omitted(
            search.trials, search.folds, figures, inputs.types, in_time=not explaining.expired()
        ),
    )
    _tell(progress, 1.0, "The report is written", manifest["leaderboard"])
    return Result(
        task=target.task,
        target=target.name,
        metric=metric,
        leaderboard=manifest["leaderboard"],
        metrics=manifest["metrics"],
        rows=len(target.rows),
        dropped_rows=target.dropped_rows,
        dropped_columns=inputs.dropped,
        parameters={**parameters, "parity": parity},
        warnings=warnings,
        breaches=search.breaches,
        manifest=manifest,
        report=report,
        npz_bytes=npz,
        manifest_bytes=manifest_bytes,
        holdout_id=data.holdout_id,
        holdout_rows=len(held_out),
        sample=instances_of(inputs.frame.iloc[_sampled(held_out, len(training.y))], inputs.features),
    )


def _sampled(held_out: NDArray[np.intp], rows: int) -> NDArray[np.intp]:
    """Return rows of the holdout and of all rows, evenly spread and bounded."""
    ends = (len(held_out) - 1, rows - 1)
    spread = [np.unique(np.linspace(0, end, SAMPLED_ROWS).astype(np.intp)) for end in ends]
    return np.unique(np.concatenate([held_out[spread[0]], spread[1]]))


def _tell(
    progress: ProgressCallback | None, fraction: float, message: str, board: list[dict[str, Any]]
) -> None:
    if progress is not None:
        progress(Progress(fraction, message, board))


def _naive(training: Training, split: Folds, rows: int) -> FloatArray:
    """Return what one answers without looking: the class shares, or the mean."""
    y = training.y[split.learn(split.holdout)]
    if training.task == CLASSIFICATION:
        answer = np.bincount(y, minlength=len(training.classes)) / len(y)
    else:
        answer = np.array([float(y.mean())])
    return np.tile(answer, (rows, 1))


def _unlearned(choice: Choice, training: Training, split: Folds) -> NDArray[Any]:
    """Return what answered each row, by models that had not learned from it; -1 or NaN where all had."""
    known = split.parts >= 0
    if training.task != CLASSIFICATION:
        return np.where(known, _decided(choice, choice.answers), np.nan)
    return np.where(known, _decided(choice, choice.answers), -1)


def _decided(choice: Choice, answers: FloatArray) -> NDArray[Any]:
    """Return the number, or the position of the class, that answers each row."""
    return answers[:, 0] if choice.decision is None else choice.decision.decide(answers)


def _judgement(choice: Choice, data: Prepared) -> list[str]:
    """Say so where the model is no better than naive, on the holdout or on all rows that judged.

    A holdout of few rows alone may flatter a model that has learned nothing.
    """
    training, split, metric = data.training, data.splits[0], data.metric
    for rows, where in ((data.held_out, "the holdout"), (np.flatnonzero(split.parts >= 0), "all folds")):
        ours = training.measure(metric, rows, choice.answers[rows], choice.labels(rows))
        naive = training.measure(metric, rows, _naive(training, split, len(rows)))
        if ours is None or naive is None:
            continue
        gain = ours - naive if data.greater_is_better else naive - ours
        if gain <= LEAST_GAIN * max(abs(naive), LEAST_GAIN):
            figures = f"{training.deciding(metric)} {ours:.4g} against {naive:.4g} on {where}"
            return [f"The model is no better than the naive baseline: {figures}."]
    return []


def _said(class_weights: ClassWeights) -> str:
    """Return class weights as a parameter: as they were asked for."""
    if class_weights is None or isinstance(class_weights, str):
        return class_weights or "none"
    return ", ".join(f"{label}: {weight:g}" for label, weight in class_weights.items())


def _loss_of(choice: Choice, whole: Choice, data: Prepared) -> dict[str, Any]:
    """Return what a compact model costs: the figures on the holdout of what is served and of all there is."""
    metric = data.training.deciding(data.metric)
    figures = {
        name: one.figures(data.held_out, data.training)[metric]
        for name, one in (("compact", choice), ("whole", whole))
    }
    return {"metric": metric, **figures}


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
        "class_weights": _said(config.class_weights),
        "recipe_steps": 0 if config.recipe is None else len(config.recipe.steps),
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
