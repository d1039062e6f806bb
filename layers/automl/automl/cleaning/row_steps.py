"""Steps that choose the rows to learn from. A row that is asked for at prediction is never left out."""

import operator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, override

import numpy as np
import pandas as pd

from automl.cleaning.base import BoolArray, Columns, RowStep, named, value_faults
from automl.cleaning.fields import cell_of, choice, column_name, names, read, scalar, scalars, share, shown
from automl.cleaning.schema import Schema
from scoring.cleaning.conversions import DATE, NUMERIC
from scoring.cleaning.steps import Types, is_missing
from scoring.features import Column

ORDERED = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
ONE = ("eq", "ne", *ORDERED)
SEVERAL = ("in", "not_in", "between")
NONE = ("missing", "present")
WORDING = {
    "eq": "is {}",
    "ne": "is not {}",
    "lt": "is below {}",
    "le": "is at most {}",
    "gt": "is above {}",
    "ge": "is at least {}",
    "in": "is one of {}",
    "not_in": "is none of {}",
    "between": "is from {} to {}",
    "missing": "is missing",
    "present": "is not missing",
}
SHOWN_VALUES = 5


@dataclass(frozen=True)
class DropRowsMissing(RowStep):
    """Leaves rows out that lack values.

    Parameters
    ----------
    columns
        Rows that lack one of these go; with ``max_share`` these are counted, by default all.
    max_share
        Rows that lack a larger share of their cells go.
    """

    columns: tuple[str, ...] | None = field(default=None, metadata=read(names))
    max_share: float | None = field(default=None, metadata=read(share))
    name: ClassVar[str] = "drop_rows_missing"

    @property
    @override
    def touches(self) -> tuple[str, ...]:
        return self.columns or ()

    @override
    def misfits(self, schema: Schema) -> list[str]:
        given = self.columns is not None or self.max_share is not None
        return [] if given else ["columns or max_share must be given"]

    @override
    def describe(self) -> str:
        if self.max_share is None:
            return f"Leave out rows where {named(self.touches)} is missing."
        cells = "their cells" if self.columns is None else f"the cells of {named(self.columns)}"
        return f"Leave out rows where more than {self.max_share:.0%} of {cells} are missing."

    @override
    def rows_to_keep(self, columns: Columns, types: Types) -> BoolArray:
        counted = self.columns or tuple(columns)
        missing = np.sum([is_missing(columns[name]) for name in counted], axis=0)
        return np.asarray(missing <= (self.max_share or 0.0) * len(counted), dtype=np.bool_)


@dataclass(frozen=True)
class DropDuplicates(RowStep):
    """Leaves rows out that repeat others.

    Parameters
    ----------
    columns
        What makes two rows equal; all columns by default. Missing cells are equal.
    keep
        Which of equal rows stays.
    """

    columns: tuple[str, ...] | None = field(default=None, metadata=read(names))
    keep: str = field(default="first", metadata=read(choice("first", "last")))
    name: ClassVar[str] = "drop_duplicates"

    @property
    @override
    def touches(self) -> tuple[str, ...]:
        return self.columns or ()

    @override
    def describe(self) -> str:
        what = "" if self.columns is None else f" in {named(self.columns)}"
        return f"Leave out rows that repeat others{what}; the {self.keep} of them stays."

    @override
    def rows_to_keep(self, columns: Columns, types: Types) -> BoolArray:
        frame = pd.DataFrame({name: columns[name] for name in self.columns or columns}, copy=False)
        keep: Literal["first", "last"] = "first" if self.keep == "first" else "last"
        return ~frame.duplicated(keep=keep).to_numpy(dtype=np.bool_)


@dataclass(frozen=True)
class FilterRows(RowStep):
    """Keeps the rows that a comparison holds for; missing cells are not equal, above or below anything.

    Parameters
    ----------
    column
        What is compared.
    operator
        ``eq``, ``ne``, ``lt``, ``le``, ``gt``, ``ge`` (with ``value``), ``in``, ``not_in``, ``between`` (with
        ``values``; both ends count), ``missing``, ``present``.
    value, values
        Of the column's type; dates as ISO 8601.
    """

    column: str = field(metadata=read(column_name))
    operator: str = field(metadata=read(choice(*WORDING)))
    value: Any = field(default=None, metadata=read(scalar))
    values: tuple[Any, ...] | None = field(default=None, metadata=read(scalars))
    name: ClassVar[str] = "filter_rows"

    @property
    @override
    def touches(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def _given(self) -> tuple[Any, ...]:
        return self.values or (() if self.value is None else (self.value,))

    @override
    def misfits(self, schema: Schema) -> list[str]:
        wanted = "value" if self.operator in ONE else "values" if self.operator in SEVERAL else None
        found = [
            f"{self.operator} takes {wanted or 'neither value nor values'}"
            for part, entry in (("value", self.value), ("values", self.values))
            if (entry is not None) != (part == wanted)
        ][:1]
        kind = schema.types.get(self.column)
        if found or kind is None:
            return found
        if (self.operator in ORDERED or self.operator == "between") and kind not in {NUMERIC, DATE}:
            return [f"{shown(self.column)} is {kind}, and {self.operator} compares numbers or dates"]
        found = value_faults(self._given, kind, cell_of)
        if found or self.operator != "between":
            return found
        cells = [cell_of(value, kind) for value in self._given]
        if len(cells) != 2 or cells != sorted(cells, key=float):
            return ["between takes two values, the lower one first"]
        return []

    @override
    def describe(self) -> str:
        given = [shown(value) for value in self._given[:SHOWN_VALUES]]
        if self.operator in {"in", "not_in"}:
            more = len(self._given) - len(given)
            given = [", ".join(given) + (f" and {more} more" if more else "")]
        return f"Keep rows where {shown(self.column)} {WORDING[self.operator].format(*given)}."

    @override
    def rows_to_keep(self, columns: Columns, types: Types) -> BoolArray:
        column, kind = columns[self.column], types[self.column]
        cells = [cell_of(value, kind) for value in self._given]
        match self.operator:
            case "missing":
                kept = is_missing(column)
            case "present":
                kept = ~is_missing(column)
            case "eq" | "in":
                kept = _among(column, cells)
            case "ne" | "not_in":
                kept = ~_among(column, cells)
            case "between":
                kept = (column >= cells[0]) & (column <= cells[1])
            case _:
                kept = ORDERED[self.operator](column, cells[0])
        return np.asarray(kept, dtype=np.bool_)


def _among(column: Column, cells: list[float | str]) -> BoolArray:
    if column.dtype == object:
        wanted = set(cells)
        return np.fromiter((value in wanted for value in column), np.bool_, len(column))
    return np.isin(column, np.array(cells, dtype=np.float64))
