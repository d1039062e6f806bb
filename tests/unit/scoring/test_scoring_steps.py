"""Steps: what each makes of blocks, and which arrays are refused."""

import numpy as np
import pytest

from scoring.blocks import Blocks
from scoring.errors import ModelError
from scoring.steps import (
    CodesStep,
    MissingStep,
    NumbersStep,
    OneHotStep,
    Plan,
    ScaledStep,
    TableStep,
    TextStep,
)
from scoring.terms import Terms

pytestmark = pytest.mark.usefixtures("loops")

BLOCKS = Blocks(
    numbers=np.array([[1.0, 10.0], [np.nan, 20.0], [3.0, np.nan]]),
    codes=np.array([[0, 3], [1, 2], [2, 0]]),
    terms=(Terms(np.array([0, 1, 1, 3]), np.array([0, 0, 1]), np.ones(3)),),
)
# The first category has one level, the second has two; each has a code for others and one for missing.
SIZES = {"numbers": [0, 0], "codes": [3, 4], "terms": [2]}
ARRAYS = {
    "numbers": {"columns": [1, 0]},
    "scaled": {"columns": [0], "knots": [[1.0, 2.0, 4.0]], "values": [[-1.0, 0.0, 1.0]], "fill": [9.0]},
    "missing": {"columns": [0, 1]},
    "codes": {"columns": [0, 1], "known": [1, 2]},
    "one_hot": {"columns": [0, 1], "offsets": [0, 3], "slots": [0, -1, 1, 2, -1, -1, 3]},
    "table": {"columns": [1], "offsets": [0], "table": [[0.5, 1.0], [1.5, 2.0], [2.5, 3.0], [3.5, 4.0]]},
    "text": {
        "columns": [0],
        "lengths": [2],
        "idf": [1.0, 1.0],
        "weights": [[2.0], [4.0]],
        "intercept": [1.0],
    },
}
STEPS = {
    step.kind: step
    for step in (NumbersStep, ScaledStep, MissingStep, CodesStep, OneHotStep, TableStep, TextStep)
}


def made(kind, **changes):
    return STEPS[kind]({**{name: np.array(array) for name, array in ARRAYS[kind].items()}, **changes})


def test_numbers_keep_their_order_and_their_gaps():
    np.testing.assert_array_equal(made("numbers").apply(BLOCKS), BLOCKS.numbers[:, [1, 0]])


def test_scaled_numbers_follow_their_function_and_gaps_take_the_fill():
    assert made("scaled").apply(BLOCKS).ravel().tolist() == [-1.0, 9.0, 0.5]


def test_beyond_the_knots_a_function_is_flat():
    far = Blocks(np.array([[-1e30], [1e30]]), np.zeros((2, 0), dtype=int))

    assert made("scaled").apply(far).ravel().tolist() == [-1.0, 1.0]


def test_missing_numbers_are_marked():
    assert made("missing").apply(BLOCKS).tolist() == [[0, 0], [1, 0], [0, 1]]


def test_other_and_missing_categories_have_no_code():
    np.testing.assert_array_equal(made("codes").apply(BLOCKS), [[0, np.nan], [np.nan, np.nan], [np.nan, 0]])


def test_codes_without_a_slot_have_no_indicator():
    assert made("one_hot").apply(BLOCKS).tolist() == [[1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 1, 0]]


def test_a_table_says_all_its_figures_of_a_code():
    assert made("table").apply(BLOCKS).tolist() == [[3.5, 4.0], [2.5, 3.0], [0.5, 1.0]]


def test_a_text_is_scored_by_its_weighed_terms():
    scores = made("text").apply(BLOCKS).ravel()

    assert scores == pytest.approx([3.0, 1.0, 1.0 + 6.0 / np.sqrt(2)])


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("numbers", {"columns": np.array([-1])}),
        ("numbers", {"columns": np.array([[0]])}),
        ("scaled", {"knots": np.array([[2.0, 1.0, 4.0]])}),
        ("scaled", {"knots": np.array([[1.0, np.nan, 4.0]])}),
        ("scaled", {"values": np.array([[0.0, 1.0]])}),
        ("scaled", {"fill": np.array([0.0, 1.0])}),
        ("scaled", {"fill": np.array([np.inf])}),
        ("codes", {"known": np.array([1])}),
        ("one_hot", {"offsets": np.array([0, 9])}),
        ("one_hot", {"offsets": np.array([1, 3])}),
        ("one_hot", {"offsets": np.array([0, 0])}),
        ("one_hot", {"slots": np.array([0, -1, 1, 2, -1, -1, 7])}),
        ("one_hot", {"slots": np.array([0, -1, 1, 2, -1, -1, 10**12])}),
        ("one_hot", {"slots": np.array([0, -2, 1, 2, -1, -1, 3])}),
        ("table", {"table": np.array([1.0, 2.0])}),
        ("table", {"table": np.array([[np.nan], [1.0], [1.0], [1.0]])}),
        ("text", {"lengths": np.array([3])}),
        ("text", {"weights": np.array([[1.0], [np.inf]])}),
        ("text", {"intercept": np.array([1.0, 2.0])}),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(kind, changes):
    with pytest.raises(ModelError):
        made(kind, **changes)


def loaded(kind, sizes=SIZES):
    arrays = {f"step.0.{name}": np.array(array) for name, array in ARRAYS[kind].items()}
    return Plan.load([kind], arrays, sizes)


@pytest.mark.parametrize("kind", STEPS)
def test_a_plan_is_rebuilt_from_its_arrays(kind):
    plan = loaded(kind)

    assert plan.transform(BLOCKS).shape == (3, plan.width)
    np.testing.assert_array_equal(plan.transform(BLOCKS), made(kind).apply(BLOCKS))
    assert plan.steps[0].digest == made(kind).digest


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("numbers", {**SIZES, "numbers": [0]}),
        ("codes", {**SIZES, "codes": [3]}),
        ("one_hot", {**SIZES, "codes": [3, 5]}),
        ("one_hot", {**SIZES, "codes": [2, 5]}),
        ("table", {**SIZES, "codes": [3, 9]}),
        ("text", {**SIZES, "terms": [3]}),
        ("text", {**SIZES, "terms": []}),
    ],
)
def test_a_step_that_reads_what_no_encoder_writes_is_refused(kind, sizes):
    with pytest.raises(ModelError, match="do not write"):
        loaded(kind, sizes)


def test_an_unknown_step_is_refused():
    with pytest.raises(ModelError, match="unknown"):
        Plan.load(["pickle"], {}, SIZES)


def test_a_step_without_its_arrays_is_refused():
    with pytest.raises(ModelError, match="lacks"):
        Plan.load(["scaled"], {}, SIZES)


def test_steps_that_differ_in_one_figure_have_different_digests():
    assert made("scaled").digest != made("scaled", fill=np.array([8.0])).digest
