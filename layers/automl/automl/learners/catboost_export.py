"""CatBoost's models as arrays: trees, and tables of what its statistics say of categories."""

import json
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ParityError
from automl.learners.base import Arrays, FloatArray

type Content = dict[str, Any]
type HashArray = NDArray[np.uint64]

# CatBoost's way to combine hashes (catboost/libs/helpers/hash.h, CalcHash).
MULTIPLIER = np.uint64(0x4906BA494954CB65)
# Codes of categories as CatBoost is given them, which knows no NaN among them.
MISSING = -1


def coded(column: FloatArray) -> NDArray[np.int64]:
    """Return the codes of a category as CatBoost is given them."""
    return np.where(np.isnan(column), MISSING, column).astype(np.int64)


def as_json(model: Any, pool: Any) -> Content:
    """Return the content of a model; the pool that it learned from tells the hashes of its categories."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json", pool=pool)
        content: Content = json.loads(path.read_bytes())
    return content


@dataclass(frozen=True)
class Digit:
    """A digit of a key, see :class:`scoring.families.lookups.Tables`."""

    feature: int
    size: int
    low: float = 0.0
    high: float = 0.0
    missing: bool = False

    def of(self, X: FloatArray) -> NDArray[np.int64]:
        """Return the digit of each row."""
        column = X[:, self.feature]
        if self.size:
            return np.where(np.isnan(column), 0.0, np.minimum(column + 1.0, self.size - 1)).astype(np.int64)
        with np.errstate(over="ignore"):
            single = column.astype(np.float32)
        inside = (single > np.float32(self.low)) & (single <= np.float32(self.high))
        return np.where(np.isnan(single), self.missing, inside).astype(np.int64)


@dataclass
class Table:
    """Figures by key, those that are like the default left out."""

    digits: list[Digit]
    entry: NDArray[np.int64]
    cells: NDArray[np.intp]
    default: NDArray[np.intp]


@dataclass
class _Tables:
    """Tables in the order in which they are asked for."""

    tables: list[Table] = field(default_factory=list)
    places: dict[Hashable, int] = field(default_factory=dict)
    width: int = 0

    def add(self, names: Sequence[Hashable], table: Table) -> None:
        """Add a table, with a name for each of its figures."""
        for name in names:
            self.width += 1
            self.places[name] = self.width
        self.tables.append(table)

    def arrays(self) -> Arrays:
        """Return the arrays of :class:`scoring.families.lookups.Tables`; there is one at least.

        Figures fit a byte: CatBoost compares a statistic with 15 borders.
        """
        digits = [digit for table in self.tables for digit in table.digits]
        asked = [digit for digit in digits if not digit.size]
        entry = np.concatenate([table.entry for table in self.tables])
        return {
            "digits": np.array([len(table.digits) for table in self.tables], dtype=np.uint8),
            "entries": np.array([len(table.entry) for table in self.tables], dtype=np.int32),
            "figures": np.array([len(table.default) for table in self.tables], dtype=np.uint16),
            "digit_feature": np.array([digit.feature for digit in digits], dtype=np.int32),
            "digit_size": np.array([digit.size for digit in digits], dtype=np.int32),
            "question_low": np.array([digit.low for digit in asked], dtype=np.float32),
            "question_high": np.array([digit.high for digit in asked], dtype=np.float32),
            "question_missing": np.array([digit.missing for digit in asked], dtype=np.bool_),
            "entry": entry.astype(np.min_scalar_type(entry.max(initial=0))),
            "cell": np.concatenate([table.cells.ravel() for table in self.tables]).astype(np.uint8),
            "default": np.concatenate([table.default for table in self.tables]).astype(np.uint8),
            "tables": np.array([len(self.tables)], dtype=np.int32),
        }


class _Export:
    """A model's content as arrays, see :func:`export_arrays`."""

    def __init__(self, content: Content, X: FloatArray) -> None:
        self.X = X
        info = content["features_info"]
        self.numbers = {feature["feature_index"]: feature for feature in info.get("float_features") or []}
        categories = info.get("categorical_features") or []
        self.columns = {feature["feature_index"]: feature["flat_feature_index"] for feature in categories}
        hashes = {int(pair["value"]): pair["hash"] for pair in info.get("cat_features_hash") or []}
        self.hash_of = {code: _signed(number) for code, number in hashes.items()}
        self.code_of = {number: code for code, number in self.hash_of.items()}
        self.statistics = info.get("ctrs") or []
        self.counts = content.get("ctr_data") or {}
        # CatBoost numbers all borders: those of numbers, the values of categories, those of statistics.
        borders = [len(feature["borders"] or []) for feature in self.numbers.values()]
        values = [len(feature.get("values", [])) for feature in categories]
        self.first = sum(borders) + sum(values)
        self.owners = [
            (place, level)
            for place, statistic in enumerate(self.statistics)
            for level in range(len(statistic["borders"]))
        ]
        self.tables = _Tables()
        self._add_statistics()

    def trees(self, content: Content) -> Arrays:
        """Return the arrays of the trees and of the tables that they ask."""
        trees = content["oblivious_trees"]
        levels = [self._level(split) for tree in trees for split in tree["splits"] or []]
        feature, border, above, asks = zip(*levels, strict=True) if levels else ((), (), (), ())
        scale, bias = content["scale_and_bias"]
        value = scale * np.array([number for tree in trees for number in tree["leaf_values"]])
        arrays: Arrays = {
            "depth": np.array([len(tree["splits"] or []) for tree in trees], dtype=np.uint8),
            "feature": np.array(feature, dtype=np.int32),
            "border": np.array(border, dtype=np.float32),
            "missing_above": np.array(above, dtype=np.bool_),
            "value": value.reshape(-1, max(1, len(bias))),
            "base": np.array(bias, dtype=np.float64),
        }
        if not any(asks):
            return arrays
        return arrays | {"asks": np.array(asks, dtype=np.int32)} | self.tables.arrays()

    def _level(self, split: Content) -> tuple[int, float, bool, int]:
        """Return the feature and the border of a split, where NaN goes, and the figure that it asks."""
        if split["split_type"] == "FloatFeature":
            number = self.numbers[split["float_feature_index"]]
            above = number["nan_value_treatment"] == "AsTrue"
            return number["flat_feature_index"], split["border"], above, 0
        if split["split_type"] == "OnlineCtr":
            place, level = self.owners[split["split_index"] - self.first]
            return 0, level + 0.5, False, self.tables.places[place]
        return 0, 0.5, False, self._value(split)

    def _value(self, split: Content) -> int:
        """Return the figure that is one where a category has a value."""
        digit = self._digit(split)
        if digit not in self.tables.places:
            yes = np.array([1], dtype=np.int64)
            self.tables.add([digit], Table([digit], yes, yes[:, None], np.array([0])))
        return self.tables.places[digit]

    def _digit(self, element: Content) -> Digit:
        if "float_feature_index" in element:
            number = self.numbers[element["float_feature_index"]]
            above = number["nan_value_treatment"] == "AsTrue"
            return Digit(number["flat_feature_index"], 0, element["border"], np.inf, above)
        column = self.columns[element["cat_feature_index"]]
        if "value" in element:
            code = self.code_of[_signed(element["value"])]
            if code == MISSING:
                return Digit(column, 0, np.inf, np.inf, missing=True)
            return Digit(column, 0, code - 0.5, code + 0.5)
        most = np.fmax.reduce(self.X[:, column], initial=MISSING)
        return Digit(column, int(most) + 3)

    def _add_statistics(self) -> None:
        """Make a table of each combination of categories, with a figure for each of its statistics."""
        combinations: dict[str, list[int]] = defaultdict(list)
        for place, statistic in enumerate(self.statistics):
            combinations[json.dumps(statistic["elements"])].append(place)
        for places in combinations.values():
            elements = self.statistics[places[0]]["elements"]
            digits = [self._digit(element) for element in elements]
            keys, hashes = self._keys(digits)
            figures = [self._figures(self.statistics[place], hashes) for place in places]
            cells = np.stack([known for known, _ in figures], axis=1)
            default = np.array([unseen for _, unseen in figures])
            told = (cells != default).any(axis=1)
            self.tables.add(places, Table(digits, keys[told], cells[told], default))

    def _keys(self, digits: list[Digit]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return the keys of all rows in ascending order, and what CatBoost has in their place."""
        key, worth = np.zeros(len(self.X), dtype=np.int64), 1
        combined = np.zeros(len(self.X), dtype=np.uint64)
        for digit in digits:
            own = digit.of(self.X)
            key += own * worth
            worth *= digit.size or 2
            if digit.size:
                codes, number = np.unique(coded(self.X[:, digit.feature]), return_inverse=True)
                hashes = np.array([self.hash_of[code] for code in codes.tolist()])
                own = hashes[number]
            combined = MULTIPLIER * (combined + MULTIPLIER * own.astype(np.uint64))
        keys, first = np.unique(key, return_index=True)
        return keys, combined[first]

    def _figures(self, statistic: Content, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.intp], int]:
        """Return how many borders a statistic is above, for each hash and for one that was never seen.

        The arithmetic is that of CatBoost (catboost/libs/model/static_ctr_provider.cpp), in single precision.
        """
        stored = self.counts[statistic["identifier"]]
        rows = np.array(stored["hash_map"], dtype=object).reshape(-1, stored["hash_stride"])
        known = np.array([int(number) for number in rows[:, 0]], dtype=np.uint64)
        order = np.argsort(known)
        found = order[np.searchsorted(known, hashes, sorter=order).clip(0, len(known) - 1)]
        counts = rows[found, 1:].astype(np.int64)
        match statistic["ctr_type"]:
            case "Borders":
                # Rows whose target is above a border, among all of the category.
                good = counts[:, statistic["target_border_idx"] + 1 :].sum(axis=1)
                total, of_none = counts.sum(axis=1), 0
            case "Counter":
                good, of_none = counts[:, 0], stored["counter_denominator"]
                total = np.full(len(good), of_none)
            case other:
                raise ParityError(f"Statistics of the kind {other} are not known.")
        counted, of_all = (
            np.append(number, last).astype(np.float32) for number, last in ((good, 0), (total, of_none))
        )
        numerator, denominator, shift, scale = (
            np.float32(statistic[name]) for name in ("prior_numerator", "prior_denomerator", "shift", "scale")
        )
        share = (counted + numerator) / (of_all + denominator)
        values = (share + shift) * scale
        above = (values[:, None] > np.array(statistic["borders"], dtype=np.float32)).sum(axis=1)
        # CatBoost 1.2.10 once stored 256 of 269 categories, and counted the rows of the others among theirs.
        # It answers for one that is not stored as for one never seen.
        return np.where(known[found] == hashes, above[:-1], above[-1]), int(above[-1])


def _signed(number: int) -> int:
    """Return a number of 32 bits without sign as one with a sign, as CatBoost widens it."""
    return number - (1 << 32) if number >= 1 << 31 else number


def export_arrays(content: Content, X: FloatArray) -> Arrays:
    """Return a model as the arrays of `scoring.families.lookups.TabledTrees`, or of plain oblivious trees.

    Parameters
    ----------
    content
        The model's, see :func:`as_json`.
    X
        The matrix that it learned from: no other combinations of categories are known to its statistics.

    Returns
    -------
    dict
        With ``asks`` and the tables where the model asks for categories.

    Raises
    ------
    ParityError
        When the model holds what cannot be exported.
    """
    return _Export(content, X).trees(content)
