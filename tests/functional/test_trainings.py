"""Orders of trainings: their options, limits, queue and cancellation, called as API Gateway calls them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api import stack
from csv_analyzer import jobs
from csv_analyzer.admission import Limits
from csv_analyzer.catalog import job_key, model_key
from csv_analyzer.dynamo import Table, update
from csv_analyzer.schemas.trainings import TrainingOptions, TrainRequest
from csv_analyzer.storage import Storage
from tests.functional.conftest import ME, YOU, Answer, Call, Context, order_key, sqs_event

KINDS = [b"flat", b"house", b"barn"]
CSV = b"rooms,age,kind,sold,price\n" + b"".join(
    b"%d,%d,%s,2024-01-%02d,%d\n" % (i % 7, i % 31, KINDS[i % 3], 1 + i % 28, 1000 * (i % 7) + i)
    for i in range(60)
)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give every user other limits: ``limited(max_datasets=1)``."""

    def change(**limits: int) -> None:
        changed = replace(Limits(0, 0, 0, 0), **limits)
        monkeypatch.setattr(stack.admission, "limits", changed)
        from analyze import app

        monkeypatch.setattr(app.analyzer.admission, "limits", changed)

    return change


@pytest.fixture
def train(api: Call, upload: Callable[..., str]) -> Callable[..., Answer]:
    """Order a training on a dataset, or on a new one."""

    def order(dataset_id: str = "", owner: str = ME, **body: Any) -> Answer:
        path = {"dataset_id": dataset_id or upload(CSV, owner=owner)}
        return api("api-post-dataset-train", path=path, body={"target": "price", **body}, owner=owner)

    return order


def _faults(answer: Answer) -> dict[str, str]:
    assert answer.status == 422, answer.body
    return {fault["location"]: fault["code"] for fault in answer.body["errors"]}


def test_a_job_shows_what_was_ordered(train: Callable[..., Answer], storage: Storage) -> None:
    asked = {
        "target": "kind",
        "task": "classification",
        "metric": "f1_macro",
        "budget_seconds": 30,
        "exclude": ["age"],
        "keep": ["rooms"],
        "class_weights": {"flat": 2.5, "barn": 1},
        "group": "rooms",
        "compact": True,
        "recall": False,
        "reasons": False,
        "seed": 7,
        "model": "kinds",
    }
    answer = train(**asked)
    assert answer.status == 202
    expected = {name: value for name, value in asked.items() if name not in {"target", "model"}}
    assert answer.body["options"] == {**expected, "time": None, "recipe": None}
    order = storage.get_json(order_key(ME, answer.body["dataset_id"], answer.body["id"]), 10_000)
    assert order.items() >= expected.items()


def test_options_that_are_left_out_are_filled_in(train: Callable[..., Answer]) -> None:
    options = train().body["options"]
    assert options == {**TrainingOptions().model_dump(), "budget_seconds": 60}


def test_every_fault_of_an_order_is_named(train: Callable[..., Answer]) -> None:
    answer = train(
        target="kind",
        exclude=["no", "kind"],
        keep=["nor"],
        group="kind",
        time="when",
        metric="rmse",
        class_weights={"castle": 1},
    )
    assert answer.status == 422
    assert [(fault["location"], fault["code"]) for fault in answer.body["errors"]] == [
        ("body.exclude.0", "unknown_column"),
        ("body.keep.0", "unknown_column"),
        ("body.time", "unknown_column"),
        ("body.exclude", "target_excluded"),
        ("body.group", "target_splits"),
        ("body.time", "group_and_time"),
        ("body.metric", "unknown_metric"),
        ("body.class_weights.castle", "unknown_label"),
    ]
    assert "rooms, age, kind, sold, price" in answer.body["detail"]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"metric": "log_loss"}, {"body.metric": "unknown_metric"}),
        ({"metric": "speed"}, {"body.metric": "literal_error"}),
        ({"target": "kind", "metric": "r2"}, {"body.metric": "unknown_metric"}),
        ({"task": "classification", "metric": "r2"}, {"body.metric": "unknown_metric"}),
        ({"class_weights": "balanced"}, {"body.class_weights": "class_weights_regression"}),
        ({"class_weights": "even"}, {"body.class_weights.balanced": "literal_error"}),
        (
            {"target": "kind", "class_weights": {"flat": 0}},
            {"body.class_weights.by_label.flat": "greater_than"},
        ),
        ({"target": "kind", "class_weights": {}}, {"body.class_weights.by_label": "too_short"}),
        ({"target": "sold"}, {"body.target": "target_is_date"}),
        ({"time": "kind"}, {"body.time": "time_not_ordered"}),
        ({"group": "rooms", "time": "sold"}, {"body.time": "group_and_time"}),
        ({"exclude": ["age"], "keep": ["rooms", "age"]}, {"body.keep.1": "excluded_and_kept"}),
        ({"recipe": 1}, {"body.recipe": "unknown_recipe"}),
        ({"recipe": 0}, {"body.recipe": "greater_than_equal"}),
        ({"seed": -1, "recall": "yes"}, {"body.seed": "greater_than_equal", "body.recall": "bool_type"}),
    ],
)
def test_an_option_that_can_not_work_is_refused(
    train: Callable[..., Answer], body: dict[str, Any], faults: dict[str, str]
) -> None:
    assert _faults(train(**body)) == faults


@pytest.mark.parametrize(
    "body", [{"time": "sold", "metric": "mae"}, {"target": "kind", "class_weights": {"flat": 2, "house": 3}}]
)
def test_an_option_that_works_is_taken(train: Callable[..., Answer], body: dict[str, Any]) -> None:
    assert train(**body).status == 202


def test_a_model_keeps_its_target(
    train: Callable[..., Answer], upload: Callable[..., str], template: Any
) -> None:
    table = Table(template.tables["Catalog"].name)
    table.write(update(model_key(ME, "houses"), assign={"target": "rooms", "latest": 1}))
    answer = train()
    assert (answer.status, answer.body["code"]) == (409, "conflict")
    assert "predicts 'rooms'" in answer.body["detail"]
    assert train(model="others").status == 202


def test_trainings_over_a_limit_are_told_when_to_come_back(
    api: Call, train: Callable[..., Answer], limited: Callable[..., None]
) -> None:
    limited(max_running_trainings=1)
    first = train()
    answer = train(first.body["dataset_id"])
    assert (answer.status, answer.body["code"]) == (429, "limit_reached")
    assert 0 < answer.body["retry_after"] <= 61
    assert answer.headers["Retry-After"] == str(answer.body["retry_after"])
    # Nobody else is concerned, and a training that is over makes room.
    assert train(owner=YOU).status == 202
    assert api("api-delete-job", path={"job_id": first.body["id"]}).status == 202
    assert train(first.body["dataset_id"]).status == 202


def test_an_order_that_is_refused_leaves_no_job(
    api: Call, train: Callable[..., Answer], limited: Callable[..., None]
) -> None:
    limited(max_trainings_per_day=1)
    dataset_id = train().body["dataset_id"]
    assert train(dataset_id).status == 429
    assert len(api("api-get-jobs").body["items"]) == 1


def test_an_order_that_was_never_written_is_no_job(
    api: Call, train: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, template: Any
) -> None:
    dataset_id = train().body["dataset_id"]

    class Killed(BaseException):
        """Stands for the end of the process."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_json", killed)
        with pytest.raises(Killed):
            stack.training_plane.order(ME, dataset_id, TrainRequest(target="price"))
    entered, _ = api("api-get-jobs").body["items"]
    assert entered["status"] == "QUEUED"
    table = Table(template.tables["Catalog"].name)
    table.write(update(job_key(ME, entered["id"]), assign={"expires_at": 1}))
    assert len(api("api-get-jobs").body["items"]) == 1
    assert api("api-get-job", path={"job_id": entered["id"]}).status == 404
    assert api("api-get-limits", groups="admin").body["running_trainings"]["used"] == 1


def test_jobs_are_listed_newest_first_with_their_place_in_the_queue(
    api: Call, train: Callable[..., Answer], limited: Callable[..., None]
) -> None:
    limited()
    first = train(owner=YOU)
    mine = [train().body for _ in range(2)]
    assert (first.body["queue_position"], [job["queue_position"] for job in mine]) == (1, [2, 3])
    page = api("api-get-jobs", query={"limit": "1"}).body
    assert [(job["id"], job["queue_position"]) for job in page["items"]] == [(mine[1]["id"], 3)]
    rest = api("api-get-jobs", query={"limit": "5", "after": page["next"]}).body
    assert [job["id"] for job in rest["items"]] == [mine[0]["id"]]
    assert rest["next"] is None
    api("api-delete-job", path={"job_id": mine[0]["id"]})
    assert api("api-get-job", path={"job_id": mine[1]["id"]}).body["queue_position"] == 2
    assert api("api-get-job", path={"job_id": mine[0]["id"]}).body["queue_position"] is None


def test_a_job_that_waits_is_cancelled_once(
    api: Call, train: Callable[..., Answer], context: Context
) -> None:
    from train import app

    job = train().body
    path = {"job_id": job["id"]}
    assert api("api-delete-job", path=path, owner=YOU).status == 404
    assert api("api-delete-job", path=path, groups="viewer").status == 403
    answer = api("api-delete-job", path=path)
    assert (answer.status, answer.body["status"]) == (202, "CANCELLED")
    again = api("api-delete-job", path=path)
    assert (again.status, again.body["code"]) == (409, "conflict")
    # Its order comes all the same, twice.
    for attempt in (1, 2):
        key = order_key(ME, job["dataset_id"], job["id"])
        app.handler(sqs_event(key, attempt=attempt, template="sqs-s3-training"), context)
    shown = api("api-get-job", path=path).body
    assert (shown["status"], shown["started_at"], shown["version"]) == ("CANCELLED", None, None)


def test_an_admin_sees_limits_and_what_is_used(
    api: Call, train: Callable[..., Answer], limited: Callable[..., None]
) -> None:
    limited(max_running_trainings=3, max_trainings_per_day=50, max_stored_bytes=10**9)
    train()
    api("api-post-datasets", body={"file_name": "a.csv", "size_bytes": 1000})
    assert api("api-get-limits", groups="editor").status == 403
    assert api("api-get-limits", groups="admin").body == {
        "running_trainings": {"limit": 3, "used": 1},
        "trainings_per_day": {"limit": 50, "used": 1},
        "datasets": {"limit": None, "used": 2},
        "stored_bytes": {"limit": 10**9, "used": len(CSV) + 1000},
        "max_upload_bytes": stack.settings.max_upload_bytes,
    }


def test_a_dropped_file_over_a_limit_is_refused_and_its_training_too(
    api: Call, storage: Storage, context: Context, limited: Callable[..., None]
) -> None:
    from analyze import app

    def drop(name: str) -> Any:
        key = f"drop/{ME}/target=price/{name}.csv"
        storage.put(key, CSV, "text/csv")
        for attempt in (1, 2):
            app.handler(sqs_event(key, attempt=attempt, template="sqs-s3-drop"), context)
        items = api("api-get-datasets").body["items"]
        (dataset,) = [item for item in items if item["file_name"] == f"{name}.csv"]
        return dataset

    limited(max_running_trainings=1, max_stored_bytes=2 * len(CSV))
    assert api("api-get-job", path={"job_id": drop("a")["job_id"]}).body["status"] == "QUEUED"
    second = drop("b")
    assert second["status"] == "READY"
    job = api("api-get-job", path={"job_id": second["job_id"]}).body
    assert (job["status"], job["error"]["code"]) == ("FAILED", "limit_reached")
    assert job["finished_at"]
    third = drop("c")
    assert (third["status"], third["error"]["code"]) == ("FAILED", "limit_reached")
    assert third["job_id"] is None
    # What was refused takes no room.
    limits = api("api-get-limits", groups="admin").body
    assert limits["stored_bytes"]["used"] == 2 * len(CSV)
    assert (limits["datasets"]["used"], limits["trainings_per_day"]["used"]) == (2, 1)


def test_a_job_without_a_worker_in_four_days_has_no_place_in_the_queue(
    api: Call, train: Callable[..., Answer], template: Any
) -> None:
    old, new = train().body, train(owner=YOU).body
    table = Table(template.tables["Catalog"].name)
    table.write(update(job_key(ME, old["id"]), assign={"created_at": "2025-01-01T00:00:00.000Z"}))
    assert api("api-get-job", path={"job_id": new["id"]}, owner=YOU).body["queue_position"] == 1


def test_the_queue_keeps_an_order_as_long_as_a_job_counts(template: Any) -> None:
    assert int(template.properties("TrainQueue")["MessageRetentionPeriod"]) == jobs.LIFE_SECONDS
