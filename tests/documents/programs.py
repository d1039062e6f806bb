"""Commands of programs other than the AWS CLI: targets, scripts, modules and options that are there."""

import functools
import importlib.util
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import typer.exceptions
import typer.main

from csv_analyzer_client.cli import app
from tests.documents.markdown import ROOT
from tests.documents.project import missing_files, template, unknown_parameters
from tests.documents.shell import Arguments, Options, by_table, parse

# ---------------------------------------------------------------- make


@functools.cache
def recipes() -> Mapping[str, str]:
    """The targets of the Makefile, each with its recipe."""
    found: dict[str, str] = {}
    name = ""
    for line in (ROOT / "Makefile").read_text("utf-8").splitlines():
        if target := re.match(r"([a-z][a-z-]*):(?!=)", line):
            name = target.group(1)
        elif not line.startswith("\t"):
            name = ""
        if name:
            found[name] = f"{found.get(name, '')}{line}\n"
    return found


def make(arguments: Arguments, whole: bool) -> list[str]:
    """Targets that are there, and variables that their recipes look at."""
    _ = whole
    targets = [word for word in arguments if "=" not in word]
    variables = [word.partition("=")[0] for word in arguments if "=" in word]
    unknown = [f"make has no target {name}" for name in targets if name not in recipes()]
    texts = "".join(recipes().get(name, "") for name in targets)
    return unknown + [
        f"make {' '.join(targets)} does not look at {name}"
        for name in variables
        # A program that a recipe calls may read it: then what `make help` says names it.
        if f"$({name})" not in texts and f"{name}=" not in texts
    ]


# ---------------------------------------------------------------- sam

_PARAMETERS: Final = {"--parameter-overrides": -1}
SAM: Final[Mapping[tuple[str, ...], Options]] = {
    ("build",): Options(_PARAMETERS | {"--use-container": 0, "--cached": 0}),
    ("deploy",): Options(_PARAMETERS | {"--config-env": 1, "--config-file": 1, "--guided": 0}),
    ("validate",): Options({"--lint": 0}),
    ("local", "invoke"): Options(
        _PARAMETERS | {"--event": 1, "--skip-pull-image": 0, "--docker-network": 1, "--env-vars": 1}
    ),
    ("local", "start-api"): Options(
        _PARAMETERS | {"--port": 1, "--skip-pull-image": 0, "--docker-network": 1, "--env-vars": 1}
    ),
    ("logs",): Options({"--stack-name": 1, "--name": 1, "--tail": 0}),
}


def sam(arguments: Arguments, whole: bool) -> list[str]:
    """Commands and options of the SAM CLI; parameters, functions, events and environments of ours."""
    name, parsed = by_table(arguments, SAM, whole)
    source = template()
    faults = [
        *parsed.faults,
        *unknown_parameters(source, parsed.given.get("--parameter-overrides", ())),
        *missing_files(parsed.given.get("--event", ())),
    ]
    functions = parsed.rest if name == ("local", "invoke") else ()
    faults += [f"the template has no {one}" for one in functions if one not in source["Resources"]]
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    faults += [
        f"samconfig.toml has no environment {one}"
        for one in parsed.given.get("--config-env", ())
        if one not in environments
    ]
    return faults


# ---------------------------------------------------------------- our own command line


def csv_analyzer(arguments: Arguments, whole: bool) -> list[str]:
    """Commands and options of our own command line, by its own parser."""
    root = typer.main.get_command(app)
    if len(arguments) == 1 and arguments[0].startswith("-"):
        return [] if arguments[0] in _option_names(root) else [f"there is no option {arguments[0]}"]
    command = getattr(root, "commands", {}).get(next(iter(arguments), ""))
    if command is None:
        return [f"csv-analyzer has no command {' '.join(arguments[:1])}"]
    if not whole:
        named = [word.partition("=")[0] for word in arguments[1:] if re.match(r"-{1,2}[a-z]", word)]
        return [
            f"csv-analyzer {arguments[0]} has no option {name}"
            for name in named
            if name not in _option_names(command)
        ]
    try:
        # An id takes the place of what the shell puts in.
        command.make_context(arguments[0], [re.sub(r"\$\w+", "1", word) for word in arguments[1:]])
    except typer.exceptions.TyperException as error:
        return [f"csv-analyzer {arguments[0]}: {error}"]
    return []


def _option_names(command: Any) -> set[str]:
    return {name for one in command.params for name in (*one.opts, *one.secondary_opts)}


# ---------------------------------------------------------------- others

_DOCKER: Final[Mapping[tuple[str, ...], Options]] = {
    ("build",): Options({"--file": 1, "-f": 1, "--tag": 1, "-t": 1}),
    ("push",): Options({}),
    ("login",): Options({"--username": 1, "--password-stdin": 0}),
    ("compose",): Options({"-f": 1, "--file": 1, "-d": 0}),
    ("version",): Options({}),
}
_COMPOSE: Final = {"up", "down", "ps", "logs"}
OTHERS: Final[Mapping[str, Mapping[tuple[str, ...], Options]]] = {
    "git": {
        ("clone",): Options({}),
        ("checkout",): Options({}),
        ("tag",): Options({"-s": 0, "-m": 1}),
        ("push",): Options({}),
        ("log",): Options({"--oneline": 0}),
    },
    "yace": {(): Options({"--config.file": 1, "--scraping-interval": 1})},
    "pre-commit": {("install",): Options({}), ("run",): Options({"--all-files": 0})},
    "apt-get": {("install",): Options({"--no-install-recommends": 0})},
    "promtool": {("check", "rules"): Options({}), ("test", "rules"): Options({})},
    "amtool": {("check-config",): Options({})},
}


def docker(arguments: Arguments, whole: bool) -> list[str]:
    """Commands of Docker, and files that they name."""
    name, parsed = by_table(arguments, _DOCKER, whole)
    files = [*parsed.given.get("-f", ()), *parsed.given.get("--file", ())]
    faults = [*parsed.faults, *missing_files(files)]
    if name == ("build",):
        faults += missing_files(parsed.rest) if parsed.rest else ["docker build needs a folder"]
    if name == ("compose",) and parsed.rest[:1] and parsed.rest[0] not in _COMPOSE:
        faults.append(f"docker compose has no command {parsed.rest[0]}")
    return faults


def npm(arguments: Arguments, whole: bool) -> list[str]:
    """Scripts of the package at `--prefix`."""
    _ = whole
    parsed = parse(arguments, {"--prefix": 1, "--silent": 0})
    folder = next(iter(parsed.given.get("--prefix", ())), "functions/web")
    package = ROOT / folder / "package.json"
    if not package.exists():
        return [f"there is no file {folder}/package.json"]
    scripts = json.loads(package.read_text("utf-8"))["scripts"]
    command, *names = parsed.rest or ("",)
    if command not in {"ci", "run", "test"}:
        return [*parsed.faults, f"npm {command} is unknown"]
    wanted = names[:1] if command == "run" else ["test"] if command == "test" else []
    return [*parsed.faults, *(f"{folder} has no script {name}" for name in wanted if name not in scripts)]


def pip(arguments: Arguments, whole: bool) -> list[str]:
    """Packages that are installed from a folder of the project."""
    _ = whole
    parsed = parse(arguments[1:], {"-r": 1, "--require-hashes": 0, "--quiet": 0})
    faults = (
        [*parsed.faults] if arguments[:1] == ["install"] else [f"pip {' '.join(arguments[:1])} is unknown"]
    )
    faults += [
        f"there is no package in {place}"
        for place in parsed.rest
        if not (ROOT / place / "pyproject.toml").exists()
    ]
    return [*faults, *missing_files(parsed.given.get("-r", ()))]


def python(arguments: Arguments, whole: bool) -> list[str]:
    """Modules and scripts that are there, with options that they read."""
    _ = whole
    if arguments[:1] == ["-m"]:
        found = importlib.util.find_spec(arguments[1].partition(".")[0]) if len(arguments) > 1 else None
        path = _module(arguments[1]) if found else None
        if path is None:
            return [f"there is no module {' '.join(arguments[1:2])}"]
        return _unread_options(path, arguments[2:])
    if not arguments or arguments[0].startswith("-"):
        return []
    return missing_files(arguments[:1]) or _unread_options(ROOT / arguments[0], arguments[1:])


def _module(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin)


def _unread_options(path: Path, arguments: Arguments) -> list[str]:
    sources = path.parent.glob("**/*.py") if path.name == "__init__.py" else [path]
    text = "".join(source.read_text("utf-8") for source in sources)
    options = [word.partition("=")[0] for word in arguments if word.startswith("--")]
    return [f"{path.name} has no option {option}" for option in options if f'"{option}"' not in text]


def of_table(program: str) -> Callable[[Arguments, bool], list[str]]:
    def check(arguments: Arguments, whole: bool) -> list[str]:
        commands = OTHERS[program]
        if () in commands:
            return list(parse(arguments, commands[()].known).faults)
        _, parsed = by_table(arguments, commands, whole)
        return list(parsed.faults)

    return check
