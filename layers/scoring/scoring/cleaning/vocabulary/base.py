"""What all steps of a recipe have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, override

from scoring.cleaning.steps import ANY
from scoring.cleaning.vocabulary.fields import KEEP, names, read, shown
from scoring.cleaning.vocabulary.schema import Schema

LISTED = 5
MAX_FAULTS = 20


@dataclass(frozen=True)
class Step(ABC):
    """One step: what it wants, in words and as JSON, and whether it fits the columns that it finds."""

    name: ClassVar[str]
    accepts: ClassVar[frozenset[str]] = ANY
    # Why the step may not change the target; None where it may.
    target_refusal: ClassVar[str | None] = None

    @property
    @abstractmethod
    def touches(self) -> tuple[str, ...]:
        """The columns that the step names to look at or to change."""

    @property
    def looks_up(self) -> tuple[str, ...]:
        """Further columns that the step only reads."""
        return ()

    def misfits(self, schema: Schema) -> list[str]:
        """Return what else is wrong with the step, given the columns that it finds."""
        del schema
        return []

    def advance(self, schema: Schema, number: int) -> None:
        """Do to the schema what the step does to the columns; most steps leave it as it is."""
        del schema, number

    @abstractmethod
    def describe(self) -> str:
        """Return the step as one sentence."""

    def check(self, schema: Schema) -> list[str]:
        """Return everything that is wrong with the step, given the columns that it finds."""
        found = [lack for name in (*self.touches, *self.looks_up) if (lack := schema.lack(name))]
        for name in self.touches:
            kind = schema.types.get(name)
            if kind is not None and kind not in self.accepts:
                takes = " or ".join(sorted(self.accepts))
                found.append(f"{shown(name)} is {kind}, and {self.name} takes columns of type {takes}")
            if name == schema.target and self.target_refusal is not None:
                found.append(f"the target {shown(name)} {self.target_refusal}")
        found += self.misfits(schema)
        more = len(found) - MAX_FAULTS
        return found if more <= 0 else [*found[:MAX_FAULTS], f"and {more} more faults"]

    def to_json(self) -> dict[str, Any]:
        """Return the step as it is written; what has its default is left out."""
        given = {entry.name: (getattr(self, entry.name), entry.default) for entry in fields(self)}
        return {
            "step": self.name,
            **{
                name: list(value) if isinstance(value, tuple) else value
                for name, (value, default) in given.items()
                if value is not KEEP and value != default
            },
        }


@dataclass(frozen=True)
class NamesColumns(Step):
    """Names the columns that it is about."""

    columns: tuple[str, ...] = field(metadata=read(names))

    @property
    @override
    def touches(self) -> tuple[str, ...]:
        return self.columns


class ColumnStep(Step):
    """Concerns columns, and is replayed at prediction."""


class RowStep(Step):
    """Concerns rows: it chooses what is learned from, and is not replayed at prediction."""


def named(columns: Iterable[str]) -> str:
    """Return columns for a sentence."""
    return listed(shown(column) for column in columns)


def listed(columns: Iterable[str]) -> str:
    """Return the first of many columns for a sentence."""
    every = list(columns)
    more = f" and {len(every) - LISTED} more columns" if len(every) > LISTED else ""
    return ", ".join(every[:LISTED]) + more


def faults_by_type(columns: Iterable[str], schema: Schema, find: Callable[[str], list[str]]) -> list[str]:
    """Return what is wrong with values for some columns, worked out once for each type of column."""
    known: dict[str, list[str]] = {}
    found = []
    for column in columns:
        kind = schema.types.get(column)
        if kind is None:
            continue
        if kind not in known:
            known[kind] = find(kind)[:MAX_FAULTS]
        found += [f"{shown(column)}: {fault}" for fault in known[kind]]
    return found


def value_faults(values: Iterable[Any], kind: str, read: Any) -> list[str]:
    """Return why a column of some type cannot hold some values."""
    found = []
    for value in values:
        try:
            read(value, kind)
        except ValueError as error:
            found.append(str(error))
    return found
