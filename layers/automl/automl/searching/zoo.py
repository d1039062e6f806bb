"""The candidates of the search, in the order in which they are tried: extend these lists to widen it.

The order matters where time is short: first one that is quick, then those that did best on many tables, each
followed by one that errs differently.
"""

from automl.learners import Candidate, Learner
from automl.learners.base import MANY_CLASSES
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
from scoring.encoders import CODES, TERMS, LevelEncoder

FEW_ROWS = 5_000
# Kernel machines look at no more rows than these.
KERNEL_ROWS = 20_000
# Codes of a category with so few levels that its statistics say no more than they do: a pair of them, other
# levels, missing ones.
CODES_OF_PAIR = 4
# Beyond few rows the levels of short categories are asked one by one, which is quicker.
ONE_HOT = 10


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
    # Quick, and without noise on the gains and with few columns a split it errs otherwise than the first.
    small_trees = CatBoostLearner(
        "CatBoost, small trees", depth=4, l2=1.0, random_strength=0.0, column_share=0.4
    )
    statistics = _statistics(training)
    learners: list[Learner]
    if problem.classes >= MANY_CLASSES:
        learners = [LinearLearner(), network, extra, forests["extra"], *kernel, *sets, PLAIN, catboost]
        learners += [boosters["plain"], SplineLearner(), forests["random"]]
    elif rows < FEW_ROWS:
        learners = [boosters["plain"], catboost, network, *kernel, *statistics, *sets, extra]
        learners += [
            SplineLearner(),
            small_trees,
            *linear_leaves,
            forests["extra"],
            deep,
            shallow,
            PLAIN,
            forests["random"],
            LinearLearner(),
        ]
    else:
        learners = [boosters["plain"], catboost, deep, network, *statistics, *sets, *linear_leaves]
        learners += [forests["extra"], extra, PLAIN, shallow, small_trees, *kernel, forests["random"]]
        learners += [SplineLearner(), HistogramLearner()]
    first = len(text) + 3
    logs = [boosters["plain"] if rows < FEW_ROWS else deep, catboost, network] if training.skewed else []
    tried = [Candidate(learner) for learner in [*text, *learners]]
    return [*tried[:first], *(Candidate(learner, log=True) for learner in logs), *tried[first:]]


def _statistics(training: Training) -> list[Learner]:
    """Return CatBoost on categories as they are, where it was worth its time (README, "Trees").

    On many rows, which make it dear, that is only if most of the columns are categories. For a number it is
    never: the statistics tell on which side of one border it lies.
    """
    encoders, few = training.encoders, len(training.y) < FEW_ROWS
    categories = [encoder for encoder in encoders.of(CODES) if not isinstance(encoder, LevelEncoder)]
    most = 2 * len({encoder.feature for encoder in categories}) >= len(encoders.read)
    several = any(encoder.size > CODES_OF_PAIR for encoder in categories)
    if not (training.problem.classes and several and (few or most)):
        return []
    one_hot = CatBoostLearner.one_hot if few else ONE_HOT
    return [CatBoostLearner("CatBoost, categories", native=True, one_hot=one_hot, column_share=1.0)]
