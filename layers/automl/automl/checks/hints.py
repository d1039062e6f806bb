"""How rows hang together: in time, in groups, as copies."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.checks.findings import Finding
from automl.checks.keys import CLEAR, ID_NAME, order_strength
from automl.checks.target import Target
from automl.config import CLASSIFICATION
from automl.splitting.groups import equal_rows, row_copies
from automl.table import DATE, NUMERIC, Table

type Floats = NDArray[np.float64]

FEWEST_MOMENTS = 20
PRESENT_SHARE = 0.9
BLOCKS = 10
ROWS_PER_GROUP = 2
RANDOM = "split at random"


def find_time_order(
    table: Table, target: Target, features: list[str], time: str | None = None, kept: Collection[str] = ()
) -> list[Finding]:
    """Return the date along which the target changes most, or along which the rows stand.

    A random split lets the model look up the neighbours in time of the rows that judge it, so that it looks
    better than it will be on later rows.
    """
    found = []
    for name in features:
        if table.formats[name].type != DATE:
            continue
        moments = table.frame[name].iloc[target.rows]
        present = moments.notna().to_numpy(dtype=bool)
        if moments.nunique() < FEWEST_MOMENTS or present.mean() < PRESENT_SHARE:
            continue
        known, truth = moments[present], target.y[present]
        strength = order_strength(known.to_numpy(), truth, target.task)
        in_order = bool(known.is_monotonic_increasing or known.is_monotonic_decreasing)
        if strength > CLEAR or in_order:
            found.append((strength, name, in_order, known, truth))
    if not found:
        return []
    strength, name, in_order, known, truth = max(found, key=lambda entry: entry[0])
    first, last = _ends(known, truth, target)
    evidence = {
        "strength": round(strength, 2),
        "needed": CLEAR,
        "rows_in_order": in_order,
        "first_tenth": first,
        "last_tenth": last,
    }
    what = "the target changes along" if strength > CLEAR else "the rows stand in the order of"
    message = (
        f"{what[0].upper()}{what[1:]} {name!r}: if later rows will be predicted, split by time, "
        "as rows drawn at random make the model look better than it will be."
    )
    return [Finding("time_order", message, RANDOM, name, evidence, time is not None or name in kept)]


def _ends(known: pd.Series, truth: NDArray[np.generic], target: Target) -> tuple[float, float]:
    """Return the mean target, or the share of the positive or of the most frequent class, early and late."""
    order = np.argsort(known.to_numpy(), kind="stable")
    figure = truth.astype(np.float64)
    if target.task == CLASSIFICATION:
        label = (
            target.positive_index
            if target.positive is not None
            else int(np.bincount(truth.astype(np.int64)).argmax())
        )
        figure = (truth == label).astype(np.float64)
    size = max(1, len(order) // BLOCKS)
    return float(figure[order[:size]].mean()), float(figure[order[-size:]].mean())


def find_groups(
    table: Table, target: Target, columns: list[str], group: str | None = None, kept: Collection[str] = ()
) -> list[Finding]:
    """Return the identifiers that stand in several rows each, whose targets are alike."""
    found = []
    for name in columns:
        if not (ID_NAME.search(name) or ID_NAME.search(name.lower())):
            continue
        column = table.frame[name].iloc[target.rows]
        present = column.notna().to_numpy(dtype=bool)
        distinct = int(column.nunique())
        if not 2 < distinct <= present.sum() / ROWS_PER_GROUP or not _names(column, table.formats[name].type):
            continue
        # In random order of the groups only rows of the same one are neighbours more often than by chance.
        codes = pd.factorize(column[present])[0]
        places = np.random.default_rng(0).permutation(distinct)[codes]
        strength = order_strength(places, target.y[present], target.task)
        if strength <= CLEAR:
            continue
        message = (
            f"Rows of the same {name!r} have like targets: if others will be predicted, split by group, "
            "as rows drawn at random make the model look better than it will be."
        )
        evidence = {"strength": round(strength, 2), "needed": CLEAR, "groups": distinct}
        found.append(
            Finding("row_groups", message, RANDOM, name, evidence, group is not None or name in kept)
        )
    return found


def _names(column: pd.Series, kind: str) -> bool:
    """Return whether values can be names of things: categories and whole numbers."""
    return isinstance(column.dtype, pd.CategoricalDtype) or (
        kind == NUMERIC and bool((column.dropna() % 1 == 0).all())
    )


def find_duplicate_rows(table: Table, target: Target, features: list[str]) -> list[Finding]:
    """Return how many usable rows repeat an earlier one, and how many differ in the target only."""
    frame = table.frame.iloc[target.rows]
    columns = {name: _values(frame[name]) for name in map(str, frame.columns)}
    whole = equal_rows(columns)
    repeated = len(whole) - 1 - int(whole.max())
    if not repeated:
        return []
    inputs = {name: columns[name] for name in features}
    same = equal_rows(inputs)
    answers = pd.Series(target.y).groupby(same).transform("nunique").to_numpy()
    contradicting = int((answers > 1).sum())
    share = repeated / len(whole)
    message = f"{repeated} rows ({share:.1%}) repeat an earlier row exactly, target included"
    if contradicting:
        message += f"; {contradicting} rows are like others in all but the target"
    evidence = {
        "rows": repeated,
        "share": round(share, 4),
        "same_inputs": len(same) - 1 - int(same.max()),
        "contradicting": contradicting,
    }
    together = len(pd.unique(row_copies(inputs))) < len(same)
    action = "kept on one side of each split" if together else "kept"
    return [Finding("duplicate_rows", f"{message}.", action, None, evidence)]


def _values(column: pd.Series) -> Floats:
    """Return numbers that are equal where the cells are."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.float64)
    if column.dtype.kind == "M":
        return column.to_numpy(dtype="datetime64[us]").astype(np.int64).astype(np.float64)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
