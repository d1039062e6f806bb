"""From JSON instances to raw columns: every reason to refuse one, and what is unusual about the others."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring import compiled
from scoring.dates import FIRST_SECOND, LAST_SECOND
from scoring.errors import MAX_FAULTS, Fault, InputError
from scoring.features import Column, FloatArray, Place, Table
from scoring.findings import Finding, Findings

type Instance = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - dates of a CSV have no time zone, so all are kept naive
EXPECTED = {
    "numeric": "a number",
    "boolean": "true or false",
    "date": "a date as text, for example 2024-01-31",
    "categorical": "text",
    "text": "text",
}
UNSEEN = ("unseen_category", "Training never saw this category.")
OUT_OF_RANGE = "out_of_range"
UNUSED = ("unknown", "The model does not use this column of the training file: leave it out.")
UNKNOWN = ("unknown", "The model has no feature of this name.")
MISSING = ("missing", "This feature is required and missing.")
NOT_FINITE = ("not_finite", "Must be a finite number.")
NUMBER_KINDS = {"numeric": frozenset({int, float}), "boolean": frozenset({bool})}
# As reader.c numbers them; all others are texts.
KINDS = ("numeric", "boolean")
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
        training did not say, and of other types.
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

    @property
    def span(self) -> tuple[float, float]:
        """The least and the largest number that is usual; booleans count as 0 and 1."""
        if self.type == "boolean" and self.known_values:
            return float(min(self.known_values)), float(max(self.known_values))
        return self.training_range or (-math.inf, math.inf)


@dataclass(slots=True)
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
    unusual
        How much of each code: ``unseen_category`` and ``out_of_range``.
    """

    columns: Mapping[str, Column]
    count: int
    warnings: list[Fault]
    warnings_total: int
    unusual: Mapping[str, int] = field(default_factory=dict)


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


class Reader:
    """Reads instances, all at once and feature by feature.

    Parameters
    ----------
    features
        What the model knows of its inputs.
    unused
        Columns of the training file that the model does not use.
    """

    def __init__(self, features: Sequence[Feature], unused: Iterable[str] = ()) -> None:
        self._names = frozenset(feature.name for feature in features)
        self._unused = frozenset(unused)
        placed = list(enumerate(features))
        texts = [_Texts(place, feature) for place, feature in placed if feature.type not in NUMBER_KINDS]
        self._parts: list[_Numbers | _Texts] = [
            _Numbers([(place, feature) for place, feature in placed if feature.type == kind], kinds)
            for kind, kinds in NUMBER_KINDS.items()
            if any(feature.type == kind for feature in features)
        ]
        self._parts += texts
        self._plain = _Plain(features, texts)

    def read(self, instances: Sequence[Any], *, strict: bool = False) -> Rows:
        """Return raw columns and what is unusual about the instances.

        Parameters
        ----------
        instances
            What a client sent.
        strict
            Refuse what is unusual too.

        Raises
        ------
        InputError
            With all faults of all instances (their list is bounded, their number exact).
        """
        if compiled.LIBRARY is not None and type(instances) is list:
            rows = self._plain.read(compiled.LIBRARY, instances, strict=strict)
            if rows is not None:
                return rows
        indexes: Sequence[int] = range(len(instances))
        objects: Sequence[Instance] = instances
        strays: list[int] = []
        if set(map(type, instances)) != {dict}:
            strays = [index for index in indexes if not isinstance(instances[index], Mapping)]
            indexes = [index for index in indexes if isinstance(instances[index], Mapping)]
            objects = [instances[index] for index in indexes]
        faults, warnings = Findings(indexes), Findings(indexes)
        faults.add_strays(strays)
        columns: dict[str, Column] = {}
        for part in self._parts:
            columns |= part.read(objects, faults, faults if strict else warnings)
        self._find_unknown(objects, faults)
        if faults.total:
            raise InputError(faults.first(), faults.total)
        return Rows(columns, len(objects), warnings.first(), warnings.total, warnings.by_code)

    def columns(self, instances: Sequence[Instance]) -> dict[str, Column]:
        """Return the raw columns alone; what :meth:`read` would refuse counts as missing."""
        passed_over = Findings(range(len(instances)))
        columns: dict[str, Column] = {}
        for part in self._parts:
            columns |= part.read(instances, passed_over, passed_over)
        return columns

    def _find_unknown(self, objects: Sequence[Instance], faults: Findings) -> None:
        # Where no feature is missing and there are no more names, none is unknown.
        if not faults.total and set(map(len, objects)) <= {len(self._names)}:
            return
        room, last = MAX_FAULTS, len(self._names)
        for row, instance in enumerate(objects):
            if instance.keys() <= self._names:
                continue
            unknown = [name for name in instance if name not in self._names]
            for name in unknown[:room]:
                faults.add(UNUSED if name in self._unused else UNKNOWN, str(name), last, [row])
            faults.total += max(len(unknown) - room, 0)
            room = max(room - len(unknown), 0)


class _Plain:
    """Reads instances of which there is nothing to say, all features at once.

    Parameters
    ----------
    features
        All of them.
    texts
        Those whose values are texts.
    """

    def __init__(self, features: Sequence[Feature], texts: "Sequence[_Texts]") -> None:
        numbers = [feature.name for feature in features if feature.type in NUMBER_KINDS]
        dates = [text.name for text in texts if text.is_date]
        self._features, self._numbers, self._texts = features, len(numbers), texts
        # Numbers come first; what dates were written as is a text before it is a number.
        self._places = {name: Place(texts=True, row=row) for row, name in enumerate(t.name for t in texts)}
        self._places |= {name: Place(texts=False, row=row) for row, name in enumerate([*numbers, *dates])}
        self._rows = self._numbers + len(dates)
        # What must be looked at once more: texts whose values are not all listed.
        self._open = [(row, text) for row, text in enumerate(texts) if not text.plain]
        self._loop: compiled.InstanceReader | None = None

    def read(self, library: compiled.Library, instances: list[Any], *, strict: bool) -> Rows | None:
        """Return the rows, or None where somebody else must read them: something is to be said.

        Raises
        ------
        InputError
            With all faults, where only texts whose values are not all listed have some.
        """
        if self._loop is None:
            self._loop = self._made(library)
        count = len(instances)
        numbers, texts = np.empty((self._rows, count)), np.empty((len(self._texts), count), dtype=object)
        own = numbers[: self._numbers] if self._numbers < self._rows else numbers
        if not self._loop.read(instances, own, texts):
            return None
        table = Table(numbers, texts, self._places)
        return self._remarked(table, strict=strict) if self._open else Rows(table, count, [], 0)

    def _remarked(self, table: Table, *, strict: bool) -> Rows:
        faults, found = Findings(range(table.rows)), Findings(range(table.rows))
        for row, text in self._open:
            column = text.read_values(table.texts[row].tolist(), faults, faults if strict else found)
            place = self._places[text.name]
            (table.texts if place.texts else table.numbers)[place.row] = column
        if faults.total:
            raise InputError(faults.first(), faults.total)
        return Rows(table, table.rows, found.first(), found.total, found.by_code)

    def _made(self, library: compiled.Library) -> compiled.InstanceReader:
        kinds = [
            KINDS.index(feature.type) if feature.type in KINDS else len(KINDS) for feature in self._features
        ]
        low, high = np.array([feature.span for feature in self._features]).reshape(-1, 2).T
        known = {text.name: text.plain or None for text in self._texts}
        return library.Reader(
            tuple(feature.name for feature in self._features),
            np.array(kinds, dtype=np.uint8),
            np.array([feature.nullable for feature in self._features], dtype=np.uint8),
            np.ascontiguousarray(low),
            np.ascontiguousarray(high),
            tuple(known.get(feature.name) for feature in self._features),
        )


class _Numbers:
    """All features whose values are numbers, or all whose values are booleans.

    Parameters
    ----------
    placed
        Each feature with its position among all.
    kinds
        The types of their values.
    """

    def __init__(self, placed: Sequence[tuple[int, Feature]], kinds: frozenset[type]) -> None:
        self._placed = placed
        self._names = [feature.name for _, feature in placed]
        self._values = itemgetter(*self._names) if len(placed) > 1 else None
        self._kinds = kinds | {NoneType}
        ends = np.array([feature.span for _, feature in placed])
        self._low, self._high = ends[:, :1], ends[:, 1:]

    def read(self, objects: Sequence[Instance], faults: Findings, unusual: Findings) -> dict[str, Column]:
        """Return raw columns, and note what was found."""
        matrix = self._matrix(objects)
        strange = ~np.isfinite(matrix)
        if strange.any():
            self._find_faults(objects, strange, faults)
            matrix[strange] = np.nan
        beyond = (matrix < self._low) | (matrix > self._high)
        if beyond.any():
            for (position, feature), rows in zip(self._placed, beyond, strict=True):
                unusual.add(_unusual(feature), feature.name, position, np.flatnonzero(rows).tolist())
        return dict(zip(self._names, matrix, strict=True))

    def _matrix(self, objects: Sequence[Instance]) -> FloatArray:
        """Return features x objects; NaN where a value is no number."""
        values = self._flat(objects)
        if set(map(type, values)) <= self._kinds:
            with suppress(OverflowError):
                shape = len(objects), len(self._names)
                return np.ascontiguousarray(np.array(values, dtype=np.float64).reshape(shape).T)
        return np.array(
            [[self._double(instance.get(name)) for instance in objects] for name in self._names],
            dtype=np.float64,
        )

    def _flat(self, objects: Sequence[Instance]) -> list[Any]:
        """Return the values of the first object, then those of the second, and so on."""
        if self._values is not None:
            # One call for each object, where none lacks a name.
            with suppress(KeyError):
                return list(chain.from_iterable(map(self._values, objects)))
        return [instance.get(name, _ABSENT) for instance in objects for name in self._names]

    def _double(self, value: Any) -> float:
        if value is None or not _accepts(self._placed[0][1].type, type(value)):
            return math.nan
        try:
            return float(value)
        except OverflowError:
            return math.inf

    def _find_faults(self, objects: Sequence[Instance], strange: NDArray[np.bool_], faults: Findings) -> None:
        for place in np.flatnonzero(strange.any(axis=1)).tolist():
            position, feature = self._placed[place]
            name, nullable = feature.name, feature.nullable
            found: dict[Finding, list[int]] = defaultdict(list)
            for row in np.flatnonzero(strange[place]).tolist():
                value = objects[row].get(name, _ABSENT)
                # Most of them, and nothing to say.
                if value is None and nullable:
                    continue
                finding = _refusal(feature, value)
                if finding is not None:
                    found[finding].append(row)
            for finding, refused in found.items():
                faults.add(finding, name, position, refused)


class _Texts:
    """One feature whose values are texts: a date, a category or free text. Each distinct one is read once.

    Parameters
    ----------
    position
        Where the feature stands among all.
    feature
        What the model knows of it.
    """

    def __init__(self, position: int, feature: Feature) -> None:
        self._position = position
        self._feature = feature
        known = feature.known_values
        self._known: frozenset[object] | None = None if known is None else frozenset(known)
        self._kinds = {str, NoneType} if feature.nullable else {str}
        self._value = itemgetter(feature.name)
        # What is read as it is, with nothing to say of it.
        self.plain: dict[str | None, str | None] = {}
        if known is not None and feature.type == "categorical":
            texts = [text for text in known if isinstance(text, str)]
            self.plain = {text: text for text in texts if text_or_none(text, feature.missing_words) == text}
            if feature.nullable:
                self.plain[None] = None

    @property
    def name(self) -> str:
        """Name of the feature."""
        return self._feature.name

    @property
    def is_date(self) -> bool:
        """Whether the raw column holds seconds."""
        return self._feature.type == "date"

    def read(self, objects: Sequence[Instance], faults: Findings, unusual: Findings) -> dict[str, Column]:
        """Return the raw column, and note what was found."""
        values = self._values(objects)
        with suppress(KeyError, TypeError):
            return {self.name: _objects(list(map(self.plain.__getitem__, values)))}
        return {self.name: self.read_values(values, faults, unusual)}

    def read_values(self, values: list[Any], faults: Findings, unusual: Findings) -> Column:
        """Return the raw column of values that may be anything, and note what was found."""
        feature = self._feature
        refused: dict[Finding, list[int]] = defaultdict(list)
        if not set(map(type, values)) <= self._kinds:
            values = [self._text(row, value, refused) for row, value in enumerate(values)]
        texts = {
            value: None if value is None else text_or_none(value, feature.missing_words)
            for value in set(values)
        }
        if not feature.nullable and None in texts.values():
            refused[_null(feature)] += [
                row for row, value in enumerate(values) if value is not None and texts[value] is None
            ]
        if feature.type == "date":
            column, strange = self._dates(values, texts, refused)
        else:
            column = _objects(list(map(texts.__getitem__, values)))
            strange = self._unseen(texts)
        for finding, rows in refused.items():
            if rows:
                faults.add(finding, feature.name, self._position, rows)
        if strange:
            rows = [row for row, value in enumerate(values) if value in strange]
            unusual.add(_unusual(feature), feature.name, self._position, rows)
        return column

    def _values(self, objects: Sequence[Instance]) -> list[Any]:
        try:
            return list(map(self._value, objects))
        except KeyError:
            return [instance.get(self._feature.name, _ABSENT) for instance in objects]

    def _text(self, row: int, value: Any, refused: dict[Finding, list[int]]) -> str | None:
        if isinstance(value, str):
            return value
        finding = _refusal(self._feature, value)
        if finding is not None:
            refused[finding].append(row)
        return None

    def _dates(
        self,
        values: list[Any],
        texts: Mapping[str | None, str | None],
        refused: dict[Finding, list[int]],
    ) -> tuple[Column, set[str | None]]:
        date_format, (low, high) = self._feature.date_format, self._feature.span
        seconds = {value: _seconds(text, date_format) for value, text in texts.items()}
        bad = {value for value, text in texts.items() if text is not None and math.isnan(seconds[value])}
        if bad:
            refused[_bad_date(self._feature)] += [row for row, value in enumerate(values) if value in bad]
        column = np.array([seconds[value] for value in values], dtype=np.float64)
        return column, {value for value, moment in seconds.items() if moment < low or moment > high}

    def _unseen(self, texts: Mapping[str | None, str | None]) -> set[str | None]:
        if self._known is None:
            return set()
        return {value for value, text in texts.items() if text is not None and text not in self._known}


def columns_of(instances: Sequence[Instance], features: Sequence[Feature]) -> dict[str, Column]:
    """Return the raw columns of instances; what a :class:`Reader` would refuse counts as missing."""
    return Reader(features).columns(instances)


def _objects(values: list[str | None]) -> Column:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _accepts(feature_type: str, kind: type) -> bool:
    if feature_type == "numeric":
        return issubclass(kind, int | float) and not issubclass(kind, bool)
    return issubclass(kind, bool if feature_type == "boolean" else str)


def _refusal(feature: Feature, value: object) -> Finding | None:
    """Return why a value that is no finite number, boolean or text is refused; None if it is not."""
    if value is _ABSENT:
        return MISSING
    if value is None:
        return None if feature.nullable else _null(feature)
    return NOT_FINITE if _accepts(feature.type, type(value)) else _wrong_type(feature, value)


def _seconds(text: str | None, date_format: str | None) -> float:
    try:
        return math.nan if text is None else seconds_of(text, date_format)
    except (ValueError, OverflowError):
        return math.nan


def _unusual(feature: Feature) -> Finding:
    if feature.training_range is None:
        return UNSEEN
    low, high = (shown_end(end, feature.type) for end in feature.training_range)
    return OUT_OF_RANGE, f"Training saw {low} to {high}: the model has learned nothing beyond."


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
