"""The load test works: two tiny steps of each mix against the stack of its own, and against an address."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack import LocalStack
from tests.conftest import ROOT
from tests.e2e.service import PASSWORD, User

LOCUST = ROOT / ".venv-load/bin/locust"
pytestmark = [
    pytest.mark.long,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not LOCUST.is_file(), reason="Locust is not installed: make setup-load"),
]
PREDICT = {"predict 1 row", "predict 100 rows", "predict 1 row, explain"}
CONTROL = {
    "GET /datasets",
    "GET /datasets/{dataset_id}",
    "GET /datasets/{dataset_id}/preview",
    "GET /datasets/{dataset_id}/profile",
    "GET /jobs",
    "GET /limits",
    "GET /models",
    "GET /models/{name}/versions/{version}/report",
    "POST /datasets (text/csv)",
    "analysis of the upload",
}


def _load(out: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    folders = (".", "layers/core", "layers/scoring", "layers/client")
    own = {name: value for name, value in os.environ.items() if not name.startswith("CSV_ANALYZER_")}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.load",
            "--out",
            str(out),
            "--steps",
            "1",
            "3",
            "--budget",
            "5",
            *options,
        ],
        cwd=ROOT,
        env=own
        | {"PYTHONPATH": ":".join(folders), "XDG_CONFIG_HOME": str(out), "XDG_STATE_HOME": str(out)}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _figures(out: Path, mix: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((out / f"{mix}.json").read_text("utf-8"))
    return told


def _check(out: Path, mix: str, names: set[str], printed: str) -> None:
    """All that was asked was answered, and the table says what the figures are."""
    told = _figures(out, mix)
    assert [step["users"] for step in told["steps"]] == [1, 3]
    asked = set().union(*(step["by_name"] for step in told["steps"]))
    assert asked <= names
    # Which are asked is chance; in these few seconds not each of them has its turn.
    assert len(asked) > len(names) / 2
    for step in told["steps"]:
        assert (step["errors"], step["throttled"]) == ({}, 0)
        figures = step["all"]
        assert figures["count"] > 0
        assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
        row = rf"│ +{step['users']} │ +{figures['count']:,} │ +{step['rate']:,.1f} │ +{figures['p50']:,.0f} │"
        assert re.search(row, printed), row
    assert (out / f"{mix}.svg").read_bytes().startswith(b"<?xml")
    assert told["limit"]["sentence"] in printed.replace("\n", " ")


def test_both_mixes_are_measured_on_a_stack_of_their_own(tmp_path: Path) -> None:
    done = _load(tmp_path, "--seconds", "20", "--settle", "2", "--p95", "60000")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    _check(tmp_path, "predict", PREDICT, done.stdout)
    _check(tmp_path, "control", CONTROL, done.stdout)
    machine = _figures(tmp_path, "predict")["steps"][-1]["machine"]
    assert machine["functions"] > 0
    assert machine["gateway"] > 0
    assert machine["load generator"] > 0
    assert machine["at work: PredictFunction"] > 0


def test_an_address_is_asked_as_the_user_of_the_environment_and_nothing_stays(
    stack: LocalStack, new_user: Callable[..., User], tmp_path: Path
) -> None:
    user = new_user(groups=("admin",))
    done = _load(
        tmp_path,
        *("--url", stack.api_url, "--mix", "predict", "--seconds", "5", "--settle", "2", "--p95", "60000"),
        CSV_ANALYZER_EMAIL=user.email,
        CSV_ANALYZER_PASSWORD=PASSWORD,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    _check(tmp_path, "predict", PREDICT, done.stdout)
    assert _figures(tmp_path, "predict")["steps"][0]["machine"] == {}
    assert user.get("/datasets")["items"] == []
    assert user.get("/models")["items"] == []
    assert {receipt["kind"] for receipt in user.get("/erasures")["items"]} == {"dataset", "model"}


def test_who_is_nobody_or_no_administrator_is_told_what_is_missing(
    stack: LocalStack, new_user: Callable[..., User], tmp_path: Path
) -> None:
    nobody = _load(tmp_path, "--url", stack.api_url)
    assert nobody.returncode == 1
    assert "csv-analyzer login" in nobody.stdout
    editor = new_user()
    asked = _load(
        tmp_path, "--url", stack.api_url, CSV_ANALYZER_EMAIL=editor.email, CSV_ANALYZER_PASSWORD=PASSWORD
    )
    assert asked.returncode == 1
    assert "needs a user in the group admin" in asked.stdout
    assert editor.get("/datasets")["items"] == []
