"""The candidates of the search, in the order in which they are tried: extend these lists to widen it."""

from automl.folds import Training
from automl.learners import Candidate, Learner
from automl.learners.catboost import CatBoostLearner
from automl.learners.kernel import KernelLearner
from automl.learners.lightgbm import lightgbm_variants
from automl.learners.linear import LinearLearner
from automl.learners.network import NetworkLearner
from automl.learners.spline import SplineLearner
from automl.learners.text import TextLearner
from scoring.features import CODES, TERMS

# Smooth models are slow to learn from more rows than these, and boosters better.
MANY_ROWS = 5_000
KERNEL_ROWS = 13_000


def candidates(training: Training) -> list[Candidate]:
    """Return what is tried: one that is quick, then the most promising ones first."""
    rows, problem = len(training.y), training.problem
    boosters = lightgbm_variants(rows, problem)
    text = [TextLearner()] if training.encoders.of(TERMS) else []
    native = [boosters["native"]] if training.encoders.of(CODES) else []
    linear = [boosters["linear"]] if "linear" in boosters else []
    kernel = [KernelLearner()] if rows < KERNEL_ROWS else []
    smooth: list[Learner] = [SplineLearner(), *kernel, LinearLearner()]
    learners: list[Learner] = [*text, boosters["plain"], CatBoostLearner(), NetworkLearner()]
    if rows < MANY_ROWS:
        learners += [boosters["extra"], *smooth[:1], *native, *linear]
        learners += [boosters["deep"], boosters["shallow"], *smooth[1:]]
    else:
        learners += [boosters["deep"], *native, boosters["extra"], *linear, boosters["shallow"], *smooth]
    logs = [CatBoostLearner(), NetworkLearner(), boosters["deep" if rows >= MANY_ROWS else "plain"]]
    twins = [Candidate(learner, log=True) for learner in logs] if training.skewed else []
    return [*map(Candidate, learners[:4]), *twins, *map(Candidate, learners[4:])]
