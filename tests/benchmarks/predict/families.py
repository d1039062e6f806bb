"""Fits one model of each family as a scikit-learn pipeline, and stores the same model in the portable format.

``python -m tests.benchmarks.predict.families FOLDER BUDGET`` writes for each family ``pipeline.joblib``,
``model.npz``, ``manifest.json`` and ``encoding.json`` (how rows become the matrix that the estimator reads),
and ``rows.json``: rows that no model has seen, as a client sends them.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

import scoring
from automl.learners import catboost, forest, histogram, lightgbm
from automl.learners.base import Exported, Problem
from automl.learners.catboost_export import as_json
from automl.learners.packing import boosted
from automl.serving.export import pack_arrays, pack_manifest, sha256
from scoring.inputs import Feature
from tests.benchmarks.predict.tools import ENSEMBLE

ROWS, UNSEEN, COLUMNS, CATEGORIES = 20_000, 10_000, 28, 4
LEVELS = 8
MISSING = 0.05
PROBLEM = Problem(2)
NUMBERS = [f"n{i}" for i in range(COLUMNS - CATEGORIES)]
TEXTS = [f"c{i}" for i in range(CATEGORIES)]
# No number lies beyond; between these knots the portable imputer is the identity.
FAR = 1e4
# Forests keep their leaves in single precision.
TOLERANCES = {"random_forest": 1e-6, "extra_trees": 1e-6}


def data() -> tuple[pd.DataFrame, np.ndarray]:
    """Return rows and labels: 24 numbers and 4 categories, half of the columns with 5 % missing."""
    rng = np.random.default_rng(0)
    X, y = make_classification(ROWS + UNSEEN, COLUMNS, n_informative=14, n_redundant=4, random_state=0)
    X[rng.random(X.shape) < MISSING * (np.arange(COLUMNS) % 2)] = np.nan
    frame = pd.DataFrame(X[:, : len(NUMBERS)], columns=NUMBERS)
    for place, name in enumerate(TEXTS, start=len(NUMBERS)):
        column = X[:, place]
        edges = np.nanquantile(column, np.arange(1, LEVELS) / LEVELS)
        levels = np.array([f"level {i}" for i in range(LEVELS)], dtype=object)[np.digitize(column, edges)]
        frame[name] = np.where(np.isnan(column), None, levels)
        frame[name] = frame[name].astype(object)
    return frame, y


def codes() -> ColumnTransformer:
    """Return the encoding for trees: numbers as they are, categories as codes, unknown ones as missing."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan
    )
    return ColumnTransformer([("numbers", "passthrough", NUMBERS), ("codes", encoder, TEXTS)])


def indicators() -> ColumnTransformer:
    """Return the encoding for linear models: numbers imputed and scaled, categories as indicators."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("indicators", encoder, TEXTS)])


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "logistic": lambda: LogisticRegression(max_iter=1000),
    "random_forest": lambda: RandomForestClassifier(200, random_state=0),
    "extra_trees": lambda: ExtraTreesClassifier(200, random_state=0),
    "histogram_boosting": lambda: HistGradientBoostingClassifier(max_iter=200, random_state=0),
    "lightgbm": lambda: LGBMClassifier(n_estimators=200, random_state=0, verbose=-1),
    "catboost": lambda: CatBoostClassifier(
        iterations=500, random_seed=0, thread_count=2, allow_writing_files=False, logging_level="Silent"
    ),
}


def pipeline(family: str) -> Pipeline:
    """Return the unfitted pipeline of a family."""
    encoding = indicators() if family == "logistic" else codes()
    return Pipeline([("encode", encoding), ("model", ESTIMATORS[family]())])


def exported(family: str, model: Any) -> Exported:
    """Return a fitted estimator as the portable arrays that our learners make of it."""
    match family:
        case "random_forest" | "extra_trees":
            return forest._export(model, PROBLEM)
        case "histogram_boosting":
            trees = histogram._trees(model, 0, PROBLEM)
            return boosted(trees, histogram._base(model, PROBLEM), PROBLEM)
        case "lightgbm":
            return boosted(lightgbm.parse_trees(model.booster_.model_to_string()), np.zeros(1), PROBLEM)
        case _:
            # No column of it is a category to CatBoost, so no matrix is asked for.
            content = as_json(model, None)
            return catboost._export(content, np.empty((0, COLUMNS)), np.arange(2), PROBLEM)


def portable_trees(family: str, fitted: Pipeline) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return block and arrays of a model on codes."""
    export = exported(family, fitted["model"])
    levels = [len(known) for known in _levels(fitted["encode"].named_transformers_["codes"])]
    steps = {
        "step.0.columns": np.arange(len(NUMBERS)),
        "step.1.columns": np.arange(len(TEXTS)),
        "step.1.known": np.array(levels),
    }
    arrays = {f"0.{name}": array for name, array in export.arrays.items()}
    if "oblivious" in export.block["family"]:
        arrays["0.columns"] = np.arange(COLUMNS)
    arrays["0.weight"] = np.ones(1)
    return {"groups": [export.block], "steps": ["numbers", "codes"]}, arrays | steps


def portable_linear(fitted: Pipeline) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return block and arrays of the logistic regression."""
    imputer, scaler = (step for _, step in fitted["encode"].named_transformers_["numbers"].steps)
    encoder = fitted["encode"].named_transformers_["indicators"]
    # The encoder's own code of missing comes last, as ours does behind the one of unknown levels.
    slots, offsets, width = [], [], 0
    for known in encoder.categories_:
        offsets.append(len(slots))
        levels = sum(isinstance(level, str) for level in known)
        slots += [*range(width, width + levels), -1, width + levels if levels < len(known) else -1]
        width += len(known)
    zeros, ones = np.zeros(width), np.ones(width)
    arrays = {
        "step.0.columns": np.arange(len(NUMBERS)),
        "step.0.knots": np.tile([-FAR, FAR], (len(NUMBERS), 1)),
        "step.0.values": np.tile([-FAR, FAR], (len(NUMBERS), 1)),
        "step.0.fill": imputer.statistics_,
        "step.1.columns": np.arange(len(TEXTS)),
        "step.1.offsets": np.array(offsets),
        "step.1.slots": np.array(slots),
        "0.center": np.concatenate([scaler.mean_, zeros]),
        "0.scale": np.concatenate([scaler.scale_, ones]),
        "0.weights": fitted["model"].coef_.T,
        "0.intercept": fitted["model"].intercept_,
        "0.weight": np.ones(1),
        "0.columns": np.arange(len(NUMBERS) + width),
    }
    return {"groups": [{"family": "linear", "link": "logistic"}], "steps": ["scaled", "one_hot"]}, arrays


def _levels(encoder: Any) -> list[list[str]]:
    return [[level for level in known if isinstance(level, str)] for known in encoder.categories_]


def store(family: str, fitted: Pipeline, rows: list[dict[str, Any]], folder: Path) -> None:
    """Write a fitted pipeline and its portable twin, which must answer alike.

    Raises
    ------
    RuntimeError
        When they do not.
    """
    joblib.dump(fitted, folder / "pipeline.joblib")
    part = "indicators" if family == "logistic" else "codes"
    levels = _levels(fitted["encode"].named_transformers_[part])
    block, arrays = portable_linear(fitted) if family == "logistic" else portable_trees(family, fitted)
    # As training says what it saw: numbers and categories are compared with it.
    features = [Feature(name, "numeric", nullable=True, training_range=(-FAR, FAR)) for name in NUMBERS]
    features += [
        Feature(name, "categorical", nullable=True, known_values=tuple(known))
        for name, known in zip(TEXTS, levels, strict=True)
    ]
    encoders = [{"kind": "number", "feature": name} for name in NUMBERS]
    encoders += [
        {"kind": "category", "feature": name, "levels": known}
        for name, known in zip(TEXTS, levels, strict=True)
    ]
    manifest = pack_manifest(
        {
            "format_version": scoring.FORMAT_VERSION,
            "task": "classification",
            "classes": ["0", "1"],
            "features": [feature.to_json() for feature in features],
            "encoders": encoders,
            "model": block,
            "schema": {"required": [feature.name for feature in features]},
            "example": rows[0],
            "unused_columns": [],
        }
    )
    npz = pack_arrays(arrays)
    (folder / "model.npz").write_bytes(npz)
    (folder / "manifest.json").write_bytes(manifest)
    known = fitted["encode"].named_transformers_[part].categories_
    encoding = {"numbers": NUMBERS, "texts": TEXTS, "levels": levels, "indicators": part == "indicators"}
    encoding["widths"] = [len(values) for values in known]
    (folder / "encoding.json").write_text(json.dumps(encoding))
    model = scoring.load(npz, manifest, sha256(npz), sha256(manifest))
    ours = [answer["probabilities"]["1"] for answer in model.predict(rows[:2000])]
    theirs = fitted.predict_proba(pd.DataFrame.from_records(rows[:2000]))[:, 1]
    worst = float(np.abs(np.array(ours) - theirs).max())
    if not worst <= TOLERANCES.get(family, 1e-9):
        raise RuntimeError(f"{family}: the portable model differs by {worst:.3g}")
    sys.stderr.write(f"{family}: the portable model answers within {worst:.1e}\n")


def main() -> None:
    """Fit, store, compare."""
    folder, budget = Path(sys.argv[1]), sys.argv[2]
    frame, y = data()
    train, labels = frame[:ROWS], y[:ROWS]
    unseen = frame[ROWS:].astype(object)
    rows = unseen.where(unseen.notna(), None).to_dict("records")
    (folder / "rows.json").write_text(json.dumps(rows))
    fitted = {}
    for family in ESTIMATORS:
        (folder / family).mkdir()
        fitted[family] = pipeline(family).fit(train, labels)
        store(family, fitted[family], rows, folder / family)
    # The engine's whole ensemble has no twin: beside it stands a vote of all the families above.
    own = folder / ENSEMBLE
    own.mkdir()
    voting = VotingClassifier([(name, fitted[name]) for name in fitted], voting="soft")
    voting.estimators_ = list(fitted.values())
    voting.classes_ = np.array([0, 1])
    joblib.dump(voting, own / "pipeline.joblib")
    train.assign(label=labels).to_csv(folder / "train.csv", index=False)
    command = [sys.executable, "-m", "automl", "fit", str(folder / "train.csv"), "--target", "label"]
    command += ["--task", "classification", "--budget", budget, "--out", str(own / "engine")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in ("model.npz", "manifest.json"):
        (own / "engine" / name).rename(own / name)


if __name__ == "__main__":
    main()
