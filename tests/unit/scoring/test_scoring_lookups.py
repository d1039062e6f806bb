"""Tables that oblivious trees ask: keys, figures, what was never seen, parts, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import ModelError
from scoring.families.ensemble import scorer_of
from scoring.families.lookups import TabledTrees, Tables
from scoring.families.oblivious import ObliviousTrees

pytestmark = pytest.mark.usefixtures("loops")

# A table of two figures by a category of codes 0 and 1, and one by that category and "input 1 above 0.5".
TABLES = {
    "digits": np.array([1, 2]),
    "entries": np.array([2, 2]),
    "figures": np.array([2, 1]),
    "digit_feature": np.array([0, 0, 1]),
    "digit_size": np.array([4, 4, 0]),
    "question_low": np.array([0.5], dtype=np.float32),
    "question_high": np.array([np.inf], dtype=np.float32),
    "question_missing": np.array([True]),
    "entry": np.array([0, 2, 1, 6], dtype=np.uint32),
    "cell": np.array([5, 6, 7, 8, 1, 2]),
    "default": np.array([30, 40, 50]),
}
# Asks the second figure, whether input 1 is above 2, and the third figure.
TREES = {
    "depth": np.array([2, 1]),
    "feature": np.array([0, 1, 0]),
    "border": np.array([7.5, 2.0, 1.5], dtype=np.float32),
    "missing_above": np.zeros(3, dtype=bool),
    "value": np.array([[0.0], [1.0], [2.0], [3.0], [0.0], [100.0]]),
    "base": np.array([10.0]),
    "asks": np.array([2, 0, 3]),
    "tables": np.array([2]),
}


def tables(**changes):
    return Tables({name: array for name, array in {**TABLES, **changes}.items() if array is not None})


def trees(**changes):
    arrays = {**TABLES, **TREES, **changes}
    return TabledTrees({name: array for name, array in arrays.items() if array is not None})


def figures(model, *rows):
    return model.look_up(np.array(rows, dtype=float)).T.tolist()


def test_a_category_is_looked_up_by_its_code_and_a_missing_one_by_zero():
    assert figures(tables(), [1, 0]) == [[7, 8, 50]]
    assert figures(tables(), [np.nan, 0]) == [[5, 6, 50]]


def test_what_a_table_lacks_has_its_default():
    assert figures(tables(), [0, 1]) == [[30, 40, 50]]
    assert figures(tables(), [2, 1], [3, 1], [1e300, 1], [-7, 0])[:3] == [[30, 40, 50]] * 3


def test_a_key_has_the_answers_to_questions_for_digits():
    # 1 is code 0 below, 6 is code 1 above.
    assert [row[2] for row in figures(tables(), [0, 0.5], [0, 0.6], [1, 0.6], [1, 0.5], [1, np.nan])] == [
        1,
        50,
        2,
        50,
        2,
    ]


def test_questions_round_the_input_and_have_two_ends():
    within = tables(question_high=np.array([1.0], dtype=np.float32), question_missing=np.array([False]))

    found = figures(within, [1, 0.5 + 1e-9], [1, 0.75], [1, 1.0 + 1e-9], [1, 1.1], [1, np.nan], [1, 1e300])

    assert [row[2] for row in found] == [50, 2, 2, 50, 50, 50]


@given(seed=st.integers(0, 2**32 - 1))
def test_any_tables_answer_as_a_dictionary_does(seed):
    rng = np.random.default_rng(seed)
    count = rng.integers(1, 8)
    codes = rng.integers(-1, 6, (40, 3))
    X = np.where(codes < 0, np.nan, codes.astype(float))
    parts, expected = {name: [] for name in ("features", "sizes", "entry", "cell", "default")}, []
    digits, entries, widths = [], [], []
    for _ in range(count):
        chosen = rng.permutation(3)[: rng.integers(1, 4)]
        sizes = rng.integers(3, 9, len(chosen))
        worth = np.cumprod([1, *sizes[:-1]])
        known = np.sort(rng.permutation(sizes.prod())[: rng.integers(0, 30)])
        cells = rng.integers(0, 300, (len(known), rng.integers(1, 4)))
        default = rng.integers(0, 300, cells.shape[1])
        content = dict(zip(known.tolist(), cells.tolist(), strict=True))
        keys = (np.minimum(codes[:, chosen] + 1, sizes - 1) * worth).sum(axis=1)
        expected.append([content.get(key, default.tolist()) for key in keys.tolist()])
        for name, own in zip(parts, (chosen, sizes, known, cells.ravel(), default), strict=True):
            parts[name].append(own)
        digits.append(len(chosen))
        entries.append(len(known))
        widths.append(cells.shape[1])

    joined = {name: np.concatenate(own) for name, own in parts.items()}
    model = Tables(
        {
            "digits": np.array(digits),
            "entries": np.array(entries),
            "figures": np.array(widths),
            "digit_feature": joined["features"],
            "digit_size": joined["sizes"],
            "question_low": np.zeros(0),
            "question_high": np.zeros(0),
            "question_missing": np.zeros(0, dtype=bool),
            "entry": joined["entry"],
            "cell": joined["cell"],
            "default": joined["default"],
        }
    )

    assert figures(model, *X) == np.concatenate(expected, axis=1).tolist()


def test_trees_ask_figures_and_inputs():
    model = trees()

    scores = model.score(np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 3.0], [7.0, 3.0]]))[:, 0, 0]

    # Figures 8, 40, 8, 40 are above 7.5; 50, 1, 2, 50 above 1.5.
    assert scores.tolist() == [111, 11, 113, 113]
    assert model.inputs == 2


def test_trees_of_several_models_ask_the_tables_of_their_own():
    both = {name: np.concatenate([array, array]) for name, array in {**TABLES, **TREES}.items()}
    both |= {"base": np.array([[10.0], [20.0]]), "trees": np.array([2, 2])}
    both["cell"] = np.concatenate([TABLES["cell"], [5, 6, 7, 7, 1, 1]])
    rows = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 3.0]])

    model = TabledTrees(both)

    alone = [trees(), trees(cell=both["cell"][6:], base=np.array([20.0]))]
    assert model.score(rows).tolist() == np.stack([one.score(rows)[:, 0] for one in alone], 1).tolist()


def test_trees_without_tables_are_those_that_ask_inputs():
    plain = {name: array for name, array in TREES.items() if name not in {"asks", "tables"}}
    nothing = {name: array[:0] for name, array in TABLES.items()}
    X = np.random.default_rng(0).normal(1, 2, (20, 2))

    model = TabledTrees({**plain, **nothing, "asks": np.zeros(3, dtype=int), "tables": np.array([0])})

    assert model.score(X).tolist() == ObliviousTrees(plain).score(X).tolist()


def test_many_rows_are_scored_in_blocks_like_single_ones(monkeypatch):
    monkeypatch.setattr("scoring.families.lookups.BLOCK", 9)
    X = np.random.default_rng(0).integers(0, 4, (50, 2)).astype(float)

    together = trees().score(X)

    assert together.tolist() == [trees().score(row[None, :])[0].tolist() for row in X]
    assert trees().score(np.zeros((0, 2))).shape == (0, 1, 1)


def test_the_family_has_its_name():
    assert isinstance(scorer_of({"family": "oblivious_tables"}, {**TABLES, **TREES}), TabledTrees)


@pytest.mark.parametrize("name", sorted(TABLES | TREES))
def test_no_array_may_be_missing(name):
    with pytest.raises(ModelError):
        trees(**{name: None})


@pytest.mark.parametrize(
    "changes",
    [
        {"digits": np.array([3])},
        {"digits": np.array([0, 3])},
        {"digits": np.array([1, 3])},
        {"entries": np.array([2, 1])},
        {"entries": np.array([-1, 5])},
        {"figures": np.array([0, 3])},
        {"figures": np.array([2, 2])},
        {"digit_feature": np.array([0, -1, 1])},
        {"digit_feature": np.array([0.0, 0.0, 1.0])},
        {"digit_feature": np.array([0, 0])},
        {"digit_size": np.array([4, 1, 0])},
        {"digit_size": np.array([4, -4, 0])},
        {"digit_size": np.array([4, 4, 4])},
        {"digit_size": np.array([4, 1 << 40, 0])},
        {"question_low": np.array([np.nan])},
        {"question_high": np.array([np.nan])},
        {"question_high": np.zeros(2)},
        {"question_missing": np.array([0.5])},
        {"entry": np.array([0, 4, 1, 6])},
        {"entry": np.array([0, 2, 1, 8])},
        {"entry": np.array([2, 0, 1, 6])},
        {"entry": np.array([0, 2, 6, 6])},
        {"entry": np.array([-1, 2, 1, 6])},
        {"entry": np.array([0, 2, 1, 2**64 - 1], dtype=np.uint64)},
        {"entry": np.array([0.0, 2.0, 1.0, 6.0])},
        {"entry": np.array([[0, 2, 1, 6]])},
        {"cell": np.array([5, 6, 7, 8, 1])},
        {"cell": np.array([5, 6, 7, 8, 1, -2])},
        {"cell": np.array([5, 6, 7, 8, 1, 1 << 16])},
        {"default": np.array([30, 40])},
        {"default": np.array([30, 40, -1])},
        {"asks": np.array([4, 0, 3])},
        {"asks": np.array([-1, 0, 3])},
        {"asks": np.array([2, 0])},
        {"tables": np.array([1])},
        {"tables": np.array([-1])},
        {"tables": np.array([1, 1])},
        {"tables": np.array([3, -1]), "trees": np.array([1, 1]), "base": np.zeros((2, 1))},
        # The first part's trees ask the second part's figures.
        {"tables": np.array([1, 1]), "trees": np.array([1, 1]), "base": np.zeros((2, 1))},
        {"trees": np.array([-1, 3]), "tables": np.array([1, 1]), "base": np.zeros((2, 1))},
        {"feature": np.array([0, -5, 0])},
        {"depth": np.array([2, 2])},
        {"value": np.full((6, 1), np.nan)},
    ],
)
def test_arrays_that_are_no_tables_are_refused(changes):
    with pytest.raises(ModelError):
        trees(**changes)


def test_keys_too_long_for_a_number_are_refused():
    many = {
        "digits": np.array([10]),
        "entries": np.array([0]),
        "figures": np.array([1]),
        "digit_feature": np.zeros(10, dtype=int),
        "digit_size": np.full(10, (1 << 31) - 1),
        "question_low": np.zeros(0),
        "question_high": np.zeros(0),
        "question_missing": np.zeros(0, dtype=bool),
        "entry": np.zeros(0, dtype=int),
        "cell": np.zeros(0, dtype=int),
        "default": np.array([0]),
    }

    with pytest.raises(ModelError):
        Tables(many)
