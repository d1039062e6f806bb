"""Steps that choose the rows to learn from. A row that is asked for at prediction is never left out."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, override

from scoring.cleaning.conversions import DATE, NUMERIC
from scoring.cleaning.vocabulary.base import RowStep, named, value_faults
from scoring.cleaning.vocabulary.fields import (
    cell_of,
    choice,
    column_name,
    names,
    read,
    scalar,
    scalars,
    share,
    shown,
)
from scoring.cleaning.vocabulary.schema import Schema

ORDERED = ("lt", "le", "gt", "ge")
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
    def given(self) -> tuple[Any, ...]:
        """What the column is compared with."""
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
        found = value_faults(self.given, kind, cell_of)
        if found or self.operator != "between":
            return found
        cells = [cell_of(value, kind) for value in self.given]
        if len(cells) != 2 or cells != sorted(cells, key=float):
            return ["between takes two values, the lower one first"]
        return []

    @override
    def describe(self) -> str:
        given = [shown(value) for value in self.given[:SHOWN_VALUES]]
        if self.operator in {"in", "not_in"}:
            more = len(self.given) - len(given)
            given = [", ".join(given) + (f" and {more} more" if more else "")]
        return f"Keep rows where {shown(self.column)} {WORDING[self.operator].format(*given)}."
