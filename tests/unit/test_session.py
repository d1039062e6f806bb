"""A session to a page of a container is asked for by what AWS tells of the stack."""

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.template import Template
from infra.session import PAGES, main
from tests.conftest import ROOT

CLUSTER = "csv-analyzer-MonitoringContainersStack-Cluster-aB3"
SERVICE = "arn:aws:ecs:eu-central-1:123456789012:service/cluster/service"
TASK = f"arn:aws:ecs:eu-central-1:123456789012:task/{CLUSTER}/0123456789abcdef"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:GrafanaSecret-aB3"
STACKS = {
    "csv-analyzer": [
        ("Catalog", "AWS::DynamoDB::Table", "catalog"),
        ("MonitoringContainersStack", "AWS::CloudFormation::Stack", "arn:nested"),
    ],
    "arn:nested": [
        ("Cluster", "AWS::ECS::Cluster", CLUSTER),
        ("Service", "AWS::ECS::Service", SERVICE),
        ("GrafanaSecret", "AWS::SecretsManager::Secret", SECRET),
    ],
    "csv-analyzer-staging": [("Catalog", "AWS::DynamoDB::Table", "catalog")],
}


class _Formation:
    """CloudFormation, which answers with one resource on a page."""

    def get_paginator(self, operation: str) -> "_Formation":
        assert operation == "list_stack_resources"
        return self

    def paginate(self, *, StackName: str) -> Iterator[Mapping[str, Any]]:
        if StackName not in STACKS:
            error = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": error}, "ListStackResources")
        names = ("LogicalResourceId", "ResourceType", "PhysicalResourceId")
        for row in STACKS[StackName]:
            yield {"StackResourceSummaries": [dict(zip(names, row, strict=True))]}


class _Tasks:
    def __init__(self, runtime_id: str | None) -> None:
        self.containers = [
            {"name": "settings", "runtimeId": "0123-9"},
            {"name": "grafana"} | ({"runtimeId": runtime_id} if runtime_id else {}),
        ]

    def list_tasks(self, *, cluster: str, serviceName: str, desiredStatus: str) -> Mapping[str, Any]:
        assert (cluster, serviceName, desiredStatus) == (CLUSTER, SERVICE, "RUNNING")
        return {"taskArns": [TASK]}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> Mapping[str, Any]:
        assert (cluster, tasks) == (CLUSTER, [TASK])
        return {"tasks": [{"taskArn": TASK, "containers": self.containers}]}


def _main(arguments: list[str], runtime_id: str | None = "0123-4") -> tuple[int, list[str]]:
    ran: list[str] = []
    clients = {"cloudformation": _Formation(), "ecs": _Tasks(runtime_id)}
    return main(arguments, clients.__getitem__, lambda _program, words: ran.extend(words)), ran


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def test_a_port_here_leads_to_the_container_of_the_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["default", "grafana"]) == (
        0,
        [
            *("aws", "ssm", "start-session", "--target", f"ecs:{CLUSTER}_0123456789abcdef_0123-4"),
            *("--document-name", "AWS-StartPortForwardingSession"),
            *("--parameters", '{"portNumber": ["3000"], "localPortNumber": ["3000"]}'),
        ],
    )
    told = capsys.readouterr().out
    assert "http://localhost:3000/" in told
    assert told.endswith(f"--secret-id {SECRET}\n")


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["default"], 2, "'' is none of the pages: grafana, mlflow."),
        (["default", "prometheus"], 2, "'prometheus' is none of the pages"),
        (["prod", "grafana"], 1, "'prod' is none of the environments"),
        (["production", "grafana"], 1, "does not exist. That takes AWS credentials"),
        (["staging", "grafana"], 1, "deploy it with MonitoringContainers=true."),
        (["default", "mlflow"], 1, "deploy it with Mlflow=server."),
    ],
)
def test_where_there_is_none_it_is_said_why(
    arguments: list[str], status: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(arguments) == (status, [])
    assert complaint in capsys.readouterr().err


def test_a_container_that_only_starts_has_no_page_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main(["default", "grafana"], None) == (1, [])
    assert "The container grafana of the stack csv-analyzer does not run." in capsys.readouterr().err


def test_what_must_be_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "session-manager-plugin" else name)
    assert _main(["default", "grafana"]) == (1, [])
    assert capsys.readouterr().err == "Install the AWS CLI's plugin for sessions and try again.\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_of_the_templates(name: str) -> None:
    page = PAGES[name]
    parameter, _, value = page.parameter.partition("=")
    given = {parameter: value, "MlflowImage": "i", "MonitoringImage": "i"}
    nested = Template.load(ROOT / "template.yaml", given).nested[page.stack]
    (task,) = nested.of_type("AWS::ECS::TaskDefinition").values()
    (container,) = [each for each in task["ContainerDefinitions"] if each["Name"] == page.container]
    assert not page.secret or page.secret in nested.of_type("AWS::SecretsManager::Secret")
    assert len(nested.of_type("AWS::ECS::Cluster")) == 1
    (service,) = nested.of_type("AWS::ECS::Service").values()
    assert service["EnableExecuteCommand"] is True
    # The agent of sessions must write into the container's root.
    assert not container.get("ReadonlyRootFilesystem")
    told = " ".join(map(str, [*container.get("Command", []), container["HealthCheck"]["Command"]]))
    assert f":{page.port}" in told
