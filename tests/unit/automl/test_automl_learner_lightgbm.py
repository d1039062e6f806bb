"""LightGBM: every variant answers through its arrays as the library does."""

import pickle

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.budget import Budget
from automl.errors import ParityError
from automl.learners import lightgbm as lightgbm_learner
from automl.learners.base import Problem, Sample
from automl.learners.lightgbm import LightGBMLearner, lightgbm_variants, parse_trees
from automl.learners.packing import boosted, join_trees
from automl.learners.portable import Portable
from scoring.families.trees import TreeEnsemble
from tests.unit.automl.tree_samples import cases, endless, sample_of

VARIANTS = ["plain", "extra", "native", "deep", "shallow"]


def own_answers(booster, fitted, problem, X):
    """Return LightGBM's own answers in the shape of ours."""
    own = booster.predict(X, num_iteration=fitted.rounds, num_threads=1)
    if problem.classes == 2:
        own = np.stack([1 - own, own], axis=1)
    return np.reshape(own, (len(X), -1))


@pytest.fixture(scope="module")
def boosters():
    """The boosters that LightGBM trained, newest last."""
    made = []
    train = lgb.train

    def recorded(*args, **options):
        made.append(train(*args, **options))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lgb, "train", recorded)
        yield made


@settings(max_examples=40, deadline=None)
@given(case=cases(codes=2), name=st.sampled_from([*VARIANTS, "linear"]))
def test_every_variant_answers_as_the_library(boosters, case, name):
    boosters.clear()
    learn, judge, problem, unseen = case
    variants = lightgbm_variants(90, problem)
    learner = variants.get(name, variants["plain"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lightgbm_learner, "MAX_ROUNDS", 60)
        fitted = learner.fit(learn, judge, problem, seed=1, budget=endless())

    ours = fitted.predict(unseen)
    assert ours.shape == (90, max(1, problem.classes))
    # Where one class alone was seen, there is no booster.
    assert len(boosters) == (len(np.unique(learn.y)) > 1)
    for booster in boosters:
        own = own_answers(booster, fitted, problem, unseen)
        assert np.max(np.abs(ours - own) / np.maximum(1, np.abs(own))) <= 1e-9


def test_categories_that_training_never_saw_go_right():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 40, 3000).astype(float)
    y = np.isin(codes, [3, 17, 39]).astype(int)
    sample = Sample(codes[:, None], y, 0, (0,))
    learner = LightGBMLearner(native=True, leaves=4, min_group_rows=5)
    fitted = learner.fit(sample, sample, Problem(2), seed=0, budget=endless())
    assert "set_size" in fitted.export().arrays

    answers = fitted.predict(np.array([[3.0], [17.0], [4.0], [40.0], [1e9], [-1.0], [np.nan]]))[:, 1]

    assert (answers[:2] > 0.9).all()
    assert (answers[2:] < 0.1).all()


def test_a_linear_leaf_extrapolates_and_falls_back_where_an_input_is_missing():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (2000, 2))
    sample = Sample(X, 2 * X[:, 0] + X[:, 1], 2)
    learner = LightGBMLearner(leaves=5, linear_leaves=True, learning_rate=0.3)

    fitted = learner.fit(sample, sample, Problem(0), seed=0, budget=endless())

    answers = fitted.predict(np.array([[0.5, 0.5], [1.5, 0.0], [np.nan, np.nan]]))[:, 0]
    assert fitted.export().arrays["term_count"].any()
    assert answers[:2] == pytest.approx([1.5, 3.0], abs=0.2)
    assert np.isfinite(answers[2])


def test_boosting_stops_without_a_gain_and_keeps_the_best_round(boosters):
    rng = np.random.default_rng(0)
    noise = [Sample(rng.normal(size=(300, 3)), rng.normal(size=300), 3) for _ in range(2)]

    fitted = LightGBMLearner(learning_rate=0.1).fit(*noise, Problem(0), seed=0, budget=endless())

    assert fitted.rounds < boosters[-1].current_iteration() < 200
    assert len(fitted.export().arrays["sizes"]) == fitted.rounds


def test_a_budget_that_is_over_still_gives_a_model():
    sample = sample_of()

    fitted = LightGBMLearner().fit(sample, sample, Problem(0), seed=0, budget=Budget(0.0, lambda: 1.0))

    assert fitted.rounds == 1
    assert np.isfinite(fitted.predict(sample.X)).all()


def test_steps_grow_where_time_is_short(make_clock, boosters):
    sample = sample_of(2000)

    LightGBMLearner(learning_rate=0.01).fit(
        sample, sample, Problem(0), seed=0, budget=Budget(60.0, make_clock(step=0.2))
    )

    rates = [tree["shrinkage"] for tree in boosters[-1].dump_model()["tree_info"]]
    assert rates[1] == pytest.approx(0.01)
    assert rates[-1] > 0.05


def test_equal_seeds_give_equal_models():
    sample, judge = sample_of(classes=3), sample_of(classes=3, seed=1)

    first, second = (
        LightGBMLearner().fit(sample, judge, Problem(3), seed=5, budget=endless()) for _ in range(2)
    )

    assert all(
        np.array_equal(array, second.export().arrays[name]) for name, array in first.export().arrays.items()
    )


def test_a_fitted_model_survives_pickling():
    sample = sample_of(classes=2)
    fitted = LightGBMLearner().fit(sample, sample_of(classes=2, seed=1), Problem(2), seed=0, budget=endless())
    expected = fitted.predict(sample.X)

    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301  # its own

    assert np.array_equal(again.predict(sample.X), expected)
    assert again.rounds == fitted.rounds


def test_one_class_alone_is_answered_by_its_smoothed_share():
    sample = Sample(np.zeros((8, 1)), np.full(8, 2), 1)

    answers = LightGBMLearner().fit(sample, sample, Problem(3), seed=0, budget=endless()).predict(sample.X)

    assert answers[0] == pytest.approx([1 / 11, 1 / 11, 9 / 11])


def test_models_joined_in_one_walk_answer_as_alone():
    rng = np.random.default_rng(0)
    sample, judge = sample_of(classes=3), sample_of(classes=3, seed=1)
    coded = Sample(rng.integers(0, 30, (400, 4)).astype(float), sample.y, 0, (0, 1, 2, 3))
    other = Sample(coded.X, judge.y, 0, coded.categorical)
    plain = LightGBMLearner().fit(sample, judge, Problem(3), seed=0, budget=endless())
    native = LightGBMLearner(native=True).fit(coded, other, Problem(3), seed=0, budget=endless())
    matrix = np.concatenate([coded.X, sample.X], axis=1)

    joined = join_trees(
        [plain.export().arrays, native.export().arrays], [np.array([4, 5, 6, 7]), np.arange(4)]
    )

    scores = TreeEnsemble(joined, single_precision=False, average=False).score(matrix)
    alone = [
        TreeEnsemble(model.export().arrays, single_precision=False, average=False).score(X)[:, 0]
        for model, X in ((plain, sample.X), (native, coded.X))
    ]
    assert np.abs(scores - np.stack(alone, axis=1)).max() <= 1e-12


def test_an_answer_that_differs_is_an_error():
    sample = sample_of()
    booster = lgb.train({"verbosity": -1, "num_threads": 1}, lgb.Dataset(sample.X, sample.y), 3)
    fitted = Portable(boosted(parse_trees(booster.model_to_string()), np.array([1e-6]), Problem(0)), rounds=3)

    with pytest.raises(ParityError, match="differs"):
        fitted.require_parity(sample.X, booster.predict(sample.X)[:, None])


@pytest.mark.parametrize("name", VARIANTS)
def test_the_record_names_every_hyperparameter(name):
    learner = lightgbm_variants(5000, Problem(2))[name]

    assert learner.parameters()["learning_rate"] == learner.learning_rate
    assert learner.view == ("native" if name == "native" else "tree")
