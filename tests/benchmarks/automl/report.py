"""The tables: figures of every set, mean ranks, and where ours stands."""

from collections.abc import Iterable, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.benchmarks.automl.margins import Margin
from tests.benchmarks.automl.ranks import (
    HIGHER,
    PRIMARY,
    Figures,
    ahead,
    behind,
    figures,
    finished,
    standings,
)
from tests.benchmarks.automl.results import Row
from tests.benchmarks.automl.tools import OURS

COSTS = ("fit_s", "predict_s", "peak_rss_mb", "model_bytes", "overrun_s", "row_ms")
WIDTH = 200


def show(console: Console, rows: Sequence[Row], reference: Iterable[dict[str, str]]) -> None:
    """Print everything, one budget after the other, and last what others measured earlier."""
    for budget in sorted({row["budget_s"] for row in rows}):
        _show_budget(console, [row for row in rows if row["budget_s"] == budget], f"budget {budget:g} s")
    earlier = [reference_row(row) for row in reference]
    if earlier:
        table = figures(earlier, PRIMARY)
        console.print(_per_set(table, PRIMARY, "for reference, measured earlier and elsewhere (peers.csv)"))


def show_margins(console: Console, margins: Sequence[Margin]) -> None:
    """Print how far ours is ahead of the best of the others, and where the test rows decide that."""
    shown = Table(title=f"{PRIMARY}: {OURS} less the best of the others whose answers are kept")
    for name in ("dataset", "test rows", "best other", "difference", "95 % interval", ""):
        shown.add_column(name, justify="left" if name in {"dataset", "best other", ""} else "right")
    for each in margins:
        shown.add_row(
            each.dataset,
            str(each.rows),
            each.other,
            f"{each.difference:+.4f}",
            f"{each.low:+.4f} to {each.high:+.4f}",
            ("ahead" if each.difference > 0 else "behind") if each.decided else "undecided",
        )
    console.print(shown)


def reference_row(row: dict[str, str]) -> Row:
    """Return a line of ``peers.csv`` under our names of metrics."""
    numbers = {"roc_auc": "roc_auc", "r2": "r2", "log_loss": "log_loss", "f1_weighted": "f1_w", "mae": "mae"}
    found: Row = {ours: float(row[theirs]) if row[theirs] else None for ours, theirs in numbers.items()}
    return found | {"dataset": row["dataset"], "tool": row["tool"]}


def _show_budget(console: Console, rows: Sequence[Row], title: str) -> None:
    for metric, higher in HIGHER.items():
        table = figures(rows, metric)
        if table:
            console.print(_per_set(table, metric, title))
            console.print(_mean_ranks(table, metric, title, higher=higher))
    console.print(_costs(rows, title))
    table = figures(rows, PRIMARY)
    gaps = behind(table, OURS, higher=True)
    if gaps:
        lost = {name: gap for name, gap in gaps.items() if gap is not None}
        far = max(lost, key=lambda name: lost[name], default=None)
        console.print(f"{OURS}: figures on {len(lost)} of {len(gaps)} sets", highlight=False)
        if far is not None:
            console.print(f"{OURS}: furthest behind the best on {far}, by {lost[far]:.4f}", highlight=False)
        for other, found in ahead(table, OURS, higher=True).items():
            failed = f", {found.by_failure} by its failure" if found.by_failure else ""
            line = f"{OURS}: ahead of {other} on {found.won} of {found.sets} sets{failed}"
            console.print(line, highlight=False)
    for row in rows:
        if row["error"]:
            console.print(f"{row['dataset']}, {row['tool']}: {row['error']}", highlight=False, markup=False)


def _per_set(table: Figures, metric: str, title: str) -> Table:
    tools = sorted({tool for values in table.values() for tool in values})
    tools.sort(key=lambda tool: tool != OURS)
    shown = Table(title=f"{metric}, {title}")
    shown.add_column("dataset")
    for tool in tools:
        shown.add_column(tool, justify="right")
    for name, values in table.items():
        known = [value for value in values.values() if value is not None]
        best = max(known) if HIGHER[metric] else min(known)
        shown.add_row(name, *(_cell(values, tool, best) for tool in tools))
    return shown


def _cell(values: dict[str, float | None], tool: str, best: float) -> str:
    if tool not in values:
        return ""
    value = values[tool]
    if value is None:
        return "failed"
    return f"[bold]{value:.5g}[/bold]" if value == best else f"{value:.5g}"


def _mean_ranks(table: Figures, metric: str, title: str, *, higher: bool) -> Table:
    whole = standings(finished(table), higher=higher)
    shown = Table(title=f"mean ranks by {metric}, {title}")
    shown.add_column("tool")
    for name in ("mean rank", "sets", "failed", "mean rank where none failed", "sets"):
        shown.add_column(name, justify="right")
    for tool, standing in standings(table, higher=higher).items():
        alike = whole.get(tool)
        shown.add_row(
            tool,
            f"{standing.mean_rank:.2f}",
            str(standing.sets),
            str(standing.failures),
            f"{alike.mean_rank:.2f}" if alike else "",
            str(alike.sets) if alike else "",
        )
    return shown


def _costs(rows: Sequence[Row], title: str) -> Table:
    shown = Table(title=f"medians over the sets (maximum), {title}")
    shown.add_column("tool")
    for name in COSTS:
        shown.add_column(name, justify="right")
    for tool in sorted({row["tool"] for row in rows}, key=lambda tool: (tool != OURS, tool)):
        own = [row for row in rows if row["tool"] == tool]
        shown.add_row(tool, *(_middle([row[name] for row in own if row[name] is not None]) for name in COSTS))
    return shown


def _middle(values: Sequence[float]) -> str:
    return f"{_short(median(values))} ({_short(max(values))})" if values else ""


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
