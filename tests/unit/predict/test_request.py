"""The frame of a prediction request; the instances themselves are the model's business."""

import json
from dataclasses import fields
from typing import Any

import pytest

from csv_analyzer.errors import InvalidRequestError
from csv_analyzer.records import Stage
from csv_analyzer.schemas.predictions import PredictRequest
from predict.request import MAX_INSTANCES, Body, body_of, wanted_of


def _event(body: Any) -> dict[str, Any]:
    return {"body": json.dumps(body)}


def test_instances_come_out_as_they_were_sent() -> None:
    assert body_of(_event({"instances": [{"a": 1}, {"a": None}]})).instances == [{"a": 1}, {"a": None}]


def test_flags_are_false_unless_they_are_set() -> None:
    assert body_of(_event({"instances": [{}]})) == Body(instances=[{}], strict=False, explain=False)
    assert body_of(_event({"instances": [{}], "strict": True})).strict is True
    assert body_of(_event({"instances": [{}], "explain": True})).explain is True


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ([], ["object_type"]),
        ({}, ["missing"]),
        ({"rows": [], "more": 1}, ["extra_forbidden", "extra_forbidden", "missing"]),
        ({"instances": {}}, ["list_type"]),
        ({"instances": []}, ["length"]),
        ({"instances": [{}] * (MAX_INSTANCES + 1)}, ["length"]),
        ({"instances": [{"a": 1}, 2, None]}, ["object_type", "object_type"]),
        ({"instances": [{}], "strict": 1}, ["bool_type"]),
        ({"instances": [{}], "strict": None}, ["bool_type"]),
        ({"instances": [{}], "explain": "yes"}, ["bool_type"]),
        ({"instances": 7, "strict": "true", "x": 1}, ["extra_forbidden", "bool_type", "list_type"]),
    ],
)
def test_all_faults_of_the_frame_are_named_at_once(body: Any, codes: list[str]) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        body_of(_event(body))
    assert [fault["code"] for fault in raised.value.faults] == codes


def test_the_rules_are_those_of_the_published_schema() -> None:
    schema = PredictRequest.model_json_schema()
    instances = schema["properties"]["instances"]
    flags = {name for name, entry in schema["properties"].items() if entry.get("type") == "boolean"}
    assert flags == {field.name for field in fields(Body) if field.type is bool}
    assert set(schema["properties"]) == {field.name for field in fields(Body)}
    assert schema["required"] == ["instances"]
    assert schema["additionalProperties"] is False
    assert (instances["minItems"], instances["maxItems"]) == (1, MAX_INSTANCES)


def test_a_version_or_a_stage_may_be_asked_for() -> None:
    assert wanted_of({"queryStringParameters": {"version": "12"}}) == 12
    assert wanted_of({"queryStringParameters": {"stage": "staging"}}) is Stage.STAGING
    assert wanted_of({"queryStringParameters": {"stage": "production"}}) is Stage.PRODUCTION
    assert wanted_of({"queryStringParameters": None}) is Stage.PRODUCTION


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        *(({"version": text}, [("query.version", "int_parsing")]) for text in
          ("0", "-1", "1.5", "", "one", "²", "9999999", "1 ")),
        *(({"stage": text}, [("query.stage", "literal_error")]) for text in ("", "Production", "archived")),
        ({"version": "1", "stage": "staging"}, [("query", "exclusive")]),
        (
            {"version": "x", "stage": "y", "z": "1"},
            [
                ("query.z", "extra_forbidden"),
                ("query.version", "int_parsing"),
                ("query.stage", "literal_error"),
                ("query", "exclusive"),
            ],
        ),
    ],
)  # fmt: skip
def test_a_query_that_asks_for_no_version_is_refused(
    query: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        wanted_of({"queryStringParameters": query})
    assert [(fault["location"], fault["code"]) for fault in raised.value.faults] == faults


def test_a_parameter_that_comes_twice_is_refused() -> None:
    event = {
        "queryStringParameters": {"version": "2"},
        "multiValueQueryStringParameters": {"version": ["1", "2"]},
    }
    with pytest.raises(InvalidRequestError) as raised:
        wanted_of(event)
    assert [fault["code"] for fault in raised.value.faults] == ["repeated"]
