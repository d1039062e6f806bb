"""From JSON to frozen dataclasses: what is there is checked, what is unknown is kept aside."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

from csv_analyzer_client.errors import BadAnswerError


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Something that the service answered with.

    Parameters
    ----------
    raw : mapping
        The answer as it came, with fields that this version of the client does not know.
    """

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Read an answer.

        Raises
        ------
        BadAnswerError
            If it has not the form that was agreed on.
        """
        return _decode(cls, content, cls.__name__)


def _decode[R: Resource](kind: type[R], content: Any, place: str) -> R:
    if not isinstance(content, dict):
        raise BadAnswerError(f"The service's answer has no object where a {place} should be.")
    values: dict[str, Any] = {"raw": content}
    described: Any = kind
    for name, (expected, needed) in _fields_of(described).items():
        if name in content:
            values[name] = _value(expected, content[name], f"{place}.{name}")
        elif needed:
            raise BadAnswerError(f"The service's answer lacks {place}.{name}.")
    return kind(**values)


@cache
def _fields_of(kind: Any) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(kind)
    return {part.name: (hints[part.name], _is_needed(part)) for part in fields(kind) if part.name != "raw"}


def _is_needed(part: Field[Any]) -> bool:
    return part.default is MISSING and part.default_factory is MISSING


def _value(expected: Any, value: Any, place: str) -> Any:
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in {Union, types.UnionType}:
        optional = value is None and types.NoneType in arguments
        kinds = [kind for kind in arguments if kind is not types.NoneType]
        return None if optional else _first_of(kinds, value, place)
    if origin is tuple:
        _require(isinstance(value, list), place)
        return tuple(_value(arguments[0], item, f"{place}[{i}]") for i, item in enumerate(value))
    if origin is Mapping:
        _require(isinstance(value, dict), place)
        return {key: _value(arguments[1], item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(expected, type) and issubclass(expected, Resource):
        return _decode(expected, value, place)
    return _plain(expected, value, place)


def _plain(expected: Any, value: Any, place: str) -> Any:
    if expected is Any:
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if expected is float:
        _require(number, place)
        return float(value)
    _require(isinstance(value, expected) and (expected is not int or number), place)
    return value


def _first_of(kinds: list[Any], value: Any, place: str) -> Any:
    for kind in kinds[:-1]:
        try:
            return _value(kind, value, place)
        except BadAnswerError:
            continue
    return _value(kinds[-1], value, place)


def _require(condition: bool, place: str) -> None:
    if not condition:
        raise BadAnswerError(f"The service's answer has a value of another type at {place[:200]}.")
