"""Deletes from MLflow what was erased, once no worker can log it any more."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import erasures
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.errors import DependencyError, LeaseHeldError, NotFoundError
from csv_analyzer.leases import Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.records import Erasure, Phase

_SECONDS_NEEDED = 60.0


@dataclass(frozen=True)
class TrackingErasure:
    """Ends the erasures of which only MLflow's part is left.

    Parameters
    ----------
    table : Table
        The catalog's table.
    tracking_uri : str
        MLflow's address; empty where there is none.
    """

    table: Table
    tracking_uri: str

    def run(self, seconds_left: Callable[[], float]) -> int:
        """Delete, oldest first, as long as the time allows; return how many erasures are complete now.

        One that fails keeps none of the others from their turn.
        """
        if not self.tracking_uri:
            return 0
        done = 0
        for erasure in Catalog(self.table).pending_erasures():
            if seconds_left() < _SECONDS_NEEDED:
                break
            done += erasure.phase == Phase.SWEPT and self._erase(erasure, seconds_left())
        return done

    def _erase(self, erasure: Erasure, seconds: float) -> bool:
        try:
            with Leases(self.table).hold(erasures.effect(erasure), seconds) as lease:
                if lease is not None:
                    self._delete(erasure)
                    self.table.write(*erasures.complete(erasure, lease, "deleted"))
                    metrics.add_metric(Metric.ERASURES_COMPLETED, MetricUnit.Count, 1)
                    logger.info("erasure complete", erasure_id=erasure.id)
        except (DependencyError, LeaseHeldError) as error:
            logger.warning("not erased from MLflow yet", erasure_id=erasure.id, reason=str(error))
            metrics.add_metric(Metric.ERASURES_FAILED, MetricUnit.Count, 1)
            return False
        return True

    def _delete(self, erasure: Erasure) -> None:
        from train import tracking  # noqa: PLC0415  # MLflow takes more than a second to import

        for model in sorted({part["model"] for part in erasure.parts}):
            try:
                Catalog(self.table).model(erasure.owner, model)
                there = True
            except NotFoundError:
                there = False
            tracking.erase_versions(
                self.tracking_uri,
                erasure.owner,
                model,
                partial(erasure.covers, model),
                keep_model=there,
            )
