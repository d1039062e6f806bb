"""Hooks of Schemathesis: half of the requests are about things that are there."""

import json
import os
import zlib
from pathlib import Path
from typing import Any

import schemathesis

_KNOWN: dict[str, str] = json.loads(Path(os.environ["CSV_ANALYZER_FUZZ_KNOWN"]).read_text("utf-8"))


@schemathesis.hook
def map_path_parameters(
    context: schemathesis.HookContext, path_parameters: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Put known ids in the place of the generated ones, all of them or none; which, the values decide."""
    if not path_parameters or zlib.crc32(repr(path_parameters).encode()) % 2:
        return path_parameters
    operation = context.operation.definition.raw["operationId"]
    known = {**_KNOWN, **({"dataset_id": _KNOWN["in_parts"]} if operation == "completeUpload" else {})}
    return {name: known.get(name, value) for name, value in path_parameters.items()}


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Leave out what is no fault: JSON sent as CSV is a text like any other."""
    return case.media_type != "text/csv" or isinstance(case.body, str | bytes)
