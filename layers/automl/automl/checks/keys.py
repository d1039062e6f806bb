"""Columns that name their rows: noise, unless the target goes with their order."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl.config import CLASSIFICATION
from automl.table import NUMERIC, TEXT

type IntArray = NDArray[np.int64]

ID_NAME = re.compile(r"(?:^|[\s_.-])(?:id|uuid|guid|index|rownum|row_number)$|[a-z]I[dD]$", re.ASCII)
ID_NAME_SHARE = 0.95
FEWEST_ROWS = 20
# A key of more words than this on average is a name, an address, a title: its parts say something.
KEY_WORDS = 1.5
LOOKED_AT = 1000
SAMPLE_ROWS = 20_000
RUNS = 50
SHUFFLES = 30
# Standard deviations of shuffled targets. One column in a million exceeds it by chance.
CLEAR = 5.0


@dataclass(frozen=True)
class Relation:
    """How the target goes with the order of a key's values.

    Parameters
    ----------
    along
        What is ordered: ``value``, or the ``length`` of texts.
    strength
        How much more alike the targets of neighbours are than by chance, in standard deviations.
    """

    along: str
    strength: float

    @property
    def clear(self) -> bool:
        """Whether it is no coincidence."""
        return self.strength > CLEAR

    def to_json(self) -> dict[str, Any]:
        """Return the relation as evidence."""
        return {"along": self.along, "strength": round(self.strength, 2), "needed": CLEAR}


def may_be_key(column: pd.Series, kind: str) -> bool:
    """Return False where a few rows rule out an identifier: of all rows, no larger share can be distinct."""
    if kind == TEXT or column.dtype.kind == "f":
        return False
    some = column.iloc[:: max(1, len(column) // LOOKED_AT)].dropna()
    return some.nunique() >= ID_NAME_SHARE * len(some)


def is_id_like(column: pd.Series, kind: str, distinct: int, present: int) -> bool:
    """Return whether a column names its rows instead of describing them, as far as its values tell."""
    if present < FEWEST_ROWS or kind == TEXT:
        return False
    named = bool(ID_NAME.search(str(column.name)) or ID_NAME.search(str(column.name).lower()))
    if kind == NUMERIC:
        if not pd.api.types.is_integer_dtype(column.dtype) or distinct < present:
            return False
        steps = np.diff(column.to_numpy())
        return named or bool((np.abs(steps) == 1).all())
    if isinstance(column.dtype, pd.CategoricalDtype):
        unique = distinct == present or (named and distinct >= ID_NAME_SHARE * present)
        return unique and _words(column) <= KEY_WORDS
    return False


def _words(column: pd.Series) -> float:
    levels = column.cat.categories[:LOOKED_AT]
    return sum(len(str(level).split()) for level in levels) / max(1, len(levels))


def relation(column: pd.Series, y: NDArray[np.generic], task: str) -> Relation:
    """Return how the target goes with the order of a key: of numbers, of texts by alphabet or by length.

    Numbers given one after the other go with time, and texts with a common beginning stand together.
    """
    present = np.flatnonzero(column.notna().to_numpy(dtype=bool))
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return Relation("value", order_strength(column.to_numpy()[present], y[present], task))
    # Texts take long to sort, so that only a sample of them is.
    rows = np.random.default_rng(0).permutation(present)[:SAMPLE_ROWS]
    texts = [str(text) for text in column.iloc[rows]]
    places = np.unique(np.array(texts, dtype=object), return_inverse=True)[1]
    lengths = np.array([len(text) for text in texts])
    return max(
        Relation("value", order_strength(places, y[rows], task)),
        Relation("length", order_strength(lengths, y[rows], task)),
        key=lambda found: found.strength,
    )


def order_strength(keys: NDArray[Any], y: NDArray[np.generic], task: str) -> float:
    """Return by how many standard deviations neighbours along the keys are more alike than in shuffled order.

    Alike are equal classes, and numbers of near rank: a runs test (Wald and Wolfowitz 1940), by 30 shuffles
    instead of a normal approximation. Rows of equal keys are neighbours in random order.
    """
    generator = np.random.default_rng(0)
    shuffled = generator.permutation(len(keys))
    order = shuffled[np.argsort(keys[shuffled], kind="stable")]
    # Runs, as the neighbours of a thinned order are none.
    runs = np.array_split(order, RUNS) if len(order) > SAMPLE_ROWS else [order]
    ordered = y[np.concatenate([run[: SAMPLE_ROWS // len(runs)] for run in runs])]
    if task != CLASSIFICATION:
        ordered = np.argsort(np.argsort(ordered, kind="stable"), kind="stable")

    def alike(targets: NDArray[np.generic]) -> float:
        if task == CLASSIFICATION:
            return float((targets[1:] == targets[:-1]).mean())
        return -float(np.abs(np.diff(targets.astype(np.float64))).mean())

    by_chance = [alike(generator.permutation(ordered)) for _ in range(SHUFFLES)]
    spread = float(np.std(by_chance, ddof=1))
    return (alike(ordered) - float(np.mean(by_chance))) / spread if spread > 0 else 0.0
