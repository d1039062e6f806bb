"""The weighted mean of the answers of several models."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError
from scoring.features import FloatArray
from scoring.linear import LinearModel
from scoring.links import respond
from scoring.trees import TreeEnsemble

type Arrays = Mapping[str, NDArray[np.generic]]


class Member:
    """Models of one family and one link, and the weight of each.

    Parameters
    ----------
    block
        ``family``, ``link`` and what the family needs to know.
    arrays
        The arrays of the family and, in an ensemble, ``weight`` (one per part).
    outputs
        How many numbers answer a row.

    Raises
    ------
    ModelError
        When block and arrays make no member.
    """

    def __init__(self, block: Mapping[str, Any], arrays: Arrays, outputs: int) -> None:
        self.link: str = block["link"]
        self.scorer = _scorer(block, arrays)
        self.weight = np.asarray(arrays.get("weight", [1.0]), dtype=np.float64)
        # One row shows whether the arrays answer at all, before a client's row does.
        shape = self._answers(np.zeros((1, self.scorer.inputs))).shape
        if shape != (1, len(self.weight), outputs) or not np.isfinite(self.weight).all():
            raise ModelError("A member's answers fit neither its weights nor the task.")

    def _answers(self, X: FloatArray) -> FloatArray:
        return respond(self.scorer.score(X), self.link)

    def answer(self, X: FloatArray) -> FloatArray:
        """Return the weighted sum of the parts' answers."""
        weighted: FloatArray = np.einsum("rpo,p->ro", self._answers(X), self.weight)
        return weighted


class Ensemble:
    """The members of a model; a model of a plain family is its only member.

    Parameters
    ----------
    block
        The manifest's ``model``.
    arrays
        All arrays; those of member ``i`` of an ensemble are called ``i.<name>``.
    outputs
        How many numbers answer a row.
    """

    def __init__(self, block: Mapping[str, Any], arrays: Arrays, outputs: int) -> None:
        if block["family"] != "ensemble":
            self.members = [Member(block, arrays, outputs)]
            return
        self.members = [
            Member(group, _unpacked(arrays, f"{index}."), outputs)
            for index, group in enumerate(block["groups"])
        ]
        if not self.members:
            raise ModelError("The ensemble has no members.")

    @property
    def inputs(self) -> int:
        """The smallest number of matrix columns that the members need."""
        return max(member.scorer.inputs for member in self.members)

    def answer(self, X: FloatArray) -> FloatArray:
        """Return class probabilities, or one column of numbers."""
        total = self.members[0].answer(X)
        for member in self.members[1:]:
            total += member.answer(X)
        return total


def _scorer(block: Mapping[str, Any], arrays: Arrays) -> LinearModel | TreeEnsemble:
    match block["family"]:
        case "linear":
            return LinearModel(arrays)
        case "trees":
            return TreeEnsemble(arrays, single_precision=block["single_precision"], average=block["average"])
        case family:
            raise ModelError(f"The model is of an unknown family {family!r}.")


def _unpacked(arrays: Arrays, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Return a member's arrays; its children are stored as distances, which compress far better."""
    own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    for child in ("left", "right"):
        if child in own:
            distance = np.asarray(own[child])
            if distance.ndim != 1:
                raise ModelError("The tree ensemble's arrays do not fit together.")
            own[child] = distance.astype(np.intp) + np.arange(len(distance))
    return own
