"""Linear, additive and kernel models: what each learns, and what they do with odd rows."""

import pickle

import numpy as np
import pytest

from automl.budget import Budget
from automl.learners.base import Problem, Sample
from automl.learners.kernel import KernelLearner
from automl.learners.linear import LinearLearner
from automl.learners.spline import SplineLearner
from scoring.families.ensemble import scorer_of
from scoring.families.links import respond

ABSENT = 1e-6


def line(X):
    return X[:, 0] + X[:, 2] - 0.5


def curve(X):
    return X[:, 0] ** 2 - 1.0 + X[:, 2] - 0.5


def together(X):
    return 2.0 * np.sin(X[:, 0] * X[:, 1])


# Family -> its learner, a target that it can learn, and how large an indicator is beside the numbers.
FAMILIES = {
    "linear": (LinearLearner(), line, 1.0),
    "spline": (SplineLearner(), curve, 1.0),
    "kernel": (KernelLearner(), together, 0.1),
}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


def fit(family, learn, judge, classes, seed=0):
    budget = Budget(1000.0, lambda: 0.0)
    return FAMILIES[family][0].fit(learn, judge, Problem(classes), seed=seed, budget=budget)


def sample(family, rows, classes, seed=0):
    """Return rows of two continuous columns and an indicator, whose target the family can learn."""
    _, signal_of, indicator = FAMILIES[family]
    rng = np.random.default_rng(seed)
    X = np.hstack([rng.normal(size=(rows, 2)), indicator * rng.integers(0, 2, (rows, 1))])
    signal = signal_of(X)
    if not classes:
        return Sample(X, signal + 0.1 * rng.normal(size=rows), 2)
    return Sample(X, np.searchsorted(np.linspace(-1, 1, classes + 1)[1:-1], signal), 2)


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_what_a_family_is_made_for_is_learned(family, classes):
    # given
    learn, judge, fresh = (sample(family, 600, classes, seed=seed) for seed in range(3))

    # when
    answers = fit(family, learn, judge, classes).predict(fresh.X)

    # then
    if classes:
        assert np.mean(answers.argmax(axis=1) == fresh.y) > 0.7
        np.testing.assert_allclose(answers.sum(axis=1), 1.0)
    else:
        assert np.mean((answers[:, 0] - fresh.y) ** 2) < 0.1 * fresh.y.var()


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_what_is_exported_answers_exactly_as_the_fit(family, classes):
    # given
    learn, judge = sample(family, 120, classes), sample(family, 60, classes, seed=1)
    fitted = pickle.loads(pickle.dumps(fit(family, learn, judge, classes)))  # noqa: S301  # our own bytes

    # when
    exported = fitted.export()

    # then
    served = respond(scorer_of(exported.block, exported.arrays).score(judge.X), exported.block["link"])[:, 0]
    assert exported.block == {"family": family, "link": Problem(classes).link}
    np.testing.assert_array_equal(served, fitted.predict(judge.X))


def test_equal_seeds_give_equal_models(family):
    # given
    learn, judge = sample(family, 200, 3), sample(family, 100, 3, seed=1)

    # when
    first, second = (fit(family, learn, judge, 3, seed=5).predict(judge.X) for _ in range(2))

    # then
    np.testing.assert_array_equal(first, second)


def test_noise_is_answered_with_the_shares_of_the_classes(family):
    # given
    rng = np.random.default_rng(0)
    learn, judge = (
        Sample(rng.normal(size=(300, 10)), (rng.random(300) < 0.3).astype(np.int64), 10) for _ in range(2)
    )

    # when
    answers = fit(family, learn, judge, 2).predict(judge.X)

    # then
    assert answers[:, 1].std() < 0.1
    assert answers[:, 1].mean() == pytest.approx(0.3, abs=0.05)


def test_a_class_without_rows_gets_next_to_no_probability(family):
    # given: the second of four classes has no row to learn from
    learn, judge = sample(family, 300, 4), sample(family, 100, 4, seed=1)
    seen = learn.y != 1
    learn = Sample(learn.X[seen], learn.y[seen], learn.continuous)

    # when
    answers = fit(family, learn, judge, 4).predict(judge.X)

    # then
    assert (answers[:, 1] < ABSENT).all()
    assert np.mean(answers.argmax(axis=1) == judge.y) > 0.4


@pytest.mark.parametrize("present", [(0, 2), (2,)])
def test_one_or_two_classes_of_many_make_a_model(family, present):
    # given
    learn = sample(family, 60, 2)
    y = np.array(present)[learn.y % len(present)]
    rows = Sample(learn.X, y, learn.continuous)

    # when
    answers = fit(family, rows, rows, 3).predict(rows.X)

    # then
    assert np.isin(answers.argmax(axis=1), present).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1.0)


def test_a_budget_that_is_over_still_gives_a_model(family, make_clock):
    # given
    learn, judge = sample(family, 100, 3), sample(family, 50, 3, seed=1)
    budget = Budget(0.0, make_clock())

    # when
    answers = FAMILIES[family][0].fit(learn, judge, Problem(3), seed=0, budget=budget).predict(judge.X)

    # then
    np.testing.assert_allclose(answers.sum(axis=1), 1.0)


def row_of(count, columns, seed=0):
    return np.random.default_rng(seed).normal(size=(count, columns))


@pytest.mark.parametrize(
    ("X", "continuous"),
    [
        (np.zeros((20, 3)), 3),
        (row_of(20, 1), 1),
        ((row_of(20, 4) > 0).astype(float), 0),
        (row_of(20, 2000), 2000),
        (1e6 * row_of(20, 3), 3),
    ],
    ids=["constant", "one column", "no continuous column", "wide", "far out"],
)
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_odd_matrices_give_a_finite_model(family, X, continuous, classes):
    # given: for classes, the last one is absent
    y = row_of(20, 1, seed=1)[:, 0] if not classes else np.arange(20) % max(2, classes - 1)
    rows = Sample(X, y, continuous)

    # when
    answers = fit(family, rows, rows, classes).predict(X)

    # then
    assert answers.shape == (20, max(1, classes))
    assert np.isfinite(answers).all()
