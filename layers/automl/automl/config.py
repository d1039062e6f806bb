"""What a caller asks for, and what it is told while it waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from automl.judging.weighting import ClassWeights

if TYPE_CHECKING:
    from scoring.cleaning.vocabulary import Recipe

AUTO = "auto"
CLASSIFICATION = "classification"
REGRESSION = "regression"
TASKS = (AUTO, CLASSIFICATION, REGRESSION)


@dataclass(frozen=True)
class FitConfig:
    """How to train.

    Parameters
    ----------
    target
        The column to predict.
    task
        ``auto``, ``classification`` or ``regression``.
    metric
        What decides between candidates; ``auto`` is log-loss or RMSE.
    budget_seconds
        How long the whole of :func:`automl.fit` may take.
    exclude
        Columns that the model must not see.
    keep
        Columns whose findings are not acted on: they stay, and the target's spellings stay apart.
    group
        Rows with the same value of this column are never on both sides of a split.
    time
        Rows are split by this column: models are judged by later rows than those they learned from.
    recall
        Whether rows that equal known ones may be answered by what these had, where copies are found to agree.
    reasons
        Whether the model keeps a few training rows, which it needs to give reasons for its answers.
    compact
        Serve a small and quick model of few members.
    class_weights
        ``balanced``, or weights by label: rows of a class count so often (:mod:`automl.judging.weighting`).
    seed
        Equal seeds and enough time give equal models.
    recipe
        What is done to the table first. All other columns named here are as it leaves them.
    data_sha256
        Digest of the training file, recorded in the manifest.
    """

    target: str
    task: str = AUTO
    metric: str = AUTO
    budget_seconds: float = 60.0
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    group: str | None = None
    time: str | None = None
    recall: bool = True
    reasons: bool = True
    compact: bool = False
    class_weights: ClassWeights = None
    seed: int = 0
    recipe: "Recipe | None" = None
    data_sha256: str | None = None

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}")
        if not self.budget_seconds > 0:
            raise ValueError("budget_seconds must be positive")


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Parameters
    ----------
    fraction
        From 0 to 1.
    message
        What was just done, for a person.
    leaderboard
        The candidates so far, best first.
    """

    fraction: float
    message: str
    leaderboard: list[dict[str, Any]] = field(default_factory=list)


type ProgressCallback = Callable[[Progress], None]
