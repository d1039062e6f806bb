"""Reads what is there: the catalog, the bucket, the queues and MLflow, past all proxies."""

import hashlib
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from mlflow import MlflowClient

from csv_analyzer import keys
from csv_analyzer.records import Stage
from infra.local.stack import LocalStack
from tests.drill.audit import Run, Snapshot

QUEUES = ("AnalyzeQueue", "TrainQueue", "BatchQueue")
_LABEL = "csv_analyzer.version"
_DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def items_of(stack: LocalStack) -> list[dict[str, Any]]:
    """All items of the catalog, in plain values."""
    (table,) = stack.template.tables
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.template.resolve({"Ref": table}), ConsistentRead=True)
    )
    read = TypeDeserializer().deserialize
    return [
        {name: _plain(read(value)) for name, value in item.items()}
        for page in pages
        for item in page["Items"]
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def waiting_in(stack: LocalStack) -> dict[str, int]:
    """How many messages each queue of work holds, at work or not."""
    depths = {}
    for queue in QUEUES:
        url = stack.template.resolve({"Ref": queue})
        answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTHS))
        depths[queue] = sum(int(answer["Attributes"][name]) for name in _DEPTHS)
    return depths


def take(stack: LocalStack, dead: list[str]) -> Snapshot:
    """Look at everything.

    Parameters
    ----------
    stack
        The stack.
    dead
        Keys that dead letters are about.
    """
    bucket = stack.outputs["DataBucketName"]
    runs, registered, aliases = _mlflow(stack) if stack.mlflow_url else ([], [], {})
    return Snapshot(
        moment=time.time(),
        bucket=bucket,
        items=items_of(stack),
        objects=dict(_objects(stack.client("s3"), bucket)),
        waiting=waiting_in(stack),
        dead=dead,
        runs=runs,
        registered=registered,
        aliases=aliases,
        has_mlflow=stack.mlflow_url is not None,
    )


def _objects(s3: Any, bucket: str) -> Iterator[tuple[str, str]]:
    """Key and, of files of models, SHA-256 of each object."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            key = entry["Key"]
            digest = ""
            if key.startswith(keys.MODELS):
                body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                digest = hashlib.sha256(body).hexdigest()
            yield key, digest


def _mlflow(stack: LocalStack) -> tuple[list[Run], list[Run], dict[tuple[str, str], str]]:
    client = MlflowClient(stack.mlflow_url, stack.mlflow_url)
    experiments = [one.experiment_id for one in client.search_experiments() if one.experiment_id != "0"]
    runs = [
        Run(run.data.tags.get(_LABEL, ""), run.info.run_id, run.info.status)
        for experiment in experiments
        for run in client.search_runs([experiment], max_results=10_000)
    ]
    registered = []
    aliases = {}
    for model in client.search_registered_models(max_results=1000):
        of_number = {}
        for version in client.search_model_versions(f"name = '{model.name}'", max_results=1000):
            label = version.tags.get(_LABEL, "")
            registered.append(Run(label, version.run_id or ""))
            of_number[str(version.version)] = label
        if number := model.aliases.get(Stage.PRODUCTION.value):
            aliases[model.name, Stage.PRODUCTION.value] = of_number.get(str(number), "")
    return runs, registered, aliases
