"""What is made of one raw column, or of two.

Training and serving both run this code, so there is no second implementation to drift apart.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, override

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Columns, FloatArray
from scoring.dates import FIRST_SECOND, LAST_SECOND, date_part
from scoring.terms import Terms, count_terms, grams_of, words_of

# Beyond any real measurement, and still inside the float32 range that scikit-learn's forests compare in.
NUMBER_LIMIT = 1e30
FIRST_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
PREFIX = re.compile(r"\s*([^\W\d_./-][^\s\d_,;:-]*)")

NUMBERS, CODES, TERMS = "numbers", "codes", "terms"


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
    # Whether raw columns of texts are read, or such of numbers.
    texts: ClassVar[bool] = False

    @property
    def read(self) -> tuple[str, ...]:
        """Names of the raw columns that are read."""
        return (self.feature,)

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
class PairEncoder(Encoder):
    """Reads two raw columns of numbers.

    Parameters
    ----------
    other
        Name of the second.
    """

    other: str

    @property
    @override
    def read(self) -> tuple[str, ...]:
        return self.feature, self.other


@dataclass(frozen=True)
class DifferenceEncoder(PairEncoder):
    """The difference of two numbers, or of two dates in seconds."""

    kind: ClassVar[str] = "difference"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} - {self.other}"]

    @override
    def encode(self, columns: Columns) -> FloatArray:
        return (_limited(columns[self.feature]) - _limited(columns[self.other]))[:, None]


@dataclass(frozen=True)
class RotationEncoder(PairEncoder):
    """A place, as the position along axes that are turned against north.

    Trees cut along one axis at a time; a coast or a railway runs along others.

    Parameters
    ----------
    feature, other
        Latitude and longitude.
    scale
        How long a degree of longitude is, in degrees of latitude.
    degrees
        The axes, in degrees from east.
    """

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
    texts: ClassVar[bool] = True
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
    texts: ClassVar[bool] = True

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
    texts: ClassVar[bool] = True
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
    texts: ClassVar[bool] = True
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
