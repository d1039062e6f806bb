"""The feature plan: every encoder's rule, and its way through JSON."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import ModelError
from scoring.features import (
    CodeEncoder,
    DateEncoder,
    FeaturePlan,
    MissingEncoder,
    NumberEncoder,
    OneHotEncoder,
    TextEncoder,
    date_part,
)
from scoring.inputs import seconds_of


def objects(*values):
    return np.array(values, dtype=object)


def test_a_number_keeps_its_gaps_without_a_fill_and_loses_them_with_one():
    column = np.array([1.5, np.nan])

    assert np.isnan(NumberEncoder("a").encode(column)[1, 0])
    assert NumberEncoder("a", fill=7.0).encode(column).tolist() == [[1.5], [7.0]]


def test_numbers_stay_within_single_precision():
    encoded = NumberEncoder("a").encode(np.array([1e300, -np.inf]))

    assert np.isfinite(encoded.astype(np.float32)).all()


def test_the_missing_indicator_marks_gaps():
    assert MissingEncoder("a").encode(np.array([1.0, np.nan])).ravel().tolist() == [0.0, 1.0]


def test_rare_and_unseen_categories_share_a_code_and_missing_has_none():
    codes = CodeEncoder("a", ("x", "y")).encode(objects("x", "y", "new", None)).ravel()

    assert codes[:3].tolist() == [0.0, 1.0, 2.0]
    assert math.isnan(codes[3])


def test_one_hot_marks_known_other_and_leaves_missing_empty():
    encoder = OneHotEncoder("a", ("x", "y"))

    assert encoder.names == ["a = x", "a = y", "a = other"]
    assert encoder.encode(objects("y", "new", None)).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_text_counts_characters_words_and_frequent_words():
    encoded = TextEncoder("a", ("free", "call")).encode(objects("Call now, FREE!", "", None))

    assert encoded.tolist() == [[15, 3, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]]


@given(st.datetimes())
def test_date_parts_are_those_of_the_calendar(moment):
    seconds = np.array([seconds_of(moment.isoformat())])
    whole = moment.replace(microsecond=0)

    parts = {
        part: date_part(seconds, part)[0]
        for part in ("year", "month", "day", "weekday", "hour", "day_of_year")
    }

    assert parts == {
        "year": whole.year,
        "month": whole.month,
        "day": whole.day,
        "weekday": whole.weekday(),
        "hour": whole.hour,
        "day_of_year": whole.timetuple().tm_yday,
    }


def test_a_missing_date_takes_the_fill_of_each_part():
    column = np.array([0.0, np.nan])

    assert DateEncoder("d", ("year", "hour"), (2000.0, 12.0)).encode(column).tolist() == [
        [1970, 0],
        [2000, 12],
    ]
    assert np.isnan(DateEncoder("d", ("year",)).encode(column)[1, 0])


def test_a_plan_survives_json():
    plan = FeaturePlan(
        [
            NumberEncoder("n", 1.0),
            MissingEncoder("n"),
            CodeEncoder("c", ("x",)),
            OneHotEncoder("c", ("x", "y")),
            DateEncoder("d", ("year",), (1999.0,)),
            TextEncoder("t", ("word",)),
        ]
    )
    columns = {
        "n": np.array([1.0, np.nan]),
        "c": objects("x", None),
        "d": np.array([np.nan, 1e9]),
        "t": objects("a word", None),
    }

    again = FeaturePlan.from_json(json.loads(json.dumps(plan.to_json())))

    assert again.names == plan.names
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.transform(columns)), pd.DataFrame(plan.transform(columns)), check_exact=True
    )


@pytest.mark.parametrize(
    "step",
    [{"kind": "pickle", "feature": "a"}, {"kind": "number"}, {"kind": "number", "feature": "a", "extra": 1}],
)
def test_an_unknown_or_malformed_step_is_refused(step):
    with pytest.raises(ModelError):
        FeaturePlan.from_json([step])


def test_an_unknown_date_part_is_refused():
    with pytest.raises(ModelError):
        date_part(np.array([0.0]), "century")
