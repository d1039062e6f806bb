"""The metrics of the platform reach the local CloudWatch, and what YACE asks for is answered."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.session import Session

from infra.local.stack import LocalStack
from monitoring.exporter.render import jobs, render

pytestmark = pytest.mark.slow
TINY = Path(__file__).with_name("tiny_stack") / "template.yaml"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(TINY, state_dir=tmp_path_factory.mktemp("state"), mlflow=False) as running:
        running.create_user("a@example.com", "Secret-password-1", groups=("editor",))
        yield running


def series(stack: LocalStack, namespace: str, name: str, dimensions: set[str]) -> list[list[dict]]:
    """Find the series of a metric that have exactly these dimensions, as YACE does."""
    pages = stack.client("cloudwatch").get_paginator("list_metrics")
    return [
        metric["Dimensions"]
        for page in pages.paginate(Namespace=namespace, MetricName=name)
        for metric in page["Metrics"]
        if {item["Name"] for item in metric["Dimensions"]} == dimensions
    ]


def values(stack: LocalStack, namespace: str, name: str, dimensions: set[str], stat: str) -> dict[str, float]:
    """Ask for all series of a metric at once; the first dimension's value tells them apart."""
    found = series(stack, namespace, name, dimensions)
    if not found:
        return {}
    now = datetime.now(UTC)
    answer = stack.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": f"id_{number}",
                "MetricStat": {
                    "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": item},
                    "Period": 3600,
                    "Stat": stat,
                },
                "ReturnData": True,
            }
            for number, item in enumerate(found)
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        ScanBy="TimestampDescending",
    )
    results = {item["Id"]: sum(item["Values"]) for item in answer["MetricDataResults"]}
    return {item[0]["Value"]: results[f"id_{number}"] for number, item in enumerate(found)}


def wait_for(check, seconds: float = 60.0):
    waiter = threading.Event()
    for _ in range(int(seconds / 0.5)):
        if value := check():
            return value
        waiter.wait(0.5)
    raise AssertionError("it did not happen")


def test_answers_and_invocations_are_counted(stack: LocalStack):
    token = stack.sign_in("a@example.com", "Secret-password-1")
    statuses = [
        httpx.get(f"{stack.api_url}/things/1", headers={"Authorization": value}).status_code
        for value in (token, token, "none")
    ]
    assert statuses == [200, 200, 401]
    api = {"ApiName", "Stage"}
    assert wait_for(lambda: values(stack, "AWS/ApiGateway", "Count", api, "Sum"))
    assert list(values(stack, "AWS/ApiGateway", "4XXError", api, "Sum").values()) == [1.0]
    assert list(values(stack, "AWS/ApiGateway", "IntegrationLatency", api, "SampleCount").values()) == [2.0]
    assert all(values(stack, "AWS/ApiGateway", "Latency", api, "p95").values())
    front = stack.functions["Front"].function.name
    assert wait_for(lambda: values(stack, "AWS/Lambda", "Invocations", {"FunctionName"}, "Sum"))[front] == 2.0
    assert values(stack, "AWS/Lambda", "Duration", {"FunctionName"}, "p95")[front] > 0
    assert values(stack, "AWS/Lambda", "ConcurrentExecutions", {"FunctionName"}, "Maximum")[front] == 1.0


def test_messages_are_counted_and_the_oldest_has_an_age(stack: LocalStack):
    sqs = stack.client("sqs")
    url = sqs.create_queue(QueueName="nobody-reads")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="waits")

    def of(name: str, stat: str) -> float:
        return values(stack, "AWS/SQS", name, {"QueueName"}, stat).get("nobody-reads", 0.0)

    wait_for(lambda: of("ApproximateAgeOfOldestMessage", "Maximum") > 1.0)
    assert of("ApproximateNumberOfMessagesVisible", "Maximum") == 1.0
    assert of("NumberOfMessagesSent", "Sum") == 1.0
    assert of("NumberOfMessagesDeleted", "Sum") == 0.0


def test_a_table_counts_capacity_and_a_bucket_all_of_its_versions(stack: LocalStack):
    table, bucket = (stack.template.resolve({"Ref": name}) for name in ("Catalog", "Bucket"))
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    item = {"pk": {"S": "a"}, "text": {"S": "x" * 2000}}
    dynamodb.put_item(TableName=table, Item=item)
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item}}])
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    for consistent in (True, False):
        dynamodb.get_item(TableName=table, Key={"pk": {"S": "a"}}, ConsistentRead=consistent)
    dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "a"}},
    )

    def used(kind: str) -> float:
        return values(stack, "AWS/DynamoDB", f"Consumed{kind}CapacityUnits", {"TableName"}, "Sum").get(
            table, 0
        )

    # Two kilobytes are two units, four in a transaction; one for the write that was refused.
    wait_for(lambda: used("Read") == 2.0)
    assert used("Write") == 7.0

    for body in (b"12345", b"123"):
        s3.put_object(Bucket=bucket, Key="versions", Body=body)
    s3.delete_object(Bucket=bucket, Key="versions")
    [dimensions] = series(stack, "AWS/S3", "BucketSizeBytes", {"BucketName", "StorageType"})
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    metric = {"Namespace": "AWS/S3", "MetricName": "BucketSizeBytes", "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": 86400, "Stat": "Average"}
    answer = stack.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "a", "MetricStat": stat}],
        StartTime=midnight - timedelta(days=2),
        EndTime=midnight,
    )
    assert answer["MetricDataResults"][0]["Values"] == [8.0]


def test_series_of_a_metric_with_and_without_a_route_stay_apart(stack: LocalStack):
    # By hand, with the time of the function, as a line in the embedded format gives it.
    for names in ((), ("route", "status")):
        dimensions = [{"Name": name, "Value": name} for name in ("service", *names)]
        data = [
            {
                "MetricName": "Latency",
                "Dimensions": dimensions,
                "Timestamp": datetime.now(UTC),
                "Value": value,
            }
            for value in (0.0, 10.0)
        ]
        stack.client("cloudwatch").put_metric_data(Namespace="Ours", MetricData=data)
    assert values(stack, "Ours", "Latency", {"service"}, "p95") == {"service": 9.5}
    assert values(stack, "Ours", "Latency", {"service", "route", "status"}, "Maximum") == {"service": 10.0}


def test_cloudwatch_answers_in_the_protocol_of_the_sdk_for_go(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
):
    now = datetime.now(UTC)
    dimensions = [{"Name": "service", "Value": "cbor ü"}]
    datum = {"MetricName": "Cold", "Dimensions": dimensions, "Timestamp": now, "Value": 2.5}
    stack.client("cloudwatch").put_metric_data(Namespace="Cbor", MetricData=[datum])
    monkeypatch.setattr(ServiceModel, "resolved_protocol", "smithy-rpc-v2-cbor")
    cloudwatch = Session().create_client(
        "cloudwatch",
        "us-east-1",
        endpoint_url=stack.aws_url,
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    cloudwatch.put_metric_data(Namespace="Cbor", MetricData=[datum])
    [metric] = cloudwatch.list_metrics(Namespace="Cbor", MetricName="Cold")["Metrics"]
    assert metric["Dimensions"] == dimensions
    query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": True}
    begin, end = now - timedelta(minutes=1), now + timedelta(minutes=1)
    answer = cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=begin, EndTime=end)
    [result] = answer["MetricDataResults"]
    assert result["Values"] == [5.0]
    assert abs(result["Timestamps"][0] - now) <= timedelta(minutes=1)
    with pytest.raises(ClientError, match="EndTime"):
        cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=end, EndTime=begin)


def test_one_request_for_all_series_of_the_exporters_configuration_is_answered(stack: LocalStack):
    cloudwatch = stack.client("cloudwatch")
    queries = []
    now = datetime.now(UTC)
    for job in jobs(render({"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": stack.aws_url})):
        dimensions = [{"Name": name, "Value": "here"} for name in job["dimensionNameRequirements"]]
        data = [
            {"MetricName": item["name"], "Dimensions": dimensions, "Timestamp": now, "Value": 7.0}
            for item in job["metrics"]
        ]
        cloudwatch.put_metric_data(Namespace=job["namespace"], MetricData=data)
        for item in job["metrics"]:
            names = set(job["dimensionNameRequirements"])
            assert dimensions in series(stack, job["namespace"], item["name"], names)
            metric = {"Namespace": job["namespace"], "MetricName": item["name"], "Dimensions": dimensions}
            queries += [
                {
                    "Id": f"id_{len(queries) + place}",
                    "MetricStat": {"Metric": metric, "Period": 3600, "Stat": stat},
                }
                for place, stat in enumerate(item.get("statistics", job["statistics"]))
            ]
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=1)
    )
    assert [sum(item["Values"]) for item in answer["MetricDataResults"]] == [7.0] * len(queries)
