"""What reasons cost, and how near they come to those of many more orders.

``PYTHONPATH=layers/automl:layers/scoring python tests/benchmarks/reasons.py [--data FOLDER] [--budget 20]
[--rows 6] [--orders 12] [--models FOLDER]``. Models are trained on sets of ``--data`` (default
``../shared/data/data``) and on two of scikit-learn's own; with ``--models`` they are kept there and used
again. Of each, some rows are explained as they are served, and once more with so many times the pairs of
orders. Told are

- ``wall_ms``, ``cpu_ms``: medians of explaining one row, less of the answer alone (CPU is less disturbed by
  what else the machine does);
- ``answers``: how many rows the model answered for it, the median;
- ``error``, ``error_most``: the sum of all absolute differences from the long run, as a share of the sum of
  all absolute contributions, its mean and largest over the rows; ``largest``: the largest single difference
  as such a share;
- ``base_off``: how far the base values are from the mean answers for up to 400 rows of the file, the largest
  of all outputs, in standard deviations of the answers.

Results go to ``results/reasons.json``.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# Single rows and small blocks are slowed down, not helped, by threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn import datasets

import automl
import scoring
from automl.cli import load_model
from automl.serving.export import instances_of
from scoring import reasons

RESULTS = Path(__file__).parent / "results" / "reasons.json"
DATA = Path(__file__).parents[3] / "shared" / "data" / "data"
TARGETS = {
    "titanic": "Survived",
    "german_credit": "credit_risk",
    "ames_house": "SalePrice",
    "bike_sharing": "cnt",
    "soybean": "Class",
}
SKLEARN = ("wine", "diabetes")
SAMPLE = 400


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the CSV files")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds for each training")
    parser.add_argument("--rows", type=int, default=6, help="rows to explain of each set")
    parser.add_argument("--orders", type=int, default=12, help="times as many pairs in the long run")
    parser.add_argument("--models", type=Path, help="folder that keeps the models")
    parser.add_argument("--sets", nargs="*", default=[*TARGETS, *SKLEARN], choices=[*TARGETS, *SKLEARN])
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sets:
            path, target = _source(name, options.data, Path(folder))
            stored = (options.models or Path(folder)) / name
            if not (stored / "manifest.json").exists():
                config = automl.FitConfig(target=target, budget_seconds=options.budget)
                automl.fit(automl.read_csv(path), config).save(stored)
            results.append({"set": name, **_measured(path, load_model(stored), options)})
            print("  ".join(f"{figure} {value}" for figure, value in results[-1].items()), flush=True)
    content = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "budget": options.budget,
        "rows": options.rows,
        "orders": options.orders,
        "results": results,
    }
    RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _source(name: str, data: Path, folder: Path) -> tuple[Path, str]:
    if name in TARGETS:
        return data / f"{name}.csv", TARGETS[name]
    path = folder / f"{name}.csv"
    getattr(datasets, f"load_{name}")(as_frame=True).frame.to_csv(path, index=False)
    return path, "target"


def _measured(path: Path, model: scoring.Model, options: argparse.Namespace) -> dict[str, Any]:
    frame = automl.read_csv(path).frame
    generator = np.random.default_rng(0)
    instances = instances_of(
        frame.iloc[generator.permutation(len(frame))[: max(SAMPLE, options.rows)]], model.features
    )
    explained = instances[: options.rows]
    model.predict(explained[:1], explain=True)
    wall, cpu, errors, largest = [], [], [], []
    with _counted(model) as answers:
        for instance in explained:
            answers.append(0)
            started, spent = time.perf_counter(), time.process_time()
            served = model.predict([instance], explain=True)[0]["reasons"]
            between, used = time.perf_counter(), time.process_time()
            model.predict([instance])
            wall.append(2 * between - started - time.perf_counter())
            cpu.append(2 * used - spent - time.process_time())
            counted = answers[-1]
            with _more_orders(options.orders):
                long = model.predict([instance], explain=True)[0]["reasons"]
            answers[-1] = counted
            differences, total = _compared(served, long)
            errors.append(sum(differences) / total)
            largest.append(max(differences) / total)
    return {
        "features": len(model.features),
        "background": len(next(iter(model.manifest["background"].values()))),
        "answers": int(np.median(answers)),
        "wall_ms": round(1000 * float(np.median(wall)), 1),
        "cpu_ms": round(1000 * float(np.median(cpu)), 1),
        "error": round(float(np.mean(errors)), 4),
        "error_most": round(max(errors), 4),
        "largest": round(max(largest), 4),
        "base_off": round(_base_off(model, instances), 4),
    }


@contextmanager
def _counted(model: scoring.Model) -> Iterator[list[int]]:
    """Count in the last entry of a list how many rows the model answers."""
    explainer, answers = model._explainer, [0]
    score = explainer._score

    def counting(columns: Any, rows: int) -> Any:
        answers[-1] += rows
        return score(columns, rows)

    explainer._score = counting
    answers.pop()
    yield answers
    explainer._score = score


@contextmanager
def _more_orders(times: int) -> Iterator[None]:
    """Draw other orders, and so many times as many pairs of them."""
    orders = reasons._orders

    def more(columns: int, rows: int, seed: int) -> Any:
        each = 2 * max(1, columns - 1)
        return orders(columns, times * each * max(1, rows // each), 1000 + seed)

    reasons._orders = more
    yield
    reasons._orders = orders


def _compared(served: dict[str, Any], long: dict[str, Any]) -> tuple[list[float], float]:
    ours, theirs = (
        {entry["feature"]: entry["contribution"] for entry in told["contributions"]}
        for told in (served, long)
    )
    differences = [abs(ours[feature] - theirs[feature]) for feature in theirs]
    return differences, sum(map(abs, theirs.values()))


def _base_off(model: scoring.Model, instances: list[dict[str, Any]]) -> float:
    answers = model.score(model.read(instances).columns, len(instances))
    base = model._explainer._answers.mean(axis=0)
    return float((np.abs(base - answers.mean(axis=0)) / answers.std(axis=0)).max())


if __name__ == "__main__":
    main()
