"""Taking a stack down, against moto's CloudFormation."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.destroy import Kept, Stack, main

NAME = "csv-analyzer-staging"
KEPT = {"DeletionPolicy": "Retain"}
TEMPLATE = {
    "Resources": {
        "DataBucket": {
            "Type": "AWS::S3::Bucket",
            **KEPT,
            "Properties": {"BucketName": "the-data"},
        },
        "Catalog": {
            "Type": "AWS::DynamoDB::Table",
            **KEPT,
            "Properties": {
                "TableName": "the-catalog",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "DeletionProtectionEnabled": True,
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "the-queue"}},
    }
}


@pytest.fixture
def stack() -> Iterator[None]:
    """A deployed stack with a file of two versions, a deleted one, an open upload, and an item."""
    with mock_aws():
        boto3.client("cloudformation").create_stack(StackName=NAME, TemplateBody=json.dumps(TEMPLATE))
        storage = boto3.client("s3")
        # As the template has it; moto's CloudFormation leaves it out.
        storage.put_bucket_versioning(Bucket="the-data", VersioningConfiguration={"Status": "Enabled"})
        for body in (b"one", b"two"):
            storage.put_object(Bucket="the-data", Key="uploads/a.csv", Body=body)
        storage.put_object(Bucket="the-data", Key="uploads/b.csv", Body=b"three")
        storage.delete_object(Bucket="the-data", Key="uploads/b.csv")
        storage.create_multipart_upload(Bucket="the-data", Key="uploads/c.csv")
        boto3.client("dynamodb").put_item(TableName="the-catalog", Item={"pk": {"S": "me"}})
        yield


def _there() -> dict[str, list[Any]]:
    return {
        "stacks": [
            item["StackName"]
            for item in boto3.client("cloudformation").describe_stacks().get("Stacks", ())
            if item["StackStatus"] != "DELETE_COMPLETE"
        ],
        "buckets": [item["Name"] for item in boto3.client("s3").list_buckets()["Buckets"]],
        "tables": boto3.client("dynamodb").list_tables()["TableNames"],
        "queues": boto3.client("sqs").list_queues().get("QueueUrls", []),
    }


def _destroy(*arguments: str, answer: str = NAME) -> tuple[int, list[str]]:
    said: list[str] = []
    status = main([*arguments], ask=lambda _: answer, say=said.append, client=boto3.client)
    return status, said


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("answer", ["", "y", "csv-analyzer"])
def test_nothing_goes_unless_the_name_is_typed(answer: str) -> None:
    before = _there()
    status, said = _destroy("staging", "--with-data", answer=answer)
    assert (status, said[-1]) == (1, "Nothing was deleted.")
    assert _there() == before


@pytest.mark.usefixtures("stack")
def test_the_stack_goes_and_its_data_stay() -> None:
    status, said = _destroy("staging")
    assert status == 0
    assert "  bucket the-data: kept" in said
    there = _there()
    assert (there["stacks"], there["queues"]) == ([], [])
    assert (there["buckets"], there["tables"]) == (["the-data"], ["the-catalog"])
    versions = boto3.client("s3").list_object_versions(Bucket="the-data")
    assert len(versions["Versions"]) == 3


@pytest.mark.usefixtures("stack")
def test_with_its_data_nothing_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = _destroy("staging", "--with-data")
    assert (status, said[-1]) == (0, "Done."), capsys.readouterr().err
    assert not any(_there().values())


def test_a_protected_user_pool_goes_with_the_data() -> None:
    """By itself, for moto's CloudFormation makes none."""
    with mock_aws():
        cognito = boto3.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="the-users", DeletionProtection="ACTIVE")["UserPool"]["Id"]
        Stack(NAME, boto3.client).delete_data(Kept("AWS::Cognito::UserPool", pool))
        assert not cognito.list_user_pools(MaxResults=9)["UserPools"]


def test_a_stack_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        assert _destroy("production")[0] == 1
    assert "csv-analyzer-production" in capsys.readouterr().err


def test_what_is_kept_is_named_by_what_it_is() -> None:
    assert str(Kept("AWS::DynamoDB::Table", "the-catalog")) == "table the-catalog"
