"""The path of drift: predictions are counted, the schedule folds them, the report is shown."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

TRAINING = b"rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%d\n"
    % (i % 7, i % 31, [b"flat", b"house"][i % 2], 1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2))
    for i in range(217)
)
ROWS = [{"rooms": i % 7, "age": i % 31, "kind": ["flat", "house"][i % 2]} for i in range(150)]


@pytest.mark.long
def test_rows_that_moved_are_told_after_the_next_run(stack: LocalStack, new_user: Callable[[], User]) -> None:
    user, stranger = new_user(), new_user()
    dataset = user.dataset(user.upload(TRAINING, "cottages.csv"))
    assert user.job(user.train(dataset["id"], "price"))["status"] == "SUCCEEDED"
    assert user.get("/models/cottages/drift")["status"] == "too_few"
    moved = [{"rooms": 6, "age": i % 31, "kind": "barn"} for i in range(217)]

    def look() -> Any:
        # The process writes its counts once a minute, and may just have written those of another test.
        assert user.predict("cottages", *moved).status_code == 200
        stack.run_schedule("DriftFunction")
        stack.run_schedule("DriftFunction")
        return user.get("/models/cottages/drift")

    window = wait(look, "drifted")["windows"][0]
    assert window["rows"] > 0
    assert window["rows"] % len(moved) == 0
    statuses = {feature["feature"]: feature["status"] for feature in window["features"]}
    assert statuses == {"rooms": "drifted", "kind": "drifted", "age": "ok"}
    assert stranger.http.get("/models/cottages/drift").status_code == 404
    _outcomes_come_back(stack, user, stranger)


def _outcomes_come_back(stack: LocalStack, user: User, stranger: User) -> None:
    """What came true is counted once, and tells that the model is worse by now."""
    told = [row["prediction"] for row in user.predict("cottages", *ROWS).json()["predictions"]]
    # Prices have risen by half since the training.
    body = {"id": "spring:1", "outcomes": [{"prediction": one, "actual": 1.5 * one + 500} for one in told]}
    for counted in (True, False):
        answer = user.http.post("/models/cottages/outcomes", json=body)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["version"], answer.json()["counted"]) == (1, counted)
    other = {**body, "outcomes": body["outcomes"][:1]}
    assert user.http.post("/models/cottages/outcomes", json=other).status_code == 409
    assert stranger.http.post("/models/cottages/outcomes", json=body).status_code == 404
    quality = user.get("/models/cottages/drift")["quality"]
    assert (quality["status"], quality["windows"][0]["outcomes"]) == ("worse", len(ROWS))
    assert quality["windows"][0]["figures"]["bias"] < -500
    stack.run_schedule("DriftFunction")
