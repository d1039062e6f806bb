"""Open a page that no network reaches: ``python -m infra.session STACK grafana|mlflow``.

Grafana and a server of MLflow are reached by sessions of AWS Systems Manager only. This finds the task that
runs, and has the AWS CLI forward a port of this machine to it until Ctrl-C.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy import configured

PROGRAMS = {
    "aws": "the AWS CLI",
    "session-manager-plugin": "the AWS CLI's plugin for sessions",
}
# There, and here.
_PORTS = ("portNumber", "localPortNumber")
# What tells the resources of a stack apart: each has one cluster and one service.
_NAMES = ("ResourceType", "LogicalResourceId")


@dataclass(frozen=True)
class Page:
    """A page of a container.

    Parameters
    ----------
    stack : str
        Logical id of the nested stack.
    container : str
        Name in its task definition.
    port : int
        There and here: MLflow answers to the name that it knows only.
    parameter : str
        What the stack must be deployed with.
    secret : str, optional
        Logical id of the secret that holds the password of its user admin, where it has one.
    """

    stack: str
    container: str
    port: int
    parameter: str
    secret: str = ""


PAGES = {
    "grafana": Page(
        "MonitoringContainersStack", "grafana", 3000, "MonitoringContainers=true", "GrafanaSecret"
    ),
    "mlflow": Page("MlflowStack", "mlflow", 5000, "Mlflow=server"),
}


@dataclass(frozen=True)
class Session:
    """What opens a page.

    Parameters
    ----------
    words : list of str
        The command of the AWS CLI.
    secret : str
        Where the password of the page's user admin is; empty for a page that asks for none.
    """

    words: list[str]
    secret: str


def session(environment: str, page: Page, client: Callable[[str], Any]) -> Session:
    """Return what opens a page of a stack.

    Parameters
    ----------
    environment : str
        One of those in `samconfig.toml`.
    page : Page
        What to open.
    client : callable
        Gives the client of a service of AWS by its name.

    Raises
    ------
    ValueError
        If there is no such environment, stack or container, or nobody who may ask.
    """
    stack = configured(environment, {})[environment]["global"]["parameters"]["stack_name"]
    try:
        cluster, service, secret = _physical_ids(client("cloudformation"), stack, page)
        tasks = client("ecs")
        running = tasks.list_tasks(cluster=cluster, serviceName=service, desiredStatus="RUNNING")["taskArns"]
        described = tasks.describe_tasks(cluster=cluster, tasks=running)["tasks"] if running else []
    except (BotoCoreError, ClientError) as error:
        raise ValueError(
            f"AWS does not tell of the stack {stack}: {error}. "
            "That takes AWS credentials, AWS_REGION, and a stack that is deployed."
        ) from error
    for task in described:
        for container in task["containers"]:
            if container["name"] == page.container and container.get("runtimeId"):
                task_id = task["taskArn"].rpartition("/")[2]
                target = f"ecs:{cluster.rpartition('/')[2]}_{task_id}_{container['runtimeId']}"
                words = [
                    *("aws", "ssm", "start-session", "--target", target),
                    *("--document-name", "AWS-StartPortForwardingSession"),
                    *("--parameters", json.dumps({name: [str(page.port)] for name in _PORTS})),
                ]
                return Session(words, secret)
    raise ValueError(
        f"The container {page.container} of the stack {stack} does not run. "
        "The events of its service in ECS say why; a new one takes some minutes."
    )


def _physical_ids(formation: Any, stack: str, page: Page) -> tuple[str, str, str]:
    """Return the ids of the cluster, the service and the secret of a page."""
    nested = {item["LogicalResourceId"]: item for item in _resources(formation, stack)}.get(page.stack)
    inner = list(_resources(formation, nested["PhysicalResourceId"])) if nested else []
    found = {item[key]: item["PhysicalResourceId"] for item in inner for key in _NAMES}
    try:
        return found["AWS::ECS::Cluster"], found["AWS::ECS::Service"], found.get(page.secret, "")
    except KeyError:
        raise ValueError(
            f"The stack {stack} has no container {page.container}: deploy it with {page.parameter}."
        ) from None


def _resources(formation: Any, stack: str) -> Iterator[dict[str, Any]]:
    """Yield the resources of a stack that there are; a call names a hundred at most."""
    for answer in formation.get_paginator("list_stack_resources").paginate(StackName=stack):
        yield from (item for item in answer["StackResourceSummaries"] if item.get("PhysicalResourceId"))


def main(
    arguments: Sequence[str],
    client: Callable[[str], Any] = boto3.client,
    run: Callable[[str, list[str]], object] = os.execvp,
) -> int:
    """Open the session in the place of this process; return the exit status where that cannot be."""
    environment, name = (*arguments, "", "")[:2]
    if name not in PAGES:
        sys.stderr.write(f"{name!r} is none of the pages: {', '.join(PAGES)}.\n")
        return 2
    page = PAGES[name]
    missing = [what for program, what in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        sys.stderr.write(f"Install {' and '.join(missing)} and try again.\n")
        return 1
    try:
        opened = session(environment, page, client)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(f"{name} answers at http://localhost:{page.port}/ as soon as the session is there.", flush=True)
    if opened.secret:
        ask = "aws secretsmanager get-secret-value --query SecretString --output text --secret-id"
        print(f"Its user is admin; the password: {ask} {opened.secret}", flush=True)
    run(opened.words[0], opened.words)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
