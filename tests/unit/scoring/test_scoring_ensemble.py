"""The served ensemble: weights, temperatures, the mixture with the prior, and parts that do not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.blocks import Blocks
from scoring.errors import ModelError
from scoring.families.ensemble import Ensemble, Scale, calibrate
from scoring.families.links import logistic, sharpen

pytestmark = pytest.mark.usefixtures("loops")

SIZES = {"numbers": [0], "codes": [], "terms": []}
LINEAR = {"family": "linear", "link": "logistic"}
TREES = {"family": "trees", "link": "logistic", "single_precision": False, "average": False}
# A linear model, and two models of one tree each that one walk serves: a stump, and a leaf.
ARRAYS = {
    "step.0.columns": np.array([0]),
    "0.center": np.array([40.0]),
    "0.scale": np.array([10.0]),
    "0.weights": np.array([[1.0]]),
    "0.intercept": np.array([0.0]),
    "0.weight": np.array([0.5]),
    "1.sizes": np.array([3, 1]),
    "1.leaf": np.array([False, True, True, True]),
    "1.feature": np.array([0]),
    "1.threshold": np.array([40.0]),
    "1.missing_left": np.array([False]),
    "1.value": np.array([[-2.0], [2.0], [0.0]]),
    "1.trees": np.array([1, 1]),
    "1.base": np.array([[0.0], [1.0]]),
    "1.weight": np.array([0.25, 0.25]),
}


def loaded(groups=(LINEAR, TREES), arrays=None, **block):
    return Ensemble(
        {"groups": list(groups), "steps": ["numbers"], **block}, {**ARRAYS, **(arrays or {})}, 2, SIZES
    )


def answer(ensemble, *values):
    rows = np.array(values, dtype=float)[:, None]
    return ensemble.answer(Blocks(rows, np.zeros((len(rows), 0), dtype=int)))[:, 1]


def chance(score):
    return float(logistic(np.array(float(score))))


def test_an_ensemble_answers_with_the_weighted_mean_of_its_parts():
    expected = 0.5 * chance(2) + 0.25 * chance(2) + 0.25 * chance(1)

    assert answer(loaded(), 60.0)[0] == pytest.approx(expected, abs=1e-15)


def test_of_two_classes_a_share_is_that_of_the_second():
    shares = {"1.value": np.array([[0.1], [0.9], [0.4]]), "1.base": np.zeros((2, 1))}
    ensemble = loaded([LINEAR, {**TREES, "link": "share", "temperature": 2.0}], shares)
    both = {**shares, "1.value": np.array([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4]]), "1.base": np.zeros((2, 2))}

    expected = loaded([LINEAR, {**TREES, "link": "probability", "temperature": 2.0}], both)
    assert answer(ensemble, 60.0, 20.0) == pytest.approx(answer(expected, 60.0, 20.0), abs=1e-15)


def test_shares_of_two_classes_are_refused_where_there_are_more():
    with pytest.raises(ModelError):
        Ensemble(
            {"groups": [{**TREES, "link": "share"}], "steps": ["numbers"]},
            {name.replace("1.", "0."): array for name, array in ARRAYS.items() if name[:2] != "0."},
            3,
            SIZES,
        )


def test_each_group_has_its_own_temperature():
    ensemble = loaded([{**LINEAR, "temperature": 2.0}, TREES])

    expected = 0.5 * chance(4) + 0.25 * chance(2) + 0.25 * chance(1)
    assert answer(ensemble, 60.0)[0] == pytest.approx(expected, abs=1e-8)


def test_the_mean_is_sharpened_and_mixed_with_the_prior():
    plain = answer(loaded(), 60.0, 20.0)

    made = answer(loaded(temperature=2.0, floor=0.1, prior=[0.8, 0.2]), 60.0, 20.0)

    sharp = plain**2 / (plain**2 + (1 - plain) ** 2)
    assert made == pytest.approx(0.9 * sharp + 0.1 * 0.2)


@pytest.mark.parametrize(
    "arrays",
    [
        {"1.trees": np.array([2, 1])},
        {"1.trees": np.array([2, 0])},
        {"1.weight": np.array([0.5])},
        {"1.weight": np.array([np.nan, 0.5])},
        {"1.leaf": np.array([True, True, True, True])},
        {"1.leaf": np.array([False, False, True, True])},
        {"1.leaf": np.array([[False, True, True, True]])},
        {"1.sizes": np.array([4, 1])},
        {"1.feature": np.array([1])},
        {"1.base": np.zeros((2, 2))},
        {"0.columns": np.array([1])},
        {"0.columns": np.array([-1])},
    ],
)
def test_parts_that_do_not_fit_are_refused(arrays):
    with pytest.raises(ModelError):
        loaded(arrays=arrays)


def test_a_group_reads_the_columns_that_it_names():
    arrays = {"step.0.columns": np.array([0, 0]), "0.columns": np.array([1]), "1.columns": np.array([0])}

    assert answer(loaded(arrays=arrays), 60.0) == pytest.approx(answer(loaded(), 60.0))


PROBABILITIES = st.lists(st.floats(1e-6, 1.0), min_size=2, max_size=5).map(
    lambda values: np.array([values]) / np.sum(values)
)


@given(PROBABILITIES, st.floats(0.1, 10.0))
def test_sharpened_probabilities_add_up_to_one_and_keep_their_order(shares, temperature):
    made = sharpen(shares, temperature)

    assert made.sum() == pytest.approx(1.0)
    assert (np.diff(made[0][np.argsort(shares[0])]) >= 0).all()
    assert sharpen(shares, 1.0) == pytest.approx(shares)


@given(PROBABILITIES, st.floats(1.0, 10.0))
def test_above_one_a_temperature_makes_surer_and_below_less_sure(shares, temperature):
    assert sharpen(shares, temperature).max() >= shares.max() - 1e-12
    assert sharpen(shares, 1 / temperature).max() <= shares.max() + 1e-12


def test_certainty_can_be_sharpened():
    assert sharpen(np.array([[1.0, 0.0]]), 0.5).tolist() == [pytest.approx([1.0, 0.0], abs=1e-4)]
    assert np.isfinite(sharpen(np.array([[1.0, 0.0]]), 50.0)).all()


@given(PROBABILITIES, st.floats(0.0, 0.99))
def test_no_probability_is_smaller_than_its_share_of_the_floor(shares, floor):
    prior = np.full(shares.shape[1], 1 / shares.shape[1])

    made = calibrate(shares, 1.0, floor, prior)

    assert made.sum() == pytest.approx(1.0)
    assert (made >= floor * prior - 1e-12).all()


def test_without_floor_and_temperature_answers_are_left_alone():
    numbers = np.array([[-7.0], [1e9]])

    assert calibrate(numbers, 1.0, 0.0, np.zeros(1)) is numbers


@pytest.mark.parametrize("log", [False, True])
def test_a_scale_turns_scores_into_numbers_within_bounds(log):
    scale = Scale(2.0, 3.0, log, -5.0, 200.0)

    plain = scale.apply(np.array([0.0, 1.0]))

    assert plain == pytest.approx(np.expm1([2.0, 5.0]) if log else [2.0, 5.0])
    assert scale.apply(np.array([1e300, -1e300])).tolist() == [200.0, -1.0 if log else -5.0]
