"""The path of a file of rows: ordered, uploaded by form, scored, downloaded."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

TRAINING = b"rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%d\n"
    % (i % 7, i % 31, [b"flat", b"house"][i % 2], 1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2))
    for i in range(120)
)
HEADER = "Kind;age;note;rooms\n"


@pytest.fixture(scope="module")
def owner(new_user: Callable[[], User]) -> User:
    """A user with the model `homes`."""
    user = new_user()
    dataset = user.dataset(user.upload(TRAINING, "homes.csv"))
    job = user.job(user.train(dataset["id"], "price"))
    assert job["status"] == "SUCCEEDED", job
    return user


def _order(user: User, content: bytes, **request: Any) -> Any:
    ordered = user.http.post("/models/homes/batch", json={"file_name": "new homes.csv", **request})
    assert ordered.status_code == 201, ordered.text
    form = ordered.json()["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("x.csv", content)}, trust_env=False)
    assert sent.status_code == 204, sent.text
    return ordered.json()


def _finished(user: User, job: Any) -> Any:
    return wait(lambda: user.get(f"/models/homes/batch/{job['id']}"), "SUCCEEDED", "FAILED")


def _download(link: Any) -> list[dict[str, str]]:
    answer = httpx.get(link["url"], trust_env=False)
    assert answer.status_code == 200, answer.text
    assert link["file_name"] in answer.headers["content-disposition"]
    delimiter = ";" if ";" in answer.text.partition("\n")[0] else ","
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=delimiter))


def test_a_file_of_rows_comes_back_with_predictions(
    stack: LocalStack, owner: User, new_user: Callable[[], User]
) -> None:
    rows = [("flat", 10, 3), ("house", 20, 4), ("castle", 30, 5)]
    text = HEADER + "".join(f"{kind};{age},0;a, b;{rooms}\n" for kind, age, rooms in rows) + "flat;old;;1\n"
    job = _order(owner, text.encode())
    assert job["version"] == 1

    done = _finished(owner, job)

    assert (done["status"], done["rows"], done["rows_with_errors"]) == ("SUCCEEDED", 4, 1), done
    predictions = _download(done["predictions"])
    assert [row["Kind"] for row in predictions] == ["flat", "house", "castle", "flat"]
    assert [row["note"] for row in predictions] == ["a, b"] * 3 + [""]
    online = owner.predict(
        "homes", *({"kind": kind, "age": age, "rooms": rooms} for kind, age, rooms in rows)
    ).json()
    for row, answer in zip(predictions, online["predictions"], strict=False):
        assert float(row["prediction"]) == pytest.approx(answer["prediction"], rel=1e-9)
    assert predictions[3]["prediction"] == ""
    (error,) = _download(done["errors"])
    assert (error["row"], error["feature"], error["code"]) == ("3", "age", "not_a_number")

    # The event comes again, and somebody else looks: nothing changes, nothing is seen.
    bucket = stack.outputs["DataBucketName"]
    body = {
        "Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": job["upload"]["fields"]["key"]}}}]
    }
    url = stack.template.resolve({"Ref": "BatchQueue"})
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))
    stranger = new_user()
    assert stranger.http.get(f"/models/homes/batch/{job['id']}").status_code == 404
    assert stranger.http.post("/models/homes/batch", json={}).status_code == 404
    listed = owner.get("/models/homes/batch")["items"]
    assert [(item["id"], item["finished_at"]) for item in listed] == [(job["id"], done["finished_at"])]


def test_a_file_without_the_columns_of_the_model_fails_with_all_of_them_named(owner: User) -> None:
    done = _finished(owner, _order(owner, b"age,other\n1,2\n"))
    assert (done["status"], done["error"]["code"]) == ("FAILED", "missing_columns")
    assert "'rooms', 'kind'" in done["error"]["message"]
