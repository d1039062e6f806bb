"""What tests of trainings share: a workshop that orders them and carries them out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from csv_analyzer import aws as clients
from csv_analyzer.dynamo import Key, Table, update
from csv_analyzer.storage import Storage
from tests.functional.conftest import (
    ME,
    Answer,
    Call,
    Context,
    load_event,
    order_key,
    sqs_event,
)
from train import app

ROWS = 90


REQUEST = load_event("api-post-dataset-train")["requestContext"]["requestId"]


CSV = b"rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%d\n"
    % (i % 7, i % 31, [b"flat", b"house"][i % 2], 1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2))
    for i in range(ROWS)
)


@dataclass
class Workshop:
    """Orders trainings through the API and carries them out with the real handler."""

    api: Call
    upload: Callable[..., str]
    storage: Storage
    context: Context
    predictions: Call

    def order(self, content: bytes = CSV, *, owner: str = ME, **request: Any) -> tuple[str, str]:
        dataset_id = self.upload(content, owner=owner)
        body = {"target": "price", "budget_seconds": 5, **request}
        answer = self.api("api-post-dataset-train", path={"dataset_id": dataset_id}, body=body, owner=owner)
        assert answer.status == 202, answer.body
        return dataset_id, str(answer.body["id"])

    def carry_out(self, order: tuple[str, str], *, attempt: int = 1, owner: str = ME) -> Any:
        event = sqs_event(order_key(owner, *order), attempt=attempt, template="sqs-s3-training")
        app.handler(event, self.context)
        return self.job(order, owner=owner)

    def job(self, order: tuple[str, str], *, owner: str = ME) -> Any:
        return self.api("api-get-job", path={"job_id": order[1]}, owner=owner).body

    def predict(self, body: Any, *, name: str = "houses", owner: str = ME, **changes: Any) -> Answer:
        return self.predictions(
            "predict-post-predict", path={"name": name}, body=body, owner=owner, **changes
        )


@pytest.fixture
def workshop(
    api: Call, upload: Callable[..., str], storage: Storage, context: Context, predict: Call
) -> Workshop:
    return Workshop(api, upload, storage, context, predict)


ROW = {"rooms": 3, "age": 10, "kind": "flat"}


def _let_leases_expire(template: Any) -> None:
    table = Table(template.tables["Catalog"].name)
    for item in clients.dynamodb().scan(TableName=table.name)["Items"]:
        if item["sk"]["S"] == "CLAIM" and item["state"]["S"] == "leased":
            table.write(update(Key(item["pk"]["S"], "CLAIM"), assign={"lease_until": 1}))
