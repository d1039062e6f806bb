"""Joint plans: every column of every plan, each step once, as few steps as possible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.serving.joining import join_plans
from scoring.blocks import Blocks
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

ROWS = 30
# How many codes each category has, how many terms each text.
SIZES = (3, 4, 7)
TERMS = (5, 2)
NUMBERS = 4
KINDS = [NumbersStep, ScaledStep, MissingStep, CodesStep, OneHotStep, TableStep, TextStep]


def blocks(seed=0):
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(ROWS, NUMBERS))
    numbers[rng.random(numbers.shape) < 0.2] = np.nan
    codes = np.stack([rng.integers(0, size, ROWS) for size in SIZES], axis=1)
    terms = []
    for size in TERMS:
        has = rng.random((ROWS, size)) < 0.5
        starts = np.append(0, np.cumsum(has.sum(axis=1)))
        terms.append(Terms(starts, np.nonzero(has)[1], rng.integers(1, 4, has.sum()).astype(float)))
    return Blocks(numbers, codes, tuple(terms))


def made(kind, seed):
    """Return a step with random parameters."""
    rng = np.random.default_rng(seed)
    if kind is TextStep:
        outputs = rng.integers(1, 3)
        return TextStep(
            {
                "columns": np.arange(2),
                "lengths": np.array(TERMS),
                "idf": rng.random(sum(TERMS)) + 1,
                "weights": rng.normal(size=(sum(TERMS), outputs)),
                "intercept": rng.normal(size=outputs),
            }
        )
    if kind in {NumbersStep, MissingStep, ScaledStep}:
        columns = rng.permutation(NUMBERS)[: rng.integers(1, NUMBERS + 1)]
        arrays = {"columns": columns}
        if kind is ScaledStep:
            knots = rng.integers(1, 4)
            arrays["knots"] = np.sort(rng.normal(size=(len(columns), knots)), axis=1)
            arrays["values"] = rng.normal(size=(len(columns), knots))
            arrays["fill"] = rng.normal(size=len(columns))
        return kind(arrays)
    columns = rng.permutation(len(SIZES))[: rng.integers(1, len(SIZES) + 1)]
    sizes = np.array([SIZES[column] for column in columns])
    offsets = np.cumsum(sizes) - sizes
    if kind is CodesStep:
        return CodesStep({"columns": columns, "known": sizes - 2})
    if kind is TableStep:
        table = rng.normal(size=(sizes.sum(), rng.integers(1, 3)))
        return TableStep({"columns": columns, "offsets": offsets, "table": table})
    slots = np.full(sizes.sum(), -1)
    chosen = rng.permutation(len(slots))[: rng.integers(1, len(slots) + 1)]
    slots[chosen] = np.arange(len(chosen))
    return OneHotStep({"columns": columns, "offsets": offsets, "slots": slots})


STEPS = st.lists(st.builds(made, st.sampled_from(KINDS), st.integers(0, 6)), max_size=5)


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_a_joint_plan_makes_exactly_the_columns_of_each_plan(plans):
    plans = [Plan(steps) for steps in plans]
    rows = blocks()

    joint, places = join_plans(plans)
    X = joint.transform(rows)

    for plan in plans:
        columns = [places[step.digest] for step in plan.steps]
        own = X[:, np.concatenate(columns)] if columns else np.zeros((ROWS, 0))
        assert np.array_equal(own, plan.transform(rows), equal_nan=True)


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_equal_steps_are_taken_once_and_every_column_has_its_own_place(plans):
    distinct = {step.digest: step for steps in plans for step in steps}

    joint, places = join_plans([Plan(steps) for steps in plans])

    assert joint.width == sum(step.width for step in distinct.values())
    taken = sorted(place for own in places.values() for place in own)
    assert taken == list(range(joint.width))


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_a_joint_plan_can_be_stored_and_loaded(plans):
    joint, _ = join_plans([Plan(steps) for steps in plans])
    arrays = {
        f"step.{place}.{name}": array
        for place, step in enumerate(joint.steps)
        for name, array in step.arrays.items()
    }
    sizes = {"numbers": [0] * NUMBERS, "codes": list(SIZES), "terms": list(TERMS)}

    loaded = Plan.load([step.kind for step in joint.steps], arrays, sizes)

    assert np.array_equal(loaded.transform(blocks(1)), joint.transform(blocks(1)), equal_nan=True)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not TextStep])
def test_steps_of_one_kind_become_one(kind):
    alike = {}
    for seed in range(40):
        step = made(kind, seed)
        shape = {name: array.shape[1:] for name, array in step.arrays.items()}
        alike.setdefault(str(shape), []).append(step)

    joint, _ = join_plans([Plan([step]) for steps in alike.values() for step in steps])

    assert len(joint.steps) == len(alike) < 40


def test_scores_of_texts_are_never_merged():
    steps = [made(TextStep, seed) for seed in range(4)]

    joint, _ = join_plans([Plan([step]) for step in [*steps, steps[0]]])

    assert [step.digest for step in joint.steps] == [step.digest for step in steps]


def test_plans_without_steps_make_no_columns():
    joint, places = join_plans([Plan([]), Plan([])])

    assert (joint.width, places) == (0, {})
