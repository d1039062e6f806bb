"""The template as the local stack and the tests read it.

`Template.load` parses template.yaml with the parser of SAM, translates it to CloudFormation with SAM's
own translator (no call to AWS) and evaluates conditions and intrinsics. Everything that runs locally, and
every test about the template, is read from here and is written nowhere else.

Examples
--------
>>> template = Template.load(Path("template.yaml"), {"LogRetentionDays": "7"})
>>> template.functions["ApiFunction"].environment["DATA_BUCKET"]
>>> [(route.method, route.path) for route in template.api.routes if route.authorizer is None]
>>> template.of_type("AWS::Logs::LogGroup")["ApiFunctionLogGroup"]["RetentionInDays"]
"""

import copy
import functools
import logging
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local import api_view, views
from infra.local.intrinsics import Resolver, TemplateError, Value
from infra.local.physical import PhysicalIds
from infra.local.specs import Api, Bucket, Function, Queue, QueueMapping, Schedule, Table, UserPool

__all__ = ["PhysicalIds", "Template", "TemplateError", "read_source"]

_LOCAL_CODE = "s3://local-code/"
_STACK = "AWS::CloudFormation::Stack"


class Template:
    """A SAM template, translated and resolvable.

    Attributes
    ----------
    source:
        The SAM template as it is written, with intrinsics in their long form.
    cloudformation:
        The translated CloudFormation template, unresolved.
    parameters:
        The value of every declared parameter.
    ids:
        The table of physical ids; views read it each time, so ids recorded later are seen.
    """

    def __init__(
        self,
        source: dict[str, Any],
        root: Path,
        parameters: Mapping[str, str] | None,
        ids: PhysicalIds | None,
    ) -> None:
        self.source = source
        self.root = root
        self.ids = ids or PhysicalIds()
        self.parameters = _parameter_values(source, parameters or {})
        self.cloudformation = _translate(source, self.parameters, self.ids.region)
        self._stacks: dict[str, Template] = {}
        self._resolver = Resolver(
            self._reference,
            self._attribute,
            self.cloudformation.get("Conditions", {}),
            self.cloudformation.get("Mappings", {}),
        )

    @classmethod
    def load(
        cls, path: Path, parameters: Mapping[str, str] | None = None, ids: PhysicalIds | None = None
    ) -> "Template":
        """Read and translate a template file.

        Parameters
        ----------
        path:
            The SAM template. Its folder is the root of all code paths in it.
        parameters:
            Values that override the defaults of the template's parameters.
        ids:
            Physical ids; by default names made from the logical ids.

        Raises
        ------
        TemplateError
            If the file is not a template, SAM refuses it, or a parameter is unknown or has no value.
        """
        return cls(read_source(path), path.resolve().parent, parameters, ids)

    @functools.cached_property
    def active(self) -> dict[str, dict[str, Any]]:
        """The translated resources whose condition holds, unresolved, by logical id."""
        return {
            logical_id: resource
            for logical_id, resource in self.cloudformation["Resources"].items()
            if "Condition" not in resource or self._resolver.condition(resource["Condition"])
        }

    def resolve(self, value: Value) -> Value:
        """Return a value of the template with all its intrinsics evaluated."""
        return self._resolver.resolve(value)

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resolved properties of all resources of a CloudFormation type, by logical id."""
        return {
            logical_id: self.properties(logical_id)
            for logical_id, resource in self.active.items()
            if resource["Type"] == kind
        }

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Return the resolved properties of one translated resource."""
        if logical_id not in self.active:
            raise TemplateError(f"{logical_id} is no resource of the template")
        resolved: dict[str, Any] = self.resolve(self.active[logical_id].get("Properties", {}))
        return resolved

    @functools.cached_property
    def nested(self) -> dict[str, "Template"]:
        """The templates of the nested stacks by logical id, with the parameters that this one hands on."""
        return {
            logical_id: self._nested(logical_id)
            for logical_id, resource in self.active.items()
            if resource["Type"] == _STACK
        }

    @property
    def outputs(self) -> dict[str, str]:
        """The resolved outputs whose condition holds."""
        return {
            name: str(self.resolve(output["Value"]))
            for name, output in self.cloudformation.get("Outputs", {}).items()
            if "Condition" not in output or self._resolver.condition(output["Condition"])
        }

    @property
    def functions(self) -> dict[str, Function]:
        """The Lambda functions by logical id."""
        return views.functions(self)

    @property
    def api(self) -> Api:
        """The REST API; the template must declare exactly one."""
        return api_view.api(self)

    @property
    def queue_mappings(self) -> tuple[QueueMapping, ...]:
        """The event source mappings from SQS."""
        return views.queue_mappings(self)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The schedules of functions."""
        return views.schedules(self)

    @property
    def buckets(self) -> dict[str, Bucket]:
        """The S3 buckets by logical id."""
        return views.buckets(self)

    @property
    def queues(self) -> dict[str, Queue]:
        """The SQS queues by logical id."""
        return views.queues(self)

    @property
    def tables(self) -> dict[str, Table]:
        """The DynamoDB tables by logical id."""
        return views.tables(self)

    @property
    def user_pools(self) -> dict[str, UserPool]:
        """The Cognito user pools by logical id."""
        return views.user_pools(self)

    def by_arn(self, arn: str, kind: str) -> str:
        """Return the logical id of the resource of a type that has this ARN."""
        for logical_id, resource in self.active.items():
            if resource["Type"] == kind and self._attribute(logical_id, "Arn") == arn:
                return logical_id
        raise TemplateError(f"no {kind} of the template has the ARN {arn}")

    def _reference(self, name: str) -> Value:
        if name in self.parameters:
            return self.parameters[name]
        pseudo = self.ids.pseudo_parameters()
        if name in pseudo:
            return pseudo[name]
        return self.ids.reference(name, self._resource(name), self.resolve)

    def _nested(self, logical_id: str) -> "Template":
        # One at a time, for one may be told of another.
        if logical_id in self._stacks:
            return self._stacks[logical_id]
        properties = self.properties(logical_id)
        parameters = {
            name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
            for name, value in properties.get("Parameters", {}).items()
        }
        ids = PhysicalIds(self.ids.region, self.ids.account, f"{self.ids.stack_name}-{logical_id}")
        self._stacks[logical_id] = Template.load(self.root / properties["TemplateURL"], parameters, ids)
        return self._stacks[logical_id]

    def _attribute(self, logical_id: str, attribute: str) -> Value:
        kind, _, output = attribute.partition(".")
        if kind == "Outputs" and self._resource(logical_id)["Type"] == _STACK:
            outputs = self._nested(logical_id).outputs if logical_id in self.active else {}
            if output not in outputs:
                raise TemplateError(f"the nested stack {logical_id} has no output {output}")
            return outputs[output]
        return self.ids.attribute(logical_id, attribute, self._resource(logical_id), self.resolve)

    def _resource(self, logical_id: str) -> dict[str, Any]:
        resources: dict[str, dict[str, Any]] = self.cloudformation["Resources"]
        if logical_id not in resources:
            raise TemplateError(f"{logical_id} is neither a parameter nor a resource of the template")
        return resources[logical_id]


def read_source(path: Path) -> dict[str, Any]:
    """Return a SAM template as it is written, with intrinsics in their long form."""
    if not path.is_file():
        raise TemplateError(f"there is no template {path}")
    try:
        source = yaml_parse(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise TemplateError(f"{path.name} is not YAML: {error}") from error
    if not isinstance(source, dict) or not isinstance(source.get("Resources"), dict):
        raise TemplateError(f"{path.name} has no Resources")
    return source


def _parameter_values(source: Mapping[str, Any], overrides: Mapping[str, str]) -> dict[str, Any]:
    declared = source.get("Parameters", {})
    unknown = sorted(set(overrides) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}")
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name not in overrides and "Default" not in parameter:
            raise TemplateError(f"parameter {name} needs a value")
        text = str(overrides.get(name, parameter.get("Default")))
        kind = str(parameter.get("Type", "String"))
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        values[name] = [part.strip() for part in text.split(",")] if is_list else text
    return values


def _translate(source: Mapping[str, Any], parameters: Mapping[str, Any], region: str) -> dict[str, Any]:
    document = copy.deepcopy(dict(source))
    for logical_id, resource in document["Resources"].items():
        _point_code_to_stub(logical_id, resource)
    # The translator reports every default that it applies.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # It wants the region alone; a session of boto3 would read the developer's profile.
    translator = Translator({}, Parser(), boto_session=SimpleNamespace(region_name=region))
    try:
        translated: dict[str, Any] = translator.translate(
            document, dict(parameters), passthrough_metadata=True, get_managed_policy_map=_managed_policies
        )
    except InvalidDocumentException as error:
        raise TemplateError("; ".join(cause.message for cause in error.causes)) from error
    return translated


def _point_code_to_stub(logical_id: str, resource: dict[str, Any]) -> None:
    """Name the code by its logical id: SAM accepts only what `sam package` has put into S3 or ECR."""
    properties = resource.setdefault("Properties", {})
    if resource.get("Type") == "AWS::Serverless::LayerVersion":
        properties["ContentUri"] = f"{_LOCAL_CODE}{logical_id}"
    elif resource.get("Type") == "AWS::Serverless::Function":
        if properties.get("PackageType") == "Image":
            properties["ImageUri"] = f"local.dkr.ecr.local.amazonaws.com/local:{logical_id}"
        elif "InlineCode" not in properties:
            properties["CodeUri"] = f"{_LOCAL_CODE}{logical_id}"


def _managed_policies() -> dict[str, str]:
    names = ("AWSLambdaBasicExecutionRole", "AWSXRayDaemonWriteAccess", "AWSLambdaSQSQueueExecutionRole")
    return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in names}
