"""The feature plan: from raw columns to the matrix a model sees.

Training and serving both run this code, so there is no second implementation to drift apart.
A raw column is a float array for numbers, booleans and dates (seconds since 1970, NaN where missing)
and an object array of ``str`` or ``None`` for categories and text.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, override

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError

type FloatArray = NDArray[np.float64]
type Column = NDArray[Any]
type Columns = Mapping[str, Column]

# Beyond any real measurement, and still inside the float32 range that scikit-learn's forests compare in.
NUMBER_LIMIT = 1e30
FIRST_SECOND = -62_135_596_800.0
LAST_SECOND = 253_402_300_799.0
SECONDS_PER_DAY = 86_400
TOKEN = re.compile(r"\w+")


@dataclass(frozen=True)
class Encoder(ABC):
    """One step of a plan: reads one raw column, writes one or more matrix columns.

    Parameters
    ----------
    feature
        Name of the raw column that is read.
    """

    feature: str
    kind: ClassVar[str]

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """Names of the matrix columns that are written."""

    @abstractmethod
    def encode(self, column: Column) -> FloatArray:
        """Return the matrix columns, one row per value."""


@dataclass(frozen=True)
class NumberEncoder(Encoder):
    """A number as it is; missing becomes ``fill``, or stays NaN without one."""

    fill: float | None = None
    kind: ClassVar[str] = "number"

    @property
    @override
    def names(self) -> list[str]:
        return [self.feature]

    @override
    def encode(self, column: Column) -> FloatArray:
        values: FloatArray = np.clip(np.asarray(column, dtype=np.float64), -NUMBER_LIMIT, NUMBER_LIMIT)
        if self.fill is not None:
            values = np.where(np.isnan(values), self.fill, values)
        return values[:, None]


@dataclass(frozen=True)
class MissingEncoder(Encoder):
    """One where the number or date is missing, zero elsewhere."""

    kind: ClassVar[str] = "missing"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} is missing"]

    @override
    def encode(self, column: Column) -> FloatArray:
        return np.isnan(np.asarray(column, dtype=np.float64)).astype(np.float64)[:, None]


@dataclass(frozen=True)
class CodeEncoder(Encoder):
    """A category as its frequency rank; rare and unseen ones share a code, missing stays NaN."""

    levels: tuple[str, ...]
    kind: ClassVar[str] = "code"

    @property
    @override
    def names(self) -> list[str]:
        return [self.feature]

    @cached_property
    def _codes(self) -> dict[str | None, float]:
        codes: dict[str | None, float] = {level: float(rank) for rank, level in enumerate(self.levels)}
        codes[None] = np.nan
        return codes

    @override
    def encode(self, column: Column) -> FloatArray:
        codes, other = self._codes, float(len(self.levels))
        return np.fromiter((codes.get(value, other) for value in column), np.float64, len(column))[:, None]


@dataclass(frozen=True)
class OneHotEncoder(Encoder):
    """A category as one column per frequent level and one for all others; missing is all zeros."""

    levels: tuple[str, ...]
    kind: ClassVar[str] = "one_hot"

    @property
    @override
    def names(self) -> list[str]:
        return [*(f"{self.feature} = {level}" for level in self.levels), f"{self.feature} = other"]

    @cached_property
    def _positions(self) -> dict[str | None, int]:
        positions: dict[str | None, int] = {level: rank for rank, level in enumerate(self.levels)}
        positions[None] = len(self.levels) + 1
        return positions

    @override
    def encode(self, column: Column) -> FloatArray:
        positions, other = self._positions, len(self.levels)
        hot = np.fromiter((positions.get(value, other) for value in column), np.intp, len(column))
        matrix = np.zeros((len(column), other + 2))
        matrix[np.arange(len(column)), hot] = 1.0
        return matrix[:, :-1]


@dataclass(frozen=True)
class DateEncoder(Encoder):
    """A date as calendar parts and as days since 1970; missing becomes the part's fill, or NaN."""

    parts: tuple[str, ...]
    fills: tuple[float, ...] | None = None
    kind: ClassVar[str] = "date"

    @property
    @override
    def names(self) -> list[str]:
        return [f"{self.feature} {part}" for part in self.parts]

    @override
    def encode(self, column: Column) -> FloatArray:
        seconds = np.clip(np.asarray(column, dtype=np.float64), FIRST_SECOND, LAST_SECOND)
        missing = np.isnan(seconds)
        whole = np.where(missing, 0.0, seconds)
        matrix = np.stack([date_part(whole, part) for part in self.parts], axis=1)
        matrix[missing] = np.nan if self.fills is None else self.fills
        return matrix


@dataclass(frozen=True)
class TextEncoder(Encoder):
    """Free text as its length, its number of words and the presence of frequent words."""

    words: tuple[str, ...]
    kind: ClassVar[str] = "text"

    @property
    @override
    def names(self) -> list[str]:
        return [
            f"{self.feature} length",
            f"{self.feature} words",
            *(f"{self.feature} has {w}" for w in self.words),
        ]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.words, start=2)}

    @override
    def encode(self, column: Column) -> FloatArray:
        positions = self._positions
        matrix = np.zeros((len(column), len(self.words) + 2))
        for row, value in enumerate(column):
            if value is None:
                continue
            found = words_of(value)
            matrix[row, 0] = min(len(value), NUMBER_LIMIT)
            matrix[row, 1] = len(found)
            for word in found:
                position = positions.get(word)
                if position is not None:
                    matrix[row, position] = 1.0
        return matrix


ENCODERS: dict[str, Callable[..., Encoder]] = {
    encoder.kind: encoder
    for encoder in (NumberEncoder, MissingEncoder, CodeEncoder, OneHotEncoder, DateEncoder, TextEncoder)
}


class FeaturePlan:
    """An ordered list of encoders, as data.

    Parameters
    ----------
    encoders
        The steps; their outputs stand side by side in the matrix.
    """

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)

    @property
    def names(self) -> list[str]:
        """Names of the matrix columns, in order."""
        return [name for encoder in self.encoders for name in encoder.names]

    def transform(self, columns: Columns) -> FloatArray:
        """Return the matrix for raw columns, in C order."""
        blocks = [encoder.encode(columns[encoder.feature]) for encoder in self.encoders]
        return np.ascontiguousarray(np.concatenate(blocks, axis=1))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the plan as JSON-able data."""
        return [{"kind": step.kind, **asdict(step)} for step in self.encoders]

    @classmethod
    def from_json(cls, steps: Sequence[Mapping[str, Any]]) -> "FeaturePlan":
        """Rebuild a plan from :meth:`to_json`.

        Raises
        ------
        ModelError
            When a step is unknown or has the wrong fields.
        """
        encoders: list[Encoder] = []
        for step in steps:
            encoder = ENCODERS.get(str(step.get("kind")))
            if encoder is None:
                raise ModelError(f"The feature plan has an unknown step {step.get('kind')!r}.")
            fields = {key: tuple(v) if isinstance(v, list) else v for key, v in step.items() if key != "kind"}
            try:
                encoders.append(encoder(**fields))
            except TypeError as error:
                raise ModelError(
                    f"The feature plan's step {step.get('kind')!r} has the wrong fields."
                ) from error
        return cls(encoders)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return TOKEN.findall(text.lower())


def date_part(seconds: FloatArray, part: str) -> FloatArray:
    """Return one calendar part of finite seconds since 1970.

    Raises
    ------
    ModelError
        When the part has no meaning here.
    """
    if part == "days":
        return seconds / SECONDS_PER_DAY
    moments = np.floor(seconds).astype("datetime64[s]")
    days = moments.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    years = moments.astype("datetime64[Y]")
    match part:
        case "year":
            result = years.astype(np.int64) + 1970
        case "month":
            result = months.astype(np.int64) % 12 + 1
        case "day":
            result = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
        case "day_of_year":
            result = (days - years.astype("datetime64[D]")).astype(np.int64) + 1
        case "weekday":
            result = (days.astype(np.int64) + 3) % 7
        case "hour":
            result = (moments - days.astype("datetime64[s]")).astype(np.int64) // 3600
        case _:
            raise ModelError(f"The feature plan has an unknown date part {part!r}.")
    return result.astype(np.float64)
