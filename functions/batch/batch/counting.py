"""Counts of the rows that a job scored, for drift to be measured by: those of committed work only."""

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import ids, keys
from csv_analyzer.errors import DependencyError
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import count_unusual, logger, metrics
from csv_analyzer.records import Batch
from csv_analyzer.storage import Storage
from scoring.drift.observation import Observation
from scoring.drift.reference import Reference
from scoring.files.batch import Scored


class Counting:
    """Counts of one worker since its last commit.

    A worker that is killed before a commit has written nothing of what will be scored again, and one that is
    killed right behind it has lost a count: rows count once at most.

    Parameters
    ----------
    storage : Storage
        Where counts are written to.
    batch : Batch
        The job.
        The checkpoint says up to which offset in the file rows have been counted before.
    manifest_sha256 : str
        Of the model.
    reference : Reference or None
        Of the model, if it has one.
    """

    def __init__(
        self, storage: Storage, batch: Batch, manifest_sha256: str, reference: Reference | None
    ) -> None:
        self._storage = storage
        self._version = VersionKey(batch.owner, batch.model, batch.version)
        self._manifest_sha256 = manifest_sha256
        self._reference = reference
        self._observed: Observation | None = None
        # Also where the work begins anew because its results were lost.
        self.reached: int = (batch.checkpoint or {}).get("counted_to", 0)

    def add(self, scored: Scored) -> None:
        """Add the rows of a block, unless they have been counted before."""
        offset = scored.state["place"]["offset"]
        if offset <= self.reached:
            return
        self.reached = offset
        if scored.counts is None:
            return
        counts, rows = scored.counts, scored.counted_rows
        if self._observed is not None:
            counts, rows = counts + self._observed.counts, rows + self._observed.rows
        self._observed = Observation(self._manifest_sha256, rows, counts)

    def committed(self) -> None:
        """Write what was counted; the job does not fail by it."""
        observed, self._observed = self._observed, None
        if observed is None or not observed.rows:
            return
        if self._reference is not None:
            count_unusual(self._reference.unusual(observed.counts))
        place = ObservationKey(self._version, ids.now()[:10], ids.new_id())
        try:
            self._storage.put(keys.observation(place), observed.encode(), "application/json")
        except DependencyError:
            logger.exception("observations lost", rows=observed.rows)
            metrics.add_metric(Metric.OBSERVATIONS_FAILED, MetricUnit.Count, 1)
            return
        metrics.add_metric(Metric.OBSERVED_ROWS, MetricUnit.Count, observed.rows)
