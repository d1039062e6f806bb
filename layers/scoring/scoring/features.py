"""From raw columns to blocks: what is known of a row before any model looks at it.

Training and serving both run this code, so there is no second implementation to drift apart.
A raw column is a float array for numbers, booleans and dates (seconds since 1970, NaN where missing)
and an object array of ``str`` or ``None`` for categories and text.
"""

import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, override

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.dates import FIRST_SECOND, LAST_SECOND, date_part
from scoring.errors import ModelError
from scoring.terms import Terms, count_terms, grams_of, words_of

type FloatArray = NDArray[np.float64]
type Column = NDArray[Any]
type Columns = Mapping[str, Column]

# Beyond any real measurement, and still inside the float32 range that scikit-learn's forests compare in.
NUMBER_LIMIT = 1e30
FIRST_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
PREFIX = re.compile(r"\s*([^\W\d_./-][^\s\d_,;:-]*)")

NUMBERS, CODES, TERMS = "numbers", "codes", "terms"


class Place(NamedTuple):
    """Where a raw column of a :class:`Table` stands."""

    texts: bool
    row: int


class Table(Mapping[str, Column]):
    """Raw columns that were read together.

    Parameters
    ----------
    numbers, texts
        Columns x rows.
    places
        Where each column stands.
    """

    def __init__(self, numbers: FloatArray, texts: NDArray[Any], places: Mapping[str, Place]) -> None:
        self.numbers, self.texts, self.places = numbers, texts, places

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.numbers.shape[1])

    def part(self, rows: slice) -> "Table":
        """Return some rows."""
        numbers, texts = (np.ascontiguousarray(block[:, rows]) for block in (self.numbers, self.texts))
        return Table(numbers, texts, self.places)

    @override
    def __getitem__(self, name: str) -> Column:
        place = self.places[name]
        column: Column = (self.texts if place.texts else self.numbers)[place.row]
        return column

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    @override
    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Encoder(ABC):
    """Reads one raw column (some read a second one) and writes columns of one block.

    Parameters
    ----------
    feature
        Name of the raw column that is read.
    """

    feature: str
    kind: ClassVar[str]
    block: ClassVar[str] = NUMBERS

    @property
    def names(self) -> list[str]:
        """Names of the columns that are written."""
        return [self.feature]

    @abstractmethod
    def encode(self, columns: Columns) -> Any:
        """Return the columns: rows x names, or the rows' terms."""

    @property
    def size(self) -> int:
        """How many values a code or a term can have; 0 for numbers."""
        return 0


@dataclass(frozen=True)
class NumberEncoder(Encoder):
    """A number as it is, NaN where missing."""

    kind: ClassVar[str] = "number"

    @override
    def encode(self, columns: Columns) -> FloatArray:
        return _limited(columns[self.feature])[:, None]


@dataclass(frozen=True)
class DateEncoder(Encoder):
    """A date as calendar parts and as days since 1970, NaN where missing."""

    parts: tuple[str, ...]
    kind: ClassVar[str] = "date"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} {part}" for part in self.parts]

    @override
    def encode(self, columns: Columns) -> FloatArray:
        column = np.asarray(columns[self.feature], dtype=np.float64)
        seconds = np.clip(column, FIRST_SECOND, LAST_SECOND)
        missing = np.isnan(seconds)
        whole = np.where(missing, 0.0, seconds)
        matrix = np.stack([date_part(whole, part) for part in self.parts], axis=1)
        matrix[missing] = np.nan
        return matrix


@dataclass(frozen=True)
class DifferenceEncoder(Encoder):
    """The difference of two numbers, or of two dates in seconds."""

    other: str
    kind: ClassVar[str] = "difference"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} - {self.other}"]

    @override
    def encode(self, columns: Columns) -> FloatArray:
        return (_limited(columns[self.feature]) - _limited(columns[self.other]))[:, None]


@dataclass(frozen=True)
class RotationEncoder(Encoder):
    """A place, as the position along axes that are turned against north.

    Trees cut along one axis at a time; a coast or a railway runs along others.

    Parameters
    ----------
    other
        The longitude, where ``feature`` is the latitude.
    scale
        How long a degree of longitude is, in degrees of latitude.
    degrees
        The axes, in degrees from east.
    """

    other: str
    scale: float
    degrees: tuple[float, ...]
    kind: ClassVar[str] = "rotation"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature}, {self.other} at {degrees:g}" for degrees in self.degrees]

    @override
    def encode(self, columns: Columns) -> FloatArray:
        north, east = _limited(columns[self.feature]), _limited(columns[self.other]) * self.scale
        angles = np.deg2rad(np.array(self.degrees))
        return east[:, None] * np.cos(angles) + north[:, None] * np.sin(angles)


@dataclass(frozen=True)
class ShapeEncoder(Encoder):
    """How a text is made: characters, words, digits, capitals, marks, and the first number in it."""

    kind: ClassVar[str] = "shape"
    parts: ClassVar[tuple[str, ...]] = ("length", "words", "digits", "capitals", "marks", "first number")

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} {part}" for part in self.parts]

    @override
    def encode(self, columns: Columns) -> FloatArray:
        return _per_value(columns[self.feature], _shape, len(self.parts))


@dataclass(frozen=True)
class TokenEncoder(Encoder):
    """Whether a text has each of some words."""

    words: tuple[str, ...]
    kind: ClassVar[str] = "token"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} has {word}" for word in self.words]

    @override
    def encode(self, columns: Columns) -> FloatArray:
        def flags(text: str) -> Sequence[float]:
            found = set(words_of(text))
            return [float(word in found) for word in self.words]

        return np.nan_to_num(_per_value(columns[self.feature], flags, len(self.words)))


@dataclass(frozen=True)
class CategoryEncoder(Encoder):
    """A category as the position among its levels, then one code for all others and one for missing."""

    levels: tuple[str, ...]
    kind: ClassVar[str] = "category"
    block: ClassVar[str] = CODES

    @property
    @override
    def size(self) -> int:
        return len(self.levels) + 2

    @cached_property
    def codes(self) -> dict[str | None, int]:
        """The code of each level, and of what is missing; all others have the one between."""
        codes: dict[str | None, int] = {level: rank for rank, level in enumerate(self.levels)}
        codes[None] = len(self.levels) + 1
        return codes

    @override
    def encode(self, columns: Columns) -> NDArray[np.intp]:
        column, codes, other = columns[self.feature], self.codes, len(self.levels)
        return np.array([codes.get(value, other) for value in column.tolist()], dtype=np.intp)[:, None]


@dataclass(frozen=True)
class PrefixEncoder(CategoryEncoder):
    """The letters that a text begins with, as a category."""

    kind: ClassVar[str] = "prefix"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} prefix"]

    @override
    def encode(self, columns: Columns) -> NDArray[np.intp]:
        column = columns[self.feature]
        known = {value: self._code(value) for value in dict.fromkeys(column)}
        return np.fromiter((known[value] for value in column), np.intp, len(column))[:, None]

    def _code(self, value: str | None) -> int:
        return self.codes.get(None if value is None else prefix_of(value), len(self.levels))


@dataclass(frozen=True)
class LevelEncoder(Encoder):
    """A number with few values as a category."""

    values: tuple[float, ...]
    kind: ClassVar[str] = "level"
    block: ClassVar[str] = CODES

    @property
    @override
    def size(self) -> int:
        return len(self.values) + 2

    @override
    def encode(self, columns: Columns) -> NDArray[np.intp]:
        column = np.asarray(columns[self.feature], dtype=np.float64)
        known = np.array(self.values)
        place = np.searchsorted(known, column).clip(0, len(known) - 1)
        codes = np.where(known[place] == column, place, len(known))
        return np.where(np.isnan(column), len(known) + 1, codes).astype(np.intp)[:, None]


@dataclass(frozen=True)
class TermsEncoder(Encoder):
    """Which terms a text has, and how often: words and pairs of words, or runs of letters.

    Parameters
    ----------
    vocabulary
        The terms.
    grams
        Whether terms are runs of letters.
    """

    vocabulary: tuple[str, ...]
    grams: bool
    kind: ClassVar[str] = "terms"
    block: ClassVar[str] = TERMS

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} {'runs' if self.grams else 'words'}"]

    @property
    @override
    def size(self) -> int:
        return len(self.vocabulary)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {term: position for position, term in enumerate(self.vocabulary)}

    @override
    def encode(self, columns: Columns) -> Terms:
        return count_terms(columns[self.feature], self._positions, grams_of if self.grams else words_of)


ENCODERS: dict[str, Callable[..., Encoder]] = {
    encoder.kind: encoder
    for encoder in (
        NumberEncoder,
        DateEncoder,
        DifferenceEncoder,
        RotationEncoder,
        ShapeEncoder,
        TokenEncoder,
        CategoryEncoder,
        PrefixEncoder,
        LevelEncoder,
        TermsEncoder,
    )
}


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
        # By where the columns stand: as a reader puts them, and as :meth:`_table` does.
        self._loops: dict[int, tuple[Mapping[str, Place], compiled.BlockEncoder]] = {}

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
        others = {step.other for step in self.steps if isinstance(step, DifferenceEncoder | RotationEncoder)}
        return {step.feature for step in self.steps} | others

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
            loop = self._loop_of(compiled.LIBRARY, table.places)
            loop.encode(table.numbers, table.texts, numbers, codes)
            left = self._left
        for place, step in left:
            (numbers if step.block == NUMBERS else codes)[:, place] = step.encode(columns)
        terms = tuple(step.encode(columns) for step in self._texts) if self._texts else ()
        return Blocks(numbers, codes, terms)

    def _table(self, columns: Columns, rows: int) -> Table:
        """Return the columns that compiled encoders read, side by side."""

        def beside(names: Sequence[str], dtype: type[np.generic]) -> NDArray[Any]:
            own = [columns[name] for name in names]
            block = np.concatenate(own, dtype=dtype) if own else np.empty(0, dtype=dtype)
            return block.reshape(len(own), rows)

        texts = [name for name, place in self._places.items() if place.texts]
        numbers = [name for name, place in self._places.items() if not place.texts]
        return Table(beside(numbers, np.float64), beside(texts, np.object_), self._places)

    def _loop_of(self, library: compiled.Library, places: Mapping[str, Place]) -> compiled.BlockEncoder:
        """Return what encodes columns that stand at these places."""
        # The places are kept beside it, so that nothing else gets their id.
        _, loop = self._loops.get(id(places)) or (None, None)
        if loop is None:
            loop = self._compiled(library, places)
            self._loops[id(places)] = places, loop
        return loop

    def _compiled(self, library: compiled.Library, places: Mapping[str, Place]) -> compiled.BlockEncoder:
        found = [(place, step) for place, step in self._steps if type(step) in COMPILED]
        numbers = [(place.start, step) for place, step in found if step.block == NUMBERS]
        codes = [(place.start, step) for place, step in found if isinstance(step, CategoryEncoder)]
        levels = [(place.start, step) for place, step in found if isinstance(step, LevelEncoder)]
        others = [
            places[step.other].row if isinstance(step, DifferenceEncoder) else -1 for _, step in numbers
        ]
        values = [step.values for _, step in levels]
        return library.Encoding(
            *_positions(numbers, places),
            np.array(others, dtype=np.int64),
            np.array([NUMBER_LIMIT]),
            *_positions(codes, places),
            tuple(step.codes for _, step in codes),
            *_positions(levels, places),
            np.cumsum([len(known) for known in values], dtype=np.int64),
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
    def _places(self) -> dict[str, Place]:
        """Where :meth:`_table` puts the columns."""
        read: dict[bool, dict[str, None]] = {False: {}, True: {}}
        for _, step in self._steps:
            if type(step) in COMPILED:
                names = [step.feature, step.other] if isinstance(step, DifferenceEncoder) else [step.feature]
                read[type(step) is CategoryEncoder] |= dict.fromkeys(names)
        return {
            name: Place(texts=texts, row=row)
            for texts, names in read.items()
            for row, name in enumerate(names)
        }

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


def _positions(
    placed: Sequence[tuple[int, Encoder]], places: Mapping[str, Place]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which columns encoders read, and which of a block they write."""
    sources = [places[step.feature].row for _, step in placed]
    return np.array(sources, dtype=np.int64), np.array([place for place, _ in placed], dtype=np.int64)


def prefix_of(text: str) -> str:
    """Return the letters that a text begins with, in lower case."""
    match = PREFIX.match(text)
    return match[1].lower() if match else ""


def _limited(column: Column) -> FloatArray:
    # What np.clip does, in a third of its time for one row.
    values: FloatArray = np.minimum(np.maximum(column, -NUMBER_LIMIT, dtype=np.float64), NUMBER_LIMIT)
    return values


def _shape(text: str) -> Sequence[float]:
    number = FIRST_NUMBER.search(text)
    return (
        len(text),
        len(text.split()),
        sum(character.isdigit() for character in text),
        sum(character.isupper() for character in text),
        sum(not (character.isalnum() or character.isspace()) for character in text),
        float(number[0]) if number else np.nan,
    )


def _per_value(column: Column, describe: Callable[[str], Sequence[float]], width: int) -> FloatArray:
    """Return what describes each text, worked out once per distinct one; NaN where it is missing."""
    distinct = {value: position for position, value in enumerate(dict.fromkeys(column))}
    table = np.full((len(distinct), width), np.nan)
    for value, position in distinct.items():
        if value is not None:
            table[position] = describe(value)
    return table[np.fromiter((distinct[value] for value in column), np.intp, len(column))]
