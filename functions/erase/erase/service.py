"""Brings pending erasures to their end, whatever happened to them before."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import erasures, keys
from csv_analyzer.catalog import Catalog, batch_key, erased_key, erasure_key
from csv_analyzer.clearing import Clearing, OutOfTimeError
from csv_analyzer.dynamo import ConditionFailedError, delete, update
from csv_analyzer.errors import CsvAnalyzerError, LeaseHeldError
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.records import Erasure, ErasureKind, Phase
from csv_analyzer.removal import Belongs, abort_uploads, remove_objects
from csv_analyzer.storage import Storage

_ACTOR = "service:erase"
# No step takes longer: a page of a thousand objects.
_STEP_SECONDS = 20.0


@dataclass(frozen=True)
class Eraser:
    """Deletes what was erased.

    Parameters
    ----------
    catalog : Catalog
        Holds the erasures.
    storage : Storage
        The data bucket.
    with_mlflow : bool
        Whether MLflow may hold a part, which the tracking function deletes.
    clock : callable
        Returns the time of day in seconds; replaced in tests.
    """

    catalog: Catalog
    storage: Storage
    with_mlflow: bool
    clock: Callable[[], float] = time.time

    def run(self, seconds_left: Callable[[], float]) -> int:
        """Go on with the erasures that something can be done for, oldest first; return how many got on."""
        advanced = 0
        for erasure in self.catalog.pending_erasures():
            if seconds_left() < _STEP_SECONDS:
                break
            if not self._is_due(erasure):
                continue
            try:
                advanced += self._advance(erasure, seconds_left)
            except OutOfTimeError:
                break
            except LeaseHeldError:
                logger.info("somebody else is on it", erasure_id=erasure.id)
            except (CsvAnalyzerError, ConditionFailedError) as error:
                # One that fails must not keep the others waiting: the next run is its retry.
                logger.exception("erasure not done yet", erasure_id=erasure.id, reason=repr(error))
                metrics.add_metric(Metric.ERASURES_FAILED, MetricUnit.Count, 1)
        return advanced

    def _is_due(self, erasure: Erasure) -> bool:
        if erasure.phase == Phase.CLEARED:
            return self.clock() >= erasure.sweep_at
        return erasure.phase == Phase.BEGUN

    def _advance(self, erasure: Erasure, seconds_left: Callable[[], float]) -> bool:
        table = self.catalog.table
        with Leases(table, self.clock).hold(erasures.effect(erasure), seconds_left()) as lease:
            if lease is None:
                return False
            # The index is behind; the item is not.
            erasure = self.catalog.erasure(erasure.owner, erasure.id)
            if not self._is_due(erasure):
                table.write(lease.given_up())
                return False
            clearing = Clearing(self.catalog, erasure, _ACTOR, lambda: seconds_left() - _STEP_SECONDS)
            cleared = clearing.run()
            self._delete_objects(cleared, seconds_left)
            self._finish(lease, cleared)
        return True

    def _finish(self, lease: Lease, erasure: Erasure) -> None:
        table = self.catalog.table
        if erasure.phase == Phase.BEGUN:
            sweep_at = int(self.clock()) + erasures.SWEEP_SECONDS
            table.write(*erasures.go_on(erasure, lease, Phase.CLEARED, sweep_at=sweep_at))
            return
        unmarked = (
            [delete(erased_key(erasure.owner, erasure.subject))]
            if erasure.kind == ErasureKind.DATASET
            else []
        )
        if self.with_mlflow and erasure.parts:
            table.write(*erasures.go_on(erasure, lease, Phase.SWEPT), *unmarked)
            return
        table.write(*erasures.complete(erasure, lease, "none"), *unmarked)
        metrics.add_metric(Metric.ERASURES_COMPLETED, MetricUnit.Count, 1)
        logger.info("erasure complete", erasure_id=erasure.id)

    def _delete_objects(self, erasure: Erasure, seconds_left: Callable[[], float]) -> None:
        for prefix, belongs in self._places(erasure):
            abort_uploads(self.storage, prefix, belongs)
            for removed in remove_objects(self.storage, prefix, belongs):
                self.catalog.table.write(
                    update(
                        erasure_key(erasure.owner, erasure.id),
                        assign={"phase": erasure.phase},
                        add={"objects": removed.objects, "bytes": removed.bytes},
                    )
                )
                metrics.add_metric(Metric.OBJECTS_ERASED, MetricUnit.Count, removed.objects)
                if seconds_left() < _STEP_SECONDS:
                    raise OutOfTimeError

    def _places(self, erasure: Erasure) -> Iterator[tuple[str, Belongs]]:
        """Where objects of an erasure are, and which of those there are its own."""
        owner = erasure.owner
        if erasure.kind == ErasureKind.DATASET:
            for prefix in keys.of_dataset(owner, erasure.subject):
                yield prefix, lambda _key, _version: True
            mark = self.catalog.table.get(erased_key(owner, erasure.subject))
            if mark and mark["key"].startswith(keys.DROP):
                # The key may have other versions, each of which is a dataset of its own.
                dropped = (mark["key"], mark["version_id"])
                yield mark["key"], lambda key, version: (key, version) == dropped
        for model in sorted({part["model"] for part in erasure.parts}):
            for prefix in keys.of_versions(owner, model):
                yield prefix, _of_versions(erasure, model, prefix)
            for prefix in keys.of_batches(owner, model):
                yield prefix, self._of_batches(erasure, model, prefix)

    def _of_batches(self, erasure: Erasure, model: str, prefix: str) -> Belongs:
        """Objects of batch jobs that are not there: their items were deleted first."""
        there: dict[str, bool] = {}

        def belongs(key: str, _version: str) -> bool:
            batch_id = key.removeprefix(prefix).partition("/")[0]
            if batch_id not in there:
                there.clear()
                there[batch_id] = bool(self.catalog.table.get(batch_key(erasure.owner, model, batch_id)))
            return not there[batch_id]

        return belongs


def _of_versions(erasure: Erasure, model: str, prefix: str) -> Belongs:
    def belongs(key: str, _version: str) -> bool:
        number = key.removeprefix(prefix).partition("/")[0].removesuffix(".json")
        return number.isdecimal() and erasure.covers(model, int(number))

    return belongs
