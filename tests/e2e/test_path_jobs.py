"""Across the whole local stack: the queue, cancelling, uploads in parts, limits, and the next version."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

# Long beside a look per second, even on a busy machine; the training's function ends after 40 s.
BUDGET_SECONDS = 25


@pytest.mark.long
def test_a_running_training_is_cancelled_and_the_queue_moves_on(
    stack: LocalStack, new_user: Callable[[], User], diabetes_csv: bytes
) -> None:
    ana, ben = new_user(), new_user()
    datasets = {user.sub: user.dataset(user.upload(diabetes_csv, "queue.csv"))["id"] for user in (ana, ben)}

    # Three trainings run at the same time at the most, two of them of one user.
    def order(user: User, name: str) -> str:
        return user.train(datasets[user.sub], "target", budget_seconds=BUDGET_SECONDS, model=name)

    running = [(ana, order(ana, "a")), (ana, order(ana, "b")), (ben, order(ben, "c"))]
    refused = ana.http.post(f"/datasets/{datasets[ana.sub]}/train", json={"target": "target"})
    assert (refused.status_code, refused.json()["code"]) == (429, "limit_reached")
    assert refused.headers["Retry-After"] == str(refused.json()["retry_after"])
    for user, job_id in running:
        assert user.job(job_id, "RUNNING")["queue_position"] is None
    waiting = order(ben, "d")
    assert ben.get(f"/jobs/{waiting}")["queue_position"] == 1
    assert [job["id"] for job in ben.get("/jobs")["items"]] == [waiting, running[2][1]]

    # When: the ones that run are cancelled in the middle of their search.
    first = running[0][1]
    assert ben.http.delete(f"/jobs/{first}").status_code == 404
    for user, job_id in running:
        wait(lambda path=f"/jobs/{job_id}", user=user: _begun(user.get(path)), "BEGUN")
        answer = user.http.delete(f"/jobs/{job_id}")
        assert (answer.status_code, answer.json()["status"]) == (202, "CANCELLING"), answer.text

    # Then: they end without a version, and the one that waited runs to its end.
    for user, job_id in running:
        job = user.job(job_id, "CANCELLED", "SUCCEEDED", "FAILED")
        assert (job["status"], job["version"], job["error"]) == ("CANCELLED", None, None), job
        assert user.http.delete(f"/jobs/{job_id}").status_code == 409
    assert ana.get("/models")["items"] == []
    job = ben.job(waiting)
    assert job["status"] == "SUCCEEDED", job


def _begun(job: Any) -> Any:
    return {"status": "BEGUN" if job["progress"] > 0 else job["status"]}


@pytest.mark.long
def test_a_file_that_comes_in_parts_makes_the_next_version_of_a_model(
    user: User, diabetes_csv: bytes
) -> None:
    first = user.train(user.dataset(user.upload(diabetes_csv, "one.csv"))["id"], "target", model="both")
    assert user.job(first)["version"] == 1

    announced = user.http.post(
        "/datasets", json={"file_name": "two.csv", "size_bytes": len(diabetes_csv), "multipart": True}
    )
    assert announced.status_code == 201, announced.text
    upload = announced.json()["upload"]
    tags = []
    for part in upload["parts"]:
        start = (part["number"] - 1) * upload["part_bytes"]
        sent = httpx.put(
            part["url"], content=diabetes_csv[start : start + upload["part_bytes"]], trust_env=False
        )
        assert sent.status_code == 200, sent.text
        tags.append({"number": part["number"], "etag": sent.headers["ETag"]})
    dataset_id = announced.json()["id"]
    for _ in range(2):
        answer = user.http.post(f"/datasets/{dataset_id}/complete", json={"parts": tags})
        assert answer.status_code == 202, answer.text
    assert user.dataset(dataset_id)["rows"] == 442

    assert user.job(user.train(dataset_id, "target", model="both"))["version"] == 2
    other = user.http.post(f"/datasets/{dataset_id}/train", json={"target": "bmi", "model": "both"})
    assert other.status_code == 409, other.text
    assert [version["version"] for version in user.get("/models/both")["versions"]] == [2, 1]
