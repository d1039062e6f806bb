"""Whether noise is silent and a shift is not: ``python -m tests.benchmarks.drift_alarms``.

Three kinds of windows of every table, without a model (the answers are the true ones):

- ``resampled`` from the training's rows: nothing moved, so an alarm is a false one;
- ``fresh``: the training is a random half, the window comes from the other half;
- ``shifted``: resampled, and one feature moved, each feature in turn (`drift_tables.shifted`).

An alarm is a report that is ``drifted``. Figures are written to ``results/drift.json``.
"""

import argparse
import json
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from scoring.drift.report import THRESHOLDS
from tests.benchmarks.drift_tables import SHIPPED, Table, pages, report, shifted, shifts, shipped, stored

SIZES = (200, 1_000, 5_000)
RESULT = Path(__file__).parent / "results" / "drift.json"


def main() -> None:
    """Measure all tables, print a line for each, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with data/MANIFEST.csv; without it scikit-learn's")
    parser.add_argument("--windows", type=int, default=100, help="still windows of each table and size")
    parser.add_argument("--moved", type=int, default=5, help="shifted windows of each feature and size")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    tables = [*shipped(), *(stored(options.data) if options.data else ())]
    figures = []
    for table in tables:
        figures.append(measured(table, options.windows, options.moved))
        print(json.dumps(figures[-1]), flush=True)
    content = {"sizes": SIZES, "thresholds": THRESHOLDS, "shipped": SHIPPED, "total": total(figures)}
    options.out.write_text(json.dumps({**content, "tables": figures}, indent=1) + "\n")
    print(json.dumps(content["total"], indent=1))


def measured(table: Table, windows: int, moved: int) -> dict[str, Any]:
    """Return how many windows of a table make an alarm, and how many there were, by size."""
    generator = np.random.default_rng(zlib.crc32(table.name.encode()))
    rows = len(table.sample.answers)
    seen = table.reference()
    counts: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    silent = set()

    def note(kind: str, size: int, alarm: bool) -> None:
        counts[kind][size][0] += alarm
        counts[kind][size][1] += 1

    for size in SIZES:
        for _ in range(windows):
            still = table.sample.rows(generator.integers(0, rows, size))
            note("resampled", size, pages(report(seen, still)))
        for kind, name in shifts(table):
            for _ in range(moved):
                still = table.sample.rows(generator.integers(0, rows, size))
                alarm = pages(report(seen, shifted(kind, name, table, still, generator)))
                note(kind, size, alarm)
                if not alarm:
                    silent.add(f"{kind} {name} {size}")
    for size in SIZES:
        if rows // 2 < size:
            continue
        for _ in range(windows):
            order = generator.permutation(rows)
            half = table.reference(np.sort(order[size:][: rows // 2]))
            note("fresh", size, pages(report(half, table.sample.rows(order[:size]))))
    return {
        "table": table.name,
        "rows": rows,
        "features": len(table.formats),
        "alarms_of_windows": counts,
        "silent": sorted(silent),
    }


def total(figures: list[dict[str, Any]]) -> dict[str, dict[str, list[int]]]:
    """Return the sums over all tables."""
    sums: dict[str, dict[str, list[int]]] = {}
    for figure in figures:
        for kind, by_size in figure["alarms_of_windows"].items():
            for size, (alarms, windows) in by_size.items():
                known = sums.setdefault(kind, {}).setdefault(str(size), [0, 0])
                known[0] += alarms
                known[1] += windows
    return sums


if __name__ == "__main__":
    main()
