"""Why a row is answered as it is: what each raw column adds to the mean answer of some background rows.

The figures are Shapley values. A game is played against each background row z: a coalition is a row with
some columns of the explained row x and the others of z, its worth is the model's answer, and columns in
which x and z are equal take no part (Strumbelj and Kononenko, "Explaining prediction models and individual
predictions with feature contributions", 2014; "baseline Shapley" of Sundararajan and Najmi, "The many
Shapley values for model explanation", 2020). What is told is the mean over the background.

A column's Shapley value is its mean effect over all orders in which the columns of z can give way to those
of x. Of few columns all orders are taken, and the values are exact. Else some are drawn, each with its
reverse (Castro, Gomez and Tejada, "Polynomial calculation of the Shapley value based on sampling", 2009;
Mitchell, Cooper, Frank and Holmes, "Sampling permutations for Shapley value estimation", 2022). Such a pair
is exact where columns act together in twos at most (Mayer and Wuethrich, "Shapley values: paired-sampling
approximations", 2025). Whatever is drawn, the effects along an order add up to the answer for x less that
for z.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from math import factorial
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Columns, FloatArray
from scoring.inputs import Feature, shown_end

type Score = Callable[[Columns, int], FloatArray]
type BoolArray = NDArray[np.bool_]
type IntArray = NDArray[np.intp]

# About so many mixed rows are answered to explain one row, more where a pair of orders of each background row
# needs more; so many in one request.
ROWS = 960
MOST_ROWS = 10_000
MOST_INSTANCES = 10
# Of so many columns all orders are taken.
EXACT = 5
SHARING = 16
# How many cells of mixed rows are held at once.
CELLS = 2_000_000
SHOWN_TEXT = 100
# Beyond it not every whole number is a double.
WHOLE = 2**53


class Explainer:
    """Explains the answers of a model.

    Parameters
    ----------
    score
        Raw columns and the number of rows to answers, rows x outputs.
    alone
        The same without what the model remembers of known rows; None where it remembers none.
    background
        Raw columns of the rows whose mean answer is the base value.
    names
        The columns that the model reads; no other has an effect.
    """

    def __init__(self, score: Score, alone: Score | None, background: Columns, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._score = score
        self._alone = alone
        self._background = {name: background[name] for name in names}
        self._count = len(next(iter(background.values())))
        self._answers = score(background, self._count)
        self._own = alone(background, self._count) if alone else self._answers

    def explain(
        self, columns: Columns, answers: FloatArray, outputs: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """Explain one output of each row.

        Parameters
        ----------
        columns
            Raw columns of the rows.
        answers
            What the model answers, rows x outputs.
        outputs
            Which output of each row is to be explained.

        Returns
        -------
        bases : array
            The mean answer of the background rows, for each row's output.
        contributions : array
            Rows x names. They add up to the row's answer less its base value, but for rounding.
        """
        own = self._alone(columns, len(answers)) if self._alone else answers
        contributions = [
            self._contributions(
                {name: columns[name][place] for name in self.names},
                float(answers[place, output]),
                float(own[place, output]),
                output,
            )
            for place, output in enumerate(outputs.tolist())
        ]
        return self._answers.mean(axis=0)[outputs], np.reshape(contributions, (-1, len(self.names)))

    def _contributions(self, row: Mapping[str, Any], answer: float, own: float, output: int) -> FloatArray:
        differs = np.stack([_differs(self._background[name], row[name]) for name in self.names], axis=1)
        orders = [
            _orders(int(columns), ROWS // self._count, seed)
            for seed, columns in enumerate(differs.sum(axis=1))
        ]
        total = np.zeros(len(self.names))
        for batch in self._batches(orders):
            worths = self._worths(row, output, batch, differs, orders)
            for place, worth in zip(batch, worths, strict=True):
                # A memory knows a whole row and none between two: that jump is owed to all columns alike,
                # while drawn orders would give it to those that happen to stand at their ends.
                jump = answer - own - float(self._answers[place, output] - self._own[place, output])
                ranks = orders[place]
                ends = np.ones((len(ranks), 1))
                path = np.concatenate([ends * self._own[place, output], worth, ends * own], axis=1)
                effects = np.take_along_axis(path, ranks + 1, 1) - np.take_along_axis(path, ranks, 1)
                total[differs[place]] += effects.mean(axis=0) + jump / max(1, ranks.shape[1])
        return total / self._count

    def _batches(self, orders: Sequence[IntArray]) -> list[list[int]]:
        """Return the background rows in groups whose mixed rows are held at once."""
        batches: list[list[int]] = []
        held = 0
        for place, ranks in enumerate(orders):
            cells = ranks.size * len(self._background)
            if not batches or held + cells > CELLS:
                batches.append([])
                held = 0
            batches[-1].append(place)
            held += cells
        return batches

    def _worths(
        self,
        row: Mapping[str, Any],
        output: int,
        batch: Sequence[int],
        differs: BoolArray,
        orders: Sequence[IntArray],
    ) -> list[FloatArray]:
        """Return, for each background row, the answers along its orders between both ends."""
        masks, backgrounds, places, starts = [], [], [], [0]
        for place in batch:
            own, where = _coalitions(orders[place])
            mask = np.zeros((len(own), len(self.names)), dtype=np.bool_)
            mask[:, differs[place]] = own
            masks.append(mask)
            backgrounds.append(np.full(len(own), place))
            places.append(where + starts[-1])
            starts.append(starts[-1] + len(own))
        mixed = self._mixed(row, np.concatenate(masks), np.concatenate(backgrounds))
        answers = self._score(mixed, starts[-1])[:, output]
        return [answers[where] for where in places]

    def _mixed(self, row: Mapping[str, Any], masks: BoolArray, backgrounds: IntArray) -> dict[str, Column]:
        """Return rows that have the explained row's values where masked, else those of background rows."""
        mixed = {name: column[backgrounds] for name, column in self._background.items()}
        for position, name in enumerate(self.names):
            mixed[name][masks[:, position]] = row[name]
        return mixed


def most_instances(background: int, names: int) -> int:
    """Return how many rows can be explained in one request, given the background rows and columns read."""
    each = background * max(ROWS // background, (1 << EXACT) - 2, 2 * (names - 1))
    return max(1, min(MOST_INSTANCES, MOST_ROWS // each))


def reasons_of(
    columns: Columns,
    place: int,
    features: Sequence[Feature],
    label: str | None,
    base: float,
    contributions: Mapping[str, float],
) -> dict[str, Any]:
    """Return what a client is told: the base value and the contributions, the largest first.

    Parameters
    ----------
    columns, place
        Raw columns, and which of their rows is explained.
    features
        Of the model.
    label
        The class whose probability is explained; None for a number.
    base, contributions
        From :meth:`Explainer.explain`; what the model does not read contributes nothing.
    """
    listed: list[dict[str, Any]] = [
        {
            "feature": feature.name,
            "value": _shown(columns[feature.name][place], feature.type),
            "contribution": contributions.get(feature.name, 0.0),
        }
        for feature in features
    ]
    listed.sort(key=lambda entry: -abs(entry["contribution"]))
    explained = {} if label is None else {"class": label}
    return {**explained, "base": base, "contributions": listed}


def _shown(value: Any, feature_type: str) -> str | float | bool | None:
    """Return a value as the model read it: missing as None, dates as ISO 8601, long texts cut."""
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    match feature_type:
        case "categorical" | "text":
            return str(value)[:SHOWN_TEXT]
        case "boolean":
            return bool(value)
        case "date":
            return shown_end(float(value), feature_type)
        case _:
            number = float(value)
            return int(number) if number.is_integer() and abs(number) < WHOLE else number


def _differs(background: Column, value: Any) -> BoolArray:
    """Return which background values are another one than that of the row; missing ones are equal."""
    if background.dtype == object:
        return np.fromiter((entry != value for entry in background), np.bool_, len(background))
    same: BoolArray = (background == value) | (np.isnan(background) & np.isnan(value))
    return ~same


def _orders(columns: int, rows: int, seed: int) -> IntArray:
    """Return orders as the rank of each column: all, or as many pairs as the rows permit, one at least."""
    if columns <= EXACT:
        every = np.array(list(permutations(range(columns))), dtype=np.intp)
        return every.reshape(factorial(columns), columns)
    # The draw depends on nothing else, so equal rows have equal reasons whenever they are asked for.
    generator = Random(seed)  # noqa: S311 - no secret
    drawn = np.array(
        [generator.sample(range(columns), columns) for _ in range(max(1, rows // (2 * (columns - 1))))],
        dtype=np.intp,
    )
    return np.concatenate([drawn, columns - 1 - drawn])


def _coalitions(ranks: IntArray) -> tuple[BoolArray, IntArray]:
    """Return the distinct coalitions between both ends of some orders, and where each order's stand."""
    orders, columns = ranks.shape
    between = max(0, columns - 1)
    masks = (ranks[:, None, :] < np.arange(1, between + 1)[:, None]).reshape(orders * between, columns)
    places = np.arange(len(masks))
    # Orders of many columns hardly ever share a coalition.
    if columns <= SHARING:
        keys = masks @ (1 << np.arange(columns))
        _, first, places = np.unique(keys, return_index=True, return_inverse=True)
        masks = masks[first]
    return masks, places.reshape(orders, between)
