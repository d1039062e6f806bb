"""Stages across the whole stack: the gate, predictions of what is in production, and the mirror in MLflow."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest
from sklearn.datasets import load_diabetes

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def boss(stack: LocalStack) -> Iterator[User]:
    """An administrator who owns nothing yet."""
    user = User(stack, "boss@example.com", groups=("admin",))
    yield user
    user.http.close()


def _in_mlflow(stack: LocalStack, user: User) -> dict[str, Any]:
    """Aliases, and the tags `stage` of the registered versions by their number in MLflow."""
    name = f"{user.sub}.patients"
    with httpx.Client(base_url=f"{stack.mlflow_url}/api/2.0/mlflow/", trust_env=False) as mlflow:
        model = mlflow.get("registered-models/get", params={"name": name}).json()["registered_model"]
        found = mlflow.get("model-versions/search", params={"filter": f"name = '{name}'"}).json()
    return {
        "aliases": {entry["alias"]: entry["version"] for entry in model.get("aliases", [])},
        "stages": {
            entry["version"]: {tag["key"]: tag["value"] for tag in entry["tags"]}.get("stage")
            for entry in found["model_versions"]
        },
    }


@pytest.mark.long
def test_a_version_is_promoted_served_mirrored_and_rolled_back(stack: LocalStack, boss: User) -> None:
    content = load_diabetes(as_frame=True, scaled=False).frame.to_csv(index=False).encode()
    dataset_id = boss.dataset(boss.upload(content, "patients.csv"))["id"]
    for _ in range(2):
        job = boss.job(boss.train(dataset_id, "target", model="patients"))
        assert job["status"] == "SUCCEEDED", job
    wait(lambda: {"status": len(_in_mlflow(stack, boss)["stages"])}, 2)
    example = boss.get("/models/patients/schema?version=2")["examples"][0]
    assert boss.predict("patients", example).json()["version"] == 1

    # Both were judged on the same rows, so the gate compares them.
    order = {"version": 2, "force": True, "reason": "Whatever the gate says."}
    promoted = boss.http.put("/models/patients/stages/production", json=order)
    assert promoted.status_code == 200, promoted.text
    gate = promoted.json()["change"]["gate"]
    assert gate["decision"] in {"passed", "refused"}
    for number, figure in ((1, "production"), (2, "candidate")):
        metrics = boss.get(f"/models/patients/versions/{number}")["metrics"]["holdout"]
        assert gate[figure] == metrics[gate["metric"]]

    wait(lambda: {"status": boss.predict("patients", example).json()["version"]}, 2)
    archived = boss.http.post("/models/patients/predict?version=1", json={"instances": [example]})
    assert (archived.status_code, archived.json()["code"]) == (409, "archived")
    stack.run_schedule("TrackingFunction")
    assert _in_mlflow(stack, boss) == {
        "aliases": {"production": "2"},
        "stages": {"1": "archived", "2": "production"},
    }

    # A rollback needs no body, and MLflow follows it too.
    back = boss.http.post("/models/patients/rollback")
    assert (back.status_code, back.json()["version"]) == (200, 1), back.text
    wait(lambda: {"status": boss.predict("patients", example).json()["version"]}, 1)
    stack.run_schedule("TrackingFunction")
    assert _in_mlflow(stack, boss) == {
        "aliases": {"production": "1"},
        "stages": {"1": "production", "2": "archived"},
    }
    history = boss.get("/models/patients/history")
    actions = ["rolled_back", "promoted", "published", "published"]
    assert [entry["action"] for entry in history["items"]] == actions
    assert history["put_there_by"]["actor"] == f"user:{boss.sub}"
    then = boss.get(f"/models/patients/history?at={promoted.json()['change']['at']}")
    assert (then["production_version"], then["put_there_by"]["action"]) == (2, "promoted")

    # Whoever promotes at the same time, history explains what is there.
    def fight(number: int) -> int:
        order = {"version": 1 + number % 2, "force": True, "reason": f"Fighter {number}."}
        return boss.http.put("/models/patients/stages/production", json=order).status_code

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(fight, range(24)))
    assert set(answers) == {200}
    model = boss.get("/models/patients")
    entries = boss.get("/models/patients/history?limit=100")["items"]
    assert [entry["revision"] for entry in entries] == list(range(model["revision"], 0, -1))
    assert entries[0]["production_version"] == model["production_version"]
    assert sorted(version["stage"] for version in model["versions"]) == ["archived", "production"]
    for later, earlier in pairwise(entries[: -(len(history["items"]))]):
        assert later["production_version"] != earlier["production_version"]
