"""What learners see: matrices whose parameters are estimated on the rows to learn from, and on no others.

``tree`` keeps numbers as they are and writes categories as indicators, frequencies and mean targets;
``native`` writes categories as codes; ``dense`` makes numbers normal and fills gaps, ``wide`` adds the
standardised numbers; ``text`` holds the scores of linear models on the terms of texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import TargetEncoder

from automl.features.texts import fit_text
from automl.learners.base import FloatArray, Problem, Sample
from automl.splitting.deal import deal
from scoring.blocks import Blocks, Encoders
from scoring.encoders import (
    CODES,
    NUMBERS,
    TERMS,
    DateEncoder,
    DifferenceEncoder,
    LevelEncoder,
    NumberEncoder,
    ShapeEncoder,
    TokenEncoder,
)
from scoring.steps import (
    CodesStep,
    MissingStep,
    NumbersStep,
    OneHotStep,
    Plan,
    ScaledStep,
    Step,
    TableStep,
    TextStep,
)

TREE, NATIVE, DENSE, WIDE, TEXT = "tree", "native", "dense", "wide", "text"
# Categories with more levels than these are written as frequencies and mean targets.
FEW_LEVELS = 8
# Mean targets of so many classes and categories would be more columns than they are worth.
MAX_TARGET_COLUMNS = 120
MAX_ONE_HOT = 60
MIN_ROWS_OF_LEVEL = 2
MAX_ONE_HOT_TOTAL = 500
ONE_HOT_SHARE = 0.003
KNOTS = 200
# Normal scores end here; standardised numbers and mean targets a little further out.
NORMAL_LIMIT = 4.0
STANDARD_LIMIT = 6.0
TARGET_LIMIT = 5.0
CROSS_FOLDS = 5


@dataclass(frozen=True)
class View:
    """A fitted view: how to make its matrix, and the matrix of the rows that were learned from.

    Parameters
    ----------
    plan
        Makes the matrix of any rows.
    learn
        The sample to learn from. Where a column was estimated with the help of the target, its values here
        come from other rows than their own (cross-fitting), so that no row sees its own target.
    """

    plan: Plan
    learn: Sample

    def sample(self, blocks: Blocks, y: NDArray[Any]) -> Sample:
        """Return other rows as learners see them."""
        return replace(self.learn, X=self.plan.transform(blocks), y=y)

    def relabelled(self, y: NDArray[Any]) -> Sample:
        """Return the rows to learn from with another target."""
        return replace(self.learn, y=y)

    @property
    def nbytes(self) -> int:
        """Bytes of the matrix."""
        return self.learn.X.nbytes


@dataclass
class _Draft:
    """Steps, and for those that know the target the cross-fitted columns of the rows to learn from."""

    steps: list[Step]
    crossed: dict[int, FloatArray]

    def add(self, step: Step | None, crossed: FloatArray | None = None) -> None:
        if step is not None and step.width:
            if crossed is not None:
                self.crossed[len(self.steps)] = crossed
            self.steps.append(step)

    def finish(self, blocks: Blocks, y: NDArray[Any], continuous: int, categorical: int) -> View:
        plan = Plan(self.steps)
        made = [
            self.crossed[place] if place in self.crossed else step.apply(blocks)
            for place, step in enumerate(self.steps)
        ]
        X = np.ascontiguousarray(np.concatenate(made, axis=1)) if made else np.zeros((len(blocks), 0))
        return View(plan, Sample(X, y, continuous, tuple(range(categorical))))

    @property
    def width(self) -> int:
        return sum(step.width for step in self.steps)


class ViewFitter:
    """Fits views on the rows of one fold.

    Parameters
    ----------
    encoders
        Wrote the blocks.
    blocks
        Of the rows to learn from.
    y
        Their target.
    problem
        What is learned.
    seed
        For cross-fitting.
    """

    def __init__(
        self, encoders: Encoders, blocks: Blocks, y: NDArray[Any], problem: Problem, seed: int
    ) -> None:
        self.encoders = encoders
        self.blocks = blocks
        self.y = y
        self.problem = problem
        self.seed = seed
        self.sizes = encoders.sizes
        self.counts = [
            np.bincount(blocks.codes[:, column], minlength=size) for column, size in enumerate(self.sizes)
        ]
        self._means: tuple[list[int], FloatArray, FloatArray] | None = None
        self._text: tuple[TextStep, FloatArray] | None = None

    def fit(self, view: str) -> View:
        """Return a fitted view."""
        draft = _Draft([], {})
        match view:
            case "tree":
                self._tree(draft)
                return draft.finish(self.blocks, self.y, 0, 0)
            case "native":
                categories = self._native(draft)
                return draft.finish(self.blocks, self.y, 0, categories)
            case "text":
                draft.add(*self._text_scores())
                return draft.finish(self.blocks, self.y, draft.width, 0)
            case _:
                continuous = self._dense(draft, standard=view == WIDE)
                return draft.finish(self.blocks, self.y, continuous, 0)

    def _tree(self, draft: _Draft) -> None:
        few, wide = self._split_categories()
        draft.add(self._numbers(_is_for_trees))
        pairs = [column for column in few if self._present(column) <= 2]
        draft.add(self._codes(pairs))
        several = [column for column in few if column not in pairs]
        draft.add(self._one_hot(several, FEW_LEVELS + 1, MIN_ROWS_OF_LEVEL))
        self._add_frequencies(draft, wide)
        if not self._add_means(draft, standard=False):
            draft.add(self._codes(wide))
        self._add_text(draft)

    def _native(self, draft: _Draft) -> int:
        few, wide = self._split_categories()
        categories = sorted(few + wide)
        draft.add(self._codes(categories))
        draft.add(self._numbers(_is_for_trees))
        self._add_text(draft)
        return len(categories)

    def _dense(self, draft: _Draft, *, standard: bool) -> int:
        _, wide = self._split_categories()
        columns = self._number_columns(_is_continuous)
        draft.add(self._normal(columns))
        if standard:
            draft.add(self._standard(columns))
        self._add_frequencies(draft, wide, log=True)
        self._add_means(draft, standard=True)
        self._add_text(draft)
        continuous = draft.width
        missing = [c for c in columns if np.isnan(self.blocks.numbers[:, c]).any()]
        draft.add(MissingStep({"columns": np.array(missing)}) if missing else None)
        draft.add(self._numbers(_is_indicator))
        categories = self._categories()
        levels = [column for column in range(len(self.sizes)) if column not in categories]
        least = max(MIN_ROWS_OF_LEVEL, int(ONE_HOT_SHARE * len(self.y)))
        most = max(2, min(MAX_ONE_HOT, MAX_ONE_HOT_TOTAL // max(1, len(self.sizes))))
        draft.add(self._one_hot(categories + levels, most, least))
        return continuous

    def _number_columns(self, wanted: Callable[[object, str], bool]) -> list[int]:
        names = [(step, name) for step in self.encoders.of(NUMBERS) for name in step.names]
        chosen = [place for place, (step, name) in enumerate(names) if wanted(step, name)]
        numbers = self.blocks.numbers
        return [place for place in chosen if _varies(numbers[:, place])]

    def _numbers(self, wanted: Callable[[object, str], bool]) -> Step | None:
        columns = self._number_columns(wanted)
        return NumbersStep({"columns": np.array(columns)}) if columns else None

    def _categories(self) -> list[int]:
        steps = self.encoders.of(CODES)
        return [place for place, step in enumerate(steps) if not isinstance(step, LevelEncoder)]

    def _present(self, column: int) -> int:
        return int((self.counts[column] > 0).sum())

    def _split_categories(self) -> tuple[list[int], list[int]]:
        """Return categories with few and with many levels, without those that are constant here."""
        varying = [column for column in self._categories() if self._present(column) > 1]
        few = [column for column in varying if self._present(column) <= FEW_LEVELS]
        return few, [column for column in varying if column not in few]

    def _offsets(self, columns: Sequence[int]) -> NDArray[np.intp]:
        sizes = np.array([self.sizes[column] for column in columns])
        return np.asarray(np.cumsum(sizes) - sizes, dtype=np.intp)

    def _codes(self, columns: list[int]) -> Step | None:
        if not columns:
            return None
        known = np.array([self.sizes[column] - 2 for column in columns])
        return CodesStep({"columns": np.array(columns), "known": known})

    def _one_hot(self, columns: list[int], most: int, least: int) -> Step | None:
        slots, used = [], 0
        for column in columns:
            counts = self.counts[column]
            frequent = np.argsort(-counts, kind="stable")[:most]
            # What all rows have, or none, says nothing.
            frequent = frequent[(counts[frequent] >= least) & (counts[frequent] < len(self.y))]
            own = np.full(len(counts), -1)
            own[np.sort(frequent)] = used + np.arange(len(frequent))
            used += len(frequent)
            slots.append(own)
        if not used:
            return None
        arrays = {"columns": np.array(columns), "offsets": self._offsets(columns)}
        return OneHotStep({**arrays, "slots": np.concatenate(slots)})

    def _add_frequencies(self, draft: _Draft, columns: list[int], *, log: bool = False) -> None:
        """Add in how many other rows each level stands, standardised logarithms if asked for.

        A row to learn from is not counted among the others of its own level, as a new row will not be. Rare
        levels share a code, whose rows have nothing in common.
        """
        if not columns:
            return
        tables = []
        for column in columns:
            others = self.counts[column].astype(np.float64)
            others[self.sizes[column] - 2] = 0.0
            tables.append(others)
        step = self._table(columns, tables)
        crossed = np.maximum(step.apply(self.blocks) - 1.0, 0.0)
        if log:
            crossed = np.log1p(crossed)
            centers, spreads = crossed.mean(axis=0), crossed.std(axis=0) + 1e-9
            limits = (-TARGET_LIMIT, TARGET_LIMIT)
            scaled = zip(tables, centers, spreads, strict=True)
            step = self._table(columns, [((np.log1p(own) - m) / s).clip(*limits) for own, m, s in scaled])
            crossed = ((crossed - centers) / spreads).clip(*limits)
        draft.add(step, crossed)

    def _table(self, columns: list[int], tables: list[FloatArray]) -> TableStep:
        table = np.concatenate(tables)[:, None]
        return TableStep({"columns": np.array(columns), "offsets": self._offsets(columns), "table": table})

    def _mean_targets(self) -> tuple[list[int], FloatArray, FloatArray]:
        """Return the wide categories, their table (codes x outputs) and the cross-fitted columns.

        Means are shrunk towards the overall one by empirical Bayes (Micci-Barreca 2001), as scikit-learn's
        TargetEncoder does.
        """
        if self._means is None:
            _, columns = self._split_categories()
            present = np.unique(self.y) if self.problem.classes else np.zeros(0)
            outputs = len(present) if len(present) > 2 else 1
            if len(columns) * outputs > MAX_TARGET_COLUMNS or len(present) == 1:
                columns = []
            if not columns:
                self._means = ([], np.zeros((0, 1)), np.zeros((len(self.y), 0)))
                return self._means
            kind = "continuous" if not self.problem.classes else "binary" if outputs == 1 else "multiclass"
            parts = deal(self.y, CROSS_FOLDS, np.random.default_rng(self.seed))
            encoder = TargetEncoder(target_type=kind, cv=PredefinedSplit(parts))
            crossed = encoder.fit_transform(self.blocks.codes[:, columns], self.y)
            tables = []
            for place, column in enumerate(columns):
                own = np.tile(np.atleast_1d(encoder.target_mean_), (self.sizes[column], 1))
                codes = encoder.categories_[place].astype(np.intp)
                for output in range(outputs):
                    own[codes, output] = encoder.encodings_[place * outputs + output]
                tables.append(own)
            self._means = (columns, np.concatenate(tables), np.asarray(crossed, dtype=np.float64))
        return self._means

    def _add_means(self, draft: _Draft, *, standard: bool) -> bool:
        columns, table, crossed = self._mean_targets()
        if not columns:
            return False
        offsets = self._offsets(columns)
        if standard:
            bounds = [*offsets[1:], len(table)]
            outputs = table.shape[1]
            table, crossed = table.copy(), crossed.copy()
            for place, (start, end) in enumerate(zip(offsets, bounds, strict=True)):
                own = slice(place * outputs, (place + 1) * outputs)
                center, spread = crossed[:, own].mean(axis=0), crossed[:, own].std(axis=0) + 1e-9
                table[start:end] = ((table[start:end] - center) / spread).clip(-TARGET_LIMIT, TARGET_LIMIT)
                crossed[:, own] = ((crossed[:, own] - center) / spread).clip(-TARGET_LIMIT, TARGET_LIMIT)
        step = TableStep({"columns": np.array(columns), "offsets": offsets, "table": table})
        draft.add(step, crossed)
        return True

    def _text_scores(self) -> tuple[TextStep, FloatArray]:
        if self._text is None:
            sizes = [step.size for step in self.encoders.of(TERMS)]
            self._text = fit_text(self.blocks.terms, sizes, self.y, self.problem, self.seed)
        return self._text

    def _add_text(self, draft: _Draft) -> None:
        if self.encoders.of(TERMS):
            draft.add(*self._text_scores())

    def _normal(self, columns: list[int]) -> Step | None:
        """Return the step that gives numbers the normal scores of their ranks."""
        if not columns:
            return None
        knots, values, fills = [], [], []
        for column in columns:
            known = self.blocks.numbers[:, column]
            known = known[~np.isnan(known)]
            count = min(KNOTS, len(known))
            own = np.quantile(known, np.linspace(0, 1, count))
            distinct, first, times = np.unique(own, return_index=True, return_counts=True)
            # A value that fills several quantiles stands in their middle.
            shares = (first + (times - 1) / 2) / max(1, count - 1)
            shares[0] = 0.0 if times[0] == 1 else shares[0]
            scores = ndtri(shares).clip(-NORMAL_LIMIT, NORMAL_LIMIT)
            knots.append(_padded(distinct))
            values.append(_padded(scores))
            fills.append(float(np.interp(np.median(known), distinct, scores)))
        arrays = {"knots": np.stack(knots), "values": np.stack(values), "fill": np.array(fills)}
        return ScaledStep({"columns": np.array(columns), **arrays})

    def _standard(self, columns: list[int]) -> Step | None:
        if not columns:
            return None
        numbers = self.blocks.numbers[:, columns]
        centers, spreads = np.nanmean(numbers, axis=0), np.nanstd(numbers, axis=0)
        spreads = np.maximum(spreads, 1e-12 * np.maximum(1.0, np.abs(centers)))
        limits = np.array([-STANDARD_LIMIT, STANDARD_LIMIT])
        return ScaledStep(
            {
                "columns": np.array(columns),
                "knots": centers[:, None] + spreads[:, None] * limits,
                "values": np.tile(limits, (len(columns), 1)),
                "fill": np.zeros(len(columns)),
            }
        )


def _is_for_trees(step: object, name: str) -> bool:
    return not (isinstance(step, DateEncoder) and _is_wave(step, name))


def _is_continuous(step: object, name: str) -> bool:
    if isinstance(step, DateEncoder):
        return _is_wave(step, name) or name.endswith((" days", " year"))
    return isinstance(step, NumberEncoder | ShapeEncoder | DifferenceEncoder)


def _is_indicator(step: object, _name: str) -> bool:
    return isinstance(step, TokenEncoder)


def _is_wave(step: DateEncoder, name: str) -> bool:
    return name.removeprefix(step.feature).startswith((" sin ", " cos "))


def _varies(column: FloatArray) -> bool:
    """Return whether a number differs from row to row, be it by being missing."""
    known = column[~np.isnan(column)]
    return len(known) > 0 and (len(known) < len(column) or bool(np.ptp(known) > 0))


def _padded(values: FloatArray) -> FloatArray:
    return np.concatenate([values, np.full(KNOTS - len(values), values[-1])])
