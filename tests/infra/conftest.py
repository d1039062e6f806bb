"""The template with other parameters than its defaults, and the stacks that it nests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.template import Template

ROOT = Path(__file__).parent.parent.parent
# All that a stack can be made of, with the image of one kind of MLflow.
EVERYTHING = {
    "AlarmEmail": "ops@example.com",
    "MonthlyBudgetUsd": "50",
    "DomainName": "models.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b",
    "HostedZoneId": "Z123",
    "RequestsPerAddress": "1000",
    "TrafficShift": "Canary10Percent5Minutes",
    "MonitoringContainers": "true",
    "MonitoringImage": "monitoring:1",
    "MlflowImage": "mlflow:1",
}

type Stacks = tuple[Template, ...]


@pytest.fixture(scope="session")
def template_with() -> Callable[..., Template]:
    """Load the template with the given values of its parameters."""
    return lambda **parameters: Template.load(ROOT / "template.yaml", parameters)


@pytest.fixture(scope="session", params=["managed", "server"])
def stacks(request: pytest.FixtureRequest, template_with: Callable[..., Template]) -> Stacks:
    """The stack with all that it can be made of, by kind of MLflow, and those that it nests."""
    template = template_with(**EVERYTHING, Mlflow=request.param)
    return (template, *template.nested.values())


@pytest.fixture(scope="session")
def containers(template_with: Callable[..., Template]) -> Template:
    """The nested stack of the containers that watch."""
    template = template_with(MonitoringContainers="true", MonitoringImage="monitoring:1")
    return template.nested["MonitoringContainersStack"]
