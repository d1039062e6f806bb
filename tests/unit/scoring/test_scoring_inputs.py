"""Instances that do not fit: every fault of every instance, by feature and code."""

import math

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import MAX_FAULTS, InputError
from scoring.inputs import Feature, check, columns_of, seconds_of

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


def faults(*instances):
    with pytest.raises(InputError) as caught:
        check(instances, FEATURES, ["id"], SCHEMA)
    return [(fault["instance"], fault["feature"], fault["code"]) for fault in caught.value.faults]


def accepted(**changes):
    check([{**GOOD, **changes}], FEATURES, ["id"], SCHEMA)
    return True


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
        (1, "city", "missing"),
        (1, "age", "wrong_type"),
        (1, "colour", "unknown"),
        (1, "id", "unknown"),
        (2, "", "wrong_type"),
    ]


def test_the_list_of_faults_is_bounded_and_their_number_exact():
    with pytest.raises(InputError) as caught:
        check([{}] * 1000, FEATURES, [], SCHEMA)

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
    total = 0
    try:
        check([instance], FEATURES, [], SCHEMA)
    except InputError as error:
        total = len(error.faults)
    if not total:
        jsonschema.validate(instance, SCHEMA, jsonschema.Draft202012Validator)
        assert all(np.asarray(column).shape == (1,) for column in columns_of([instance], FEATURES).values())
