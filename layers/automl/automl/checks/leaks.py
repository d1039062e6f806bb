"""Columns that say too much, and columns that say nothing new."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.checks.findings import Finding
from automl.checks.target import Target
from automl.config import CLASSIFICATION
from automl.table import BOOLEAN, DATE, NUMERIC, TEXT, Table
from scoring.encoders import NUMBER_LIMIT

SAMPLE_ROWS = 20_000
SAMPLE_CELLS = 4_000_000
COMPARED_ROWS = 1000
BINS = 200
MIN_BIN_ROWS = 10
MAX_CLASSES = 10
# The share of the target's spread that one column explains on rows it was not fitted on.
SUSPICIOUS = 0.98
SUSPICIOUS_WITH_NAME = 0.5
MIN_NAME = 3
# Numbers that explain so much together are parts of the target.
EXACT = 1 - 1e-6
SUM_ROWS = 2000
MAX_SUMMED = 60
SUM_ROWS_PER_COLUMN = 10
SMALLEST_TERM = 0.01

type Floats = NDArray[np.float64]
type Codes = NDArray[np.int64]


def duplicate_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Return columns that hold what an earlier one holds, with that one's name."""
    some = frame.iloc[:: max(1, len(frame) // COMPARED_ROWS)]
    first: dict[tuple[str, bytes], list[str]] = {}
    copies: dict[str, str] = {}
    for name in map(str, frame.columns):
        sample = _comparable(some[name])
        hashes = pd.util.hash_pandas_object(sample, index=False).to_numpy()
        twins = first.setdefault((str(sample.dtype), hashes.tobytes()), [])
        values = _comparable(frame[name]) if twins else sample
        same = next((twin for twin in twins if values.equals(_comparable(frame[twin]))), None)
        if same is None:
            twins.append(name)
        else:
            copies[name] = same
    return copies


def find_leaks(
    table: Table, target: Target, features: list[str], kept: Collection[str] = ()
) -> list[Finding]:
    """Return the columns that alone predict the target suspiciously well; those ``kept`` are known."""
    picked = _picked(len(target.rows), min(SAMPLE_ROWS, SAMPLE_CELLS // max(1, len(features))))
    frame = table.frame.iloc[target.rows[picked]]
    goals = _goals(target.y[picked], target)
    found = []
    for name in features:
        kind = table.formats[name].type
        if kind == TEXT:
            continue
        score = _score(_groups(frame[name], kind), goals)
        named = len(target.name) >= MIN_NAME and target.name.casefold() in name.casefold()
        if score >= SUSPICIOUS or (named and score >= SUSPICIOUS_WITH_NAME):
            also = " and carries its name" if named else ""
            message = (
                f"{name!r} alone explains {score:.1%} of the target {target.name!r}{also}: "
                "exclude it if it is not known when predictions are made."
            )
            evidence = {"explained": round(score, 4), "name": named}
            found.append(Finding("leaking_column", message, "kept", name, evidence, name in kept))
    return found


def find_sums(table: Table, target: Target, features: list[str]) -> list[Finding]:
    """Return the numbers that add up to the target, so that it is known where they are.

    A linear model is fitted on one half of a sample and judged on the other.
    """
    numeric = [name for name in features if table.formats[name].type == NUMERIC][:MAX_SUMMED]
    if target.task == CLASSIFICATION or len(numeric) < 2:
        return []
    picked = _picked(len(target.rows), SUM_ROWS)
    X = table.frame.iloc[target.rows[picked]][numeric].to_numpy(dtype=np.float64)
    present = ~np.isnan(X).any(axis=1)
    # As models see them: larger ones have squares beyond a double.
    X = np.clip(X[present], -NUMBER_LIMIT, NUMBER_LIMIT)
    y = target.y[picked][present].astype(np.float64)
    if len(y) < SUM_ROWS_PER_COLUMN * len(numeric):
        return []
    spread = X.std(axis=0)
    X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    y = (y - y.mean()) / (y.std() or 1.0)
    learn = np.arange(len(y)) % 2 == 0
    design = np.column_stack([X, np.ones(len(y))])
    weights = np.linalg.lstsq(design[learn], y[learn])[0]
    left = float(((y[~learn] - design[~learn] @ weights) ** 2).mean())
    explained = 1 - left / (float(y[~learn].var()) or 1.0)
    terms = [name for name, weight in zip(numeric, weights, strict=False) if abs(weight) > SMALLEST_TERM]
    if explained < EXACT or len(terms) < 2:
        return []
    names = ", ".join(map(repr, terms[:MAX_CLASSES]))
    message = f"{names} add up to the target {target.name!r}: exclude what is not known in time."
    return [Finding("leaking_sum", message, "kept", None, {"columns": terms, "explained": explained})]


def explained_by_order(column: pd.Series, along: str, target: Target) -> float:
    """Return how much of the target the order of a column's values explains, by value or by length."""
    picked = _picked(len(target.rows), SAMPLE_ROWS)
    some = column.iloc[picked]
    if isinstance(some.dtype, pd.CategoricalDtype):
        texts = some.astype(object)
        some = texts.str.len() if along == "length" else texts.rank()
    return _score(_groups(some, NUMERIC), _goals(target.y[picked], target))


def _picked(rows: int, most: int) -> Codes:
    return np.arange(0, rows, max(1, -(-rows // most)), dtype=np.int64)


def _comparable(column: pd.Series) -> pd.Series:
    """Return values that are equal where the cells mean the same."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(object)
    if column.dtype.kind in "iu":
        return column.astype(np.float64)
    return column


def _goals(y: Codes | Floats, target: Target) -> Floats:
    """Return the target as columns of numbers: one per frequent class, or its ranks."""
    if target.task == CLASSIFICATION:
        codes = y.astype(np.int64)
        frequent = np.argsort(-np.bincount(codes), kind="stable")[:MAX_CLASSES]
        members: Floats = np.equal.outer(codes, frequent).astype(np.float64)
        return members
    return np.asarray(pd.Series(y).rank(pct=True), dtype=np.float64).reshape(-1, 1)


def _groups(column: pd.Series, kind: str) -> Codes:
    """Return rows of the same value, or of about the same number, as the same code; 0 is missing."""
    if kind not in {NUMERIC, DATE, BOOLEAN}:
        return column.cat.codes.to_numpy().astype(np.int64) + 1
    bins = max(2, min(BINS, len(column) // MIN_BIN_ROWS))
    if column.nunique() <= bins:
        return pd.factorize(column)[0].astype(np.int64) + 1
    shares = column.rank(pct=True).fillna(0).to_numpy(dtype=np.float64)
    return np.ceil(shares * bins).astype(np.int64)


def _score(groups: Codes, goals: Floats) -> float:
    """Return the share of the spread that group means explain, learned on one half, judged on the other."""
    even = np.arange(len(groups)) % 2 == 0
    explained = [_half(groups, goals, even), _half(groups, goals, ~even)]
    return max(0.0, min(explained))


def _half(groups: Codes, goals: Floats, learn: NDArray[np.bool_]) -> float:
    overall = goals[learn].mean(axis=0)
    size = int(groups.max()) + 1
    counts = np.bincount(groups[learn], minlength=size)
    judged, truth = groups[~learn], goals[~learn]
    spread = float(((truth - overall) ** 2).sum())
    if spread == 0:
        return 0.0
    left = 0.0
    for position in range(goals.shape[1]):
        sums = np.bincount(groups[learn], weights=goals[learn, position], minlength=size)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), overall[position])
        left += float(((truth[:, position] - means[judged]) ** 2).sum())
    return 1 - left / spread
