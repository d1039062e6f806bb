"""The candidates of the search: extend these lists to widen it."""

from automl.learners.base import Exported, Fitted, Learner, Problem
from automl.learners.forest import ForestLearner
from automl.learners.histogram import HistogramLearner
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.linear import LinearLearner

# Up to this many rows a linear model is the quickest usable one.
SMALL_ROWS = 20_000


def candidates(rows: int) -> list[Learner]:
    """Return the learners in the order in which they are tried."""
    boosters: list[Learner] = [
        LightGBMLearner(),
        LightGBMLearner(title="LightGBM, small trees", leaves=7, feature_fraction=0.5, l2=5.0),
    ]
    if rows > SMALL_ROWS:
        return [boosters[0], LinearLearner(), boosters[1], HistogramLearner(), ForestLearner(extra=False)]
    return [
        LinearLearner(),
        *boosters,
        HistogramLearner(),
        ForestLearner(extra=False),
        ForestLearner(extra=True),
    ]


__all__ = ["Exported", "Fitted", "Learner", "Problem", "candidates"]
