"""A recipe: steps in order, read from JSON that anybody may have written."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypedDict

from scoring.cleaning.vocabulary.base import Step
from scoring.cleaning.vocabulary.cell_steps import Clip, Impute, MapValues, MarkMissing, Trim
from scoring.cleaning.vocabulary.fields import Json, shown
from scoring.cleaning.vocabulary.row_steps import DropDuplicates, DropRowsMissing, FilterRows
from scoring.cleaning.vocabulary.schema import Schema
from scoring.cleaning.vocabulary.schema_steps import ChangeType, DropColumns, ParseDates, Rename

MAX_STEPS = 100
VOCABULARY: dict[str, type[Step]] = {
    step.name: step
    for step in (
        DropColumns,
        DropRowsMissing,
        Impute,
        DropDuplicates,
        ChangeType,
        ParseDates,
        Trim,
        MapValues,
        MarkMissing,
        Clip,
        FilterRows,
        Rename,
    )
}


class StepFault(TypedDict):
    """What is wrong with one step of a recipe: its number, from 1, or None for the recipe as a whole."""

    step: int | None
    message: str


@dataclass(frozen=True)
class Recipe:
    """What is to be done to a table before it is learned from.

    Parameters
    ----------
    steps
        In order.
    """

    steps: tuple[Step, ...]

    def faults(self, types: Mapping[str, str], target: str | None = None) -> list[StepFault]:
        """Return all that is wrong with the steps, each compared with the columns that those before it leave.

        Parameters
        ----------
        types
            Type of each column.
        target
            The column to predict, if it is known.
        """
        return _faults_of(enumerate(self.steps, start=1), types, target)

    def describe(self) -> list[str]:
        """Return each step as a sentence."""
        return [step.describe() for step in self.steps]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the recipe as :func:`parse` takes it."""
        return [step.to_json() for step in self.steps]


def read_recipe(
    content: Json, types: Mapping[str, str] | None = None, target: str | None = None
) -> tuple[Recipe | None, list[StepFault]]:
    """Read a recipe.

    Parameters
    ----------
    content
        A list of steps: ``[{"step": "drop_columns", "columns": ["id"]}, ...]``.
    types
        Type of each column of the table, if the recipe is to be compared with one.
    target
        The column to predict, if it is known.

    Returns
    -------
    recipe
        None if there are faults.
    faults
        Every fault of every step, in the order of the steps.
    """
    if not isinstance(content, list) or len(content) > MAX_STEPS:
        return None, [StepFault(step=None, message=f"it must be a list of at most {MAX_STEPS} steps")]
    faults: list[StepFault] = []
    steps: list[tuple[int, Step]] = []
    for number, entry in enumerate(content, start=1):
        step, found = _read_step(entry)
        faults += [StepFault(step=number, message=message) for message in found]
        if step is not None:
            steps.append((number, step))
    if types is not None:
        faults += _faults_of(steps, types, target)
    if faults:
        return None, sorted(faults, key=lambda fault: fault["step"] or 0)
    return Recipe(tuple(step for _, step in steps)), []


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the list of steps; what `read_recipe` takes fits it."""
    return {
        "type": "array",
        "maxItems": MAX_STEPS,
        "items": {"oneOf": [step_schema(kind) for kind in VOCABULARY.values()]},
    }


def step_schema(kind: type[Step]) -> dict[str, Any]:
    """Return the JSON Schema of one kind of step."""
    entries = {entry.name: entry for entry in fields(kind)}
    return {
        "type": "object",
        "title": kind.name,
        "description": (kind.__doc__ or "").partition("\n")[0],
        "properties": {
            "step": {"const": kind.name},
            **{name: entry.metadata["reader"].schema for name, entry in entries.items()},
        },
        "required": ["step", *(name for name, entry in entries.items() if entry.default is MISSING)],
        "additionalProperties": False,
    }


def _faults_of(
    steps: Iterable[tuple[int, Step]], types: Mapping[str, str], target: str | None
) -> list[StepFault]:
    """Return what is wrong with numbered steps, given the columns of a table."""
    schema = Schema(types, target)
    faults = []
    for number, step in steps:
        faults += [StepFault(step=number, message=message) for message in step.check(schema)]
        step.advance(schema, number)
    return faults


def _read_step(entry: Json) -> tuple[Step | None, list[str]]:
    """Return a step, or None and everything that is wrong with it."""
    if not isinstance(entry, Mapping):
        return None, ["must be an object"]
    kind = VOCABULARY.get(entry["step"]) if isinstance(entry.get("step"), str) else None
    if kind is None:
        named = shown(entry.get("step")) if "step" in entry else "none"
        return None, [f"step must be one of {', '.join(VOCABULARY)}, not {named}"]
    known = {field.name: field for field in fields(kind)}
    faults = [f"{kind.name} has no field {shown(name)}" for name in entry if name not in {"step", *known}]
    values = {}
    for name, field in known.items():
        if name not in entry:
            faults += [f"{name} is missing"] if field.default is MISSING else []
            continue
        try:
            values[name] = field.metadata["reader"].read(entry[name])
        except ValueError as error:
            faults.append(f"{name} {error}")
    return (None, faults) if faults else (kind(**values), [])
