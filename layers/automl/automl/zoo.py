"""The candidates of the search, in the order in which they are tried: extend these lists to widen it."""

from automl.folds import Training
from automl.learners import Candidate, Learner
from automl.learners.catboost import CatBoostLearner
from automl.learners.lightgbm import lightgbm_variants
from automl.learners.network import NetworkLearner
from automl.learners.text import TextLearner
from scoring.features import CODES, TERMS


def candidates(training: Training) -> list[Candidate]:
    """Return what is tried, the most promising first after one that is quick."""
    boosters = lightgbm_variants(len(training.y), training.problem)
    learners: list[Learner] = [
        *([TextLearner()] if training.encoders.of(TERMS) else []),
        boosters["plain"],
        CatBoostLearner(),
        NetworkLearner(),
        boosters["extra"],
        boosters["deep"],
        *([boosters["native"]] if training.encoders.of(CODES) else []),
        *([boosters["linear"]] if "linear" in boosters else []),
        boosters["shallow"],
    ]
    logs = [CatBoostLearner(), NetworkLearner(), boosters["plain"]] if training.skewed else []
    return [*map(Candidate, learners), *(Candidate(learner, log=True) for learner in logs)]
