"""What reading instances costs beside scoring them: ``python -m tests.benchmarks.reading_speed``.

10,000 instances of 30 features (10 numbers, 10 categories, 5 dates, 5 booleans), every tenth value
unusual, read by the serving code and scored by a small model that training made of such rows.
"""

import hashlib
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import automl
import scoring
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, ColumnFormat, Table

ROWS, LEARNED = 10_000, 500
REPEATS = 5
FIRST_DAY = 18_262  # 2020-01-01
BUDGET_SECONDS = 10


def main() -> None:
    """Print the medians in milliseconds as JSON."""
    instances = make_instances(ROWS, unusual=0.1)
    table = table_of(make_instances(LEARNED, unusual=0.0))
    result = automl.fit(table, automl.FitConfig("y", budget_seconds=BUDGET_SECONDS))
    digests = (hashlib.sha256(part).hexdigest() for part in (result.npz_bytes, result.manifest_bytes))
    model = scoring.load(result.npz_bytes, result.manifest_bytes, *digests)
    rows, text = model.read(instances), json.dumps(instances)
    print(
        json.dumps(
            {
                "rows": ROWS,
                "features": len(model.features),
                "model": result.parameters["model"],
                "warnings": rows.warnings_total,
                "read_ms": median_ms(lambda: model.read(instances)),
                "score_ms": median_ms(lambda: model.score(rows.columns, rows.count)),
                "json_loads_ms": median_ms(lambda: json.loads(text)),
            }
        )
    )


def make_instances(rows: int, unusual: float) -> list[dict[str, Any]]:
    """Return rows as a client sends them."""
    random = np.random.default_rng(0)
    columns: dict[str, list[Any]] = {}
    for number in range(10):
        far = random.random(rows) < unusual
        columns[f"number {number}"] = np.where(far, 99.0, random.random(rows)).tolist()
        levels = random.integers(0, 20, rows)
        columns[f"kind {number}"] = [f"level {level}" for level in (levels + 100 * far).tolist()]
    for number in range(5):
        days = random.integers(0, 2_000, rows).tolist()
        columns[f"day {number}"] = [str(np.datetime64(FIRST_DAY + day, "D")) for day in days]
        columns[f"flag {number}"] = (random.random(rows) < 0.5).tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def table_of(instances: list[dict[str, Any]]) -> Table:
    """Return the rows as a table with a target to learn."""
    frame = pd.DataFrame(instances)
    types = {"number": NUMERIC, "kind": CATEGORICAL, "day": DATE, "flag": BOOLEAN}
    formats = {name: ColumnFormat(types[name.split()[0]]) for name in frame}
    for name, how in formats.items():
        kinds = {CATEGORICAL: "category", DATE: "datetime64[us]", BOOLEAN: "boolean", NUMERIC: "float64"}
        frame[name] = frame[name].astype(kinds[how.type])
    frame["y"] = frame["number 0"] + frame["flag 0"].astype(float)
    return Table(frame, {**formats, "y": ColumnFormat(NUMERIC)}, {})


def median_ms(work: Callable[[], object]) -> float:
    """Return the median time of some repeats."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(1000 * statistics.median(times), 1)


if __name__ == "__main__":
    main()
