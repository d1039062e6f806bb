"""Compiled loops beside NumPy: ``python -m tests.benchmarks.compiled_speed``.

The models of ``make bench-predict``, loaded twice and asked in turns in one process, on one thread. Prints
milliseconds of processor time of both, medians, and how many times sooner the compiled loops answer.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import scoring
from scoring import compiled
from tests.benchmarks.automl.measure import pin
from tests.benchmarks.predict.tools import FAMILIES

ROWS = (1, 100, 10_000)
# Processor time of one measurement: single rows are asked many times.
SECONDS = 0.2
TURNS = 5
WAYS = {"numpy": None, "compiled": compiled.LIBRARY}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, measure in turns, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="60", help="seconds for the engine's ensemble")
    budget = parser.parse_args(arguments).budget
    if compiled.LIBRARY is None:
        sys.exit("The loops are not compiled: install cc and the headers of Python, then make setup.")
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "tests.benchmarks.predict.families", f"{temporary}/models", budget]
        Path(temporary, "models").mkdir()
        subprocess.run(command, check=True, env=os.environ)
        pin()
        rows = json.loads(Path(temporary, "models", "rows.json").read_text())
        print("| model | rows | numpy, ms | compiled, ms | times sooner |\n|---|---|---|---|---|")
        for family in FAMILIES:
            _compare(family, Path(temporary, "models", family), rows)


def _compare(family: str, folder: Path, rows: list[dict[str, object]]) -> None:
    models = {way: _load(folder, way) for way in WAYS}
    for count in ROWS:
        _print(family, f"{count:,}", _measure(models, partial(scoring.Model.predict, instances=rows[:count])))
    if models["numpy"].explainable:
        explain = partial(scoring.Model.predict, instances=rows[:1], explain=True)
        _print(family, "1, with reasons", _measure(models, explain))


def _load(folder: Path, way: str) -> scoring.Model:
    compiled.LIBRARY = WAYS[way]
    files = [(folder / name).read_bytes() for name in ("model.npz", "manifest.json")]
    return scoring.load(*files, *(hashlib.sha256(content).hexdigest() for content in files))


def _measure(models: dict[str, scoring.Model], ask: Callable[[scoring.Model], object]) -> dict[str, float]:
    times: dict[str, list[float]] = {way: [] for way in models}
    for _ in range(TURNS):
        for way, model in models.items():
            compiled.LIBRARY = WAYS[way]
            ask(model)
            begun, calls = time.process_time(), 0
            while (spent := time.process_time() - begun) < SECONDS:
                ask(model)
                calls += 1
            times[way].append(spent / calls)
    return {way: statistics.median(found) * 1000 for way, found in times.items()}


def _print(family: str, rows: str, found: dict[str, float]) -> None:
    ratio = found["numpy"] / found["compiled"]
    print(f"| {family} | {rows} | {found['numpy']:.3g} | {found['compiled']:.3g} | {ratio:.2g} |", flush=True)


if __name__ == "__main__":
    main()
