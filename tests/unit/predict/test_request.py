"""The frame of a prediction request; the instances themselves are the model's business."""

import json
from typing import Any

import pytest

from csv_analyzer.errors import InvalidRequestError
from csv_analyzer.schemas import PredictRequest
from predict.request import MAX_INSTANCES, instances_of, version_of


def _event(body: Any) -> dict[str, Any]:
    return {"body": json.dumps(body)}


def test_instances_come_out_as_they_were_sent() -> None:
    assert instances_of(_event({"instances": [{"a": 1}, {"a": None}]})) == [{"a": 1}, {"a": None}]


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
    ],
)
def test_all_faults_of_the_frame_are_named_at_once(body: Any, codes: list[str]) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        instances_of(_event(body))
    assert [fault["code"] for fault in raised.value.faults] == codes


def test_the_rules_are_those_of_the_published_schema() -> None:
    schema = PredictRequest.model_json_schema()
    instances = schema["properties"]["instances"]
    assert schema["required"] == ["instances"]
    assert schema["additionalProperties"] is False
    assert (instances["minItems"], instances["maxItems"]) == (1, MAX_INSTANCES)


def test_a_version_may_be_asked_for() -> None:
    assert version_of({"queryStringParameters": {"version": "12"}}) == 12
    assert version_of({"queryStringParameters": None}) is None


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "one", "²", "9999999", "1 "])
def test_a_version_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        version_of({"queryStringParameters": {"version": text}})
    assert raised.value.faults[0]["location"] == "query.version"
