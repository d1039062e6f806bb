"""A fitted pipeline as `model.npz` and `manifest.json`, and the proof that they answer alike."""

import hashlib
import io
import json
import math
import platform
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import scoring
from automl.errors import ParityError
from automl.learners.base import FloatArray
from automl.reading.dates import ISO
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, ColumnFormat
from scoring.features import Column
from scoring.inputs import Feature, columns_of

TOLERANCE = 1e-9
PARITY_ROWS = 100
MIN_PARITY_ROWS = 20
# A wide table is checked on fewer rows, and so many of its features are probed one by one.
PARITY_CELLS = 30_000
PROBED_FEATURES = 30
EXAMPLES = 5
COMPRESSION = 4
JSON_TYPES = {NUMERIC: "number", BOOLEAN: "boolean", DATE: "string", CATEGORICAL: "string", TEXT: "string"}
HOSTILE: dict[str, tuple[Any, ...]] = {
    NUMERIC: (None, 0, -0.0, 1e-320, 1e300, -1e300, 2**62, -1),
    BOOLEAN: (None, True, False),
    DATE: (None, "", "0001-01-01", "9999-12-31T23:59:59", "1970-01-01", " 2024-02-29 "),
    CATEGORICAL: (None, "", "  ", "an unseen category", "12.5", "1", "Ünïcödé ✓", "x" * 1000, "\t\n", "NaN"),
    TEXT: (None, "", " ", "word", "12 13 14", "a " * 1000, "Ünïcödé ✓", "\0"),
}


def json_safe(value: Any) -> Any:
    """Return the value with NumPy scalars as Python's and with None for what JSON cannot say."""
    match value:
        case dict():
            return {str(key): json_safe(entry) for key, entry in value.items()}
        case list() | tuple():
            return [json_safe(entry) for entry in value]
        case np.generic():
            return json_safe(value.item())
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def input_features(frame: pd.DataFrame, formats: Mapping[str, ColumnFormat]) -> list[Feature]:
    """Return what the model is to know about each of its inputs."""
    return [
        Feature(
            name=name,
            type=how.type,
            nullable=bool(frame[name].isna().any()),
            date_format=None if how.date_format == ISO else how.date_format,
            missing_words=how.missing_words,
            number_style=how.number_style,
        )
        for name, how in formats.items()
    ]


def instances_of(frame: pd.DataFrame, features: Sequence[Feature]) -> list[dict[str, Any]]:
    """Return the rows of a frame as a client would send them."""
    columns = {feature.name: _json_values(frame[feature.name], feature.type) for feature in features}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _json_values(series: pd.Series, kind: str) -> list[Any]:
    values = series.astype(object).where(series.notna().to_numpy(), None).tolist()
    if kind == DATE:
        return [None if value is None else _iso(value) for value in values]
    if kind == NUMERIC:
        return [_plain_number(value) for value in values]
    return values


def _iso(moment: datetime) -> str:
    text = moment.isoformat()
    return text.removesuffix("T00:00:00")


def _plain_number(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() and abs(value) < 2**53 else value


def input_schema(title: str, frame: pd.DataFrame, features: Sequence[Feature]) -> dict[str, Any]:
    """Return the JSON Schema of one instance."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": {feature.name: _property(frame[feature.name], feature) for feature in features},
        "required": [feature.name for feature in features],
        "additionalProperties": False,
    }


def _property(series: pd.Series, feature: Feature) -> dict[str, Any]:
    kind = JSON_TYPES[feature.type]
    entry: dict[str, Any] = {"type": [kind, "null"] if feature.nullable else kind}
    known = series.dropna()
    if feature.type == NUMERIC:
        examples = [
            _plain_number(float(value)) for value in np.quantile(known, (0.5, 0.0, 1.0), method="nearest")
        ]
        unit = feature.number_style.partition(" ")[2]
        kind_of_number = f"A number in {unit}" if unit else "A number"
        entry["description"] = f"{kind_of_number}; training saw {examples[1]} to {examples[2]}."
        entry["examples"] = examples[:1]
    elif feature.type == DATE:
        first, last = (_iso(moment) for moment in (known.min(), known.max()))
        written = "" if feature.date_format is None else f" or {feature.date_format}"
        entry["description"] = f"A date, ISO 8601{written}; training saw {first} to {last}."
        entry["examples"] = [last]
    elif feature.type == BOOLEAN:
        entry["description"] = "True or false."
    else:
        common = known.value_counts().index[:EXAMPLES].tolist()
        entry["description"] = (
            "Free text."
            if feature.type == TEXT
            else "A category; others than those of the training are accepted."
        )
        entry["examples"] = common[: 1 if feature.type == TEXT else EXAMPLES]
    return entry


def example_instance(frame: pd.DataFrame, features: Sequence[Feature]) -> dict[str, Any]:
    """Return the first of the rows with the fewest missing values."""
    row = int(frame.isna().sum(axis=1).to_numpy().argmin())
    return instances_of(frame.iloc[[row]], features)[0]


def library_versions() -> dict[str, str]:
    """Return the versions that made the model."""
    libraries = ("numpy", "pandas", "scipy", "scikit-learn", "lightgbm", "catboost")
    return {"python": platform.python_version(), **{library: version(library) for library in libraries}}


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the bytes of an npz archive."""
    buffer = io.BytesIO()
    # NumPy's own writer compresses harder, which takes several times as long and saves a few percent.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def pack_manifest(manifest: Mapping[str, Any]) -> bytes:
    """Return the bytes of a manifest."""
    return json.dumps(json_safe(dict(manifest)), ensure_ascii=False, allow_nan=False, indent=1).encode()


def sha256(content: bytes) -> str:
    """Return the hexadecimal digest."""
    return hashlib.sha256(content).hexdigest()


def check_parity(
    npz: bytes,
    manifest: bytes,
    *,
    predict: Callable[[Mapping[str, Column], int], FloatArray],
    features: Sequence[Feature],
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
) -> float:
    """Compare the stored model with the fitted pipeline on training rows and on hostile rows.

    Returns
    -------
    float
        The largest difference, relative for numbers beyond one.

    Raises
    ------
    ParityError
        When it is larger than ``TOLERANCE``.
    """
    model = scoring.load(npz, manifest, sha256(npz), sha256(manifest))
    most = max(MIN_PARITY_ROWS, min(PARITY_ROWS, PARITY_CELLS // len(features)))
    rows = np.linspace(0, len(frame) - 1, min(most, len(frame))).astype(np.intp)
    instances = instances_of(frame.iloc[rows], features)
    sampled = {name: column[rows] for name, column in columns.items()}
    worst = difference(_answers(model, instances), predict(sampled, len(rows)))
    hostile = columns_of(hostile_instances(instances, features), features)
    count = len(next(iter(hostile.values())))
    worst = max(worst, difference(model.score(hostile, count), predict(hostile, count)))
    if not worst <= TOLERANCE:
        raise ParityError(f"The exported model differs from the fitted one by {worst:.3g}.")
    return worst


def _answers(model: scoring.Model, instances: Sequence[Mapping[str, Any]]) -> FloatArray:
    answers = model.predict(instances)
    if model.task == "regression":
        return np.array([[answer["prediction"]] for answer in answers])
    return np.array([list(answer["probabilities"].values()) for answer in answers])


def difference(ours: FloatArray, theirs: FloatArray) -> float:
    """Return the largest difference, relative for numbers beyond one."""
    return float(np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))))


def hostile_instances(
    instances: Sequence[Mapping[str, Any]], features: Sequence[Feature]
) -> list[dict[str, Any]]:
    """Return rows that training never saw: hostile values of each feature alone, and of all together."""
    usual = dict(instances[0])
    rows: list[dict[str, Any]] = []
    for feature in features[:: -(-len(features) // PROBED_FEATURES)]:
        rows.extend({**usual, feature.name: value} for value in HOSTILE[feature.type])
        known = usual[feature.name]
        if isinstance(known, str):
            rows.append({**usual, feature.name: f"  {known}\t"})
    most = max(len(HOSTILE[feature.type]) for feature in features)
    rows.extend(
        {feature.name: HOSTILE[feature.type][turn % len(HOSTILE[feature.type])] for feature in features}
        for turn in range(most)
    )
    return rows
