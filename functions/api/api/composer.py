"""Examples of the contract, put together out of its schemas and of what `examples.py` tells of each field."""

import copy
from typing import Any, Final

from api.examples import FIELDS, PARAMETERS, SHAPES, WHOLE

Json = dict[str, Any]
_PREFIX: Final = "#/components/schemas/"


class MissingExampleError(LookupError):
    """Nothing says what something looks like; the message names all such places."""


class Composer:
    """Puts examples together out of the schemas of the contract.

    A field takes its value from `SHAPES`, else from the schema's own ``examples``, else from `FIELDS`, else
    from its default or the values that it may have; an object is made of its fields.

    Parameters
    ----------
    schemas : dict
        The contract's ``components.schemas``.

    Attributes
    ----------
    missing : list of str
        Fields and parameters met so far that nothing tells of.
    """

    def __init__(self, schemas: Json) -> None:
        self._schemas = schemas
        self.missing: list[str] = []

    def answer(self, operation: str, media: str, schema: Json) -> Any:
        """Example of an answer."""
        whole = self._whole(operation, media)
        return self._value(schema, operation, every=True) if whole is None else whole

    def requests(self, operation: str, media: str, schema: Json) -> Json:
        """Named examples of a request: the least that it takes and, where it differs, with options."""
        whole = self._whole(operation, media)
        if whole is not None:
            return {"example": {"value": whole}}
        least = self._value(schema, operation, every=False)
        full = self._value(schema, operation, every=True)
        found = {"least": {"summary": "What it must have", "value": least}}
        if full != least:
            found["options"] = {"summary": "With options", "value": full}
        return found

    def describe(self, parameter: Json, operation: str) -> None:
        """Give a parameter its words and its example, in place."""
        name, kind = parameter["name"], parameter["schema"]
        # Powertools says it twice.
        parameter.setdefault("description", kind.pop("description", None) or PARAMETERS.get(name))
        kind.pop("description", None)
        kind.pop("title", None)
        if parameter["description"] is None:
            self.missing.append(f"{operation}({name})")
        # Pages that let one try an operation out send what stands here: nothing that may be left out.
        if parameter["in"] == "path":
            parameter["example"] = str(
                FIELDS.get(name) or self._value(kind, f"{operation}({name})", every=True)
            )
        elif kind.get("default") is not None:
            parameter["example"] = kind["default"]

    def _named(self, name: str, kind: Json, where: str, *, every: bool = True) -> Any:
        if "examples" not in kind and name in FIELDS and _takes(kind, FIELDS[name]):
            return copy.deepcopy(FIELDS[name])
        return self._value(kind, where, every=every)

    @staticmethod
    def _whole(operation: str, media: str) -> Any:
        return copy.deepcopy(WHOLE.get((operation, media)))

    def _value(self, schema: Json, where: str, *, every: bool) -> Any:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_PREFIX)
            return self._value(self._schemas[name], name, every=every)
        if "properties" in schema and "examples" not in schema:
            return self._object(schema, where, every=every)
        parts = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        told = _told(schema)
        if parts and not told:
            return self._value(parts[0], where, every=every)
        if schema.get("type") == "array" and schema.get("items") and not told:
            return [self._value(schema["items"], where, every=every)]
        if not told:
            self.missing.append(where)
        return copy.deepcopy(told[0]) if told else None

    def _object(self, schema: Json, name: str, *, every: bool) -> Json:
        told = SHAPES.get(schema.get("title", name), {})
        required = set(schema.get("required", ()))
        is_request = schema.get("additionalProperties") is False
        example = {}
        for field, kind in schema["properties"].items():
            # Options of a request may exclude each other: only those that are told are shown together.
            shown = field in required or (every and (field in told or not is_request))
            if not shown:
                continue
            if field in told:
                example[field] = copy.deepcopy(told[field])
            else:
                example[field] = self._named(field, kind, f"{name}.{field}", every=every)
        return example


def _told(schema: Json) -> list[Any]:
    """Values that a schema itself tells of, the best first."""
    told = list(schema.get("examples", ()))
    told += [schema[word] for word in ("default", "const") if word in schema]
    told += schema.get("enum", ())
    return told + ([False] if schema.get("type") == "boolean" else [])


_TYPES: Final[dict[type, set[str]]] = {
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    str: {"string"},
    list: {"array"},
    dict: {"object"},
    type(None): {"null"},
}


def _takes(schema: Json, value: Any) -> bool:
    """Return whether a value is of a type that the schema allows; one that says nothing takes all."""
    kinds = {kind.get("type") for options in ("anyOf", "oneOf") for kind in schema.get(options, ())}
    kinds |= {schema["type"]} if "type" in schema else set()
    if any("$ref" in kind for options in ("anyOf", "oneOf") for kind in schema.get(options, ())):
        kinds.add("object")
    if "enum" in schema or "const" in schema:
        return value in schema.get("enum", [schema.get("const")])
    return not kinds - {None} or bool(_TYPES[type(value)] & kinds)
