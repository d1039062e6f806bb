"""Decides what MLflow is to be told, exactly once per version, and survives MLflow being away."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import keys, registry
from csv_analyzer.catalog import Catalog, Version
from csv_analyzer.dynamo import Table
from csv_analyzer.errors import DependencyError, LeaseHeldError
from csv_analyzer.leases import Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.storage import Storage

_MAX_FILE_BYTES = 256 * 1024 * 1024
_BATCH = 25
_SECONDS_NEEDED = 30.0
_FILES = ("manifest.json", "model.npz", keys.REPORT, keys.CARD)


@dataclass(frozen=True)
class TrackingService:
    """Logs published versions to MLflow.

    Parameters
    ----------
    table : Table
        The catalog's table.
    storage : Storage
        The data bucket.
    tracking_uri : str
        MLflow's address; empty where there is none (versions then wait until there is one).
    """

    table: Table
    storage: Storage
    tracking_uri: str

    def log_pending(self, seconds_left: Callable[[], float]) -> int:
        """Log the versions that MLflow does not know, oldest first; return how many it now knows."""
        if not self.tracking_uri:
            return 0
        logged = 0
        for version in Catalog(self.table).untracked(_BATCH):
            if seconds_left() < _SECONDS_NEEDED or not self.log(version, seconds_left()):
                break
            logged += 1
        return logged

    def log(self, version: Version, seconds: float) -> bool:
        """Log one version if MLflow answers; say whether it is logged now.

        The model is served whether or not this works: a failure leaves the version pending for
        the schedule.
        """
        if not self.tracking_uri:
            return False
        effect = f"track {version.owner}/{version.model}/{version.version}"
        try:
            with Leases(self.table).hold(effect, max(seconds, _SECONDS_NEEDED)) as lease:
                if lease is not None:
                    registry.tracked(self.table, lease, version, self._log(version))
                    metrics.add_metric(Metric.TRACKING_LOGGED, MetricUnit.Count, 1)
        except (DependencyError, LeaseHeldError) as error:
            logger.warning("version not logged to MLflow yet", version=effect, reason=str(error))
            metrics.add_metric(Metric.TRACKING_FAILED, MetricUnit.Count, 1)
            return False
        return True

    def _log(self, version: Version) -> str:
        from train import tracking  # noqa: PLC0415  # MLflow takes more than a second to import

        place = (version.owner, version.model, version.version)
        in_production = Catalog(self.table).model(version.owner, version.model).production == version.version
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file_name in _FILES:
                body = self.storage.get(keys.model(*place, file_name), _MAX_FILE_BYTES)
                (folder / file_name).write_bytes(body)
            return tracking.log_version(self.tracking_uri, version, folder, in_production=in_production)
