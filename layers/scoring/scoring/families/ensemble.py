"""The weighted mean of the answers of several models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.blocks import Blocks
from scoring.columns import FloatArray
from scoring.errors import ModelError
from scoring.families.kernel import KernelModel
from scoring.families.linear import LinearModel
from scoring.families.links import LINKS, bears, respond, sharpen
from scoring.families.lookups import TabledTrees
from scoring.families.network import NetworkModel
from scoring.families.oblivious import ObliviousTrees
from scoring.families.scores import Scores
from scoring.families.spline import SplineModel
from scoring.families.trees import TreeEnsemble
from scoring.steps import Plan

type Arrays = Mapping[str, NDArray[np.generic]]

SCORERS: dict[str, Callable[[Arrays], "Scorer"]] = {
    "linear": LinearModel,
    "oblivious": ObliviousTrees,
    "oblivious_tables": TabledTrees,
    "network": NetworkModel,
    "kernel": KernelModel,
    "spline": SplineModel,
    "scores": Scores,
}
# exp() of more is beyond any target that training accepts.
LOG_LIMIT = 230.0


class Scorer(Protocol):
    """A fitted model of some family."""

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns that it needs."""

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row: rows x parts x outputs."""


@dataclass(frozen=True)
class Scale:
    """How the scores of a regressor, in standard deviations, become numbers.

    Parameters
    ----------
    center, spread
        Of the target, or of ``log(1 + target)``.
    log
        Whether it is the latter.
    low, high
        No answer lies beyond these.
    """

    center: float
    spread: float
    log: bool
    low: float
    high: float

    def apply(self, scores: FloatArray) -> FloatArray:
        """Return numbers."""
        numbers = scores * self.spread + self.center
        if self.log:
            numbers = np.expm1(np.clip(numbers, -LOG_LIMIT, LOG_LIMIT))
        return np.clip(numbers, self.low, self.high)


class Member:
    """Models of one family and one link, and the weight of each.

    Parameters
    ----------
    block
        ``family``, ``link`` and what the family needs to know; ``temperature`` sharpens or softens
        probabilities, ``scale`` is that of a regressor.
    arrays
        The arrays of the family, ``weight`` (one per part) and, unless the family says itself which matrix
        columns it reads, ``columns``.
    outputs
        How many numbers answer a row.
    width
        How many columns the matrix has.

    Raises
    ------
    ModelError
        When block and arrays make no member.
    """

    def __init__(self, block: Mapping[str, Any], arrays: Arrays, outputs: int, width: int) -> None:
        self.link: str = block["link"]
        self.temperature = float(block.get("temperature", 1.0))
        self.scale = Scale(**block["scale"]) if block.get("scale") else None
        self.scorer = scorer_of(block, arrays)
        self.columns = np.asarray(arrays["columns"]).astype(np.intp) if "columns" in arrays else None
        self.weight = np.ascontiguousarray(arrays["weight"], dtype=np.float64)
        read = width if self.columns is None else self.columns.size
        inside = self.columns is None or (
            self.columns.ndim == 1 and bool(((self.columns >= 0) & (self.columns < width)).all())
        )
        if self.scorer.inputs > read or not inside or not bears(self.temperature):
            raise ModelError("A member reads columns that the model's plan does not make.")
        # One row shows whether the arrays answer at all, before a client's row does.
        shape = self.answers(np.zeros((1, width))).shape
        if shape != (1, len(self.weight), outputs) or not np.isfinite(self.weight).all():
            raise ModelError("A member's answers fit neither its weights nor the task.")
        if self.columns is not None and np.array_equal(self.columns, np.arange(width)):
            self.columns = None
        self._loop = None if compiled.LIBRARY is None else self._compiled(compiled.LIBRARY)

    def _compiled(self, library: compiled.Library) -> compiled.AnswerSum:
        scale = self.scale
        scales = [scale.center, scale.spread, scale.log, scale.low, scale.high, LOG_LIMIT] if scale else []
        return library.Answers(
            LINKS[self.link],
            np.array([self.temperature]),
            self.weight,
            np.array(scales, dtype=np.float64),
        )

    def scores(self, X: FloatArray) -> FloatArray:
        """Return the scores of each part: rows x parts x outputs of the family."""
        return self.scorer.score(X if self.columns is None else X.take(self.columns, axis=1))

    def answers(self, X: FloatArray) -> FloatArray:
        """Return the answer of each part: rows x parts x outputs."""
        answers = respond(self.scores(X), self.link)
        if self.scale is not None:
            return self.scale.apply(answers)
        return answers if self.temperature == 1.0 else sharpen(answers, self.temperature)

    def add(self, X: FloatArray, total: FloatArray) -> None:
        """Add the weighted sum of the parts' answers to a total, rows x outputs."""
        if self._loop is not None:
            self._loop.add(np.ascontiguousarray(self.scores(X)), total)
        else:
            total += np.einsum("rpo,p->ro", self.answers(X), self.weight)


class Ensemble:
    """The members of a model.

    Parameters
    ----------
    block
        The manifest's ``model``: ``groups`` (one block per member), ``steps`` (the kinds of the plan's steps)
        and, for a classifier, ``temperature``, ``prior`` and ``floor``.
    arrays
        All arrays; those of member ``i`` are called ``i.<name>``, those of step ``i`` ``step.i.<name>``.
    outputs
        How many numbers answer a row.
    sizes
        Of each block that the encoders write: how many values each column can have.
    """

    def __init__(
        self, block: Mapping[str, Any], arrays: Arrays, outputs: int, sizes: Mapping[str, list[int]]
    ) -> None:
        self.plan = Plan.load(block["steps"], arrays, sizes)
        self.temperature = float(block.get("temperature", 1.0))
        self.floor = float(block.get("floor", 0.0))
        self.prior = np.asarray(block.get("prior") or [0.0] * outputs, dtype=np.float64)
        fits = self.prior.shape == (outputs,) and bool((np.isfinite(self.prior) & (self.prior >= 0)).all())
        if not fits or not bears(self.temperature) or not 0 <= self.floor < 1:
            raise ModelError("The ensemble's calibration makes no probabilities.")
        width = self.plan.width
        self.members = [
            Member(group, _unpacked(arrays, f"{index}."), outputs, width)
            for index, group in enumerate(block["groups"])
        ]
        if not self.members:
            raise ModelError("The ensemble has no members.")

    def answer(self, blocks: Blocks) -> FloatArray:
        """Return class probabilities, or one column of numbers."""
        X = self.plan.transform(blocks)
        total = np.zeros((len(X), len(self.prior)))
        for member in self.members:
            member.add(X, total)
        return calibrate(total, self.temperature, self.floor, self.prior)


def calibrate(answers: FloatArray, temperature: float, floor: float, prior: FloatArray) -> FloatArray:
    """Return probabilities, sharpened by the temperature and mixed with a little of the prior.

    So many rows as a training has bear no probability much smaller than one in that many.
    """
    if temperature != 1.0:
        answers = sharpen(answers, temperature)
    return answers if floor == 0.0 else (1.0 - floor) * answers + floor * prior


def scorer_of(block: Mapping[str, Any], arrays: Arrays) -> Scorer:
    """Return a model of the family that the block names.

    Raises
    ------
    ModelError
        When the family is unknown, or the arrays make no model of it.
    """
    family = block["family"]
    if family == "trees":
        return TreeEnsemble(arrays, single_precision=block["single_precision"], average=block["average"])
    if family not in SCORERS:
        raise ModelError(f"The model is of an unknown family {family!r}.")
    return SCORERS[family](arrays)


def _unpacked(arrays: Arrays, prefix: str) -> dict[str, NDArray[np.generic]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
