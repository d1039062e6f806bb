"""Columns that cannot help, or would only pretend to."""

from typing import Any

import pandas as pd

from automl.checks.findings import Finding
from automl.checks.hints import find_duplicate_rows, find_groups, find_time_order
from automl.checks.keys import LOOKED_AT, Relation, is_id_like, may_be_key, relation
from automl.checks.leaks import duplicate_columns, explained_by_order, find_leaks, find_sums
from automl.checks.target import Target, find_column
from automl.config import FitConfig
from automl.errors import DataError
from automl.table import Table

MIN_PRESENT_SHARE = 0.01
EXCLUDED, ALL_MISSING = "excluded", "all missing"
ID_LIKE, SORTED, GROUP = "id-like", "id-like, the rows are sorted by the target", "names the groups"
# A key that tells the target as well as this was given out after the rows had been sorted by the target.
SORTED_BY_TARGET = 0.9
# Reasons that "keep" cannot overrule.
FINAL = frozenset({EXCLUDED, ALL_MISSING})
DROPPED = "dropped_column"


def choose_features(
    table: Table,
    target: Target,
    exclude: tuple[str, ...],
    keep: tuple[str, ...] = (),
    group: str | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Return the columns to learn from, and why each other one is dropped.

    An identifier stays where the target goes with its order and the rows are not sorted by the target. The
    column that names the groups of a split is dropped: other groups are asked for.

    Raises
    ------
    DataError
        When a named column does not exist, or nothing is left.
    """
    excluded = {find_column(table, name) for name in exclude}
    kept = {find_column(table, name) for name in keep}
    groups = None if group is None else find_column(table, group)
    frame = table.frame.iloc[target.rows]
    copies = duplicate_columns(frame.drop(columns=[target.name, *excluded - {target.name}]))
    features: list[str] = []
    dropped: dict[str, str] = {}
    for name in map(str, frame.columns):
        if name == target.name:
            continue
        if name in excluded:
            reason: str | None = EXCLUDED
        elif name == groups:
            reason = GROUP
        else:
            reason = _reason(frame[name], table.formats[name].type, copies, target)[0]
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


def _reason(
    column: pd.Series, kind: str, copies: dict[str, str], target: Target
) -> tuple[str | None, dict[str, Any]]:
    """Return why a column is not used, or None, and the evidence."""
    present = int(column.notna().sum())
    name = str(column.name)
    relation_: dict[str, Any] = {}
    reason = f"copy of {copies[name]}" if name in copies else None
    if present == 0:
        reason = ALL_MISSING
    elif present == len(column) and _is_constant(column):
        reason = "constant"
    elif present < MIN_PRESENT_SHARE * len(column):
        reason = "nearly all missing"
    elif may_be_key(column, kind) and is_id_like(column, kind, int(column.nunique()), present):
        found = relation(column, target.y, target.task)
        explained = explained_by_order(column, found.along, target) if found.clear else 0.0
        relation_ = found.to_json() | {"explained": round(explained, 4)}
        reason = _key_reason(found, explained)
    if reason is None and not relation_:
        return None, {}
    # Counted only where it is told: distinct values of a million rows take a tenth of a second.
    return reason, {"present": present, "distinct": int(column.nunique()), **relation_}


def _is_constant(column: pd.Series) -> bool:
    return column.iloc[:LOOKED_AT].nunique() < 2 and column.nunique() < 2


def _key_reason(found: Relation, explained: float) -> str | None:
    if not found.clear:
        return ID_LIKE
    return SORTED if explained >= SORTED_BY_TARGET else None


def find_all(
    table: Table,
    target: Target,
    features: list[str],
    dropped: dict[str, str],
    config: FitConfig,
    *,
    group: str | None = None,
    time: str | None = None,
) -> list[Finding]:
    """Return everything a user should judge: the target, columns that were dropped or say too much, rows.

    Parameters
    ----------
    table, target, config
        What is learned from.
    features, dropped
        From :func:`choose_features`.
    group, time
        The columns by which rows are split, if the user named them.
    """
    findings = [*target.findings]
    frame = table.frame.iloc[target.rows]
    kept = {find_column(table, name) for name in config.keep}
    copies = duplicate_columns(frame[features]) if kept.intersection(features) else {}
    for name, reason in dropped.items():
        if reason in {EXCLUDED, GROUP}:
            continue
        # Any column may be named as the original: the reason is known, the evidence is asked for.
        _, evidence = _reason(frame[name], table.formats[name].type, {name: name}, target)
        message = f"{name!r} is not used: {reason}."
        findings.append(Finding(DROPPED, message, "dropped", name, {"reason": reason, **evidence}))
    for name in features:
        reason_, evidence = _reason(frame[name], table.formats[name].type, copies, target)
        if reason_ is not None:
            message = f"{name!r} is used on request: {reason_}."
            evidence = {"reason": reason_, **evidence}
            findings.append(Finding(DROPPED, message, "dropped", name, evidence, opted_out=True))
        elif "strength" in evidence:
            message = f"{name!r} looks like an identifier, but the target goes with its order, so it is used."
            findings.append(Finding("ordered_key", message, "kept", name, evidence))
    return [
        *findings,
        *find_leaks(table, target, features, kept),
        *find_sums(table, target, features),
        *find_time_order(table, target, features, time, kept),
        *find_groups(table, target, [*features, *dropped], group, kept),
        *find_duplicate_rows(table, target, features),
    ]


def messages(findings: list[Finding]) -> list[str]:
    """Return the findings for a list of warnings; dropped columns have a list of their own.

    What the user decided otherwise needs no warning.
    """
    return [finding.message for finding in findings if finding.code != DROPPED and not finding.opted_out]
