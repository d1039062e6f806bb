"""Whether a tool is ahead whichever rows happened to be tested: a paired bootstrap of the test rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.automl.bench import kept
from tests.benchmarks.automl.ranks import PRIMARY, value_of
from tests.benchmarks.automl.scores import Answers, read, score
from tests.benchmarks.automl.sources import DataSet
from tests.benchmarks.automl.tools import OURS, TOOLS

RESAMPLES = 1_000
# Percentiles of the interval.
LOW, HIGH = 2.5, 97.5


@dataclass(frozen=True)
class Margin:
    """How far ours is ahead of the best of the others in ROC AUC or R2, below zero if it is behind.

    Parameters
    ----------
    dataset, rows
        The set, and how many rows test.
    other
        The best of the others.
    difference
        On the test rows.
    low, high
        An interval of 95 %: percentiles over resamples of the test rows, the same ones for both tools
        (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
    """

    dataset: str
    rows: int
    other: str
    difference: float
    low: float
    high: float

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out zero."""
        return not self.low <= 0.0 <= self.high


def margin(keep: Path, data: DataSet) -> Margin | None:
    """Return the margin on a set by the kept answers; None unless ours and another tool's are there."""
    files = {tool: kept(keep, data.name, tool) for tool in TOOLS}
    answers = {tool: read(file, len(data.truth)) for tool, file in files.items() if file.is_file()}
    figures = {tool: _figure(given, data.truth, data) for tool, given in answers.items()}
    others = {tool: figure for tool, figure in figures.items() if tool != OURS and figure is not None}
    if figures.get(OURS) is None or not others:
        return None
    best = max(others, key=lambda tool: others[tool])
    return compare(data, best, answers[OURS], answers[best])


def compare(data: DataSet, other: str, ours: Answers, theirs: Answers) -> Margin:
    """Return the margin between two tools' answers."""
    generator = np.random.default_rng(0)
    truth, count = np.array(data.truth), len(data.truth)

    def difference(rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
        own, best = (_figure(answers.take(rows), truth[rows].tolist(), data) for answers in (ours, theirs))
        return np.nan if own is None or best is None else own - best

    differences = [difference(generator.integers(count, size=count)) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(differences, (LOW, HIGH))
    return Margin(data.name, count, other, difference(np.arange(count)), float(low), float(high))


def _figure(answers: Answers, truth: Sequence[str], data: DataSet) -> float | None:
    return value_of(dict(score(answers, truth, regression=data.regression)), PRIMARY)
