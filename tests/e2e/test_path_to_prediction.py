"""The main path on the whole local stack: both doors, two users, MLflow and the registry."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sklearn.datasets import load_breast_cancer

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def cancer_csv() -> bytes:
    cancer = load_breast_cancer(as_frame=True)
    frame = cancer.frame.assign(diagnosis=cancer.target_names[cancer.target]).drop(columns="target")
    return frame.to_csv(index=False).encode()


def _mlflow(stack: LocalStack, path: str, **body: Any) -> Any:
    answer = httpx.post(f"{stack.mlflow_url}/api/2.0/mlflow/{path}", json=body, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _runs(stack: LocalStack, owner: str, model: str) -> list[Any]:
    found = httpx.get(
        f"{stack.mlflow_url}/api/2.0/mlflow/experiments/get-by-name",
        params={"experiment_name": f"{owner}/{model}"},
        trust_env=False,
    )
    if found.status_code == 404:
        return []
    experiment_id = found.json()["experiment"]["experiment_id"]
    runs: list[Any] = _mlflow(stack, "runs/search", experiment_ids=[experiment_id]).get("runs", [])
    return runs


def _aliased(stack: LocalStack, user: User, model: str, alias: str) -> str | None:
    """Run of the registered version that an alias points at."""
    found = httpx.get(
        f"{stack.mlflow_url}/api/2.0/mlflow/registered-models/alias",
        params={"name": f"{user.sub}.{model}", "alias": alias},
        trust_env=False,
    )
    return str(found.json()["model_version"]["run_id"]) if found.status_code == 200 else None


def _tracked(user: User, model: str) -> str:
    def look() -> Any:
        run = user.get(f"/models/{model}/versions/1")["mlflow_run_id"]
        return {"status": "LOGGED" if run else "PENDING", "run": run}

    return str(wait(look, "LOGGED")["run"])


def _told(user: User, version: Any) -> None:
    """The report and the card tell of a version."""
    path = f"/models/{version['model']}/versions/{version['version']}"
    report = user.get(f"{path}/report")
    assert report["metrics"] == version["metrics"]
    assert report["cost"]["memory_gb"] == 8
    card = user.http.get(f"{path}/card")
    assert card.headers["Content-Type"].startswith("text/markdown")
    assert card.text.startswith(f"# {version['model']}, version {version['version']}\n")


def _table(stack: LocalStack, run: Any) -> Any:
    """The one table that a run has logged."""
    tags = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
    (table,) = json.loads(tags["mlflow.loggedArtifacts"])
    return httpx.get(
        f"{stack.mlflow_url}/get-artifact",
        params={"run_id": run["info"]["run_id"], "path": table["path"]},
        trust_env=False,
    ).json()


def test_both_doors_lead_to_models_that_only_their_owners_can_use(
    stack: LocalStack, new_user: Callable[[], User], cancer_csv: bytes, diabetes_csv: bytes
) -> None:
    ana, ben = new_user(), new_user()

    # Given: Ana uploads by form and trains by request; Ben copies a file into his drop folder.
    ben.drop(diabetes_csv, "Diabetes 2.csv", target="target")
    dataset_id = ana.upload(cancer_csv, "cancer.csv")
    dataset = ana.dataset(dataset_id)
    assert (dataset["status"], dataset["rows"], dataset["columns"]) == ("READY", 569, 31)
    job_id = ana.train(dataset_id, "diagnosis", seed=1)

    # When: both trainings end.
    job = ana.job(job_id)
    assert job["status"] == "SUCCEEDED", job
    dropped = ben.dropped("Diabetes 2.csv")
    bens_job = ben.job(dropped["job_id"])
    assert bens_job["status"] == "SUCCEEDED", bens_job

    # Then: both have a model in production that is better than the baseline.
    version = ana.get("/models/cancer/versions/1")
    assert version["task"] == "classification"
    assert version["metrics"]["holdout"]["accuracy"] > 0.9 > version["metrics"]["baseline"]["accuracy"]
    regression = ben.get("/models/diabetes-2/versions/1")
    assert regression["task"] == "regression"
    assert regression["metrics"]["holdout"]["r2"] > 0.2

    # And it predicts.
    example = ana.get("/models/cancer/schema")["examples"][0]
    answer = ana.predict("cancer", example, example)
    assert answer.status_code == 200
    first = answer.json()["predictions"][0]
    assert first["prediction"] in {"malignant", "benign"}
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    number = ben.predict("diabetes-2", ben.get("/models/diabetes-2/schema")["examples"][0])
    assert isinstance(number.json()["predictions"][0]["prediction"], float)

    # It can be taken away: by a link that needs no token and carries a name.
    for name, ending in (("archive", "zip"), ("onnx", "onnx")):
        download = ana.get(f"/models/cancer/export?format={name}&version=1")
        file = httpx.get(download["url"], trust_env=False)
        assert file.status_code == 200, file.text
        assert file.headers["Content-Disposition"] == f'attachment; filename="cancer-1.{ending}"'
        assert hashlib.sha256(file.content).hexdigest() == download["sha256"]

    _told(ana, version)

    # And neither sees anything of the other.
    for path in (
        f"/datasets/{dataset_id}",
        f"/datasets/{dataset_id}/profile",
        f"/jobs/{job_id}",
        "/models/cancer",
        "/models/cancer/versions/1",
        "/models/cancer/versions/1/report",
        "/models/cancer/versions/1/card",
        "/models/cancer/schema",
        "/models/cancer/export",
    ):
        assert ana.http.get(path).status_code == 200, path
        assert ben.http.get(path).status_code == 404, path
    assert ben.predict("cancer", example).status_code == 404
    assert ben.http.post(f"/datasets/{dataset_id}/train", json={"target": "diagnosis"}).status_code == 404
    assert [model["name"] for model in ben.get("/models")["items"]] == ["diabetes-2"]

    # And MLflow has the run with parameters, metrics and artifacts, and the registered version.
    run_id = _tracked(ana, "cancer")
    shown = ana.get("/models/cancer/versions/1")["mlflow_run_url"]
    assert shown == f"{stack.mlflow_url}/#/experiments/0/runs/{run_id}"
    (run,) = _runs(stack, ana.sub, "cancer")
    assert run["info"]["run_id"] == run_id
    assert run["info"]["status"] == "FINISHED"
    logged = {metric["key"]: metric["value"] for metric in run["data"]["metrics"]}
    assert logged["holdout.accuracy"] == version["metrics"]["holdout"]["accuracy"]
    assert {"task", "seed", "model"} <= {parameter["key"] for parameter in run["data"]["params"]}
    files = httpx.get(
        f"{stack.mlflow_url}/api/2.0/mlflow/artifacts/list",
        params={"run_id": run_id, "path": "model"},
        trust_env=False,
    ).json()["files"]
    names = ("manifest.json", "model.npz", "report.json", "card.md")
    assert {file["path"] for file in files} == {f"model/{name}" for name in names}
    assert len(_table(stack, run)["data"]) == len(version["leaderboard"])
    wait(lambda: {"status": _aliased(stack, ana, "cancer", "production")}, run_id)


def test_a_small_csv_body_is_a_dataset_at_once(user: User, diabetes_csv: bytes) -> None:
    answer = user.http.post(
        "/datasets?file_name=small.csv", content=diabetes_csv, headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 201, answer.text
    dataset = user.dataset(answer.json()["id"])
    assert (dataset["status"], dataset["rows"], dataset["file_name"]) == ("READY", 442, "small.csv")
    profile = user.get(f"/datasets/{dataset['id']}/profile")
    assert len(profile["columns"]) == 11


@pytest.mark.long
def test_events_that_come_twice_and_late_make_one_dataset_and_one_model(
    stack: LocalStack, user: User, diabetes_csv: bytes
) -> None:
    user.drop(diabetes_csv, "twice.csv", target="target")
    dataset = user.dropped("twice.csv")
    bucket = stack.outputs["DataBucketName"]

    def notify(queue: str, key: str) -> None:
        body = {"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]}
        url = stack.template.resolve({"Ref": queue})
        stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))

    file_key = f"drop%2F{user.sub}%2Ftarget%3Dtarget%2Ftwice.csv"
    order_key = f"training/{user.sub}/{dataset['id']}/{dataset['job_id']}.json"
    for _ in range(2):
        notify("TrainQueue", order_key)
        notify("AnalyzeQueue", file_key)
    assert user.job(dataset["job_id"])["status"] == "SUCCEEDED"
    notify("AnalyzeQueue", file_key)
    notify("TrainQueue", order_key)
    _wait_until_empty(stack, "TrainQueue")
    _wait_until_empty(stack, "AnalyzeQueue")
    assert len(user.get("/datasets")["items"]) == 1
    assert [version["version"] for version in user.get("/models/twice")["versions"]] == [1]
    _tracked(user, "twice")
    assert len(_runs(stack, user.sub, "twice")) == 1


@pytest.mark.long
def test_a_training_that_is_killed_in_the_middle_ends_right(
    stack: LocalStack, user: User, diabetes_csv: bytes
) -> None:
    job_id = user.train(user.dataset(user.upload(diabetes_csv, "killed.csv"))["id"], "target")
    user.job(job_id, "RUNNING")
    wait(lambda: {"status": "ON" if user.get(f"/jobs/{job_id}")["progress"] > 0 else "OFF"}, "ON")
    assert stack.functions["TrainFunction"].kill()
    job = user.job(job_id)
    assert job["status"] == "SUCCEEDED", job
    assert [version["version"] for version in user.get("/models/killed")["versions"]] == [1]


@pytest.mark.long
def test_without_mlflow_models_are_trained_and_served_and_logged_later(
    stack: LocalStack, user: User, diabetes_csv: bytes
) -> None:
    dataset_id = user.dataset(user.upload(diabetes_csv, "away.csv"))["id"]
    stack.stop_mlflow()
    try:
        job = user.job(user.train(dataset_id, "target"))
        assert job["status"] == "SUCCEEDED", job
        example = user.get("/models/away/schema")["examples"][0]
        assert user.predict("away", example).status_code == 200
        time.sleep(1)
        assert user.get("/models/away/versions/1")["mlflow_run_id"] is None
        stack.run_schedule("TrackingFunction")
        assert user.get("/models/away/versions/1")["mlflow_run_id"] is None
    finally:
        stack.start_mlflow()
    stack.run_schedule("TrackingFunction")
    stack.run_schedule("TrackingFunction")
    run_id = _tracked(user, "away")
    assert [run["info"]["run_id"] for run in _runs(stack, user.sub, "away")] == [run_id]


def _wait_until_empty(stack: LocalStack, queue: str) -> None:
    url = stack.template.resolve({"Ref": queue})
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def look() -> Any:
        attributes = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)[
            "Attributes"
        ]
        return {"status": "EMPTY" if all(value == "0" for value in attributes.values()) else "BUSY"}

    wait(look, "EMPTY")
