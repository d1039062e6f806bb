"""Predictions of any number of rows, and rows from JSON, lines of JSON, CSV and settings."""

import io
import json

import pytest

from csv_analyzer_client import instances, predicting
from csv_analyzer_client.errors import InvalidRequestError, UsageError
from csv_analyzer_client.instances import Schema, parse_settings, schema_types
from tests.unit.client.fake_service import SCHEMA, SUMMARY, VERSION, answer, predicted, problem

KNOWN = ("rooms", "kind", "new")


def read(text, kind=None):
    content = text if isinstance(text, bytes) else text.encode()
    return list(instances.read(io.BytesIO(content), kind, Schema(schema_types(SCHEMA))))


def echo(request):
    rows = json.loads(request.content)["instances"]
    return answer(predicted(*(row["rooms"] for row in rows)))


def rows(count):
    return [{"rooms": i} for i in range(count)]


def test_many_instances_are_cut_into_requests_and_put_together(service, monkeypatch):
    monkeypatch.setattr(predicting, "MAX_INSTANCES", 10)
    service.on("POST", "/models/houses/predict", echo)
    found = service.client().predict("houses", iter(rows(25)))
    assert [row.prediction for row in found.predictions] == list(range(25))
    assert [len(json.loads(request.content)["instances"]) for request in service.requests] == [10, 10, 5]
    # What is promoted meanwhile does not answer the rest.
    assert [dict(request.url.params) for request in service.requests] == [
        {},
        {"version": "1"},
        {"version": "1"},
    ]


def test_faults_and_warnings_name_the_place_among_all(service, monkeypatch):
    monkeypatch.setattr(predicting, "MAX_INSTANCES", 10)
    warning = {"instance": 3, "feature": "rooms", "code": "out_of_range", "message": "M"}
    service.on("POST", "/models/houses/predict", answer(predicted(*range(10), warnings=(warning,))))
    found = service.client().predict("houses", rows(20))
    assert [entry["instance"] for entry in found.warnings] == [3, 13]
    assert found.warnings_total == 2
    fault = {"instance": 2, "feature": "kind", "code": "missing", "message": "M"}
    service.on(
        "POST",
        "/models/houses/predict",
        answer(predicted(*range(10))),
        problem(422, "invalid_request", "1 value.", errors=[fault]),
    )
    with pytest.raises(InvalidRequestError) as caught:
        service.client().predict("houses", rows(20))
    assert caught.value.faults[0]["instance"] == 12
    assert caught.value.to_problem()["errors"][0]["instance"] == 12


def test_what_is_too_large_is_halved(service):
    def refuse_many(request):
        many = len(json.loads(request.content)["instances"]) > 3
        return problem(413, "payload_too_large") if many else echo(request)

    service.on("POST", "/models/houses/predict", refuse_many)
    found = service.client().predict("houses", rows(10))
    assert [row.prediction for row in found.predictions] == list(range(10))


def test_one_instance_that_is_too_large_is_refused(service):
    service.on("POST", "/models/houses/predict", problem(413, "payload_too_large", "Too large."))
    with pytest.raises(InvalidRequestError, match="Too large"):
        service.client().predict("houses", rows(1))


def test_bodies_stay_below_what_an_event_may_hold(service, monkeypatch):
    monkeypatch.setattr(predicting, "MAX_BODY_BYTES", 100)
    service.on("POST", "/models/houses/predict", echo)
    assert len(service.client().predict("houses", rows(50)).predictions) == 50
    assert all(len(request.content) < 200 for request in service.requests)


def test_explanations_go_ten_at_a_time_and_fewer_of_a_wide_table(service):
    def few(request):
        body = json.loads(request.content)
        assert body["explain"] is True
        fault = {"location": "body.instances", "code": "too_many", "message": "At most 4."}
        return problem(422, errors=[fault]) if len(body["instances"]) > 4 else echo(request)

    service.on("POST", "/models/houses/predict", few)
    found = service.client().predict("houses", rows(12), explain=True, strict=True)
    assert len(found.predictions) == 12
    assert len(json.loads(service.requests[0].content)["instances"]) == 10


def test_predictions_are_repeated_when_the_service_is_away(service):
    service.on("POST", "/models/houses/predict", problem(503), echo)
    assert len(service.client().predict("houses", rows(1)).predictions) == 1


def test_nothing_to_predict_is_named(service):
    with pytest.raises(UsageError, match="nothing to predict"):
        service.client().predict("houses", [])
    assert service.requests == []


@pytest.mark.parametrize(
    "text",
    [
        '[{"rooms": 1}, {"rooms": 2}]',
        '{"instances": [{"rooms": 1}, {"rooms": 2}]}',
        '\ufeff  \n[{"rooms": 1}, {"rooms": 2}]',
        '{"rooms": 1}\n{"rooms": 2}\n',
        "rooms\n1\n2\n",
        "\ufeffrooms;price\n1;7\n2;8\n",
    ],
)
def test_formats_are_told_by_their_beginning(text):
    assert read(text) == [{"rooms": 1}, {"rooms": 2}]


def test_one_object_is_one_instance():
    assert read('{"rooms": 1}', "json") == [{"rooms": 1}]
    assert read('{"rooms": 1}\n\n', "jsonl") == [{"rooms": 1}]


def test_cells_get_the_types_of_the_schema():
    known = Schema(schema_types(SCHEMA))
    text = 'rooms,kind,new,price\n3,"a, b\nc",TRUE,9\n 2.5e1 ,,no,9\nmany,7,perhaps,9\ninf,x,1,9\n'
    found = list(instances.read(io.BytesIO(text.encode()), "csv", known))
    assert found == [
        {"rooms": 3, "kind": "a, b\nc", "new": True},
        {"rooms": 25.0, "kind": None, "new": False},
        {"rooms": "many", "kind": "7", "new": "perhaps"},
        {"rooms": "inf", "kind": "x", "new": True},
    ]
    assert type(found[0]["rooms"]) is int
    assert known.left_out == {"price"}


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("", None, "empty"),
        ("\n\n", "csv", "no header"),
        ("rooms,rooms\n1,2\n", "csv", "twice"),
        ("a,b\n1,2\n", "csv", "rooms, kind, new"),
        ("rooms,kind\n1\n", "csv", "Line 2 .* 1 cells and the header 2"),
        ('rooms\n"1', "csv", "Line 2"),
        (b"rooms\n\xff\n", "csv", "not UTF-8"),
        (b"\xff\xfe\x00", None, "not UTF-8"),
        ('{"rooms": NaN}', "json", "no JSON"),
        ('{"rooms": 1', "json", "no JSON"),
        ("[" * 100_000, "json", "no JSON"),
        ("[1]", "json", "Instance 0 is no object"),
        ('{"instances": 5}', "json", "no list"),
        ("7", "json", "no list"),
        ('{"rooms": 1}\n5\n', "jsonl", "Line 2 is no object"),
        ('{"rooms": 1}\n{\n', "jsonl", "Line 2 is no JSON"),
    ],
)
def test_what_is_no_input_is_named(text, kind, sentence):
    with pytest.raises(UsageError, match=sentence):
        read(text, kind)


def test_settings_get_the_types_of_the_schema():
    found = parse_settings(
        ["rooms=3", "kind=7", "new=false", "other=[1]", "more=x=y"], Schema(schema_types(SCHEMA))
    )
    assert found == {"rooms": 3, "kind": "7", "new": False, "other": [1], "more": "x=y"}
    assert parse_settings(["kind=null", "rooms=null"], Schema(schema_types(SCHEMA))) == {
        "kind": None,
        "rooms": None,
    }
    for wrong in (["rooms"], ["=3"], ["rooms=1", "rooms=2"]):
        with pytest.raises(UsageError, match="--set"):
            parse_settings(wrong, Schema(schema_types(SCHEMA)))


@pytest.mark.parametrize(
    "document", [{}, {"properties": []}, {"properties": {"a": 5, "b": {"type": [None]}}}]
)
def test_a_schema_of_another_form_makes_everything_text(document):
    assert set(schema_types(document).values()) <= {"string"}


def test_formats_are_told_by_the_name():
    named = {
        "a.CSV": "csv",
        "a.json": "json",
        "a.ndjson": "jsonl",
        "a.tsv": "csv",
        "a.parquet": None,
        "a": None,
    }
    assert {name: instances.format_of(name, None) for name in named} == named
    assert instances.format_of("a.csv", "json") == "json"


def test_the_features_are_those_of_the_version_that_answers(service):
    seen = []

    def schema(request):
        seen.append(request.url.params.get("version"))
        return answer(SCHEMA)

    service.on("GET", "/models/houses/schema", schema)
    staged = [
        VERSION | {"version": number, "stage": stage} for number, stage in ((4, "staging"), (2, "archived"))
    ]
    service.on("GET", "/models/houses", answer(SUMMARY | {"versions": staged}))
    client = service.client()
    for asked in ({}, {"stage": "production"}, {"version": 3}, {"stage": "staging"}):
        assert client.input_types("houses", **asked) == {
            "rooms": "number",
            "kind": "string",
            "new": "boolean",
        }
    assert seen == [None, None, "3", "4"]
