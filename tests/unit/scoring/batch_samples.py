"""A small model with an input of each type, and files for it."""

import hashlib
import io
import json

import numpy as np

import scoring
from scoring.files.batch import BatchScorer

FEATURES = [
    {"name": "age", "type": "numeric", "nullable": True},
    {"name": "Price", "type": "numeric", "nullable": False},
    {"name": "member", "type": "boolean", "nullable": True},
    {"name": "day", "type": "date", "nullable": True, "date_format": "%d/%m/%Y"},
    {"name": "kind", "type": "categorical", "nullable": True, "missing_words": ["none"]},
]
_BINS = {"edges": [0, 1, 2], "counts": [0, 0, 5, 5, 0]}
# What training saw of each feature and of the classes: what `packed` takes as its `reference`.
REFERENCE = {
    "features": [_BINS, _BINS, _BINS, _BINS, {"values": ["flat"], "once": 0, "counts": [0, 5, 5, 0]}],
    "predictions": {"values": ["no", "yes"], "once": 0, "counts": [0, 5, 5, 0, 0]},
}
HEADER = "age,Price,member,day,kind"
ROWS = ["40,1.5,true,31/01/2024,flat", "41,2.5,no,2024-02-01,house", ",3,,,", "43,1e3,TRUE,01/02/2024,castle"]
FILE = "\n".join([HEADER, *ROWS]) + "\n"


def features(**changes):
    """Return the features, some of them changed: ``features(age={"nullable": False})``."""
    plain = {"date_format": None, "missing_words": [], "number_style": "plain"}
    return [{**plain, **feature, **changes.get(feature["name"], {})} for feature in FEATURES]


def packed(task="classification", classes=("no", "yes"), inputs=None, **manifest):
    """Return the two files of a linear model of age, price and kind."""
    outputs = 1 if len(classes) < 3 else len(classes)
    arrays = {
        "step.0.columns": np.array([0, 1]),
        "step.1.columns": np.array([0]),
        "step.1.offsets": np.array([0]),
        "step.1.slots": np.array([0, 1, -1, -1]),
        "0.columns": np.arange(4),
        "0.center": np.array([40.0, 2.0, 0.0, 0.0]),
        "0.scale": np.array([10.0, 1.0, 1.0, 1.0]),
        "0.weights": np.linspace(1, 2, 4 * outputs).reshape(4, outputs),
        "0.intercept": np.zeros(outputs),
        "0.weight": np.array([1.0]),
    }
    link = "identity" if task == "regression" else "logistic" if len(classes) == 2 else "softmax"
    group = {"family": "linear", "link": link}
    if task == "regression":
        group["scale"] = {"center": 100.0, "spread": 10.0, "log": False, "low": 0.0, "high": 500.0}
    arrays["step.0.knots"] = np.array([[0.0, 100.0], [0.0, 100.0]])
    arrays["step.0.values"] = np.array([[0.0, 100.0], [0.0, 100.0]])
    arrays["step.0.fill"] = np.array([40.0, 2.0])
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    npz = buffer.getvalue()
    content = {
        "format_version": scoring.FORMAT_VERSION,
        "task": task,
        "target": "sold",
        "classes": [] if task == "regression" else list(classes),
        "features": inputs or features(),
        "unused_columns": ["sold"],
        "encoders": [
            {"kind": "number", "feature": "age"},
            {"kind": "number", "feature": "Price"},
            {"kind": "category", "feature": "kind", "levels": ["flat", "house"]},
        ],
        "model": {"groups": [group], "steps": ["scaled", "one_hot"]},
        "schema": {
            "type": "object",
            "properties": {feature["name"]: {} for feature in FEATURES},
            "required": [feature["name"] for feature in FEATURES],
        },
        "example": {"age": 40, "Price": 1.5, "member": True, "day": "2024-01-31", "kind": "flat"},
        "model_sha256": hashlib.sha256(npz).hexdigest(),
        **manifest,
    }
    return npz, json.dumps(content).encode()


def model(**options):
    """Return the loaded model."""
    npz, manifest = packed(**options)
    return scoring.load(npz, manifest, hashlib.sha256(npz).hexdigest(), hashlib.sha256(manifest).hexdigest())


def score(content, encoding="utf-8", scorer_model=None, **options):
    """Score a file and return the texts of predictions and errors, and the last state."""
    raw = content if isinstance(content, bytes) else content.encode(encoding)
    results = list(BatchScorer(scorer_model or model(), io.BytesIO(raw), **options).run())
    predictions = b"".join(result.predictions for result in results)
    errors = b"".join(result.errors for result in results)
    return predictions.decode(), errors.decode(), results[-1].state
