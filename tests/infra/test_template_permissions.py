"""Rules for permissions: each function may do what this table says, and nothing else."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from csv_analyzer import keys
from infra.local.template import Template

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
        "s3:GetObject": {"DataBucket/training/*", "DataBucket/recipes/*", "DataBucket/models/*"},
        "s3:GetObjectVersion": {"DataBucket/uploads/*", "DataBucket/drop/*"},
        "s3:ListBucket": {"DataBucket"},
        "s3:PutObject": {"DataBucket/models/*"},
        "s3:DeleteObject": {"DataBucket/models/*"},
        **_items("GetItem", "PutItem", "UpdateItem", "ConditionCheckItem", "Query"),
        **_reads_queue("TrainQueue"),
    },
    "TrackingFunction": {
        "s3:GetObject": {"DataBucket/models/*"},
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
# Identity and resource policies: where each type of resource keeps its documents.
DOCUMENTS = {
    "AWS::S3::BucketPolicy": ["PolicyDocument"],
    "AWS::SQS::QueuePolicy": ["PolicyDocument"],
    "AWS::SNS::TopicPolicy": ["PolicyDocument"],
    "AWS::IAM::ManagedPolicy": ["PolicyDocument"],
    "AWS::KMS::Key": ["KeyPolicy"],
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


def test_nothing_is_allowed_by_a_wildcard(template: Template) -> None:
    for place, statement in _all_statements(template):
        if statement["Effect"] == "Deny" or statement.get("Sid") == "AdministrationByThisAccount":
            continue
        assert not any("*" in action for action in _listed(statement["Action"])), place
        for resource in _listed(statement["Resource"]):
            head, _, key = resource.partition("/")
            whole = place in {"TracingPolicy", "AlarmKey"} and resource == "*"
            log_streams = resource.startswith("arn:aws:logs:") and resource.endswith(":*")
            assert whole or log_streams or ("*" not in head and key.count("*") <= 1), (place, resource)


def test_nobody_outside_the_account_is_allowed_anything(template: Template) -> None:
    for place, statement in _all_statements(template):
        if statement["Effect"] == "Allow" and "Principal" in statement:
            principal = statement["Principal"]
            assert principal != "*", place
            account = f"arn:aws:iam::{template.ids.account}:root"
            assert principal.get("AWS", account) == account, place
            if "Service" in principal:
                condition = statement["Condition"]["StringEquals"]
                assert condition["aws:SourceAccount"] == template.ids.account, place


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


def _all_statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for function in template.functions:
        for statement in _statements_of_role(template, function):
            yield function, statement
    for kind, places in DOCUMENTS.items():
        for name, properties in template.of_type(kind).items():
            for key in places:
                for statement in properties[key]["Statement"]:
                    yield name, statement


def test_no_policy_escapes_these_rules(template: Template) -> None:
    kinds = {
        resource["Type"]
        for resource in template.active.values()
        if '"Statement"' in json.dumps(resource.get("Properties", {}))
    }
    assert kinds == {*DOCUMENTS, "AWS::IAM::Role"}


def _named(template: Template, function: str, arn: str) -> str:
    if arn == template.resolve({"Fn::GetAtt": [f"{function}LogGroup", "Arn"]}):
        return "own log group"
    for name in ("DataBucket", "Catalog", "AnalyzeQueue", "TrainQueue", "BatchQueue"):
        known = template.resolve({"Fn::GetAtt": [name, "Arn"]})
        if arn == known or arn.startswith(f"{known}/"):
            return name + arn.removeprefix(known)
    return arn


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
