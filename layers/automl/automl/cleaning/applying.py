"""A recipe on a table: what is left, what was estimated, and what each step did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.checks.target import find_column
from automl.cleaning.choosing import rows_to_keep
from automl.cleaning.fitting import Fitted, fit
from automl.cleaning.tables import rebuilt
from automl.errors import RecipeError
from automl.features.encoders import raw_columns, take
from automl.table import Table
from scoring.cleaning import steps as portable
from scoring.cleaning.recipe import FittedRecipe
from scoring.cleaning.steps import CleaningStep, is_missing
from scoring.cleaning.vocabulary import Recipe, StepFault
from scoring.cleaning.vocabulary.base import ColumnStep, RowStep, Step
from scoring.cleaning.vocabulary.schema import Schema
from scoring.columns import Column

# Every model carries its recipe, and reads it at each cold start.
MAX_SIZE = 50_000


@dataclass(frozen=True)
class Cleaned:
    """A cleaned table.

    Parameters
    ----------
    table
        What is left.
    rows
        Positions of its rows in the table that was cleaned.
    fitted
        The steps that concern columns with what was estimated for them: what is replayed at prediction.
    report
        For each step its number, name and sentence, rows and columns before and after, how many cells it
        changed, how many of these it made missing, and what was estimated.
    recipe
        What was asked for.
    """

    table: Table
    rows: NDArray[np.intp]
    fitted: FittedRecipe
    report: list[dict[str, Any]]
    recipe: Recipe

    def to_json(self) -> dict[str, Any]:
        """Return the recipe and what it did, JSON-able."""
        return {"recipe": self.recipe.to_json(), "steps": self.report}


def apply(table: Table, recipe: Recipe, target: str | None = None) -> Cleaned:
    """Clean a table.

    Parameters
    ----------
    table
        From :func:`automl.read_csv`.
    recipe
        What to do.
    target
        The column to predict: some steps are not allowed on it.

    Raises
    ------
    RecipeError
        With the number of each step that does not fit and the reason.
    DataError
        When there is no such target.
    """
    types = {str(name): how.type for name, how in table.formats.items()}
    if target is not None:
        target = find_column(table, target)
    faults = recipe.faults(types, target)
    if faults:
        raise RecipeError(faults)
    work = _Work(raw_columns(table.frame, types), types, target)
    report = [work.run(number, step) for number, step in enumerate(recipe.steps, start=1)]
    fitted = FittedRecipe(work.steps, types)
    kinds = work.schema.types
    cleaned = rebuilt(table, work.rows, work.columns, kinds, fitted.origins, work.touched)
    return Cleaned(cleaned, work.rows, fitted, report, recipe)


class _Work:
    """The state between two steps."""

    def __init__(self, columns: dict[str, Column], types: dict[str, str], target: str | None) -> None:
        self.columns: Mapping[str, Column] = columns
        self.schema = Schema(types, target)
        self.rows = np.arange(len(next(iter(columns.values()), ())))
        self.steps: list[CleaningStep] = []
        self.touched: set[str] = set()
        self.size = 0

    def run(self, number: int, step: Step) -> dict[str, Any]:
        """Take a step and return what it did."""
        before = {"rows": len(self.rows), "columns": len(self.columns)}
        changed = lost = 0
        estimated: tuple[dict[str, Any], ...] = ()
        try:
            if isinstance(step, RowStep):
                self._keep(step)
            elif isinstance(step, ColumnStep):
                fitted = fit(step, self.columns, self.schema.types)
                self.size += sum(part.size for part in fitted.steps)
                if self.size > MAX_SIZE:
                    raise ValueError(f"the recipe holds more than {MAX_SIZE:,} values")
                changed, lost = self._change(fitted)
                estimated = fitted.estimated
        except ValueError as error:
            raise RecipeError([StepFault(step=number, message=str(error))]) from error
        step.advance(self.schema, number)
        self.columns = {name: self.columns[name] for name in self.schema.types}
        self.touched &= self.schema.types.keys()
        return {
            "step": number,
            "name": step.name,
            "description": step.describe(),
            "rows_before": before["rows"],
            "rows_after": len(self.rows),
            "columns_before": before["columns"],
            "columns_after": len(self.columns),
            "cells_changed": changed,
            "cells_made_missing": lost,
            "estimated": list(estimated),
        }

    def _keep(self, step: RowStep) -> None:
        kept = np.flatnonzero(rows_to_keep(step, self.columns, self.schema.types))
        if not len(kept):
            raise ValueError("no row would be left")
        if len(kept) < len(self.rows):
            self.columns, self.rows = take(self.columns, kept), self.rows[kept]

    def _change(self, fitted: Fitted) -> tuple[int, int]:
        changed = lost = 0
        for part in fitted.steps:
            after = part.apply(self.columns)
            self.touched = {*part.moved(dict.fromkeys(self.touched))}
            if isinstance(part, portable.ColumnStep):
                cells, gone = _difference(self.columns[part.column], after[part.column])
                retyped = isinstance(part, portable.Convert)
                if cells or retyped:
                    self.touched.add(part.column)
                changed, lost = changed + cells, lost + gone
            self.columns = after
        self.steps += fitted.steps
        return changed, lost


def _difference(before: Column, after: Column) -> tuple[int, int]:
    """Return how many cells differ, and how many of them became missing."""
    was, now = is_missing(before), is_missing(after)
    same = was & now
    if before.dtype == after.dtype:
        same |= before == after
    return int((~same).sum()), int((now & ~was).sum())
