"""The path of drift: predictions are counted, the schedule folds them, the report is shown."""

from collections.abc import Callable

import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import User

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

TRAINING = b"rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%d\n"
    % (i % 7, i % 31, [b"flat", b"house"][i % 2], 1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2))
    for i in range(217)
)


def test_rows_that_moved_are_told_after_the_next_run(stack: LocalStack, new_user: Callable[[], User]) -> None:
    user, stranger = new_user(), new_user()
    dataset = user.dataset(user.upload(TRAINING, "cottages.csv"))
    assert user.job(user.train(dataset["id"], "price"))["status"] == "SUCCEEDED"
    assert user.get("/models/cottages/drift")["status"] == "too_few"
    usual = [{"rooms": i % 7, "age": i % 31, "kind": ["flat", "house"][i % 2]} for i in range(217)]
    assert (
        user.predict("cottages", *[{**row, "rooms": 6, "kind": "barn"} for row in usual]).status_code == 200
    )

    stack.run_schedule("DriftFunction")
    stack.run_schedule("DriftFunction")

    report = user.get("/models/cottages/drift")
    assert report["status"] == "drifted", report
    window = report["windows"][0]
    assert window["rows"] == len(usual)
    statuses = {feature["feature"]: feature["status"] for feature in window["features"]}
    assert statuses == {"rooms": "drifted", "kind": "drifted", "age": "ok"}
    assert stranger.http.get("/models/cottages/drift").status_code == 404
