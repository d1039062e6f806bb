"""``make bench-automl``: ours beside the peers, on the same files, cores and seconds."""

import argparse
import itertools
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.benchmarks.automl import report, results, sources
from tests.benchmarks.automl.bench import bench
from tests.benchmarks.automl.margins import Margin, margin
from tests.benchmarks.automl.measure import CORES, pin
from tests.benchmarks.automl.tools import ROOT, TOOLS, prepare

DATA = ROOT.parent / "shared" / "data"
RESULTS = Path(__file__).parent.parent / "results"
USUAL_BUDGET = 60.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is missing, write after each row, print the tables."""
    options = _options(arguments)
    console = Console(width=report.WIDTH)
    if not options.report:
        _measure(options)
    # What others measured is about the test rows, which other splits leave out.
    reference = () if options.redraw else sources.reference(options.data)
    report.show(console, results.read(options.results), reference)
    if options.keep is not None:
        report.show_margins(console, list(_margins(options)))


def _margins(options: argparse.Namespace) -> Iterator[Margin]:
    for data in _sets(options):
        sys.stderr.write(f"{data.name}: drawing the test rows again and again, up to a minute ...\n")
        if (found := margin(options.keep, data)) is not None:
            yield found


def _sets(options: argparse.Namespace) -> Iterator[sources.DataSet]:
    for name, seed in itertools.product(
        options.sets or sources.names(options.data), options.redraw or [None]
    ):
        yield sources.load(options.data, name, seed)


def _measure(options: argparse.Namespace) -> None:
    tools = [prepare(name, options.peers_home) for name in options.tools or TOOLS]
    pin()
    rows = results.read(options.results)
    known = set() if options.fresh else {results.key(row) for row in rows}
    for data in _sets(options):
        for tool in tools:
            if (data.name, tool.name, options.budget) in known:
                continue
            row = bench(tool, data, options.budget, options.keep)
            sys.stderr.write(f"{data.name}, {tool.name}: {row['error'] or row['fit_s']}\n")
            rows = results.merge(rows, [row])
            results.write(options.results, rows, _head())


def _head() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, {CORES} of {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
    }


def _file_name(budget: float, *, redrawn: bool) -> str:
    kind = "automl_redrawn" if redrawn else "automl"
    return f"{kind}.json" if budget == USUAL_BUDGET else f"{kind}_{budget:g}s.json"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-automl", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the sets")
    parser.add_argument("--results", type=Path, help="default: the file of the budget in results/")
    parser.add_argument("--peers-home", type=Path, default=ROOT, help="where the peers' environments are")
    parser.add_argument("--budget", type=float, default=USUAL_BUDGET, help="seconds for each fit")
    parser.add_argument("--tools", nargs="*", choices=TOOLS, default=[], help="default: all")
    parser.add_argument("--sets", nargs="*", default=[], help="default: all")
    parser.add_argument(
        "--redraw", type=int, nargs="*", default=[], help="seeds: a quarter of the training rows is tested"
    )
    parser.add_argument(
        "--keep", type=Path, help="folder for what the tools answer, to tell how sure their order is"
    )
    parser.add_argument("--fresh", action="store_true", help="measure anew what is in the results")
    parser.add_argument("--report", action="store_true", help="only print the tables")
    options = parser.parse_args(arguments)
    options.results = options.results or RESULTS / _file_name(options.budget, redrawn=bool(options.redraw))
    for name in ("data", "results", "peers_home", "keep"):
        if (path := getattr(options, name)) is not None:
            setattr(options, name, path.resolve())
    unknown = set(options.sets) - set(sources.names(options.data))
    if unknown:
        parser.error(f"no such set: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
