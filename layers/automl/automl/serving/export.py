"""A fitted pipeline as `model.npz` and `manifest.json`, and the proof that they answer alike."""

import hashlib
import io
import json
import math
import platform
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import scoring
from automl.errors import ParityError
from automl.features.encoders import raw_columns
from automl.learners.base import FloatArray
from automl.table import BOOLEAN, CATEGORICAL, DATE, NUMERIC, TEXT, ColumnFormat
from scoring.columns import Column
from scoring.dates import FIRST_SECOND, LAST_SECOND
from scoring.files.written_dates import ISO
from scoring.inputs import Feature, shown_end
from scoring.intervals import Interval
from scoring.model import BITS
from scoring.reader import columns_of

TOLERANCE = 1e-9
PARITY_ROWS = 100
MIN_PARITY_ROWS = 20
# A wide table is checked on fewer rows, and so many of its features are probed one by one.
PARITY_CELLS = 30_000
PROBED_FEATURES = 30
EXAMPLES = 5
# A category with more levels, or longer ones, keeps none of them: its manifest is read at every cold start.
KNOWN_VALUES = 1_000
KNOWN_CHARACTERS = 20_000
ALL_KNOWN_CHARACTERS = 500_000
COMPRESSION = 7
# An array is compressed if so many bytes of it shrink to this share or less.
SAMPLE, WORTHWHILE = 1 << 16, 0.6
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


def input_features(
    frame: pd.DataFrame, formats: Mapping[str, ColumnFormat], columns: Mapping[str, Column] | None = None
) -> list[Feature]:
    """Return what the model is to know about each of its inputs.

    Parameters
    ----------
    frame
        The rows that were learned from.
    formats
        How each of its columns is written.
    columns
        The same as `scoring` takes them: ranges and known values are those that serving compares with.
    """
    types = {name: how.type for name, how in formats.items()}
    raw = raw_columns(frame, types) if columns is None else columns
    characters = min(KNOWN_CHARACTERS, ALL_KNOWN_CHARACTERS // max(1, len(formats)))
    return [
        Feature(
            name=name,
            type=how.type,
            nullable=bool(frame[name].isna().any()),
            date_format=None if how.date_format == ISO else how.date_format,
            missing_words=how.missing_words,
            number_style=how.number_style,
            training_range=_range_of(raw[name], how.type),
            known_values=_known_values(raw[name], how.type, characters),
        )
        for name, how in formats.items()
    ]


def _range_of(column: Column, kind: str) -> tuple[float, float] | None:
    if kind not in {NUMERIC, DATE}:
        return None
    known = column[np.isfinite(column)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    beyond = kind == DATE and not FIRST_SECOND <= low <= high <= LAST_SECOND
    return None if beyond else (low, high)


def _known_values(column: Column, kind: str, characters: int) -> tuple[str | bool, ...] | None:
    """Return the values that training saw, the most frequent first; None where they are too many to keep."""
    if kind == BOOLEAN:
        return tuple(value for value in (False, True) if bool((column == value).any()))
    if kind != CATEGORICAL:
        return None
    counts = Counter(column.tolist())
    counts.pop(None, None)
    if len(counts) > KNOWN_VALUES or sum(map(len, counts)) > characters:
        return None
    return tuple(value for value, _ in counts.most_common())


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


def input_schema(
    title: str, frame: pd.DataFrame, features: Sequence[Feature], interval: Interval | None = None
) -> dict[str, Any]:
    """Return the JSON Schema of one instance.

    Values that training never saw are valid: what it saw stands in annotations, which validators pass over
    and form generators can use (``x-training-range``, ``x-known-values``).
    """
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": {feature.name: _property(frame[feature.name], feature) for feature in features},
        "required": [feature.name for feature in features],
        "additionalProperties": False,
    }
    if interval is not None:
        schema["x-prediction-interval"] = {
            "coverage": interval.coverage,
            "holdout_coverage": interval.holdout_coverage,
        }
    return schema


def _property(series: pd.Series, feature: Feature) -> dict[str, Any]:
    kind = JSON_TYPES[feature.type]
    entry: dict[str, Any] = {"type": [kind, "null"] if feature.nullable else kind}
    known = series.dropna()
    ends = feature.training_range
    saw = (
        "" if ends is None else "; training saw {} to {}".format(*(shown_end(e, feature.type) for e in ends))
    )
    if feature.type == NUMERIC:
        unit = feature.number_style.partition(" ")[2]
        entry["description"] = f"A number in {unit}{saw}." if unit else f"A number{saw}."
        entry["examples"] = [_plain_number(float(np.quantile(known, 0.5, method="nearest")))]
        if ends is not None:
            entry["x-training-range"] = [_plain_number(end) for end in ends]
    elif feature.type == DATE:
        written = "" if feature.date_format is None else f" or {feature.date_format}"
        entry["description"] = f"A date, ISO 8601{written}{saw}."
        entry["examples"] = [_iso(known.max())]
        if ends is not None:
            entry["x-training-range"] = [shown_end(end, DATE) for end in ends]
    elif feature.type == BOOLEAN:
        entry["description"] = "True or false."
        entry["x-known-values"] = list(feature.known_values or ())
    elif feature.type == TEXT:
        entry["description"] = "Free text."
        entry["examples"] = known.value_counts().index[:1].tolist()
    else:
        entry["description"] = "A category; others than those of the training are accepted."
        entry["examples"] = known.value_counts().index[:EXAMPLES].tolist()
        if feature.known_values is None:
            entry["description"] += " Training saw too many to list."
        else:
            entry["x-known-values"] = list(feature.known_values)
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
    """Return the bytes of an npz archive.

    A cold start unpacks them: truths are stored as bits, arrays that get little smaller as they are, and
    others are compressed harder than their size alone is worth, because that unpacks sooner.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            as_bits = array.dtype == np.bool_ and array.ndim == 1
            file = io.BytesIO()
            np.lib.format.write_array(file, _bits(array) if as_bits else array, allow_pickle=False)
            content = file.getvalue()
            entry = zipfile.ZipInfo(f"{name}{BITS}.npy" if as_bits else f"{name}.npy")
            archive.writestr(entry, content, _compression(content), COMPRESSION)
    return buffer.getvalue()


def _bits(truths: NDArray[Any]) -> NDArray[np.uint8]:
    spare = np.array([-len(truths) % 8], dtype=np.uint8)
    return np.concatenate([spare, np.packbits(truths)])


def _compression(content: bytes) -> int:
    middle = max(0, len(content) - SAMPLE) // 2
    sample = content[middle : middle + SAMPLE]
    shrinks = len(zlib.compress(sample, COMPRESSION)) < WORTHWHILE * len(sample)
    return zipfile.ZIP_DEFLATED if shrinks else zipfile.ZIP_STORED


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
