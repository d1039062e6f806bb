"""Steps that change cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, override

from scoring.cleaning.conversions import (
    DATE,
    NUMERIC,
    WORDS,
)
from scoring.cleaning.steps import CASES
from scoring.cleaning.vocabulary.base import ColumnStep, NamesColumns, faults_by_type, named, value_faults
from scoring.cleaning.vocabulary.fields import (
    KEEP,
    cell_of,
    choice,
    column_name,
    flag,
    key_of,
    number,
    read,
    scalar,
    scalar_or_none,
    scalars,
    share,
    shown,
    value_map,
)
from scoring.cleaning.vocabulary.schema import Schema

SHOWN_VALUES = 5


@dataclass(frozen=True)
class Impute(NamesColumns, ColumnStep):
    """Fills missing cells.

    Parameters
    ----------
    columns
        Where.
    strategy
        ``mean``, ``median`` (numbers and dates), ``mode`` (the most frequent value) or ``constant``.
    value
        The constant.
    by
        A column whose values make groups: each group has its own statistic, estimated from its rows. Groups
        that are missing, were not seen in training or have no values get that of the whole.
    """

    strategy: str = field(metadata=read(choice("mean", "median", "mode", "constant")))
    value: Any = field(default=None, metadata=read(scalar))
    by: str | None = field(default=None, metadata=read(column_name))
    name: ClassVar[str] = "impute"
    target_refusal: ClassVar[str | None] = "cannot be filled: truths are not made up, such rows are left out"

    @property
    @override
    def looks_up(self) -> tuple[str, ...]:
        return () if self.by is None else (self.by,)

    @override
    def misfits(self, schema: Schema) -> list[str]:
        constant = self.strategy == "constant"
        if constant and (self.value is None or self.by is not None):
            return ["constant takes value and not by"]
        if not constant and self.value is not None:
            return [f"{self.strategy} takes no value"]
        found = []
        if self.by in self.columns:
            found.append(f"{shown(self.by)} cannot make groups for itself")
        if self.by is not None and self.by == schema.target:
            found.append(f"{shown(self.by)} is the target, which is not known at prediction")
        for column in self.columns:
            kind = schema.types.get(column)
            if kind is None:
                continue
            if constant:
                found += [f"{shown(column)}: {fault}" for fault in value_faults([self.value], kind, cell_of)]
            elif self.strategy != "mode" and kind not in {NUMERIC, DATE}:
                found.append(f"{shown(column)} is {kind}, which has no {self.strategy}: use mode or constant")
        return found

    @override
    def describe(self) -> str:
        if self.strategy == "constant":
            return f"Fill missing cells of {named(self.columns)} with {shown(self.value)}."
        rows = "the column" if self.by is None else f"the rows with the same {shown(self.by)}"
        return f"Fill missing cells of {named(self.columns)} with the {self.strategy} of {rows}."


@dataclass(frozen=True)
class Trim(NamesColumns, ColumnStep):
    """Takes blanks off texts, doubled ones inside too.

    Parameters
    ----------
    columns
        Where.
    case
        ``keep``, ``lower``, ``upper`` or ``title``.
    """

    case: str = field(default="keep", metadata=read(choice(*CASES)))
    name: ClassVar[str] = "trim"
    accepts: ClassVar[frozenset[str]] = WORDS

    @override
    def describe(self) -> str:
        case = "" if self.case == "keep" else f" and write them in {self.case} case"
        return f"Trim the texts of {named(self.columns)}{case}."


@dataclass(frozen=True)
class MapValues(NamesColumns, ColumnStep):
    """Puts new values in the place of old ones.

    Parameters
    ----------
    columns
        Where.
    mapping
        Old value, as text, to new value; null is missing.
    ignore_case
        Compare texts without their case.
    other
        What all other values become, null for missing; without it they stay. Missing cells stay missing.
    """

    mapping: Mapping[str, Any] = field(metadata=read(value_map))
    ignore_case: bool = field(default=False, metadata=read(flag))
    other: Any = field(default=KEEP, metadata=read(scalar_or_none))
    name: ClassVar[str] = "map_values"

    @override
    def misfits(self, schema: Schema) -> list[str]:
        return faults_by_type(self.columns, schema, self._faults)

    def _faults(self, kind: str) -> list[str]:
        others = [] if self.other is KEEP else [self.other]
        values = [value for value in (*self.mapping.values(), *others) if value is not None]
        found = [*value_faults(self.mapping, kind, key_of), *value_faults(values, kind, cell_of)]
        if found:
            return found
        keys = [key_of(key, kind) for key in self.mapping]
        distinct = {key.casefold() if self.ignore_case and isinstance(key, str) else key for key in keys}
        return ["a value is mapped twice"] if len(distinct) < len(keys) else []

    @override
    def describe(self) -> str:
        pairs = [
            f"{shown(old)} to {'missing' if new is None else shown(new)}" for old, new in self.mapping.items()
        ]
        more = f" and {len(pairs) - SHOWN_VALUES} more" if len(pairs) > SHOWN_VALUES else ""
        case = ", whatever their case" if self.ignore_case else ""
        other = ""
        if self.other is not KEEP:
            other = f", all others to {'missing' if self.other is None else shown(self.other)}"
        return f"Map in {named(self.columns)} {', '.join(pairs[:SHOWN_VALUES])}{more}{case}{other}."


@dataclass(frozen=True)
class MarkMissing(NamesColumns, ColumnStep):
    """Makes values missing that stand for "missing", like -200 or "none".

    Parameters
    ----------
    columns
        Where.
    values
        Of the columns' type; dates as ISO 8601.
    ignore_case
        Compare texts without their case.
    """

    values: tuple[Any, ...] = field(metadata=read(scalars))
    ignore_case: bool = field(default=False, metadata=read(flag))
    name: ClassVar[str] = "mark_missing"

    @override
    def misfits(self, schema: Schema) -> list[str]:
        return faults_by_type(self.columns, schema, lambda kind: value_faults(self.values, kind, cell_of))

    @override
    def describe(self) -> str:
        values = ", ".join(shown(value) for value in self.values[:SHOWN_VALUES])
        more = f" and {len(self.values) - SHOWN_VALUES} more" if len(self.values) > SHOWN_VALUES else ""
        return f"Count {values}{more} in {named(self.columns)} as missing."


@dataclass(frozen=True)
class Clip(NamesColumns, ColumnStep):
    """Moves numbers beyond a bound onto it.

    Parameters
    ----------
    columns
        Where.
    lower, upper
        Bounds.
    lower_quantile, upper_quantile
        Bounds as shares of the values of each column, from 0 to 1.
    """

    lower: float | None = field(default=None, metadata=read(number))
    upper: float | None = field(default=None, metadata=read(number))
    lower_quantile: float | None = field(default=None, metadata=read(share))
    upper_quantile: float | None = field(default=None, metadata=read(share))
    name: ClassVar[str] = "clip"
    accepts: ClassVar[frozenset[str]] = frozenset({NUMERIC})
    target_refusal: ClassVar[str | None] = "cannot be clipped: filter_rows leaves rows out"

    @override
    def misfits(self, schema: Schema) -> list[str]:
        ends = ((self.lower, self.lower_quantile), (self.upper, self.upper_quantile))
        if any(bound is not None and part is not None for bound, part in ends):
            return ["a bound and a quantile at the same end exclude each other"]
        if all(entry is None for end in ends for entry in end):
            return ["a bound or a quantile must be given"]
        pairs = ((self.lower, self.upper), (self.lower_quantile, self.upper_quantile))
        if any(low is not None and high is not None and low > high for low, high in pairs):
            return ["the lower bound is above the upper one"]
        return []

    @override
    def describe(self) -> str:
        ends = [
            f"{end} {shown(bound) if part is None else f'their {part:.1%} quantile'}"
            for end, bound, part in (
                ("below", self.lower, self.lower_quantile),
                ("above", self.upper, self.upper_quantile),
            )
            if bound is not None or part is not None
        ]
        return f"Move numbers of {named(self.columns)} that are {' or '.join(ends)} to that bound."
