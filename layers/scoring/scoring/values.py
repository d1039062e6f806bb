"""From values of JSON to raw columns: every reason to refuse one, and what is unusual about the others."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from operator import itemgetter
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FloatArray
from scoring.findings import Finding, Findings
from scoring.inputs import EXPECTED, Feature, Instance, seconds_of, shown_end, text_or_none

UNSEEN = ("unseen_category", "Training never saw this category.")
OUT_OF_RANGE = "out_of_range"
MISSING = ("missing", "This feature is required and missing.")
NOT_FINITE = ("not_finite", "Must be a finite number.")
NUMBER_KINDS = {"numeric": frozenset({int, float}), "boolean": frozenset({bool})}
_ABSENT = object()


class Numbers:
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


class Texts:
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
