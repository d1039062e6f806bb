"""Whether drift is told where there is some and nowhere else: ``python -m tests.benchmarks.drift_alarms``.

A model of each set learns from one half of its rows, drawn at random, and is asked about the other: as it
is, and with its first feature moved by half a standard deviation. Printed are the status of both, the largest
index of the unmoved half, which the thresholds of practice alone would judge by, and that of the answers.
"""

import hashlib
import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, make_friedman1

import automl
import scoring
from automl.features.encoders import raw_columns
from scoring.drift.report import Day, drift_report

BUDGET_SECONDS = 10
TODAY = date(2026, 1, 1)


def main() -> None:
    """Print the figures as JSON, a line for each set."""
    for name, frame in sets().items():
        rows = frame.sample(frac=1, random_state=1).reset_index(drop=True)
        half = len(rows) // 2
        model, formats = learned(rows.iloc[:half])
        others = rows.iloc[half:].drop(columns="y")
        moved = others.assign(**{others.columns[0]: others.iloc[:, 0] + others.iloc[:, 0].std() / 2})
        still, shifted = (report(model, formats, some) for some in (others, moved))
        (window, *_) = still["windows"]
        print(
            json.dumps(
                {
                    "set": name,
                    "rows": len(others),
                    "features": len(model.features),
                    "status": still["status"],
                    "status_moved": shifted["status"],
                    "moved": shifted["windows"][0]["worst"]["feature"] == others.columns[0],
                    "largest_index": window["worst"]["psi"],
                    "index_of_answers": window["predictions"]["psi"],
                }
            )
        )


def sets() -> dict[str, pd.DataFrame]:
    """Return tables with a target ``y``."""
    values, y = make_friedman1(3_000, noise=3, random_state=0)
    made = pd.DataFrame(values, columns=[f"x{place}" for place in range(values.shape[1])]).assign(y=y)
    read = {"diabetes": load_diabetes(as_frame=True).frame, "cancer": load_breast_cancer(as_frame=True).frame}
    return {**{name: frame.rename(columns={"target": "y"}) for name, frame in read.items()}, "friedman": made}


def learned(rows: pd.DataFrame) -> tuple[scoring.Model, dict[str, str]]:
    """Return a model of some rows, and the types of its features."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        rows.to_csv(path, index=False)
        table = automl.read_csv(path)
    result = automl.fit(table, automl.FitConfig("y", budget_seconds=BUDGET_SECONDS, seed=1))
    digests = (hashlib.sha256(part).hexdigest() for part in (result.npz_bytes, result.manifest_bytes))
    model = scoring.load(result.npz_bytes, result.manifest_bytes, *digests)
    return model, {feature.name: feature.type for feature in model.features}


def report(model: scoring.Model, types: dict[str, str], rows: pd.DataFrame) -> dict[str, Any]:
    """Return the report of rows that a model is asked about."""
    columns = raw_columns(rows, types)
    reference = model.reference
    assert reference is not None
    counts = reference.count(columns, model.decided(model.score(columns, len(rows))))
    return drift_report(reference, [Day(TODAY, len(rows), counts)], TODAY)


if __name__ == "__main__":
    main()
