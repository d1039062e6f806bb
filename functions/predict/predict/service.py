"""Predictions by the version in production, or by one that is asked for."""

import time
from collections import OrderedDict
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

import scoring
from csv_analyzer import keys
from csv_analyzer.catalog import Catalog, Version
from csv_analyzer.errors import InvalidRequestError
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import metrics
from csv_analyzer.storage import Storage

MAX_MODEL_BYTES = 256 * 1024 * 1024
# Bound on what is kept in memory: the arrays of all kept models, as bytes of their files.
MAX_KEPT_BYTES = 256 * 1024 * 1024


class Predictor:
    """Predicts with models kept in memory, the longest unused forgotten first.

    Parameters
    ----------
    catalog : Catalog
        Says which version is in production and which checksums its files must have.
    storage : Storage
        Holds the files.
    """

    def __init__(self, catalog: Catalog, storage: Storage) -> None:
        self._catalog = catalog
        self._storage = storage
        # By checksums, for a model that was erased and trained anew has the same name and number.
        self._kept: OrderedDict[tuple[str, str], tuple[scoring.Model, int]] = OrderedDict()

    def predict(
        self, owner: str, name: str, number: int | None, instances: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Predict every instance.

        Raises
        ------
        NotFoundError
            If the owner has no such model or version.
        InvalidRequestError
            If instances don't follow the model's schema; every fault is named.
        """
        pointer = self._catalog.model(owner, name)
        version = self._catalog.version(owner, name, number or pointer.production)
        model = self._load(owner, version)
        start = time.perf_counter()
        try:
            predictions = model.predict(instances)
        except scoring.InputError as error:
            raise InvalidRequestError("Some instances have faults.", error.faults) from error
        elapsed = (time.perf_counter() - start) * 1000
        metrics.add_metric(Metric.SCORING_MILLISECONDS, MetricUnit.Milliseconds, elapsed)
        metrics.add_metric(Metric.PREDICTIONS, MetricUnit.Count, len(instances))
        return {
            "model": name,
            "version": version.version,
            "stage": version.stage(pointer),
            "predictions": predictions,
        }

    def _load(self, owner: str, version: Version) -> scoring.Model:
        content = (version.npz_sha256, version.manifest_sha256)
        if content in self._kept:
            self._kept.move_to_end(content)
            return self._kept[content][0]
        npz, manifest = (
            self._storage.get(keys.model(owner, version.model, version.version, file_name), MAX_MODEL_BYTES)
            for file_name in ("model.npz", "manifest.json")
        )
        model = scoring.load(npz, manifest, version.npz_sha256, version.manifest_sha256)
        metrics.add_metric(Metric.MODEL_LOADS, MetricUnit.Count, 1)
        self._kept[content] = (model, len(npz) + len(manifest))
        while sum(size for _, size in self._kept.values()) > MAX_KEPT_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return model
