"""The portable recipe: each step on raw columns, and what makes no recipe."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scoring
from scoring.cleaning.conversions import (
    check_date_format,
    moment_of,
    number_of,
    objects,
    truth_of,
    written_moment,
    written_number,
)
from scoring.cleaning.recipe import FittedRecipe
from scoring.cleaning.steps import Clip, Convert, Fill, MapValues, Rename, Trim
from scoring.errors import ModelError
from tests.unit.scoring.test_scoring_model import ARRAYS, load, packed

NAN = math.nan
TYPES = {"age": "numeric", "kind": "categorical", "note": "text", "member": "boolean", "day": "date"}


def numbers(*values):
    return np.array(values, dtype=np.float64)


def applied(step, column, values, types=TYPES, **others):
    """Return what one step makes of one column."""
    columns = {column: values, **others}
    recipe = FittedRecipe([step], {name: types[name] for name in columns})
    return recipe.apply(columns)[column].tolist()


def test_texts_are_trimmed():
    texts = objects(["  a \t b ", None, "\u00a0", "don't STOP"])

    assert applied(Trim("note"), "note", texts) == ["a b", None, None, "don't STOP"]
    assert applied(Trim("note", "title"), "note", texts) == ["A B", None, None, "Don't Stop"]
    assert applied(Trim("note", "upper"), "note", texts) == ["A B", None, None, "DON'T STOP"]


def test_values_are_mapped_at_once():
    swap = MapValues("age", (1.0, 2.0), (2.0, 1.0))

    assert applied(swap, "age", numbers(1, 2, 3, math.inf)) == [2, 1, 3, math.inf]
    assert applied(MapValues("kind", ("a", "b"), ("b", "a")), "kind", objects(["a", "b", "c", None])) == [
        "b",
        "a",
        "c",
        None,
    ]


def test_what_is_not_mapped_stays_as_it_is():
    kept = MapValues("age", (5.0,), (6.0,)).apply({"age": numbers(-0.0, 0.0, NAN, 1e300, 5)})["age"]

    assert np.signbit(kept[:2]).tolist() == [True, False]
    np.testing.assert_array_equal(kept, numbers(-0.0, 0.0, NAN, 1e300, 6))


def test_both_zeros_are_one_key():
    assert applied(MapValues("age", (0.0,), (7.0,)), "age", numbers(-0.0, 0.0)) == [7, 7]


def test_others_become_another_value_and_missing_stays_missing():
    step = MapValues("age", (1.0,), (None,), keep_others=False, other=9.0)

    np.testing.assert_array_equal(applied(step, "age", numbers(1, 2, NAN)), [NAN, 9, NAN])


def test_missing_cells_are_filled_by_group():
    step = Fill("age", 5.0, "kind", ("a", "b"), (1.0, 2.0))

    assert applied(step, "age", numbers(NAN, NAN, NAN, NAN, 7), kind=objects(["a", "b", "c", None, "a"])) == [
        1,
        2,
        5,
        5,
        7,
    ]


def test_groups_of_numbers_fill_words():
    step = Fill("kind", "x", "age", (1.0,), ("one",))

    assert applied(step, "kind", objects([None, None, "y"]), age=numbers(1, NAN, 1)) == ["one", "x", "y"]


def test_numbers_are_clipped():
    np.testing.assert_array_equal(
        applied(Clip("age", 0.0, None), "age", numbers(-1, 5, NAN, math.inf)), [0, 5, NAN, math.inf]
    )
    assert applied(Clip("age", None, 3.0), "age", numbers(-math.inf, 5)) == [-math.inf, 3]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (-0.0, "0"), (0.5, "0.5"), (1e16, "1e+16"), (2.0**52, "4503599627370496"), (math.inf, None)],
)
def test_numbers_are_written_as_clients_write_them(value, text):
    assert written_number(value) == text
    assert applied(Convert("age", "numeric", "categorical"), "age", numbers(value, NAN)) == [text, None]


@pytest.mark.parametrize(
    ("text", "options", "number"),
    [
        ("12", {}, 12),
        ("-1.5e3", {}, -1500),
        (".5", {}, 0.5),
        ("1_000", {}, NAN),
        ("nan", {}, NAN),
        ("1e999", {}, NAN),
        ("٣", {}, NAN),
        ("9" * 65, {}, NAN),
        ("1,5", {"decimal": ","}, 1.5),
        ("1.5", {"decimal": ","}, NAN),
        ("1.234,5", {"decimal": ",", "thousands": "."}, 1234.5),
        ("1'234", {"thousands": "'"}, 1234),
        ("", {}, NAN),
    ],
)
def test_numbers_are_read(text, options, number):
    assert number_of(text, **options) == pytest.approx(number, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "date_format", "written"),
    [
        ("2024-01-31", "ISO8601", "2024-01-31"),
        ("2024-01-31T01:00:00+02:00", "ISO8601", "2024-01-30T23:00:00"),
        ("0001-01-01T00:00:00+10:00", "ISO8601", None),
        ("31/01/24", "%d/%m/%y", "2024-01-31"),
        ("2024-01-31", "%d/%m/%y", None),
        ("31/02/2024", "%d/%m/%Y", None),
        ("x" * 65, "ISO8601", None),
        ("1999", "%Y", "1999-01-01"),
    ],
)
def test_dates_are_read_by_their_form_alone(text, date_format, written):
    seconds = moment_of(text, date_format)

    assert (None if math.isnan(seconds) else written_moment(seconds)) == written


@pytest.mark.parametrize("seconds", [1e300, -1e300, math.inf])
def test_moments_beyond_the_calendar_have_no_text(seconds):
    assert written_moment(seconds) is None


@pytest.mark.parametrize("date_format", ["", "%d/%m", "%Y%Y", "%Y %c", "%Y %", "%Y" * 30, "%Q"])
def test_unsafe_forms_of_dates_are_refused(date_format):
    with pytest.raises(ValueError, match="must"):
        check_date_format(date_format)


def test_percent_signs_may_stand_in_a_form():
    check_date_format("%%%Y")

    assert moment_of("%1970", "%%%Y") == 0.0


@pytest.mark.parametrize(("text", "truth"), [("YES", 1.0), ("off", 0.0), ("maybe", NAN)])
def test_words_are_read_as_true_and_false(text, truth):
    assert truth_of(text) == pytest.approx(truth, nan_ok=True)


@pytest.mark.parametrize(
    ("column", "source", "target", "values", "expected"),
    [
        ("kind", "categorical", "numeric", objects(["1", "x", None]), [1, NAN, NAN]),
        ("kind", "categorical", "boolean", objects(["t", "x", None]), [1, NAN, NAN]),
        ("age", "numeric", "boolean", numbers(1, 0, 2, NAN), [1, 0, NAN, NAN]),
        ("age", "numeric", "date", numbers(19700102, 5, NAN), [86400, NAN, NAN]),
        ("member", "boolean", "numeric", numbers(1, 0, NAN), [1, 0, NAN]),
    ],
)
def test_types_are_converted_to_numbers(column, source, target, values, expected):
    np.testing.assert_array_equal(applied(Convert(column, source, target), column, values), expected)


def test_moments_and_truths_become_words():
    assert applied(Convert("day", "date", "text"), "day", numbers(0, 86401.5, NAN)) == [
        "1970-01-01",
        "1970-01-02T00:00:01.500000",
        None,
    ]
    assert applied(Convert("member", "boolean", "text"), "member", numbers(1, 0, NAN)) == [
        "true",
        "false",
        None,
    ]


def test_a_narrowed_recipe_asks_only_for_what_is_needed():
    recipe = FittedRecipe(
        [
            Fill("age", 5.0, "kind", ("a",), (1.0,)),
            Trim("note"),
            Rename({"age": "years", "note": "kind"}),
            Clip("years", 0.0, 9.0),
        ],
        TYPES,
    )

    years = recipe.narrowed(["years"])
    words = recipe.narrowed(["kind"])

    assert years.inputs == {"age": "numeric", "kind": "categorical"}
    assert [step.kind for step in years.steps] == ["fill", "rename", "clip"]
    assert years.origins["years"] == "age"
    assert words.inputs == {"note": "text"}
    assert words.origins == {"kind": "note"}
    assert words.types == {"kind": "text"}
    assert not recipe.narrowed(["member"]).steps


def test_a_renamed_column_takes_the_place_of_another():
    columns = {"age": numbers(1), "kind": objects(["a"])}

    moved = Rename({"age": "kind"}).apply(columns)

    assert moved["kind"].tolist() == [1]
    assert FittedRecipe([Rename({"age": "kind"})], TYPES).origins["kind"] == "age"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"kind": "eval"}, "unknown step 'eval'"),
        ({}, "unknown step None"),
        ({"kind": "trim"}, "wrong fields"),
        ({"kind": "trim", "column": "note", "more": 1}, "wrong fields"),
        ({"kind": "trim", "column": "note", "case": "Title"}, "no case 'Title'"),
        ({"kind": "trim", "column": "age"}, "'age' is numeric"),
        ({"kind": "trim", "column": "gone"}, "no column 'gone'"),
        ({"kind": "trim", "column": {}}, "does not fit"),
        ({"kind": "rename", "names": {"gone": "x"}}, "no column 'gone'"),
        ({"kind": "rename", "names": {"age": "x", "kind": "x"}}, "the same name"),
        ({"kind": "rename", "names": [["age"]]}, "does not fit"),
        ({"kind": "rename", "names": 1}, "does not fit"),
        ({"kind": "map", "column": "age", "keys": [1], "values": []}, "do not pair up"),
        ({"kind": "map", "column": "age", "keys": ["a"], "values": [1]}, "'a' is no value"),
        ({"kind": "map", "column": "age", "keys": [1], "values": [True]}, "True is no value"),
        ({"kind": "map", "column": "kind", "keys": ["a"], "values": [""]}, "'' is no value"),
        ({"kind": "map", "column": "age", "keys": 1, "values": 1}, "does not fit"),
        ({"kind": "fill", "column": "age", "value": None}, "None is no value"),
        ({"kind": "fill", "column": "member", "value": 2}, "2 is no value"),
        ({"kind": "fill", "column": "age", "value": 1, "by": "age"}, "no other column 'age'"),
        ({"kind": "fill", "column": "age", "value": 1, "groups": ["a"], "values": [1]}, "do not pair up"),
        (
            {"kind": "fill", "column": "age", "value": 1, "by": "kind", "groups": [1], "values": [1]},
            "1 is no",
        ),
        ({"kind": "clip", "column": "age", "lower": None, "upper": None}, "in order"),
        ({"kind": "clip", "column": "age", "lower": 2, "upper": 1}, "in order"),
        ({"kind": "clip", "column": "age", "lower": "a", "upper": 1}, "'a' is no value"),
        ({"kind": "convert", "column": "age", "source": "text", "target": "numeric"}, "text cannot become"),
        ({"kind": "convert", "column": "day", "source": "date", "target": "numeric"}, "date cannot become"),
        (
            {
                "kind": "convert",
                "column": "kind",
                "source": "categorical",
                "target": "date",
                "date_format": "x",
            },
            "must name the year",
        ),
        (
            {
                "kind": "convert",
                "column": "kind",
                "source": "categorical",
                "target": "numeric",
                "decimal": "x",
            },
            "signs of numbers",
        ),
    ],
)
def test_what_makes_no_recipe_is_refused(step, reason):
    with pytest.raises(ModelError, match=reason):
        FittedRecipe.from_json([step], TYPES)


RECIPE = [
    {"kind": "fill", "column": "raw", "value": 40.0},
    {"kind": "rename", "names": {"raw": "age"}},
]
FEATURES = [
    {
        "name": "raw",
        "type": "numeric",
        "nullable": True,
        "date_format": None,
        "missing_words": [],
        "number_style": "plain",
    }
]
SCHEMA = {"type": "object", "required": ["raw"]}


def test_a_model_cleans_what_clients_send():
    model = load(*packed(recipe=RECIPE, features=FEATURES, schema=SCHEMA, format_version="3.0"))
    plain = load(*packed())

    assert model.predict([{"raw": None}, {"raw": 60}]) == plain.predict([{"age": 40}, {"age": 60}])


def test_many_rows_are_cleaned_as_few():
    model = load(*packed(recipe=RECIPE, features=FEATURES, schema=SCHEMA))
    raw = np.where(np.arange(5000) % 3 == 0, np.nan, np.arange(5000.0))

    many = model.score({"raw": raw}, len(raw))

    assert many[:2].tolist() == model.score({"raw": raw[:2]}, 2).tolist()
    assert many[-1:].tolist() == model.score({"raw": raw[-1:]}, 1).tolist()


def test_a_memory_knows_rows_by_their_cleaned_columns():
    from scoring.memory import row_keys

    known = row_keys({"age": numbers(40)}, ["age"], 1)
    arrays = {**ARRAYS, "memory.keys": known, "memory.answers": np.array([[1.0, 0.0]])}
    block = {
        "groups": [{"family": "linear", "link": "logistic"}],
        "steps": ["numbers"],
        "memory": {"columns": ["age"], "trust": 1.0},
    }
    model = load(*packed(arrays, recipe=RECIPE, features=FEATURES, schema=SCHEMA, model=block))

    assert model.predict([{"raw": None}])[0]["probabilities"] == {"no": 1.0, "yes": 0.0}


@pytest.mark.parametrize("recipe", [[], RECIPE[:1], [{"kind": "later"}], "drop", {"kind": "trim"}, [1]])
def test_a_model_whose_recipe_does_not_make_its_columns_is_refused(recipe):
    with pytest.raises(ModelError):
        load(*packed(recipe=recipe, features=FEATURES, schema=SCHEMA))


def test_models_without_a_recipe_start_without_its_code():
    names = ("scoring.cleaning.recipe", "scoring.cleaning.steps")
    code = f"import sys, scoring; print(*(name in sys.modules for name in {names}))"
    folder = Path(scoring.__file__).parents[1]

    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.split() == ["True", "False"]
