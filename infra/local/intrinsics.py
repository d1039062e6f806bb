"""CloudFormation intrinsic functions, evaluated against a table of physical ids."""

import re
from collections.abc import Callable, Mapping
from typing import Any

# A value of a template: whatever JSON can say, its shape known only to the place that reads it.
type Value = Any

NO_VALUE = object()
_SUB_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(ValueError):
    """The template names something that is not there, or uses what the local stack cannot evaluate."""


class Resolver:
    """Turns a template value with intrinsics into a plain value.

    Parameters
    ----------
    reference:
        Answers ``Ref`` and ``${Name}``: a parameter, a pseudo parameter or the id of a resource.
    attribute:
        Answers ``Fn::GetAtt`` and ``${Name.Attribute}``.
    conditions:
        The template's ``Conditions`` section.
    mappings:
        The template's ``Mappings`` section.
    """

    def __init__(
        self,
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
        conditions: Mapping[str, Any],
        mappings: Mapping[str, Any],
    ) -> None:
        self._reference = reference
        self._attribute = attribute
        self._conditions = conditions
        self._mappings = mappings
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": lambda v: str(v[0]).join(str(part) for part in self.resolve(v[1])),
            "Fn::If": lambda v: self.resolve(v[1] if self.condition(v[0]) else v[2]),
            "Fn::Select": self._select,
            "Fn::Split": lambda v: str(self.resolve(v[1])).split(v[0]),
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._get_azs,
            "Fn::Equals": lambda v: self.resolve(v[0]) == self.resolve(v[1]),
            "Fn::And": lambda v: all(self.resolve(part) for part in v),
            "Fn::Or": lambda v: any(self.resolve(part) for part in v),
            "Fn::Not": lambda v: not self.resolve(v[0]),
            "Condition": self.condition,
        }

    def resolve(self, value: Value) -> Value:
        """Return the value with every intrinsic in it evaluated; ``AWS::NoValue`` removes its place."""
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument) = next(iter(value.items()))
            # A policy statement has a key `Condition` too: only a name of a condition is an intrinsic.
            if name in self._functions and (name != "Condition" or isinstance(argument, str)):
                return self._functions[name](argument)
            if isinstance(name, str) and name.startswith("Fn::"):
                raise TemplateError(f"the local stack cannot evaluate {name}")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        """Return whether a named condition of the template holds."""
        if name not in self._conditions:
            raise TemplateError(f"condition {name} is not declared")
        return bool(self.resolve(self._conditions[name]))

    def _ref(self, name: str) -> Value:
        return NO_VALUE if name == "AWS::NoValue" else self._reference(name)

    def _get_att(self, argument: str | list[str]) -> Value:
        logical_id, name = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._attribute(logical_id, name)

    def _sub(self, argument: str | list[Any]) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])

        def replace(match: re.Match[str]) -> str:
            literal, name = match.group(1), match.group(2).strip()
            if literal:
                return "${" + name + "}"
            if name in variables:
                return str(self.resolve(variables[name]))
            if "." in name:
                logical_id, attribute = name.split(".", 1)
                return str(self._attribute(logical_id, attribute))
            return str(self._reference(name))

        return _SUB_VARIABLE.sub(replace, text)

    def _select(self, argument: list[Any]) -> Value:
        index, items = int(self.resolve(argument[0])), self.resolve(argument[1])
        if not 0 <= index < len(items):
            raise TemplateError(f"Fn::Select: no item {index} in a list of {len(items)}")
        return items[index]

    def _get_azs(self, region: Value) -> list[str]:
        return [f"{self.resolve(region) or self._reference('AWS::Region')}{zone}" for zone in "abc"]

    def _find_in_map(self, argument: list[Any]) -> Value:
        name, first, second = (self.resolve(part) for part in argument[:3])
        try:
            return self.resolve(self._mappings[name][first][second])
        except KeyError:
            raise TemplateError(f"Fn::FindInMap: no {first}.{second} in mapping {name}") from None
