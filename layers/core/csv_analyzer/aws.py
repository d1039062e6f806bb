"""AWS clients, made on first use, and the one translation of their errors."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from csv_analyzer.errors import DependencyError
from csv_analyzer.settings import AwsSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


@cache
def s3() -> "S3Client":
    """S3 client; signature version 4, so that presigned POSTs work in every region.

    Buckets are named by the host, for boto3 signs addresses of the region only then: the global ones
    redirect to it for hours after a bucket is made, and the signature does not bear that.
    """
    import boto3  # noqa: PLC0415  # a third of a second that only the first use should pay
    from botocore.config import Config  # noqa: PLC0415

    own = AwsSettings.from_environment().has_own_endpoint("s3")
    return boto3.client(
        "s3",
        config=Config(
            signature_version="s3v4",
            retries={"mode": "standard", "max_attempts": 4},
            s3={"addressing_style": "path" if own else "virtual"},
        ),
    )


@cache
def dynamodb() -> "DynamoDBClient":
    """DynamoDB client."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client("dynamodb", config=Config(retries={"mode": "standard", "max_attempts": 4}))


@cache
def sqs() -> "SQSClient":
    """SQS client."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client("sqs", config=Config(retries={"mode": "standard", "max_attempts": 4}))


@contextmanager
def translated(service: str) -> Generator[None]:
    """Turn what boto3 raises into :class:`DependencyError`.

    Conditional failures and missing keys are answers, not faults: callers catch those inside.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise DependencyError(f"{service} did not answer as it should. Please try again.") from error
