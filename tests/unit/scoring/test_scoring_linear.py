"""The linear model of the portable model."""

import numpy as np
import pytest

from scoring.errors import ModelError
from scoring.families.linear import CLIP, LinearModel

pytestmark = pytest.mark.usefixtures("loops")


def arrays():
    return {
        "center": np.array([1.0, 0.0]),
        "scale": np.array([2.0, 1.0]),
        "weights": np.array([[3.0, 0.5], [-1.0, 0.0]]),
        "intercept": np.array([0.25, -0.25]),
    }


def test_a_score_is_linear_in_standardised_inputs():
    # when
    scores = LinearModel(arrays()).score(np.array([[5.0, 1.0], [1.0, 0.0]]))

    # then
    np.testing.assert_allclose(scores, [[[5.25, 0.75]], [[0.25, -0.25]]])


def test_an_input_far_out_counts_as_the_limit():
    # given
    model = LinearModel(arrays())

    # when, then
    np.testing.assert_array_equal(
        model.score(np.array([[1e300, 0.0]])), model.score(np.array([[1.0 + 2.0 * CLIP, 0.0]]))
    )


def test_the_inputs_are_the_rows_of_the_weights():
    assert LinearModel(arrays()).inputs == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("center", None),
        ("intercept", None),
        ("center", np.zeros(3)),
        ("scale", np.ones((2, 1))),
        ("scale", np.array([1.0, 0.0])),
        ("scale", np.array([1.0, -1.0])),
        ("weights", np.ones(2)),
        ("weights", np.full((2, 2), np.nan)),
        ("weights", np.full((2, 2), "1.0")),
        ("intercept", np.zeros(3)),
        ("intercept", np.array([0.0, np.inf])),
    ],
)
def test_arrays_that_make_no_linear_model_are_refused(name, value):
    # given
    made = arrays()
    if value is None:
        del made[name]
    else:
        made[name] = value

    # when, then
    with pytest.raises(ModelError):
        LinearModel(made)
