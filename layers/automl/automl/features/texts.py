"""Linear models on the terms of texts, whose scores other models take as columns."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from automl.learners.base import FloatArray, Problem
from automl.splitting.splits import stratified_parts
from scoring.steps import TextStep
from scoring.terms import Terms

CROSS_FOLDS = 4
STRENGTHS = (3.0, 10.0, 30.0, 100.0)
ALPHAS = (3.0, 1.0, 0.3)
MAX_ROWS = 20_000
ITERATIONS = 50
TOLERANCE = 1e-2
# The score of a class that all rows of a fit belong to.
ALWAYS = 12.0


def fit_text(
    terms: Sequence[Terms], sizes: Sequence[int], y: NDArray[Any], problem: Problem, seed: int
) -> tuple[TextStep, FloatArray]:
    """Fit a linear model on all terms.

    Parameters
    ----------
    terms
        Of each text, of the rows to learn from.
    sizes
        How many terms each vocabulary has.
    y
        The target of the rows.
    problem
        What is learned.
    seed
        For cross-fitting.

    Returns
    -------
    tuple
        The step that makes the scores (one column per output), and the scores of the rows themselves,
        each by a model that did not learn from it.
    """
    idfs = [_idf(own, size) for own, size in zip(terms, sizes, strict=True)]
    X = csr_matrix(hstack([_matrix(own, idf) for own, idf in zip(terms, idfs, strict=True)]))
    parts = stratified_parts(y, CROSS_FOLDS, seed)
    first = parts == 0
    strengths = STRENGTHS if problem.classes else ALPHAS
    strength = min(
        strengths,
        key=lambda value: _loss(X[first], y[first], *_fit(X[~first], y[~first], problem, value), problem),
    )
    crossed = np.zeros((X.shape[0], problem.outputs))
    for part in np.unique(parts):
        inside = parts == part
        weights, intercept = _fit(X[~inside], y[~inside], problem, strength)
        crossed[inside] = X[inside] @ weights + intercept
    weights, intercept = _fit(X, y, problem, strength)
    step = TextStep(
        {
            "columns": np.arange(len(terms)),
            "lengths": np.array(sizes),
            "idf": np.concatenate(idfs),
            "weights": weights,
            "intercept": intercept,
        }
    )
    return step, crossed


def _idf(terms: Terms, size: int) -> FloatArray:
    """Return the smoothed inverse document frequency of each term, as scikit-learn defines it."""
    rows = np.bincount(terms.positions, minlength=size)
    idf: FloatArray = np.log((1 + len(terms)) / (1 + rows)) + 1.0
    return idf


def _matrix(terms: Terms, idf: FloatArray) -> csr_matrix:
    return csr_matrix((terms.weighed(idf), terms.positions, terms.starts), shape=(len(terms), len(idf)))


def _fit(X: csr_matrix, y: NDArray[Any], problem: Problem, strength: float) -> tuple[FloatArray, FloatArray]:
    """Return weights (terms x outputs) and intercepts; several classes are each fitted against the rest.

    The dual coordinate descent of LIBLINEAR (Hsieh et al. 2008) takes a fiftieth of the time of quasi-Newton
    steps here, and gives the same answers.
    """
    if X.shape[0] > MAX_ROWS:
        rows = np.linspace(0, X.shape[0] - 1, MAX_ROWS).astype(np.intp)
        X, y = X[rows], y[rows]
    if not problem.classes:
        ridge = Ridge(alpha=strength, solver="sparse_cg", max_iter=ITERATIONS).fit(X, y)
        return ridge.coef_[:, None], np.atleast_1d(np.asarray(ridge.intercept_, dtype=np.float64))
    weights = np.zeros((X.shape[1], problem.outputs))
    intercept = np.zeros(problem.outputs)
    for output in range(problem.outputs):
        truths = y == (output if problem.outputs > 1 else 1)
        if truths.all() or not truths.any():
            intercept[output] = ALWAYS if truths.all() else -ALWAYS
            continue
        model = LogisticRegression(
            C=strength, solver="liblinear", dual=True, tol=TOLERANCE, max_iter=ITERATIONS, random_state=0
        )
        with warnings.catch_warnings():
            # Enough steps for a useful score are enough.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, truths)
        weights[:, output], intercept[output] = model.coef_[0], model.intercept_[0]
    return weights, intercept


def _loss(
    X: csr_matrix, y: NDArray[Any], weights: FloatArray, intercept: FloatArray, problem: Problem
) -> float:
    scores = X @ weights + intercept
    if not problem.classes:
        return float(np.mean((scores[:, 0] - y) ** 2))
    if problem.outputs == 1:
        return float(np.mean(np.logaddexp(0.0, np.where(y == 1, -scores[:, 0], scores[:, 0]))))
    highest = scores.max(axis=1)
    total = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return float(np.mean(total - scores[np.arange(len(y)), y]))
