"""What the template declares is created, not something like it."""

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra.local.resources import create_resources
from infra.local.template import PhysicalIds, Template

TINY = Path(__file__).parents[2] / "e2e" / "tiny_stack" / "template.yaml"


@pytest.fixture(scope="module")
def created():
    template = Template.load(TINY, {"VisibilitySeconds": "7"}, PhysicalIds())
    clients = {}

    def client(service: str):
        return clients.setdefault(
            service,
            boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"),
        )

    with mock_aws():
        create_resources(template, client)
        yield template, client


def test_the_queue_has_its_visibility_and_its_redrive_policy(created):
    template, client = created
    attributes = client("sqs").get_queue_attributes(
        QueueUrl=template.outputs["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    assert attributes["VisibilityTimeout"] == "7"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["maxReceiveCount"] == 2
    assert redrive["deadLetterTargetArn"].endswith(":csv-analyzer-local-Dead")


def test_the_bucket_is_versioned_encrypted_and_announces_objects(created):
    template, client = created
    s3, name = client("s3"), template.outputs["BucketName"]
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    cors = s3.get_bucket_cors(Bucket=name)["CORSRules"][0]
    assert (cors["AllowedOrigins"], cors["MaxAgeSeconds"]) == (["https://page.example"], 600)
    (notification,) = s3.get_bucket_notification_configuration(Bucket=name)["QueueConfigurations"]
    rules = {item["Name"]: item["Value"] for item in notification["Filter"]["Key"]["FilterRules"]}
    assert rules == {"prefix": "in/", "suffix": ".csv"}


def test_the_table_has_its_index_and_its_expiry(created):
    template, client = created
    dynamodb, name = client("dynamodb"), template.tables["Catalog"].name
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-owner"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires_at"


def test_the_user_pool_has_its_client_and_groups_under_their_real_ids(created):
    template, client = created
    cognito, pool_id = client("cognito-idp"), template.resolve({"Ref": "Pool"})
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["UsernameAttributes"] == ["email"]
    declared = cognito.describe_user_pool_client(
        UserPoolId=pool_id, ClientId=template.resolve({"Ref": "Client"})
    )["UserPoolClient"]
    assert "ALLOW_USER_PASSWORD_AUTH" in declared["ExplicitAuthFlows"]
    groups = cognito.list_groups(UserPoolId=pool_id)["Groups"]
    assert [group["GroupName"] for group in groups] == ["editor"]
    assert template.api.authorizers["Cognito"].user_pool_ids == (pool_id,)
