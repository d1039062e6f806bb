"""Steps that change which columns there are, what they are called and of which type they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, override

from scoring.cleaning.conversions import (
    BOOLEAN,
    CATEGORICAL,
    CONVERSIONS,
    DATE,
    DECIMALS,
    ISO,
    NUMERIC,
    TEXT,
    THOUSANDS,
    WORDS,
    check_date_format,
)
from scoring.cleaning.vocabulary.base import ColumnStep, NamesColumns, listed, named
from scoring.cleaning.vocabulary.fields import choice, new_names, read, short_text, shown
from scoring.cleaning.vocabulary.schema import Schema


@dataclass(frozen=True)
class DropColumns(NamesColumns):
    """Takes columns away: the model does not ask for them.

    Parameters
    ----------
    columns
        Their names.
    """

    name: ClassVar[str] = "drop_columns"
    target_refusal: ClassVar[str | None] = "cannot be dropped"

    @override
    def misfits(self, schema: Schema) -> list[str]:
        return [] if schema.types.keys() - {*self.columns} else ["no column would be left"]

    @override
    def advance(self, schema: Schema, number: int) -> None:
        schema.drop([column for column in self.columns if column != schema.target], number)

    @override
    def describe(self) -> str:
        return f"Drop {named(self.columns)}."


@dataclass(frozen=True)
class Rename(ColumnStep):
    """Gives columns new names, all at once. Clients of the model go on using the old ones.

    Parameters
    ----------
    columns
        Old name to new name.
    """

    columns: Mapping[str, str] = field(metadata=read(new_names))
    name: ClassVar[str] = "rename"
    target_refusal: ClassVar[str | None] = "keeps its name"

    @property
    @override
    def touches(self) -> tuple[str, ...]:
        return tuple(self.columns)

    @override
    def misfits(self, schema: Schema) -> list[str]:
        staying = schema.types.keys() - self.columns.keys()
        taken = [new for new in self.columns.values() if new in staying]
        return [f"there is a column {shown(new)} already" for new in taken]

    @override
    def advance(self, schema: Schema, number: int) -> None:
        staying = schema.types.keys() - self.columns.keys()
        possible = {
            old: new
            for old, new in self.columns.items()
            if new not in staying and schema.target not in {old, new}
        }
        schema.rename(possible, number)

    @override
    def describe(self) -> str:
        return f"Rename {listed(f'{shown(old)} to {shown(new)}' for old, new in self.columns.items())}."


@dataclass(frozen=True)
class ChangeType(NamesColumns, ColumnStep):
    """Changes the type of columns; cells that cannot be read become missing.

    Parameters
    ----------
    columns
        Which.
    type
        ``numeric``, ``categorical``, ``text``, ``boolean`` or ``date`` (ISO 8601; see `parse_dates`).
    decimal, thousands
        How numbers are written in texts.
    """

    type: str = field(metadata=read(choice(NUMERIC, CATEGORICAL, TEXT, BOOLEAN, DATE)))
    decimal: str = field(default=".", metadata=read(choice(*DECIMALS)))
    thousands: str = field(default="", metadata=read(choice("", *THOUSANDS)))
    name: ClassVar[str] = "change_type"

    @override
    def misfits(self, schema: Schema) -> list[str]:
        found = ["decimal and thousands must differ"] if self.decimal == self.thousands else []
        for column in self.columns:
            kind = schema.types.get(column, self.type)
            if kind != self.type and self.type not in CONVERSIONS[kind]:
                found.append(f"{shown(column)} is {kind}, which cannot become {self.type}")
        return found

    @override
    def advance(self, schema: Schema, number: int) -> None:
        schema.retype(self.columns, self.type)

    @override
    def describe(self) -> str:
        return f"Change the type of {named(self.columns)} to {self.type}."


@dataclass(frozen=True)
class ParseDates(NamesColumns, ColumnStep):
    """Reads columns as dates; cells that are none become missing.

    Parameters
    ----------
    columns
        Texts, or numbers like 20240131.
    format
        ``ISO8601``, or a form for :func:`datetime.strptime`, like ``%d/%m/%Y``.
    """

    format: str = field(default=ISO, metadata=read(short_text))
    name: ClassVar[str] = "parse_dates"
    accepts: ClassVar[frozenset[str]] = WORDS | {NUMERIC}
    target_refusal: ClassVar[str | None] = "cannot be a date: choose another target"

    @override
    def misfits(self, schema: Schema) -> list[str]:
        try:
            check_date_format(self.format)
        except ValueError as error:
            return [f"format {error}"]
        return []

    @override
    def advance(self, schema: Schema, number: int) -> None:
        schema.retype(self.columns, DATE)

    @override
    def describe(self) -> str:
        return f"Read {named(self.columns)} as dates of the form {self.format}."
