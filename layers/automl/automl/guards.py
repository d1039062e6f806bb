"""Columns that cannot help, or would only pretend to."""

import re

import numpy as np
import pandas as pd

from automl.errors import DataError
from automl.table import NUMERIC, TEXT, Table
from automl.target import Target, find_column

ID_NAME = re.compile(r"(?:^|[\s_.-])(?:id|uuid|guid|index|rownum|row_number)$|[a-z]I[dD]$", re.ASCII)
ID_NAME_SHARE = 0.95
MIN_PRESENT_SHARE = 0.01


def is_id_like(column: pd.Series, kind: str, distinct: int, present: int) -> bool:
    """Return whether a column names its rows instead of describing them."""
    if present < 20 or kind == TEXT:
        return False
    named = bool(ID_NAME.search(str(column.name)) or ID_NAME.search(str(column.name).lower()))
    if kind == NUMERIC:
        if not pd.api.types.is_integer_dtype(column.dtype) or distinct < present:
            return False
        steps = np.diff(column.to_numpy())
        return named or bool((np.abs(steps) == 1).all())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return distinct == present or (named and distinct >= ID_NAME_SHARE * present)
    return False


def choose_features(
    table: Table, target: Target, exclude: tuple[str, ...]
) -> tuple[list[str], dict[str, str]]:
    """Return the columns to learn from, and why each other one is dropped.

    Raises
    ------
    DataError
        When an excluded column does not exist, or nothing is left.
    """
    excluded = {find_column(table, name) for name in exclude}
    frame = table.frame.iloc[target.rows]
    features: list[str] = []
    dropped: dict[str, str] = {}
    for name in map(str, frame.columns):
        if name == target.name:
            continue
        column = frame[name]
        present = int(column.notna().sum())
        distinct = int(column.nunique())
        if name in excluded:
            dropped[name] = "excluded"
        elif present == 0:
            dropped[name] = "all missing"
        elif distinct < 2 and present == len(column):
            dropped[name] = "constant"
        elif present < MIN_PRESENT_SHARE * len(column):
            dropped[name] = "nearly all missing"
        elif is_id_like(column, table.formats[name].type, distinct, present):
            dropped[name] = "id-like"
        else:
            features.append(name)
    if not features:
        raise DataError(
            "no_features",
            f"No column is left to predict {target.name!r} from: "
            "all others are excluded, empty, constant or identifiers.",
        )
    return features, dropped
