"""What a load test found: a table, JSON and a plot."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from tests.load.machine import CORES, PARTS
from tests.load.steps import Limit, Step

_PERCENTILES = ("p50", "p95", "p99")


@dataclass(frozen=True)
class Outcome:
    """All of one mix.

    Parameters
    ----------
    mix : str
        What was asked.
    target : str
        Of which service.
    steps : sequence of Step
        In the order of users.
    limit : Limit
        Where the limit was.
    short : sequence of str
        What was used up there.
    """

    mix: str
    target: str
    steps: Sequence[Step]
    limit: Limit
    short: Sequence[str]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the figures and the plot; their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        figures, plot = folder / f"{self.mix}.json", folder / f"{self.mix}.svg"
        figures.write_text(json.dumps(self.to_json(), indent=2) + "\n", "utf-8")
        _draw(self).savefig(plot, format="svg", metadata={"Date": None})
        return figures, plot

    def to_json(self) -> dict[str, Any]:
        """All figures; what is none is null."""
        told: dict[str, Any] = {
            "mix": self.mix,
            "target": self.target,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "generator": f"{platform.machine()}, {CORES} cores, Python {platform.python_version()}",
            "limit": {
                "reason": self.limit.reason.value,
                "users": self.limit.step.users,
                "requests_per_second": self.limit.step.rate,
                "sentence": self.limit.sentence,
                "short": list(self.short),
            },
            "steps": [asdict(step) for step in self.steps],
        }
        finite: dict[str, Any] = _without_nan(told)
        return finite

    def show(self, console: Console) -> None:
        """Print the tables, and the limit in words."""
        console.print(_summary(self))
        console.print(_by_name(self.limit.step))
        if self.limit.step.machine:
            console.print(_machine(self.steps))
        console.print(f"[bold]Limit of {self.mix}:[/] {self.limit.sentence}")
        for sentence in self.short:
            console.print(f"  {sentence}")


def _summary(outcome: Outcome) -> Table:
    table = Table(title=f"{outcome.mix} at {outcome.target}", title_justify="left")
    for name in ("users", "requests", "requests/s", *(f"{name} ms" for name in _PERCENTILES), "throttled"):
        table.add_column(name, justify="right")
    table.add_column("errors")
    for step in outcome.steps:
        is_limit = step is outcome.limit.step
        errors = ", ".join(f"{count} x {name}" for name, count in step.errors.items())
        table.add_row(
            str(step.users),
            f"{step.all.count:,}",
            f"{step.rate:,.1f}",
            *(f"{getattr(step.all, name):,.0f}" for name in _PERCENTILES),
            str(step.throttled),
            (errors or "none") + (" <- limit" if is_limit else ""),
            style="bold" if is_limit else None,
        )
    return table


def _by_name(step: Step) -> Table:
    table = Table("request", title=f"By request, at {step.users} users", title_justify="left")
    for name in ("answers", *(f"{name} ms" for name in _PERCENTILES)):
        table.add_column(name, justify="right")
    for name, figures in step.by_name.items():
        table.add_row(
            name, f"{figures.count:,}", *(f"{getattr(figures, share):,.0f}" for share in _PERCENTILES)
        )
    return table


def _machine(steps: Sequence[Step]) -> Table:
    table = Table(title=f"What was used of {CORES} cores, and processes at work", title_justify="left")
    table.add_column("users", justify="right")
    names = list(dict.fromkeys(name for step in steps for name in step.machine))
    for name in names:
        table.add_column(name if name not in PARTS else f"{name} %", justify="right")
    for step in steps:
        values = (step.machine.get(name) for name in names)
        table.add_row(str(step.users), *("-" if value is None else f"{value:,.1f}" for value in values))
    return table


def _draw(outcome: Outcome) -> Figure:
    """Draw rate and times over users, the limit marked."""
    figure = Figure(figsize=(8, 7), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    users = [step.users for step in outcome.steps]
    above.plot(
        users, [step.rate for step in outcome.steps], marker="o", color="#1f5fa8", label="good answers"
    )
    wrong = [(step.throttled + sum(step.errors.values())) / step.seconds for step in outcome.steps]
    above.plot(users, wrong, marker="x", color="#b3261e", label="throttled and errors")
    above.set_ylabel("requests/s")
    above.set_ylim(bottom=0)
    for name, color in zip(_PERCENTILES, ("#7fb3e6", "#1f5fa8", "#0b2f57"), strict=True):
        below.plot(
            users, [getattr(step.all, name) for step in outcome.steps], marker="o", color=color, label=name
        )
    below.set_ylabel("ms")
    below.set_ylim(bottom=0)
    below.set_xlabel("users at once")
    below.set_xscale("log", base=2)
    below.set_xticks(users, [str(count) for count in users])
    for axes in (above, below):
        _mark(axes, outcome.limit.step)
    above.set_title(
        f"{outcome.mix}: {outcome.limit.step.rate:,.1f} requests/s with {outcome.limit.step.users} users"
    )
    return figure


def _mark(axes: Axes, step: Step) -> None:
    axes.axvline(step.users, color="#b3261e", linestyle="--", linewidth=1, label=f"limit: {step.users} users")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="best")


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nan(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN differs from itself
