"""Typed views of a translated template: functions, what starts them, and where data is kept."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.intrinsics import TemplateError, Value
from infra.local.specs import (
    Bucket,
    Function,
    Notification,
    Queue,
    QueueMapping,
    Schedule,
    Table,
    UserPool,
)

if TYPE_CHECKING:
    from infra.local.template import Template

_RATE = re.compile(r"^rate\((?P<count>\d+) (?P<unit>minute|hour|day)s?\)$")
# arn:partition:lambda:region:account:function:name, then perhaps a qualifier.
_FUNCTION_ARN_PARTS = 7
_UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def functions(template: "Template") -> dict[str, Function]:
    """Return the Lambda functions."""
    return {
        logical_id: _function(template, logical_id, properties)
        for logical_id, properties in template.of_type("AWS::Lambda::Function").items()
    }


def _function(template: "Template", logical_id: str, properties: Mapping[str, Any]) -> Function:
    metadata = template.active[logical_id].get("Metadata", {})
    package_type = properties.get("PackageType", "Zip")
    code_dir = context = dockerfile = None
    if package_type == "Image":
        context = (template.root / metadata.get("DockerContext", ".")).resolve()
        dockerfile = context / metadata.get("Dockerfile", "Dockerfile")
        command = properties.get("ImageConfig", {}).get("Command", [])
        if not command:
            raise TemplateError(f"{logical_id}: the image needs ImageConfig.Command with the handler")
        handler = command[0]
    else:
        handler = properties["Handler"]
        code_dir = _source_dir(template, logical_id, "CodeUri")
    layers = tuple(
        _source_dir(template, _layer_source(template, layer["Ref"]), "ContentUri")
        for layer in template.active[logical_id]["Properties"].get("Layers", [])
        if isinstance(layer, dict) and "Ref" in layer
    )
    arn = template.resolve({"Fn::GetAtt": [logical_id, "Arn"]})
    name = template.resolve({"Ref": logical_id})
    return Function(
        logical_id=logical_id,
        name=name,
        arn=arn,
        package_type=package_type,
        handler=handler,
        runtime=properties.get("Runtime"),
        code_dir=code_dir,
        layer_dirs=layers,
        dockerfile=dockerfile,
        docker_context=context,
        environment={
            key: _environment_value(value)
            for key, value in properties.get("Environment", {}).get("Variables", {}).items()
        },
        memory_mb=int(properties.get("MemorySize", 128)),
        timeout_seconds=float(properties.get("Timeout", 3)),
        reserved_concurrency=optional_int(properties.get("ReservedConcurrentExecutions")),
        architecture=properties.get("Architectures", ["x86_64"])[0],
        log_group=properties.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}"),
    )


def _source_dir(template: "Template", logical_id: str, key: str) -> Path:
    resource = template.source["Resources"].get(logical_id, {})
    shared = template.source.get("Globals", {}).get("Function", {})
    path = resource.get("Properties", {}).get(key, shared.get(key))
    if not isinstance(path, str):
        raise TemplateError(f"{logical_id} needs a {key} that is a folder")
    return (template.root / path).resolve()


def _layer_source(template: "Template", translated_id: str) -> str:
    # SAM appends a hash to a layer's logical id; the stub key still carries the written one.
    content = template.cloudformation["Resources"][translated_id]["Properties"]["Content"]
    return str(content["S3Key"])


def _environment_value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def optional_int(value: Value) -> int | None:
    """Return a number of the template, which may be text, or None where it says nothing."""
    return None if value is None else int(value)


def queue_mappings(template: "Template") -> tuple[QueueMapping, ...]:
    """Return the event source mappings from SQS."""
    mappings = []
    for logical_id, properties in template.of_type("AWS::Lambda::EventSourceMapping").items():
        queue = template.by_arn(properties["EventSourceArn"], "AWS::SQS::Queue")
        mappings.append(
            QueueMapping(
                logical_id=logical_id,
                function=_function_of(template, properties["FunctionName"]),
                queue=queue,
                batch_size=int(properties.get("BatchSize", 10)),
                report_batch_item_failures="ReportBatchItemFailures"
                in properties.get("FunctionResponseTypes", []),
                maximum_concurrency=optional_int(
                    properties.get("ScalingConfig", {}).get("MaximumConcurrency")
                ),
                enabled=_is_enabled(properties.get("Enabled", True)),
            )
        )
    return tuple(mappings)


def function_of_arn(template: "Template", arn: str) -> str:
    """Return the logical id of the function of an ARN, which may name a version or an alias of it."""
    return template.by_arn(":".join(arn.split(":")[:_FUNCTION_ARN_PARTS]), "AWS::Lambda::Function")


def _function_of(template: "Template", name_or_arn: str) -> str:
    for logical_id, function in functions(template).items():
        if name_or_arn in {function.name, function.arn}:
            return logical_id
    raise TemplateError(f"{name_or_arn} is no function of the template")


def _is_enabled(value: Value) -> bool:
    return str(value).lower() in {"true", "enabled"}


def schedules(template: "Template") -> tuple[Schedule, ...]:
    """Return the schedules of EventBridge rules and of EventBridge Scheduler that target functions."""
    found: list[Schedule] = []
    for logical_id, properties in template.of_type("AWS::Events::Rule").items():
        if "ScheduleExpression" in properties:
            found.extend(_schedule(template, logical_id, properties, item) for item in properties["Targets"])
    for logical_id, properties in template.of_type("AWS::Scheduler::Schedule").items():
        found.append(_schedule(template, logical_id, properties, properties["Target"]))
    return tuple(found)


def _schedule(
    template: "Template", logical_id: str, properties: Mapping[str, Any], target: Mapping[str, Any]
) -> Schedule:
    expression = properties["ScheduleExpression"]
    match = _RATE.match(expression)
    return Schedule(
        logical_id=logical_id,
        function=function_of_arn(template, target["Arn"]),
        expression=expression,
        interval_seconds=int(match["count"]) * _UNIT_SECONDS[match["unit"]] if match else None,
        input=target.get("Input"),
        enabled=_is_enabled(properties.get("State", "ENABLED")),
    )


def buckets(template: "Template") -> dict[str, Bucket]:
    """Return the S3 buckets."""
    return {
        logical_id: Bucket(
            logical_id=logical_id,
            name=template.resolve({"Ref": logical_id}),
            versioned=properties.get("VersioningConfiguration", {}).get("Status") == "Enabled",
            notifications=tuple(
                _notification(template, item)
                for item in properties.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
            ),
            cors_rules=tuple(properties.get("CorsConfiguration", {}).get("CorsRules", [])),
            properties=properties,
        )
        for logical_id, properties in template.of_type("AWS::S3::Bucket").items()
    }


def _notification(template: "Template", item: Mapping[str, Any]) -> Notification:
    rules = {
        rule["Name"].lower(): rule["Value"]
        for rule in item.get("Filter", {}).get("S3Key", {}).get("Rules", [])
    }
    events = item["Event"]
    return Notification(
        queue=template.by_arn(item["Queue"], "AWS::SQS::Queue"),
        events=tuple(events) if isinstance(events, list) else (events,),
        prefix=rules.get("prefix", ""),
        suffix=rules.get("suffix", ""),
    )


def queues(template: "Template") -> dict[str, Queue]:
    """Return the SQS queues."""
    return {
        logical_id: _queue(template, logical_id, properties)
        for logical_id, properties in template.of_type("AWS::SQS::Queue").items()
    }


def _queue(template: "Template", logical_id: str, properties: Mapping[str, Any]) -> Queue:
    redrive = properties.get("RedrivePolicy") or {}
    policy = json.loads(redrive) if isinstance(redrive, str) else redrive
    dead_letter_arn = policy.get("deadLetterTargetArn")
    return Queue(
        logical_id=logical_id,
        name=template.resolve({"Fn::GetAtt": [logical_id, "QueueName"]}),
        visibility_timeout_seconds=int(properties.get("VisibilityTimeout", 30)),
        dead_letter_queue=template.by_arn(dead_letter_arn, "AWS::SQS::Queue") if dead_letter_arn else None,
        maximum_receives=optional_int(policy.get("maxReceiveCount")),
        properties=properties,
    )


def tables(template: "Template") -> dict[str, Table]:
    """Return the DynamoDB tables."""
    return {
        logical_id: Table(
            logical_id=logical_id,
            name=template.resolve({"Ref": logical_id}),
            key_schema=tuple(properties["KeySchema"]),
            indexes=tuple(item["IndexName"] for item in properties.get("GlobalSecondaryIndexes", [])),
            ttl_attribute=properties.get("TimeToLiveSpecification", {}).get("AttributeName"),
            properties=properties,
        )
        for logical_id, properties in template.of_type("AWS::DynamoDB::Table").items()
    }


def user_pools(template: "Template") -> dict[str, UserPool]:
    """Return the Cognito user pools with their clients and groups."""
    clients = template.of_type("AWS::Cognito::UserPoolClient")
    groups = template.of_type("AWS::Cognito::UserPoolGroup")
    pools = {}
    for logical_id, properties in template.of_type("AWS::Cognito::UserPool").items():
        pool_id = template.resolve({"Ref": logical_id})
        pools[logical_id] = UserPool(
            logical_id=logical_id,
            clients={name: item for name, item in clients.items() if item["UserPoolId"] == pool_id},
            groups=tuple(item["GroupName"] for item in groups.values() if item["UserPoolId"] == pool_id),
            properties=properties,
        )
    return pools
