"""Encoders: what each reads from a raw column, and its way through JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.blocks import Encoders
from scoring.dates import date_part
from scoring.encoders import (
    CODES,
    CategoryEncoder,
    DateEncoder,
    DifferenceEncoder,
    LevelEncoder,
    NumberEncoder,
    PrefixEncoder,
    RotationEncoder,
    ShapeEncoder,
    TermsEncoder,
    TokenEncoder,
    prefix_of,
)
from scoring.errors import ModelError
from scoring.inputs import seconds_of

pytestmark = pytest.mark.usefixtures("loops")


def objects(*values):
    return np.array(values, dtype=object)


def encoded(encoder, *values, **columns):
    column = objects(*values) if any(isinstance(value, str) for value in values) else np.array(values)
    return encoder.encode({"a": column, **columns})


def test_a_number_keeps_its_gaps_and_stays_within_single_precision():
    numbers = encoded(NumberEncoder("a"), 1.5, np.nan, 1e300, -np.inf)

    assert np.isnan(numbers[1, 0])
    assert np.isfinite(numbers[[0, 2, 3]].astype(np.float32)).all()


def test_a_difference_is_missing_where_either_is():
    numbers = encoded(DifferenceEncoder("a", "b"), 5.0, np.nan, 1.0, b=np.array([2.0, 1.0, np.nan]))

    assert numbers[0, 0] == 3.0
    assert np.isnan(numbers[1:]).all()


def test_a_rotation_measures_along_turned_axes_with_a_shorter_degree_of_longitude():
    places = encoded(RotationEncoder("a", "b", 0.5, (0.0, 90.0)), 48.0, b=np.array([10.0]))

    assert places == pytest.approx(np.array([[5.0, 48.0]]))


def test_unseen_categories_share_a_code_and_missing_has_its_own():
    encoder = CategoryEncoder("a", ("x", "y"))

    assert encoded(encoder, "x", "y", "new", None).ravel().tolist() == [0, 1, 2, 3]
    assert encoder.size == 4


def test_a_prefix_is_the_letters_before_any_digit_or_mark():
    assert [prefix_of(text) for text in ("C85", "Braund, Mr. Owen", "PC 17599", "113803", "", "Été-4")] == [
        "c", "braund", "pc", "", "", "été",
    ]  # fmt: skip
    assert encoded(PrefixEncoder("a", ("c", "pc")), "C1", "PC 2", "zz", None).ravel().tolist() == [0, 1, 2, 3]


def test_a_number_with_few_values_has_a_code_for_each():
    codes = encoded(LevelEncoder("a", (1.0, 2.0, 5.0)), 1.0, 5.0, 3.0, 9.0, np.nan)

    assert codes.ravel().tolist() == [0, 2, 3, 3, 4]


def test_the_shape_of_a_text_is_counted_once_per_distinct_text():
    shapes = encoded(ShapeEncoder("a"), "Flat 12, No 3!", "Flat 12, No 3!", None)

    assert shapes[0].tolist() == [14, 4, 3, 2, 2, 12]
    assert shapes[1].tolist() == shapes[0].tolist()
    assert np.isnan(shapes[2]).all()


def test_tokens_are_found_whatever_their_case_and_missing_has_none():
    flags = encoded(TokenEncoder("a", ("mr", "owen harris")), "Braund, Mr. Owen Harris", "mrs x", None)

    assert flags.tolist() == [[1, 1], [0, 0], [0, 0]]


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


def test_a_cycle_ends_where_it_begins():
    hours = np.array([seconds_of(f"2024-05-01T{hour:02}:00:00") for hour in (0, 6, 12, 23)])

    waves = np.stack([date_part(hours, "sin hour"), date_part(hours, "cos hour")], axis=1)

    assert waves[:3] == pytest.approx(np.array([[0, 1], [1, 0], [0, -1]]), abs=1e-12)
    assert np.hypot(*(waves[3] - waves[0])) == pytest.approx(2 * np.sin(np.pi / 24))


def test_a_missing_date_has_no_parts():
    assert np.isnan(encoded(DateEncoder("a", ("year", "hour")), np.nan)).all()


def test_an_unknown_date_part_is_refused():
    for part in ("century", "sin century", "sin"):
        with pytest.raises(ModelError):
            date_part(np.array([0.0]), part)


ALL = Encoders(
    [
        NumberEncoder("n"),
        CategoryEncoder("c", ("x",)),
        DateEncoder("d", ("year", "sin month")),
        DifferenceEncoder("n", "m"),
        RotationEncoder("n", "m", 0.7, (15.0, 30.0)),
        ShapeEncoder("c"),
        TokenEncoder("c", ("word",)),
        PrefixEncoder("c", ("x", "wo")),
        LevelEncoder("n", (1.0, 2.0)),
        TermsEncoder("t", ("a", "a word"), False),
        TermsEncoder("t", (" w", "wo"), True),
    ]
)
COLUMNS = {
    "n": np.array([1.0, np.nan, 2.0]),
    "m": np.array([3.0, 1.0, np.nan]),
    "c": objects("x", None, "a word"),
    "d": np.array([np.nan, 1e9, 0.0]),
    "t": objects("a word", None, "none"),
}


def test_encoders_survive_json():
    again = Encoders.from_json(json.loads(json.dumps(ALL.to_json())))

    ours, theirs = ALL.encode(COLUMNS, 3), again.encode(COLUMNS, 3)

    assert again.names == ALL.names
    assert len(ALL.names) == ours.numbers.shape[1]
    assert again.sizes == ALL.sizes == [3, 4, 4]
    np.testing.assert_array_equal(theirs.numbers, ours.numbers)
    np.testing.assert_array_equal(theirs.codes, ours.codes)
    for left, right in zip(theirs.terms, ours.terms, strict=True):
        np.testing.assert_array_equal(left.positions, right.positions)


def test_every_code_is_below_the_size_of_its_column():
    blocks = ALL.encode(COLUMNS, 3)

    assert (blocks.codes < np.array(ALL.sizes)).all()
    assert len(ALL.of(CODES)) == blocks.codes.shape[1]


def test_a_table_without_numbers_has_an_empty_block():
    blocks = Encoders([CategoryEncoder("c", ("x",))]).encode(COLUMNS, 3)

    assert blocks.numbers.shape == (3, 0)
    assert len(blocks) == 3


@pytest.mark.parametrize("rows", [np.array([2, 0]), np.array([True, False, True])])
def test_rows_are_taken_from_every_block(rows):
    blocks = ALL.encode(COLUMNS, 3)
    taken = blocks.take(rows)
    alone = ALL.encode({name: column[rows] for name, column in COLUMNS.items()}, len(taken))

    np.testing.assert_array_equal(taken.numbers, alone.numbers)
    np.testing.assert_array_equal(taken.codes, alone.codes)
    for left, right in zip(taken.terms, alone.terms, strict=True):
        np.testing.assert_array_equal(left.starts, right.starts)
        np.testing.assert_array_equal(left.positions, right.positions)


@pytest.mark.parametrize(
    "step",
    [{"kind": "pickle", "feature": "a"}, {"kind": "number"}, {"kind": "number", "feature": "a", "extra": 1}],
)
def test_an_unknown_or_malformed_encoder_is_refused(step):
    with pytest.raises(ModelError):
        Encoders.from_json([step])
