"""Erasure: what is erased is gone at once, for good and alone, whatever is running or killed meanwhile."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import boto3
import pytest

from csv_analyzer import batches, keys
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.errors import DependencyError, ErasedError
from csv_analyzer.records import JobStatus, Phase
from csv_analyzer.storage import Storage
from erase import service
from erase.service import Eraser
from tests.functional.batch_jobs import BatchJobs
from tests.functional.conftest import ME, YOU, Answer, Call, Context, sqs_event
from tests.functional.erasure_world import (
    SECRET,
    Clock,
    KilledAfter,
    KilledError,
    World,
    state_of,
)
from tests.unit.scoring.batch_samples import FILE


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(aws: Any) -> Table:
    return Table(aws.tables["Catalog"].name)


@pytest.fixture
def eraser(table: Table, storage: Storage, clock: Clock) -> Eraser:
    return Eraser(Catalog(table), storage, with_mlflow=False, clock=clock)


@pytest.fixture
def batch_jobs(api: Call, storage: Storage, table: Table, aws: Any) -> BatchJobs:
    return BatchJobs(api, storage, table, aws.resolve({"Ref": "BatchQueue"}))


@pytest.fixture
def world(table: Table, storage: Storage) -> World:
    return World(table, storage, ME).fill()


@pytest.fixture
def stranger(world: World) -> World:
    return world.with_owner(YOU).fill()


def _erase_dataset(api: Call, world: World, **changes: Any) -> Answer:
    path = {"dataset_id": world.dataset}
    return api("api-delete-dataset", path=path, owner=world.owner, **changes)


def _erase_model(api: Call, name: str, owner: str = ME, **changes: Any) -> Answer:
    return api("api-delete-model", path={"name": name}, owner=owner, **changes)


def _finish(eraser: Eraser, clock: Clock) -> None:
    for _ in range(3):
        eraser.run(lambda: 120)
        clock.pass_by()


def _receipts(api: Call, owner: str = ME) -> Any:
    return api("api-get-erasures", owner=owner).body["items"]


def test_a_dataset_goes_with_all_that_was_made_of_it_and_nothing_else(
    api: Call, world: World, stranger: World, eraser: Eraser, clock: Clock
) -> None:
    before, theirs = (world.objects(), world.items()), (stranger.objects(), stranger.items())

    answer = _erase_dataset(api, world)
    assert answer.status == 200, answer.text
    assert (answer.body["status"], answer.body["kind"]) == ("PENDING", "dataset")
    assert (answer.body["name_or_id"], answer.body["versions"]) == (world.dataset, 3)
    _finish(eraser, clock)

    (receipt,) = _receipts(api)
    assert (receipt["status"], receipt["mlflow"]) == ("COMPLETE", "none")
    gone = before[0] - world.objects()
    assert world.objects() <= before[0]
    assert not [key for key, _ in world.objects() if world.dataset in key]
    assert {key.split("/")[0] for key, _ in gone} == {
        *("uploads", "profiles", "recipes", "training"),
        *("models", "batch", "results", "observations", "drift"),
    }
    for key, _ in before[0] - gone:
        kept = ("/flats/", "/mixed/1", world.other)
        results = key.startswith(("batch/", "results/")) and "/mixed/" in key
        assert results or any(part in key for part in kept), key
    assert len([key for key, _ in world.objects() if key.startswith("batch/")]) == 2
    uploads = [version for _, version in gone if not version]
    assert receipt["objects"] == len(gone) - len(uploads) - 3  # three uploads in progress
    assert receipt["bytes"] > 0

    left = world.items()
    assert left.keys() - before[1].keys() == {f"ERASURE#{receipt['id']}"} | {
        key for key in left if key.startswith("HISTORY#") and key not in before[1]
    }
    lost = before[1].keys() - left.keys()
    assert {key.split("#")[0] for key in lost} == {
        "DATASET",
        "RECIPE",
        "VERSION",
        "BATCH",
        "OUTCOMES",
        "QUALITY",
    }
    assert receipt["items"] == len(lost) == 1 + 1 + 3 + 3 + 3 + 3
    changed = {key for key in left if key in before[1] and left[key] != before[1][key]}
    mine = {f"JOB#{job.id}" for job in world.jobs if job.dataset_id == world.dataset}
    assert changed == {"MODEL#houses", "MODEL#mixed", "VERSION#mixed#000001", *mine}
    assert SECRET not in json.dumps(
        [left[key] for key in [*mine, "MODEL#houses", f"ERASURE#{receipt['id']}"]]
    )
    assert (stranger.objects(), stranger.items()) == theirs


def test_production_falls_back_along_the_lineage_and_a_model_without_versions_goes(
    api: Call, world: World
) -> None:
    _erase_dataset(api, world)
    assert api("api-get-model", path={"name": "houses"}).status == 404
    mixed = api("api-get-model", path={"name": "mixed"}).body
    assert mixed["production_version"] == 1
    assert [(v["version"], v["stage"]) for v in mixed["versions"]] == [(1, "production")]
    catalog = Catalog(world.table)
    (newest, *_), _more = catalog.history(ME, "mixed", 10, None)
    assert (newest.action, newest.version, newest.production) == ("erased", 2, 1)
    assert (newest.actor, newest.from_stage) == (f"user:{ME}", "production")
    houses, _more = catalog.history(ME, "houses", 10, None)
    assert [change.action for change in houses] == ["erased", "erased", "published", "published"]
    assert [change.revision for change in houses] == [4, 3, 2, 1]


def test_a_model_goes_with_its_versions_and_its_dataset_stays(
    api: Call, world: World, stranger: World, eraser: Eraser, clock: Clock, predict: Call
) -> None:
    before, theirs = (world.objects(), world.items()), (stranger.objects(), stranger.items())
    answer = _erase_model(api, "houses")
    assert answer.status == 200, answer.text
    assert (answer.body["kind"], answer.body["name_or_id"]) == ("model", "houses")
    for name, call in (
        ("api-get-model", api),
        ("api-get-model-schema", api),
        ("api-get-model-export", api),
        ("api-get-model-batches", api),
        ("api-delete-model", api),
    ):
        assert call(name, path={"name": "houses"}, groups="admin").status == 404, name
    assert api("api-post-model-batch", path={"name": "houses"}, body={}).status == 404
    assert api("api-post-model-outcomes", path={"name": "houses"}).status == 404
    assert predict("predict-post-predict", path={"name": "houses"}, body={"instances": [{}]}).status == 404

    _finish(eraser, clock)
    (receipt,) = _receipts(api)
    assert (receipt["status"], receipt["versions"], receipt["items"]) == ("COMPLETE", 2, 8)
    left, objects = world.items(), world.objects()
    assert not [key for key, _ in objects if "/houses/" in key]
    assert before[0] - objects == {item for item in before[0] if "/houses/" in item[0]}
    assert {key for key in left if "houses" in key and not key.startswith("HISTORY#")} == {"MODEL#houses"}
    assert api("api-get-dataset", path={"dataset_id": world.dataset}).body["status"] == "READY"
    assert (stranger.objects(), stranger.items()) == theirs


def test_numbers_go_on_where_a_name_comes_again_before_the_old_model_is_deleted(
    api: Call, world: World, eraser: Eraser, clock: Clock
) -> None:
    _erase_model(api, "houses")
    world.train(world.other, "houses")
    batch = world.add_batch("houses", 3)
    world.observe("houses", 3)
    new = {item for item in world.objects() if "/houses/3" in item[0] or batch in item[0]}
    _finish(eraser, clock)
    model = api("api-get-model", path={"name": "houses"}).body
    assert [(v["version"], v["stage"]) for v in model["versions"]] == [(3, "production")]
    assert {item for item in world.objects() if "/houses/" in item[0]} == new
    assert api("api-get-model-batch", path={"name": "houses", "batch_id": batch}).status == 200


def test_of_two_that_erase_at_once_one_gets_the_receipt_and_the_other_a_404(api: Call, world: World) -> None:
    """The second comes between what the first read and what it writes."""
    write, second = Table.write, []

    def interrupted(table: Table, *operations: Any) -> None:
        if not second:
            second.append(None)
            second[0] = _erase_dataset(api, world)
        write(table, *operations)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "write", interrupted)
        first = _erase_dataset(api, world)
    assert (second[0].status, first.status) == (200, 404)
    assert len(_receipts(api)) == 1
    assert _erase_dataset(api, world).status == 404


@pytest.mark.slow
@pytest.mark.parametrize("writes", [2, 3])
@pytest.mark.parametrize("kind", ["dataset", "model"])
@pytest.mark.long
def test_an_erasure_killed_after_each_of_its_writes_ends_the_same(
    api: Call, world: World, eraser: Eraser, clock: Clock, kind: str, writes: int
) -> None:
    """The first write of a run takes the lease; with two, no run does more than one step."""
    victim = world.with_owner("victim").fill()
    erase = partial(_erase_dataset, api) if kind == "dataset" else partial(_erase_named, api, "mixed")
    erase(world)
    _finish(eraser, clock)
    with KilledAfter(1) as kills, suppress(KilledError, UserWarning):
        erase(victim)
    runs = 0
    while any(receipt["status"] == "PENDING" for receipt in _receipts(api, "victim")):
        runs += 1
        with KilledAfter(writes) as more, suppress(KilledError, UserWarning):
            eraser.run(lambda: 120)
        kills += more
        clock.pass_by()
        assert runs < 200
    assert len(kills) > 5
    assert state_of(victim) == state_of(world)


def _erase_named(api: Call, name: str, world: World) -> Answer:
    return _erase_model(api, name, world.owner)


@pytest.mark.parametrize("kind", ["dataset", "model"])
@pytest.mark.parametrize("swept", [False, True])
def test_a_worker_that_publishes_after_the_erasure_leaves_nothing(
    api: Call, world: World, eraser: Eraser, clock: Clock, kind: str, swept: bool
) -> None:
    def erase() -> None:
        if kind == "dataset":
            _erase_dataset(api, world)
        else:
            _erase_model(api, "houses")
        if swept:
            eraser.run(lambda: 120)

    with pytest.raises((ErasedError, Exception)) as raised:
        world.train(world.dataset, "houses", before_publishing=erase)
    assert type(raised.value).__name__ in {"ErasedError", "ConditionFailedError"}
    assert [key for key, _ in world.objects() if key.startswith(f"models/{ME}/houses/3/")] or swept
    _finish(eraser, clock)
    assert not [key for key, _ in world.objects() if key.startswith(f"models/{ME}/houses/")]
    assert not world.items_of_kind("VERSION#houses#")
    assert api("api-get-model", path={"name": "houses"}).status == 404
    job = api("api-get-job", path={"job_id": world.jobs[-1].id}).body
    assert (job["status"], job["target"], job["leaderboard"]) == ("CANCELLED", "", [])
    (receipt,) = _receipts(api)
    assert receipt["status"] == "COMPLETE"


def test_an_order_that_waits_in_the_queue_is_not_carried_out(
    api: Call, world: World, context: Context, eraser: Eraser
) -> None:
    from train import app as train_app

    job = world.order(world.dataset, "houses")
    _erase_model(api, "houses")
    event = sqs_event(keys.training(ME, world.dataset, job.id), template="sqs-s3-training")
    before = world.items()
    assert train_app.handler(event, context) == {"batchItemFailures": []}
    assert world.items() == before
    assert Catalog(world.table).job(ME, job.id).status == JobStatus.CANCELLED
    assert api("api-get-model", path={"name": "houses"}).status == 404


def test_an_analysis_that_ends_after_the_erasure_brings_nothing_back(
    api: Call, storage: Storage, context: Context, eraser: Eraser, clock: Clock, table: Table
) -> None:
    from analyze import app as analyze_app

    created = api("api-post-datasets", body={"file_name": f"{SECRET}.csv"})
    key = created.body["upload"]["fields"]["key"]
    world = World(table, storage, ME, dataset=created.body["id"])
    storage.put(key, b"a,b\n" + b"1,2\n" * 50, "text/csv")
    put_json, erased = Storage.put_json, []

    def erase_first(storage: Storage, key: str, value: object) -> None:
        if key.startswith("profiles/") and not erased:
            erased.append(_erase_dataset(api, world).status)
            eraser.run(lambda: 120)
        put_json(storage, key, value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Storage, "put_json", erase_first)
        assert analyze_app.handler(sqs_event(key), context) == {"batchItemFailures": []}
    assert erased == [200]
    assert [kept for kept, _ in world.objects()]
    # The event comes again, and a form that was signed before is posted after.
    storage.put(key, b"a,b\n1,2\n", "text/csv")
    assert analyze_app.handler(sqs_event(key), context) == {"batchItemFailures": []}
    assert api("api-get-datasets").body["items"] == []
    _finish(eraser, clock)
    assert not world.objects()
    assert {key.split("#")[0] for key in world.items()} <= {"ERASURE", "ADMISSION"}
    assert SECRET not in json.dumps(boto3.client("dynamodb").scan(TableName=table.name)["Items"])


def test_a_batch_job_that_runs_meanwhile_ends_without_files(
    api: Call, batch_jobs: BatchJobs, eraser: Eraser, clock: Clock
) -> None:
    batch_jobs.publish()
    world = World(batch_jobs.table, batch_jobs.storage, ME)
    late = batch_jobs.order()
    key = batch_jobs.upload(batch_jobs.order(), FILE.encode())
    succeeded = batches.succeeded

    def erase_first(*arguments: Any) -> None:
        assert _erase_model(api, "houses").status == 200
        eraser.run(lambda: 120)
        succeeded(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "succeeded", erase_first)
        with pytest.raises(Exception, match="ConditionFailedError"):
            batch_jobs.work(key)
    assert batch_jobs.work(key, attempt=2) == {"batchItemFailures": []}
    # A form that was signed before is posted after.
    assert batch_jobs.work(batch_jobs.upload(late, FILE.encode())) == {"batchItemFailures": []}
    _finish(eraser, clock)
    assert not world.objects()
    assert not world.items_of_kind("BATCH#", "VERSION#")


def test_of_a_dropped_file_the_version_of_the_dataset_goes_and_the_others_stay(
    api: Call, table: Table, storage: Storage, eraser: Eraser, clock: Clock
) -> None:
    world = World(table, storage, ME)
    key = f"drop/{ME}/target=price/{SECRET}.csv"
    world.dataset, world.other = world.add_dataset(key), world.add_dataset(key)
    catalog = Catalog(table)
    versions = [catalog.dataset(ME, dataset).version_id for dataset in (world.dataset, world.other)]
    before = {version for kept, version in world.objects() if kept == key}
    _erase_dataset(api, world)
    _finish(eraser, clock)
    assert {version for kept, version in world.objects() if kept == key} == before - {versions[0]}
    assert catalog.dataset(ME, world.other).version_id == versions[1]


def test_who_may_erase(api: Call, world: World) -> None:
    refused = _erase_dataset(api, world, groups="editor")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    assert "needs the role admin; yours is editor" in refused.body["detail"]
    assert _erase_dataset(api, world, groups="viewer").status == 403
    assert _erase_model(api, "flats", groups="editor").status == 403
    assert _receipts(api) == []
    stray = world.add_dataset(f"uploads/{ME}/{{id}}/a.csv")
    assert api("api-delete-dataset", path={"dataset_id": stray}, groups="editor").status == 200
    assert [item["kind"] for item in api("api-get-erasures", groups="viewer").body["items"]] == ["dataset"]


def test_receipts_are_listed_in_pages_and_found_by_their_owner_alone(api: Call, world: World) -> None:
    ids = [_erase_model(api, name).body["id"] for name in ("flats", "houses", "mixed")]
    first = api("api-get-erasures", query={"limit": "2"}).body
    second = api("api-get-erasures", query={"limit": "2", "after": first["next"]}).body
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert api("api-get-erasure", path={"erasure_id": ids[0]}).body["name_or_id"] == "flats"
    assert api("api-get-erasure", path={"erasure_id": ids[0]}, owner=YOU).status == 404
    assert api("api-get-erasure", path={"erasure_id": "x"}).status == 404


def test_an_erasure_without_time_goes_on_in_the_next_run(
    api: Call, world: World, eraser: Eraser, clock: Clock
) -> None:
    _erase_dataset(api, world)
    seconds: Iterator[float] = iter([120.0] * 8 + [1.0] * 1000)
    assert eraser.run(lambda: next(seconds)) == 0
    _finish(eraser, clock)
    (receipt,) = _receipts(api)
    assert receipt["status"] == "COMPLETE"
    assert not [key for key, _ in world.objects() if world.dataset in key]


def test_one_erasure_that_fails_does_not_stop_the_next(
    api: Call, world: World, eraser: Eraser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _erase_model(api, "flats")
    _erase_model(api, "houses")
    remove = service.remove_objects

    def refused(storage: Storage, prefix: str, belongs: Any) -> Any:
        if "/flats/" in prefix:
            raise DependencyError("S3 did not delete 1 object.")
        return remove(storage, prefix, belongs)

    monkeypatch.setattr(service, "remove_objects", refused)
    assert eraser.run(lambda: 120) == 1
    phases = {erasure.subject: erasure.phase for erasure in Catalog(world.table).pending_erasures()}
    assert phases == {"flats": Phase.BEGUN, "houses": Phase.CLEARED}


def test_pages_of_objects_are_deleted_one_after_the_other(
    api: Call, world: World, eraser: Eraser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csv_analyzer.removal.PAGE", 3)
    monkeypatch.setattr("csv_analyzer.clearing.AT_ONCE", 2)
    for number in range(10):
        storage_key = f"uploads/{ME}/{world.dataset}/{number}.csv"
        world.storage.put(storage_key, b"1", "text/csv")
        boto3.client("s3").delete_object(Bucket=world.storage.bucket, Key=storage_key)
    _erase_dataset(api, world)
    _finish(eraser, clock)
    assert not [key for key, _ in world.objects() if world.dataset in key]
    (receipt,) = _receipts(api)
    assert receipt["status"] == "COMPLETE"
