"""`make smoke` on the whole local stack: it passes, it fails with a reason, and it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.stack import LocalStack
from tests.conftest import ROOT
from tests.e2e.service import PASSWORD, User, wait
from tests.smoke.__main__ import PAGE
from tests.smoke.journey import Journey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STEPS = ("health", "page", "doors", "sign in", "upload", "train", "predict", "refuse", "report", "drift")
# What takes a second says no less about the exit status.
NOWHERE = "http://127.0.0.1:1/v1"


def _command(home: Path, url: str, email: str, password: str) -> subprocess.Popen[str]:
    folders = (ROOT, ROOT / "layers/core", ROOT / "layers/client")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": ":".join(map(str, folders)),
        "CSV_ANALYZER_EMAIL": email,
        "CSV_ANALYZER_PASSWORD": password,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.smoke", "--url", url, "--patience", "200"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(home: Path, url: str, email: str, password: str = PASSWORD) -> tuple[int, str, str]:
    process = _command(home, url, email, password)
    try:
        said, wrong = process.communicate(timeout=200)
    finally:
        process.kill()
    assert password == "" or password not in said + wrong
    return process.returncode, said, wrong


def _assert_nothing_is_left(user: User) -> None:
    assert user.get("/datasets")["items"] == []
    assert user.get("/models")["items"] == []


def test_a_stack_that_works_passes_and_keeps_nothing(
    stack: LocalStack, new_user: Callable[..., User], tmp_path: Path
) -> None:
    if not PAGE.is_file():
        pytest.skip("the page was not built: make page")
    user = new_user("smoke-passes@example.com", groups=("admin",))
    status, said, wrong = _run(tmp_path, stack.api_url, user.email)
    assert (status, wrong) == (0, ""), said + wrong
    lines = said.splitlines()
    assert [line[2:11].strip() for line in lines[1:-1]] == [*STEPS, "erase", "sign out"]
    assert lines[-1].startswith("Passed in ")
    _assert_nothing_is_left(user)
    (receipt,) = user.get("/erasures")["items"]
    assert receipt["id"] in said
    assert (receipt["kind"], receipt["versions"]) == ("dataset", 1)
    # Neither tokens nor profiles stay on the machine that tested.
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("groups", "password", "reasons"),
    [
        (("admin",), "Wrong-Password-1", ("the password is wrong", "CSV_ANALYZER_PASSWORD must be those of")),
        (("editor",), PASSWORD, ("admin", "(HTTP 403)", "in the group admin")),
    ],
)
def test_a_user_who_will_not_do_is_told_before_anything_is_made(
    stack: LocalStack,
    new_user: Callable[..., User],
    tmp_path: Path,
    groups: tuple[str, ...],
    password: str,
    reasons: tuple[str, ...],
) -> None:
    user = new_user(f"smoke-{groups[0]}@example.com", groups=groups)
    status, said, wrong = _run(tmp_path, stack.api_url, user.email, password)
    assert status == 1
    assert wrong.startswith("Error: sign in: ")
    assert all(reason in wrong for reason in reasons), wrong
    assert "upload" not in said
    assert said.splitlines()[-1].startswith("Failed in ")
    _assert_nothing_is_left(user)


def test_a_wrong_address_and_a_missing_user_say_what_helps(stack: LocalStack, tmp_path: Path) -> None:
    status, said, wrong = _run(tmp_path, NOWHERE, "a@example.com")
    assert (status, wrong.count("Error:")) == (1, 1)
    assert "health: 127.0.0.1:1 can't be reached" in wrong
    assert "Is this the stack's output ApiUrl" in wrong
    assert "erase" not in said
    status, _, wrong = _run(tmp_path, stack.api_url.removesuffix("/v1"), "a@example.com")
    assert status == 1
    assert "health: GET /health answers with 404" in wrong
    status, _, wrong = _run(tmp_path, "http://example.com/v1", "a@example.com")
    assert status == 2
    assert "only https is used beyond this machine" in wrong
    status, _, wrong = _run(tmp_path, stack.api_url, "a@example.com", "")
    assert status == 2
    assert "Nobody is there to sign in. CSV_ANALYZER_EMAIL and CSV_ANALYZER_PASSWORD" in wrong


@pytest.mark.long
def test_a_step_that_fails_is_named_and_what_was_made_is_erased(
    stack: LocalStack, new_user: Callable[..., User]
) -> None:
    user = new_user("smoke-fails@example.com", groups=("admin",))
    bucket = stack.outputs["DataBucketName"]

    def lose_the_model(line: str) -> None:
        if line.strip().startswith("train"):
            s3 = stack.client("s3")
            listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"models/{user.sub}/")
            assert listed["KeyCount"]
            for item in listed["Contents"]:
                s3.delete_object(Bucket=bucket, Key=item["Key"])

    journey = Journey(
        stack.api_url, user.email, PASSWORD, lose_the_model, with_page=False, patience_seconds=200
    )
    (reason,) = journey.run()
    assert reason.startswith("predict: ")
    assert reason.endswith("See the logs of PredictFunction.")
    _assert_nothing_is_left(user)


@pytest.mark.long
def test_what_is_stopped_in_the_middle_of_a_training_erases_too(
    stack: LocalStack, new_user: Callable[..., User], tmp_path: Path
) -> None:
    user = new_user("smoke-stopped@example.com", groups=("admin",))
    process = _command(tmp_path, stack.api_url, user.email, PASSWORD)
    try:
        wait(lambda: {"status": (user.get("/jobs")["items"] or [{"status": "NONE"}])[0]["status"]}, "RUNNING")
        process.send_signal(signal.SIGTERM)
        said, wrong = process.communicate(timeout=100)
    finally:
        process.kill()
    assert (process.returncode, wrong) == (128 + signal.SIGTERM, "")
    assert "erase" in said
    assert "Passed" not in said
    # The worker sees within seconds that nobody wants the model any more.
    wait(lambda: {"status": {job["status"] for job in user.get("/jobs")["items"]} <= {"CANCELLED"}}, True)
    _assert_nothing_is_left(user)
