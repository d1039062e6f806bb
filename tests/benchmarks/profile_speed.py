"""Reading and profiling generated files: seconds, CPU, peak memory, beside pandas and ydata-profiling.

``python tests/benchmarks/profile_speed.py [--rows 1000000] [--columns 20] [--skip-ydata]``. Each figure is
the best of several processes of its own, because the machine may be shared; CPU seconds (user and system)
are less disturbed by that than wall seconds; imports are not counted. ``pandas.read_csv`` of the same file
shows what reading alone costs at least. ydata-profiling takes minutes,
so it gets smaller files, once, in an environment of its own (``.venv-profile``, from
``requirements-profile.txt``: ``ydata-profiling`` and ``setuptools<81``, whose ``pkg_resources`` it imports),
for its default and its minimal report, with the drawing of the page and without (``figures``). Results go to
``results/profile.json``.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).parent / "results" / "profile.json"
REQUIREMENTS = Path(__file__).parent / "requirements-profile.txt"
PEER_FOLDER = ROOT / ".venv-profile"
PEER = PEER_FOLDER / "bin" / "python"
RUNS = 3
CHUNK = 100_000
FIXED = 5
SIDES = (50_000, 250_000)
SIDE_COLUMNS = 20

MEASURE = """
import resource, sys, time
def cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
started, spent = time.perf_counter(), cpu()
{body}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("\\n", time.perf_counter() - started, cpu() - spent, peak)
"""
READ = ("import automl", "automl.read_csv(sys.argv[1])")
PROFILE = ("import automl", "automl.profile(automl.read_csv(sys.argv[1]))")
PANDAS = ("import pandas", "pandas.read_csv(sys.argv[1])")
QUIET = "import warnings; warnings.simplefilter('ignore')"
YDATA = (
    f"{QUIET}\nimport pandas\nfrom ydata_profiling import ProfileReport",
    "ProfileReport(pandas.read_csv(sys.argv[1]), minimal={minimal}, progress_bar=False).{output}()",
)

PEERS = {
    "ydata_profiling_minimal_figures": {"minimal": True, "output": "to_json"},
    "ydata_profiling_minimal": {"minimal": True, "output": "to_html"},
    "ydata_profiling_figures": {"minimal": False, "output": "to_json"},
    "ydata_profiling": {"minimal": False, "output": "to_html"},
}

type Body = tuple[str, str]
type Figure = dict[str, float]


def main() -> None:
    """Generate, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--skip-ydata", action="store_true", help="measure ours alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write_file(path, options.rows, options.columns)
        size = path.stat().st_size / 2**20
        bodies = {"pandas_read_csv": PANDAS, "read": READ, "read_and_profile": PROFILE}
        figures = {name: _best(path, body) for name, body in bodies.items()}
        sides = (
            [] if options.skip_ydata else [_side_by_side(Path(folder) / "side.csv", rows) for rows in SIDES]
        )
    plain = figures["pandas_read_csv"]["cpu_seconds"]
    for figure in figures.values():
        figure["times_pandas"] = round(figure["cpu_seconds"] / plain, 2)
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "rows": options.rows,
        "columns": options.columns,
        "file_mb": round(size),
        "figures": figures,
        "side_by_side": sides,
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


def _side_by_side(path: Path, rows: int) -> dict[str, object]:
    """Measure ours and ydata-profiling's reports on one file."""
    if not PEER.exists():
        _install_peer()
    write_file(path, rows, SIDE_COLUMNS)
    ours = _best(path, PROFILE)
    imports, body = YDATA
    theirs = {
        name: _best(path, (imports, body.format(**choices)), PEER, runs=1) for name, choices in PEERS.items()
    }
    for figure in theirs.values():
        figure["times_ours"] = round(figure["cpu_seconds"] / ours["cpu_seconds"], 1)
        figure["times_ours_wall"] = round(figure["seconds"] / ours["seconds"], 1)
    return {"rows": rows, "columns": SIDE_COLUMNS, "figures": {"read_and_profile": ours, **theirs}}


def _install_peer() -> None:
    """Make the environment of ydata-profiling."""
    uv = shutil.which("uv", path=str(ROOT / ".venv" / "bin")) or "uv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(PEER_FOLDER)], check=True)
    install = [uv, "pip", "sync", "--quiet", "--python", str(PEER), "--require-hashes", str(REQUIREMENTS)]
    subprocess.run(install, check=True)


def _best(path: Path, body: Body, python: Path | None = None, runs: int = RUNS) -> Figure:
    """Return the least seconds and the most memory of some runs."""
    imports, work = body
    script = f"{imports}\n{MEASURE.format(body=work)}"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(path.parent)}
    if python is None:
        environment["PYTHONPATH"] = f"{ROOT}/layers/automl:{ROOT}/layers/scoring"
    measured = []
    for _ in range(runs):
        done = subprocess.run(
            [str(python or sys.executable), "-c", script, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        measured.append([float(word) for word in done.stdout.splitlines()[-1].split()])
    return {
        "seconds": round(min(run[0] for run in measured), 2),
        "cpu_seconds": round(min(run[1] for run in measured), 2),
        "peak_mb": round(max(run[2] for run in measured)),
    }


if __name__ == "__main__":
    main()
