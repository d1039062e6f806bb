"""From JSON instances to raw columns, and every reason why an instance is refused."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.errors import MAX_FAULTS, Fault, InputError
from scoring.features import Column

type Instance = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - dates of a CSV have no time zone, so all are kept naive
NUMERIC_TYPES = frozenset({"numeric", "boolean", "date"})
SHOWN_NAME = 100
EXPECTED = {
    "numeric": "a number",
    "boolean": "true or false",
    "date": "a date as text, for example 2024-01-31",
    "categorical": "text",
    "text": "text",
}


@dataclass(frozen=True)
class Feature:
    """What a model knows about one input.

    Parameters
    ----------
    name
        The column's name in the training file.
    type
        One of numeric, boolean, date, categorical, text.
    nullable
        Whether training saw missing values.
    date_format
        How dates were written in the training file, beside ISO 8601.
    missing_words
        Words that meant "missing" in the training file.
    number_style
        How numbers were written in the training file: plain, us or eu, and behind a blank their unit. Clients
        send plain numbers in that unit.
    """

    name: str
    type: str
    nullable: bool
    date_format: str | None = None
    missing_words: tuple[str, ...] = ()
    number_style: str = "plain"

    def to_json(self) -> dict[str, Any]:
        """Return the feature as JSON-able data."""
        return asdict(self)


def text_or_none(value: str, missing_words: Iterable[str] = ()) -> str | None:
    """Return the text without surrounding blanks, or None where it says "missing"."""
    text = value.strip()
    return None if not text or text.casefold() in missing_words else text


def seconds_of(text: str, date_format: str | None = None) -> float:
    """Return a date as seconds since 1970; a zone is taken into account, none means UTC.

    Raises
    ------
    ValueError
        When the text is neither ISO 8601 nor of the given format.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        if date_format is None:
            raise
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone, if any, is handled below
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - EPOCH) / timedelta(microseconds=1) / 1e6


def columns_of(instances: Sequence[Instance], features: Sequence[Feature]) -> dict[str, Column]:
    """Return the raw columns of instances that passed :func:`check`."""
    return {
        feature.name: _column([instance.get(feature.name) for instance in instances], feature)
        for feature in features
    }


def _column(values: Sequence[Any], feature: Feature) -> Column:
    match feature.type:
        case "numeric" | "boolean":
            return np.array(
                [math.nan if value is None else float(value) for value in values], dtype=np.float64
            )
        case "date":
            texts = [
                None if value is None else text_or_none(value, feature.missing_words) for value in values
            ]
            seconds = [math.nan if text is None else seconds_of(text, feature.date_format) for text in texts]
            return np.array(seconds, dtype=np.float64)
        case _:
            column: NDArray[np.object_] = np.empty(len(values), dtype=object)
            column[:] = [
                None if value is None else text_or_none(value, feature.missing_words) for value in values
            ]
            return column


def check(
    instances: Sequence[Any], features: Sequence[Feature], unused: Iterable[str], schema: Mapping[str, Any]
) -> None:
    """Compare instances with the schema.

    Raises
    ------
    InputError
        With all faults of all instances (their list is bounded, their number exact).
    """
    by_name = {feature.name: feature for feature in features}
    unused = frozenset(unused)
    required: list[str] = schema["required"]
    faults: list[Fault] = []
    total = 0
    for index, instance in enumerate(instances):
        if isinstance(instance, Mapping):
            found = _instance_faults(instance, by_name, required, unused)
        else:
            found = [("", "wrong_type", "An instance must be an object with one entry per feature.")]
        total += len(found)
        faults.extend(
            Fault(instance=index, feature=name[:SHOWN_NAME], code=code, message=message)
            for name, code, message in found[: MAX_FAULTS - len(faults)]
        )
    if total:
        raise InputError(faults, total)


def _instance_faults(
    instance: Instance, features: Mapping[str, Feature], required: Iterable[str], unused: frozenset[str]
) -> list[tuple[str, str, str]]:
    found = [
        (name, "missing", "This feature is required and missing.")
        for name in required
        if name not in instance
    ]
    for name, value in instance.items():
        feature = features.get(name)
        if feature is not None:
            fault = _value_fault(value, feature)
            if fault is not None:
                found.append((name, *fault))
        elif name in unused:
            found.append(
                (
                    str(name),
                    "unknown",
                    "The model does not use this column of the training file: leave it out.",
                )
            )
        else:
            found.append((str(name), "unknown", "The model has no feature of this name."))
    return found


def _value_fault(value: object, feature: Feature) -> tuple[str, str] | None:
    expected = EXPECTED[feature.type]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    accepted = {"numeric": is_number, "boolean": isinstance(value, bool)}.get(
        feature.type, isinstance(value, str)
    )
    if value is not None and not accepted:
        return "wrong_type", f"Must be {expected}, not {_kind(value)}."
    if feature.type == "numeric" and value is not None and not _is_finite(value):
        return "not_finite", "Must be a finite number."
    text = text_or_none(value, feature.missing_words) if isinstance(value, str) else value
    if text is None:
        return (
            None if feature.nullable else ("null", f"Must be {expected}: training saw no missing value here.")
        )
    if feature.type == "date" and not _is_date(str(text), feature.date_format):
        return "bad_date", f"Must be {expected}."
    return None


def _is_finite(value: object) -> bool:
    try:
        return math.isfinite(value)  # type: ignore[arg-type]  # only numbers come here
    except OverflowError:
        return False


def _is_date(text: str, date_format: str | None) -> bool:
    try:
        seconds_of(text, date_format)
    except (ValueError, OverflowError):
        return False
    return True


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
