"""Creates in moto what the template declares."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from infra.local.template import PhysicalIds, Template

type ClientFactory = Callable[[str], Any]

_QUEUE_ATTRIBUTES = (
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
    "KmsMasterKeyId",
    "SqsManagedSseEnabled",
)
_CORS_KEYS = {
    "AllowedHeaders": "AllowedHeaders",
    "AllowedMethods": "AllowedMethods",
    "AllowedOrigins": "AllowedOrigins",
    "ExposedHeaders": "ExposeHeaders",
    "Id": "ID",
    "MaxAge": "MaxAgeSeconds",
}


def create_resources(template: Template, client: ClientFactory) -> None:
    """Create queues, buckets, tables and user pools; their ids go into the template's table.

    Parameters
    ----------
    template:
        The template.
    client:
        Returns the boto3 client of a service.
    """
    create_stores(template, client)
    _create_user_pools(template, client("cognito-idp"), template.ids)


def create_stores(template: Template, client: ClientFactory) -> None:
    """Create queues, buckets and tables, which functions work with; their ids go into the template's table.

    Parameters
    ----------
    template:
        The template.
    client:
        Returns the boto3 client of a service.
    """
    _create_queues(template, client("sqs"), template.ids)
    _create_buckets(template, client("s3"))
    _create_tables(template, client("dynamodb"))


def _create_queues(template: Template, sqs: Any, ids: PhysicalIds) -> None:
    queues = template.queues
    for queue in queues.values():
        attributes = {
            name: _text(queue.properties[name]) for name in _QUEUE_ATTRIBUTES if name in queue.properties
        }
        url = sqs.create_queue(QueueName=queue.name, Attributes=attributes)["QueueUrl"]
        ids.record(queue.logical_id, ref=url, QueueUrl=url)
    for queue in queues.values():
        if queue.dead_letter_queue is not None:
            arn = template.resolve({"Fn::GetAtt": [queue.dead_letter_queue, "Arn"]})
            redrive = {"deadLetterTargetArn": arn, "maxReceiveCount": queue.maximum_receives}
            sqs.set_queue_attributes(
                QueueUrl=template.resolve({"Ref": queue.logical_id}),
                Attributes={"RedrivePolicy": json.dumps(redrive)},
            )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _create_buckets(template: Template, s3: Any) -> None:
    for bucket in template.buckets.values():
        s3.create_bucket(Bucket=bucket.name)
        if bucket.versioned:
            s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
        encryption = bucket.properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration")
        if encryption:
            rules = [
                {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
                for rule in encryption
                if "ServerSideEncryptionByDefault" in rule
            ]
            s3.put_bucket_encryption(Bucket=bucket.name, ServerSideEncryptionConfiguration={"Rules": rules})
        if bucket.cors_rules:
            cors = [_cors_rule(rule) for rule in bucket.cors_rules]
            s3.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": cors})
        if bucket.notifications:
            configurations = [
                {
                    "QueueArn": template.resolve({"Fn::GetAtt": [item.queue, "Arn"]}),
                    "Events": list(item.events),
                    "Filter": {
                        "Key": {
                            "FilterRules": [
                                {"Name": name, "Value": value}
                                for name, value in (("prefix", item.prefix), ("suffix", item.suffix))
                                if value
                            ]
                        }
                    },
                }
                for item in bucket.notifications
            ]
            s3.put_bucket_notification_configuration(
                Bucket=bucket.name, NotificationConfiguration={"QueueConfigurations": configurations}
            )


def _cors_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {_CORS_KEYS[key]: value for key, value in rule.items() if key in _CORS_KEYS}
    if "MaxAgeSeconds" in renamed:
        renamed["MaxAgeSeconds"] = int(renamed["MaxAgeSeconds"])
    return renamed


def _create_tables(template: Template, dynamodb: Any) -> None:
    for table in template.tables.values():
        # CloudFormation and the API differ in encryption alone, which moto does not do anyway.
        properties = {key: value for key, value in table.properties.items() if key != "SSESpecification"}
        dynamodb.create_table(**_arguments(dynamodb, "CreateTable", properties | {"TableName": table.name}))
        if table.ttl_attribute:
            dynamodb.update_time_to_live(
                TableName=table.name,
                TimeToLiveSpecification={"AttributeName": table.ttl_attribute, "Enabled": True},
            )


def _create_user_pools(template: Template, cognito: Any, ids: PhysicalIds) -> None:
    for pool in template.user_pools.values():
        name = pool.properties.get("UserPoolName", pool.logical_id)
        arguments = _arguments(cognito, "CreateUserPool", {**pool.properties, "PoolName": name})
        created = cognito.create_user_pool(**arguments)["UserPool"]
        ids.record(pool.logical_id, ref=created["Id"], Arn=created["Arn"])
    # Clients and groups name their pool by its id, which exists only now.
    for pool in template.user_pools.values():
        pool_id = template.resolve({"Ref": pool.logical_id})
        for logical_id, properties in pool.clients.items():
            name = properties.get("ClientName", logical_id)
            arguments = _arguments(
                cognito, "CreateUserPoolClient", {**properties, "ClientName": name, "UserPoolId": pool_id}
            )
            client = cognito.create_user_pool_client(**arguments)["UserPoolClient"]
            ids.record(logical_id, ref=client["ClientId"])
        for group in pool.groups:
            cognito.create_group(GroupName=group, UserPoolId=pool_id)


def _arguments(client: Any, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the properties that the API operation knows, in the types that it wants.

    A resolved CloudFormation property may be text where the API wants a number or a boolean.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape
    converted = _convert(shape, properties)
    return converted if isinstance(converted, dict) else {}


def _convert(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _convert(member, value[name]) for name, member in shape.members.items() if name in value
        }
    if isinstance(shape, ListShape):
        return [_convert(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {str(key): _convert(shape.value, item) for key, item in value.items()}
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    if shape.type_name in {"integer", "long"}:
        return int(value)
    return _text(value)
