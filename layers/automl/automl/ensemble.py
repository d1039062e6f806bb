"""The served model: the fold models of the chosen candidates, averaged, and how they are stored as one.

Fold models, not a refit: they cost no more time, and they are what the out-of-fold figures were measured on.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.learners import Exported, Fitted
from automl.learners.base import Arrays, FloatArray
from automl.selection import Choice
from scoring.features import Column, Encoder, FeaturePlan

# What keeps the stored file small (arrays compress to a third or so) and one row quick.
MAX_BYTES = 50_000_000
MAX_TREES = 6_000


@dataclass(frozen=True)
class Part:
    """One fold's model, the plan it was fitted on, what it exports and how much it counts."""

    fitted: Fitted
    plan: FeaturePlan
    exported: Exported
    weight: float


class Ensemble:
    """Fold models with weights.

    Parameters
    ----------
    parts
        The models; their weights add up to one.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    @classmethod
    def of(cls, choice: Choice) -> "Ensemble":
        """Return the ensemble of the chosen candidates, with as many folds of each as the limits bear."""
        exported = [[fitted.export() for fitted, _ in trial.models] for trial in choice.trials]
        most = max(len(models) for models in exported)
        fitting = [folds for folds in range(1, most + 1) if _within_limits(exported, folds)]
        folds = max(fitting, default=1)
        parts = []
        for trial, weight, models in zip(choice.trials, choice.weights, exported, strict=True):
            kept = min(folds, len(models))
            for (fitted, plan), model in zip(trial.models[:kept], models[:kept], strict=True):
                parts.append(Part(fitted, plan, model, weight / kept))
        return cls(parts)

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


def _within_limits(exported: list[list[Exported]], folds: int) -> bool:
    arrays = [model.arrays for models in exported for model in models[:folds]]
    stored = sum(array.nbytes for model in arrays for array in model.values())
    trees = sum(len(model.get("roots", ())) for model in arrays)
    return stored <= MAX_BYTES and trees <= MAX_TREES
