"""A function's process gets the variables of Lambda and of the template, and nothing of the developer's."""

from pathlib import Path

import pytest

from infra.local.lambda_environment import aws_variables, function_variables
from infra.local.physical import PhysicalIds
from infra.local.template import Template

TINY = Path(__file__).parents[2] / "e2e" / "tiny_stack" / "template.yaml"


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a real one")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")
    monkeypatch.setenv("PYTHONSTARTUP", "x.py")
    function = Template.load(TINY).functions["Front"]
    made = function_variables(
        function, Path("/code"), [Path("/code"), Path("/layer")], tmp_path, "127.0.0.1:9001"
    )
    return made | aws_variables(PhysicalIds(), "http://127.0.0.1:5000")


def test_the_variables_of_the_template_are_there(variables: dict[str, str]):
    assert variables["BUCKET"] == "csv-analyzer-local-data-us"


def test_the_variables_of_lambda_are_there(variables: dict[str, str]):
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "csv-analyzer-local-Front"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert variables["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:9001"
    assert variables["_HANDLER"] == "front.handler"
    assert variables["LAMBDA_TASK_ROOT"] == "/code"
    assert variables["PYTHONPATH"] == "/code:/layer"
    assert variables["TZ"] == ":UTC"


def test_clients_are_sent_to_the_local_aws_with_made_up_credentials(variables: dict[str, str]):
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    assert variables["AWS_SECRET_ACCESS_KEY"] == "local"


def test_nothing_of_the_developer_gets_in(variables: dict[str, str], tmp_path: Path):
    assert not {"AWS_PROFILE", "HTTP_PROXY", "PYTHONSTARTUP", "VIRTUAL_ENV", "USER"} & set(variables)
    assert variables["HOME"] == variables["TMPDIR"] == str(tmp_path)
