"""The candidates of the search, in the order in which they are tried: extend these lists to widen it.

The order matters where time is short: first one that is quick, then those that did best on many tables, each
followed by one that errs differently.
"""

from automl.learners import Candidate, Learner
from automl.learners.catboost import CatBoostLearner
from automl.learners.forest import forest_variants
from automl.learners.histogram import HistogramLearner
from automl.learners.kernel import KernelLearner
from automl.learners.lightgbm import lightgbm_variants
from automl.learners.linear import LinearLearner
from automl.learners.network import PLAIN, NetworkLearner
from automl.learners.spline import SplineLearner
from automl.learners.text import TextLearner
from automl.searching.folds import Training
from scoring.features import CODES, TERMS

FEW_ROWS = 5_000
# Kernel machines look at no more rows than these.
KERNEL_ROWS = 20_000
MANY_CLASSES = 8


def candidates(training: Training) -> list[Candidate]:
    """Return what is tried, in order."""
    rows, problem = len(training.y), training.problem
    boosters = lightgbm_variants(rows, problem)
    forests = forest_variants(rows, len(training.encoders.names), problem)
    has_categories = bool(training.encoders.of(CODES))
    extra, native, deep, shallow = (boosters[name] for name in ("extra", "native", "deep", "shallow"))
    sets = [native] if has_categories else []
    linear_leaves = [boosters["linear"]] if "linear" in boosters else []
    kernel = [KernelLearner()] if rows <= KERNEL_ROWS else []
    text = [TextLearner()] if training.encoders.of(TERMS) else []
    catboost, network = CatBoostLearner(), NetworkLearner()
    learners: list[Learner]
    if problem.classes >= MANY_CLASSES:
        learners = [LinearLearner(), network, extra, forests["extra"], *kernel, *sets, PLAIN, catboost]
        learners += [boosters["plain"], SplineLearner(), forests["random"]]
    elif rows < FEW_ROWS:
        learners = [boosters["plain"], catboost, network, *kernel, *sets, extra, SplineLearner()]
        learners += [
            *linear_leaves,
            forests["extra"],
            deep,
            shallow,
            PLAIN,
            forests["random"],
            LinearLearner(),
        ]
    else:
        learners = [boosters["plain"], catboost, deep, network, *sets, *linear_leaves, forests["extra"]]
        learners += [extra, PLAIN, shallow, *kernel, forests["random"], SplineLearner(), HistogramLearner()]
    first = len(text) + 3
    logs = [boosters["plain"] if rows < FEW_ROWS else deep, catboost, network] if training.skewed else []
    tried = [Candidate(learner) for learner in [*text, *learners]]
    return [*tried[:first], *(Candidate(learner, log=True) for learner in logs), *tried[first:]]
