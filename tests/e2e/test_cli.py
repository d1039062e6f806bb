"""The command line on the whole local stack, as a user types it: from sign-in to the model at home."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from csv_analyzer_client import Client
from infra.local.stack import LocalStack
from tests.conftest import ROOT
from tests.e2e.service import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]

TRAINING = "rooms,age,kind,sold on,price\n" + "".join(
    f"{i % 7},{i % 31},{'flat' if i % 2 else ' House'},2024-01-{i % 28 + 1:02},"
    f"{1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2)}\n"
    for i in range(160)
)
NEW = "rooms,age,kind,sold on,note\n3,10,flat,2024-02-01,first\n5,20,house,2024-02-02,second\n"
RECIPE = [
    {"step": "drop_columns", "columns": ["sold on"]},
    {"step": "trim", "columns": ["kind"], "case": "lower"},
]


@dataclass
class Cli:
    """The command line of one user in a folder of their own; nothing of this machine's user is seen."""

    home: Path

    def run(self, *arguments: str, stdin: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command and check how it ends."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "csv_analyzer_client", *arguments],
            cwd=self.home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "PYTHONPATH": str(ROOT / "layers" / "client"),
            },
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """What a command answers to programs."""
        return json.loads(self.run(*arguments, "--json", stdin=stdin).stdout)


@pytest.fixture(scope="module")
def cli(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line of an admin who is signed in."""
    stack.create_user("cli@example.com", PASSWORD, groups=("admin",))
    made = Cli(tmp_path_factory.mktemp("cli"))
    assert made.run("datasets", code=2).stderr.startswith("Error: No service is configured.")
    made.run("configure", stack.api_url)
    assert "csv-analyzer login" in made.run("datasets", code=3).stderr
    assert (
        "wrong" in made.run("login", "-e", "cli@example.com", "--password-stdin", stdin="no\n", code=3).stderr
    )
    made.run("login", "-e", "cli@example.com", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert made.json("whoami")["role"] == "admin"
    (made.home / "homes.csv").write_text(TRAINING, encoding="utf-8")
    (made.home / "new.csv").write_text(NEW, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def dataset(cli: Cli) -> str:
    """The dataset of the user, uploaded and analyzed."""
    uploaded = cli.json("upload", "homes.csv", "--wait")
    assert (uploaded["status"], uploaded["rows"]) == ("READY", 160)
    return str(uploaded["id"])


@pytest.fixture(scope="module")
def job(cli: Cli, dataset: str) -> Any:
    """The training of the model `homes`, followed to its end."""
    done = cli.run("train", dataset, "--target", "price", "--budget", "5", "--follow", "--json")
    assert "100%" in done.stderr
    return json.loads(done.stdout)


def test_tokens_are_for_their_owner_alone(cli: Cli) -> None:
    folder = cli.home / ".local" / "state" / "csv-analyzer" / "tokens"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "default.json").stat().st_mode & 0o777 == 0o600


def test_a_token_that_ends_is_renewed(cli: Cli) -> None:
    path = cli.home / ".local" / "state" / "csv-analyzer" / "tokens" / "default.json"
    tokens = json.loads(path.read_text())
    path.write_text(json.dumps(tokens | {"expires_at": 0}))
    cli.run("models")
    renewed = json.loads(path.read_text())
    assert renewed["expires_at"] > tokens["expires_at"] - 60
    # The service refuses what it did not sign; then it is renewed as well.
    path.write_text(json.dumps(renewed | {"id_token": "e30.e30.x"}))
    cli.run("models")
    assert json.loads(path.read_text())["id_token"] != "e30.e30.x"


def test_a_dataset_is_looked_at_and_cleaned(cli: Cli, dataset: str) -> None:
    assert dataset in cli.run("datasets").stdout
    profile = cli.run("profile", dataset).stdout
    assert "160 rows, 5 columns" in profile
    assert "2024-01-01" in profile
    assert "Histogram" in cli.run("profile", dataset, "--column", "age").stdout
    assert "5 of 160 rows" in cli.run("preview", dataset, "--limit", "5").stdout
    cleaned = cli.run("clean", dataset, "-", "--target", "price", stdin=json.dumps(RECIPE)).stdout
    assert "READY" in cleaned
    assert "5 → 4" in cleaned
    assert "house" in cli.run("preview", dataset, "--recipe", "1").stdout
    assert "What goes with price" in cli.run("profile", dataset, "--recipe", "1").stdout
    wrong = [{"step": "drop_columns", "columns": ["nothing"]}, {"step": "explode"}]
    refused = cli.run("clean", dataset, "-", stdin=json.dumps(wrong), code=1).stderr
    assert "invalid_step" in refused
    assert "'nothing'" in refused


def test_rows_are_predicted_alike_one_by_one_in_a_batch_and_at_home(cli: Cli, job: Any) -> None:
    assert (job["status"], job["model"], job["version"]) == ("SUCCEEDED", "homes", 1)
    assert "homes" in cli.run("models").stdout
    assert "production" in cli.run("model", "homes").stdout
    assert "rooms" in cli.run("schema", "homes").stdout
    online = cli.json("predict", "homes", "new.csv")["predictions"]
    values = ("rooms=3", "age=10", "kind=flat", "sold on=2024-02-01")
    by_hand = cli.json("predict", "homes", *(part for value in values for part in ("--set", value)))
    assert by_hand["predictions"][0]["prediction"] == pytest.approx(online[0]["prediction"], rel=1e-9)
    piped = cli.run("predict", "homes", "--format", "csv", stdin=NEW)
    assert "does not use it: note" in piped.stderr
    as_csv = list(csv.DictReader(piped.stdout.splitlines()))
    cli.run("batch", "homes", "new.csv", "--out", "batch.csv", "--errors", "errors.csv")
    in_batch = _rows(cli.home / "batch.csv")
    assert [row["note"] for row in in_batch] == ["first", "second"]
    exported = cli.json("export", "homes", "--out", "homes.zip")
    assert exported["size_bytes"] == (cli.home / "homes.zip").stat().st_size
    subprocess.run(
        [sys.executable, "-m", "scoring", "predict", "homes.zip", "new.csv", "--out", "home.csv"],
        cwd=cli.home,
        env=os.environ | {"PYTHONPATH": str(ROOT / "layers" / "scoring")},
        check=True,
        capture_output=True,
        timeout=60,
    )
    at_home = _rows(cli.home / "home.csv")
    for answer, line, row, own in zip(online, as_csv, in_batch, at_home, strict=True):
        for name, value in (("prediction", answer["prediction"]), ("low", answer["interval"]["low"])):
            numbers = [float(found[name]) for found in (line, row, own)]
            assert numbers == pytest.approx([value] * 3, rel=1e-9)
    assert "Why 0" in cli.run("predict", "homes", "new.csv", "--explain").stdout


def test_what_is_wrong_is_said_with_its_exit_code(cli: Cli, dataset: str, job: Any) -> None:
    assert "unknown_column" in cli.run("train", dataset, "--target", "nothing", code=1).stderr
    refused = cli.run("predict", "homes", "--set", "rooms=many", "--set", "kind=flat", code=1).stderr
    assert "rooms" in refused
    assert "missing" in refused
    cli.run("predict", "homes", "new.csv", "--strict", "--set", "rooms=1", code=2)
    strict = cli.run("predict", "homes", "--strict", "-", stdin=NEW.replace("house", "castle"), code=1).stderr
    assert "unseen_category" in strict
    for arguments in (
        ("model", "none"),
        ("dataset", "none"),
        ("job", "none"),
        ("export", "none"),
        ("model", "../jobs"),
    ):
        assert "not_found" in cli.run(*arguments, code=4).stderr
    assert "login" in cli.run("models", "--url", "http://127.0.0.1:1/v1", code=3).stderr
    away = cli.run("configure", "http://127.0.0.1:1/v1", "--profile", "away", code=6).stderr
    assert "127.0.0.1:1 can't be reached" in away
    assert json.loads(cli.run("model", "none", "--json", code=4).stderr)["status"] == 404


def test_versions_go_into_production_and_back(stack: LocalStack, cli: Cli, dataset: str, job: Any) -> None:
    recipe = cli.json("clean", dataset, "-", stdin=json.dumps(RECIPE))["version"]
    options = ("--target", "price", "--budget", "5", "--metric", "mae", "--recipe", str(recipe), "--json")
    again = json.loads(cli.run("train", dataset, *options, "--follow").stdout)
    assert (again["model"], again["version"], again["options"]["metric"]) == ("homes", 2, "mae")
    # Another version asks for other columns: what it does not use is left out of the request.
    assert "sold on" in cli.run("predict", "homes", "new.csv", "--stage", "staging").stderr
    assert {item["id"] for item in cli.json("jobs")} == {job["id"], again["id"]}
    report = cli.run("report", "homes", "2").stdout
    assert "regression" in report
    assert "cross validation" in report
    assert cli.run("card", "homes", "2").stdout.startswith("#")
    assert cli.json("drift", "homes")["model"] == "homes"

    promoted = cli.json("promote", "homes", "2", "--force", "--reason", "fewer columns")
    assert (promoted["production_version"], promoted["changed"]) == (2, True)
    assert promoted["change"]["gate"]["decision"] in {"passed", "refused", "not_comparable"}
    assert cli.json("predict", "homes", "new.csv")["version"] == 2
    back = cli.run("rollback", "homes", "--from", "2", "--reason", "complaints").stdout
    assert "rolled_back" in back
    # Said twice it goes no further back.
    cli.run("rollback", "homes", "--from", "2", code=1)
    assert "archived" in cli.run("predict", "homes", "new.csv", "--version", "2", code=1).stderr
    assert "in_production" in cli.run("archive", "homes", "1", code=1).stderr
    restored = cli.json("archive", "homes", "2", "--restore")
    assert (restored["stage"], restored["production_version"]) == ("staging", 1)
    history = cli.json("history", "homes")
    assert [entry["action"] for entry in history["items"]] == [
        "restored",
        "rolled_back",
        "promoted",
        "published",
        "published",
    ]
    assert history["put_there_by"]["reason"] == "complaints"
    assert cli.json("history", "homes", "--at", promoted["change"]["at"])["production_version"] == 2

    stack.create_user("viewer@example.com", PASSWORD, groups=("viewer",))
    login = ("login", "--profile", "viewer", "-e", "viewer@example.com", "--password-stdin")
    cli.run("configure", stack.api_url, "--profile", "viewer")
    cli.run(*login, stdin=f"{PASSWORD}\n")
    assert "admin" in cli.run("rollback", "homes", "--profile", "viewer", code=1).stderr
    cli.run("model", "homes", "--profile", "viewer", code=4)
    cli.run("profiles", "--use", "default")


def test_a_training_is_cancelled(cli: Cli, dataset: str) -> None:
    ordered = cli.json("train", dataset, "--target", "kind", "--model", "kinds", "--budget", "60")
    assert cli.json("cancel", ordered["id"])["status"] in {"CANCELLING", "CANCELLED"}
    assert "cancelled" in cli.run("job", ordered["id"], "--follow", code=1).stderr
    used = cli.json("limits")
    assert used["datasets"]["used"] >= 1
    assert "running trainings" in cli.run("limits").stdout


def test_a_file_goes_in_parts(
    stack: LocalStack, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with Client(stack.api_url, token=stack.sign_in("cli@example.com", PASSWORD)) as client:
        found = client.upload(cli.home / "homes.csv", name="parts.csv", multipart_bytes=1).wait(timeout=200)
    assert (found.file_name, found.rows, found.size_bytes) == ("parts.csv", 160, len(TRAINING))


def test_what_is_erased_is_gone_and_has_a_receipt(cli: Cli, dataset: str, job: Any) -> None:
    assert "--yes" in cli.run("delete", "model", "homes", code=2).stderr
    model = cli.json("delete", "model", "homes", "--yes")
    assert (model["kind"], model["name_or_id"]) == ("model", "homes")
    assert model["versions"] >= 1
    for arguments in (
        ("delete", "model", "homes", "--yes"),
        ("predict", "homes", "new.csv"),
        ("model", "homes"),
    ):
        cli.run(*arguments, code=4)
    assert "dataset" in cli.run("delete", "dataset", dataset, "--yes").stdout
    cli.run("delete", "dataset", dataset, "--yes", code=4)
    assert cli.json("erasures", model["id"])["id"] == model["id"]
    assert [item["kind"] for item in cli.json("erasures")] == ["dataset", "model"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
