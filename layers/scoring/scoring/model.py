"""A stored model: two files, their checksums, and what can be asked of them."""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ensemble import Ensemble
from scoring.errors import ModelError
from scoring.features import CODES, NUMBERS, TERMS, Column, Encoders, FloatArray
from scoring.inputs import Feature, Instance, check, columns_of
from scoring.memory import Memory

FORMAT_VERSION = "2.0"
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
            self._unused: list[str] = manifest["unused_columns"]
            self.features = [
                Feature(**{**feature, "missing_words": tuple(feature["missing_words"])})
                for feature in manifest["features"]
            ]
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

    def validate(self, instances: Sequence[Instance]) -> None:
        """Refuse instances that do not fit the schema.

        Raises
        ------
        InputError
            With every fault of every instance.
        """
        check(instances, self.features, self._unused, self.schema)

    def predict(self, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """Validate and score instances.

        Returns
        -------
        list of dict
            ``{"prediction": label, "probabilities": {label: p}}`` for a classifier,
            ``{"prediction": number}`` for a regressor, in the order of the instances.

        Raises
        ------
        InputError
            With every fault of every instance.
        """
        self.validate(instances)
        outputs = self.score(columns_of(instances, self.features), len(instances))
        if self.task == "regression":
            return [{"prediction": value} for value in outputs[:, 0].tolist()]
        return [
            {
                "prediction": self.classes[winner],
                "probabilities": dict(zip(self.classes, row, strict=True)),
            }
            for winner, row in zip(self.decide(outputs).tolist(), outputs.tolist(), strict=True)
        ]

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
