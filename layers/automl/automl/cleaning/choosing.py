"""Which rows a row step keeps."""

import operator
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.cleaning.fitting import Columns
from scoring.cleaning.steps import Types, is_missing
from scoring.cleaning.vocabulary.base import RowStep
from scoring.cleaning.vocabulary.fields import cell_of
from scoring.cleaning.vocabulary.row_steps import DropDuplicates, DropRowsMissing, FilterRows
from scoring.columns import Column

ORDERED = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}

type BoolArray = NDArray[np.bool_]


def rows_to_keep(step: RowStep, columns: Columns, types: Types) -> BoolArray:
    """Return which rows stay.

    Parameters
    ----------
    step
        One that fits the columns.
    columns, types
        Raw columns as the steps before leave them, with the type of each.
    """
    match step:
        case DropRowsMissing():
            return _complete(step, columns)
        case DropDuplicates():
            return _distinct(step, columns)
        case FilterRows():
            return _compared(step, columns[step.column], types[step.column])
    raise TypeError(f"there is no choice of rows for the step {step.name!r}")


def _complete(step: DropRowsMissing, columns: Columns) -> BoolArray:
    counted = step.columns or tuple(columns)
    missing = np.sum([is_missing(columns[name]) for name in counted], axis=0)
    return np.asarray(missing <= (step.max_share or 0.0) * len(counted), dtype=np.bool_)


def _distinct(step: DropDuplicates, columns: Columns) -> BoolArray:
    frame = pd.DataFrame({name: columns[name] for name in step.columns or columns}, copy=False)
    keep: Literal["first", "last"] = "first" if step.keep == "first" else "last"
    return ~frame.duplicated(keep=keep).to_numpy(dtype=np.bool_)


def _compared(step: FilterRows, column: Column, kind: str) -> BoolArray:
    cells = [cell_of(value, kind) for value in step.given]
    match step.operator:
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
            kept = ORDERED[step.operator](column, cells[0])
    return np.asarray(kept, dtype=np.bool_)


def _among(column: Column, cells: list[float | str]) -> BoolArray:
    if column.dtype == object:
        wanted = set(cells)
        return np.fromiter((value in wanted for value in column), np.bool_, len(column))
    return np.isin(column, np.array(cells, dtype=np.float64))
