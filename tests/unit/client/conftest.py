"""A client that sees nothing of this machine's user, and a service that is not there."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from csv_analyzer_client.cli import app
from csv_analyzer_client.cli import run as run_module
from csv_analyzer_client.client import Client
from csv_analyzer_client.settings import Profiles
from tests.unit.client.fake_service import (
    BATCH,
    CHANGE,
    DATASET,
    DRIFT,
    FULL,
    HISTORY,
    JOB,
    LEADERBOARD,
    LIMITS,
    PREVIEW,
    PROFILE,
    RECEIPT,
    RECIPE,
    REPORT,
    SCHEMA,
    SERVICE,
    SUMMARY,
    VERSION,
    FakeService,
    answer,
    predicted,
    tokens,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of configuration and state that are empty."""
    for name in ("URL", "REGION", "CLIENT_ID", "COGNITO_URL", "PROFILE", "TOKEN", "EMAIL", "PASSWORD"):
        monkeypatch.delenv(f"CSV_ANALYZER_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.fixture
def service() -> Iterator[FakeService]:
    """A service that answers what the test says."""
    fake = FakeService()
    yield fake
    fake.wire.close()


@pytest.fixture
def cli(service, monkeypatch):
    """Run a command against the fake service, signed in."""

    def make(profile, given):
        return Client(profile=profile, service=given, wire=service.wire)

    monkeypatch.setattr(run_module, "make_client", make)
    Profiles.load().with_service("default", SERVICE).save()
    Client().store.save(tokens())

    def run(*arguments, stdin=None):
        return CliRunner().invoke(app, arguments, input=stdin)

    return run


@pytest.fixture
def full(service, cli):
    """The fake service with an answer for every command."""
    for path, content in {
        "/datasets": {"items": [DATASET], "next": None},
        "/datasets/d1": DATASET,
        "/datasets/d1/profile": PROFILE,
        "/datasets/d1/preview": PREVIEW,
        "/datasets/d1/recipe": RECIPE,
        "/datasets/d1/recipes": {"items": [RECIPE], "next": None},
        "/jobs": {"items": [JOB], "next": None},
        "/jobs/j1": JOB | {"status": "SUCCEEDED", "version": 1, "progress": 1, "leaderboard": LEADERBOARD},
        "/limits": LIMITS,
        "/models": {"items": [SUMMARY], "next": None},
        "/models/houses": SUMMARY | {"versions": [VERSION]},
        "/models/houses/versions/1": FULL,
        "/models/houses/versions/1/report": REPORT,
        "/models/houses/schema": SCHEMA,
        "/models/houses/drift": DRIFT,
        "/models/houses/history": HISTORY,
        "/models/houses/batch": {"items": [BATCH], "next": None},
        "/models/houses/batch/b1": BATCH,
        "/erasures": {"items": [RECEIPT], "next": None},
        "/erasures/r1": RECEIPT,
    }.items():
        service.on("GET", path, answer(content))
    service.on("GET", "/models/houses/versions/1/card", httpx.Response(200, content=b"# Card\n\ntext\n"))
    service.on("PUT", "/datasets/d1/recipe", answer(RECIPE | {"status": "CHECKING", "effect": None}, 202))
    service.on("POST", "/datasets/d1/train", answer(JOB, 202))
    service.on("DELETE", "/jobs/j1", answer(JOB | {"status": "CANCELLED"}, 202))
    for stage in ("production", "archived", "staging"):
        service.on("PUT", f"/models/houses/stages/{stage}", answer(CHANGE))
    service.on("POST", "/models/houses/rollback", answer(CHANGE))
    service.on("DELETE", "/datasets/d1", answer(RECEIPT))
    service.on("DELETE", "/models/houses", answer(RECEIPT))
    service.on("POST", "/models/houses/predict", answer(predicted(2.5)))
    return cli
