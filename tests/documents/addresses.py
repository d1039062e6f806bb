"""Addresses of the API that documents name."""

import functools
import json
import re
from collections.abc import Mapping
from typing import Final

from tests.documents.markdown import ROOT
from tests.documents.project import template

# Of the contract's one body that is no JSON.
_OF_BODIES: Final = {"file_name"}


@functools.cache
def _routes() -> Mapping[str, frozenset[str]]:
    """The paths of the template, each with the queries that the contract has for it."""
    contract = json.loads((ROOT / "functions/api/openapi.json").read_text("utf-8"))["paths"]
    paths = {
        event["Properties"]["Path"]
        for resource in template()["Resources"].values()
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
