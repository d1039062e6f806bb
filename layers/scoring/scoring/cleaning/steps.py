"""The steps of a cleaning recipe that concern columns, with what training estimated for them.

Training and serving both run this code, so there is no second implementation to drift apart. Every step
looks at one row at a time: how many rows come together does not matter.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, cast, override

import numpy as np

from scoring.cleaning.conversions import (
    BOOLEAN,
    CONVERSIONS,
    DATE,
    DECIMALS,
    ISO,
    NUMBERS,
    NUMERIC,
    THOUSANDS,
    WORDS,
    WRITTEN,
    check_date_format,
    map_texts,
    moment_of,
    number_of,
    read_texts,
    truth_of,
    write_numbers,
)
from scoring.columns import Column, FloatArray

type Cell = float | str | None
type Types = Mapping[str, str]

KEEP, LOWER, UPPER, TITLE = CASES = ("keep", "lower", "upper", "title")
ANY = WORDS | NUMBERS


@dataclass(frozen=True)
class CleaningStep(ABC):
    """Changes columns."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """About how many values the step holds."""
        return 1

    @abstractmethod
    def types_after(self, types: Types) -> dict[str, str]:
        """Return the types of the columns behind the step.

        Raises
        ------
        ValueError
            When the step does not fit the columns.
        """

    @abstractmethod
    def narrowed(self, needed: set[str]) -> "CleaningStep | None":
        """Return the part of the step that some columns behind it need, None if they need none."""

    @abstractmethod
    def sources(self, needed: set[str]) -> set[str]:
        """Return the columns before the step that some columns behind it are made from."""

    @abstractmethod
    def apply(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns behind the step."""

    def moved[T](self, entries: Mapping[str, T]) -> dict[str, T]:
        """Return what is known of each column, under the names that it has behind the step."""
        return dict(entries)

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON-able data."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Rename(CleaningStep):
    """Gives columns new names, all at once; a column that had such a name gives way.

    Parameters
    ----------
    names
        Old name to new name.
    """

    names: dict[str, str]
    kind: ClassVar[str] = "rename"

    @override
    def types_after(self, types: Types) -> dict[str, str]:
        lost = [old for old in dict(self.names) if old not in types]
        if lost:
            raise ValueError(f"there is no column {lost[0]!r}")
        if len(set(self.names.values())) < len(self.names):
            raise ValueError("two columns get the same name")
        return self.moved(types)

    @override
    def narrowed(self, needed: set[str]) -> "Rename | None":
        names = {old: new for old, new in self.names.items() if new in needed}
        return Rename(names) if names else None

    @override
    def sources(self, needed: set[str]) -> set[str]:
        olds = {new: old for old, new in self.names.items()}
        return {olds.get(name, name) for name in needed}

    @override
    def apply(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        return self.moved(columns)

    @override
    def moved[T](self, entries: Mapping[str, T]) -> dict[str, T]:
        taken = set(self.names.values())
        return {
            self.names.get(name, name): entry
            for name, entry in entries.items()
            if name in self.names or name not in taken
        }


@dataclass(frozen=True)
class ColumnStep(CleaningStep):
    """Changes the cells of one column, each by what stands in its row.

    Parameters
    ----------
    column
        Its name.
    """

    column: str
    accepts: ClassVar[frozenset[str]] = ANY

    @abstractmethod
    def check(self, kind: str, types: Types) -> str:
        """Return the type of the column behind the step, given the one before it.

        Raises
        ------
        ValueError
            When the step's values do not fit the column.
        """

    @abstractmethod
    def clean(self, column: Column, columns: Mapping[str, Column]) -> Column:
        """Return the changed column."""

    @override
    def types_after(self, types: Types) -> dict[str, str]:
        kind = types.get(self.column)
        if kind is None:
            raise ValueError(f"there is no column {self.column!r}")
        if kind not in self.accepts:
            raise ValueError(f"{self.column!r} is {kind}")
        return {**types, self.column: self.check(kind, types)}

    @override
    def narrowed(self, needed: set[str]) -> "ColumnStep | None":
        return self if self.column in needed else None

    @override
    def sources(self, needed: set[str]) -> set[str]:
        return needed

    @override
    def apply(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        return {**columns, self.column: self.clean(columns[self.column], columns)}


@dataclass(frozen=True)
class Trim(ColumnStep):
    """Takes blanks off both ends of texts and doubled ones out of them, and may change their case."""

    case: str = KEEP
    kind: ClassVar[str] = "trim"
    accepts: ClassVar[frozenset[str]] = WORDS

    @override
    def check(self, kind: str, types: Types) -> str:
        if self.case not in CASES:
            raise ValueError(f"there is no case {self.case!r}")
        return kind

    @override
    def clean(self, column: Column, columns: Mapping[str, Column]) -> Column:
        return map_texts(column, self._trimmed)

    def _trimmed(self, text: str) -> str:
        words = text.split()
        match self.case:
            case "lower":
                words = [word.lower() for word in words]
            case "upper":
                words = [word.upper() for word in words]
            case "title":
                words = [word[:1].upper() + word[1:].lower() for word in words]
        return " ".join(words)


@dataclass(frozen=True)
class MapValues(ColumnStep):
    """Puts other values in the place of some, missing ones too.

    Parameters
    ----------
    keys, values
        What is replaced, and by what; None is missing.
    ignore_case
        Compare texts without their case.
    keep_others
        Leave values that are no keys as they are; else they become ``other``. Missing cells stay missing.
    """

    keys: tuple[float | str, ...]
    values: tuple[Cell, ...]
    ignore_case: bool = False
    keep_others: bool = True
    other: Cell = None
    kind: ClassVar[str] = "map"

    @override
    def check(self, kind: str, types: Types) -> str:
        if len(self.keys) != len(self.values):
            raise ValueError("keys and values do not pair up")
        for cell in (*self.keys, *(value for value in (*self.values, self.other) if value is not None)):
            check_cell(cell, kind)
        return kind

    @property
    @override
    def size(self) -> int:
        return 1 + len(self.keys)

    @cached_property
    def _targets(self) -> dict[float | str, Cell]:
        keys = [self._folded(key) for key in self.keys]
        return dict(zip(keys, self.values, strict=True))

    def _folded(self, key: float | str) -> float | str:
        return key.casefold() if self.ignore_case and isinstance(key, str) else key

    def _target(self, value: float | str) -> Cell:
        other = value if self.keep_others else self.other
        return self._targets.get(self._folded(value), other)

    @override
    def clean(self, column: Column, columns: Mapping[str, Column]) -> Column:
        if column.dtype == object:
            return map_texts(column, lambda text: cast("str | None", self._target(text)))
        distinct, places = np.unique(column, return_inverse=True)
        targets = [value if math.isnan(value) else self._target(value) for value in distinct.tolist()]
        changed = np.array([math.nan if target is None else target for target in targets], np.float64)[places]
        # -0.0 and 0.0 are one distinct value; what is not replaced stays as it is.
        return np.where(changed == column, column, changed)


@dataclass(frozen=True)
class Fill(ColumnStep):
    """Fills missing cells with a value, or with one for each group of another column.

    Parameters
    ----------
    value
        What fills them; with groups, where the group is missing or was not seen in training.
    by
        The column that makes the groups.
    groups, values
        Its values, and what fills the cells of each.
    """

    value: float | str
    by: str | None = None
    groups: tuple[float | str, ...] = ()
    values: tuple[float | str, ...] = ()
    kind: ClassVar[str] = "fill"

    @override
    def check(self, kind: str, types: Types) -> str:
        if len(self.groups) != len(self.values) or (self.by is None and self.groups):
            raise ValueError("groups and values do not pair up")
        for cell in (self.value, *self.values):
            check_cell(cell, kind)
        if self.by is not None:
            if self.by not in types or self.by == self.column:
                raise ValueError(f"there is no other column {self.by!r}")
            for cell in self.groups:
                check_cell(cell, types[self.by])
        return kind

    @override
    def sources(self, needed: set[str]) -> set[str]:
        return needed if self.by is None else needed | {self.by}

    @cached_property
    def _by_group(self) -> dict[Any, float | str]:
        return dict(zip(self.groups, self.values, strict=True))

    @property
    @override
    def size(self) -> int:
        return 1 + len(self.groups)

    @override
    def clean(self, column: Column, columns: Mapping[str, Column]) -> Column:
        rows = np.flatnonzero(is_missing(column))
        filled = column.copy()
        if self.by is None:
            filled[rows] = self.value
        else:
            groups = columns[self.by][rows].tolist()
            filled[rows] = [self._by_group.get(group, self.value) for group in groups]
        return filled


@dataclass(frozen=True)
class Clip(ColumnStep):
    """Moves numbers beyond a bound onto it; a bound that is None is none."""

    lower: float | None
    upper: float | None
    kind: ClassVar[str] = "clip"
    accepts: ClassVar[frozenset[str]] = frozenset({NUMERIC})

    @override
    def check(self, kind: str, types: Types) -> str:
        bounds = [bound for bound in (self.lower, self.upper) if bound is not None]
        for bound in bounds:
            check_cell(bound, kind)
        if not bounds or bounds != sorted(bounds):
            raise ValueError("the bounds must be in order")
        return kind

    @override
    def clean(self, column: Column, columns: Mapping[str, Column]) -> Column:
        clipped: FloatArray = np.clip(
            column,
            -math.inf if self.lower is None else self.lower,
            math.inf if self.upper is None else self.upper,
        )
        return clipped


@dataclass(frozen=True)
class Convert(ColumnStep):
    """Changes the type of a column; cells that cannot be read become missing.

    Parameters
    ----------
    source, target
        The types.
    date_format
        How dates are written, for :func:`datetime.strptime`, or ``ISO8601``.
    decimal, thousands
        How numbers are written in texts.
    """

    source: str
    target: str
    date_format: str = ISO
    decimal: str = "."
    thousands: str = ""
    kind: ClassVar[str] = "convert"

    @override
    def check(self, kind: str, types: Types) -> str:
        if kind != self.source or self.target not in CONVERSIONS[kind]:
            raise ValueError(f"{self.source} cannot become {self.target}")
        if self.decimal not in DECIMALS or self.thousands not in {"", *THOUSANDS} - {self.decimal}:
            raise ValueError("the signs of numbers are not known")
        check_date_format(self.date_format)
        return self.target

    @override
    def clean(self, column: Column, columns: Mapping[str, Column]) -> Column:
        if self.target in WORDS:
            return column if self.source in WORDS else write_numbers(column, WRITTEN[self.source])
        if self.target == DATE:
            texts = column if self.source in WORDS else write_numbers(column, WRITTEN[self.source])
            return read_texts(texts, lambda text: moment_of(text, self.date_format))
        if self.source in WORDS:
            if self.target == BOOLEAN:
                return read_texts(column, truth_of)
            return read_texts(column, lambda text: number_of(text, self.decimal, self.thousands))
        return np.where((column == 0.0) | (column == 1.0), column, np.nan)


STEPS: dict[str, type[CleaningStep]] = {
    step.kind: step for step in (Rename, Trim, MapValues, Fill, Clip, Convert)
}


def check_cell(cell: object, kind: str) -> None:
    """Refuse a value that a column of this type cannot hold.

    Raises
    ------
    ValueError
        When the type is another one.
    """
    if kind in WORDS:
        fits = isinstance(cell, str) and cell != ""
    else:
        fits = isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)
    if fits and kind == BOOLEAN:
        fits = cell in {0, 1}
    if not fits:
        raise ValueError(f"{cell!r} is no value of a column of type {kind}")


def is_missing(column: Column) -> Any:
    """Return which cells are missing."""
    if column.dtype == object:
        return np.fromiter((value is None for value in column), np.bool_, len(column))
    return np.isnan(column)
