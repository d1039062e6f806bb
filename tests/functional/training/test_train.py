"""A training was ordered: from the order to a model that answers."""

import hashlib
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

import automl
from csv_analyzer import keys
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.metrics import Metric
from tests.functional.conftest import (
    ME,
    YOU,
    sqs_event,
)
from tests.functional.training.conftest import CSV, REQUEST, ROW, Workshop, _let_leases_expire
from train import app


@pytest.mark.slow
def test_an_order_leads_to_a_model_that_answers(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "8192")
    job = workshop.carry_out(workshop.order())
    assert (job["status"], job["version"], job["progress"]) == ("SUCCEEDED", 1, 1)
    assert sum(row["chosen"] for row in job["leaderboard"]) == 1
    (line,) = (line for line in capsys.readouterr().out.splitlines() if Metric.MODEL_LIFT in line)
    told = json.loads(line)
    assert told[Metric.BUDGET_USED] == [pytest.approx(told[Metric.TRAINING_SECONDS][0] / 5)]
    assert Catalog(app.table).version(ME, "houses", 1).request_id == REQUEST
    # The price is a sum of what the columns say.
    assert 0.5 < told[Metric.MODEL_LIFT][0] <= 1
    # Nothing was in production before.
    assert Metric.MODELS_MUCH_WORSE not in told

    model = workshop.api("api-get-model", path={"name": "houses"}).body
    assert (model["production_version"], model["task"], model["target"]) == (1, "regression", "price")
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    assert version["stage"] == "production"
    assert version["mlflow_run_id"] is None
    assert {"holdout", "cross_validation", "baseline"} <= version["metrics"].keys()
    assert version["metrics"]["holdout"]["r2"] > version["metrics"]["baseline"]["r2"]

    place = {"name": "houses", "version": "1"}
    report = workshop.api("api-get-model-version-report", path=place).body
    assert report == workshop.storage.get_json(keys.model(ME, "houses", 1, keys.REPORT), 5_000_000)
    assert report["metrics"] == version["metrics"]
    assert report["data"]["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert report["exports"]["archive"]["sha256"]
    # The one is rounded to a tenth.
    assert report["seconds"]["function"] + 0.1 >= report["seconds"]["used"] > 0
    assert report["cost"]["memory_gb"] == 8
    assert report["cost"]["usd"] == pytest.approx(8 * report["seconds"]["function"] * 0.0000166667, abs=1e-5)
    card = workshop.api("api-get-model-version-card", path=place).text
    assert card.startswith("# houses, version 1\n")
    assert "an estimate" in card

    schema = workshop.api("api-get-model-schema", path={"name": "houses"}).body
    assert schema["properties"].keys() == {"rooms", "age", "kind"}

    answer = workshop.predict({"instances": [ROW, {**ROW, "kind": "castle"}]})
    assert answer.status == 200
    assert answer.body["version"] == 1
    assert answer.body["stage"] == "production"
    assert len(answer.body["predictions"]) == 2
    assert answer.body["predictions"][0]["prediction"] == pytest.approx(3100, abs=400)

    # Every fault of every instance is named, per feature.
    answer = workshop.predict(
        {"instances": [{"rooms": "many", "age": None, "hue": 1}, ROW, {"rooms": 1, "age": 2, "kind": ["x"]}]}
    )
    assert answer.status == 422
    faults = {(fault["instance"], fault["feature"]): fault["code"] for fault in answer.body["errors"]}
    assert faults.keys() == {(0, "rooms"), (0, "age"), (0, "kind"), (0, "hue"), (2, "kind")}
    assert faults[0, "kind"] == "missing"
    assert faults[0, "hue"] == "unknown"
    assert all(fault["message"] for fault in answer.body["errors"])

    # Nobody else has that model, and there is no other version of it.
    assert workshop.predict({"instances": [ROW]}, owner=YOU).status == 404
    assert workshop.predict({"instances": [ROW]}, name="castles").status == 404
    assert workshop.predict({"instances": [ROW]}, query={"version": "2"}).status == 404
    assert workshop.predict({"instances": [ROW]}, query={"version": "1"}).status == 200
    assert workshop.predict("{").status == 422
    assert workshop.api("api-get-model", path={"name": "houses"}, owner=YOU).status == 404


@pytest.mark.slow
@pytest.mark.long
def test_versions_of_one_file_name_the_same_holdout_and_those_of_another_do_not(
    workshop: Workshop,
) -> None:
    dataset_id, job_id = workshop.order()
    workshop.carry_out((dataset_id, job_id))
    body = {"target": "price", "budget_seconds": 6, "exclude": ["age"]}
    again = workshop.api("api-post-dataset-train", path={"dataset_id": dataset_id}, body=body).body["id"]
    workshop.carry_out((dataset_id, again))
    workshop.carry_out(workshop.order(CSV + b"1,1,flat,1000\n"))

    first, second, third = (Catalog(app.table).version(ME, "houses", number) for number in (1, 2, 3))
    assert len(first.holdout_id) == 64
    assert first.holdout_id == second.holdout_id != third.holdout_id
    assert first.holdout_rows == second.holdout_rows == len(CSV.splitlines()) // 8


@pytest.mark.slow
def test_an_order_that_comes_again_makes_no_second_version(workshop: Workshop) -> None:
    order = workshop.order()
    first = workshop.carry_out(order)
    again = workshop.carry_out(order, attempt=2)
    assert again == first
    model = workshop.api("api-get-model", path={"name": "houses"}).body
    assert [version["version"] for version in model["versions"]] == [1]


@pytest.mark.slow
@pytest.mark.long
def test_a_second_training_makes_the_next_version_of_the_same_model(workshop: Workshop) -> None:
    workshop.carry_out(workshop.order())
    workshop.carry_out(workshop.order(model="houses"))
    model = workshop.api("api-get-model", path={"name": "houses"}).body
    assert [(v["version"], v["stage"]) for v in model["versions"]] == [(2, "staging"), (1, "production")]
    assert workshop.predict({"instances": [ROW]}).body["version"] == 1
    assert workshop.predict({"instances": [ROW]}, query={"version": "2"}).body["stage"] == "staging"
    waiting = workshop.predict({"instances": [ROW]}, query={"stage": "staging"}).body
    assert (waiting["version"], waiting["stage"]) == (2, "staging")


@pytest.mark.slow
def test_a_training_that_was_killed_is_done_right_by_the_next_delivery(
    workshop: Workshop, template: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process: no handler of ours sees it."""

    def killed(*_: object) -> None:
        raise Killed

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("csv_analyzer.registry.publish", killed)
        with pytest.raises(Killed):
            workshop.carry_out(order)
    assert workshop.job(order)["status"] == "RUNNING"
    with pytest.raises(BatchProcessingError, match="LeaseHeldError"):
        workshop.carry_out(order, attempt=2)

    _let_leases_expire(template)
    job = workshop.carry_out(order, attempt=3)
    assert (job["status"], job["version"]) == ("SUCCEEDED", 1)


@pytest.mark.slow
def test_a_model_whose_file_was_changed_is_not_served(workshop: Workshop) -> None:
    workshop.carry_out(workshop.order(model="other"))
    key = f"models/{ME}/other/1/manifest.json"
    manifest = json.loads(workshop.storage.get(key, 10**7))
    workshop.storage.put_json(key, {**manifest, "task": "classification"})
    answer = workshop.predict({"instances": [ROW]}, name="other")
    assert answer.status == 500
    assert answer.body["code"] == "model_damaged"


@pytest.mark.slow
@pytest.mark.long
def test_a_version_without_mlflow_waits_for_it(workshop: Workshop, template: Any) -> None:
    from train import tracking_app

    workshop.carry_out(workshop.order())
    catalog = Catalog(Table(template.tables["Catalog"].name))
    assert [version.model for version in catalog.untracked(10)] == ["houses"]
    assert tracking_app.handler({}, workshop.context) == {"logged": 0, "mirrored": 0, "erased": 0}
    assert [version.model for version in catalog.untracked(10)] == ["houses"]


@pytest.mark.slow
@pytest.mark.long
def test_training_on_a_new_file_makes_the_next_version_of_the_same_model(workshop: Workshop) -> None:
    first = workshop.order()
    workshop.carry_out(first)
    newer = CSV + b"3,5,flat,3050\n" * 5
    second = workshop.order(newer, model="houses")
    assert second[0] != first[0]
    job = workshop.carry_out(second)
    assert (job["status"], job["version"]) == ("SUCCEEDED", 2)
    for number, (dataset_id, job_id) in enumerate((first, second), start=1):
        path = {"name": "houses", "version": str(number)}
        version = workshop.api("api-get-model-version", path=path).body
        assert (version["dataset_id"], version["job_id"]) == (dataset_id, job_id)


@pytest.mark.slow
@pytest.mark.long
def test_a_model_that_got_another_target_meanwhile_keeps_it(workshop: Workshop) -> None:
    one, other = workshop.order(), workshop.order(target="rooms")
    assert workshop.carry_out(one)["status"] == "SUCCEEDED"
    job = workshop.carry_out(other)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "other_target")
    path = {"dataset_id": other[0]}
    assert workshop.api("api-post-dataset-train", path=path, body={"target": "rooms"}).status == 409


@pytest.mark.slow
@pytest.mark.long
def test_the_engine_is_told_all_options(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    fit = automl.fit

    def noted(table: Any, config: Any, *args: Any, **named: Any) -> Any:
        told.append(config)
        return fit(table, config, *args, **named)

    monkeypatch.setattr(automl, "fit", noted)
    order = workshop.order(
        target="kind",
        task="classification",
        metric="f1_macro",
        exclude=["age"],
        keep=["rooms"],
        class_weights={"flat": 2.0},
        time="rooms",
        compact=True,
        recall=False,
        reasons=False,
        seed=3,
    )
    job = workshop.carry_out(order)
    assert job["status"] == "SUCCEEDED", job
    (config,) = told
    assert (config.metric, config.exclude, config.keep) == ("f1_macro", ("age",), ("rooms",))
    assert (config.class_weights, config.group, config.time) == ({"flat": 2.0}, None, "rooms")
    assert (config.compact, config.recall, config.reasons, config.seed) == (True, False, False, 3)
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    assert (version["metric"], version["task"]) == ("f1_macro", "classification")


@pytest.mark.slow
@pytest.mark.long
def test_a_training_begins_with_its_recipe(workshop: Workshop) -> None:
    from analyze import app as analyze_app

    dataset_id = workshop.upload(CSV)
    path = {"dataset_id": dataset_id}
    body = {"target": "price", "steps": [{"step": "drop_columns", "columns": ["kind"]}]}
    made = workshop.api("api-put-dataset-recipe", path=path, body=body).body
    ask = {"target": "price", "budget_seconds": 5, "recipe": made["version"]}
    assert workshop.api("api-post-dataset-train", path=path, body=ask).status == 409
    key = keys.recipe(ME, dataset_id, made["version"])
    analyze_app.handler(sqs_event(key, template="sqs-s3-recipe"), workshop.context)
    # Columns are named as the recipe leaves them.
    gone = workshop.api("api-post-dataset-train", path=path, body={**ask, "exclude": ["kind"]})
    assert [fault["code"] for fault in gone.body["errors"]] == ["unknown_column"]
    answer = workshop.api("api-post-dataset-train", path=path, body=ask)
    assert answer.body["options"]["recipe"] == made["version"]
    job = workshop.carry_out((dataset_id, str(answer.body["id"])))
    assert job["status"] == "SUCCEEDED", job
    manifest = workshop.storage.get_json(keys.model(ME, "houses", 1, "manifest.json"), 10**7)
    assert manifest["parameters"]["recipe_steps"] == 1
    assert manifest["schema"]["properties"].keys() == {"rooms", "age"}
