"""The served model: the fold models of the chosen candidates with their weights, and how they are stored.

The folds' models answer together (bagging): each learned from most rows, and all from all of them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from automl.learners.base import Arrays, Exported, FloatArray
from automl.learners.packing import join_trees
from automl.searching.folds import FoldModel, Training
from automl.searching.selection import Choice
from automl.serving.joining import Positions, join_plans
from automl.splitting.splits import Folds
from scoring.blocks import Blocks
from scoring.families.ensemble import Scale, calibrate
from scoring.families.links import sharpen
from scoring.steps import Plan

# What keeps the stored file small (arrays compress to a third or so) and one row quick.
MAX_BYTES = 60_000_000
MAX_COST = 3_000.0
# Microseconds of a tree, of a model of another family, and of each number in its arrays.
TREE_COST = 0.15
PART_COST = 40.0
CELL_COST = 0.001
# Of a table only a few numbers are looked at, however long it is.
LOOKED_UP = {"entry", "cell"}
# Families whose models are served as parts of one.
JOINED = {"trees", "oblivious_tables"}
COMPACT_MEMBERS = 2


@dataclass(frozen=True)
class Part:
    """A fitted model, how much it counts and how its scores become answers."""

    model: FoldModel
    exported: Exported
    weight: float
    temperature: float
    scale: Scale | None

    def predict(self, X: FloatArray) -> FloatArray:
        """Return probabilities, or one column of numbers."""
        answers = self.model.fitted.predict(X)
        if self.scale is not None:
            return self.scale.apply(answers)
        return answers if self.temperature == 1.0 else sharpen(answers, self.temperature)

    @property
    def block(self) -> dict[str, Any]:
        """What the manifest says of the model."""
        scale = None if self.scale is None else asdict(self.scale)
        return {**self.exported.block, "temperature": self.temperature, "scale": scale}


@dataclass
class _Member:
    """The models of one candidate, by repeat."""

    repeats: list[list[FoldModel]]
    weight: float
    temperature: float
    scale: Scale | None

    def parts(self) -> list[Part]:
        models = [model for repeat in self.repeats for model in repeat]
        share = self.weight / len(models)
        return [Part(model, model.fitted.export(), share, self.temperature, self.scale) for model in models]

    @property
    def _arrays(self) -> list[Arrays]:
        return [part.exported.arrays for part in self.parts()]

    @property
    def bytes(self) -> int:
        return sum(array.nbytes for arrays in self._arrays for array in arrays.values())

    @property
    def cost(self) -> float:
        """About how many microseconds a row takes."""
        total = 0.0
        for arrays in self._arrays:
            if "sizes" in arrays:
                total += TREE_COST * len(arrays["sizes"])
            else:
                cells = sum(array.size for name, array in arrays.items() if name not in LOOKED_UP)
                total += PART_COST + CELL_COST * cells
        return total


class Ensemble:
    """Fitted models with weights.

    Parameters
    ----------
    parts
        The models; their weights add up to one.
    temperature, floor, prior
        See :func:`scoring.families.ensemble.calibrate`.
    """

    def __init__(self, parts: list[Part], temperature: float, floor: float, prior: FloatArray) -> None:
        self.parts = parts
        self.temperature = temperature
        self.floor = floor
        self.prior = prior

    @classmethod
    def of(
        cls, choice: Choice, training: Training, splits: Sequence[Folds], folds: Sequence[int]
    ) -> "Ensemble":
        """Return the models of some folds of the chosen candidates.

        Later repeats of the costliest are left out where the limits of size or time are reached.
        """
        whole = [trial.whole(splits[0].count) for trial in choice.trials]
        members = [
            _Member(
                [[trial.models[repeat, fold] for fold in folds] for repeat in repeats],
                weight,
                temperature,
                training.scale(log=trial.candidate.log),
            )
            for trial, repeats, weight, temperature in zip(
                choice.trials, whole, choice.weights, choice.temperatures, strict=True
            )
        ]
        while (excess := _excess(members)) is not None:
            repeated = [member for member in members if len(member.repeats) > 1]
            if not repeated:
                break
            max(repeated, key=excess).repeats.pop()
        parts = [part for member in members for part in member.parts()]
        return cls(parts, choice.temperature, choice.floor, choice.prior)

    def predict(self, blocks: Blocks) -> FloatArray:
        """Return class probabilities, or one column of numbers."""
        by_plan: dict[int, list[Part]] = defaultdict(list)
        for part in self.parts:
            by_plan[id(part.model.plan)].append(part)
        answers: list[FloatArray] = []
        for parts in by_plan.values():
            X = parts[0].model.plan.transform(blocks)
            answers.extend(part.weight * part.predict(X) for part in parts)
        total: FloatArray = np.sum(answers, axis=0)
        return calibrate(total, self.temperature, self.floor, self.prior)

    @cached_property
    def _joined(self) -> tuple[Plan, dict[bytes, Positions]]:
        return join_plans([part.model.plan for part in self.parts])

    @property
    def plan(self) -> Plan:
        """What makes the columns of all parts."""
        return self._joined[0]

    def _columns(self, plan: Plan) -> Positions:
        """Return where the columns of a part's plan stand in the joint plan's matrix."""
        places = [self._joined[1][step.digest] for step in plan.steps]
        return np.concatenate([np.zeros(0, dtype=np.int32), *places])

    def export(self) -> Exported:
        """Return the model as data: the parts that one walk can serve are stored as one group."""
        alike: dict[tuple[str, int], list[Part]] = defaultdict(list)
        for position, part in enumerate(self.parts):
            alone = 0 if part.block["family"] in JOINED else position + 1
            alike[json.dumps(part.block, sort_keys=True), alone].append(part)
        groups, arrays = [], {}
        for index, parts in enumerate(alike.values()):
            groups.append(parts[0].block)
            columns = [self._columns(part.model.plan) for part in parts]
            stored: Arrays = (
                join_trees([part.exported.arrays for part in parts], columns)
                if groups[-1]["family"] in JOINED
                else {**parts[0].exported.arrays, "columns": columns[0]}
            )
            stored["weight"] = np.array([part.weight for part in parts])
            arrays.update({f"{index}.{name}": array for name, array in stored.items()})
        for index, step in enumerate(self.plan.steps):
            arrays.update({f"step.{index}.{name}": array for name, array in step.arrays.items()})
        block = {
            "groups": groups,
            "steps": [step.kind for step in self.plan.steps],
            "temperature": self.temperature,
            "floor": self.floor,
            "prior": self.prior.tolist(),
        }
        return Exported(block, arrays)


def _excess(members: list[_Member]) -> Callable[[_Member], float] | None:
    """Return the figure of a member of which all together have too much, or None."""
    limits: list[tuple[Callable[[_Member], float], float]] = [
        (lambda member: member.bytes, MAX_BYTES),
        (lambda member: member.cost, MAX_COST),
    ]
    return next((figure for figure, most in limits if sum(map(figure, members)) > most), None)
