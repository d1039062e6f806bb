"""Rows per second and peak memory of `python -m scoring predict` on a large file.

The process may use 2 GB of addresses and no more. Results are kept by model and budget.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from scoring.files.archive import open_model
from scoring.files.batch import BatchScorer
from scoring.files.tables import Table

ROOT = Path(__file__).parent.parent.parent
RESULT = ROOT / "tests/benchmarks/results/batch.json"
COLUMNS = 28
AT_ONCE = 20_000
# Address space that the process may use: what maps libraries and threads counts, too.
LIMIT_MB = 2048
OPTIONS: dict[str, tuple[str, ...]] = {"whole": (), "compact": ("--compact",)}


def _rows(rng: np.random.Generator) -> str:
    values = rng.normal(size=(AT_ONCE, COLUMNS)).round(4)
    score = values[:, 0] + values[:, 1] * values[:, 2] + rng.normal(0, 0.5, AT_ONCE)
    labels = np.where(score > 0, "yes", "no").tolist()
    rows = zip(values.tolist(), labels, strict=True)
    return "".join(",".join(map(repr, row)) + f",{label}\n" for row, label in rows)


def _write(path: Path, size: int) -> int:
    """Write at least so many bytes, and return how many rows these are."""
    rng = np.random.default_rng(0)
    written = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(f"x{i}" for i in range(COLUMNS)) + ",sold\n")
        while file.tell() < size:
            file.write(_rows(rng))
            written += AT_ONCE
    return written


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_MB << 20, LIMIT_MB << 20))


def _run(model: Path, rows: Path, folder: Path) -> dict[str, float]:
    """Run the command as users do, with bounded memory, and return its seconds and its peak."""
    files = (str(folder / "p.csv"), "--errors", str(folder / "e.csv"))
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "scoring", "predict", str(model), str(rows), "--out", *files],
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers/scoring")},
        preexec_fn=_limited,  # noqa: PLW1509 - one thread, nothing else is started
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}")
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "peak_rss_mb": round(usage.ru_maxrss / 1024, 1),
        "result_mb": round((folder / "p.csv").stat().st_size / 1e6, 1),
    }


def _shares(model_path: Path, rows: Path) -> dict[str, float]:
    """Return which shares of the time reading cells and answering take, measured one after the other."""
    model = open_model(model_path)
    answering = 0.0
    score = model.score

    def timed(*arguments: Any) -> Any:
        nonlocal answering
        start = time.perf_counter()
        answers = score(*arguments)
        answering += time.perf_counter() - start
        return answers

    start = time.perf_counter()
    with rows.open("rb") as stream:
        table = Table(stream, model.features)
        for block in table.blocks():
            table.raw_columns(block)
    parsing = time.perf_counter() - start
    model.score = timed  # type: ignore[method-assign]
    start = time.perf_counter()
    with rows.open("rb") as stream:
        for _ in BatchScorer(model, stream).run():
            pass
    whole = time.perf_counter() - start
    return {
        "parsing": round(parsing / whole, 3),
        "answering": round(answering / whole, 3),
    }


def _fit(folder: Path, name: str, budget: str) -> Path:
    model = folder / name
    data = str(folder / "some.csv")
    fit = ["fit", data, "--target", "sold", "--budget", budget, "--out", str(model), *OPTIONS[name]]
    command = [sys.executable, "-m", "automl", *fit]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return model


def _measured(name: str, budget: str, folder: Path, rows: int) -> dict[str, Any]:
    path = _fit(folder, name, budget)
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    load = os.getloadavg()[0]
    run = _run(path, folder / "rows.csv", folder)
    return {
        "model": name,
        "budget": budget,
        "name": manifest["model"]["name"],
        "npz_mb": round((path / "model.npz").stat().st_size / 1e6, 2),
        "input_mb": round((folder / "rows.csv").stat().st_size / 1e6, 1),
        "rows": rows,
        "rows_per_second": round(rows / run["seconds"]),
        **run,
        "shares": _shares(path, folder / "some.csv"),
        "load_at_start": round(load, 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description="Measure the scoring of a large file.")
    parser.add_argument("--megabytes", type=int, default=60)
    parser.add_argument("--budget", default="30", help="seconds of the trainings")
    parser.add_argument("--models", nargs="+", choices=list(OPTIONS), default=list(OPTIONS))
    options = parser.parse_args()
    kept = json.loads(RESULT.read_text("utf-8"))["runs"] if RESULT.exists() else []
    runs = [run for run in kept if run["model"] not in options.models or run["budget"] != options.budget]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = _write(folder / "rows.csv", options.megabytes * 1_000_000)
        _write(folder / "some.csv", 1_000_000)
        for model in options.models:
            runs.append(_measured(model, options.budget, folder, rows))
            sys.stdout.write(json.dumps(runs[-1]) + "\n")
    result = {
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "address_space_limit_mb": LIMIT_MB,
        "columns": COLUMNS,
        "runs": runs,
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
