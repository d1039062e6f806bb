"""Predictions through the HTTP edge, by real models: every kind of fault, warnings, versions, limits."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

import automl
from csv_analyzer import keys
from csv_analyzer.catalog import model_key, version_key
from csv_analyzer.dynamo import Table, put_new, update
from csv_analyzer.records import Version
from csv_analyzer.schemas.predictions import PredictResponse
from csv_analyzer.storage import Storage
from infra.local.template import Template
from predict import app as predict_app
from predict import service
from predict.answer import MAX_PAYLOAD_BYTES
from predict.cache import held_bytes
from predict.request import MAX_INSTANCES
from scoring.model import read_arrays
from tests.functional.conftest import ME, YOU, Answer, Call

pytestmark = pytest.mark.slow

ROWS = 120
CITIES = ("Bonn", "Köln", "Trier")


def csv_of(target: Callable[[int], str]) -> bytes:
    lines = ["rooms,area,furnished,built,city,tag,y"]
    lines += [
        f"{2 + i % 5},{'' if i % 11 == 0 else 40 + i % 60},{'true' if i % 2 else 'false'},"
        f"{1 + i % 28:02d}/{1 + i % 12:02d}/20{i % 20:02d},{CITIES[i % 3]},,{target(i)}"
        for i in range(ROWS)
    ]
    return "\n".join(lines).encode()


def train(tmp_path: Any, content: bytes) -> automl.Result:
    path = tmp_path / "houses.csv"
    path.write_bytes(content)
    return automl.fit(automl.read_csv(path), automl.FitConfig("y", budget_seconds=5, seed=1))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, automl.Result]:
    """A regressor, and a classifier of 60 labels."""
    folder = tmp_path_factory.mktemp("models")
    return {
        "price": train(folder, csv_of(lambda i: str(1000 * (2 + i % 5) + 7 * (i % 60)))),
        "label": train(folder, csv_of(lambda i: f"a rather long label number {i % 25} with a word or two")),
    }


@dataclass
class Service:
    """A user of models that are published as a training publishes them."""

    template: Template
    call: Call

    @property
    def table(self) -> Table:
        return Table(self.template.tables["Catalog"].name)

    def publish(self, number: int, result: automl.Result) -> None:
        digests = {"npz_sha256": result.manifest["model_sha256"]}
        digests["manifest_sha256"] = automl.serving.export.sha256(result.manifest_bytes)
        version = Version(
            owner=ME, created_at="2025-01-15T10:30:00Z", model="houses", version=number, dataset_id="d",
            job_id="j", task=result.task, target="y", metric=result.metric, **digests,
        )  # fmt: skip
        storage = Storage(self.template.buckets["DataBucket"].name)
        for name, content in (("model.npz", result.npz_bytes), ("manifest.json", result.manifest_bytes)):
            storage.put(keys.model(ME, "houses", number, name), content, "application/octet-stream")
        self.table.write(
            put_new(version_key(ME, "houses", number), version.to_item()),
            update(
                model_key(ME, "houses"),
                assign={"latest": number},
                default={"owner": ME, "name": "houses", "created_at": "", "production": number},
            ),
        )

    def promote(self, number: int) -> None:
        self.table.write(update(model_key(ME, "houses"), assign={"production": number}))

    def ask(self, body: Any, **changes: Any) -> Answer:
        return self.call("predict-post-predict", path={"name": "houses"}, body=body, **changes)


@pytest.fixture
def houses(aws: Template, predict: Call, trained: dict[str, automl.Result]) -> Service:
    service = Service(aws, predict)
    service.publish(1, trained["price"])
    return service


ROW = {"rooms": 3, "area": 70.5, "furnished": True, "built": "2010-05-17", "city": "Bonn"}


def test_a_usual_row_is_answered_with_its_interval_and_no_warning(houses: Service) -> None:
    answer = houses.ask({"instances": [ROW, {**ROW, "area": None, "city": " Köln "}]})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.body["version"], answer.body["stage"]) == (1, "production")
    assert (answer.body["warnings"], answer.body["warnings_total"]) == ([], 0)
    for prediction in answer.body["predictions"]:
        interval = prediction["interval"]
        assert interval["low"] <= prediction["prediction"] <= interval["high"]
        assert interval["coverage"] == 0.9
    assert answer.body["predictions"][0]["prediction"] == pytest.approx(3200, abs=600)


HOSTILE: list[tuple[str, dict[str, Any], str]] = [
    ("rooms", {"rooms": "3"}, "wrong_type"),
    ("rooms", {"rooms": True}, "wrong_type"),
    ("rooms", {"rooms": [3]}, "wrong_type"),
    ("rooms", {"rooms": {"n": 3}}, "wrong_type"),
    ("rooms", {"rooms": None}, "null"),
    ("rooms", {"rooms": 10**400}, "not_finite"),
    ("furnished", {"furnished": "yes"}, "wrong_type"),
    ("furnished", {"furnished": 1}, "wrong_type"),
    ("furnished", {"furnished": None}, "null"),
    ("built", {"built": "soon"}, "bad_date"),
    ("built", {"built": "31/02/2010"}, "bad_date"),
    ("built", {"built": 20100517}, "wrong_type"),
    ("built", {"built": " "}, "null"),
    ("city", {"city": 7}, "wrong_type"),
    ("city", {"city": ""}, "null"),
    ("tag", {"tag": "x"}, "unknown"),
    ("y", {"y": 1}, "unknown"),
    ("hue", {"hue": "red"}, "unknown"),
    ("x" * 100, {"x" * 100_000: 1}, "unknown"),
]


@pytest.mark.parametrize(
    ("name", "changes", "code"), HOSTILE, ids=[f"{h[0][:9]}-{h[2]}-{i}" for i, h in enumerate(HOSTILE)]
)
def test_a_hostile_value_is_refused_by_its_feature(
    houses: Service, name: str, changes: dict[str, Any], code: str
) -> None:
    answer = houses.ask({"instances": [ROW, {**ROW, **changes}]})
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.body["code"], answer.body["detail"]) == (
        "invalid_request",
        "1 value does not fit the model's schema.",
    )
    (fault,) = answer.body["errors"]
    assert (fault["instance"], fault["feature"], fault["code"]) == (1, name, code)
    assert fault["message"].endswith(".")


def test_all_faults_come_at_once_and_their_number_is_exact(houses: Service) -> None:
    lacking = {name: value for name, value in ROW.items() if name != "city"}
    answer = houses.ask(
        {"instances": [{**lacking, "rooms": "many", "hue": 1}, ROW, {**ROW, "built": "soon"}]}
    )
    found = [(fault["instance"], fault["feature"], fault["code"]) for fault in answer.body["errors"]]
    assert found == [
        (0, "rooms", "wrong_type"),
        (0, "city", "missing"),
        (0, "hue", "unknown"),
        (2, "built", "bad_date"),
    ]
    many = houses.ask({"instances": [{}] * 1_000})
    assert len(many.body["errors"]) == 100
    assert many.body["detail"].startswith("5000 values do not fit")


UNUSUAL = [
    ({"rooms": 99}, "rooms", "out_of_range"),
    ({"rooms": 1e300}, "rooms", "out_of_range"),
    ({"area": -1}, "area", "out_of_range"),
    ({"built": "1850-01-01"}, "built", "out_of_range"),
    ({"built": "31/12/2090"}, "built", "out_of_range"),
    ({"city": "Atlantis"}, "city", "unseen_category"),
    ({"city": "bonn"}, "city", "unseen_category"),
    ({"city": "\ud800 <script>"}, "city", "unseen_category"),
]


@pytest.mark.parametrize(("changes", "name", "code"), UNUSUAL)
def test_an_unusual_value_is_a_warning_and_where_strict_a_fault(
    houses: Service, changes: dict[str, Any], name: str, code: str
) -> None:
    instances = [ROW, {**ROW, **changes}]
    answer = houses.ask({"instances": instances})
    assert (answer.status, answer.body["warnings_total"]) == (200, 1)
    (warning,) = answer.body["warnings"]
    assert (warning["instance"], warning["feature"], warning["code"]) == (1, name, code)

    refused = houses.ask({"instances": [{**ROW, "hue": 1}, *instances], "strict": True})
    assert refused.status == 422
    found = [(fault["instance"], fault["feature"], fault["code"]) for fault in refused.body["errors"]]
    assert found == [(0, "hue", "unknown"), (2, name, code)]


def test_reasons_come_where_they_are_asked_for_and_add_up_to_the_answer(
    houses: Service, trained: dict[str, automl.Result]
) -> None:
    houses.publish(2, trained["label"])
    for version, explained in (("1", "number"), ("2", "class")):
        answer = houses.ask(
            {"instances": [ROW, {**ROW, "area": None, "built": "01/02/2012"}], "explain": True},
            query={"version": version},
        )
        assert answer.status == 200
        assert PredictResponse.model_validate(answer.body).predictions[0].reasons is not None
        for prediction in answer.body["predictions"]:
            reasons = prediction["reasons"]
            told = prediction["prediction"]
            if explained == "class":
                assert reasons["class"] == told
                told = prediction["probabilities"][told]
            total = reasons["base"] + sum(entry["contribution"] for entry in reasons["contributions"])
            assert total == pytest.approx(told, rel=1e-9)
            assert {entry["feature"] for entry in reasons["contributions"]} == set(ROW)
        values = {entry["feature"]: entry["value"] for entry in reasons["contributions"]}
        assert values == {**ROW, "area": None, "built": "2012-02-01"}
    assert "reasons" not in houses.ask({"instances": [ROW]}).body["predictions"][0]


def test_reasons_for_too_many_rows_or_of_a_model_that_has_none_are_refused(
    houses: Service, trained: dict[str, automl.Result]
) -> None:
    refused = houses.ask({"instances": [ROW] * 11, "explain": True})
    assert refused.status == 422
    (fault,) = refused.body["errors"]
    assert (fault["location"], fault["code"]) == ("body.explain", "too_many")
    assert fault["message"] == "The model explains at most 10 instances at once; there are 11."

    # As a model is whose owner kept no rows in it.
    manifest = {**trained["price"].manifest, "background": None}
    old = replace(trained["price"], manifest=manifest, manifest_bytes=json.dumps(manifest).encode())
    houses.publish(2, old)
    assert houses.ask({"instances": [ROW]}, query={"version": "2"}).status == 200
    refused = houses.ask({"instances": [ROW], "explain": True}, query={"version": "2"})
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "no_background")


def test_the_list_of_warnings_is_bounded_and_their_number_exact(houses: Service) -> None:
    answer = houses.ask({"instances": [{**ROW, "rooms": 99, "city": "Rom"}] * 500})
    assert (len(answer.body["warnings"]), answer.body["warnings_total"]) == (100, 1_000)


def test_the_schema_shows_what_training_saw(houses: Service, api: Call) -> None:
    schema = api("api-get-model-schema", path={"name": "houses"}).body
    properties = schema["properties"]
    assert properties["rooms"]["x-training-range"] == [2, 6]
    assert properties["built"]["x-training-range"][0].startswith("2000-")
    assert sorted(properties["city"]["x-known-values"]) == sorted(CITIES)
    assert properties["furnished"]["x-known-values"] == [False, True]
    assert properties["area"]["type"] == ["number", "null"]
    assert schema["x-prediction-interval"]["coverage"] == 0.9
    assert 0 <= schema["x-prediction-interval"]["holdout_coverage"] <= 1


FRAMES: list[tuple[Any, list[str]]] = [
    ("", ["json_invalid"]),
    ("{", ["json_invalid"]),
    ("[" * 100_000, ["json_invalid"]),
    ('{"instances": [{"rooms": NaN}]}', ["json_invalid"]),
    ('{"instances": [{"rooms": -Infinity}]}', ["json_invalid"]),
    ([ROW], ["object_type"]),
    ({"rows": [ROW]}, ["extra_forbidden", "missing"]),
    ({"instances": {}}, ["list_type"]),
    ({"instances": []}, ["length"]),
    ({"instances": [{}] * (MAX_INSTANCES + 1)}, ["length"]),
    ({"instances": [ROW, 1, "two", None]}, ["object_type"] * 3),
    ({"instances": [ROW], "strict": "yes"}, ["bool_type"]),
]


@pytest.mark.parametrize(("body", "codes"), FRAMES, ids=range(len(FRAMES)))
def test_a_hostile_frame_is_refused(houses: Service, body: Any, codes: list[str]) -> None:
    answer = houses.ask(body)
    assert (answer.status, answer.body["code"]) == (422, "invalid_request")
    assert [fault["code"] for fault in answer.body["errors"]] == codes


QUERIES = [
    ({"version": "0"}, "query.version"),
    ({"version": "9" * 30}, "query.version"),
    ({"stage": "archived"}, "query.stage"),
    ({"version": "1", "stage": "staging"}, "query"),
    ({"verbose": "1"}, "query.verbose"),
]


@pytest.mark.parametrize(("query", "location"), QUERIES)
def test_a_hostile_query_is_refused(houses: Service, query: dict[str, str], location: str) -> None:
    answer = houses.ask({"instances": [ROW]}, query=query)
    assert answer.status == 422
    assert [fault["location"] for fault in answer.body["errors"]] == [location]


def test_what_is_not_there_is_not_found_with_a_reason(houses: Service) -> None:
    body = {"instances": [ROW]}
    answers = {
        "version": houses.ask(body, query={"version": "2"}),
        "staging": houses.ask(body, query={"stage": "staging"}),
        "owner": houses.ask(body, owner=YOU),
        "name": houses.call("predict-post-predict", path={"name": "castles"}, body=body),
        "long": houses.call("predict-post-predict", path={"name": "x" * 2_000}, body=body),
    }
    assert {answer.status for answer in answers.values()} == {404}
    assert {name: answer.body["detail"] for name, answer in answers.items()} == {
        "version": "There is no such version of the model.",
        "staging": "The model has no version in staging; version 1 is in production.",
        "owner": "There is no such model.",
        "name": "There is no such model.",
        "long": "There is no such model.",
    }


def test_a_stage_can_be_asked_for_and_a_promotion_is_noticed(
    houses: Service, trained: dict[str, automl.Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(**query: str) -> tuple[int, str]:
        answer = houses.ask({"instances": [ROW]}, query=query).body
        return answer["version"], answer["stage"]

    now = [1_000.0]
    monkeypatch.setattr(predict_app.predictor._found, "_clock", lambda: now[0])
    houses.publish(2, trained["label"])
    assert asked() == asked(stage="production") == (1, "production")
    assert asked(stage="staging") == asked(version="2") == (2, "staging")
    houses.promote(2)
    now[0] += service.FRESH_SECONDS
    assert asked() == asked(version="2") == (2, "production")
    assert asked(stage="staging") == (1, "staging")


def test_files_that_are_not_what_was_registered_are_never_answered_with(houses: Service) -> None:
    storage = Storage(houses.template.buckets["DataBucket"].name)
    key = keys.model(ME, "houses", 1, "manifest.json")
    storage.put(key, storage.get(key, 10**8).replace(b'"coverage": 0.9', b'"coverage": 0.8'), "text/plain")
    answer = houses.ask({"instances": [ROW]})
    assert (answer.status, answer.body["code"]) == (500, "model_damaged")
    assert "checksum of manifest.json" in answer.body["detail"]


def test_a_file_that_was_cut_is_said_to_be_damaged(houses: Service) -> None:
    storage = Storage(houses.template.buckets["DataBucket"].name)
    key = keys.model(ME, "houses", 1, "model.npz")
    storage.put(key, storage.get(key, 10**8)[:100], "text/plain")
    answer = houses.ask({"instances": [ROW]})
    assert (answer.status, answer.body["code"]) == (500, "model_damaged")


def test_an_answer_above_the_limit_of_lambda_is_refused_with_a_hint_at_batch(
    houses: Service, trained: dict[str, automl.Result]
) -> None:
    houses.publish(2, trained["label"])
    answer = houses.ask({"instances": [ROW] * MAX_INSTANCES}, query={"version": "2"})
    assert (answer.status, answer.body["code"]) == (413, "payload_too_large")
    assert "/batch" in answer.body["detail"]
    # The largest one that is handed back fits, though it stands as a string in the payload.
    whole = houses.ask({"instances": [ROW] * MAX_INSTANCES})
    assert len(whole.body["predictions"]) == MAX_INSTANCES
    assert len(json.dumps(whole.text)) < MAX_PAYLOAD_BYTES


def test_what_a_real_model_holds_is_more_than_its_arrays(
    houses: Service, trained: dict[str, automl.Result]
) -> None:
    houses.ask({"instances": [ROW]})
    held = predict_app.predictor._kept.held
    arrays = sum(array.nbytes for array in read_arrays(trained["price"].npz_bytes).values())
    assert arrays < held < 5 * arrays + 20 * len(trained["price"].manifest_bytes)
    assert held_bytes(predict_app.predictor._kept) >= held
