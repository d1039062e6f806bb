"""What a template declares, as plain typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Function:
    """A Lambda function with everything that is needed to run it."""

    logical_id: str
    name: str
    arn: str
    package_type: str
    handler: str
    runtime: str | None
    code_dir: Path | None
    layer_dirs: tuple[Path, ...]
    dockerfile: Path | None
    docker_context: Path | None
    environment: Mapping[str, str]
    memory_mb: int
    timeout_seconds: float
    reserved_concurrency: int | None
    architecture: str
    log_group: str


@dataclass(frozen=True)
class Route:
    """One method of one path of the REST API."""

    method: str
    path: str
    function: str
    authorizer: str | None


@dataclass(frozen=True)
class Preflight:
    """The answer that API Gateway itself gives to a CORS preflight request of a path."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Authorizer:
    """A Cognito authorizer: the pools whose tokens it accepts and the header that carries them."""

    name: str
    header: str
    user_pool_ids: tuple[str, ...]


@dataclass(frozen=True)
class GatewayResponse:
    """What API Gateway answers when it refuses or fails by itself."""

    status: int | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True)
class Api:
    """The REST API."""

    logical_id: str
    name: str
    rest_api_id: str
    stage: str
    routes: tuple[Route, ...]
    preflights: tuple[Preflight, ...]
    authorizers: Mapping[str, Authorizer]
    gateway_responses: Mapping[str, GatewayResponse]
    binary_media_types: tuple[str, ...]
    minimum_compression_size: int | None = None


@dataclass(frozen=True)
class QueueMapping:
    """An event source mapping that feeds a function from an SQS queue."""

    logical_id: str
    function: str
    queue: str
    batch_size: int
    report_batch_item_failures: bool
    maximum_concurrency: int | None
    enabled: bool


@dataclass(frozen=True)
class Schedule:
    """A schedule of a function; ``interval_seconds`` is None for a cron expression."""

    logical_id: str
    function: str
    expression: str
    interval_seconds: float | None
    input: str | None
    enabled: bool


@dataclass(frozen=True)
class Notification:
    """Objects of a bucket that are announced to a queue."""

    queue: str
    events: tuple[str, ...]
    prefix: str
    suffix: str


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket; ``properties`` is its resolved CloudFormation properties."""

    logical_id: str
    name: str
    versioned: bool
    notifications: tuple[Notification, ...]
    cors_rules: tuple[Mapping[str, Any], ...]
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Queue:
    """An SQS queue; ``dead_letter_queue`` is the logical id of the queue that failed messages go to."""

    logical_id: str
    name: str
    visibility_timeout_seconds: int
    dead_letter_queue: str | None
    maximum_receives: int | None
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A DynamoDB table; ``properties`` is its resolved CloudFormation properties."""

    logical_id: str
    name: str
    key_schema: tuple[Mapping[str, str], ...]
    indexes: tuple[str, ...]
    ttl_attribute: str | None
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class UserPool:
    """A Cognito user pool with its clients and groups."""

    logical_id: str
    clients: Mapping[str, Mapping[str, Any]]
    groups: tuple[str, ...]
    properties: Mapping[str, Any]
