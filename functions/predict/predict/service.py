"""Predictions by the version in production, or by one that is asked for."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

import scoring
from csv_analyzer import keys, serving
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import (
    ConflictError,
    Fault,
    InvalidRequestError,
    ModelDamagedError,
    PayloadTooLargeError,
)
from csv_analyzer.keys import VersionKey
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import count_unusual, metrics
from csv_analyzer.records import Stage, Version
from csv_analyzer.storage import Storage
from predict.cache import BoundedCache, Moments, held_bytes
from predict.observations import Observations
from predict.request import Body

_MEBIBYTE = 1024 * 1024
# Of one model: each of its files, and its arrays in memory. A test holds them against the function's memory.
MAX_FILE_BYTES = 128 * _MEBIBYTE
MAX_MODEL_BYTES = 384 * _MEBIBYTE
# Of all models that are kept in memory.
MAX_KEPT_BYTES = 256 * _MEBIBYTE
# A promotion is noticed that soon.
FRESH_SECONDS = 1.0


class Predictor:
    """Predicts with models kept in memory, the longest unused forgotten first.

    Parameters
    ----------
    catalog : Catalog
        Says which version is in production and which checksums its files must have.
    storage : Storage
        Holds the files.
    clock : callable
        Returns the time of day in seconds; replaced in tests.
    """

    def __init__(self, catalog: Catalog, storage: Storage, clock: Callable[[], float] = time.time) -> None:
        self._catalog = catalog
        self._storage = storage
        self._found: Moments[tuple[Version, Stage]] = Moments(FRESH_SECONDS, clock)
        self._kept: BoundedCache[scoring.Model] = BoundedCache(MAX_KEPT_BYTES)
        self.observations = Observations(storage, clock)

    def predict(self, owner: str, name: str, wanted: int | Stage, body: Body) -> dict[str, Any]:
        """Predict every instance.

        Parameters
        ----------
        owner, name : str
            Whose model.
        wanted : int or Stage
            A version, or the one of a stage; of staging the newest.
        body : Body
            The instances, and how to treat them.

        Returns
        -------
        dict
            The answer; ``predictions`` is an iterator that describes one instance after the other.

        Raises
        ------
        NotFoundError
            If the owner has no such model or version.
        InvalidRequestError
            If instances don't follow the model's schema, every fault of which is named; or if the model can
            give no reasons, or not for so many instances.
        ConflictError
            If the version is archived, none is in production, or the model is too large to be served.
        ModelDamagedError
            If its files are not those that were registered.
        """
        version, stage = self._found.get(
            (owner, name, wanted), lambda: serving.find(self._catalog, owner, name, wanted)
        )
        model = self._load(owner, version)
        place = VersionKey(owner, name, version.version)
        start = time.perf_counter()
        try:
            rows = model.read(body.instances, strict=body.strict)
            observe = partial(self.observations.count, place, version.manifest_sha256, model, rows)
            predictions = model.answer(rows, explain=body.explain, observe=observe)
        except scoring.InputError as error:
            raise InvalidRequestError(str(error), error.faults) from error
        except scoring.ExplanationError as error:
            fault: Fault = {"location": "body.explain", "code": error.code, "message": str(error)}
            raise InvalidRequestError("The answers can't be explained.", [fault]) from error
        elapsed = (time.perf_counter() - start) * 1000
        metrics.add_metric(Metric.SCORING_MILLISECONDS, MetricUnit.Milliseconds, elapsed)
        metrics.add_metric(Metric.PREDICTIONS, MetricUnit.Count, rows.count)
        count_unusual(rows.unusual)
        return {
            "model": name,
            "version": version.version,
            "stage": stage,
            "predictions": predictions,
            "warnings": rows.warnings,
            "warnings_total": rows.warnings_total,
        }

    def _load(self, owner: str, version: Version) -> scoring.Model:
        # By checksums, for a model that was erased and trained anew has the same name and number.
        content = (version.npz_sha256, version.manifest_sha256)
        model = self._kept.get(content)
        if model is None:
            npz, manifest = (self._read(owner, version, name) for name in ("model.npz", "manifest.json"))
            try:
                size = scoring.unpacked_bytes(npz)
                if size > MAX_MODEL_BYTES:
                    raise _too_large(version)
                self._kept.make_room(size)
                model = scoring.load(npz, manifest, version.npz_sha256, version.manifest_sha256)
            except scoring.ModelError as error:
                raise ModelDamagedError(version.version, str(error)) from error
            metrics.add_metric(Metric.MODEL_LOADS, MetricUnit.Count, 1)
            self._kept.put(content, model, held_bytes(model))
        return model

    def _read(self, owner: str, version: Version, file_name: str) -> bytes:
        key = keys.model(owner, version.model, version.version, file_name)
        try:
            return self._storage.get(key, MAX_FILE_BYTES)
        except PayloadTooLargeError as error:
            raise _too_large(version) from error


def _too_large(version: Version) -> ConflictError:
    return ConflictError(
        f"Version {version.version} of the model is larger than what is served: train a compact one."
    )
