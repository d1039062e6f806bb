"""From JSON instances to raw columns: every reason to refuse one, and what is unusual about the others."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.dates import FIRST_SECOND, LAST_SECOND
from scoring.errors import MAX_FAULTS, Fault, InputError
from scoring.features import Column

type Instance = Mapping[str, Any]
# The code and the sentence of a finding.
type Finding = tuple[str, str]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - dates of a CSV have no time zone, so all are kept naive
SHOWN_NAME = 100
EXPECTED = {
    "numeric": "a number",
    "boolean": "true or false",
    "date": "a date as text, for example 2024-01-31",
    "categorical": "text",
    "text": "text",
}
UNSEEN = ("unseen_category", "Training never saw this category.")
UNUSED = ("unknown", "The model does not use this column of the training file: leave it out.")
UNKNOWN = ("unknown", "The model has no feature of this name.")
MISSING = ("missing", "This feature is required and missing.")
NO_OBJECT = ("wrong_type", "An instance must be an object with one entry per feature.")
NOT_FINITE = ("not_finite", "Must be a finite number.")
_ABSENT = object()


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
    training_range
        The least and the largest number that training saw, of dates in seconds since 1970; None where
        training did not say (format 2.0), and of other types.
    known_values
        The categories, or the booleans, that training saw; None where training did not say, where they were
        too many to keep, and of other types.
    """

    name: str
    type: str
    nullable: bool
    date_format: str | None = None
    missing_words: tuple[str, ...] = ()
    number_style: str = "plain"
    training_range: tuple[float, float] | None = None
    known_values: tuple[str | bool, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the feature as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a feature from :meth:`to_json`, also one that an older format wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is none.
        """
        span, known = content.get("training_range"), content.get("known_values")
        if span is not None:
            low, high = (float(end) for end in span)
            if not (low <= high and math.isfinite(low) and math.isfinite(high)):
                raise ValueError(f"the training range of {content['name']!r} is none")
            if content["type"] == "date" and not FIRST_SECOND <= low <= high <= LAST_SECOND:
                raise ValueError(f"the training range of {content['name']!r} is beyond the calendar")
            span = (low, high)
        return cls(
            **{
                **content,
                "missing_words": tuple(content["missing_words"]),
                "training_range": span,
                "known_values": None if known is None else tuple(known),
            }
        )

    @cached_property
    def known(self) -> frozenset[str | bool]:
        """The known values, to look one up."""
        return frozenset(self.known_values or ())


@dataclass(frozen=True)
class Rows:
    """Instances that were read.

    Parameters
    ----------
    columns
        The raw columns, by feature.
    count
        How many instances there are.
    warnings
        What is unusual about them, in their order, at most ``MAX_FAULTS`` of it.
    warnings_total
        How much was found in all.
    """

    columns: dict[str, Column]
    count: int
    warnings: list[Fault]
    warnings_total: int


class _Findings:
    """Findings about instances: the first ``MAX_FAULTS`` of them, and how many there are in all."""

    def __init__(self) -> None:
        self.total = 0
        self._found: list[tuple[int, int, str, Finding]] = []

    def add(self, finding: Finding, name: str, position: int, indexes: Sequence[int]) -> None:
        """Note what was found at ascending indexes of instances, in the feature at a position."""
        self.total += len(indexes)
        self._found.extend((index, position, name, finding) for index in indexes[:MAX_FAULTS])

    def first(self) -> list[Fault]:
        """Return the first ones in the order of the instances and of the features."""
        self._found.sort(key=lambda found: found[:2])
        return [
            Fault(instance=index, feature=name[:SHOWN_NAME], code=code, message=message)
            for index, _, name, (code, message) in self._found[:MAX_FAULTS]
        ]


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


def shown_end(end: float, feature_type: str) -> str:
    """Return one end of a training range as a client would send it."""
    if feature_type == "date":
        return (EPOCH + timedelta(seconds=end)).isoformat().removesuffix("T00:00:00")
    return str(int(end)) if end.is_integer() and abs(end) < 2**53 else repr(end)


def columns_of(instances: Sequence[Instance], features: Sequence[Feature]) -> dict[str, Column]:
    """Return the raw columns of instances; what :func:`read` would refuse counts as missing."""
    return {
        feature.name: _read_column([instance.get(feature.name) for instance in instances], feature)[0]
        for feature in features
    }


def read(
    instances: Sequence[Any],
    features: Sequence[Feature],
    unused: Collection[str] = (),
    *,
    strict: bool = False,
) -> Rows:
    """Read instances, column by column: what is refused, and what is unusual.

    Parameters
    ----------
    instances
        What a client sent.
    features
        What the model knows of its inputs.
    unused
        Columns of the training file that the model does not use.
    strict
        Refuse what is unusual too.

    Raises
    ------
    InputError
        With all faults of all instances (their list is bounded, their number exact).
    """
    faults, warnings = _Findings(), _Findings()
    strays = [index for index, instance in enumerate(instances) if not isinstance(instance, Mapping)]
    indexes: Sequence[int] = range(len(instances))
    if strays:
        faults.add(NO_OBJECT, "", 0, strays)
        left_out = set(strays)
        indexes = [index for index in indexes if index not in left_out]
    objects: list[Instance] = [instances[index] for index in indexes]
    columns: dict[str, Column] = {}
    for position, feature in enumerate(features):
        name = feature.name
        values = [instance.get(name, _ABSENT) for instance in objects]
        column, refused = _read_column(values, feature)
        columns[name] = column
        for finding, rows in refused.items():
            faults.add(finding, name, position, [indexes[row] for row in rows])
        rows = _unusual_rows(column, feature)
        if rows:
            finding = _unusual(feature)
            (faults if strict else warnings).add(finding, name, position, [indexes[row] for row in rows])
    _add_unknown(faults, indexes, objects, features, unused)
    if faults.total:
        raise InputError(faults.first(), faults.total)
    return Rows(columns, len(objects), warnings.first(), warnings.total)


def _add_unknown(
    faults: _Findings,
    indexes: Sequence[int],
    objects: Sequence[Instance],
    features: Sequence[Feature],
    unused: Collection[str],
) -> None:
    known = {feature.name for feature in features}
    room = MAX_FAULTS
    for index, instance in zip(indexes, objects, strict=True):
        if instance.keys() <= known:
            continue
        unknown = [name for name in instance if name not in known]
        for name in unknown[:room]:
            faults.add(UNUSED if name in unused else UNKNOWN, str(name), len(features), [index])
        faults.total += max(len(unknown) - room, 0)
        room = max(room - len(unknown), 0)


def _read_column(values: list[Any], feature: Feature) -> tuple[Column, dict[Finding, list[int]]]:
    """Return a raw column, and for each fault the rows that have it; these are missing in the column."""
    faults: dict[Finding, list[int]] = defaultdict(list)
    odd = {kind for kind in set(map(type, values)) if not _accepts(feature.type, kind)}
    if odd:
        null = _null(feature)
        values = values.copy()
        for row, value in enumerate(values):
            if type(value) in odd:
                values[row] = None
                if value is _ABSENT:
                    faults[MISSING].append(row)
                elif value is not None:
                    faults[_wrong_type(feature, value)].append(row)
                elif not feature.nullable:
                    faults[null].append(row)
    match feature.type:
        case "numeric":
            column = _numbers(values)
            strange = np.flatnonzero(~np.isfinite(column))
            if infinite := [row for row in strange.tolist() if values[row] is not None]:
                faults[NOT_FINITE] += infinite
                column[infinite] = np.nan
            return column, faults
        case "boolean":
            return np.array(values, dtype=np.float64), faults
        case _:
            return _texts(values, feature, faults), faults


def _accepts(feature_type: str, kind: type) -> bool:
    if feature_type == "numeric":
        return issubclass(kind, int | float) and not issubclass(kind, bool)
    return issubclass(kind, bool if feature_type == "boolean" else str)


def _numbers(values: list[Any]) -> NDArray[np.float64]:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return np.array([_double(value) for value in values], dtype=np.float64)


def _double(value: float | None) -> float:
    try:
        return math.nan if value is None else float(value)
    except OverflowError:
        return math.inf


def _texts(values: list[Any], feature: Feature, faults: dict[Finding, list[int]]) -> Column:
    """Return dates as seconds, other texts as they are compared; each distinct one is read once."""
    distinct = set(values) - {None}
    texts: dict[str | None, str | None] = {
        value: text_or_none(value, feature.missing_words) for value in distinct
    }
    blank = {value for value in distinct if texts[value] is None}
    if blank and not feature.nullable:
        faults[_null(feature)] += [row for row, value in enumerate(values) if value in blank]
    texts[None] = None
    if feature.type != "date":
        column: NDArray[np.object_] = np.empty(len(values), dtype=object)
        column[:] = [texts[value] for value in values]
        return column
    seconds = {value: _seconds(text, feature.date_format) for value, text in texts.items()}
    bad = {value for value in distinct - blank if math.isnan(seconds[value])}
    if bad:
        faults[_bad_date(feature)] += [row for row, value in enumerate(values) if value in bad]
    return np.array([seconds[value] for value in values], dtype=np.float64)


def _seconds(text: str | None, date_format: str | None) -> float:
    try:
        return math.nan if text is None else seconds_of(text, date_format)
    except (ValueError, OverflowError):
        return math.nan


def _unusual_rows(column: Column, feature: Feature) -> list[int]:
    """Return the rows whose values are beyond what training saw."""
    if feature.training_range is not None:
        low, high = feature.training_range
        return np.flatnonzero((column < low) | (column > high)).tolist()
    if feature.known_values is None:
        return []
    # A missing number is no value and is not equal to itself.
    unseen = {value for value in set(column.tolist()) if value is not None and value == value}  # noqa: PLR0124
    unseen -= feature.known
    return [row for row, value in enumerate(column.tolist()) if value in unseen] if unseen else []


def _unusual(feature: Feature) -> Finding:
    if feature.training_range is None:
        return UNSEEN
    low, high = (shown_end(end, feature.type) for end in feature.training_range)
    return "out_of_range", f"Training saw {low} to {high}: the model has learned nothing beyond."


def _null(feature: Feature) -> Finding:
    return "null", f"Must be {EXPECTED[feature.type]}: training saw no missing value here."


def _bad_date(feature: Feature) -> Finding:
    written = "" if feature.date_format is None else f", or written as {feature.date_format}"
    return "bad_date", f"Must be {EXPECTED['date']}{written}."


def _wrong_type(feature: Feature, value: object) -> Finding:
    return "wrong_type", f"Must be {EXPECTED[feature.type]}, not {_kind(value)}."


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
