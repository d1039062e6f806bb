"""The additive model of the portable model."""

import numpy as np
import pytest
from scipy.interpolate import BSpline

from scoring.errors import ModelError
from scoring.families.spline import DEGREE, SplineBasis, SplineModel

KNOTS = np.array([-4.0, -3.0, -2.5, -1.0, -0.3, 0.4, 2.0, 2.2, 3.0, 3.5])


def arrays(columns=2, inputs=3, outputs=2, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "knots": np.tile(KNOTS, (columns, 1)),
        "spline": rng.normal(size=(columns, len(KNOTS) - DEGREE - 1, outputs)),
        "weights": rng.normal(size=(inputs, outputs)),
        "intercept": rng.normal(size=outputs),
    }


def test_the_basis_is_that_of_cubic_b_splines():
    # given
    x = np.linspace(-0.99, 1.99, 60)

    # when
    values = SplineBasis(KNOTS[None]).values(x[:, None])

    # then
    np.testing.assert_allclose(values, BSpline.design_matrix(x, KNOTS, DEGREE).toarray(), atol=1e-12)


@pytest.mark.parametrize("far", [2.0, 2.1, 1e9])
def test_beyond_the_outer_knots_the_spline_is_flat(far):
    # given
    basis = SplineBasis(KNOTS[None])

    # when
    values = basis.values(np.array([[far]]))

    # then
    assert values.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(values, basis.values(np.array([[2.0 - 1e-12]])), atol=1e-9)


def test_a_score_adds_the_splines_and_the_lines():
    # given
    made = arrays()
    X = np.random.default_rng(1).uniform(-0.9, 1.9, size=(5, 3))

    # when
    scores = SplineModel(made).score(X)

    # then
    bent = sum(
        BSpline.design_matrix(X[:, column], KNOTS, DEGREE).toarray() @ made["spline"][column]
        for column in range(2)
    )
    np.testing.assert_allclose(scores[:, 0], bent + X @ made["weights"] + made["intercept"], atol=1e-9)


def test_a_model_without_continuous_columns_is_linear():
    # given
    made = arrays(columns=0)
    X = np.eye(3)

    # when
    scores = SplineModel(made).score(X)

    # then
    np.testing.assert_allclose(scores[:, 0], made["weights"] + made["intercept"])


def test_blocks_of_rows_answer_as_all_rows_at_once():
    # given
    model = SplineModel(arrays())
    X = np.random.default_rng(2).normal(size=(11, 3))
    whole = model.score(X)

    # when
    model.block = 4

    # then
    np.testing.assert_allclose(model.score(X), whole, rtol=1e-12)


def test_the_inputs_are_the_rows_of_the_weights():
    assert SplineModel(arrays(inputs=5)).inputs == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("knots", None),
        ("spline", None),
        ("knots", KNOTS),
        ("knots", np.tile(KNOTS[::-1], (2, 1))),
        ("knots", np.zeros((2, 10))),
        ("knots", np.tile(KNOTS[:7], (2, 1))),
        ("knots", np.tile(KNOTS, (4, 1))),
        ("knots", np.full((2, 10), np.nan)),
        ("spline", np.ones((2, 7, 2))),
        ("spline", np.ones((2, 6, 1))),
        ("weights", np.ones((1, 2))),
        ("weights", np.full((3, 2), np.inf)),
        ("intercept", np.ones(3)),
    ],
)
def test_arrays_that_make_no_additive_model_are_refused(name, value):
    # given
    made = arrays()
    if value is None:
        del made[name]
    else:
        made[name] = value

    # when, then
    with pytest.raises(ModelError):
        SplineModel(made)
