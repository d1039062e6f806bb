"""The served model: the chosen candidates with their weights, and how they are stored as one.

Each candidate is fitted once more on all rows: a fold's model of a booster saw a third fewer, which costs
more on large tables than averaging folds wins, and the folds of all candidates make a file and a row
several times as costly. Where time is short the fold models serve instead: they are there already.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.budget import Budget
from automl.features import LINEAR, fit_plan
from automl.folds import Training
from automl.learners import Exported, Fitted
from automl.learners.base import Arrays, FloatArray
from automl.search import Trial
from automl.selection import Choice
from scoring.features import Column, Encoder, FeaturePlan

# What keeps the stored file small (arrays compress to a third or so) and one row quick.
MAX_BYTES = 50_000_000
MAX_TREES = 6_000
# More rows than in a fold take longer, and bear a little more growth.
REFIT_COST = 1.5
MORE_ROUNDS = 1.1


@dataclass(frozen=True)
class Part:
    """A fitted model, the plan it was fitted on, what it exports and how much it counts."""

    fitted: Fitted
    plan: FeaturePlan
    exported: Exported
    weight: float


class Ensemble:
    """Fitted models with weights.

    Parameters
    ----------
    parts
        The models; their weights add up to one.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    @classmethod
    def of(cls, choice: Choice, training: Training, seed: int, budget: Budget) -> "Ensemble":
        """Return the chosen candidates, each fitted once more on all rows, or as its fold models.

        Parameters
        ----------
        choice
            The candidates and their weights.
        training
            All rows but the holdout.
        seed
            For the learners.
        budget
            A candidate that has no time left for another fit answers with its fold models.
        """
        again = [refit(trial, training, seed, budget) for trial in choice.trials]
        kept = [[] if model is None else [(*model, model[0].export())] for model in again]
        most = max(len(trial.models) for trial in choice.trials)
        for fold in range(most):
            # Exporting may take as long as learning did, so nothing is exported that may not stay.
            more = [
                [*models, (*trial.models[fold], trial.models[fold][0].export())]
                if model is None and fold < len(trial.models)
                else models
                for trial, models, model in zip(choice.trials, kept, again, strict=True)
            ]
            if fold and not _within_limits([model for models in more for *_, model in models]):
                break
            kept = more
            if budget.expired():
                break
        return cls(
            [
                Part(fitted, plan, model, weight / len(models))
                for weight, models in zip(choice.weights, kept, strict=True)
                for fitted, plan, model in models
            ]
        )

    def predict(self, columns: Mapping[str, Column]) -> FloatArray:
        """Return class probabilities, or one column of numbers, for raw columns."""
        by_plan: dict[int, list[Part]] = defaultdict(list)
        for part in self.parts:
            by_plan[id(part.plan)].append(part)
        answers: list[FloatArray] = []
        for parts in by_plan.values():
            X = parts[0].plan.transform(columns)
            answers.extend(part.weight * part.fitted.predict(X) for part in parts)
        total: FloatArray = np.sum(answers, axis=0)
        return total

    @cached_property
    def plan(self) -> FeaturePlan:
        """Every distinct step of the parts' plans, side by side: what is served makes each column once."""
        return FeaturePlan(list(dict.fromkeys(step for part in self.parts for step in part.plan.encoders)))

    @cached_property
    def _starts(self) -> dict[Encoder, int]:
        steps = self.plan.encoders
        widths = [len(step.names) for step in steps]
        return dict(zip(steps, (np.cumsum(widths) - widths).tolist(), strict=True))

    def _columns(self, plan: FeaturePlan) -> NDArray[np.int32]:
        """Return where the columns of a part's plan stand in the joint plan's matrix."""
        places = [self._starts[step] + np.arange(len(step.names)) for step in plan.encoders]
        return np.concatenate(places).astype(np.int32)

    def export(self) -> Exported:
        """Return the model as data: the parts that one walk can serve are stored as one group."""
        alike: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
        for position, part in enumerate(self.parts):
            block = part.exported.block
            alone = position if block["family"] == "linear" else None
            alike[(*block.values(), alone)].append(part)
        groups, arrays = [], {}
        for index, parts in enumerate(alike.values()):
            groups.append(parts[0].exported.block)
            stored = self._linear(parts[0]) if groups[-1]["family"] == "linear" else self._trees(parts)
            stored["weight"] = np.array([part.weight for part in parts])
            arrays.update({f"{index}.{name}": array for name, array in stored.items()})
        return Exported({"family": "ensemble", "groups": groups}, arrays)

    def _linear(self, part: Part) -> Arrays:
        return {**part.exported.arrays, "columns": self._columns(part.plan)}

    def _trees(self, parts: list[Part]) -> Arrays:
        models = [part.exported.arrays for part in parts]
        sizes = [len(model["feature"]) for model in models]
        offsets = np.cumsum(sizes) - sizes
        joined = {
            name: np.concatenate([model[name] for model in models])
            for name in ("threshold", "missing_left", "value")
        }
        places = [self._columns(part.plan)[part.exported.arrays["feature"]] for part in parts]
        # Distances to the children, which compress far better than their positions.
        for child in ("left", "right"):
            joined[child] = np.concatenate([model[child] - np.arange(len(model[child])) for model in models])
            joined[child] = joined[child].astype(np.int32)
        return joined | {
            "feature": np.concatenate(places),
            "roots": np.concatenate(
                [model["roots"] + offset for model, offset in zip(models, offsets, strict=True)]
            ).astype(np.int32),
            "trees": np.array([len(model["roots"]) for model in models], dtype=np.int32),
            "base": np.stack([model["base"] for model in models]),
        }


def refit(trial: Trial, training: Training, seed: int, budget: Budget) -> tuple[Fitted, FeaturePlan] | None:
    """Fit a candidate on all rows, as far as its folds grew, or return None where time is short."""
    if trial.seconds / len(trial.models) * REFIT_COST > budget.remaining():
        return None
    learner = trial.learner
    plan = fit_plan(training.columns, training.types, learner.view)
    rounds = max(1, round(float(np.mean([fitted.rounds for fitted, _ in trial.models])) * MORE_ROUNDS))
    fitted = learner.fit(
        plan.transform(training.columns),
        training.y,
        training.problem,
        seed=seed,
        budget=budget,
        rounds=None if learner.view == LINEAR else rounds,
    )
    return (fitted, plan) if fitted.complete else None


def _within_limits(models: list[Exported]) -> bool:
    stored = sum(array.nbytes for model in models for array in model.arrays.values())
    trees = sum(len(model.arrays.get("roots", ())) for model in models)
    return stored <= MAX_BYTES and trees <= MAX_TREES
