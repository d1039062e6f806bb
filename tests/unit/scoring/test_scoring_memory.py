"""The memory of known rows: keys, blending, arrays that are refused."""

import numpy as np
import pytest

from scoring.errors import ModelError
from scoring.memory import Memory, row_keys

NAMES = ["number", "word"]


def columns(numbers, words):
    return {"number": np.array(numbers, dtype=float), "word": np.array(words, dtype=object)}


KNOWN = columns([1.0, np.nan, 0.0], ["a", None, "b"])


def memory(trust=0.8, **changes):
    keys = row_keys(KNOWN, NAMES, 3)
    order = np.argsort(keys)
    arrays = {"memory.keys": keys[order], "memory.answers": np.array([[1.0], [2.0], [3.0]])[order]}
    return Memory(NAMES, trust, {**arrays, **changes}, 1)


def test_equal_rows_have_equal_keys_whatever_the_sign_of_zero_and_the_bits_of_nan():
    other_nan = np.array([0x7FF8000000000123], dtype=np.uint64).view(np.float64)[0]

    again = row_keys(columns([1.0, other_nan, -0.0], ["a", None, "b"]), NAMES, 3)

    assert again.tolist() == row_keys(KNOWN, NAMES, 3).tolist()


def test_rows_that_differ_in_one_cell_have_other_keys():
    changed = [columns([1.0], ["b"]), columns([2.0], ["a"]), columns([np.nan], ["a"]), columns([1.0], [None])]

    keys = {int(row_keys(row, NAMES, 1)[0]) for row in [*changed, columns([1.0], ["a"])]}

    assert len(keys) == 5


def test_the_order_of_the_columns_matters():
    same = {"a": np.array([1.0]), "b": np.array([2.0])}

    assert row_keys(same, ["a", "b"], 1) != row_keys(same, ["b", "a"], 1)


def test_known_rows_are_blended_and_others_are_not():
    rows = columns([0.0, 5.0, 1.0, np.nan], ["b", "b", "a", None])

    answers = memory().blend(rows, np.full((4, 1), 10.0))

    assert answers.ravel() == pytest.approx([0.8 * 3 + 2, 10.0, 0.8 * 1 + 2, 0.8 * 2 + 2])


@pytest.mark.parametrize(
    "changes",
    [
        {"memory.keys": np.array([1.0, 2.0, 3.0])},
        {"memory.keys": np.array([3, 2, 1], dtype=np.uint64)},
        {"memory.keys": np.array([1, 1, 2], dtype=np.uint64)},
        {"memory.keys": np.zeros(0, dtype=np.uint64)},
        {"memory.answers": np.array([[1.0], [2.0]])},
        {"memory.answers": np.array([[1.0], [2.0], [np.nan]])},
        {"memory.answers": np.zeros((3, 2))},
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes):
    with pytest.raises(ModelError):
        memory(**changes)


@pytest.mark.parametrize("trust", [0.0, -1.0, 1.5, float("nan")])
def test_a_trust_that_is_no_share_is_refused(trust):
    with pytest.raises(ModelError):
        memory(trust)


def test_a_memory_without_its_arrays_is_refused():
    with pytest.raises(ModelError, match="lacks"):
        Memory(NAMES, 0.5, {}, 1)
