"""What a step's fields may hold: hostile JSON in, bounded values out, or ValueError with the reason."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.cleaning.conversions import BOOLEAN, DATE, NUMERIC, moment_of, number_of, written_number

MAX_NAMES = 2_000
MAX_NAME = 1_000
# As long as the names that reading leaves: profiles and previews name every column.
MAX_NEW_NAME = 200
MAX_VALUES = 1_000
MAX_TEXT = 1_000
SHOWN = 60

type Json = Any


@dataclass(frozen=True)
class Reader:
    """How a field is read, and the JSON Schema of what is read.

    Parameters
    ----------
    read
        Takes JSON; raises ValueError with the reason why it is refused.
    schema
        JSON Schema: whatever is read fits it.
    """

    read: Callable[[Json], Any]
    schema: dict[str, Json]


class Keep:
    """Stands for a field that is not given where None has a meaning of its own."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = Keep()


def read(reader: Reader) -> dict[str, Reader]:
    """Return the metadata of a dataclass field whose JSON a reader checks."""
    return {"reader": reader}


def shown(value: object) -> str:
    """Return a value for a message, shortened; whole numbers without decimals."""
    text = written_number(value) if isinstance(value, float) else repr(value)
    text = text or repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def read_name(value: Json) -> str:
    """Read a column's name."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not _is_whole(value):
        raise ValueError("must be the name of a column")
    return value


def read_new_name(value: Json) -> str:
    """Read a name that a column is to get."""
    found = read_name(value)
    if len(found) > MAX_NEW_NAME:
        raise ValueError(f"a new name must have at most {MAX_NEW_NAME} characters")
    if found != " ".join(found.split()) or not found.isprintable():
        raise ValueError("a new name must be printable, without blanks around it or doubled ones")
    return found


def read_names(value: Json) -> tuple[str, ...]:
    """Read a list of columns."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_NAMES:
        raise ValueError(f"must be a list of 1 to {MAX_NAMES:,} column names")
    found = tuple(read_name(entry) for entry in value)
    if len(set(found)) < len(found):
        raise ValueError("names a column twice")
    return found


def read_new_names(value: Json) -> dict[str, str]:
    """Read an object of old names to new ones."""
    if not isinstance(value, Mapping) or not 0 < len(value) <= MAX_NAMES:
        raise ValueError(f"must be an object of 1 to {MAX_NAMES:,} entries: old name to new name")
    found = {read_name(old): read_new_name(new) for old, new in value.items()}
    if len(set(found.values())) < len(found):
        raise ValueError("gives two columns the same name")
    return found


def choice(*options: str) -> Reader:
    """Return a reader of one of some words."""

    def one(value: Json) -> str:
        if not isinstance(value, str) or value not in options:
            raise ValueError(f"must be one of {', '.join(options)}")
        return value

    return Reader(one, {"enum": list(options)})


def read_flag(value: Json) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one kind of fault for all readers
    return value


def read_number(value: Json) -> float:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")  # noqa: TRY004 - one kind of fault for all readers
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError("must be a finite number")
    return found


def read_share(value: Json) -> float:
    """Read a number from 0 to 1."""
    found = read_number(value)
    if not 0 <= found <= 1:
        raise ValueError("must be a number from 0 to 1")
    return found


def read_text(value: Json) -> str:
    """Read a text of bounded length."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError(f"must be text of at most {MAX_TEXT:,} characters")
    if not _is_whole(value):
        raise ValueError("must be text that UTF-8 can hold, without half of a surrogate pair")
    return value


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_scalar(value: Json) -> Any:
    """Read a number, a text, true or false; what fits the column is decided later."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return read_text(value)
    try:
        return read_number(value)
    except ValueError as error:
        raise ValueError("must be a number, text, true or false") from error


def read_scalar_or_none(value: Json) -> Any:
    """Read a scalar, or null for a missing value."""
    return None if value is None else read_scalar(value)


def read_scalars(value: Json) -> tuple[Any, ...]:
    """Read a list of scalars."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_VALUES:
        raise ValueError(f"must be a list of 1 to {MAX_VALUES:,} values")
    return tuple(read_scalar(entry) for entry in value)


def read_value_map(value: Json) -> dict[str, Any]:
    """Read an object of old values, written as text, to new ones."""
    if not isinstance(value, Mapping) or not 0 < len(value) <= MAX_VALUES:
        raise ValueError(f"must be an object of 1 to {MAX_VALUES:,} entries: old value to new value")
    return {read_text(old): read_scalar_or_none(new) for old, new in value.items()}


_NAME = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
_TEXT = {"type": "string", "maxLength": MAX_TEXT}
_SCALAR = {"anyOf": [{"type": "number"}, _TEXT, {"type": "boolean"}]}
_SCALAR_OR_NONE = {"anyOf": [*_SCALAR["anyOf"], {"type": "null"}]}

column_name = Reader(read_name, _NAME)
names = Reader(
    read_names, {"type": "array", "items": _NAME, "minItems": 1, "maxItems": MAX_NAMES, "uniqueItems": True}
)
new_names = Reader(
    read_new_names,
    {
        "type": "object",
        "propertyNames": _NAME,
        "additionalProperties": {**_NAME, "maxLength": MAX_NEW_NAME},
        "minProperties": 1,
        "maxProperties": MAX_NAMES,
    },
)
flag = Reader(read_flag, {"type": "boolean"})
number = Reader(read_number, {"type": "number"})
share = Reader(read_share, {"type": "number", "minimum": 0, "maximum": 1})
short_text = Reader(read_text, _TEXT)
scalar = Reader(read_scalar, _SCALAR)
scalar_or_none = Reader(read_scalar_or_none, _SCALAR_OR_NONE)
scalars = Reader(read_scalars, {"type": "array", "items": _SCALAR, "minItems": 1, "maxItems": MAX_VALUES})
value_map = Reader(
    read_value_map,
    {
        "type": "object",
        "propertyNames": _TEXT,
        "additionalProperties": _SCALAR_OR_NONE,
        "minProperties": 1,
        "maxProperties": MAX_VALUES,
    },
)


def cell_of(value: Any, kind: str) -> float | str:
    """Return a scalar as a column of some type holds it; dates are ISO 8601.

    Raises
    ------
    ValueError
        When the column cannot hold it.
    """
    cell: float | str | None = None
    if kind == BOOLEAN:
        cell = float(value) if isinstance(value, bool) else None
    elif kind == NUMERIC:
        cell = None if isinstance(value, bool | str) else float(value)
    elif kind == DATE:
        seconds = moment_of(value.strip()) if isinstance(value, str) else math.nan
        cell = None if math.isnan(seconds) else seconds
    elif isinstance(value, str):
        cell = value.strip() or None
    if cell is None:
        raise ValueError(f"{shown(value)} is no value of type {kind}")
    return cell


def key_of(text: str, kind: str) -> float | str:
    """Return what a key of a JSON object stands for in a column of some type.

    Raises
    ------
    ValueError
        When the column cannot hold it.
    """
    if kind == NUMERIC:
        value: Any = number_of(text.strip())
        value = text if math.isnan(value) else value
    elif kind == BOOLEAN:
        value = {"true": True, "false": False}.get(text.strip(), text)
    else:
        value = text
    return cell_of(value, kind)
