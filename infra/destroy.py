"""Take a stack down: ``python infra/destroy.py default|staging|production [--with-data]``.

Asks for the stack's name first. CloudFormation removes functions, API, queues and alarms, and keeps what
holds data: the bucket, the catalog, the user pool, and the files of MLflow. ``--with-data`` deletes these as
well, in production too.
"""

import argparse
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parent.parent
_BUCKET, _TABLE, _USER_POOL = "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool"
_HOLDS_DATA = {_BUCKET: "bucket", _TABLE: "table", _USER_POOL: "user pool"}
_NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, order=True)
class Kept:
    """A resource that outlives its stack.

    Attributes
    ----------
    kind : str
        Its type in CloudFormation.
    name : str
        Its physical id.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{_HOLDS_DATA[self.kind]} {self.name}"


class Stack:
    """A deployed stack.

    Parameters
    ----------
    name : str
        Its name.
    client : callable
        Makes a client of boto3 for a service.
    """

    def __init__(self, name: str, client: Callable[[str], Any]) -> None:
        self.name = name
        self._client = client
        self._formation = client("cloudformation")

    def holding_data(self, name: str | None = None) -> Iterator[Kept]:
        """Yield what holds data in the stack and in those that it nests.

        Raises
        ------
        botocore.exceptions.ClientError
            If there is no such stack, or it may not be looked at.
        """
        pages = self._formation.get_paginator("list_stack_resources").paginate(StackName=name or self.name)
        for page in pages:
            for resource in page["StackResourceSummaries"]:
                kind, identifier = resource["ResourceType"], resource.get("PhysicalResourceId", "")
                if kind in _HOLDS_DATA and identifier:
                    yield Kept(kind, identifier)
                elif kind == _NESTED and identifier:
                    yield from self.holding_data(identifier)

    def delete(self) -> None:
        """Have CloudFormation delete the stack, and wait until it is gone."""
        self._formation.delete_stack(StackName=self.name)
        self._formation.get_waiter("stack_delete_complete").wait(StackName=self.name)

    def delete_data(self, kept: Kept) -> None:
        """Delete something that the stack left behind, with all that is in it."""
        {_BUCKET: self._delete_bucket, _TABLE: self._delete_table, _USER_POOL: self._delete_user_pool}[
            kept.kind
        ](kept.name)

    def _delete_bucket(self, name: str) -> None:
        storage = self._client("s3")
        for page in storage.get_paginator("list_multipart_uploads").paginate(Bucket=name):
            for upload in page.get("Uploads", ()):
                storage.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in storage.get_paginator("list_object_versions").paginate(Bucket=name):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            if keys:
                storage.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
        storage.delete_bucket(Bucket=name)

    def _delete_table(self, name: str) -> None:
        catalog = self._client("dynamodb")
        if catalog.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            catalog.update_table(TableName=name, DeletionProtectionEnabled=False)
        catalog.delete_table(TableName=name)

    def _delete_user_pool(self, identifier: str) -> None:
        cognito = self._client("cognito-idp")
        pool = cognito.describe_user_pool(UserPoolId=identifier)["UserPool"]
        if pool.get("DeletionProtection") == "ACTIVE":
            cognito.update_user_pool(
                UserPoolId=identifier,
                DeletionProtection="INACTIVE",
                # Cognito refuses a pool that asks to verify what it does not verify by itself.
                AutoVerifiedAttributes=pool.get("AutoVerifiedAttributes", []),
            )
        cognito.delete_user_pool(UserPoolId=identifier)


def _client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]  # the stubs know names of services only


def main(
    arguments: list[str],
    ask: Callable[[str], str] = input,
    say: Callable[[str], object] = print,
    client: Callable[[str], Any] | None = None,
) -> int:
    """Take a stack down, after asking; return the exit status."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    environments = [name for name, section in config.items() if isinstance(section, dict)]
    parser = argparse.ArgumentParser(prog="infra/destroy.py", description="Take a stack down.")
    parser.add_argument("environment", choices=environments)
    parser.add_argument("--with-data", action="store_true", help="delete bucket, table, user pool, too")
    options = parser.parse_args(arguments)
    name = config[options.environment]["global"]["parameters"]["stack_name"]
    try:
        stack = Stack(name, client or _client)
        kept = sorted(set(stack.holding_data()))
        say(f"The stack {name} will be deleted. What holds its data:")
        for item in kept:
            say(f"  {item}: {'DELETED, with all that is in it' if options.with_data else 'kept'}")
        if ask(f"Type {name} to go on: ").strip() != name:
            say("Nothing was deleted.")
            return 1
        say(f"Deleting the stack {name} ...")
        stack.delete()
        for item in kept if options.with_data else ():
            say(f"Deleting {item} ...")
            stack.delete_data(item)
    except (ClientError, BotoCoreError) as error:
        sys.stderr.write(f"{error}\nWhat is said above to be deleted is; run it again for the rest.\n")
        return 1
    say("Done.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
