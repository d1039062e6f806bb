"""Whether a model's own answers make no alarm: ``python -m tests.benchmarks.drift_models --data FOLDER``.

The reference has the answers of models that had not learned from a row; those that are counted are of the
model that learned from all of them. So models learn from one half of each table, and 100 windows of 200 rows
are drawn of it again, and 100 of the other half, without repetition in a window, where that has many times as
many rows. Figures are written to ``results/drift_models.json``.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets

import automl
import scoring
from automl.features.encoders import raw_columns
from tests.benchmarks.drift_tables import Sample, pages, report

BUDGET_SECONDS = 8
WINDOWS = 100
ROWS = 200
# Of fewer, windows would have most of their rows in common: one half that happens to differ would be all.
FRESH_ROWS = 4 * ROWS
SHIPPED = ("diabetes", "breast_cancer", "digits")
STORED = ("telco_churn", "wine_quality", "california")
RESULT = Path(__file__).parent / "results" / "drift_models.json"


def main() -> None:
    """Measure all tables, print a line for each, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with data/MANIFEST.csv")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    figures = []
    for name, frame, target in tables(options.data):
        figures.append({"table": name, **measured(frame, target)})
        print(json.dumps(figures[-1]), flush=True)
    content = {"rows": ROWS, "windows": WINDOWS, "budget_seconds": BUDGET_SECONDS, "tables": figures}
    options.out.write_text(json.dumps(content, indent=1) + "\n")


def tables(root: Path) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Return tables as training reads them, and their targets."""
    for name in SHIPPED:
        yield name, getattr(datasets, f"load_{name}")(as_frame=True).frame, "target"
    targets = pd.read_csv(root / "data" / "MANIFEST.csv").set_index("name")["target"]
    for name in STORED:
        yield name, automl.read_csv(root / "data" / f"{name}.csv").frame, targets[name]


def measured(frame: pd.DataFrame, target: str) -> dict[str, Any]:
    """Return how many windows make an alarm, and the mean index of the answers."""
    generator = np.random.default_rng(0)
    rows = frame.sample(frac=1, random_state=1).dropna(subset=[target]).reset_index(drop=True)[:10_000]
    half = len(rows) // 2
    model = learned(rows.iloc[:half], target)
    found: dict[str, Any] = {"training_rows": half, "features": len(model.features)}
    for kind, part in (("resampled", rows.iloc[:half]), ("fresh", rows.iloc[half:])):
        fresh = kind == "fresh"
        if fresh and len(part) < FRESH_ROWS:
            continue
        columns = raw_columns(part, {feature.name: feature.type for feature in model.features})
        answered = Sample(columns, np.asarray(model.decided(model.score(columns, len(part)))))
        assert model.reference is not None
        reports = [
            report(model.reference, answered.rows(generator.choice(len(part), ROWS, replace=not fresh)))
            for _ in range(WINDOWS)
        ]
        answers = [one["windows"][0]["predictions"] for one in reports]
        found[kind] = {
            "alarms": sum(map(pages, reports)),
            "watches_of_answers": sum(one["status"] == "watch" for one in answers),
            "mean_index_of_answers": round(float(np.mean([one["psi"] for one in answers])), 3),
        }
    return found


def learned(rows: pd.DataFrame, target: str) -> scoring.Model:
    """Return a model of some rows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        rows.to_csv(path, index=False)
        table = automl.read_csv(path)
    result = automl.fit(table, automl.FitConfig(target, budget_seconds=BUDGET_SECONDS, seed=1))
    digests = (hashlib.sha256(part).hexdigest() for part in (result.npz_bytes, result.manifest_bytes))
    return scoring.load(result.npz_bytes, result.manifest_bytes, *digests)


if __name__ == "__main__":
    main()
