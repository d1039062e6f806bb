"""Whether rows that repeat are to be answered by their copies.

Copies are never on both sides of a split, so no figure of a model counts what it could have learned by heart.
Where rows repeat by nature, new rows will repeat known ones too, and the copies' own targets answer them
best: how well is measured on the copies, each by the others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.checks.findings import Finding
from automl.judging.metrics import measure
from automl.learners.base import Arrays, Exported
from automl.preparation import Prepared
from automl.searching.folds import Training
from automl.searching.selection import Choice
from scoring.memory import row_keys

MIN_ROWS = 30
MIN_SHARE = 0.02
MAX_ROWS = 200_000
TRUSTS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995)
# Of the loss: what less memory saves is not worth its bytes.
LEAST_GAIN = 0.1


@dataclass(frozen=True)
class Recalled:
    """What a memory is made of.

    Parameters
    ----------
    names
        The columns that make a row.
    trust
        How much a known row's own answer counts.
    arrays
        Those of `scoring.memory.Memory`.
    evidence
        How many rows repeat, and the loss on them without and with the memory.
    """

    names: list[str]
    trust: float
    arrays: Arrays
    evidence: dict[str, Any]

    def add_to(self, exported: Exported) -> Exported:
        """Return a model that remembers."""
        memory = {"columns": self.names, "trust": self.trust}
        return Exported({**exported.block, "memory": memory}, {**exported.arrays, **self.arrays})

    def finding(self) -> Finding:
        """Return what the user should know of it."""
        message = (
            f"{self.evidence['rows']} rows repeat others, and their targets agree: a row that equals known "
            f"ones is answered to {self.trust:.1%} by what these had. No figure of the model counts this."
        )
        return Finding("repeating_rows", message, "recalled", None, self.evidence)


def recall(data: Prepared, choice: Choice) -> Recalled | None:
    """Return a memory of the rows, or None where their copies say no more than the model.

    The holdout decides nothing here either.
    """
    training, split, names = data.training, data.splits[0], list(data.columns)
    rows = len(training.y)
    if rows > MAX_ROWS or split.blocks is not None:
        return None
    found = row_keys(data.columns, names, rows)
    keys, place, sizes = np.unique(found, return_inverse=True, return_counts=True)
    repeated = sizes[place] > 1
    judged = np.flatnonzero(repeated & (split.parts >= 0) & (split.parts != split.holdout))
    if len(judged) < max(MIN_ROWS, MIN_SHARE * rows):
        return None
    truths = _truths(training)
    totals = np.zeros((len(keys), truths.shape[1]))
    np.add.at(totals, place, truths)
    by_others = (totals[place[judged]] - truths[judged]) / (sizes[place[judged], None] - 1)
    metric = "log_loss" if training.classes else "rmse"
    y, own = training.y[judged], choice.answers[judged]

    def loss(trust: float) -> float:
        return float(measure(metric, training.task, y, trust * by_others + (1 - trust) * own) or 0.0)

    trust = min(TRUSTS, key=loss)
    if not loss(trust) < (1 - LEAST_GAIN) * loss(0.0):
        return None
    arrays: Arrays = {"memory.keys": keys, "memory.answers": (totals / sizes[:, None]).astype(np.float32)}
    evidence = {
        "rows": int(repeated.sum()),
        "metric": metric,
        "without": round(loss(0.0), 6),
        "with": round(loss(trust), 6),
    }
    return Recalled(names, trust, arrays, evidence)


def _truths(training: Training) -> NDArray[np.float64]:
    if training.classes:
        return np.asarray(np.eye(len(training.classes))[training.y], dtype=np.float64)
    return np.asarray(training.y, dtype=np.float64)[:, None]
