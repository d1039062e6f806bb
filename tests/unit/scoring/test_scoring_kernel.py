"""The kernel machine of the portable model."""

import numpy as np
import pytest

from scoring.errors import ModelError
from scoring.families.kernel import KernelModel


def arrays(landmarks=7, inputs=3, outputs=2, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "landmarks": rng.normal(size=(landmarks, inputs)).astype(np.float32),
        "gamma": np.array([0.4]),
        "weights": rng.normal(size=(landmarks, outputs)),
        "intercept": rng.normal(size=outputs),
    }


def test_a_score_is_the_weighted_nearness_to_the_landmarks():
    # given
    made = arrays()
    X = np.random.default_rng(1).normal(size=(5, 3))

    # when
    scores = KernelModel(made).score(X)

    # then
    distance = ((X[:, None] - made["landmarks"].astype(np.float64)) ** 2).sum(axis=2)
    expected = np.exp(-0.4 * distance) @ made["weights"] + made["intercept"]
    np.testing.assert_allclose(scores[:, 0], expected, rtol=1e-9, atol=1e-9)


def test_blocks_of_rows_answer_as_all_rows_at_once():
    # given
    model = KernelModel(arrays())
    X = np.random.default_rng(2).normal(size=(11, 3))
    whole = model.score(X)

    # when
    model.block = 4

    # then
    np.testing.assert_allclose(model.score(X), whole, rtol=1e-12)


def test_a_row_far_from_every_landmark_gets_the_intercept():
    # given
    made = arrays()

    # when
    scores = KernelModel(made).score(np.full((1, 3), 1e300))

    # then
    np.testing.assert_array_equal(scores[0, 0], made["intercept"])


def test_the_inputs_are_the_columns_of_the_landmarks():
    assert KernelModel(arrays(inputs=4)).inputs == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("landmarks", None),
        ("gamma", None),
        ("landmarks", np.ones(7)),
        ("landmarks", np.ones((6, 3))),
        ("landmarks", np.full((7, 3), 1e30)),
        ("landmarks", np.full((7, 3), np.nan)),
        ("gamma", np.array([0.0])),
        ("gamma", np.array([-1.0])),
        ("gamma", np.array([1.0, 1.0])),
        ("weights", np.ones((7, 3))),
        ("weights", np.full((7, 2), np.inf)),
        ("intercept", np.ones((2, 1))),
    ],
)
def test_arrays_that_make_no_kernel_machine_are_refused(name, value):
    # given
    made = arrays()
    if value is None:
        del made[name]
    else:
        made[name] = value

    # when, then
    with pytest.raises(ModelError):
        KernelModel(made)


def test_a_kernel_machine_without_landmarks_is_refused():
    with pytest.raises(ModelError, match="fit together"):
        KernelModel(arrays(landmarks=0))
