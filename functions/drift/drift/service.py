"""Folds observations exactly once each, and writes what they say.

A version's document is replaced only if nobody has replaced it since it was read, and names the observations
that are in it. So whatever is repeated, killed or done twice at the same time, none counts twice: an
observation that is met again is known by its id. It may be met as long as its writer tries to write it, which
is an hour; one that comes much later than its id says is refused, so ids need not be known for ever.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import batched
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import ids, keys, quality
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import ConflictError, CsvAnalyzerError, NotFoundError
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.records import Version
from csv_analyzer.storage import Listed, Storage, Tagged
from drift.document import Document, is_within
from scoring.drift.observation import Observation
from scoring.drift.reference import Reference
from scoring.drift.report import DRIFTED, drift_report
from scoring.errors import ModelError
from scoring.inputs import Feature

MAX_MANIFEST_BYTES = 128 * 1024 * 1024
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_OBSERVATION_BYTES = 4 * 1024 * 1024
# Of one version in one run; the others come in the next.
MAX_OBSERVATIONS = 10_000
# Read at the same time, and before the time is looked at again.
PARALLEL_READS = 10
READ_AT_ONCE = 200
# Predict tries for an hour to write what it counted, and S3 takes a signature for 15 minutes.
LATE_SECONDS = 2 * 3600.0
# Ids are known for longer than that, because clocks differ.
REMEMBERED_SECONDS = LATE_SECONDS + 1800.0
_RESERVE_SECONDS = 30.0


@dataclass(frozen=True)
class Waiting:
    """Observations of a version that wait to be folded, oldest first, and whether these are all."""

    found: list[tuple[ObservationKey, Listed]] = field(default_factory=list)
    complete: bool = True


@dataclass
class Done:
    """Keys of observations that were folded now, that had been before, and that are refused."""

    folded: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Keys of all that need not be looked at again."""
        return [*self.folded, *self.again, *self.refused]


@dataclass
class Summary:
    """What a run found of the versions in production."""

    versions: int = 0
    drifted_models: int = 0
    drifted_features: int = 0
    worst_index: float = 0.0
    folded: int = 0
    refused: int = 0
    judged_models: int = 0
    worse_models: int = 0
    worst_loss: float = 0.0


@dataclass(frozen=True)
class DriftService:
    """Measures drift of all versions that predictions were counted of.

    Parameters
    ----------
    catalog : Catalog
        Says which versions there are.
    storage : Storage
        Holds observations, documents and manifests.
    clock : callable
        Returns the present moment in UTC; replaced in tests.
    """

    catalog: Catalog
    storage: Storage
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, seconds_left: Callable[[], float]) -> Summary:
        """Fold what waits and write the reports, as long as the time allows.

        Raises
        ------
        CsvAnalyzerError
            If one of the versions could not be dealt with; all others have been.
        """
        listed_at = self.clock()
        waiting = self._waiting()
        documents = [
            place for entry in self.storage.listed(keys.DRIFT) if (place := keys.parse_drift(entry.key))
        ]
        summary = Summary()
        failed: CsvAnalyzerError | None = None
        for place in _in_turn(waiting, documents):
            if seconds_left() < _RESERVE_SECONDS:
                logger.warning("the time was too short for all versions", done=summary.versions)
                break
            try:
                self._measure(place, waiting.get(place, Waiting()), listed_at, seconds_left, summary)
            except ConflictError:
                # Another run is at the same version: what it did not fold comes next time.
                logger.info("another run was quicker", model=place.model, version=place.version)
            except CsvAnalyzerError as error:
                logger.exception("drift not measured", model=place.model, version=place.version)
                failed = error
        failed = self._judge_outcomes(listed_at.date(), seconds_left, summary) or failed
        _count(summary)
        if failed is not None:
            raise failed
        return summary

    def _waiting(self) -> dict[VersionKey, Waiting]:
        waiting: dict[VersionKey, Waiting] = {}
        after: str | None = ""
        while after is not None:
            after = self._list_some(waiting, after)
        return waiting

    def _list_some(self, waiting: dict[VersionKey, Waiting], after: str) -> str | None:
        """List observations up to a version that has too many; return where to go on behind it."""
        for entry in self.storage.listed(keys.OBSERVATIONS, after):
            place = keys.parse_observation(entry.key)
            if place is None:
                logger.warning("not an observation", key=entry.key)
                continue
            known = waiting.setdefault(place.version, Waiting())
            if len(known.found) == MAX_OBSERVATIONS:
                waiting[place.version] = Waiting(known.found, complete=False)
                return f"{keys.observations(place.version)}~"
            known.found.append((place, entry))
        return None

    def _measure(
        self,
        place: VersionKey,
        waiting: Waiting,
        listed_at: datetime,
        seconds_left: Callable[[], float],
        summary: Summary,
    ) -> None:
        listed = [entry.key for _, entry in waiting.found]
        try:
            version = self.catalog.version(place.owner, place.model, place.version)
            reference = self._reference(version)
        except NotFoundError:
            # Erased: whoever still predicted by it in that minute counted for nobody.
            self.storage.delete([*listed, keys.drift(place)])
            return
        if reference is None:
            self.storage.delete(listed)
            return
        known = self.storage.get_tagged(keys.drift(place), MAX_DOCUMENT_BYTES)
        document = _document(known, version, reference)
        today = listed_at.date()
        done = self._fold(document, reference, waiting, today, seconds_left)
        forgot = False
        if waiting.complete and len(done.all) == len(listed):
            forgot = _forget_ids(document, (observed.id for observed, _ in waiting.found), listed_at)
        if (
            done.all
            or forgot
            or document.report is None
            or document.report["windows"][0]["last_day"] != today.isoformat()
        ):
            document.forget_before(today)
            document.report = {
                "computed_at": ids.iso(listed_at),
                **drift_report(reference, list(document.days.values()), today),
            }
            self.storage.put_if_unchanged(
                keys.drift(place), document.encode(), "application/json", known.etag if known else None
            )
            self.storage.delete(done.all)
        summary.folded += len(done.folded)
        summary.refused += len(done.refused)
        self._summarise(place, document, summary)

    def _reference(self, version: Version) -> Reference | None:
        """Return the reference of a version; None where it was trained before there was one."""
        key = keys.model(version.owner, version.model, version.version, "manifest.json")
        found = self.storage.get_tagged(key, MAX_MANIFEST_BYTES)
        if found is None:
            raise NotFoundError("The version has no manifest any more.")
        if hashlib.sha256(found.body).hexdigest() != version.manifest_sha256:
            raise CsvAnalyzerError("The manifest is not the registered one.")
        manifest = json.loads(found.body)
        try:
            features = [Feature.from_json(feature) for feature in manifest["features"]]
            return Reference.from_manifest(manifest, features)
        except (ModelError, KeyError, TypeError, ValueError) as error:
            raise CsvAnalyzerError("The manifest has no usable reference.") from error

    def _fold(
        self,
        document: Document,
        reference: Reference,
        waiting: Waiting,
        today: date,
        seconds_left: Callable[[], float],
    ) -> Done:
        """Fold observations into the days of a document."""
        done = Done()
        with ThreadPoolExecutor(PARALLEL_READS) as pool:
            for some in batched(waiting.found, READ_AT_ONCE):
                if seconds_left() < _RESERVE_SECONDS:
                    break
                known = [entry.key for observed, entry in some if observed.id in document.folded]
                done.again.extend(known)
                wanted = [one for one in some if one[0].id not in document.folded]
                for (observed, entry), body in zip(wanted, pool.map(self._read, wanted), strict=True):
                    if body is None:
                        done.again.append(entry.key)
                    elif _take(document, reference, observed, entry, body, today):
                        done.folded.append(entry.key)
                    else:
                        done.refused.append(entry.key)
        return done

    def _read(self, found: tuple[ObservationKey, Listed]) -> bytes | None:
        tagged = self.storage.get_tagged(found[1].key, MAX_OBSERVATION_BYTES)
        return tagged.body if tagged else None

    def _summarise(self, place: VersionKey, document: Document, summary: Summary) -> None:
        """Count a version that is in production."""
        summary.versions += 1
        report = document.report or {}
        deciding = [window for window in report["windows"] if window["days"] == report["window_days"]]
        if not deciding or not self._is_in_production(place):
            return
        (window,) = deciding
        summary.drifted_models += window["status"] == DRIFTED
        summary.drifted_features += window["features_by_status"][DRIFTED]
        summary.worst_index = max(summary.worst_index, (window["worst"] or {"psi": 0.0})["psi"])

    def _judge_outcomes(
        self, today: date, seconds_left: Callable[[], float], summary: Summary
    ) -> CsvAnalyzerError | None:
        """Judge the versions in production by what came true; return the last failure, if there was one."""
        days: dict[VersionKey, dict[date, quality.Counts]] = defaultdict(dict)
        failed: CsvAnalyzerError | None = None
        for found in self.catalog.all_outcome_days():
            place = VersionKey(found.owner, found.model, found.version)
            days[place][date.fromisoformat(found.day)] = quality.counts_from_json(found.counts)
        for place, counts in days.items():
            if seconds_left() < _RESERVE_SECONDS:
                logger.warning("the time was too short to judge all outcomes", done=summary.judged_models)
                break
            try:
                if self._is_in_production(place):
                    self._judge(place, counts, today, summary)
            except NotFoundError:
                logger.info("erased while its outcomes were judged", model=place.model, version=place.version)
            except CsvAnalyzerError as error:
                logger.exception("outcomes not judged", model=place.model, version=place.version)
                failed = error
        return failed

    def _judge(
        self, place: VersionKey, counts: Mapping[date, quality.Counts], today: date, summary: Summary
    ) -> None:
        version = self.catalog.version(place.owner, place.model, place.version)
        report = quality.quality_report(version, counts, today)
        if report["status"] in {quality.TOO_FEW, quality.NOT_COMPARABLE}:
            return
        summary.judged_models += 1
        summary.worst_loss = max(summary.worst_loss, quality.lift_lost(report))
        if report["status"] == quality.WORSE:
            summary.worse_models += 1
            logger.warning(
                "worse on outcomes than on the holdout",
                model=place.model,
                version=place.version,
                statement=report["statement"],
            )

    def _is_in_production(self, place: VersionKey) -> bool:
        try:
            return self.catalog.model(place.owner, place.model).production == place.version
        except NotFoundError:
            return False


def _in_turn(waiting: dict[VersionKey, Waiting], documents: Sequence[VersionKey]) -> list[VersionKey]:
    """Return the versions: first those whose observations wait the longest, then those that have none."""
    oldest = {place: min(entry.last_modified for _, entry in some.found) for place, some in waiting.items()}
    return [*sorted(oldest, key=oldest.__getitem__), *(place for place in documents if place not in oldest)]


def _document(known: Tagged | None, version: Version, reference: Reference) -> Document:
    """Return the document of a version; a new one where there is none of just this model."""
    if known is not None:
        try:
            document = Document.decode(json.loads(known.body), reference)
            if document.manifest_sha256 == version.manifest_sha256:
                return document
        except (KeyError, TypeError, ValueError):
            logger.exception(
                "the document of drift is begun anew", model=version.model, version=version.version
            )
    return Document(version.manifest_sha256)


def _take(
    document: Document,
    reference: Reference,
    observed: ObservationKey,
    entry: Listed,
    body: bytes,
    today: date,
) -> bool:
    """Fold an observation, unless it comes too late, is of no day of a window, or is damaged."""
    try:
        late = entry.last_modified.timestamp() - ids.seconds_of(observed.id) > LATE_SECONDS
        day = date.fromisoformat(observed.date)
        if late or not is_within(day, today):
            raise ValueError("it came too late")
        document.fold(observed.id, day, Observation.decode(body, reference, document.manifest_sha256))
    except ValueError as error:
        logger.warning("observation refused", key=entry.key, reason=str(error))
        return False
    return True


def _forget_ids(document: Document, listed: Iterable[str], listed_at: datetime) -> bool:
    """Drop ids that can't be met again, and say whether there were any.

    Those of this listing are met again if deleting them fails.
    """
    met, before = set(listed), len(document.folded)
    document.folded = {
        known
        for known in document.folded
        if known in met or listed_at.timestamp() - ids.seconds_of(known) < REMEMBERED_SECONDS
    }
    return len(document.folded) < before


def _count(summary: Summary) -> None:
    counts: dict[Metric, Any] = {
        Metric.OBSERVATIONS_FOLDED: summary.folded,
        Metric.OBSERVATIONS_REFUSED: summary.refused,
        Metric.DRIFTED_MODELS: summary.drifted_models,
        Metric.DRIFTED_FEATURES: summary.drifted_features,
        Metric.DRIFT_WORST_INDEX: summary.worst_index,
        Metric.MODELS_WORSE_LIVE: summary.worse_models,
        Metric.LIVE_QUALITY_LOSS: summary.worst_loss,
    }
    for name, value in counts.items():
        metrics.add_metric(name, MetricUnit.Count, value)
