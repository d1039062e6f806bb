"""Random rows for the tree learners' tests: gaps, extremes, constants, integers, classes that are absent."""

import numpy as np
from hypothesis import strategies as st

from automl.budget import Budget
from automl.learners.base import Problem, Sample

EXTREMES = [np.nan, 0.0, -0.0, 1.0, -1.0, 1e-320, 1e30, -1e30, 123456789.0]


def endless():
    """Return a budget that never ends."""
    return Budget(1e9, lambda: 0.0)


@st.composite
def problems(draw):
    """Draw what is learned: a number, or two to nine classes."""
    return Problem(draw(st.sampled_from([0, 2, 3, 9])))


def _column(rng, rows):
    kind = rng.integers(6)
    if kind == 0:
        return np.full(rows, rng.choice([0.0, 7.0, np.nan]))
    if kind == 1:
        return rng.integers(-3, 4, rows).astype(float)
    if kind == 2:
        return rng.choice(EXTREMES, rows)
    column = rng.normal(size=rows) * 10.0 ** rng.integers(-3, 7)
    if kind == 3:
        column[rng.random(rows) < 0.3] = np.nan
    return column


@st.composite
def cases(draw, rows=90, codes=0):
    """Draw rows to learn from, rows to judge by, the problem and rows that training never saw.

    The last ``codes`` columns hold codes of categories, with codes among the unseen rows that training lacks.
    """
    problem = draw(problems())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = np.column_stack([_column(rng, 3 * rows) for _ in range(draw(st.integers(1, 6)))])
    first = X.shape[1]
    if codes:
        coded = rng.integers(0, rng.integers(2, 60), (3 * rows, codes)).astype(float)
        coded[rng.random(coded.shape) < 0.1] = np.nan
        coded[2 * rows :] += rng.integers(0, 50, (rows, codes))
        X = np.column_stack([X, coded])
    signal = np.nan_to_num(X[:, -1]) + np.nan_to_num(X[:, 0]) / 7
    if problem.classes:
        present = rng.permutation(problem.classes)[: rng.integers(1, problem.classes + 1)]
        ranks = np.argsort(np.argsort(signal + rng.normal(size=len(X))))
        y = present[ranks * len(present) // len(X)]
    else:
        y = np.clip(signal, -9, 9) / 3 + rng.normal(size=len(X))
    categorical = tuple(range(first, X.shape[1]))
    learn, judge = (
        Sample(X[part], y[part], X.shape[1], categorical) for part in (slice(rows), slice(rows, 2 * rows))
    )
    unseen = X[2 * rows :]
    unseen[rng.random(unseen.shape) < 0.1] = np.nan
    return learn, judge, problem, unseen


def sample_of(rows=400, seed=0, classes=0, columns=4):
    """Return rows with a signal, and a gap here and there."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns))
    signal = X[:, 0] + np.sin(3 * X[:, -1]) + 0.3 * rng.normal(size=rows)
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes)) if classes else signal
    X[rng.random(X.shape) < 0.05] = np.nan
    return Sample(X, y, columns)
