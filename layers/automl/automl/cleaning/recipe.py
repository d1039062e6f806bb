"""A recipe: steps in order, read from JSON that anybody may have written."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from automl.cleaning.base import Step
from automl.cleaning.cell_steps import Clip, Impute, MapValues, MarkMissing, Trim
from automl.cleaning.fields import Json, shown
from automl.cleaning.row_steps import DropDuplicates, DropRowsMissing, FilterRows
from automl.cleaning.schema import Schema
from automl.cleaning.schema_steps import ChangeType, DropColumns, ParseDates, Rename
from automl.errors import RecipeError, StepFault

MAX_STEPS = 100
MAX_FILE_BYTES = 1_000_000
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


@dataclass(frozen=True)
class Recipe:
    """What is to be done to a table before it is learned from.

    Parameters
    ----------
    steps
        In order.
    """

    steps: tuple[Step, ...]

    def check(self, types: Mapping[str, str], target: str | None = None) -> None:
        """Compare the steps with the columns of a table, each as the steps before it leave them.

        Parameters
        ----------
        types
            Type of each column.
        target
            The column to predict, if it is known.

        Raises
        ------
        RecipeError
            With every fault of every step.
        """
        faults = faults_of(enumerate(self.steps, start=1), types, target)
        if faults:
            raise RecipeError(faults)

    def describe(self) -> list[str]:
        """Return each step as a sentence."""
        return [step.describe() for step in self.steps]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the recipe as :func:`parse` takes it."""
        return [step.to_json() for step in self.steps]


def parse(content: Json, types: Mapping[str, str] | None = None, target: str | None = None) -> Recipe:
    """Read a recipe.

    Parameters
    ----------
    content
        A list of steps: ``[{"step": "drop_columns", "columns": ["id"]}, ...]``.
    types
        Type of each column of the table, if the recipe is to be compared with one.
    target
        The column to predict, if it is known.

    Raises
    ------
    RecipeError
        With every fault of every step.
    """
    if not isinstance(content, list) or len(content) > MAX_STEPS:
        raise RecipeError([StepFault(step=None, message=f"it must be a list of at most {MAX_STEPS} steps")])
    faults: list[StepFault] = []
    steps: list[tuple[int, Step]] = []
    for number, entry in enumerate(content, start=1):
        step, found = _read_step(entry)
        faults += [StepFault(step=number, message=message) for message in found]
        if step is not None:
            steps.append((number, step))
    if types is not None:
        faults += faults_of(steps, types, target)
    if faults:
        raise RecipeError(sorted(faults, key=lambda fault: fault["step"] or 0))
    return Recipe(tuple(step for _, step in steps))


def read_file(path: Path) -> Recipe:
    """Read a recipe from a JSON file.

    Raises
    ------
    RecipeError
        When the file is no JSON, too large, or no recipe.
    """
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise RecipeError([StepFault(step=None, message=f"it is larger than {MAX_FILE_BYTES:,} bytes")])
    try:
        return parse(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise RecipeError([StepFault(step=None, message="it is not JSON")]) from error


def faults_of(steps: Any, types: Mapping[str, str], target: str | None) -> list[StepFault]:
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
            values[name] = field.metadata["read"](entry[name])
        except ValueError as error:
            faults.append(f"{name} {error}")
    return (None, faults) if faults else (kind(**values), [])
