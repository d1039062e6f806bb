"""What all suites share: the template, and AWS as moto plays it in this process."""

import functools
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import hypothesis
import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer
from xdist.scheduler import LoadScopeScheduling

from csv_analyzer import reads
from csv_analyzer.settings import AwsSettings
from infra.local.isolation import isolate
from infra.local.resources import create_stores
from infra.local.template import Template
from tests.local_stack import diabetes_csv, new_user, stack, user

__all__ = ["diabetes_csv", "new_user", "stack", "user"]

ROOT = Path(__file__).parent.parent

# No test measures time: a busy machine must not fail one.
hypothesis.settings.register_profile("untimed", deadline=None)
# `make test-properties` loads it, for the tests that name no number of examples of their own.
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("untimed")

# Handlers read their settings when they are imported, as they do on Lambda, so the environment
# that the template gives them must stand before any test module is collected.
_template = Template.load(ROOT / "template.yaml")
for _function in Template.load(ROOT / "template.yaml", {"Mlflow": "none"}).functions.values():
    os.environ.update(_function.environment)
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION=_template.ids.region,
    POWERTOOLS_SERVICE_NAME="tests",
    POWERTOOLS_DEV="false",
)
isolate()
os.environ.pop("AWS_PROFILE", None)
os.environ.pop("AWS_ENDPOINT_URL", None)


class Shares(LoadScopeScheduling):
    """Which of the processes that run the tests gets which.

    The tests of one file stay together, for they share trained models, and so do all that use the local
    stack, which only one process starts. By a hook of the plugin, whose own marks pytest 9.2 does not see.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "stack" if path.startswith(("tests/e2e/", "tests/ui/")) else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Shares:
    """Share out the tests by what they share."""
    return Shares(config, log)


@pytest.fixture(scope="session")
def template() -> Template:
    """The project's template with its default parameters."""
    return _template


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """moto in this process over HTTP: the same state, for what does not go through boto3."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


# moto answers for every client of this process, whenever made; making one takes longer than most tests.
_client = functools.cache(boto3.client)


@pytest.fixture
def aws(template: Template, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Template]:
    """The template's bucket, table and queues in moto, empty for every test."""
    # boto3 is answered by moto without a server; only the reads go over HTTP.
    monkeypatch.setattr(
        reads.reader,
        "_settings",
        replace(AwsSettings.from_environment(), endpoints={"": moto_url}),
    )
    with mock_aws():
        create_stores(template, _client)
        yield template
