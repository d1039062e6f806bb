"""Batch jobs without a training: a small model, and what a user does with it."""

import hashlib
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import boto3

from csv_analyzer import keys
from csv_analyzer.catalog import model_key, version_key
from csv_analyzer.dynamo import Table, put_new, update
from csv_analyzer.records import Model, Version
from csv_analyzer.storage import Storage
from tests.functional.conftest import ME, Call, Context, sqs_event
from tests.unit.scoring.batch_samples import packed


@dataclass
class BatchJobs:
    """Orders batch jobs through the API and carries them out with the real handler."""

    api: Call
    storage: Storage
    table: Table
    queue_url: str
    context: Context = field(default_factory=Context)

    def publish(self, number: int = 1, *, production: bool = True, **options: Any) -> None:
        """Store a version of the model `houses`."""
        npz, manifest = packed(**options)
        for name, content in (("model.npz", npz), ("manifest.json", manifest)):
            self.storage.put(keys.model(ME, "houses", number, name), content, "application/octet-stream")
        version = Version(
            owner=ME,
            created_at="2025-01-01T00:00:00.000Z",
            model="houses",
            version=number,
            dataset_id="0" * 24,
            job_id="0" * 24,
            task="classification",
            target="sold",
            metric="log_loss",
            npz_sha256=hashlib.sha256(npz).hexdigest(),
            manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        )
        self.table.write(put_new(version_key(ME, "houses", number), version.to_item()))
        if number == 1:
            model = Model(ME, version.created_at, "houses", latest=1, production=1, task="classification")
            self.table.write(put_new(model_key(ME, "houses"), model.to_item()))
        elif production:
            self.promote(number)

    def promote(self, number: int) -> None:
        """Put a version into production."""
        self.table.write(update(model_key(ME, "houses"), assign={"production": number}))

    def order(self, **request: Any) -> Any:
        """Order a job."""
        answer = self.api("api-post-model-batch", path={"name": "houses"}, body=request)
        assert answer.status == 201, answer.body
        return answer.body

    def upload(self, job: Any, content: bytes) -> str:
        """Upload the file as the form would, and return its key."""
        key = str(job["upload"]["fields"]["key"])
        self.storage.put(key, content, "text/csv")
        return key

    def work(self, key: str, *, seconds: float = 120, attempt: int = 1) -> Any:
        """Let the function handle one delivery of the event."""
        from batch import app

        self.context.seconds = seconds
        return app.handler(sqs_event(key, attempt=attempt, template="sqs-s3-batch"), self.context)

    def look(self, job: Any) -> Any:
        """The job as its owner sees it."""
        place = {"name": "houses", "batch_id": job["id"]}
        return self.api("api-get-model-batch", path=place).body

    def score(self, content: bytes, **request: Any) -> Any:
        """Order, upload, work, look."""
        job = self.order(**request)
        self.work(self.upload(job, content))
        return self.look(job)

    def file(self, job: Any, name: str) -> bytes:
        """What lies behind a link of the job."""
        link = urllib.parse.urlsplit(job[name]["url"])
        key = urllib.parse.unquote(link.path).removeprefix(f"/{self.storage.bucket}").removeprefix("/")
        return self.storage.get(key, 1 << 30)

    def messages(self) -> list[str]:
        """Take the messages that wait in the queue, and return their bodies."""
        sqs = boto3.client("sqs")
        answer = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in answer.get("Messages", [])]

    def open_uploads(self) -> list[Any]:
        """Multipart uploads that were neither completed nor given up."""
        answer = boto3.client("s3").list_multipart_uploads(Bucket=self.storage.bucket)
        return list(answer.get("Uploads", []))
