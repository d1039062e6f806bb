"""Instances that do not fit: every fault of every instance, by feature and code."""

import json
import math

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import MAX_FAULTS, InputError
from scoring.inputs import Feature, seconds_of, shown_end
from scoring.reader import Reader, columns_of

pytestmark = pytest.mark.usefixtures("loops")

FEATURES = [
    Feature("age", "numeric", nullable=False),
    Feature("income", "numeric", nullable=True),
    Feature("member", "boolean", nullable=False),
    Feature("joined", "date", nullable=False, date_format="%d/%m/%Y"),
    Feature("city", "categorical", nullable=False, missing_words=("na",)),
    Feature("note", "text", nullable=True),
]
SCHEMA = {
    "type": "object",
    "properties": {
        "age": {"type": "number"},
        "income": {"type": ["number", "null"]},
        "member": {"type": "boolean"},
        "joined": {"type": "string"},
        "city": {"type": "string"},
        "note": {"type": ["string", "null"]},
    },
    "required": [feature.name for feature in FEATURES],
    "additionalProperties": False,
}
GOOD = {"age": 30, "income": 1.5, "member": True, "joined": "2024-02-29", "city": "Bonn", "note": "hello"}


def read(instances, features, unused=(), *, strict=False):
    return Reader(features, unused).read(instances, strict=strict)


def faults(*instances):
    with pytest.raises(InputError) as caught:
        read(instances, FEATURES, ["id"])
    return [(fault["instance"], fault["feature"], fault["code"]) for fault in caught.value.faults]


def accepted(**changes):
    return read([{**GOOD, **changes}], FEATURES, ["id"]).count == 1


def test_a_good_instance_is_accepted():
    assert accepted()


@pytest.mark.parametrize("city", ["Atlantis", " Bonn ", "12"])
def test_unseen_categories_are_accepted(city):
    assert accepted(city=city)


@pytest.mark.parametrize(
    "joined", ["2024-02-29", "2024-02-29T12:30:00", "2024-02-29T12:30:00Z", " 29/02/2024 "]
)
def test_dates_are_accepted_in_iso_and_as_the_file_wrote_them(joined):
    assert accepted(joined=joined)


def test_null_and_blanks_are_accepted_where_training_saw_missing_values():
    assert accepted(income=None, note="  ")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"age": "30"}, "wrong_type"),
        ({"age": True}, "wrong_type"),
        ({"age": None}, "null"),
        ({"age": [30]}, "wrong_type"),
        ({"age": math.nan}, "not_finite"),
        ({"age": math.inf}, "not_finite"),
        ({"age": 10**400}, "not_finite"),
        ({"income": "much"}, "wrong_type"),
        ({"member": 1}, "wrong_type"),
        ({"member": "yes"}, "wrong_type"),
        ({"joined": "30/02/2024"}, "bad_date"),
        ({"joined": "soon"}, "bad_date"),
        ({"joined": 20240229}, "wrong_type"),
        ({"joined": ""}, "null"),
        ({"city": 12}, "wrong_type"),
        ({"city": {}}, "wrong_type"),
        ({"city": "NA"}, "null"),
        ({"note": 1.5}, "wrong_type"),
    ],
)
def test_a_bad_value_is_answered_for_its_feature(changes, code):
    assert faults({**GOOD, **changes}) == [(0, next(iter(changes)), code)]


def test_all_faults_of_all_instances_are_named_at_once():
    lacking = {name: value for name, value in GOOD.items() if name != "city"}

    found = faults(GOOD, {**lacking, "age": "old", "colour": 1, "id": 7}, "not an object")

    assert found == [
        (1, "age", "wrong_type"),
        (1, "city", "missing"),
        (1, "colour", "unknown"),
        (1, "id", "unknown"),
        (2, "", "wrong_type"),
    ]


def test_the_list_of_faults_is_bounded_and_their_number_exact():
    with pytest.raises(InputError) as caught:
        read([{}] * 1000, FEATURES)

    assert len(caught.value.faults) == MAX_FAULTS
    assert caught.value.total == 6000
    assert "6000" in str(caught.value)


def test_a_very_long_unknown_name_is_cut():
    assert len(faults({**GOOD, "x" * 100_000: 1})[0][1]) < 200


def test_columns_are_what_the_feature_plan_takes():
    missing = {**GOOD, "income": None, "note": None, "city": " Köln "}

    columns = columns_of([GOOD, missing], FEATURES)

    assert columns["age"].tolist() == [30.0, 30.0]
    assert np.isnan(columns["income"]).tolist() == [False, True]
    assert columns["member"].tolist() == [1.0, 1.0]
    assert columns["joined"].tolist() == [seconds_of("2024-02-29")] * 2
    assert columns["city"].tolist() == ["Bonn", "Köln"]
    assert columns["note"].tolist() == ["hello", None]


def test_a_zone_is_taken_into_account():
    assert seconds_of("1970-01-01T01:00:00+01:00") == 0.0


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*GOOD, "other"], VALUES)))
def test_validation_never_crashes_and_never_accepts_what_the_json_schema_refuses(changes):
    instance = {**GOOD, **changes}
    try:
        rows = read([instance], FEATURES)
    except InputError:
        return
    jsonschema.validate(instance, SCHEMA, jsonschema.Draft202012Validator)
    assert all(column.shape == (1,) for column in rows.columns.values())


def test_unknown_names_are_listed_up_to_the_bound_and_all_counted():
    unknown = {f"column {number}": 1 for number in range(70)}

    with pytest.raises(InputError) as caught:
        read([{**GOOD, **unknown}] * 3, FEATURES)

    assert (len(caught.value.faults), caught.value.total) == (MAX_FAULTS, 210)


LEARNED = [
    Feature("age", "numeric", nullable=True, training_range=(18.0, 90.0)),
    Feature("member", "boolean", nullable=True, known_values=(True,)),
    Feature(
        "joined", "date", nullable=True, training_range=(seconds_of("2020-01-01"), seconds_of("2024-06-30"))
    ),
    Feature("city", "categorical", nullable=True, missing_words=("na",), known_values=("Bonn", "Köln")),
    Feature("street", "categorical", nullable=True),
    Feature("note", "text", nullable=True),
]
USUAL = {
    "age": 90, "member": True, "joined": "2024-06-30", "city": " Bonn\t", "street": "Any", "note": "Any"
}  # fmt: skip


def codes(found):
    return [(fault["instance"], fault["feature"], fault["code"]) for fault in found]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"age": 18, "joined": "2020-01-01T00:00:00+00:00"},
        {"age": None, "member": None, "joined": None, "city": None, "street": None, "note": None},
        {"joined": " ", "city": "NA", "street": "Other", "note": "Other"},
    ],
)
def test_what_training_saw_and_what_is_missing_gives_no_warning(changes):
    rows = read([{**USUAL, **changes}], LEARNED)

    assert (rows.warnings, rows.warnings_total) == ([], 0)


UNUSUAL = [
    ({"age": 17.999}, "age", "out_of_range"),
    ({"age": 10**400 // 10**100}, "age", "out_of_range"),
    ({"member": False}, "member", "unseen_category"),
    ({"joined": "2019-12-31T23:59:59"}, "joined", "out_of_range"),
    ({"joined": "2024-06-30T00:00:01"}, "joined", "out_of_range"),
    ({"city": "bonn"}, "city", "unseen_category"),
    ({"city": "Atlantis"}, "city", "unseen_category"),
]


@pytest.mark.parametrize(("changes", "name", "code"), UNUSUAL)
def test_what_training_never_saw_is_a_warning_and_where_strict_a_fault(changes, name, code):
    instances = [USUAL, {**USUAL, **changes}]

    rows = read(instances, LEARNED)
    with pytest.raises(InputError) as caught:
        read(instances, LEARNED, strict=True)

    assert codes(rows.warnings) == codes(caught.value.faults) == [(1, name, code)]
    assert rows.warnings_total == 1


def test_strict_names_unusual_values_together_with_all_other_faults():
    with pytest.raises(InputError) as caught:
        read([{**USUAL, "age": 5, "city": 7}, 0, {**USUAL, "hue": 1}], LEARNED, strict=True)

    assert codes(caught.value.faults) == [
        (0, "age", "out_of_range"),
        (0, "city", "wrong_type"),
        (1, "", "wrong_type"),
        (2, "hue", "unknown"),
    ]


def test_a_value_that_is_no_number_is_not_out_of_range_as_well():
    with pytest.raises(InputError) as caught:
        read([{**USUAL, "age": math.inf}, {**USUAL, "age": 10**400}], LEARNED, strict=True)

    assert codes(caught.value.faults) == [(0, "age", "not_finite"), (1, "age", "not_finite")]


def test_the_list_of_warnings_is_bounded_and_their_number_exact():
    rows = read([{**USUAL, "age": 1, "city": "Rom"}] * 80, LEARNED)

    assert (len(rows.warnings), rows.warnings_total) == (MAX_FAULTS, 160)
    assert codes(rows.warnings)[:3] == [
        (0, "age", "out_of_range"),
        (0, "city", "unseen_category"),
        (1, "age", "out_of_range"),
    ]


def test_a_warning_says_what_training_saw():
    unusual = {**USUAL, "age": 1, "joined": "1999-01-01", "city": "Rom"}

    messages = [warning["message"] for warning in read([unusual], LEARNED).warnings]

    assert messages == [
        "Training saw 18 to 90: the model has learned nothing beyond.",
        "Training saw 2020-01-01 to 2024-06-30: the model has learned nothing beyond.",
        "Training never saw this category.",
    ]


def test_a_bad_date_is_told_both_ways_to_write_one():
    with pytest.raises(InputError) as caught:
        read([{**GOOD, "joined": "31/02/2024"}], FEATURES)

    (fault,) = caught.value.faults
    assert fault["message"] == "Must be a date as text, for example 2024-01-31, or written as %d/%m/%Y."


@pytest.mark.parametrize(
    ("end", "kind", "text"),
    [(18.0, "numeric", "18"), (0.1, "numeric", "0.1"), (-1e300, "numeric", "-1e+300"), (0.5, "date", None)],
)
def test_an_end_of_a_range_is_shown_as_a_client_would_send_it(end, kind, text):
    shown = shown_end(end, kind)

    assert shown == (text or "1970-01-01T00:00:00.500000")
    assert (seconds_of(shown) if kind == "date" else float(shown)) == end


@pytest.mark.parametrize("feature", LEARNED, ids=lambda feature: feature.name)
def test_a_feature_is_what_it_was_after_it_was_stored(feature):
    assert Feature.from_json(json.loads(json.dumps(feature.to_json()))) == feature


def test_a_feature_of_format_2_0_gives_no_warnings():
    stored = {name: Feature.to_json(LEARNED[0])[name] for name in ("name", "type", "nullable")}
    feature = Feature.from_json({**stored, "missing_words": []})

    assert read([{"age": 1e9}], [feature]).warnings_total == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"training_range": [2, 1]},
        {"training_range": [1]},
        {"training_range": "ab"},
        {"training_range": [0, float("inf")]},
        {"training_range": [float("nan"), 1]},
        {"training_range": [0, 1e300], "type": "date"},
        {"known_values": 7},
        {"surprise": 1},
    ],
)
def test_a_feature_that_makes_no_sense_is_refused(changes):
    with pytest.raises((TypeError, ValueError)):
        Feature.from_json({**LEARNED[0].to_json(), **changes})
