"""What can be told of a command without running it: programs, operations, options, targets, files.

For each program that can't run in the tests there is a checker, which answers with the faults of a command
in words. `whole` is false for commands in running text, which may leave out what the reader knows.
"""

import functools
import importlib.util
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import botocore.model
import botocore.session
import botocore.utils
import jmespath  # type: ignore[import-untyped]  # it has none
import typer.exceptions
import typer.main
from botocore import xform_name

from csv_analyzer_client.cli import app
from infra.local.template import read_source
from tests.documents import ROOT, SCRIPTS

Arguments = Sequence[str]
# What separates commands on one line; the rest of the punctuation is redirection.
_SEPARATORS: Final = {"|", "||", "&&", ";", "&"}
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PLACEHOLDER: Final = re.compile(r"[A-Z][A-Z0-9_-]*|\{\w+\}|<[^>]*>|\.\.\.")


@dataclass(frozen=True)
class Options:
    """The options of a command that is described here by hand: each with how many values it takes.

    -1 stands for any number of values.
    """

    known: Mapping[str, int]
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parsed:
    """A command's options with their values, and what is left."""

    given: Mapping[str, tuple[str, ...]]
    rest: tuple[str, ...]
    faults: tuple[str, ...]


def lines_of(script: str) -> list[list[str]]:
    """The commands of a script of plain lines, each as its words, without assignments before it."""
    found: list[list[str]] = []
    for line in re.sub(r"\\\n\s*", " ", script).splitlines():
        found += _of_line(line)
    return found


def program_of(words: Sequence[str]) -> str:
    """The program that a command calls, without the folder where it is, unless the folder says what it is."""
    return words[0] if words[0].startswith(SCRIPTS) else Path(words[0]).name


def faults_of(words: Sequence[str], *, whole: bool) -> list[str]:
    """What is wrong with a command of a program that has a checker."""
    if words[0].startswith(SCRIPTS):
        return _missing_files(words[:1])
    return CHECKERS[program_of(words)](words[1:], whole)


def _of_line(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    redirected = False
    for token in lexer:
        if token in _SEPARATORS:
            yield from [words] if words else []
            words = []
        elif set(token) <= set("<>&"):
            redirected = True
        elif redirected:
            redirected = False
        elif words or not (token == "sudo" or _ASSIGNMENT.match(token)):
            words.append(token)
    yield from [words] if words else []


def _parse(arguments: Arguments, options: Mapping[str, int]) -> Parsed:
    """Take the options of a command; unknown ones are faults."""
    given: dict[str, tuple[str, ...]] = {}
    rest: list[str] = []
    faults: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        name, with_value, value = word.partition("=")
        if name not in options:
            faults.append(f"there is no option {name}")
            continue
        count = options[name]
        taken = [value] if with_value else []
        while waiting and not waiting[0].startswith("--") and (count < 0 or len(taken) < count):
            taken.append(waiting.pop(0))
        if count > 0 and len(taken) != count:
            faults.append(f"{name} takes {count} values, not {len(taken)}")
        given[name] = (*given.get(name, ()), *taken)
    return Parsed(given, tuple(rest), tuple(faults))


def _by_table(
    arguments: Arguments, commands: Mapping[tuple[str, ...], Options], whole: bool
) -> tuple[tuple[str, ...], Parsed]:
    """Find which of the commands in a table is called, and take its options."""
    for length in (2, 1):
        name = tuple(arguments[:length])
        if name in commands:
            break
    else:
        named = tuple(arguments[:1])
        known = not whole and any(name[: len(arguments)] == tuple(arguments) for name in commands)
        faults = () if known else (f"there is no command {' '.join(named)}",)
        return (), Parsed({}, (), faults)
    parsed = _parse(arguments[len(name) :], commands[name].known)
    missing = commands[name].needed - set(parsed.given) if whole else ()
    return name, Parsed(
        parsed.given, parsed.rest, (*parsed.faults, *(f"{option} is missing" for option in sorted(missing)))
    )


@functools.cache
def _template(name: str = "template.yaml") -> Mapping[str, Any]:
    return read_source(ROOT / name)


def _missing_files(names: Sequence[str]) -> list[str]:
    return [f"there is no file {name}" for name in names if not (ROOT / name).exists()]


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
    name, parsed = _by_table(arguments, SAM, whole)
    source = _template()
    faults = [
        *parsed.faults,
        *_unknown_parameters(source, parsed.given.get("--parameter-overrides", ())),
        *_missing_files(parsed.given.get("--event", ())),
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


def _unknown_parameters(source: Mapping[str, Any], overrides: Sequence[str]) -> list[str]:
    names = [override.partition("=")[0] for override in overrides]
    return [f"the template has no parameter {name}" for name in names if name not in source["Parameters"]]


# ---------------------------------------------------------------- aws

_GLOBAL: Final = {
    "--region": 1,
    "--profile": 1,
    "--output": 1,
    "--query": 1,
    "--endpoint-url": 1,
    "--no-cli-pager": 0,
}
# What the AWS CLI has beside the operations of the services.
_AWS_OWN: Final[Mapping[tuple[str, ...], Options]] = {
    ("s3", "cp"): Options({"--recursive": 0, "--metadata": 1}),
    ("s3", "ls"): Options({"--recursive": 0}),
    ("s3", "rm"): Options({"--recursive": 0}),
    ("cloudformation", "deploy"): Options(
        {
            "--template-file": 1,
            "--stack-name": 1,
            "--capabilities": -1,
            "--parameter-overrides": -1,
            "--tags": -1,
            "--no-fail-on-empty-changeset": 0,
        },
        frozenset({"--template-file", "--stack-name"}),
    ),
    ("ecr", "get-login-password"): Options({}),
    ("logs", "tail"): Options({"--follow": 0, "--since": 1, "--filter-pattern": 1, "--format": 1}),
}
_OUTPUTS: Final = {"json", "text", "table", "yaml"}


def aws(arguments: Arguments, whole: bool) -> list[str]:
    """Services, operations, options and their values by the service models of botocore."""
    service, operation = (*arguments[:2], "", "")[:2]
    if (service, operation) in _AWS_OWN:
        return _aws_own(arguments, whole)
    session = _session()
    if service not in session.get_available_services():
        return [f"aws has no service {service}"]
    model = _service(service)
    operations = {_dashed(name): name for name in model.operation_names}
    if operation not in operations:
        return [f"aws {service} has no operation {operation}"]
    found = model.operation_model(operations[operation])
    shapes: dict[str, Any] = {
        f"--{_dashed(name)}": shape
        for name, shape in (found.input_shape.members if found.input_shape else {}).items()
    }
    parsed = _parse(arguments[2:], {**_GLOBAL, **_counts(shapes)})
    faults = [*parsed.faults, *_common_faults(parsed)]
    if parsed.rest:
        faults.append(f"aws {service} {operation} takes options only, not {' '.join(parsed.rest)}")
    for option, values in parsed.given.items():
        if option in shapes:
            faults += [f"{option}: {fault}" for fault in _value_faults(shapes[option], values)]
    if whole and found.input_shape:
        required = {
            f"--{_dashed(name)}"
            for name in found.input_shape.required_members
            # The AWS CLI makes one up.
            if not shapes[f"--{_dashed(name)}"].metadata.get("idempotencyToken")
        }
        faults += [f"{option} is missing" for option in sorted(required - set(parsed.given))]
    faults += _query_faults(parsed.given.get("--query", ()), found)
    return faults


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@functools.cache
def _service(name: str) -> botocore.model.ServiceModel:
    return _session().get_service_model(name)


def _dashed(name: str) -> str:
    return str(xform_name(name, "-"))


def _counts(shapes: Mapping[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for option, shape in shapes.items():
        if shape.type_name == "boolean":
            counts |= {option: 0, option.replace("--", "--no-", 1): 0}
        else:
            counts[option] = -1 if shape.type_name in {"list", "map", "structure"} else 1
    return counts


def _value_faults(shape: Any, values: Sequence[str]) -> list[str]:
    kind = shape.type_name
    chosen = kind == "string" and bool(shape.enum)
    if not chosen and any(_PLACEHOLDER.fullmatch(value) or value.startswith("$") for value in values):
        return []
    if kind == "list":
        return [fault for value in values for fault in _value_faults(shape.member, [value])]
    faults = []
    for value in values:
        if kind in {"integer", "long"} and not re.fullmatch(r"-?\d+", value):
            faults.append(f"{value} is no whole number")
        elif kind == "timestamp":
            faults += _timestamp_faults(value)
        elif chosen and value not in shape.enum:
            faults.append(f"{value} is none of {', '.join(shape.enum)}")
        elif kind == "structure":
            faults += _structure_faults(shape, value)
    return faults


def _timestamp_faults(value: str) -> list[str]:
    try:
        botocore.utils.parse_timestamp(value)
    except ValueError:
        return [f"{value} is no moment"]
    return []


def _structure_faults(shape: Any, value: str) -> list[str]:
    if value.startswith("{"):
        try:
            names = list(json.loads(value))
        except ValueError:
            return [f"{value} is no JSON"]
    else:
        names = [pair.partition("=")[0] for pair in value.split(",")]
    return [f"it has no {name}" for name in names if name not in shape.members]


def _query_faults(queries: Sequence[str], found: botocore.model.OperationModel) -> list[str]:
    faults = []
    for query in queries:
        try:
            jmespath.compile(query)
        except jmespath.exceptions.JMESPathError:
            faults.append(f"--query {query} is no JMESPath")
            continue
        first = re.match(r"\w+", query)
        if first and (found.output_shape is None or first.group() not in found.output_shape.members):
            faults.append(f"--query: the answer has no {first.group()}")
    return faults


def _common_faults(parsed: Parsed) -> list[str]:
    return [f"--output {one} is unknown" for one in parsed.given.get("--output", ()) if one not in _OUTPUTS]


def _aws_own(arguments: Arguments, whole: bool) -> list[str]:
    commands = {name: Options({**_GLOBAL, **one.known}, one.needed) for name, one in _AWS_OWN.items()}
    name, parsed = _by_table(arguments, commands, whole)
    faults = [*parsed.faults, *_common_faults(parsed)]
    if name == ("s3", "cp") and whole:
        if len(parsed.rest) != 2:
            faults.append("aws s3 cp takes a source and a destination")
        elif not any(place.startswith("s3://") for place in parsed.rest):
            faults.append("aws s3 cp: neither place is in S3")
    for file in parsed.given.get("--template-file", ()):
        faults += _missing_files([file])
        if (ROOT / file).exists():
            source = _template(file)
            faults += _unknown_parameters(source, parsed.given.get("--parameter-overrides", ()))
    return faults


# ---------------------------------------------------------------- other programs

_DOCKER: Final[Mapping[tuple[str, ...], Options]] = {
    ("build",): Options({"--file": 1, "-f": 1, "--tag": 1, "-t": 1}),
    ("push",): Options({}),
    ("login",): Options({"--username": 1, "--password-stdin": 0}),
    ("compose",): Options({"-f": 1, "--file": 1, "-d": 0}),
    ("version",): Options({}),
}
_COMPOSE: Final = {"up", "down", "ps", "logs"}
_OTHER: Final[Mapping[str, Mapping[tuple[str, ...], Options]]] = {
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
    name, parsed = _by_table(arguments, _DOCKER, whole)
    files = [*parsed.given.get("-f", ()), *parsed.given.get("--file", ())]
    faults = [*parsed.faults, *_missing_files(files)]
    if name == ("build",):
        faults += _missing_files(parsed.rest) if parsed.rest else ["docker build needs a folder"]
    if name == ("compose",) and parsed.rest[:1] and parsed.rest[0] not in _COMPOSE:
        faults.append(f"docker compose has no command {parsed.rest[0]}")
    return faults


def npm(arguments: Arguments, whole: bool) -> list[str]:
    """Scripts of the package at `--prefix`."""
    _ = whole
    parsed = _parse(arguments, {"--prefix": 1, "--silent": 0})
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
    parsed = _parse(arguments[1:], {"-r": 1, "--require-hashes": 0, "--quiet": 0})
    faults = (
        [*parsed.faults] if arguments[:1] == ["install"] else [f"pip {' '.join(arguments[:1])} is unknown"]
    )
    faults += [
        f"there is no package in {place}"
        for place in parsed.rest
        if not (ROOT / place / "pyproject.toml").exists()
    ]
    return [*faults, *_missing_files(parsed.given.get("-r", ()))]


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
    return _missing_files(arguments[:1]) or _unread_options(ROOT / arguments[0], arguments[1:])


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


def _of_table(program: str) -> Callable[[Arguments, bool], list[str]]:
    def check(arguments: Arguments, whole: bool) -> list[str]:
        commands = _OTHER[program]
        if () in commands:
            return list(_parse(arguments, commands[()].known).faults)
        _, parsed = _by_table(arguments, commands, whole)
        return list(parsed.faults)

    return check


CHECKERS: Final[Mapping[str, Callable[[Arguments, bool], list[str]]]] = {
    "aws": aws,
    "csv-analyzer": csv_analyzer,
    "docker": docker,
    "make": make,
    "npm": npm,
    "pip": pip,
    "python": python,
    "python3": python,
    "sam": sam,
    **{program: _of_table(program) for program in _OTHER},
}
# ---------------------------------------------------------------- addresses of the API


# Of the contract's one body that is no JSON.
_OF_BODIES: Final = {"file_name"}


@functools.cache
def _routes() -> Mapping[str, frozenset[str]]:
    """The paths of the template, each with the queries that the contract has for it."""
    contract = json.loads((ROOT / "functions/api/openapi.json").read_text("utf-8"))["paths"]
    paths = {
        event["Properties"]["Path"]
        for resource in _template()["Resources"].values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "Api"
    }
    return {
        path: frozenset(
            parameter["name"]
            for operation in contract.get(path, {}).values()
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        )
        for path in paths
    }


def address_faults(text: str) -> list[str]:
    """Addresses after `$API` that the template does not have, and queries that their routes do not take."""
    faults = []
    for path, query in re.findall(r"\$API(/[\w/{}$.~-]*)(\?[\w=&$.{}:-]*)?", text):
        plain = path.rstrip("/.") or "/"
        found = [known for known in _routes() if re.fullmatch(re.sub(r"\{[\w+]+\}", "[^/]+", known), plain)]
        if not found:
            faults.append(f"the API has no {path}")
            continue
        taken = _OF_BODIES.union(*(_routes()[known] for known in found))
        names = [pair.partition("=")[0] for pair in query[1:].split("&") if pair]
        faults += [f"{path} takes no {name}" for name in names if name not in taken]
    return faults
