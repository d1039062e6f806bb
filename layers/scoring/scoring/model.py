"""A stored model: two files, their checksums, and what can be asked of them."""

import hashlib
import hmac
import io
import json
import math
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scoring.blocks import Encoders
from scoring.cleaning.recipe import FittedRecipe
from scoring.columns import Column, FloatArray, Table
from scoring.encoders import CODES, NUMBERS, TERMS
from scoring.errors import DAMAGED, ExplanationError, InputError, ModelError
from scoring.families.ensemble import Ensemble
from scoring.inputs import TEXT_TYPES, Feature, Instance
from scoring.intervals import Interval
from scoring.memory import Memory
from scoring.reader import Reader, Rows

if TYPE_CHECKING:
    from scoring.drift.reference import Reference
    from scoring.reasons import Explainer

FORMAT_VERSION = "3.2"
CHUNK = 2048
# Each has a chunk of its own in memory.
MAX_THREADS = 4
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
MAX_BACKGROUND = 64
# Of an array of truths that is stored as bits.
BITS = ".bits"


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
            types = {feature.name: feature.type for feature in self.features}
            self._recipe = FittedRecipe.from_json(manifest.get("recipe") or [], types)
            self._encoders = Encoders.from_json(manifest["encoders"])
            outputs = max(1, len(self.classes))
            sizes = {
                NUMBERS: [0] * len(self._encoders.names),
                **{block: [step.size for step in self._encoders.of(block)] for block in (CODES, TERMS)},
            }
            self._estimator = Ensemble(manifest["model"], arrays, outputs, sizes)
            decision = manifest["model"].get("decision")
            self._decision = None if not decision else np.asarray(decision, dtype=np.float64)
            memory = manifest["model"].get("memory")
            self._memory = memory and Memory(memory["columns"], memory["trust"], arrays, outputs)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"The manifest is incomplete or malformed: {error}.") from error
        read = self._encoders.read.union(self._memory.names if self._memory else ())
        self._check_columns(read)
        self._recipe = self._recipe.narrowed(read)
        self._read = list(self._recipe.inputs)
        self._background = self._background_of(manifest.get("background"))
        if self._decision is not None and (
            self._decision.shape != (outputs,)
            or not ((self._decision > 0) & np.isfinite(self._decision)).all()
        ):
            raise ModelError("The model's rule of decision does not fit its classes.")

    def _check_columns(self, read: Set[str]) -> None:
        types = self._recipe.types
        if not read <= types.keys():
            raise ModelError("The model reads columns that are none of its features.")
        if any(
            step.texts != (types[name] in TEXT_TYPES) for step in self._encoders.steps for name in step.read
        ):
            raise ModelError("The model's encoders read texts as numbers, or numbers as texts.")

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

    @cached_property
    def reference(self) -> "Reference | None":
        """What training saw, which drift is measured by; None for models of before format 3.1.

        Raises
        ------
        ModelError
            When it does not fit the model.
        """
        from scoring.drift.reference import Reference  # noqa: PLC0415 - a first answer need not wait for it

        return Reference.from_manifest(self.manifest, self.features)

    def answer(
        self, rows: Rows, *, explain: bool = False, observe: Callable[[FloatArray], object] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Score rows at once, then describe the answers one by one, in the order of the instances.

        Parameters
        ----------
        rows
            From :meth:`read`.
        explain
            Whether each answer has its ``reasons``, see :meth:`explain`.
        observe
            Called once, with what :meth:`score` returned.

        Yields
        ------
        dict
            ``{"prediction": label, "probabilities": {label: p}}`` for a classifier; for a regressor
            ``{"prediction": number, "interval": {"low": number, "high": number, "coverage": share}}``,
            without the interval where training found none.

        Raises
        ------
        ExplanationError
            At once, when reasons are asked for that cannot be given.
        """
        if explain:
            self._check_explainable(rows.count)
        outputs = self.score(rows.columns, rows.count)
        if observe is not None:
            observe(outputs)
        answers = self._numbers(outputs[:, 0]) if self.task == "regression" else self._labels(outputs)
        if not explain:
            return answers
        reasons = self.explain(rows, outputs)
        return ({**answer, "reasons": why} for answer, why in zip(answers, reasons, strict=True))

    def predict(
        self, instances: Sequence[Instance], *, strict: bool = False, explain: bool = False
    ) -> list[dict[str, Any]]:
        """Read and score instances; :meth:`read` and :meth:`answer` in one.

        Raises
        ------
        InputError
            With every fault of every instance.
        ExplanationError
            When reasons are asked for that cannot be given.
        """
        return list(self.answer(self.read(instances, strict=strict), explain=explain))

    @property
    def explainable(self) -> int:
        """How many instances can be explained at once; 0 where the model stores no background rows."""
        from scoring.reasons import most_instances  # noqa: PLC0415 - few requests explain, all start

        if self._background is None:
            return 0
        return most_instances(self._background.count, len(self._read))

    def explain(self, rows: Rows, outputs: FloatArray) -> list[dict[str, Any]]:
        """Say what each feature adds to the mean answer; :mod:`scoring.reasons` has the method.

        Parameters
        ----------
        rows
            From :meth:`read`.
        outputs
            From :meth:`score`.

        Returns
        -------
        list of dict
            ``class`` (of a classifier: the one that answers, whose probability is explained), ``base`` (the
            mean answer of the background rows) and ``contributions``, the largest first: ``feature``,
            ``value`` as it was read, ``contribution``. They add up to the answer less the base value, but for
            rounding.

        Raises
        ------
        ExplanationError
            When the model stores no background rows, or there are more than ``explainable`` rows.
        """
        from scoring.reasons import reasons_of  # noqa: PLC0415 - as above

        self._check_explainable(rows.count)
        winners = self.decide(outputs)
        labels = [self.classes[winner] if self.classes else None for winner in winners.tolist()]
        bases, contributions = self._explainer.explain(rows.columns, outputs, winners)
        return [
            reasons_of(
                rows.columns, place, self.features, label, base, dict(zip(self._read, row, strict=True))
            )
            for place, (label, base, row) in enumerate(
                zip(labels, bases.tolist(), contributions.tolist(), strict=True)
            )
        ]

    def _check_explainable(self, count: int) -> None:
        most = self.explainable
        if not most:
            raise ExplanationError(
                "no_background", "The model gives no reasons: it was trained without background rows."
            )
        if count > most:
            raise ExplanationError(
                "too_many", f"The model explains at most {most} instances at once; there are {count:,}."
            )

    @cached_property
    def _explainer(self) -> "Explainer":
        from scoring.reasons import Explainer  # noqa: PLC0415 - as above

        columns = self._background.columns if self._background else {}
        return Explainer(
            self.score, partial(self.score, recall=False) if self._memory else None, columns, self._read
        )

    def _background_of(self, rows: Any) -> Rows | None:
        if rows is None:
            return None
        try:
            instances = [dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)]
            if not 1 <= len(instances) <= MAX_BACKGROUND:
                raise ModelError(f"A model has 1 to {MAX_BACKGROUND} background rows, or none.")
            return self.read(instances)
        except (AttributeError, TypeError, ValueError, InputError) as error:
            raise ModelError(f"The model's background rows do not fit it: {error}") from error

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
        classes = self.classes
        # Loading has counted the members' answers; counting each row's again takes many rows a tenth longer.
        for winner, row in zip(self.decide(probabilities).tolist(), probabilities.tolist(), strict=True):
            yield {"prediction": classes[winner], "probabilities": dict(zip(classes, row))}  # noqa: B905

    def decide(self, probabilities: FloatArray) -> NDArray[np.intp]:
        """Return the position of the class that answers each row.

        It is the likeliest one, unless training found weights of the classes that serve its metric better.
        """
        weighted = probabilities if self._decision is None else probabilities * self._decision
        winners: NDArray[np.intp] = weighted.argmax(axis=1)
        return winners

    def decided(self, outputs: FloatArray) -> FloatArray | NDArray[np.intp]:
        """Return what answers each row: the position of a class, or the number."""
        return outputs[:, 0] if self.task == "regression" else self.decide(outputs)

    def score(self, columns: Mapping[str, Column], rows: int, *, recall: bool = True) -> FloatArray:
        """Return class probabilities, or one column of numbers, for raw columns.

        Missing values are accepted everywhere; the caller decides whether they are allowed. Without
        ``recall``, rows that training has seen are answered as any other.
        """
        if 0 < rows <= CHUNK:
            return self._score_chunk(columns, rows, recall=recall)

        def scored(start: int) -> FloatArray:
            part = slice(start, start + CHUNK)
            raw = (
                columns.part(part)
                if isinstance(columns, Table)
                else {name: column[part] for name, column in columns.items()}
            )
            return self._score_chunk(raw, min(CHUNK, rows - start), recall=recall)

        return np.concatenate(
            [np.zeros((0, max(1, len(self.classes)))), *_side_by_side(scored, range(0, rows, CHUNK))]
        )

    def _score_chunk(self, raw: Mapping[str, Column], rows: int, *, recall: bool) -> FloatArray:
        part = self._recipe.apply(raw)
        answers = self._estimator.answer(self._encoders.encode(part, rows))
        return self._memory.blend(part, answers) if self._memory and recall else answers


def _side_by_side(scored: Callable[[int], FloatArray], starts: range) -> Iterable[FloatArray]:
    """Return what is scored from each start, by as many threads as the machine has processors for."""
    threads = min(MAX_THREADS, os.cpu_count() or 1, len(starts))
    if threads < 2:
        return map(scored, starts)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - few requests have so many rows

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(scored, starts))


def unpacked_bytes(npz: bytes) -> int:
    """Return how many bytes the arrays of a ``model.npz`` take in memory, before they are loaded.

    Raises
    ------
    ModelError
        When it is no archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(npz)) as archive:
            return sum(
                entry.file_size * (8 if entry.filename.endswith(f"{BITS}.npy") else 1)
                for entry in archive.infolist()
            )
    except DAMAGED as error:
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
    major, _, minor = FORMAT_VERSION.partition(".")
    its_major, _, its_minor = version.partition(".")
    if its_major != major:
        raise ModelError(f"The model has format {version!r}; this version reads {major}.x.")
    try:
        return Model(content, read_arrays(npz))
    except ModelError as error:
        if not its_minor.isdecimal() or int(its_minor) <= int(minor):
            raise
        raise ModelError(
            f"{error} It has format {version}; what is newer than {FORMAT_VERSION} may need a newer release."
        ) from error


def read_arrays(npz: bytes) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of ``model.npz``.

    Raises
    ------
    ModelError
        When the archive is damaged or holds objects.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(npz)) as archive:
            stored = {
                info.filename.removesuffix(".npy"): _array(archive.read(info)) for info in archive.infolist()
            }
        return {
            name.removesuffix(BITS): _truths(array) if name.endswith(BITS) else array
            for name, array in stored.items()
        }
    except DAMAGED as error:
        raise ModelError("The model's arrays cannot be read safely.") from error


def _array(content: bytes) -> NDArray[np.generic]:
    """Return the array of a ``.npy`` file, which shares its bytes; ``np.load`` copies them bit by bit."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"the array is written in version {version}")
    shape, fortran, dtype = HEADERS[version](file)
    if dtype.hasobject or math.prod(shape) * dtype.itemsize > len(content) - file.tell():
        raise ValueError("the array holds objects, or less than it says")
    return np.ndarray(shape, dtype, content, file.tell(), order="F" if fortran else "C")


def _truths(bits: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return the truths that bits stand for; the first byte says how many of the last one say nothing."""
    if bits.dtype != np.uint8 or bits.ndim != 1 or not len(bits) or bits[0] >= min(8, 8 * len(bits) - 7):
        raise ValueError("truths are stored otherwise")
    stored: NDArray[np.uint8] = bits.astype(np.uint8, copy=False)
    return np.unpackbits(stored[1:], count=8 * (len(stored) - 1) - int(stored[0])).view(np.bool_)
