"""Reading and profiling a large generated file: seconds, peak memory, and the ratio to plain pandas.

``python tests/benchmarks/profile_speed.py [rows] [columns]``, by default 1,000,000 x 20. Each figure is the
best of several processes of its own, because the machine may be shared; the ratio to ``pandas.read_csv`` of
the same file in the same run is what can be compared between machines. Results go to
``results/profile.json``.
"""

import json
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).parent / "results" / "profile.json"
RUNS = 3
CHUNK = 100_000
FIXED = 5

MEASURE = """
import resource, sys, time
started = time.perf_counter()
{body}
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
BODIES = {
    "pandas_read_csv": ("import pandas", "pandas.read_csv(sys.argv[1])"),
    "read": ("import automl", "automl.read_csv(sys.argv[1])"),
    "read_and_profile": ("import automl", "automl.profile(automl.read_csv(sys.argv[1]))"),
}


def main() -> None:
    """Generate, measure, print, write."""
    rows, columns = (int(word) for word in (*sys.argv[1:3], *("1000000", "20")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write_file(path, rows, columns)
        size = path.stat().st_size / 2**20
        figures = {name: _best(path, *body) for name, body in BODIES.items()}
    plain = figures["pandas_read_csv"]["seconds"]
    for figure in figures.values():
        figure["times_pandas"] = round(figure["seconds"] / plain, 2)
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "rows": rows,
        "columns": columns,
        "file_mb": round(size),
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    sys.stdout.write(RESULTS.read_text())


def write_file(path: Path, rows: int, columns: int, seed: int = 0) -> None:
    """Write an id, a date, a target, and numbers and categories two to one."""
    rng = np.random.default_rng(seed)
    numbers = 2 * (columns - FIXED) // 3 + 2
    with path.open("w") as file:
        for start in range(0, rows, CHUNK):
            size = min(CHUNK, rows - start)
            days = np.datetime64("2020-01-01") + rng.integers(0, 1500, size)
            data: dict[str, object] = {"id": np.arange(start, start + size)}
            data |= {f"number_{i}": rng.normal(0, 10**i % 97, size).round(6) for i in range(numbers)}
            for i in range(columns - numbers - 3):
                levels = np.array([f"level {level}" for level in range(3 + 20 * i)])
                data[f"category_{i}"] = levels[rng.integers(0, len(levels), size)]
            data |= {"day": days.astype(str), "target": rng.integers(0, 2, size)}
            pd.DataFrame(data).to_csv(file, index=False, header=start == 0)


def _best(path: Path, imports: str, body: str) -> dict[str, float]:
    script = imports + MEASURE.format(body=body)
    environment = {"PYTHONPATH": f"{ROOT}/layers/automl:{ROOT}/layers/scoring", "PATH": "/usr/bin:/bin"}
    runs = []
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        runs.append([float(word) for word in done.stdout.split()])
    return {"seconds": round(min(run[0] for run in runs), 2), "peak_mb": round(max(run[1] for run in runs))}


if __name__ == "__main__":
    main()
