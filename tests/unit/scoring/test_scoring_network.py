"""The network of the portable model: what it answers, and which arrays it refuses."""

import numpy as np
import pytest

from scoring.errors import ModelError
from scoring.families.network import NetworkModel, periodic


def arrays(*, inputs=3, hidden=(5, 4), members=2, outputs=1, columns=1, frequencies=2, seed=0):
    """Return random arrays that make a network."""
    rng = np.random.default_rng(seed)
    sizes = [inputs + 2 * columns * frequencies, *hidden]

    def draw(*shape):
        return rng.normal(size=shape).astype(np.float32)

    made = {
        "frequency": draw(columns, frequencies),
        "head": draw(members, hidden[-1], outputs),
        "intercept": draw(members, outputs),
    }
    for layer in range(len(hidden)):
        made[f"scale.{layer}"] = draw(members, sizes[layer])
        made[f"weight.{layer}"] = draw(sizes[layer], sizes[layer + 1])
        made[f"bias.{layer}"] = draw(members, sizes[layer + 1])
    return made


def by_hand(made, row):
    """Return the score of one row, member by member, in double precision."""
    wide = {name: array.astype(np.float64) for name, array in made.items()}
    angle = (row[: len(wide["frequency"]), None] * wide["frequency"]).ravel()
    start = np.concatenate([row, np.sin(angle), np.cos(angle)])
    scores = []
    for member in range(len(wide["head"])):
        hidden = start
        for layer in range(sum(name.startswith("weight.") for name in made)):
            scaled = hidden * wide[f"scale.{layer}"][member]
            hidden = np.maximum(scaled @ wide[f"weight.{layer}"] + wide[f"bias.{layer}"][member], 0.0)
        scores.append(hidden @ wide["head"][member] + wide["intercept"][member])
    return np.mean(scores, axis=0)


# Of few rows the inputs are scaled, of many the weights.
@pytest.mark.parametrize("rows", [1, 4, 5, 6, 11])
def test_a_score_is_the_mean_of_the_members(rows):
    # given
    made = arrays(outputs=3)
    X = np.random.default_rng(1).normal(size=(rows, 3))

    # when
    scores = NetworkModel(made).score(X)

    # then
    assert scores.shape == (rows, 1, 3)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores[:, 0], [by_hand(made, row) for row in X], rtol=1e-12, atol=1e-12)


def test_the_inputs_do_not_count_periodic_features():
    assert NetworkModel(arrays(inputs=7, columns=4)).inputs == 7


def test_a_network_without_periodic_features_takes_its_inputs_as_they_are():
    # given
    made = arrays(columns=0, frequencies=0)
    X = np.ones((2, 3), dtype=np.float32)

    # when, then
    assert periodic(X, made["frequency"]) is X
    assert NetworkModel(made).score(X).shape == (2, 1, 1)


def test_blocks_of_rows_answer_as_all_rows_at_once():
    # given
    model = NetworkModel(arrays())
    X = np.random.default_rng(2).normal(size=(11, 3))
    whole = model.score(X)

    # when
    model.block = 4

    # then
    np.testing.assert_allclose(model.score(X), whole, rtol=1e-12, atol=1e-12)


def test_an_input_far_out_gives_a_finite_score():
    # given
    model = NetworkModel(arrays())

    # when
    scores = model.score(np.array([[1e300, -1e300, 0.0]]))

    # then
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("head", None),
        ("weight.0", None),
        ("scale.1", None),
        ("frequency", np.ones(3)),
        ("frequency", np.ones((9, 9))),
        ("head", np.ones((2, 4))),
        ("head", np.ones((2, 5, 1))),
        ("head", np.ones((3, 4, 1))),
        ("head", np.ones((0, 4, 1))),
        ("head", np.ones((2, 4, 0))),
        ("intercept", np.ones((2, 2))),
        ("bias.0", np.ones((2, 4))),
        ("scale.0", np.ones((1, 7))),
        ("weight.1", np.ones((4, 4))),
        ("weight.0", np.full((7, 5), np.nan)),
        ("weight.0", np.full((7, 5), np.inf)),
        ("weight.0", np.full((7, 5), 1e29)),
        ("weight.0", np.full((7, 5), "1")),
        ("bias.1", np.full((2, 4), 1j)),
    ],
)
def test_arrays_that_make_no_network_are_refused(name, value):
    # given
    made = arrays()
    if value is None:
        del made[name]
    else:
        made[name] = value

    # when, then
    with pytest.raises(ModelError):
        NetworkModel(made)


def test_a_network_deeper_than_any_that_is_trained_is_refused():
    with pytest.raises(ModelError, match="too many"):
        NetworkModel(arrays(hidden=(2,) * 9))
