"""The network: its slopes, what it learns, and when it stops."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from automl.budget import Budget
from automl.learners.backprop import Descent, Shape, initial, respond, views
from automl.learners.base import Problem, Sample
from automl.learners.network import MAX_PERIODIC, PLAIN, NetworkLearner
from scoring.families.links import respond as answer
from scoring.families.network import NetworkModel


def endless():
    return Budget(1000.0, lambda: 0.0)


def sample(rows, classes, *, continuous=3, indicators=2, seed=0):
    """Return rows whose target bends with the first column and jumps with the last."""
    rng = np.random.default_rng(seed)
    X = np.hstack([rng.normal(size=(rows, continuous)), rng.integers(0, 2, (rows, indicators))])
    signal = np.sin(2.0 * X[:, 0]) + X[:, -1] - 0.5
    if not classes:
        return Sample(X, signal + 0.1 * rng.normal(size=rows), continuous)
    borders = np.linspace(-1, 1, classes + 1)[1:-1]
    return Sample(X, np.searchsorted(borders, signal), continuous)


def fit(learn, judge, classes, seed=0, **settings):
    learner = NetworkLearner(hidden=(24, 12), hidden_classes=(16, 12), **{"epochs": 20} | settings)
    return learner.fit(learn, judge, Problem(classes), seed=seed, budget=endless())


def loss(scores, targets, classes):
    """Return the loss whose slope a step follows, in double precision."""
    answers = respond(scores, classes)
    if classes == 2:
        return -np.sum(np.log(np.where(targets == 1, answers, 1 - answers))) / scores.shape[1]
    if classes:
        return -np.sum(targets * np.log(answers)) / scores.shape[1]
    return 0.5 * np.sum((answers - targets) ** 2) / scores.shape[1]


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_the_slopes_are_those_of_the_loss(classes):
    # given
    rng = np.random.default_rng(3)
    outputs = classes if classes > 2 else 1
    shape = Shape(4, (5, 3), 2, outputs, classes)
    vector = initial(shape, rng, 0.1) + rng.normal(0, 0.3, len(initial(shape, rng, 0.0))).astype(np.float32)
    descent = Descent(shape, vector.copy(), batch=6, dropout=0.0, decay=0.0, average=0.9, rng=rng)
    descent.inputs[:] = rng.normal(size=(2, 6, 4))
    targets = rng.integers(0, 2, (2, 6, 1)).astype(np.float32)
    if classes == 3:
        targets = np.eye(3, dtype=np.float32)[rng.integers(0, 3, (2, 6))]

    def at(moved):
        value = {name: array.astype(np.float64) for name, array in views(shape, moved).items()}
        hidden = descent.inputs.astype(np.float64)
        for layer in range(2):
            scaled = hidden * value[f"scale.{layer}"][:, None]
            hidden = np.maximum(scaled @ value[f"weight.{layer}"] + value[f"bias.{layer}"][:, None], 0.0)
        return loss(hidden @ value["head"] + value["intercept"][:, None], targets, classes)

    # when
    descent.step(targets, 0.0)

    # then
    step = 1e-3
    numeric = []
    for index in range(len(vector)):
        up, down = vector.astype(np.float64), vector.astype(np.float64)
        up[index] += step
        down[index] -= step
        numeric.append((at(up) - at(down)) / (2 * step))
    np.testing.assert_allclose(descent.gradient, numeric, rtol=2e-2, atol=2e-3)


def test_dropout_leaves_the_expected_answer_as_it_is():
    # given
    rng = np.random.Generator(np.random.SFC64(0))
    shape = Shape(3, (400,), 1, 1, 0)
    vector = initial(shape, rng, 0.0)
    with_all, with_some = (
        Descent(shape, vector.copy(), batch=500, dropout=dropout, decay=0.0, average=0.9, rng=rng)
        for dropout in (0.0, 0.5)
    )
    with_all.inputs[:] = with_some.inputs[:] = rng.normal(size=(1, 1, 3))

    # when
    whole, some = with_all._answers(), with_some._answers()

    # then
    assert some.std() > 0
    assert some.mean() == pytest.approx(whole.mean(), abs=5 * some.std() / np.sqrt(500))


@pytest.mark.parametrize("classes", [0, 2, 4])
def test_a_network_learns_what_no_linear_model_can(classes):
    # given
    learn, judge, fresh = (sample(600, classes, seed=seed) for seed in range(3))

    # when
    answers = fit(learn, judge, classes).predict(fresh.X)

    # then
    if classes:
        assert np.mean(answers.argmax(axis=1) == fresh.y) > 0.75
        np.testing.assert_allclose(answers.sum(axis=1), 1.0)
    else:
        assert np.mean((answers[:, 0] - fresh.y) ** 2) < 0.1 * fresh.y.var()


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_what_is_exported_answers_exactly_as_the_fit(classes):
    # given
    learn, judge = sample(120, classes), sample(60, classes, seed=1)
    fitted = pickle.loads(pickle.dumps(fit(learn, judge, classes, epochs=3)))  # noqa: S301  # our own bytes

    # when
    exported = fitted.export()

    # then
    scores = NetworkModel(exported.arrays).score(judge.X)
    served = answer(scores, exported.block["link"])[:, 0]
    assert exported.block == {"family": "network", "link": Problem(classes).link}
    np.testing.assert_array_equal(served, fitted.predict(judge.X))


def test_equal_seeds_give_equal_models():
    # given
    learn, judge = sample(200, 3), sample(100, 3, seed=1)

    # when
    first, second, third = (fit(learn, judge, 3, seed, epochs=3).predict(judge.X) for seed in (5, 5, 6))

    # then
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, third)


def test_the_best_epoch_is_kept_and_a_worse_one_ends_the_training():
    # given: noise, which every epoch learns by heart
    rng = np.random.default_rng(0)
    learn, judge = (Sample(rng.normal(size=(80, 10)), rng.normal(size=80), 10) for _ in range(2))

    # when
    fitted = fit(learn, judge, 0, epochs=200)

    # then
    assert fitted.rounds < 100
    assert np.mean((fitted.predict(judge.X)[:, 0] - judge.y) ** 2) < 1.1 * judge.y.var()


def test_a_budget_that_is_over_still_gives_a_model(make_clock):
    # given
    learn, judge = sample(500, 2), sample(100, 2, seed=1)
    budget = Budget(0.0, make_clock())

    # when
    fitted = NetworkLearner().fit(learn, judge, Problem(2), seed=0, budget=budget)

    # then
    assert fitted.rounds == 1
    assert np.isfinite(fitted.predict(judge.X)).all()


def test_the_end_of_the_budget_is_seen_within_an_epoch(make_clock):
    # given: a clock that moves at every look, and an epoch of more steps than the budget has
    learn, judge = sample(3000, 0), sample(100, 0, seed=1)
    clock = make_clock(step=0.1)
    budget = Budget(2.0, clock)

    # when
    NetworkLearner(hidden=(8,)).fit(learn, judge, Problem(0), seed=0, budget=budget)

    # then
    assert clock.now < 3.0


@pytest.mark.parametrize(("learner", "continuous"), [(PLAIN, 3), (NetworkLearner(), MAX_PERIODIC + 1)])
def test_periodic_features_are_left_out_where_not_wanted_or_too_many(learner, continuous):
    # given
    rows = sample(40, 0, continuous=continuous)

    # when
    fitted = replace(learner, epochs=1).fit(rows, rows, Problem(0), seed=0, budget=endless())

    # then
    exported = fitted.export().arrays
    assert exported["frequency"].size == 0
    assert len(exported["weight.0"]) == rows.X.shape[1]


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
def test_odd_matrices_give_a_finite_model(X, continuous, classes):
    # given: for classes, two rows of each, and the last class absent
    y = row_of(20, 1, seed=1)[:, 0] if not classes else np.arange(20) % max(2, classes - 1)
    rows = Sample(X, y, continuous)

    # when
    answers = fit(rows, rows, classes, epochs=2).predict(X)

    # then
    assert answers.shape == (20, max(1, classes))
    assert np.isfinite(answers).all()
