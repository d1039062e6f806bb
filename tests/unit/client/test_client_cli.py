"""The command line: what it prints where, exit codes, errors, and data that a terminal must not obey."""

import json

import httpx
import pytest
from typer.testing import CliRunner

from csv_analyzer_client.cli import app
from tests.unit.client.fake_service import URL, answer, problem

COMMANDS = {
    ("datasets",): "houses.csv",
    ("dataset", "d1", "--wait"): "READY",
    ("profile", "d1"): "rank correlation",
    ("profile", "d1", "--column", "age"): "Histogram",
    ("profile", "d1", "--column", "kind"): "Most frequent",
    ("preview", "d1"): "2 of 500 rows",
    ("clean", "d1", "-"): "10 → 8",
    ("recipe", "d1"): "Drops the column 'id'.",
    ("recipe", "d1", "--all"): "Drops the column 'id'.",
    ("train", "d1", "--target", "price"): "j1",
    ("train", "d1", "-t", "price", "--follow"): "CatBoost",
    ("jobs",): "houses",
    ("job", "j1", "--follow"): "chosen",
    ("cancel", "j1"): "CANCELLED",
    ("limits",): "2.5 MB",
    ("models",): "houses",
    ("model", "houses"): "production",
    ("model", "houses", "--version", "1"): "1.6 ± 0.1",
    ("report", "houses", "1"): "true \\ predicted",
    ("card", "houses", "1"): "# Card",
    ("schema", "houses"): "string or null",
    ("drift", "houses"): "More are missing.",
    ("promote", "houses", "2"): "passed",
    ("promote", "houses", "2", "--force", "--reason", "R"): "passed",
    ("archive", "houses", "2"): "in production now",
    ("archive", "houses", "2", "--restore"): "promoted",
    ("rollback", "houses", "--from", "2"): "in production now",
    ("history", "houses", "--at", "2026-01-01"): "put there by",
    ("predict", "houses", "--set", "rooms=3"): "1.5",
    ("batches", "houses"): "rows.csv",
    ("batches", "houses", "b1"): "rows with errors",
    ("delete", "model", "houses", "--yes"): "PENDING",
    ("delete", "dataset", "d1", "-y"): "PENDING",
    ("erasures",): "r1",
    ("erasures", "r1"): "r1",
    ("profiles",): URL,
    ("whoami",): "a@example.com",
    ("docs", "--print"): f"{URL}/docs",
    ("open", "--print"): f"{URL}/",
}
RECIPE_TEXT = json.dumps({"target": "price", "steps": [{"step": "drop_duplicates"}]})


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_shows_its_result(full, arguments):
    done = full(*arguments, stdin=RECIPE_TEXT)
    assert done.exit_code == 0, done.output
    assert COMMANDS[arguments] in done.stdout


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_with_json_stdout_is_one_document(full, arguments):
    done = full(*arguments, "--json", stdin=RECIPE_TEXT)
    assert done.exit_code == 0, done.output
    json.loads(done.stdout)


def test_every_command_takes_the_shared_options_and_says_what_it_does(cli):
    names = [command.name for command in app.registered_commands]
    assert len(names) == len(set(names)) >= 35
    for name in names:
        done = cli(name, "--help")
        assert done.exit_code == 0
        for option in ("--json", "--profile", "--url", "--quiet"):
            assert option in done.stdout, name
    assert cli("--version").stdout.startswith("csv-analyzer ")


def test_train_orders_what_the_options_say(service, full):
    full(
        "train",
        "d1",
        "--target",
        "price",
        "--task",
        "regression",
        "--metric",
        "mae",
        "--budget",
        "30",
        "--exclude",
        "id",
        "--exclude",
        "name",
        "--keep",
        "age",
        "--class-weights",
        '{"a": 2}',
        "--group",
        "g",
        "--time",
        "t",
        "--recipe",
        "3",
        "--compact",
        "--no-recall",
        "--reasons",
        "--seed",
        "0",
        "--model",
        "m",
    )
    assert service.body() == {
        "target": "price",
        "task": "regression",
        "metric": "mae",
        "budget_seconds": 30,
        "exclude": ["id", "name"],
        "keep": ["age"],
        "class_weights": {"a": 2},
        "group": "g",
        "time": "t",
        "recipe": 3,
        "compact": True,
        "recall": False,
        "reasons": True,
        "seed": 0,
        "model": "m",
    }
    full("train", "d1", "--target", "price", "--class-weights", "balanced")
    assert service.body() == {"target": "price", "class_weights": "balanced"}
    assert full("train", "d1", "--target", "price", "--class-weights", "much").exit_code == 2


def test_faults_stand_in_a_table_on_stderr(service, full):
    faults = [
        {"location": "body.steps.1", "step": 1, "code": "invalid_step", "message": "There is no column 'x'."},
        {"location": "body.steps.4", "step": 4, "code": "invalid_step", "message": "Give a value."},
    ]
    service.on(
        "PUT", "/datasets/d1/recipe", problem(422, "invalid_request", "2 steps do not fit.", errors=faults)
    )
    done = full("clean", "d1", "-", stdin="[]")
    assert (done.exit_code, done.stdout) == (1, "")
    for text in (
        "Error: 2 steps do not fit.",
        "step",
        "There is no column 'x'.",
        "Give a value.",
        "(invalid_request)",
    ):
        assert text in done.stderr
    as_json = full("clean", "d1", "-", "--json", stdin="[]")
    assert as_json.stdout == ""
    assert json.loads(as_json.stderr)["errors"] == faults


@pytest.mark.parametrize(
    ("reply", "code", "sentence"),
    [
        (problem(403, "forbidden", "This needs the role admin."), 1, "role admin"),
        (problem(404, "not_found", "There is no such model."), 4, "no such model"),
        (problem(409, "gate_refused", "It is worse."), 1, "gate_refused"),
        (problem(429, "limit_reached", "50 a day.", retry_after=3600), 5, "Try again in 3,600 s."),
        (problem(500, "internal_error", "Something went wrong."), 6, "Something went wrong"),
        (httpx.ConnectError("refused"), 6, "can't be reached"),
        (httpx.Response(200, content=b"<html>"), 6, "no JSON"),
    ],
)
def test_exit_codes(service, cli, reply, code, sentence):
    service.on("GET", "/models/houses", reply)
    done = cli("model", "houses")
    assert done.exit_code == code
    assert sentence in done.stderr
    assert "Traceback" not in done.output


def test_usage_ends_with_two_and_no_sign_in_with_three(cli, home):
    for arguments in (
        ("promote", "houses"),
        ("promote", "houses", "two"),
        ("promote", "houses", "2", "--force"),
        ("nonsense",),
        ("predict", "houses", "x", "--set", "a=1"),
        ("delete", "model", "houses"),
        ("model", "houses", "--profile", "nowhere"),
        ("login", "--email", "a@example.com"),
        ("clean", "d1", str(home / "none.json")),
        ("upload", str(home / "none.csv")),
        ("batch", "houses", str(home / "none.csv"), "--out", str(home / "no" / "folder")),
        ("profiles", "--use", "nowhere"),
        ("history", "houses", "--at", "yesterday"),
    ):
        done = cli(*arguments)
        assert done.exit_code == 2, (arguments, done.output)
    assert cli("logout").exit_code == 0
    assert cli("models").exit_code == 3
    assert cli("whoami").exit_code == 3


@pytest.mark.parametrize("text", ["{", "5", '{"steps": 5}', '{"steps": [], "more": 1}', "\xff"])
def test_a_recipe_of_another_form_is_not_sent(service, cli, text):
    done = cli("clean", "d1", "-", stdin=text.encode("latin-1"))
    assert done.exit_code == 2
    assert service.requests == []


EVIL = (
    "\x1b]0;title\x07\x1b[31m[bold]red[/bold] [link=https://evil.example.com]x[/link] :smile: "
    "\x9b31m\u202e\r\n"
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("as_json", [False, True])
def test_data_is_shown_and_never_obeyed(service, full, arguments, as_json):
    def poisoned(value):
        if isinstance(value, dict):
            return {key: poisoned(item) for key, item in value.items()} | {EVIL: EVIL}
        if isinstance(value, list):
            return [poisoned(item) for item in value]
        return value + EVIL if isinstance(value, str) and value not in ENDS else value

    for replies in service.routes.values():
        for position, reply in enumerate(replies):
            content = reply.json() if reply.content.startswith(b"{") else None
            replies[position] = (
                answer(poisoned(content), reply.status_code)
                if content is not None
                else httpx.Response(200, content=EVIL.encode())
            )
    done = full(*arguments, *(["--json"] if as_json else []), stdin=RECIPE_TEXT)
    assert done.exit_code in {0, 2, 4}, done.output
    for character in "\x1b\x07\x9b\u202e\r":
        assert character not in done.output, repr(done.output)


ENDS = {"READY", "SUCCEEDED", "CANCELLED", "object", "number", "string", "boolean", "null"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_the_commands(shell):
    environment = {
        "_CSV_ANALYZER_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "csv-analyzer pro",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "csv-analyzer pro",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = CliRunner().invoke(app, [], prog_name="csv-analyzer", env=environment)
    for name in ("profile", "profiles", "promote"):
        assert name in done.stdout
    assert "rollback" not in done.stdout
