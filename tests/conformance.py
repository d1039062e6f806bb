"""Answers held against the contract that is committed: their status, their media type and their shape."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.conftest import ROOT

CONTRACT: dict[str, Any] = json.loads((ROOT / "functions/api/openapi.json").read_text("utf-8"))
# Pages for people: they are routes and no operations.
PAGES = {"/", "/app", "/app/{proxy+}", "/docs", "/openapi.json"}


class Conformance:
    """Says what is outside of a contract.

    Parameters
    ----------
    contract : dict
        An OpenAPI 3.1 document.
    """

    def __init__(self, contract: dict[str, Any] = CONTRACT) -> None:
        self.contract = contract
        resource = Resource(contract, DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:contract", resource)

    def faults(self, pointer: list[str], value: Any) -> list[str]:
        """What is wrong with a value, by the schema at a place of the contract."""
        steps = "/".join(step.replace("~", "~0").replace("/", "~1") for step in pointer)
        validator = Draft202012Validator({"$ref": f"urn:contract#/{steps}"}, registry=self._registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def check(self, method: str, path: str, status: int, media: str, body: Any) -> None:
        """Fail for an answer that the operation does not have."""
        if path in PAGES:
            return
        where = ["paths", path, method.lower(), "responses"]
        answers = self.contract["paths"][path][method.lower()]["responses"]
        key = str(status) if str(status) in answers else f"{status // 100}XX"
        assert key in answers, f"{method} {path} answers {status}, which the contract does not know"
        answer, where = answers[key], [*where, key]
        if "$ref" in answer:
            where = answer["$ref"].removeprefix("#/").split("/")
            answer = self.contract["components"]["responses"][where[-1]]
        media = media.partition(";")[0].strip()
        assert media in answer["content"], f"{method} {path} answers {status} as {media}"
        faults = self.faults([*where, "content", media, "schema"], _first(body))
        assert not faults, f"{method} {path} answers {status}: {faults}"


def _first(value: Any) -> Any:
    """The value with the beginning of each list: thousands of rows are of one shape, and take seconds."""
    if isinstance(value, list):
        return [_first(item) for item in value[:50]]
    return {name: _first(item) for name, item in value.items()} if isinstance(value, dict) else value
