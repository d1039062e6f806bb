"""Everything that one owner can have, made without an engine; and what is left of it."""

import hashlib
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

import automl
from csv_analyzer import erasures, jobs, keys, registry, stages
from csv_analyzer.catalog import Catalog, batch_key, dataset_key, job_key, recipe_key
from csv_analyzer.dynamo import Table, put_new
from csv_analyzer.ids import new_id, now
from csv_analyzer.leases import Leases
from csv_analyzer.outcomes import Sent, count_once
from csv_analyzer.quality import Confusion
from csv_analyzer.records import (
    Batch,
    BatchStatus,
    Dataset,
    DatasetStatus,
    Job,
    JobStatus,
    Recipe,
    RecipeStatus,
    Version,
)
from csv_analyzer.storage import Storage
from tests.unit.scoring.batch_samples import packed

SECRET = "patients"
REPORT = {
    "parameters": {"seed": 0},
    "rows": 3,
    "data": {"sha256": "0"},
    "metrics": {"holdout": {"accuracy": 0.9}},
    "leaderboard": [],
    "holdout_id": "0",
    "split": {"kind": "random"},
    "column": SECRET,
}


WRITES = {
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactWriteItems",
    "DeleteObjects",
    "AbortMultipartUpload",
}


# Attributes that differ from one time to the next.
VARYING = {
    "created_at",
    "erased_at",
    "finished_at",
    "started_at",
    "changed_at",
    "version_id",
    "actor",
    "worker",
    "expires_at",
}


class Clock:
    """A clock that a test moves on: it begins when the leases of the API have ended."""

    def __init__(self) -> None:
        self.now = time.time() + 60

    def __call__(self) -> float:
        return self.now

    def pass_by(self) -> None:
        self.now += erasures.SWEEP_SECONDS + 1


class KilledError(BaseException):
    """Stands for the end of the process: no handler of ours sees it."""


@dataclass
class World:
    """One owner's things: `dataset` with its models, and `other`, which must stay as it is.

    ``houses`` has two versions of `dataset`; ``mixed`` one of `other`, then one of `dataset` that is in
    production; ``flats`` one of `other`.
    """

    table: Table
    storage: Storage
    owner: str
    dataset: str = ""
    other: str = ""
    jobs: list[Job] = field(default_factory=list)

    def fill(self) -> "World":
        """Make everything."""
        self.dataset = self.add_dataset(f"uploads/{self.owner}/{{id}}/{SECRET}.csv")
        self.other = self.add_dataset(f"uploads/{self.owner}/{{id}}/other.csv")
        for dataset, model, version in (
            (self.dataset, "houses", 1),
            (self.dataset, "houses", 2),
            (self.other, "mixed", 1),
            (self.dataset, "mixed", 2),
            (self.other, "flats", 1),
        ):
            self.train(dataset, model)
            self.add_batch(model, version)
            self.observe(model, version)
            self.add_outcomes(model, version)
        catalog = Catalog(self.table)
        stages.promote(catalog, self.owner, "mixed", 2, actor=f"user:{self.owner}", force=True, reason="r")
        return self

    def add_dataset(self, key: str, dataset_id: str = "") -> str:
        """Enter a dataset with its file, which was written twice, its profile and a recipe."""
        dataset_id = dataset_id or new_id()
        key = key.format(id=dataset_id)
        self.storage.put(key, b"name,age\nold,1\n", "text/csv")
        self.storage.put(key, b"name,age\nnew,2\n", "text/csv")
        info = self.storage.head(key)
        assert info
        dataset = Dataset(
            owner=self.owner,
            created_at=now(),
            id=dataset_id,
            file_name=key.rpartition("/")[2],
            status=DatasetStatus.READY,
            key=key,
            version_id=info.version_id,
            size=info.size,
            recipes=1,
        )
        recipe = Recipe(self.owner, now(), dataset_id, 1, RecipeStatus.READY, target=SECRET)
        self.table.write(
            put_new(dataset_key(self.owner, dataset_id), dataset.to_item()),
            put_new(recipe_key(self.owner, dataset_id, 1), recipe.to_item()),
        )
        profile, preview = _findings()
        for recipe_version in (0, 1):
            self.storage.put_json(keys.profile(self.owner, dataset_id, recipe_version), profile)
            self.storage.put_json(keys.preview(self.owner, dataset_id, recipe_version), preview)
        order = {"dataset_id": dataset_id, "version": 1, "created_at": now(), "target": SECRET}
        order |= {"steps": [], "sentences": []}
        self.storage.put_json(keys.recipe(self.owner, dataset_id, 1), order)
        return dataset_id

    def order(self, dataset_id: str, model: str) -> Job:
        """Order a training."""
        job = Job(
            owner=self.owner,
            created_at=now(),
            id=new_id(),
            dataset_id=dataset_id,
            model=model,
            status=JobStatus.QUEUED,
            target=SECRET,
        )
        self.table.write(put_new(job_key(self.owner, job.id), job.to_item()))
        self.storage.put_json(keys.training(self.owner, dataset_id, job.id), {"target": SECRET})
        self.jobs.append(job)
        return job

    def train(self, dataset_id: str, model: str, before_publishing: Callable[[], Any] = lambda: None) -> Job:
        """Order a training and carry it out as a worker does."""
        job = self.order(dataset_id, model)
        with Leases(self.table).hold(f"train {self.owner}/{job.id}", 60) as lease:
            assert lease
            jobs.start(self.table, lease, job)
            number = registry.reserve_version(self.table, job)
            for name, content in _files().items():
                self.storage.put(keys.model(self.owner, model, number, name), content, "x/y")
            before_publishing()
            registry.publish(self.table, lease, job, self._version(job, number))
        return job

    def _version(self, job: Job, number: int) -> Version:
        return Version(
            owner=self.owner,
            created_at=now(),
            model=job.model,
            version=number,
            dataset_id=job.dataset_id,
            job_id=job.id,
            task="classification",
            target=SECRET,
            metric="accuracy",
            npz_sha256=hashlib.sha256(_files()["model.npz"]).hexdigest(),
            manifest_sha256=hashlib.sha256(_files()["manifest.json"]).hexdigest(),
            exports={"archive": {"bytes": 8, "sha256": "0"}},
            metrics={"holdout": {"accuracy": 0.9}, "baseline": {"accuracy": 0.5}},
            leaderboard=[{"model": SECRET}],
        )

    def add_batch(self, model: str, version: int) -> str:
        """Enter a batch job with its file, its results and the parts of an unfinished one."""
        batch = Batch(
            owner=self.owner,
            created_at=now(),
            id=new_id(),
            model=model,
            version=version,
            status=BatchStatus.SUCCEEDED,
            file_name=f"{SECRET}.csv",
        )
        self.table.write(put_new(batch_key(self.owner, model, batch.id), batch.to_item()))
        self.storage.put(keys.batch(self.owner, model, batch.id), b"rows", "text/csv")
        self.storage.put(keys.result(self.owner, model, batch.id, keys.ERRORS_FILE), b"rows", "text/csv")
        boto3.client("s3").create_multipart_upload(
            Bucket=self.storage.bucket,
            Key=keys.result(self.owner, model, batch.id, keys.PREDICTIONS_FILE),
        )
        return batch.id

    def observe(self, model: str, version: int) -> None:
        """Store what predict and drift write."""
        place = f"{self.owner}/{model}/{version}"
        self.storage.put_json(f"observations/{place}/2026-01-01/{new_id()}.json", {"column": SECRET})
        self.storage.put_json(f"drift/{place}.json", {"manifest_sha256": "", "column": SECRET})

    def add_outcomes(self, model: str, version: int) -> None:
        """Count what came true of a version's predictions."""
        catalog = Catalog(self.table)
        counts = Confusion.of(["no", "yes"], [("no", "yes")]).to_json()
        count_once(
            catalog,
            catalog.version(self.owner, model, version),
            Sent(f"{SECRET}-{version}", 1, "0"),
            lambda _: counts,
            datetime.now(UTC),
        )

    def objects(self) -> set[tuple[str, str]]:
        """Key and version of all objects of the owner; markers of deletions and uploads in progress too."""
        client = boto3.client("s3")
        found = {
            (item["Key"], item["VersionId"])
            for page in client.get_paginator("list_object_versions").paginate(Bucket=self.storage.bucket)
            for kind in ("Versions", "DeleteMarkers")
            for item in page.get(kind, [])
        }
        uploads = client.list_multipart_uploads(Bucket=self.storage.bucket).get("Uploads", [])
        found |= {(upload["Key"], upload["UploadId"]) for upload in uploads}
        return {item for item in found if f"/{self.owner}/" in item[0]}

    def items(self) -> dict[str, dict[str, Any]]:
        """All items of the owner by sort key."""
        found = boto3.client("dynamodb").query(
            TableName=self.table.name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"OWNER#{self.owner}"}},
        )
        return {item["sk"]["S"]: dict(item) for item in found["Items"]}

    def items_of_kind(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """Items whose sort key begins with one of the kinds."""
        return {key: item for key, item in self.items().items() if key.startswith(kinds)}

    def with_owner(self, owner: str) -> "World":
        """The same stack for another owner."""
        return replace(self, owner=owner, jobs=[])


@cache
def _files() -> dict[str, bytes]:
    """A model that answers, and what is stored beside it."""
    npz, manifest = packed()
    return {
        "model.npz": npz,
        "manifest.json": manifest,
        keys.REPORT: json.dumps(REPORT).encode(),
        keys.CARD: SECRET.encode(),
        keys.EXPORT_FILES["archive"]: SECRET.encode(),
    }


@cache
def _findings() -> tuple[Any, Any]:
    """What the analysis of a small file found."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_bytes(b"age,%s\n" % SECRET.encode() + b"".join(b"%d,%d\n" % (i, i % 3) for i in range(40)))
        table = automl.read_csv(path)
    return automl.profile(table), automl.preview(table)


def state_of(world: World) -> Any:
    """What is left of a world, in words that are the same for all worlds."""
    names = {world.dataset: "d", world.other: "o", world.owner: "me"}
    names |= {job.id: f"job{i}" for i, job in enumerate(world.jobs)}
    kinds = (
        "DATASET#",
        "RECIPE#",
        "JOB#",
        "MODEL#",
        "VERSION#",
        "HISTORY#",
        "ERASED#",
        "OUTCOMES#",
        "QUALITY#",
    )
    items = world.items_of_kind(*kinds)
    objects = Counter("/".join(key.split("/")[:3]) for key, _ in world.objects())
    told = [
        [items[key] | dict.fromkeys(items[key].keys() & VARYING) for key in items],
        [f"{count} {place}" for place, count in objects.items()],
    ]
    text = json.dumps(told)
    for name, short in names.items():
        text = text.replace(name, short)
    left, places = json.loads(text)
    return sorted(left, key=lambda item: str(item["sk"])), sorted(places)


class KilledAfter:
    """Ends the process after so many writes; what is written afterwards goes through."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._patch = pytest.MonkeyPatch()
        self.kills: list[str] = []

    def __enter__(self) -> list[str]:
        call: Callable[..., Any] = BaseClient._make_api_call

        def counted(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            answer = call(client, operation, request)
            if operation in WRITES:
                self._left -= 1
                if self._left == 0:
                    self.kills.append(operation)
                    raise KilledError
            return answer

        self._patch.setattr(BaseClient, "_make_api_call", counted)
        return self.kills

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
