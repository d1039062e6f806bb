"""Columns that cannot help, or would only pretend to."""

import re

import numpy as np
import pandas as pd

from automl.config import FitConfig
from automl.errors import DataError
from automl.findings import Finding
from automl.leaks import duplicate_columns, find_duplicate_rows, find_leaks
from automl.table import NUMERIC, TEXT, Table
from automl.target import Target, find_column

ID_NAME = re.compile(r"(?:^|[\s_.-])(?:id|uuid|guid|index|rownum|row_number)$|[a-z]I[dD]$", re.ASCII)
ID_NAME_SHARE = 0.95
MIN_PRESENT_SHARE = 0.01
EXCLUDED, ALL_MISSING = "excluded", "all missing"
# Reasons that "keep" cannot overrule.
FINAL = frozenset({EXCLUDED, ALL_MISSING})
DROPPED = "dropped_column"


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
    table: Table, target: Target, exclude: tuple[str, ...], keep: tuple[str, ...] = ()
) -> tuple[list[str], dict[str, str]]:
    """Return the columns to learn from, and why each other one is dropped.

    Raises
    ------
    DataError
        When a named column does not exist, or nothing is left.
    """
    excluded = {find_column(table, name) for name in exclude}
    kept = {find_column(table, name) for name in keep}
    frame = table.frame.iloc[target.rows]
    copies = duplicate_columns(frame.drop(columns=[target.name, *excluded - {target.name}]))
    features: list[str] = []
    dropped: dict[str, str] = {}
    for name in map(str, frame.columns):
        if name == target.name:
            continue
        reason = EXCLUDED if name in excluded else _reason(frame[name], table.formats[name].type, copies)
        if reason is None or (name in kept and reason not in FINAL):
            features.append(name)
        else:
            dropped[name] = reason
    if not features:
        raise DataError(
            "no_features",
            f"No column is left to predict {target.name!r} from: "
            "all others are excluded, empty, constant or identifiers.",
        )
    return features, dropped


def _reason(column: pd.Series, kind: str, copies: dict[str, str]) -> str | None:
    """Return why a column is not used, or None."""
    present, distinct = int(column.notna().sum()), int(column.nunique())
    name = str(column.name)
    if present == 0:
        return ALL_MISSING
    if distinct < 2 and present == len(column):
        return "constant"
    if present < MIN_PRESENT_SHARE * len(column):
        return "nearly all missing"
    if is_id_like(column, kind, distinct, present):
        return "id-like"
    return f"copy of {copies[name]}" if name in copies else None


def find_all(
    table: Table, target: Target, features: list[str], dropped: dict[str, str], config: FitConfig
) -> list[Finding]:
    """Return everything a user should judge: the target, columns that were dropped or say too much, rows."""
    findings = [*target.findings]
    for name, reason in dropped.items():
        if reason != EXCLUDED:
            message = f"{name!r} is not used: {reason}."
            findings.append(Finding(DROPPED, message, "dropped", name, {"reason": reason}))
    frame = table.frame.iloc[target.rows]
    kept = {find_column(table, name) for name in config.keep}.intersection(features)
    copies = duplicate_columns(frame[features]) if kept else {}
    for name in sorted(kept):
        kept_reason = _reason(frame[name], table.formats[name].type, copies)
        if kept_reason is not None:
            message = f"{name!r} is used on request: {kept_reason}."
            evidence = {"reason": kept_reason}
            findings.append(Finding(DROPPED, message, "dropped", name, evidence, opted_out=True))
    return [*findings, *find_leaks(table, target, features), *find_duplicate_rows(table, target)]


def messages(findings: list[Finding]) -> list[str]:
    """Return the findings for a list of warnings; dropped columns have a list of their own."""
    return [finding.message for finding in findings if finding.code != DROPPED]
