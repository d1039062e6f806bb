"""The reference for drift: what a row counts as, and what a damaged manifest is answered with."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import ModelError
from scoring.drift.reference import Bins, Reference
from scoring.inputs import Feature
from tests.unit.scoring.batch_samples import model

NUMBERS = Bins((1, 0, 2, 3, 4, 0), edges=(1.0, 2.0, 4.0, 8.0))
KINDS = Bins((0, 5, 3, 2, 0), values=("flat", "house"), once=1)
CLASSES = Bins((0, 6, 4, 0, 0), values=("no", "yes"))
PRICES = Bins((0, 0, 5, 5, 0), edges=(0.0, 10.0, 20.0))
FEATURES = (
    Feature("size", "numeric", nullable=True, training_range=(1.0, 8.0)),
    Feature("kind", "categorical", nullable=True, known_values=("flat", "house", "barn")),
    Feature("note", "text", nullable=True),
    Feature("lift", "boolean", nullable=True),
)
BINS = (
    NUMBERS,
    KINDS,
    Bins((2, 0, 4, 4, 0), edges=(1.0, 5.0, 9.0)),
    Bins((0, 0, 5, 5, 0), edges=(0.0, 0.5, 1.0)),
)


def columns(size=(), kind=(), note=(), lift=()):
    objects = {"kind": kind, "note": note}
    found = {name: np.array(values, dtype=float) for name, values in (("size", size), ("lift", lift))}
    for name, values in objects.items():
        found[name] = np.empty(len(values), dtype=object)
        found[name][:] = values
    return found


def test_every_row_is_in_one_bin_of_each_feature():
    reference = Reference(FEATURES, BINS, CLASSES)
    rows = columns(
        size=[math.nan, 0.9, 1, 1.99, 2, 4, 8, 8.1],
        kind=[None, "flat", "house", "barn", "tent", "FLAT", "house", ""],
        note=[None, "", "a", "abcd", "abcde", "abcdefghi", "abcdefghij", "a" * 50],
        lift=[math.nan, 0, 1, 1, 0, 0, 0, 0],
    )

    size, kind, note, lift, answers = reference.split(
        reference.count(rows, np.array([0, 0, 1, 1, 1, 1, 1, 1]))
    )

    assert size.tolist() == [1, 1, 2, 1, 2, 1]
    assert kind.tolist() == [1, 1, 2, 1, 3]
    assert note.tolist() == [1, 1, 2, 2, 2]
    assert lift.tolist() == [1, 0, 5, 2, 0]
    assert answers.tolist() == [0, 2, 6, 0, 0]
    # 0.9 and 8.1 beyond the numbers, and "tent", "FLAT" and "" beside the categories.
    counts = np.concatenate([size, kind, note, lift, answers])
    assert reference.unusual(counts) == {"out_of_range": 2, "unseen_category": 3}


def test_answers_that_are_numbers_are_counted_by_their_edges():
    reference = Reference(FEATURES[:1], BINS[:1], PRICES)

    counts = reference.count({"size": np.ones(5)}, np.array([-1.0, 0.0, 9.9, 20.0, 21.0]))

    assert reference.split(counts)[1].tolist() == [0, 1, 2, 1, 1]


def test_a_category_of_too_many_values_to_keep_knows_no_unseen_one():
    feature = Feature("kind", "categorical", nullable=False, known_values=None)
    reference = Reference((feature,), (KINDS,), CLASSES)

    counts = reference.count(columns(kind=["flat", "tent"]) | {}, np.array([0, 0]))

    assert reference.split(counts)[0].tolist() == [0, 1, 0, 1, 0]


@given(st.lists(st.floats(allow_infinity=False), min_size=1, max_size=50))
def test_counts_are_those_of_the_plain_rule(values):
    edges = NUMBERS.edges

    def plain(value):
        if math.isnan(value):
            return 0
        if value < edges[0]:
            return 1
        if value > edges[-1]:
            return 5
        return 2 + next(place for place in range(3) if value < edges[place + 1] or place == 2)

    reference = Reference(FEATURES[:1], (NUMBERS,), CLASSES)
    counts = reference.count({"size": np.array(values)}, np.zeros(len(values), dtype=int))

    expected = Counter(map(plain, values))
    assert reference.split(counts)[0].tolist() == [expected[place] for place in range(6)]


def test_what_training_never_saw_has_no_bin_of_its_own_in_a_comparison():
    assert NUMBERS.compared == [[0], [1, 2], [3], [4, 5]]
    assert KINDS.compared == [[0], [1], [2], [3, 4]]
    assert Bins((0, 0, 3, 0), edges=(5.0, 5.0)).compared == [[0], [1, 2, 3]]
    for bins in (*BINS, CLASSES, PRICES):
        assert sorted(place for group in bins.compared for place in group) == list(range(bins.size))


@pytest.mark.parametrize("bins", [*BINS, CLASSES, PRICES])
def test_bins_are_what_they_were_after_json(bins):
    assert Bins.from_json(json.loads(json.dumps(bins.to_json()))) == bins


def content(**changes):
    size = {"edges": [1, 2, 4], "counts": [0, 0, 5, 5, 0]}
    plain = {
        "features": [
            size,
            size,
            {"edges": [0, 0.5, 1], "counts": [0, 0, 5, 5, 0]},
            size,
            {"values": ["flat"], "once": 0, "counts": [0, 5, 5, 0]},
        ],
        "predictions": {"values": ["no", "yes"], "once": 0, "counts": [0, 5, 5, 0, 0]},
    }
    return plain | changes


def test_a_model_knows_its_reference():
    reference = model(reference=content()).reference

    assert [bins.size for bins in reference.bins] == [5, 5, 5, 5, 4]
    assert reference.size == 29
    assert reference.to_json() == content()


def test_a_model_of_before_has_none():
    assert model().reference is None


def damaged(place, **changes):
    found = content()
    found["features"][place] = found["features"][place] | changes
    return found


@pytest.mark.parametrize(
    "reference",
    [
        {},
        [],
        "reference",
        content(features=content()["features"][:4]),
        content(predictions={"values": ["no", "maybe"], "once": 0, "counts": [0, 5, 5, 0, 0]}),
        content(predictions={"edges": [0, 1], "counts": [0, 0, 1, 0]}),
        damaged(0, counts=[0, 0, 5]),
        damaged(0, counts=[0, 0, 5, -5, 0]),
        damaged(0, counts=[0, 0, 5, 5.5, 0]),
        damaged(0, counts=[0, 0, 5, True, 0]),
        damaged(0, edges=[1, 1, 4]),
        damaged(0, edges=[1, 5, 4]),
        damaged(0, edges=[1]),
        damaged(0, edges=[1, 2, math.inf]),
        damaged(0, edges=list(range(1000)), counts=[0] * 1002),
        damaged(4, values=[1]),
        damaged(4, values="flat"),
        damaged(4, once="many"),
        {**content(), "features": [*content()["features"][:4], content()["features"][0]]},
    ],
)
def test_a_damaged_reference_is_refused(reference):
    with pytest.raises(ModelError, match="reference for drift"):
        _ = model(reference=reference).reference
