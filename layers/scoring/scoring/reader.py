"""From JSON instances to raw columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scoring import compiled
from scoring.columns import Column, Layout, Table
from scoring.errors import MAX_FAULTS, Fault, InputError
from scoring.findings import Findings
from scoring.inputs import Feature, Instance
from scoring.values import NUMBER_KINDS, Numbers, Texts

UNUSED = ("unknown", "The model does not use this column of the training file: leave it out.")
UNKNOWN = ("unknown", "The model has no feature of this name.")
# As reader.c numbers them; all others are texts.
KINDS = ("numeric", "boolean")


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
        texts = [Texts(place, feature) for place, feature in placed if feature.type not in NUMBER_KINDS]
        self._parts: list[Numbers | Texts] = [
            Numbers([(place, feature) for place, feature in placed if feature.type == kind], kinds)
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

    def __init__(self, features: Sequence[Feature], texts: Sequence[Texts]) -> None:
        numbers = [feature.name for feature in features if feature.type in NUMBER_KINDS]
        dates = [text.name for text in texts if text.is_date]
        self._features, self._numbers, self._texts = features, len(numbers), texts
        # A date stands among the texts, as it is written, before it stands behind the numbers.
        self._layout = Layout(
            {name: row for row, name in enumerate([*numbers, *dates])},
            {text.name: row for row, text in enumerate(texts) if not text.is_date},
        )
        self._rows = len(numbers) + len(dates)
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
        table = Table(numbers, texts, self._layout)
        return self._remarked(table, strict=strict) if self._open else Rows(table, count, [], 0)

    def _remarked(self, table: Table, *, strict: bool) -> Rows:
        count = table.numbers.shape[1]
        faults, found = Findings(range(count)), Findings(range(count))
        for row, text in self._open:
            written = table.texts[row].tolist()
            table[text.name][:] = text.read_values(written, faults, faults if strict else found)
        if faults.total:
            raise InputError(faults.first(), faults.total)
        return Rows(table, count, found.first(), found.total, found.by_code)

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


def columns_of(instances: Sequence[Instance], features: Sequence[Feature]) -> dict[str, Column]:
    """Return the raw columns of instances; what a :class:`Reader` would refuse counts as missing."""
    return Reader(features).columns(instances)
