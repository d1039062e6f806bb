"""A stored model: two files, their checksums, and what can be asked of them."""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ensemble import Ensemble
from scoring.errors import ModelError
from scoring.features import CODES, NUMBERS, TERMS, Column, Encoders, FloatArray
from scoring.inputs import Feature, Instance, Reader, Rows
from scoring.intervals import Interval
from scoring.memory import Memory

FORMAT_VERSION = "2.1"
CHUNK = 2048


class Model:
    """A loaded model.

    Parameters
    ----------
    manifest
        The parsed manifest.
    arrays
        The arrays of ``model.npz``.

    Raises
    ------
    ModelError
        When manifest and arrays do not make a model.
    """

    def __init__(self, manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self.manifest: dict[str, Any] = dict(manifest)
        try:
            self.task: str = manifest["task"]
            self.classes: list[str] = list(manifest["classes"])
            self.schema: dict[str, Any] = manifest["schema"]
            self.example: dict[str, Any] = manifest["example"]
            self.features = [Feature.from_json(feature) for feature in manifest["features"]]
            self._reader = Reader(self.features, manifest["unused_columns"])
            interval = manifest.get("interval") if self.task == "regression" else None
            self.interval = None if interval is None else Interval.from_json(interval)
            self._encoders = Encoders.from_json(manifest["encoders"])
            outputs = max(1, len(self.classes))
            sizes = {
                NUMBERS: [0] * len(self._encoders.names),
                **{block: [step.size for step in self._encoders.of(block)] for block in (CODES, TERMS)},
            }
            self._estimator = Ensemble(manifest["model"], arrays, outputs, sizes)
            self._decision = np.asarray(
                manifest["model"].get("decision") or [1.0] * outputs, dtype=np.float64
            )
            memory = manifest["model"].get("memory")
            self._memory = memory and Memory(memory["columns"], memory["trust"], arrays, outputs)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"The manifest is incomplete or malformed: {error}.") from error
        read = self._encoders.read.union(self._memory.names if self._memory else ())
        if not read <= {feature.name for feature in self.features}:
            raise ModelError("The model reads columns that are none of its features.")
        if (
            self._decision.shape != (outputs,)
            or not ((self._decision > 0) & np.isfinite(self._decision)).all()
        ):
            raise ModelError("The model's rule of decision does not fit its classes.")

    def read(self, instances: Sequence[Instance], *, strict: bool = False) -> Rows:
        """Read instances: their raw columns, and what is unusual about them.

        Parameters
        ----------
        instances
            One object per row, a value per feature.
        strict
            Refuse numbers outside the training range and categories that training never saw.

        Raises
        ------
        InputError
            With every fault of every instance.
        """
        return self._reader.read(instances, strict=strict)

    def answer(self, rows: Rows) -> Iterator[dict[str, Any]]:
        """Score rows at once, then describe the answers one by one, in the order of the instances.

        Yields
        ------
        dict
            ``{"prediction": label, "probabilities": {label: p}}`` for a classifier; for a regressor
            ``{"prediction": number, "interval": {"low": number, "high": number, "coverage": share}}``,
            without the interval where training found none.
        """
        outputs = self.score(rows.columns, rows.count)
        return self._numbers(outputs[:, 0]) if self.task == "regression" else self._labels(outputs)

    def predict(self, instances: Sequence[Instance], *, strict: bool = False) -> list[dict[str, Any]]:
        """Read and score instances; :meth:`read` and :meth:`answer` in one.

        Raises
        ------
        InputError
            With every fault of every instance.
        """
        return list(self.answer(self.read(instances, strict=strict)))

    def _numbers(self, predicted: FloatArray) -> Iterator[dict[str, Any]]:
        interval = self.interval
        if interval is None:
            for value in predicted.tolist():
                yield {"prediction": value}
            return
        lows, highs = interval.ends(predicted)
        for value, low, high in zip(predicted.tolist(), lows.tolist(), highs.tolist(), strict=True):
            yield {
                "prediction": value,
                "interval": {"low": low, "high": high, "coverage": interval.coverage},
            }

    def _labels(self, probabilities: FloatArray) -> Iterator[dict[str, Any]]:
        for winner, row in zip(self.decide(probabilities).tolist(), probabilities, strict=True):
            yield {
                "prediction": self.classes[winner],
                "probabilities": dict(zip(self.classes, row.tolist(), strict=True)),
            }

    def decide(self, probabilities: FloatArray) -> NDArray[np.intp]:
        """Return the position of the class that answers each row.

        It is the likeliest one, unless training found weights of the classes that serve its metric better.
        """
        winners: NDArray[np.intp] = (probabilities * self._decision).argmax(axis=1)
        return winners

    def score(self, columns: Mapping[str, Column], rows: int) -> FloatArray:
        """Return class probabilities, or one column of numbers, for raw columns.

        Missing values are accepted everywhere; the caller decides whether they are allowed.
        """
        width = max(1, len(self.classes))
        blocks = [np.zeros((0, width))]
        for start in range(0, rows, CHUNK):
            part = {name: column[start : start + CHUNK] for name, column in columns.items()}
            encoded = self._encoders.encode(part, min(CHUNK, rows - start))
            answers = self._estimator.answer(encoded)
            blocks.append(self._memory.blend(part, answers) if self._memory else answers)
        return np.concatenate(blocks)


def unpacked_bytes(npz: bytes) -> int:
    """Return how many bytes the arrays of a ``model.npz`` take in memory, before they are loaded.

    Raises
    ------
    ModelError
        When it is no archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(npz)) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ModelError("The model's arrays cannot be read safely.") from error


def load(npz: bytes, manifest: bytes, npz_sha256: str, manifest_sha256: str) -> Model:
    """Load a stored model after checking that both files are what was registered.

    Parameters
    ----------
    npz, manifest
        The bytes of ``model.npz`` and ``manifest.json``.
    npz_sha256, manifest_sha256
        Their expected SHA-256 digests, in hexadecimal.

    Raises
    ------
    ModelError
        On a wrong checksum, an unknown major format version, object arrays or damaged content.
    """
    for name, content, expected in (
        ("model.npz", npz, npz_sha256),
        ("manifest.json", manifest, manifest_sha256),
    ):
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), expected.lower()):
            raise ModelError(f"The checksum of {name} is not the registered one.")
    try:
        content = json.loads(manifest)
    except ValueError as error:
        raise ModelError("The manifest is not JSON.") from error
    if not isinstance(content, dict):
        raise ModelError("The manifest is not a JSON object.")
    version = str(content.get("format_version", ""))
    if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
        raise ModelError(
            f"The model has format {version!r}; this version reads {FORMAT_VERSION.partition('.')[0]}.x."
        )
    return Model(content, _arrays(npz))


def _arrays(npz: bytes) -> dict[str, NDArray[np.generic]]:
    try:
        with np.load(io.BytesIO(npz), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError("The model's arrays cannot be read safely.") from error
