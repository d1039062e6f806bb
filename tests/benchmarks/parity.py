"""How near the stored model comes to the fitted one: for each family and each set, and again as ONNX.

``PYTHONPATH=.:layers/automl:layers/scoring .venv/bin/python tests/benchmarks/parity.py [--sets wine]``.

Each candidate of the engine is fitted on one fold of each set, exported and loaded as it would be served.
Its answers are compared with those of the fitted pipeline on all rows of the set (at most 2,000) and on
hostile rows: nulls, unseen categories, extremes, empty and long texts, numbers as text, blanks around values.
The ONNX file, where there can be one, is compared with the stored model on known and hostile rows.
Differences are relative for numbers beyond one. Results go to ``results/parity.json``.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import scoring
from automl import FitConfig, read_csv
from automl.errors import NotExpressibleError
from automl.onnx_export.convert import to_onnx
from automl.preparation import Prepared, prepare
from automl.searching.folds import FoldFitter
from automl.searching.search import Trial
from automl.searching.selection import Choice
from automl.searching.workers import Job
from automl.searching.zoo import candidates
from automl.serving.ensemble import Ensemble
from automl.serving.export import (
    TOLERANCE,
    difference,
    example_instance,
    hostile_instances,
    input_features,
    input_schema,
    instances_of,
    pack_arrays,
    pack_manifest,
    sha256,
)
from scoring.reader import columns_of
from tests.benchmarks.automl.sources import OWN, load, names, own

RESULTS = Path(__file__).parent / "results" / "parity.json"
ROWS = 2_000
SECONDS = 1.5
# A learner that has other candidates for many rows is told that there are so many.
MANY = 20


def main() -> None:
    """Measure, write the results and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*")
    options = parser.parse_args()
    found = dict.fromkeys([*names(options.data), *OWN])
    rows = []
    for name in options.sets or found:
        for row in measure(options.data, name):
            rows.append(row)
            say(json.dumps(row, ensure_ascii=False))
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}",
        "allowed_difference": TOLERANCE,
        "worst": max(max(row["known"], row["hostile"]) for row in rows),
        "worst_onnx": max((row["onnx"] for row in rows if row["onnx"] is not None), default=None),
        "by_family_and_set": table(rows),
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    say(f"worst {results['worst']:.1e}, as ONNX {results['worst_onnx']:.1e}")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the largest difference of each family on each set."""
    worst: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        before = worst[row["family"]].get(row["set"], 0.0)
        worst[row["family"]][row["set"]] = max(before, row["known"], row["hostile"])
    return dict(worst)


def measure(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the differences of each candidate on a set."""
    data = own(name) if name in OWN else load(folder, name)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "train.csv"
        path.write_bytes(data.train)
        table_ = read_csv(path)
    if len(table_.frame) > ROWS:
        kept = np.random.default_rng(0).choice(len(table_.frame), ROWS, replace=False)
        table_ = replace(table_, frame=table_.frame.iloc[np.sort(kept)].reset_index(drop=True))
    prepared = prepare(table_, FitConfig(data.target, task="regression" if data.regression else "auto"))
    many = replace(prepared.training, y=np.tile(prepared.training.y, MANY))
    tried = {one.name: one for one in [*candidates(prepared.training), *candidates(many)]}
    fitter = FoldFitter(prepared.training, prepared.splits, list(tried.values()), 0, time.monotonic)
    return [
        {"set": name, "rows": len(prepared.training.y), **_of(prepared, fitter, position, candidate)}
        for position, candidate in enumerate(tried.values())
    ]


def _of(prepared: Prepared, fitter: FoldFitter, position: int, candidate: Any) -> dict[str, Any]:
    model = fitter(Job(position, 0, 0, SECONDS))
    width = prepared.training.width
    choice = Choice(
        [Trial(candidate, {(0, fold): model for fold in range(prepared.splits[0].count)})],
        [1.0],
        [1.0],
        1.0,
        0.0,
        np.full(width, 1 / width),
        None,
        np.zeros((len(prepared.training.y), width)),
        [],
    )
    ensemble = Ensemble.of(choice, prepared.training, prepared.splits, [0])
    exported = ensemble.export()
    features = input_features(prepared.frame, prepared.formats)
    manifest = pack_manifest(
        {
            "format_version": scoring.FORMAT_VERSION,
            "task": prepared.training.task,
            "classes": prepared.training.classes,
            "model": exported.block,
            "features": [feature.to_json() for feature in features],
            "unused_columns": [],
            "encoders": prepared.training.encoders.to_json(),
            "schema": input_schema("t", prepared.frame, features),
            "example": example_instance(prepared.frame, features),
        }
    )
    npz = pack_arrays(exported.arrays)
    stored = scoring.load(npz, manifest, sha256(npz), sha256(manifest))
    instances = instances_of(prepared.frame, features)
    hostile = hostile_instances(instances, features)
    result: dict[str, Any] = {"candidate": candidate.name, "family": exported.block["groups"][0]["family"]}
    for kind, rows in (("known", instances), ("hostile", hostile)):
        raw = columns_of(rows, features)
        theirs = ensemble.predict(prepared.training.encoders.encode(raw, len(rows)))
        result[kind] = difference(stored.score(raw, len(rows)), theirs)
    try:
        written = to_onnx(npz, manifest, instances)
    except NotExpressibleError as error:
        return result | {"onnx": None, "onnx_refused": str(error)}
    return result | {"onnx": written.parity, "onnx_bytes": len(written.content)}


if __name__ == "__main__":
    main()
