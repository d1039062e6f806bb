"""Inputs and encoders: raw columns to numbers and codes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ValueInfoProto, helper

from automl.errors import NotExpressibleError
from automl.onnx_export.graph import DOUBLE, INT, ML, STRING, Graph
from scoring.blocks import Encoders
from scoring.dates import CYCLES, FIRST_SECOND, LAST_SECOND, SECONDS_PER_DAY
from scoring.encoders import (
    CODES,
    NUMBER_LIMIT,
    NUMBERS,
    CategoryEncoder,
    DateEncoder,
    DifferenceEncoder,
    Encoder,
    LevelEncoder,
    NumberEncoder,
    PrefixEncoder,
    RotationEncoder,
)
from scoring.inputs import Feature

# Everything else is text.
NUMERIC_TYPES = frozenset({"numeric", "boolean", "date"})
HOW = {
    "numeric": "A number; NaN where missing.",
    "boolean": "1 for true, 0 for false; NaN where missing.",
    "date": "Seconds since 1970-01-01 UTC; NaN where missing.",
    "categorical": "Text without blanks around it; empty where missing.",
    "text": "Text without blanks around it; empty where missing.",
}
UNSAYABLE = {
    "shape": "counts the characters of a text",
    "token": "looks for words in a text",
    "prefix": "looks at how a text begins",
}
# No part with a cycle reaches it.
LARGEST_PART = 367
# Days from 0000-03-01 to 1970-01-01, from 0001-01-01 to 1970-01-01, and of 400, 100, 4 years and one.
EPOCH_OF_MARCH, EPOCH_OF_YEARS = 719_468, 719_162
AGE, CENTURY, LEAP, YEAR = 146_097, 36_524, 1_460, 365


@dataclass(frozen=True)
class Block:
    """Columns of numbers or codes.

    Parameters
    ----------
    value
        The matrix in the graph; empty where no column is read.
    places
        Where each column of the block stands in it, -1 for those that nothing reads.
    """

    value: str
    places: NDArray[np.int64]


def describe(features: Sequence[Feature]) -> list[ValueInfoProto]:
    """Return the inputs of the graph: for each feature a column, rows x 1."""
    infos = []
    for feature in features:
        kind = DOUBLE if feature.type in NUMERIC_TYPES else STRING
        infos.append(
            helper.make_tensor_value_info(feature.name, kind, ["rows", 1], doc_string=HOW[feature.type])
        )
    return infos


class InputGraph:
    """Writes encoders into a graph.

    Parameters
    ----------
    graph
        Where to.
    features
        The inputs.
    """

    def __init__(self, graph: Graph, features: Sequence[Feature]) -> None:
        self._graph = graph
        numeric = [feature.name for feature in features if feature.type in NUMERIC_TYPES]
        self._place = {name: place for place, name in enumerate(numeric)}
        self._raw = graph.beside(numeric) if numeric else ""
        self._limited = graph.clip(self._raw, -NUMBER_LIMIT, NUMBER_LIMIT) if numeric else ""

    def blocks(self, encoders: Encoders, read: dict[str, set[int]]) -> dict[str, Block]:
        """Return the blocks of numbers and of codes.

        Parameters
        ----------
        encoders
            Those of the model.
        read
            Of each block: which of its columns anything reads.

        Raises
        ------
        NotExpressibleError
            When a column is read for which ONNX has no words.
        """
        return {
            NUMBERS: self._block(encoders.of(NUMBERS), read[NUMBERS]),
            CODES: self._block(encoders.of(CODES), read[CODES]),
        }

    def _block(self, encoders: Sequence[Encoder], read: set[int]) -> Block:
        places: list[int] = []
        values: list[str] = []
        width = 0
        for encoder in encoders:
            own = range(len(places), len(places) + len(encoder.names))
            if read.isdisjoint(own):
                places += [-1] * len(own)
                continue
            values.append(self._encoded(encoder))
            places += range(width, width + len(own))
            width += len(own)
        return Block(self._graph.beside(values) if values else "", np.array(places, dtype=np.int64))

    def _encoded(self, encoder: Encoder) -> str:
        """Return the columns that an encoder writes, rows x names."""
        graph = self._graph
        match encoder:
            case PrefixEncoder():
                pass
            case NumberEncoder():
                return self._number(encoder.feature)
            case DifferenceEncoder():
                return graph.node("Sub", self._number(encoder.feature), self._number(encoder.other))
            case RotationEncoder():
                angles = np.deg2rad(np.array([encoder.degrees]))
                north, east = self._number(encoder.feature), self._number(encoder.other)
                along = graph.node("Mul", graph.node("Mul", east, encoder.scale), np.cos(angles))
                return graph.node("Add", along, graph.node("Mul", north, np.sin(angles)))
            case DateEncoder():
                return self._date(encoder)
            case CategoryEncoder():
                return self._category(encoder)
            case LevelEncoder():
                return self._level(encoder)
            case _:
                pass
        what = UNSAYABLE.get(encoder.kind, f"has the encoder {encoder.kind!r}")
        raise NotExpressibleError(f"the model {what} in the column {encoder.feature!r}")

    def _number(self, feature: str) -> str:
        return self._graph.columns(self._limited, [self._place[feature]], len(self._place))

    def _category(self, encoder: CategoryEncoder) -> str:
        keys = [*encoder.levels, ""]
        codes = [*range(len(encoder.levels)), len(encoder.levels) + 1]
        return self._graph.node(
            "LabelEncoder",
            encoder.feature,
            domain=ML,
            keys_strings=keys,
            values_int64s=codes,
            default_int64=len(encoder.levels),
        )

    def _level(self, encoder: LevelEncoder) -> str:
        graph, other = self._graph, len(encoder.values)
        raw = graph.columns(self._raw, [self._place[encoder.feature]], len(self._place))
        same = graph.cast(graph.node("Equal", raw, np.array([encoder.values])), INT)
        found = graph.total(graph.node("Mul", same, np.arange(other)[None] - other), 1, keep=True)
        code = graph.node("Add", found, np.array([[other]]))
        return graph.node("Where", graph.node("IsNaN", raw), np.array([[other + 1]]), code)

    def _date(self, encoder: DateEncoder) -> str:
        graph = self._graph
        raw = graph.columns(self._raw, [self._place[encoder.feature]], len(self._place))
        missing = graph.node("IsNaN", raw)
        known = graph.node("Where", missing, np.zeros((1, 1)), raw)
        calendar = _Calendar(graph, graph.clip(known, FIRST_SECOND, LAST_SECOND))
        parts = graph.beside([calendar.part(part) for part in encoder.parts])
        return graph.node("Where", missing, np.full((1, 1), np.nan), parts)


class _Calendar:
    """Calendar parts of seconds since 1970.

    Years begin in March here, so that the day of a leap year is their last one: Hinnant, "chrono-Compatible
    Low-Level Date Algorithms" (2013).
    """

    def __init__(self, graph: Graph, seconds: str) -> None:
        self._graph = graph
        self._seconds = seconds
        self._known: dict[str, str] = {}

    def part(self, part: str) -> str:
        """Return one part, as `scoring.dates.date_part` does."""
        if part not in self._known:
            self._known[part] = self._made(part)
        return self._known[part]

    def _made(self, part: str) -> str:
        wave, _, cycle = part.partition(" ")
        if wave in {"sin", "cos"} and cycle in CYCLES:
            first, length = CYCLES[cycle]
            # A table answers to the last bit as NumPy does, on which knots of ranks may hang.
            angles = (np.arange(LARGEST_PART) - first) * (2 * np.pi / length)
            table = np.sin(angles) if wave == "sin" else np.cos(angles)
            return self._graph.node("Gather", table, self._graph.cast(self.part(cycle), INT), axis=0)
        parts: dict[str, Callable[[], str]] = {
            "days": lambda: self._op("Div", self._seconds, SECONDS_PER_DAY),
            "day": self._day,
            "month": self._month,
            "year": self._year,
            "weekday": lambda: self._rest(self._op("Add", self._days, 3 + 7 * EPOCH_OF_MARCH), 7),
            "day_of_year": self._day_of_year,
            "hour": self._hour,
        }
        if part not in parts:
            raise NotExpressibleError(f"the model reads the part {part!r} of dates")
        return parts[part]()

    @property
    def _whole(self) -> str:
        return self._graph.node("Floor", self._seconds)

    @property
    def _days(self) -> str:
        return self._over(self._whole, SECONDS_PER_DAY)

    def _hour(self) -> str:
        before = self._op("Mul", self._days, SECONDS_PER_DAY)
        return self._over(self._graph.node("Sub", self._whole, before), 3600)

    def _march(self) -> tuple[str, str]:
        """Return the year that begins in March, and the day in it."""
        node = self._graph.node
        moved = self._op("Add", self._days, EPOCH_OF_MARCH)
        age, day = self._over(moved, AGE), self._rest(moved, AGE)
        years = node("Sub", day, self._over(day, LEAP))
        years = node("Sub", node("Add", years, self._over(day, CENTURY)), self._over(day, AGE - 1))
        year = self._over(years, YEAR)
        leaps = node("Sub", self._over(year, 4), self._over(year, 100))
        in_year = node("Sub", day, node("Add", self._op("Mul", year, YEAR), leaps))
        return node("Add", year, self._op("Mul", age, 400)), in_year

    def _month_of_march(self, day: str) -> str:
        return self._over(self._op("Add", self._op("Mul", day, 5), 2), 153)

    def _day(self) -> str:
        _, day = self._march()
        begun = self._over(self._op("Add", self._op("Mul", self._month_of_march(day), 153), 2), 5)
        return self._op("Add", self._graph.node("Sub", day, begun), 1)

    def _month(self) -> str:
        month = self._month_of_march(self._march()[1])
        late = self._graph.node("Less", month, np.full((1, 1), 10.0))
        return self._graph.node("Where", late, self._op("Add", month, 3), self._op("Sub", month, 9))

    def _year(self) -> str:
        turned = self._graph.node("LessOrEqual", self.part("month"), np.full((1, 1), 2.0))
        return self._graph.node("Add", self._march()[0], self._graph.cast(turned, DOUBLE))

    def _day_of_year(self) -> str:
        node = self._graph.node
        years = self._op("Sub", self.part("year"), 1)
        leaps = node("Sub", self._over(years, 4), self._over(years, 100))
        leaps = node("Add", leaps, self._over(years, 400))
        begun = node("Add", self._op("Mul", years, YEAR), leaps)
        return self._op("Add", node("Sub", self._days, begun), 1 + EPOCH_OF_YEARS)

    def _op(self, kind: str, value: str, number: float) -> str:
        return self._graph.node(kind, value, np.full((1, 1), float(number)))

    def _over(self, value: str, number: float) -> str:
        """Return how often a whole number goes into another one."""
        return self._graph.node("Floor", self._op("Div", value, number))

    def _rest(self, value: str, number: float) -> str:
        return self._graph.node("Sub", value, self._op("Mul", self._over(value, number), number))


def fed(features: Sequence[Feature], columns: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Return raw columns, as `scoring` takes them, as the graph takes them."""
    values: dict[str, NDArray[Any]] = {}
    for feature in features:
        column = columns[feature.name]
        if feature.type not in NUMERIC_TYPES:
            column = np.array(["" if value is None else value for value in column.tolist()], dtype=object)
        values[feature.name] = column[:, None]
    return values
