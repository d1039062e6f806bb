"""From raw columns to blocks: what is known of a row before any model looks at it.

Training and serving both run this code, so there is no second implementation to drift apart.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.columns import Columns, FloatArray, Layout, Table
from scoring.encoders import (
    CODES,
    ENCODERS,
    NUMBER_LIMIT,
    NUMBERS,
    TERMS,
    CategoryEncoder,
    DifferenceEncoder,
    Encoder,
    LevelEncoder,
    NumberEncoder,
)
from scoring.errors import ModelError
from scoring.terms import Terms

COMPILED = frozenset({NumberEncoder, DifferenceEncoder, CategoryEncoder, LevelEncoder})


@dataclass(slots=True)
class Blocks:
    """What encoders make of rows.

    Parameters
    ----------
    numbers
        Rows x numbers, NaN where missing.
    codes
        Rows x categories.
    terms
        The terms of each text.
    """

    numbers: FloatArray
    codes: NDArray[np.intp]
    terms: tuple[Terms, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: NDArray[np.generic]) -> "Blocks":
        """Return the blocks of some rows."""
        return Blocks(self.numbers[rows], self.codes[rows], tuple(terms.take(rows) for terms in self.terms))


class Encoders:
    """An ordered list of encoders, as data.

    Parameters
    ----------
    steps
        The encoders; what they write to a block stands there side by side.
    """

    def __init__(self, steps: Sequence[Encoder]) -> None:
        self.steps = tuple(steps)
        self._loops: dict[Layout, compiled.BlockEncoder] = {}

    def of(self, block: str) -> list[Encoder]:
        """Return the encoders that write to a block, in order."""
        return [step for step in self.steps if step.block == block]

    @cached_property
    def names(self) -> list[str]:
        """Names of the numbers, in order."""
        return [name for step in self.of(NUMBERS) for name in step.names]

    @property
    def read(self) -> set[str]:
        """Names of the raw columns that are read."""
        return {name for step in self.steps for name in step.read}

    @property
    def sizes(self) -> list[int]:
        """How many codes each category has: its levels, one for others and one for missing."""
        return [step.size for step in self.of(CODES)]

    def encode(self, columns: Columns, rows: int) -> Blocks:
        """Return the blocks of raw columns."""
        numbers, codes = np.empty((rows, self._width)), np.empty((rows, len(self._codes)), dtype=np.intp)
        left = self._steps
        if compiled.LIBRARY is not None:
            table = columns if isinstance(columns, Table) else self._table(columns, rows)
            loop = self._loop_of(compiled.LIBRARY, table.layout)
            loop.encode(table.numbers, table.texts, numbers, codes)
            left = self._left
        for place, step in left:
            (numbers if step.block == NUMBERS else codes)[:, place] = step.encode(columns)
        terms = tuple(step.encode(columns) for step in self._texts) if self._texts else ()
        return Blocks(numbers, codes, terms)

    def _table(self, columns: Columns, rows: int) -> Table:
        """Return the columns that compiled encoders read, side by side."""

        def beside(names: Iterable[str], dtype: type[np.generic]) -> NDArray[Any]:
            own = [columns[name] for name in names]
            block = np.concatenate(own, dtype=dtype) if own else np.empty(0, dtype=dtype)
            return block.reshape(len(own), rows)

        layout = self._layout
        return Table(beside(layout.numbers, np.float64), beside(layout.texts, np.object_), layout)

    def _loop_of(self, library: compiled.Library, layout: Layout) -> compiled.BlockEncoder:
        """Return what encodes columns that stand like this: as a reader puts them, or :meth:`_table`."""
        loop = self._loops.get(layout)
        if loop is None:
            self._loops[layout] = loop = self._compiled(library, layout)
        return loop

    def _compiled(self, library: compiled.Library, layout: Layout) -> compiled.BlockEncoder:
        found = [(place.start, step) for place, step in self._steps if type(step) in COMPILED]
        numbers = [(place, step) for place, step in found if step.block == NUMBERS]
        codes = [(place, step) for place, step in found if isinstance(step, CategoryEncoder)]
        levels = [(place, step) for place, step in found if isinstance(step, LevelEncoder)]
        others = [
            layout.numbers[step.other] if isinstance(step, DifferenceEncoder) else -1 for _, step in numbers
        ]
        values = [step.values for _, step in levels]
        return library.Encoding(
            _positions(layout.numbers[step.feature] for _, step in numbers),
            _positions(place for place, _ in numbers),
            _positions(others),
            np.array([NUMBER_LIMIT]),
            _positions(layout.texts[step.feature] for _, step in codes),
            _positions(place for place, _ in codes),
            tuple(step.codes for _, step in codes),
            _positions(layout.numbers[step.feature] for _, step in levels),
            _positions(place for place, _ in levels),
            _positions(itertools.accumulate(map(len, values))),
            np.array([value for known in values for value in known], dtype=np.float64),
        )

    def __getstate__(self) -> dict[str, Any]:
        # In another process it is made anew.
        return self.__dict__ | {"_loops": {}}

    @cached_property
    def _steps(self) -> list[tuple[slice, Encoder]]:
        """The encoders of numbers and of codes, and the columns of their block that each writes."""
        found: list[tuple[slice, Encoder]] = []
        for block in (NUMBERS, CODES):
            steps = self.of(block)
            ends = itertools.accumulate(len(step.names) for step in steps)
            found += [
                (slice(end - len(step.names), end), step) for end, step in zip(ends, steps, strict=True)
            ]
        return found

    @cached_property
    def _left(self) -> list[tuple[slice, Encoder]]:
        """What is not compiled."""
        return [(place, step) for place, step in self._steps if type(step) not in COMPILED]

    @cached_property
    def _layout(self) -> Layout:
        """Where :meth:`_table` puts the columns."""
        read = [step for _, step in self._steps if type(step) in COMPILED]
        numbers = dict.fromkeys(name for step in read if not step.texts for name in step.read)
        texts = dict.fromkeys(name for step in read if step.texts for name in step.read)
        return Layout(*({name: row for row, name in enumerate(names)} for names in (numbers, texts)))

    @cached_property
    def _width(self) -> int:
        return len(self.names)

    @cached_property
    def _codes(self) -> list[Encoder]:
        return self.of(CODES)

    @cached_property
    def _texts(self) -> list[Encoder]:
        return self.of(TERMS)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the encoders as JSON-able data."""
        return [{"kind": step.kind, **asdict(step)} for step in self.steps]

    @classmethod
    def from_json(cls, steps: Sequence[Mapping[str, Any]]) -> "Encoders":
        """Rebuild encoders from :meth:`to_json`.

        Raises
        ------
        ModelError
            When an encoder is unknown or has the wrong fields.
        """
        encoders: list[Encoder] = []
        for step in steps:
            encoder = ENCODERS.get(str(step.get("kind")))
            if encoder is None:
                raise ModelError(f"The model has an unknown encoder {step.get('kind')!r}.")
            fields = {key: tuple(v) if isinstance(v, list) else v for key, v in step.items() if key != "kind"}
            try:
                encoders.append(encoder(**fields))
            except TypeError as error:
                raise ModelError(f"The encoder {step.get('kind')!r} has the wrong fields.") from error
        return cls(encoders)


def _positions(positions: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(positions, np.int64)
