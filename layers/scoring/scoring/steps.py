"""From blocks to the matrix that a model sees: what training estimated, as arrays.

Each step writes some columns. Fold models share the steps that are equal, so each is taken once.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar, override

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.blocks import Blocks
from scoring.columns import FloatArray
from scoring.errors import ModelError

type Arrays = Mapping[str, NDArray[Any]]


class Step(ABC):
    """A transformation of blocks with estimated parameters.

    Parameters
    ----------
    arrays
        Its parameters by name, see each class. ``columns`` says which columns of its block are read.

    Raises
    ------
    ModelError
        When the arrays do not fit together.
    """

    kind: ClassVar[str]
    fields: ClassVar[dict[str, type[np.generic]]]

    def __init__(self, arrays: Arrays) -> None:
        try:
            self.arrays = {
                name: np.asarray(arrays[name]).astype(dtype) for name, dtype in self.fields.items()
            }
        except KeyError as error:
            raise ModelError(f"The step {self.kind!r} lacks its array {error}.") from error
        self.columns = self.arrays["columns"]
        if self.columns.ndim != 1 or (self.columns < 0).any() or not self._fits():
            raise ModelError(f"The arrays of the step {self.kind!r} do not fit together.")

    def _fits(self) -> bool:
        """Return whether the arrays fit together."""
        return True

    @property
    def width(self) -> int:
        """How many columns are written."""
        return len(self.columns)

    @abstractmethod
    def apply(self, blocks: Blocks) -> FloatArray:
        """Return the columns, rows x width."""

    @cached_property
    def digest(self) -> bytes:
        """What two steps share that do the same."""
        parts = [self.kind.encode()]
        for array in self.arrays.values():
            parts += [str((array.dtype, array.shape)).encode(), np.ascontiguousarray(array).tobytes()]
        return sha256(b"\0".join(parts)).digest()


class NumbersStep(Step):
    """Numbers as they are, NaN where missing."""

    kind = "numbers"
    fields: ClassVar = {"columns": np.intp}

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        return blocks.numbers[:, self.columns]


class ScaledStep(Step):
    """Numbers through a piecewise linear function each, and ``fill`` where they are missing.

    ``knots`` and ``values`` (columns x knots) hold the function, which is flat beyond the first and the
    last knot. With normal scores of quantiles for values this is a rank transformation.
    """

    kind = "scaled"
    fields: ClassVar = {"columns": np.intp, "knots": np.float64, "values": np.float64, "fill": np.float64}

    @override
    def _fits(self) -> bool:
        knots, values = self.arrays["knots"], self.arrays["values"]
        return (
            knots.ndim == 2
            and knots.shape == values.shape
            and knots.shape[0] == len(self.columns) == len(self.arrays["fill"])
            and knots.shape[1] > 0
            and bool((np.diff(knots, axis=1) >= 0).all())
            and all(np.isfinite(self.arrays[name]).all() for name in ("knots", "values", "fill"))
        )

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        knots, values = self.arrays["knots"], self.arrays["values"]
        numbers = blocks.numbers[:, self.columns]
        matrix = np.empty(numbers.shape)
        for place, column in enumerate(numbers.T):
            matrix[:, place] = np.interp(column, knots[place], values[place])
        filled: FloatArray = np.where(np.isnan(numbers), self.arrays["fill"], matrix)
        return filled


class MissingStep(Step):
    """One where a number is missing, zero elsewhere."""

    kind = "missing"
    fields: ClassVar = {"columns": np.intp}

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        return np.isnan(blocks.numbers[:, self.columns]).astype(np.float64)


class CodesStep(Step):
    """Categories as codes, NaN from ``known`` on: others and missing ones."""

    kind = "codes"
    fields: ClassVar = {"columns": np.intp, "known": np.intp}

    @override
    def _fits(self) -> bool:
        return bool(self.arrays["known"].shape == self.columns.shape)

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        codes = blocks.codes[:, self.columns]
        return np.where(codes < self.arrays["known"], codes, np.nan)


class OneHotStep(Step):
    """Categories as indicators.

    ``slots`` holds, for each code of the first category, then of the second and so on, the column that is
    one, or -1; ``offsets`` says where each category's codes begin there.
    """

    kind = "one_hot"
    fields: ClassVar = {"columns": np.intp, "offsets": np.intp, "slots": np.intp}

    @override
    def _fits(self) -> bool:
        slots = self.arrays["slots"]
        inside = bool(((slots >= -1) & (slots < len(slots))).all())
        return inside and _offsets_fit(self.columns, self.arrays["offsets"], len(slots))

    @cached_property
    @override
    def width(self) -> int:
        return int(self.arrays["slots"].max(initial=-1)) + 1

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        slots = self.arrays["slots"][blocks.codes[:, self.columns] + self.arrays["offsets"]]
        # One more column takes the codes without a slot.
        matrix = np.zeros((len(blocks), self.width + 1))
        matrix[np.arange(len(blocks))[:, None], slots] = 1.0
        return matrix[:, :-1]


class TableStep(Step):
    """Categories as what a table says of each code, such as how frequent it is or its mean target.

    ``table`` (all codes x figures) and ``offsets`` are laid out as in :class:`OneHotStep`.
    """

    kind = "table"
    fields: ClassVar = {"columns": np.intp, "offsets": np.intp, "table": np.float64}

    @override
    def _fits(self) -> bool:
        table = self.arrays["table"]
        return (
            table.ndim == 2
            and _offsets_fit(self.columns, self.arrays["offsets"], len(table))
            and bool(np.isfinite(table).all())
        )

    @property
    @override
    def width(self) -> int:
        return len(self.columns) * int(self.arrays["table"].shape[1])

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        found = self.arrays["table"][blocks.codes[:, self.columns] + self.arrays["offsets"]]
        return np.asarray(found.reshape(len(blocks), self.width), dtype=np.float64)


class TextStep(Step):
    """The scores of a linear model on the terms of texts.

    ``columns`` says which terms; ``idf`` and ``weights`` (terms x outputs) hold theirs one after the other,
    ``lengths`` how many each has; ``intercept`` has one entry per output.
    """

    kind = "text"
    fields: ClassVar = {
        "columns": np.intp,
        "lengths": np.intp,
        "idf": np.float32,
        "weights": np.float32,
        "intercept": np.float64,
    }

    @override
    def _fits(self) -> bool:
        weights, lengths = self.arrays["weights"], self.arrays["lengths"]
        return (
            lengths.shape == self.columns.shape
            and weights.ndim == 2
            and len(weights) == len(self.arrays["idf"]) == lengths.sum()
            and self.arrays["intercept"].shape == (weights.shape[1],)
            and bool(np.isfinite(weights).all() and np.isfinite(self.arrays["idf"]).all())
        )

    @property
    @override
    def width(self) -> int:
        return len(self.arrays["intercept"])

    @override
    def apply(self, blocks: Blocks) -> FloatArray:
        total = np.tile(self.arrays["intercept"], (len(blocks), 1))
        ends = np.cumsum(self.arrays["lengths"])
        for column, end, length in zip(self.columns, ends, self.arrays["lengths"], strict=True):
            part = slice(end - length, end)
            total += blocks.terms[column].score(self.arrays["idf"][part], self.arrays["weights"][part])
        return total


STEPS: dict[str, type[Step]] = {
    step.kind: step
    for step in (NumbersStep, ScaledStep, MissingStep, CodesStep, OneHotStep, TableStep, TextStep)
}

# As plan.c numbers them, and the arrays that it is given of each: the first that a step has.
COMPILED = ("numbers", "scaled", "missing", "codes", "one_hot", "table")
COMPILED_ARRAYS = (
    ("integer", ("columns",)),
    ("integer", ("offsets", "known")),
    ("integer", ("slots",)),
    ("real", ("knots",)),
    ("real", ("values", "table")),
    ("real", ("fill",)),
)


class Plan:
    """Steps whose columns stand side by side.

    Parameters
    ----------
    steps
        In order.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self._loop: compiled.MatrixPlan | None = None

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return sum(step.width for step in self.steps)

    def transform(self, blocks: Blocks) -> FloatArray:
        """Return the matrix of blocks, rows x width, in C order."""
        matrix = np.empty((len(blocks), self._width))
        left = self._places
        if compiled.LIBRARY is not None:
            if self._loop is None:
                self._loop = self._compiled(compiled.LIBRARY)
            self._loop.apply(np.ascontiguousarray(blocks.numbers), np.ascontiguousarray(blocks.codes), matrix)
            left = self._left
        for place, step in left:
            matrix[:, place] = step.apply(blocks)
        return matrix

    def _compiled(self, library: compiled.Library) -> compiled.MatrixPlan:
        """Return what applies the steps that have a number in C."""
        none: dict[str, NDArray[Any]] = {"integer": np.empty(0, dtype=np.int64), "real": np.empty(0)}
        steps = []
        for place, step in self._places:
            if step.kind in COMPILED:
                arrays = [
                    np.ascontiguousarray(
                        next((step.arrays[name] for name in names if name in step.arrays), none[kind])
                    )
                    for kind, names in COMPILED_ARRAYS
                ]
                steps.append(
                    library.Step(COMPILED.index(step.kind), place.start, place.stop - place.start, *arrays)
                )
        return library.Plan(tuple(steps))

    def __getstate__(self) -> dict[str, Any]:
        # In another process it is made anew.
        return self.__dict__ | {"_loop": None}

    @cached_property
    def _width(self) -> int:
        return self.width

    @cached_property
    def _places(self) -> list[tuple[slice, Step]]:
        """Which columns of the matrix each step writes."""
        ends = itertools.accumulate(step.width for step in self.steps)
        return [(slice(end - step.width, end), step) for end, step in zip(ends, self.steps, strict=True)]

    @cached_property
    def _left(self) -> list[tuple[slice, Step]]:
        """What is not compiled."""
        return [(place, step) for place, step in self._places if step.kind not in COMPILED]

    @classmethod
    def load(cls, kinds: Sequence[str], arrays: Arrays, sizes: Mapping[str, Sequence[int]]) -> "Plan":
        """Rebuild a plan.

        Parameters
        ----------
        kinds
            Of each step.
        arrays
            Those of step ``i`` are called ``step.i.<name>``.
        sizes
            Of each block: how many values each of its columns can have.

        Raises
        ------
        ModelError
            When steps and blocks do not fit together.
        """
        steps = []
        for position, kind in enumerate(kinds):
            if kind not in STEPS:
                raise ModelError(f"The model has an unknown step {kind!r}.")
            prefix = f"step.{position}."
            own = {
                name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)
            }
            step = STEPS[kind](own)
            if not _reads_what_is_there(step, sizes):
                raise ModelError(f"The step {kind!r} reads what the encoders do not write.")
            steps.append(step)
        return cls(steps)


def _reads_what_is_there(step: Step, sizes: Mapping[str, Sequence[int]]) -> bool:
    if isinstance(step, TextStep):
        known = np.array(sizes["terms"], dtype=np.intp)
        return bool((step.columns < len(known)).all()) and bool(
            (known[step.columns] == step.arrays["lengths"]).all()
        )
    if isinstance(step, OneHotStep | TableStep | CodesStep):
        known = np.array(sizes["codes"], dtype=np.intp)
        if not bool((step.columns < len(known)).all()):
            return False
        if isinstance(step, CodesStep):
            return True
        codes = len(step.arrays["slots" if isinstance(step, OneHotStep) else "table"])
        ends = np.append(step.arrays["offsets"][1:], codes)
        return bool((ends - step.arrays["offsets"] == known[step.columns]).all())
    return bool((step.columns < len(sizes["numbers"])).all())


def _offsets_fit(columns: NDArray[Any], offsets: NDArray[Any], codes: int) -> bool:
    if offsets.shape != columns.shape or not len(offsets):
        return False
    return bool(offsets[0] == 0 and (np.diff(offsets) > 0).all() and offsets[-1] < codes)
