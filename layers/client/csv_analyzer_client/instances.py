"""Rows to predict: from JSON, lines of JSON, CSV and single values to instances of a model's schema."""

import codecs
import csv
import io
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import IO, Any, Final

from csv_analyzer_client.errors import UsageError

FORMATS: Final = ("json", "jsonl", "csv")
MAX_JSON_CHARACTERS: Final = 256 * 1024 * 1024
_PEEKED_BYTES: Final = 4_096
_DELIMITERS: Final = ",;\t|"
_BOOLEANS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

type Instance = dict[str, Any]


@dataclass
class Schema:
    """What is known of a model's features.

    Parameters
    ----------
    types : mapping
        JSON type of each feature.
    left_out : set
        Columns of files that the model does not use, as they are met.
    """

    types: Mapping[str, str]
    left_out: set[str] = field(default_factory=set)

    def cell(self, name: str, text: str) -> Any:
        """Value of a cell; what does not fit stays text, so that the service says what is wrong with it."""
        stripped = text.strip()
        if not stripped:
            return None
        kind = self.types.get(name)
        if kind == "boolean":
            return _BOOLEANS.get(stripped.lower(), text)
        return _number(stripped, text) if kind in {"number", "integer"} else text

    def given(self, name: str, text: str) -> Any:
        """Value of `name=text`; `null` is none."""
        if text == "null":
            return None
        if name in self.types:
            return self.cell(name, text) if self.types[name] != "string" else text
        return _json_or_text(text)

    def row(self, row: Mapping[str, str]) -> Instance:
        """Instance of a row of CSV; columns that the model does not use are noted and left out."""
        self.left_out.update(name for name in row if name not in self.types)
        return {name: self.cell(name, text) for name, text in row.items() if name in self.types}


def schema_types(document: Mapping[str, Any]) -> dict[str, str]:
    """JSON type of each feature of a JSON Schema; one that is described in another way counts as text."""
    properties = document.get("properties")
    found: dict[str, str] = {}
    for name, entry in (properties if isinstance(properties, dict) else {}).items():
        declared = entry.get("type") if isinstance(entry, dict) else None
        names = declared if isinstance(declared, list) else [declared]
        found[name] = next((kind for kind in names if isinstance(kind, str) and kind != "null"), "string")
    return found


def parse_settings(settings: Iterable[str], schema: Schema) -> Instance:
    """Instance of `name=value` settings.

    Raises
    ------
    UsageError
        If one has no `=`, or a name comes twice.
    """
    instance: Instance = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise UsageError(f"--set takes name=value, not {setting[:100]!r}.")
        if name in instance:
            raise UsageError(f"--set names {name[:100]!r} twice.")
        instance[name] = schema.given(name, text)
    return instance


def format_of(name: str | None, wanted: str | None) -> str | None:
    """Format of a file by what is wanted, else by its name; None if neither says it."""
    if wanted:
        return wanted
    suffix = PurePath(name or "").suffix.lower().lstrip(".")
    return {"ndjson": "jsonl", "tsv": "csv", "txt": "csv"}.get(suffix, suffix if suffix in FORMATS else None)


def read(file: IO[bytes], kind: str | None, schema: Schema) -> Iterator[Instance]:
    """Instances of an open file.

    Parameters
    ----------
    file
        Bytes in UTF-8.
    kind
        One of :data:`FORMATS`; if None, what begins with a bracket or brace is JSON and the rest CSV.
    schema
        Of the model; gives cells of CSV their types.

    Raises
    ------
    UsageError
        If the file is not of that format.
    """
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]
    kind = kind or _guessed(buffered.peek(_PEEKED_BYTES)[:_PEEKED_BYTES])
    text = io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="")
    try:
        if kind == "csv":
            yield from _csv(text, schema)
        elif kind == "jsonl":
            yield from _json_lines(text)
        else:
            yield from _json(text)
    except UnicodeDecodeError as error:
        raise UsageError(
            "The input is not UTF-8. `csv-analyzer batch` reads CSV files of any encoding."
        ) from error
    finally:
        # Closing is for whoever opened the file.
        text.detach()


def _guessed(head: bytes) -> str:
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if not first:
        raise UsageError("There is nothing to predict: the input is empty.")
    return "json" if first in b"[{" else "csv"


def _json(text: IO[str]) -> Iterator[Instance]:
    content = text.read(MAX_JSON_CHARACTERS + 1)
    if len(content) > MAX_JSON_CHARACTERS:
        raise UsageError("The JSON is too large: send lines of JSON (--input jsonl), or use `batch`.")
    try:
        found = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        lines = content.strip().splitlines()
        if len(lines) > 1 and lines[0].rstrip().endswith("}"):
            yield from _json_lines(lines)
            return
        raise UsageError(f"The input is no JSON: {_reason(error)}.") from error
    if isinstance(found, dict):
        found = found.get("instances", [found])
    if not isinstance(found, list):
        raise UsageError("The input is no list of instances.")
    yield from (_object(item, f"Instance {i}") for i, item in enumerate(found))


def _json_lines(lines: Iterable[str]) -> Iterator[Instance]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                item = json.loads(line, parse_constant=_refuse)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"Line {number} is no JSON: {_reason(error)}.") from error
            yield _object(item, f"Line {number}")


def _csv(lines: Iterable[str], schema: Schema) -> Iterator[Instance]:
    iterator = iter(lines)
    head = next(iterator, "")
    # What sets the names apart sets the values apart: a sniffer would guess at the text of cells.
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.reader(itertools.chain([head], iterator), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        if not any(names):
            raise UsageError("There is nothing to predict: the CSV has no header.")
        if len(set(names)) < len(names):
            raise UsageError("The CSV names a column twice.")
        if not schema.types.keys() & set(names):
            raise UsageError(
                "No column of the CSV is one of the model's: " + ", ".join(list(schema.types)[:20]) + "."
            )
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                raise UsageError(
                    f"Line {rows.line_num} of the CSV has {len(row)} cells and the header {len(names)}. "
                    "`csv-analyzer batch` mends such files."
                )
            yield schema.row(dict(zip(names, row, strict=True)))
    except csv.Error as error:
        raise UsageError(f"Line {rows.line_num} of the CSV can't be read: {error}.") from error


def _object(item: Any, place: str) -> Instance:
    if not isinstance(item, dict):
        raise UsageError(f"{place} is no object of features.")
    return item


def _number(text: str, otherwise: str) -> Any:
    try:
        return int(text) if text.lstrip("+-").isdecimal() and len(text) < 300 else _finite(text, otherwise)
    except ValueError:
        return otherwise


def _finite(text: str, otherwise: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else otherwise


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
