"""Rules for the workflows of GitHub Actions: pinned, few rights, bounded, and calling what exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").iterdir())
ACTIONS = sorted(FOLDER.glob("actions/*/action.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

READS = {"contents": "read"}
SIGNS_IN = {**READS, "id-token": "write"}
# All that any job may do beside reading the code.
PERMISSIONS = {
    ("codeql.yml", "analyze"): {**READS, "actions": "read", "security-events": "write"},
    ("deploy.yml", "staging"): SIGNS_IN,
    ("deploy.yml", "production"): SIGNS_IN,
    ("release.yml", "publish"): {"contents": "write", "id-token": "write", "attestations": "write"},
}
# Jobs that deploy, or make what is released: what a cache holds can't reach them.
WITHOUT_CACHE = {
    ("deploy.yml", "staging"),
    ("deploy.yml", "production"),
    ("release.yml", "version"),
    ("release.yml", "build"),
}
TRIGGERS = {
    "ci.yml": {"pull_request", "workflow_call"},
    "codeql.yml": {"pull_request", "push", "schedule"},
    "deploy.yml": {"push", "workflow_dispatch"},
    "nightly.yml": {"schedule", "workflow_dispatch"},
    "release.yml": {"push"},
}
LONGEST_MINUTES = 90

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
every_file = pytest.mark.parametrize(
    "path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.parent.name + path.name
)


def _load(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return content


def _jobs(path: Path) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = _load(path)["jobs"]
    return jobs


def _job(workflow: str, name: str) -> dict[str, Any]:
    return _jobs(FOLDER / "workflows" / workflow)[name]


def _steps(path: Path) -> list[dict[str, Any]]:
    """Steps of a workflow or of an action; a job that calls a workflow has none."""
    if path in ACTIONS:
        steps: list[dict[str, Any]] = _load(path)["runs"]["steps"]
        return steps
    return [step for job in _jobs(path).values() for step in job.get("steps", [])]


def _commands(steps: list[dict[str, Any]]) -> list[str]:
    return [step["run"] for step in steps if "run" in step]


def test_there_is_one_for_each_purpose_and_none_that_strangers_can_start_with_rights() -> None:
    # YAML reads the word `on` as true.
    assert {path.name: set(_load(path)[True]) for path in WORKFLOWS} == TRIGGERS
    assert [path.parent.name for path in ACTIONS] == ["monitoring", "setup"]
    assert _load(FOLDER / "workflows/deploy.yml")[True]["push"] == {"branches": ["main"]}
    assert _load(FOLDER / "workflows/release.yml")[True]["push"] == {"tags": ["v*"]}


@every_file
def test_actions_are_pinned_by_commit_with_their_version_beside(path: Path) -> None:
    uses = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert uses
    for use in uses:
        if use.startswith("./"):
            called = ROOT / use
            assert called.is_file() or (called / "action.yml").is_file(), use
        else:
            assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use


def test_one_version_of_each_action_is_used() -> None:
    used: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, *ACTIONS):
        for repository, pin in re.findall(r"uses: ([\w.-]+/[\w.-]+)[\w./-]*(@.+)", path.read_text("utf-8")):
            used.setdefault(repository, set()).add(pin)
    assert {repository: pins for repository, pins in used.items() if len(pins) > 1} == {}
    # Set up in one place.
    text = "".join(path.read_text("utf-8") for path in WORKFLOWS)
    assert "actions/setup-" not in text


@every_workflow
def test_a_job_may_do_what_the_table_says(path: Path) -> None:
    assert _load(path)["permissions"] == READS
    for name, job in _jobs(path).items():
        assert job.get("permissions") == PERMISSIONS.get((path.name, name)), name
    checkouts = [step for step in _steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_table_names_jobs_that_exist() -> None:
    there = {(path.name, name) for path in WORKFLOWS for name in _jobs(path)}
    assert set(PERMISSIONS) | WITHOUT_CACHE <= there


@every_workflow
def test_who_signs_in_is_known_to_an_environment(path: Path) -> None:
    for name, job in _jobs(path).items():
        signs_in = job.get("permissions", {}).get("id-token") == "write"
        assert signs_in == ("environment" in job), name
        assumes = any("configure-aws-credentials@" in step.get("uses", "") for step in job.get("steps", []))
        assert not assumes or signs_in, name


@every_workflow
def test_no_key_is_stored_and_the_one_password_is_that_of_an_environment(path: Path) -> None:
    for name, job in _jobs(path).items():
        named = re.findall(r"secrets\.(\w+)|secrets(: inherit|\[)", str(job))
        assert {first for first, _ in named} <= (
            {"SMOKE_PASSWORD"} if path.name == "deploy.yml" else set()
        ), name
        assert not named or "environment" in job, name
        # A job's or a workflow's environment would show it to every step.
        assert "secrets." not in str(job.get("env", "")), name
    assert "secrets." not in str(_load(path).get("env", ""))


@every_workflow
def test_a_job_ends_by_itself_and_runs_where_it_says(path: Path) -> None:
    for name, job in _jobs(path).items():
        if "uses" in job:
            continue
        assert 0 < job["timeout-minutes"] <= LONGEST_MINUTES, name
        assert job["runs-on"] == "ubuntu-24.04", name


@every_workflow
def test_runs_do_not_pile_up(path: Path) -> None:
    workflow = _load(path)
    if path.name == "deploy.yml":
        for name in ("staging", "production"):
            assert workflow["jobs"][name]["concurrency"] == {"group": name, "cancel-in-progress": False}
    else:
        assert {"group", "cancel-in-progress"} == set(workflow["concurrency"])


@every_file
def test_no_untrusted_text_reaches_a_shell(path: Path) -> None:
    for command in _commands(_steps(path)):
        # GitHub pastes expressions into the script: only what the workflow itself lists may stand there.
        assert set(re.findall(r"\$\{\{\s*(\S+)", command)) <= {"matrix.python"}, command
    assert "pull_request_target" not in path.read_text("utf-8")
    assert "workflow_run" not in path.read_text("utf-8")


@every_file
def test_what_a_workflow_makes_can_be_made_by_hand(path: Path) -> None:
    wanted = {
        word for command in _commands(_steps(path)) for word in re.findall(r"\bmake ([a-z-]+)", command)
    }
    assert wanted <= TARGETS
    called = {word for command in _commands(_steps(path)) for word in re.findall(r"(\.ci/\w+)", command)}
    assert all((ROOT / script).is_file() for script in called)


def test_what_is_deployed_or_released_comes_from_no_cache() -> None:
    for path in WORKFLOWS:
        for name, job in _jobs(path).items():
            for step in job.get("steps", []):
                if step.get("uses") == "./.github/actions/setup":
                    given = step.get("with", {}).get("cache", "true")
                    assert given == ("false" if (path.name, name) in WITHOUT_CACHE else "true"), name
                elif step.get("uses", "").startswith("actions/cache@"):
                    assert (path.name, name) == ("nightly.yml", "bench")
                elif step.get("uses") == "./.github/actions/monitoring":
                    assert (path.name, name) not in WITHOUT_CACHE
    # Where no cache is wanted none is opened.
    (cache,) = (
        step for step in _steps(FOLDER / "actions/setup/action.yml") if "actions/cache@" in step["uses"]
    )
    assert cache["if"] == "inputs.cache == 'true'"


def test_production_comes_after_what_staging_went_through() -> None:
    ci, staging, production = (_job("deploy.yml", name) for name in ("ci", "staging", "production"))
    assert ci["uses"] == "./.github/workflows/ci.yml"
    assert (staging["needs"], production["needs"]) == ("ci", "staging")
    made = {
        name: [
            word for command in _commands(job["steps"]) for word in re.findall(r"\bmake ([a-z-]+)", command)
        ]
        for name, job in (("staging", staging), ("production", production))
    }
    assert made == {"staging": ["deploy", "url", "smoke", "load"], "production": ["deploy", "url", "smoke"]}
    for name, job in (("staging", staging), ("production", production)):
        assert job["environment"]["name"] == name
        assert job["if"] == f"vars.AWS_{name.upper()}_ROLE_ARN != ''"
        stacks = [word for command in _commands(job["steps"]) for word in re.findall(r"STACK=(\w+)", command)]
        assert set(stacks) == {name}
        # Without an address they would be about a local stack, and pass.
        for command in _commands(job["steps"]):
            assert not re.search(r"make (smoke|load)", command) or command.endswith('URL="${URL:?}"')
        # Every step must succeed but the one that keeps figures.
        assert not any("continue-on-error" in step for step in job["steps"])
        always = [step["uses"].partition("@")[0] for step in job["steps"] if "if" in step]
        assert always == (["actions/upload-artifact"] if name == "staging" else [])


def test_a_release_is_checked_built_and_signed_in_this_order() -> None:
    jobs = _jobs(FOLDER / "workflows/release.yml")
    assert [(name, job.get("needs")) for name, job in jobs.items()] == [
        ("version", None),
        ("ci", "version"),
        ("build", "ci"),
        ("publish", "build"),
    ]
    # What may write runs no code of the repository or of a package.
    assert [
        step.get("uses", step.get("run")).partition("@")[0].partition('"')[0]
        for step in jobs["publish"]["steps"]
    ] == [
        "actions/download-artifact",
        "sha256sum --check --strict SHA256SUMS",
        "actions/attest-build-provenance",
        "gh release create ",
    ]


def test_the_nights_do_what_is_too_long_for_a_change() -> None:
    made = {
        word for command in _commands(_steps(FOLDER / "workflows/nightly.yml")) for word in command.split()
    }
    assert {
        "test-all",
        "test-properties",
        "fuzz",
        "test-monitoring",
        "drill",
        "load",
        "bench",
        "audit",
    } <= made


def test_checkov_looks_at_every_workflow() -> None:
    given = _load(ROOT / ".checkov.yaml")["file"]
    assert {path.relative_to(ROOT).as_posix() for path in WORKFLOWS} <= set(given)


def test_dependabot_knows_all_that_is_pinned() -> None:
    updates = {item["package-ecosystem"]: item for item in _load(FOLDER / "dependabot.yml")["updates"]}
    assert set(updates) == {"github-actions", "docker", "npm", "pip"}
    for ecosystem, item in updates.items():
        assert item["groups"], ecosystem
        for folder in item.get("directories", [item.get("directory")]):
            assert (ROOT / folder.strip("/")).is_dir(), folder
    assert {f"/{path.parent.relative_to(ROOT).as_posix()}" for path in ACTIONS} <= set(
        updates["github-actions"]["directories"]
    )
    parts = [*ROOT.glob("layers/*"), *ROOT.glob("functions/*"), *ROOT.glob("infra/*")]
    for ecosystem, name in (("pip", "requirements.txt"), ("docker", "Dockerfile")):
        there = {f"/{part.relative_to(ROOT).as_posix()}" for part in parts if (part / name).is_file()}
        assert there, ecosystem
        assert there <= set(updates[ecosystem]["directories"]), ecosystem
