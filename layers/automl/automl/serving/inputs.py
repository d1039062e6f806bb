"""What a client of the model sends: the columns as they stand in the file, before any recipe."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from automl.cleaning.applying import Cleaned
from automl.errors import DataError, ParityError
from automl.features.encoders import raw_columns
from automl.preparation import Prepared
from automl.serving.export import TOLERANCE, input_features
from automl.table import ColumnFormat, Table
from scoring.cleaning.conversions import NUMBERS, objects
from scoring.cleaning.recipe import FittedRecipe
from scoring.cleaning.steps import is_missing
from scoring.columns import Column
from scoring.inputs import Feature

BY_RECIPE = "dropped by the recipe"
FOR_RECIPE = "read by the recipe only"


@dataclass(frozen=True)
class Inputs:
    """The inputs of a model.

    Parameters
    ----------
    frame, formats, columns
        The columns that a client sends, of the rows that are learned from.
    recipe
        What makes of them the columns that the encoders read.
    features
        What the model is to know of each.
    dropped
        Columns of the file that the model does not learn from, and why.
    unused
        Those of the file that a client need not send.
    """

    frame: pd.DataFrame
    formats: dict[str, ColumnFormat]
    columns: dict[str, Column]
    recipe: FittedRecipe
    features: list[Feature]
    dropped: dict[str, str]
    unused: list[str]

    @property
    def types(self) -> dict[str, str]:
        """Type of each input."""
        return {name: how.type for name, how in self.formats.items()}

    def cleaned(self, columns: Mapping[str, Column]) -> Mapping[str, Column]:
        """Return what the encoders read."""
        return self.recipe.apply(columns)


def find_inputs(table: Table, data: Prepared, target: str, cleaned: Cleaned | None) -> Inputs:
    """Return the inputs of a model.

    Parameters
    ----------
    table
        As it was read.
    data
        What was learned from.
    target
        The column to predict.
    cleaned
        What a recipe made of the table, if there is one.

    Raises
    ------
    DataError
        When the recipe reads a column that has no values in the rows that are left.
    ParityError
        When the recipe does not make of the inputs what was learned from.
    """
    if cleaned is None:
        recipe = FittedRecipe((), data.types)
        features = input_features(data.frame, data.formats, data.columns)
        unused = [*data.dropped, target]
        return Inputs(data.frame, data.formats, data.columns, recipe, features, data.dropped, unused)
    recipe = cleaned.fitted.narrowed(data.types)
    # A prepared frame keeps the row numbers of the table that it was taken from.
    rows = cleaned.rows[data.frame.index.to_numpy()]
    frame = table.frame.iloc[rows][list(recipe.inputs)]
    empty = [name for name in recipe.inputs if frame[name].isna().all()]
    if empty:
        message = f"The recipe reads {empty[0]!r}, which has no values in the rows that are left."
        raise DataError("recipe_reads_nothing", message)
    formats = {name: table.formats[name] for name in recipe.inputs}
    columns = raw_columns(frame, recipe.inputs)
    _check_replay(recipe, columns, data.columns)
    nullable = _may_be_missing(recipe, data)
    features = [
        replace(feature, nullable=feature.nullable or feature.name in nullable)
        for feature in input_features(frame, formats, columns)
    ]
    used = {recipe.origins[name] for name in data.types}
    dropped = {cleaned.fitted.origins[name]: reason for name, reason in data.dropped.items()}
    for name in map(str, table.frame.columns):
        if name not in used and name != target:
            dropped.setdefault(name, FOR_RECIPE if name in formats else BY_RECIPE)
    unused = [*(name for name in dropped if name not in formats), target]
    return Inputs(frame, formats, columns, recipe, features, dropped, unused)


def _check_replay(recipe: FittedRecipe, raw: Mapping[str, Column], learned: Mapping[str, Column]) -> None:
    replayed = recipe.apply(raw)
    for name, column in learned.items():
        other = replayed[name]
        if column.dtype == object:
            alike = bool(np.array_equal(column, other))
        else:
            alike = np.allclose(other, column, rtol=TOLERANCE, atol=0.0, equal_nan=True)
        if not alike:
            raise ParityError(f"The recipe does not make of the inputs what was learned from: {name!r}.")


def _may_be_missing(recipe: FittedRecipe, data: Prepared) -> set[str]:
    """Return the inputs whose missing values the recipe fills, or training saw after it."""
    nothing = {
        name: np.full(1, np.nan) if kind in NUMBERS else objects([None])
        for name, kind in recipe.inputs.items()
    }
    left = recipe.apply(nothing)
    return {
        recipe.origins[name]
        for name in data.types
        if not is_missing(left[name])[0] or data.frame[name].isna().any()
    }
