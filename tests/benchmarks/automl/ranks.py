"""Mean ranks, and who is ahead of whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.benchmarks.automl.results import Row

PRIMARY = "roc_auc or r2"
HIGHER = {PRIMARY: True, "log_loss": False, "f1_weighted": True, "mae": False}

type Figures = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Standing:
    """How a tool fares in one metric.

    Parameters
    ----------
    mean_rank
        Over the sets that the tool was run on and that have the metric; 1 is best.
    sets, failures
        How many those are, and on how many of them it has no figure.
    """

    mean_rank: float
    sets: int
    failures: int


@dataclass(frozen=True)
class Ahead:
    """How often a tool is ahead of another one.

    Parameters
    ----------
    won
        On how many sets.
    by_failure
        On how many of these because the other one has no figure.
    sets
        How many sets they share.
    """

    won: int
    by_failure: int
    sets: int


def figures(rows: Iterable[Row], metric: str) -> Figures:
    """Return set -> tool -> figure (none for a failure), of the sets on which any tool has the metric."""
    table: Figures = defaultdict(dict)
    for row in rows:
        table[row["dataset"]][row["tool"]] = value_of(row, metric)
    return {
        name: values for name, values in sorted(table.items()) if any(v is not None for v in values.values())
    }


def value_of(row: Row, metric: str) -> float | None:
    """Return a row's figure; ROC AUC or R2, whichever its task has, for ``PRIMARY``."""
    if metric != PRIMARY:
        return row.get(metric)
    area: float | None = row.get("roc_auc")
    return row.get("r2") if area is None else area


def ranks(values: Mapping[str, float | None], *, higher: bool) -> dict[str, float]:
    """Return each tool's rank on one set: ties share the mean of their places, failures the last places."""
    worst = float("-inf")
    keys = {tool: worst if v is None else (v if higher else -v) for tool, v in values.items()}
    return {
        tool: sum(other > own for other in keys.values())
        + (sum(other == own for other in keys.values()) + 1) / 2
        for tool, own in keys.items()
    }


def standings(table: Figures, *, higher: bool) -> dict[str, Standing]:
    """Return the tools, best mean rank first."""
    places: dict[str, list[float]] = defaultdict(list)
    failures: dict[str, int] = defaultdict(int)
    for values in table.values():
        for tool, rank in ranks(values, higher=higher).items():
            places[tool].append(rank)
            failures[tool] += values[tool] is None
    found = {
        tool: Standing(sum(of_tool) / len(of_tool), len(of_tool), failures[tool])
        for tool, of_tool in places.items()
    }
    return dict(sorted(found.items(), key=lambda item: item[1].mean_rank))


def finished(table: Figures) -> Figures:
    """Return the sets on which no tool failed."""
    return {name: values for name, values in table.items() if None not in values.values()}


def ahead(table: Figures, tool: str, *, higher: bool) -> dict[str, Ahead]:
    """Return how ``tool`` fares against every other tool on the sets that both were run on."""
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for values in table.values():
        if tool in values:
            order = ranks(values, higher=higher)
            for other in values.keys() - {tool}:
                won = order[tool] < order[other]
                found[other].append((won, won and values[other] is None))
    return {
        other: Ahead(sum(won for won, _ in sets), sum(failed for _, failed in sets), len(sets))
        for other, sets in sorted(found.items())
    }


def behind(table: Figures, tool: str, *, higher: bool) -> dict[str, float | None]:
    """Return how far ``tool`` is behind the best on each set: 0 where it is the best, none for a failure."""
    gaps: dict[str, float | None] = {}
    for name, values in table.items():
        if tool in values:
            own = values[tool]
            known = [value for value in values.values() if value is not None]
            best = max(known) if higher else min(known)
            gaps[name] = None if own is None else abs(best - own)
    return gaps
