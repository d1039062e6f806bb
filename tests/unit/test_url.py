"""Where a deployed stack answers: the output of the stack that samconfig.toml names."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from infra.url import api_url, main

RESOURCES = {"Queue": {"Type": "AWS::SQS::Queue"}}
URL = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/v1"


@pytest.fixture
def cloudformation() -> Iterator[None]:
    """CloudFormation with the staging stack, and a production stack that tells nothing."""
    with mock_aws():
        client = boto3.client("cloudformation")
        outputs = {"ApiUrl": {"Value": URL}, "PageUrl": {"Value": f"{URL}/app/"}}
        body = {"Resources": RESOURCES, "Outputs": outputs}
        client.create_stack(StackName="csv-analyzer-staging", TemplateBody=json.dumps(body))
        body = {"Resources": RESOURCES}
        client.create_stack(StackName="csv-analyzer-production", TemplateBody=json.dumps(body))
        yield


@pytest.mark.usefixtures("cloudformation")
def test_the_address_is_an_output_of_the_stack(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("staging") == 0
    assert capsys.readouterr().out == f"{URL}\n"


@pytest.mark.usefixtures("cloudformation")
@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ("default", r"stack csv-analyzer: .* does not exist. That takes AWS credentials"),
        ("production", "csv-analyzer-production has no output ApiUrl"),
        ("prod", "'prod' is none of the environments"),
    ],
)
def test_where_there_is_none_it_is_said_why(
    environment: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=reason):
        api_url(environment)
    assert main(environment) == 1
    # A workflow takes what is printed for the address.
    assert capsys.readouterr().out == ""
