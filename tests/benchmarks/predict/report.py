"""The table: each family's figures, and the ratios to the scikit-learn pipeline."""

from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.predict.tools import OURS

BESIDE = "sklearn_joblib_pandas"
COLUMNS = (
    "cold_start_ms",
    "row1_ms",
    "row100_ms",
    "row10k_ms",
    "peak_rss_mb",
    "peak_rss_10k_mb",
    "unzipped_mb",
)


def show(console: Console, results: dict[str, Any]) -> None:
    """Print figures and ratios."""
    title = f"{results['machine']}, {results['date']}"
    console.print(_figures(results["figures"], title))
    console.print(_figures(results["services"], "over HTTP, and the handler behind our route"))
    shown = Table("family", title=f"{BESIDE} divided by {OURS}: above one, ours is quicker or smaller")
    for column in COLUMNS:
        shown.add_column(column.replace("_", " "), justify="right")
    by_key = {(row["family"], row["tool"]): row for row in results["figures"]}
    for family in dict.fromkeys(row["family"] for row in results["figures"]):
        ours, theirs = by_key[family, OURS], by_key[family, BESIDE]
        shown.add_row(family, *(f"{theirs[column] / ours[column]:.1f}" for column in COLUMNS))
    console.print(shown)
    for family, note in results["onnx_notes"].items():
        console.print(f"{family}, ONNX: {note}")


def _figures(rows: list[dict[str, Any]], title: str) -> Table:
    table = Table("family", "tool", title=title)
    for column in COLUMNS:
        table.add_column(column.replace("_", " "), justify="right")
    last = None
    for row in rows:
        if last not in {None, row["family"]}:
            table.add_section()
        last = row["family"]
        shown = ("" if row[column] is None else f"{row[column]:g}" for column in COLUMNS)
        table.add_row(row["family"], row["tool"], *shown)
    return table
