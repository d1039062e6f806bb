"""The figures of a report: what is drawn of its answers, what they depend on, how far they may be off."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl.budget import Budget
from automl.config import REGRESSION
from automl.features.encoders import take
from automl.judging.curves import report as curves
from automl.judging.importance import partial_dependence, permutation_importance
from automl.judging.intervals import conformal, measured
from automl.preparation import Prepared
from automl.searching.selection import Choice
from automl.serving.ensemble import Ensemble
from automl.serving.export import json_safe
from automl.serving.inputs import Inputs
from scoring.columns import Column
from scoring.intervals import Interval

# Of the time that is left, importance may take so much; the rest is for the dependence on single columns.
IMPORTANCE_SHARE = 0.6


def interval_of(choice: Choice, data: Prepared) -> Interval | None:
    """Return the interval around a number, from out-of-fold residuals, with its coverage on the holdout."""
    training, split, held_out = data.training, data.splits[0], data.held_out
    if training.task != REGRESSION:
        return None
    known = np.flatnonzero((split.parts >= 0) & (split.parts != split.holdout))
    answers = choice.answers[:, 0]
    interval = conformal(training.y[known], answers[known])
    return measured(interval, training.y[held_out], answers[held_out])


def make_figures(
    choice: Choice, data: Prepared, inputs: Inputs, interval: Interval | None, budget: Budget
) -> dict[str, Any]:
    """Return what can be told of the model's answers to the holdout.

    Parameters
    ----------
    choice
        What is served.
    data
        What was learned from.
    inputs
        What a client sends: importance and dependence are of these, before any recipe.
    interval
        That of :func:`interval_of`.
    budget
        How long it may take; what cannot be told in time is left out.

    Returns
    -------
    dict
        ``curves``, ``decision``, ``interval``, ``importance`` and ``dependence``, JSON-able. The last two ask
        the models that did not learn from the holdout.
    """
    training, held_out = data.training, data.held_out
    y, answers = training.y[held_out], choice.answers[held_out]
    judge = Ensemble.of(choice, training, data.splits, [data.splits[0].holdout])

    def predict(raw: Mapping[str, Column]) -> Any:
        return judge.predict(training.encoders.encode(inputs.cleaned(raw), len(next(iter(raw.values())))))

    held = take(inputs.columns, held_out)
    importance = permutation_importance(
        predict,
        held,
        y,
        training.task,
        data.metric,
        budget=budget.slice(IMPORTANCE_SHARE * budget.remaining()),
    )
    report = {
        "curves": curves(
            training.task,
            y,
            answers,
            training.classes,
            labels=choice.labels(held_out),
            positive=training.positive,
            interval=interval,
        ),
        "decision": None if choice.decision is None else choice.decision.to_json(),
        "interval": None if interval is None else interval.to_json(),
        "importance": importance,
        "dependence": partial_dependence(
            predict,
            held,
            inputs.types,
            [entry["feature"] for entry in importance["features"]],
            training.classes,
            budget=budget,
        ),
    }
    safe: dict[str, Any] = json_safe(report)
    return safe
