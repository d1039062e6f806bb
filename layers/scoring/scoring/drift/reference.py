"""What training saw, in bins: the reference that predictions are counted and compared by.

Training counts its rows by this code too, so that both sides of a comparison mean the same.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FloatArray
from scoring.errors import ModelError
from scoring.inputs import Feature
from scoring.values import OUT_OF_RANGE, UNSEEN

type Counts = NDArray[np.int64]

MISSING = 0
# Bins of a feature, values of a category: nobody needs more, and a damaged manifest must not ask for more.
MAX_BINS = 100


@dataclass(frozen=True)
class Bins:
    """The bins of one feature, or of the answers, and how many rows of the training are in each.

    Numbers (and dates in seconds, booleans as 0 and 1, texts by their length) have ``edges``: their bins are
    missing, below the first edge, from each edge up to the next one, and above the last edge, which belongs
    to the bin before it. Categories have ``values``: missing, each of them, others that training saw, and
    those that it never saw.

    Parameters
    ----------
    counts
        Rows of the training in each bin.
    edges
        Ascending; the last two may be equal.
    values
        The most frequent categories, or the classes that answer.
    once
        How many categories occurred once.
    """

    counts: tuple[int, ...]
    edges: tuple[float, ...] | None = None
    values: tuple[str, ...] | None = None
    once: int = 0

    @property
    def size(self) -> int:
        """How many bins there are."""
        return 2 + len(self.edges) if self.edges is not None else 3 + len(self.values or ())

    @property
    def thresholds(self) -> list[float]:
        """A number's bin is how many of these it reaches: nothing reaches one if it is missing."""
        edges = list(self.edges or ())
        return [-math.inf, *edges[:-1], math.nextafter(edges[-1], math.inf)]

    @property
    def compared(self) -> list[list[int]]:
        """Which bins count as one in a comparison: what training never saw has no bin of its own there."""
        last = self.size - 1
        if self.edges is None:
            return [[MISSING], *([place] for place in range(1, last - 1)), [last - 1, last]]
        inner = [[place] for place in range(2, last)]
        inner[0].insert(0, 1)
        inner[-1].append(last)
        return [[MISSING], *inner]

    @property
    def strange(self) -> list[int]:
        """The bins of what training never saw."""
        return [self.size - 1] if self.edges is None else [1, self.size - 1]

    def to_json(self) -> dict[str, Any]:
        """Return the bins as JSON-able data."""
        kind: dict[str, Any] = (
            {"edges": list(self.edges)}
            if self.edges is not None
            else {"values": list(self.values or ()), "once": self.once}
        )
        return {**kind, "counts": list(self.counts)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild bins from :meth:`to_json`.

        Raises
        ------
        KeyError, TypeError, ValueError
            When they are none.
        """
        counts = tuple(_whole(count) for count in content["counts"])
        if "edges" in content:
            edges = tuple(float(edge) for edge in content["edges"])
            if not 2 <= len(edges) <= MAX_BINS or not all(map(math.isfinite, edges)):
                raise ValueError("edges must be 2 or more finite numbers")
            if any(low >= high for low, high in pairwise(edges[:-1])) or edges[-2] > edges[-1]:
                raise ValueError("edges must rise")
            bins = cls(counts, edges=edges)
        else:
            values = tuple(content["values"])
            if len(values) > MAX_BINS or not all(isinstance(value, str) for value in values):
                raise ValueError("values must be texts, and not too many")
            bins = cls(counts, values=values, once=_whole(content["once"]))
        if len(counts) != bins.size:
            raise ValueError("there must be one count for each bin")
        return bins


@dataclass(frozen=True)
class Reference:
    """What training saw of every feature and of the answers.

    Parameters
    ----------
    features
        The inputs of the model.
    bins
        Those of each, in their order.
    answers
        Those of the model's answers to rows that it had not learned from.
    learned
        How many of its answers to rows that it has learned from are in each of these bins; None if unknown.
    """

    features: tuple[Feature, ...]
    bins: tuple[Bins, ...]
    answers: Bins
    learned: tuple[int, ...] | None = None

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any], features: Sequence[Feature]) -> Self | None:
        """Return the reference of a model; None where it has none, as before format 3.1.

        Raises
        ------
        ModelError
            When it does not fit the model.
        """
        content = manifest.get("reference")
        if content is None:
            return None
        try:
            bins = tuple(Bins.from_json(entry) for entry in content["features"])
            answers = Bins.from_json(content["predictions"])
            learned = content.get("predictions_learned")
            if learned is not None:
                learned = Bins.from_json({**answers.to_json(), "counts": learned}).counts
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"The model's reference for drift is malformed: {error}.") from error
        classes = manifest["classes"] or None
        fits = answers.values == (None if classes is None else tuple(classes)) and len(bins) == len(features)
        if not fits or any(
            _has_values(feature) != (one.edges is None) for feature, one in _pairs(features, bins)
        ):
            raise ModelError("The model's reference for drift does not fit its features.")
        return cls(tuple(features), bins, answers, learned)

    def to_json(self) -> dict[str, Any]:
        """Return the reference as JSON-able data."""
        learned = {} if self.learned is None else {"predictions_learned": list(self.learned)}
        return {
            "features": [bins.to_json() for bins in self.bins],
            "predictions": self.answers.to_json(),
            **learned,
        }

    @cached_property
    def offsets(self) -> list[int]:
        """Where the bins of each feature, then of the answers, begin in a vector of counts; its length."""
        sizes = [bins.size for bins in (*self.bins, self.answers)]
        return [0, *np.cumsum(sizes).tolist()]

    @property
    def size(self) -> int:
        """Length of a vector of counts."""
        return self.offsets[-1]

    def split(self, counts: Counts) -> list[Counts]:
        """Return the counts of each feature, and then of the answers."""
        return [counts[start:end] for start, end in zip(self.offsets, self.offsets[1:], strict=False)]

    def unusual(self, counts: Counts) -> Counter[str]:
        """Return how many values that were counted training never saw, by the codes of warnings.

        Texts and booleans are not among them.
        """
        found: Counter[str] = Counter()
        for feature, bins, own in zip(self.features, self.bins, self.split(counts), strict=False):
            if bins.edges is None and feature.known_values is not None:
                found[UNSEEN[0]] += int(own[bins.strange].sum())
            elif feature.type in {"numeric", "date"}:
                found[OUT_OF_RANGE] += int(own[bins.strange].sum())
        return found

    def count(self, columns: Mapping[str, Column], answers: FloatArray | NDArray[np.intp]) -> Counts:
        """Count rows: how many are in each bin of each feature, and of the answers.

        Parameters
        ----------
        columns
            The raw columns of the rows, by feature.
        answers
            What the model answered: the positions of classes, or numbers.

        Returns
        -------
        ndarray of int64
            One count for each bin; those of each feature add up to the number of rows.
        """
        return self._counter.count(columns, answers)

    @cached_property
    def _counter(self) -> "_Counter":
        return _Counter(self)


class _Counter:
    """Counts rows, all numbers in one go: a prediction of one row must not wait for it."""

    def __init__(self, reference: Reference) -> None:
        self._size = reference.size
        placed = list(zip(reference.features, reference.bins, reference.offsets, strict=False))
        self._classes = reference.answers.edges is None
        self._answers_at = reference.offsets[-2]
        self._numbers = [feature.name for feature, bins, _ in placed if _is_number(feature, bins)]
        self._texts = [feature.name for feature, _, _ in placed if feature.type == "text"]
        lines = [(bins, at) for feature, bins, at in placed if _is_number(feature, bins)]
        lines += [(bins, at) for feature, bins, at in placed if feature.type == "text"]
        if not self._classes:
            lines.append((reference.answers, self._answers_at))
        self._starts = np.array([at for _, at in lines], dtype=np.int64)[:, None]
        most = max((len(bins.thresholds) for bins, _ in lines), default=0)
        # Nothing reaches NaN, so it stands where a feature has fewer thresholds than others.
        self._thresholds = np.full((most, len(lines), 1), np.nan)
        for place, (bins, _) in enumerate(lines):
            self._thresholds[: len(bins.thresholds), place, 0] = bins.thresholds
        self._categories = [
            (
                feature.name,
                _places(feature, bins, at),
                at + bins.size - (1 if feature.known_values is not None else 2),
            )
            for feature, bins, at in placed
            if bins.edges is None
        ]

    def count(self, columns: Mapping[str, Column], answers: FloatArray | NDArray[np.intp]) -> Counts:
        lines: list[Any] = [columns[name] for name in self._numbers]
        lines += [
            [math.nan if text is None else len(text) for text in columns[name].tolist()]
            for name in self._texts
        ]
        codes: list[int] = []
        for name, places, other in self._categories:
            codes += [places.get(value, other) for value in columns[name].tolist()]
        found = [np.array(codes, dtype=np.int64)]
        if self._classes:
            found.append(np.asarray(answers, dtype=np.int64) + (self._answers_at + 1))
        else:
            lines.append(answers)
        if lines:
            reached = np.array(lines, dtype=np.float64) >= self._thresholds
            found.append((reached.sum(axis=0, dtype=np.int64) + self._starts).ravel())
        return np.bincount(np.concatenate(found), minlength=self._size)


def _places(feature: Feature, bins: Bins, start: int) -> dict[object, int]:
    """Return the place of each category that training saw, and of a missing one."""
    other = start + bins.size - 2
    places: dict[object, int] = dict.fromkeys(feature.known_values or (), other)
    places.update((value, start + 1 + place) for place, value in enumerate(bins.values or ()))
    places[None] = start + MISSING
    return places


def _has_values(feature: Feature) -> bool:
    return feature.type == "categorical"


def _is_number(feature: Feature, bins: Bins) -> bool:
    return bins.edges is not None and feature.type != "text"


def _pairs(features: Sequence[Feature], bins: Sequence[Bins]) -> list[tuple[Feature, Bins]]:
    return list(zip(features, bins, strict=True))


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("counts must be whole numbers from 0")
    return value
