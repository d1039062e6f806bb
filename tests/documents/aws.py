"""Commands of the AWS CLI, by the service models of botocore."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import botocore.model
import botocore.session
import botocore.utils
import jmespath  # type: ignore[import-untyped]  # it has none
from botocore import xform_name

from tests.documents.markdown import ROOT
from tests.documents.project import missing_files, template, unknown_parameters
from tests.documents.shell import Arguments, Options, Parsed, by_table, parse

_PLACEHOLDER: Final = re.compile(r"[A-Z][A-Z0-9_-]*|\{\w+\}|<[^>]*>|\.\.\.")
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
    parsed = parse(arguments[2:], {**_GLOBAL, **_counts(shapes)})
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
    name, parsed = by_table(arguments, commands, whole)
    faults = [*parsed.faults, *_common_faults(parsed)]
    if name == ("s3", "cp") and whole:
        if len(parsed.rest) != 2:
            faults.append("aws s3 cp takes a source and a destination")
        elif not any(place.startswith("s3://") for place in parsed.rest):
            faults.append("aws s3 cp: neither place is in S3")
    for file in parsed.given.get("--template-file", ()):
        faults += missing_files([file])
        if (ROOT / file).exists():
            source = template(file)
            faults += unknown_parameters(source, parsed.given.get("--parameter-overrides", ()))
    return faults
