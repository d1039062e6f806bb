"""Decides what MLflow is to be told, exactly once per version and after every change of stages.

It survives MLflow being away: what could not be told stays marked as pending in the catalog.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import keys, registry
from csv_analyzer.catalog import Catalog, model_key
from csv_analyzer.dynamo import ConditionFailedError, Table
from csv_analyzer.errors import DependencyError, LeaseHeldError, NotFoundError
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.records import PENDING_ATTRIBUTE, Model, Pending, Version
from csv_analyzer.storage import Storage

_MAX_FILE_BYTES = 256 * 1024 * 1024
_BATCH = 25
_SECONDS_NEEDED = 30.0
_ATTEMPTS = 3
_PAGE = 100
_FILES = ("manifest.json", "model.npz", keys.REPORT, keys.CARD)


@dataclass(frozen=True)
class TrackingService:
    """Logs published versions to MLflow, and mirrors their stages there.

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
        """Log the versions that MLflow does not know, oldest first; return how many it now knows.

        One that fails keeps none of the others from their turn.
        """
        logged = 0
        for version in Catalog(self.table).untracked(_BATCH) if self.tracking_uri else ():
            if seconds_left() < _SECONDS_NEEDED:
                break
            logged += self.log(version, seconds_left())
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
        except (NotFoundError, ConditionFailedError):
            # It was erased meanwhile; what MLflow has of it is deleted with the rest.
            return True
        except (DependencyError, LeaseHeldError) as error:
            logger.warning("version not logged to MLflow yet", version=effect, reason=str(error))
            metrics.add_metric(Metric.TRACKING_FAILED, MetricUnit.Count, 1)
            return False
        return True

    def mirror_pending(self, seconds_left: Callable[[], float]) -> int:
        """Tell MLflow the stages of the models that changed, oldest first; return of how many it now knows.

        One that fails keeps none of the others from their turn.
        """
        mirrored = 0
        for model in Catalog(self.table).unmirrored(_BATCH) if self.tracking_uri else ():
            if seconds_left() < _SECONDS_NEEDED:
                break
            mirrored += self.mirror(model.owner, model.name, seconds_left())
        return mirrored

    def mirror(self, owner: str, name: str, seconds: float) -> bool:
        """Tell MLflow the stages of a model's versions if it answers; say whether it knows them now.

        One worker at a time does so for a model, for MLflow takes what comes last. What changes meanwhile is
        told after it; a failure leaves the model pending for the schedule.
        """
        if not self.tracking_uri:
            return False
        effect = f"mirror {owner}/{name}"
        for _ in range(_ATTEMPTS):
            try:
                with Leases(self.table).hold(effect, max(seconds, _SECONDS_NEEDED)) as lease:
                    # The lease is given up and never done, so that it is always there to be had.
                    if lease is None or not self._mirror(owner, name, lease):
                        return True
                metrics.add_metric(Metric.STAGES_MIRRORED, MetricUnit.Count, 1)
            except ConditionFailedError:
                continue
            except (DependencyError, LeaseHeldError) as error:
                logger.warning("stages not told to MLflow yet", model=effect, reason=str(error))
                metrics.add_metric(Metric.TRACKING_FAILED, MetricUnit.Count, 1)
                return False
            return True
        return False

    def _mirror(self, owner: str, name: str, lease: Lease) -> bool:
        from train import tracking  # noqa: PLC0415  # MLflow takes more than a second to import

        catalog = Catalog(self.table)
        item = self.table.get(model_key(owner, name)) or {}
        if item.get(PENDING_ATTRIBUTE) != Pending.MIRROR:
            self.table.write(lease.given_up())
            return False
        model = Model.from_item(item)
        versions: list[Version] = []
        before: str | None = None
        while True:
            page, before = catalog.versions(owner, name, _PAGE, before)
            versions += page
            if before is None:
                break
        tracking.mirror_stages(self.tracking_uri, model, versions)
        registry.mirrored(self.table, lease, model)
        return True

    def _log(self, version: Version) -> str:
        from train import tracking  # noqa: PLC0415  # MLflow takes more than a second to import

        place = (version.owner, version.model, version.version)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file_name in _FILES:
                body = self.storage.get(keys.model(*place, file_name), _MAX_FILE_BYTES)
                (folder / file_name).write_bytes(body)
            return tracking.log_version(self.tracking_uri, version, folder)
