"""``make bench-predict``: predicting with ours beside scikit-learn, skops and ONNX Runtime, in one run."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from tests.benchmarks.automl.measure import CORES, pin
from tests.benchmarks.predict import report
from tests.benchmarks.predict.services import FAMILY
from tests.benchmarks.predict.services import measure as measure_services
from tests.benchmarks.predict.tools import FAMILIES, FILES, ROOT, TOOLS, Tools, prepare

RESULTS = Path(__file__).parent.parent / "results" / "predict.json"
CONVERT = Path(__file__).parent / "convert.py"
MEASURES = ("cold_start_ms", "row1_ms", "row100_ms", "row10k_ms", "peak_rss_mb", "peak_rss_10k_mb")
LAYERS = [str(ROOT / "layers" / name) for name in ("automl", "scoring")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, convert, measure in turns, write, print."""
    parser = argparse.ArgumentParser(prog="bench-predict", description=__doc__)
    parser.add_argument("--budget", default="60", help="seconds for the engine's ensemble")
    parser.add_argument("--rounds", type=int, default=3, help="processes that are measured from end to end")
    parser.add_argument("--starts", type=int, default=6, help="further processes that are only started")
    parser.add_argument("--peers-home", type=Path, default=ROOT, help="where the peers' environment is")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The peers unpickle these: never a folder that somebody names, only what this run has written itself.
        models = folder / "models"
        tools = prepare(options.peers_home.resolve(), folder)
        _make(models, options.budget, tools)
        pin()
        measured = _measure(models, tools, options.rounds, options.starts)
        services = measure_services(models, tools, folder, options.rounds)
        results = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": f"{platform.machine()}, {platform.system()}, {CORES} of {os.cpu_count()} cores, "
            f"Python {platform.python_version()}",
            "figures": [_row(*key, found, tools) for key, found in measured.items()],
            "services": [_row(FAMILY, name, found, tools) for name, found in services.items()],
            "onnx_notes": json.loads((models / "onnx.json").read_text()),
        }
    options.results.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    report.show(Console(width=120), results)


def _make(models: Path, budget: str, tools: Tools) -> None:
    models.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *LAYERS])}
    command = [sys.executable, "-m", "tests.benchmarks.predict.families", str(models), budget]
    subprocess.run(command, check=True, env=environment)
    rows = json.loads((models / "rows.json").read_text())
    (models / "rows.json.one").write_text(json.dumps(rows[:1]))
    done = subprocess.run(
        [str(tools.peers), "-P", str(CONVERT), str(models)], check=True, stdout=subprocess.PIPE, text=True
    )
    (models / "onnx.json").write_text(done.stdout.splitlines()[-1])


def _measure(
    models: Path, tools: Tools, rounds: int, starts: int
) -> dict[tuple[str, str], dict[str, list[float]]]:
    pairs = [
        (family, tool)
        for family in FAMILIES
        for tool in TOOLS
        if (models / family / FILES.get(tool, "")).exists()
    ]
    found: dict[tuple[str, str], dict[str, list[float]]] = {
        pair: {measure: [] for measure in MEASURES} for pair in pairs
    }
    # In turns, so that whoever else uses the machine disturbs all alike; each in another order, because a
    # process starts later behind a large one, whose memory the machine has just taken back.
    for turn in range(rounds + starts):
        order = np.random.default_rng(turn).permutation(len(pairs)).tolist()
        for family, tool in map(pairs.__getitem__, order):
            command = tools.command(tool, models / family, models / "rows.json", first_only=turn >= rounds)
            for name, value in _run(command, tools.environment(tool)).items():
                found[family, tool][name].append(value)
        sys.stderr.write(f"turn {turn + 1} of {rounds + starts} is over\n")
    return found


def _run(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    begun = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        seconds = time.perf_counter() - begun
        rest, errors = process.communicate()
    if first != "first\n" or process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{errors[-2000:]}")
    figures: dict[str, Any] = json.loads(rest) if rest else {}
    figures.pop("answer", None)
    return {"cold_start_ms": seconds * 1000, **figures}


def _row(family: str, tool: str, found: dict[str, list[float]], tools: Tools) -> dict[str, Any]:
    figures: dict[str, float | None] = dict.fromkeys(MEASURES)
    figures |= {name: _rounded(statistics.median(values)) for name, values in found.items()}
    return {"family": family, "tool": tool, **figures, "unzipped_mb": tools.unzipped_mb(tool, family)}


def _rounded(value: float) -> float:
    return round(value, 3 if value < 10 else 1)


if __name__ == "__main__":
    main()
