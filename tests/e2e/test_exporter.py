"""Real YACE reads the local stack's CloudWatch with our configuration; `make exporter` builds it."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from infra.local.process import free_port
from infra.local.stack import LocalStack
from monitoring.exporter.names import metric_name
from monitoring.exporter.render import render
from tests.conftest import ROOT

YACE = shutil.which("yace", path=f"{ROOT / '.local/bin'}{os.pathsep}{os.environ.get('PATH', '')}")
TINY = Path(__file__).with_name("tiny_stack") / "template.yaml"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(YACE is None, reason="YACE is not there: make exporter builds it"),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of YACE's metrics."""
    folder = tmp_path_factory.mktemp("exporter")
    with LocalStack(TINY, state_dir=folder / "state", mlflow=False) as stack:
        environment = {
            "AWS_ENDPOINT_URL": stack.aws_url,
            "AWS_REGION": "us-east-1",
            "YACE_DELAY_SECONDS": "0",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        (folder / "yace.yml").write_text(yaml.safe_dump(render(environment)))
        put(stack)
        address = f"127.0.0.1:{free_port()}"
        command = [
            *(str(YACE), "--config.file", str(folder / "yace.yml")),
            *("--listen-address", address, "--scraping-interval", "5"),
        ]
        with (
            (folder / "yace.log").open("wb") as log,
            subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log) as process,
        ):
            yield f"http://{address}/metrics"
            process.terminate()


def put(stack: LocalStack) -> None:
    """Write a request of ours into this minute, the last and the next, for YACE reads whole minutes."""
    httpx.get(f"{stack.api_url}/things/1")
    stack.client("s3").put_object(Bucket=stack.template.resolve({"Ref": "Bucket"}), Key="a", Body=b"12345")
    table = stack.template.resolve({"Ref": "Catalog"})
    stack.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "a"}, "text": {"S": "x" * 2000}})
    for minutes in (-1, 0, 1):
        for dimensions in ({"service": "api"}, {"service": "api", "route": "models", "status": "2xx"}):
            for name, value in (("Requests", 2.0), ("LatencyMilliseconds", 40.0)):
                datum = {
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
                    "Timestamp": datetime.now(UTC) + timedelta(minutes=minutes),
                    "Value": value,
                }
                stack.client("cloudwatch").put_metric_data(Namespace="CsvAnalyzer", MetricData=[datum])


def wait_for_lines(address: str, name: str, *labels: str) -> list[float]:
    """Return the values of a metric's series with these labels, as soon as one is no NaN."""
    waiter = threading.Event()
    for _ in range(150):
        waiter.wait(1)
        try:
            text = httpx.get(address).text
        except httpx.TransportError:
            continue
        found = [
            float(line.rsplit(" ", 1)[1])
            for line in text.splitlines()
            if re.match(rf"{name}\{{", line) and all(label in line for label in labels)
        ]
        numbers = [value for value in found if value >= 0]
        if numbers:
            return numbers
    raise AssertionError(f"YACE does not export {name} with {labels}")


def test_our_metrics_come_out_by_service_and_by_route(exported: str):
    requests = metric_name("CsvAnalyzer", "Requests", "Sum")
    by_service = wait_for_lines(exported, requests, 'dimension_service="api"', 'dimension_route=""')
    by_route = wait_for_lines(exported, requests, 'dimension_route="models"', 'dimension_status="2xx"')
    assert by_service == by_route == [2.0]
    latency = metric_name("CsvAnalyzer", "LatencyMilliseconds", "p95")
    assert wait_for_lines(exported, latency, 'dimension_route="models"') == [40.0]


def test_the_platforms_metrics_come_out(exported: str):
    for namespace, metric, statistic, label in (
        ("AWS/ApiGateway", "4XXError", "Sum", 'dimension_Stage="'),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 'dimension_QueueName="'),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "Sum", 'dimension_TableName="'),
    ):
        assert wait_for_lines(exported, metric_name(namespace, metric, statistic), label)


def test_the_size_of_buckets_comes_out(exported: str):
    size = metric_name("AWS/S3", "BucketSizeBytes", "Average")
    assert wait_for_lines(exported, size, 'dimension_StorageType="StandardStorage"') == [5.0]
    number = metric_name("AWS/S3", "NumberOfObjects", "Average")
    assert wait_for_lines(exported, number, 'dimension_StorageType="AllStorageTypes"') == [1.0]
