"""Rules for permissions: each function may do what this table says, and nothing else."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from csv_analyzer import keys
from infra.local.template import Template
from tests.infra.conftest import Stacks

ITEMS = "Catalog"
# Every prefix under which something of a user is kept.
OF_USERS = {
    keys.DROP,
    *(prefix.partition("/")[0] + "/" for prefix in keys.of_dataset("me", "d")),
    *(prefix.partition("/")[0] + "/" for prefix in keys.of_versions("me", "m")),
    *(prefix.partition("/")[0] + "/" for prefix in keys.of_batches("me", "m")),
}
LOGS = {"logs:CreateLogStream": {"own log group"}, "logs:PutLogEvents": {"own log group"}}


def _reads_queue(queue: str) -> dict[str, set[str]]:
    return {f"sqs:{action}": {queue} for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}


def _items(*actions: str) -> dict[str, set[str]]:
    return {f"dynamodb:{action}": {ITEMS} for action in actions}


MAY = {
    "ApiFunction": {
        "s3:PutObject": {
            "DataBucket/uploads/*",
            "DataBucket/recipes/*",
            "DataBucket/training/*",
            "DataBucket/batch/*",
        },
        "s3:GetObject": {
            "DataBucket/profiles/*",
            "DataBucket/recipes/*",
            "DataBucket/models/*",
            "DataBucket/batch/*",
            "DataBucket/results/*",
            "DataBucket/drift/*",
        },
        "s3:ListMultipartUploadParts": {"DataBucket/uploads/*"},
        "s3:ListBucket": {"DataBucket"},
        **_items("GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
        "dynamodb:Query": {ITEMS, "Catalog/index/pending"},
    },
    "PredictFunction": {
        "s3:GetObject": {"DataBucket/models/*"},
        "s3:PutObject": {"DataBucket/observations/*"},
        **_items("GetItem", "Query"),
    },
    "BatchFunction": {
        "s3:GetObject": {"DataBucket/batch/*", "DataBucket/models/*", "DataBucket/results/*"},
        "s3:GetObjectVersion": {"DataBucket/batch/*"},
        "s3:ListBucket": {"DataBucket"},
        "s3:PutObject": {"DataBucket/results/*", "DataBucket/observations/*"},
        "s3:ListMultipartUploadParts": {"DataBucket/results/*"},
        "s3:AbortMultipartUpload": {"DataBucket/results/*"},
        **_items("GetItem", "UpdateItem"),
        **_reads_queue("BatchQueue"),
        "sqs:SendMessage": {"BatchQueue"},
    },
    "DriftFunction": {
        "s3:ListBucket": {"DataBucket"},
        "s3:GetObject": {"DataBucket/models/*", "DataBucket/observations/*", "DataBucket/drift/*"},
        "s3:PutObject": {"DataBucket/drift/*"},
        "s3:DeleteObject": {"DataBucket/observations/*", "DataBucket/drift/*"},
        **_items("GetItem"),
        "dynamodb:Query": {"Catalog/index/pending"},
    },
    "AnalyzeFunction": {
        "s3:GetObject": {"DataBucket/uploads/*", "DataBucket/drop/*", "DataBucket/recipes/*"},
        "s3:GetObjectVersion": {"DataBucket/uploads/*", "DataBucket/drop/*"},
        "s3:ListBucket": {"DataBucket"},
        "s3:PutObject": {"DataBucket/profiles/*", "DataBucket/training/*"},
        **_items("GetItem", "PutItem", "UpdateItem", "ConditionCheckItem", "Query"),
        **_reads_queue("AnalyzeQueue"),
    },
    "TrainFunction": {
        "s3:GetObject": {
            "DataBucket/training/*",
            "DataBucket/recipes/*",
            "DataBucket/models/*",
            "MlflowArtifacts/*",
        },
        "s3:GetObjectVersion": {"DataBucket/uploads/*", "DataBucket/drop/*"},
        "s3:ListBucket": {"DataBucket", "MlflowArtifacts"},
        "s3:PutObject": {"DataBucket/models/*", "MlflowArtifacts/*"},
        "s3:DeleteObject": {"DataBucket/models/*"},
        "sagemaker:CallMlflowAppApi": {"MlflowApp"},
        **_items("GetItem", "PutItem", "UpdateItem", "ConditionCheckItem", "Query"),
        **_reads_queue("TrainQueue"),
    },
    "TrackingFunction": {
        "s3:GetObject": {"DataBucket/models/*", "MlflowArtifacts/*"},
        "s3:PutObject": {"MlflowArtifacts/*"},
        "s3:DeleteObject": {"MlflowArtifacts/*"},
        "s3:ListBucket": {"MlflowArtifacts"},
        "sagemaker:CallMlflowAppApi": {"MlflowApp"},
        **_items("GetItem", "UpdateItem"),
        "dynamodb:Query": {"Catalog", "Catalog/index/pending"},
    },
    "EraseFunction": {
        "s3:ListBucketVersions": {"DataBucket"},
        "s3:ListBucketMultipartUploads": {"DataBucket"},
        "s3:DeleteObjectVersion": {f"DataBucket/{prefix}*" for prefix in OF_USERS},
        "s3:AbortMultipartUpload": {"DataBucket/uploads/*", "DataBucket/results/*"},
        **_items("GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        "dynamodb:Query": {"Catalog", "Catalog/index/pending"},
    },
    "WebFunction": {},
}
SHIFTS = {
    "lambda:GetAlias",
    "lambda:UpdateAlias",
    "lambda:GetProvisionedConcurrencyConfig",
    "cloudwatch:DescribeAlarms",
}
# Identity and resource policies: where each type of resource keeps its documents.
DOCUMENTS = {
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::IAM::ManagedPolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
}
# Actions for which IAM knows no resource.
WITHOUT_A_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ecr:GetAuthorizationToken",
    "cloudwatch:ListMetrics",
    "cloudwatch:GetMetricData",
    "tag:GetResources",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_what_the_table_says_and_nothing_else(template: Template, function: str) -> None:
    granted: dict[str, set[str]] = defaultdict(set)
    for statement in _statements_of_role(template, function):
        assert statement["Effect"] == "Allow"
        assert "Condition" not in statement
        for action in _listed(statement["Action"]):
            granted[action] |= {
                _named(template, function, resource) for resource in _listed(statement["Resource"])
            }
    assert granted == {**MAY[function], **LOGS}


def test_the_table_knows_every_function(template: Template) -> None:
    assert set(template.functions) == set(MAY)


def test_a_function_has_a_role_of_its_own_that_only_lambda_takes(template: Template) -> None:
    roles = [template.properties(function)["Role"] for function in template.functions]
    assert len(set(roles)) == len(roles)
    for function in template.functions:
        (statement,) = template.properties(f"{function}Role")["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_roles_share_nothing_but_tracing(template: Template) -> None:
    tracing = template.resolve({"Ref": "TracingPolicy"})
    for function in template.functions:
        assert template.properties(f"{function}Role")["ManagedPolicyArns"] == [tracing]
    (statement,) = template.properties("TracingPolicy")["PolicyDocument"]["Statement"]
    assert set(statement["Action"]) == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


def test_nothing_is_allowed_by_a_wildcard(stacks: Stacks) -> None:
    for place, statement in _all_statements(stacks):
        # A key's policy speaks of the key that it belongs to.
        if statement["Effect"] == "Deny" or place == "AlarmKey":
            continue
        actions = _listed(statement["Action"])
        assert not any("*" in action for action in actions), place
        for resource in _listed(statement["Resource"]):
            head, _, key = resource.partition("/")
            of_stack = head.removesuffix("-*").endswith(f":{stacks[0].ids.stack_name}")
            log_streams = resource.startswith("arn:aws:logs:") and resource.endswith(":*")
            whole = resource == "*" and set(actions) <= WITHOUT_A_RESOURCE
            narrow = "*" not in head and key.count("*") <= 1
            assert whole or log_streams or of_stack or narrow, (place, resource)


def test_nobody_outside_the_account_is_allowed_anything(stacks: Stacks) -> None:
    for place, statement in _all_statements(stacks):
        if statement["Effect"] == "Allow" and "Principal" in statement and not place.endswith("Endpoint"):
            principal = statement["Principal"]
            assert principal != "*", place
            account = f"arn:aws:iam::{stacks[0].ids.account}:root"
            assert principal.get("AWS", account) == account, place
            if "Service" in principal:
                condition = statement["Condition"]["StringEquals"]
                assert condition["aws:SourceAccount"] == stacks[0].ids.account, place


def test_a_role_is_taken_by_a_service_for_this_account(stacks: Stacks) -> None:
    for stack in stacks:
        for name, role in stack.of_type("AWS::IAM::Role").items():
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            (service,) = statement["Principal"].values()
            assert service.endswith(".amazonaws.com"), name
            # Lambda and API Gateway say of which account they come to queues and topics, not to roles.
            if service.partition(".")[0] not in {"lambda", "apigateway"}:
                condition = statement["Condition"]["StringEquals"]
                assert condition == {"aws:SourceAccount": stack.ids.account}, name


def test_a_route_is_callable_by_this_api_alone(template: Template) -> None:
    permissions = template.of_type("AWS::Lambda::Permission").values()
    assert len(permissions) == len(template.api.routes) + len(template.schedules)
    for permission in permissions:
        assert permission["Action"] == "lambda:InvokeFunction"
        assert permission["Principal"] in {"apigateway.amazonaws.com", "events.amazonaws.com"}
        assert template.api.rest_api_id in permission["SourceArn"] or ":rule/" in permission["SourceArn"]


def _statements_of_role(template: Template, function: str) -> Iterator[dict[str, Any]]:
    for policy in template.properties(f"{function}Role")["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def _all_statements(stacks: Stacks) -> Iterator[tuple[str, dict[str, Any]]]:
    for stack in stacks:
        for name, role in stack.of_type("AWS::IAM::Role").items():
            for policy in role.get("Policies", ()):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement
        for kind, key in DOCUMENTS.items():
            for name, properties in stack.of_type(kind).items():
                for statement in properties[key]["Statement"]:
                    yield name, statement


def test_no_policy_escapes_these_rules(stacks: Stacks) -> None:
    kinds = {
        resource["Type"]
        for stack in stacks
        for resource in stack.active.values()
        if '"Statement"' in json.dumps(resource.get("Properties", {}))
    }
    # A rule of WAF has a statement, too, which allows nothing.
    assert kinds - {"AWS::WAFv2::WebACL"} <= {*DOCUMENTS, "AWS::IAM::Role"}
    assert {"AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::KMS::Key"} <= kinds


def _named(template: Template, function: str, arn: str) -> str:
    if arn == template.resolve({"Fn::GetAtt": [f"{function}LogGroup", "Arn"]}):
        return "own log group"
    for name in ("DataBucket", "Catalog", "AnalyzeQueue", "TrainQueue", "BatchQueue"):
        known = template.resolve({"Fn::GetAtt": [name, "Arn"]})
        if arn == known or arn.startswith(f"{known}/"):
            return name + arn.removeprefix(known)
    mlflow = template.nested["MlflowStack"].outputs
    return arn.replace(mlflow["ArtifactsArn"], "MlflowArtifacts").replace(mlflow["TrackingUri"], "MlflowApp")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
