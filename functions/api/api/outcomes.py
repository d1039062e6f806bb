"""Actual outcomes in the control plane: what is wrong with them, and where they are counted."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from api.manifests import manifest_of
from csv_analyzer import quality, serving
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import Fault, InvalidRequestError
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import metrics
from csv_analyzer.outcomes import Sent, count_once, known_receipt
from csv_analyzer.quality import Confusion, Counts, Errors
from csv_analyzer.records import OutcomeReceipt, Version
from csv_analyzer.schemas.outcomes import Outcome, OutcomesRequest, OutcomesView, QualityView
from csv_analyzer.storage import Storage

_SHOWN_CLASSES = 20
_SHOWN_CHARACTERS = 100


@dataclass(frozen=True)
class OutcomesPlane:
    """Actual outcomes of one stack's predictions.

    Parameters
    ----------
    catalog : Catalog
        Truth about models; holds the counts.
    storage : Storage
        The data bucket, where a version's classes are.
    """

    catalog: Catalog
    storage: Storage

    def count(self, owner: str, name: str, request: OutcomesRequest) -> OutcomesView:
        """Count outcomes once, however often they are sent.

        Of a version that is archived they are counted, too: what came true is known later than what was
        predicted, and by then another version may have taken its place.

        Raises
        ------
        NotFoundError
            If the owner has no such model or version.
        NoProductionError
            If no version is named and none is in production.
        ConflictError
            If the id was used for something else.
        InvalidRequestError
            If some are no answers of the version; all of them are named.
        """
        model = self.catalog.model(owner, name)
        sent = Sent(request.id, len(request.outcomes), _digest(request))
        # A repeat comes before all else: by now another version may be in production.
        known = known_receipt(self.catalog, owner, name, sent)
        if known is not None:
            return _view(known, counted=False)
        version = self.catalog.version(owner, name, request.version or serving.require_production(model))
        counts = self._counts(version, request.outcomes)

        def merge(of_day: Mapping[str, Any] | None) -> dict[str, Any]:
            return (quality.added(quality.counts_from_json(of_day), counts) if of_day else counts).to_json()

        receipt, counted = count_once(self.catalog, version, sent, merge, datetime.now(UTC))
        if counted:
            metrics.add_metric(Metric.OUTCOMES_RECEIVED, MetricUnit.Count, receipt.outcomes)
        return _view(receipt, counted=counted)

    def quality_of(self, version: Version) -> QualityView:
        """How good a version is on its outcomes."""
        days = self.catalog.outcome_days(version.owner, version.model, version.version)
        counts = {date.fromisoformat(day.day): quality.counts_from_json(day.counts) for day in days}
        return QualityView(**quality.quality_report(version, counts, datetime.now(UTC).date()))

    def _counts(self, version: Version, outcomes: Sequence[Outcome]) -> Counts:
        if version.task != quality.CLASSIFICATION:
            faults = list(_number_faults(outcomes))
            if faults:
                raise InvalidRequestError(
                    f"Version {version.version} predicts numbers, and {_some(faults)}.", faults
                )
            return Errors.of([(float(one.prediction), float(one.actual)) for one in outcomes])
        classes = manifest_of(self.storage, version)["classes"]
        faults = list(_class_faults(outcomes, frozenset(classes)))
        if faults:
            raise InvalidRequestError(
                f"The classes of version {version.version} are {_shown(classes)}, and {_some(faults)}.",
                faults,
            )
        return Confusion.of(classes, [(one.prediction, one.actual) for one in outcomes])


def _digest(request: OutcomesRequest) -> str:
    """SHA-256 of what was sent, as it was sent."""
    return hashlib.sha256(json.dumps(request.model_dump(), sort_keys=True).encode()).hexdigest()


def _view(receipt: OutcomeReceipt, *, counted: bool) -> OutcomesView:
    return OutcomesView(
        id=receipt.id,
        model=receipt.model,
        version=receipt.version,
        date=receipt.day,
        outcomes=receipt.outcomes,
        counted=counted,
    )


def _values(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Any]]:
    for i, outcome in enumerate(outcomes):
        yield f"body.outcomes.{i}.prediction", outcome.prediction
        yield f"body.outcomes.{i}.actual", outcome.actual


def _class_faults(outcomes: Sequence[Outcome], classes: frozenset[str]) -> Iterator[Fault]:
    for place, value in _values(outcomes):
        if not isinstance(value, str):
            yield _fault(place, "string_type", "This must be a class of the model, as text.")
        elif value not in classes:
            yield _fault(place, "unknown_class", f"The model has no class {value[:_SHOWN_CHARACTERS]!r}.")


def _number_faults(outcomes: Sequence[Outcome]) -> Iterator[Fault]:
    for place, value in _values(outcomes):
        if isinstance(value, str):
            yield _fault(place, "number_type", "This must be a number.")
        elif abs(value) > quality.LARGEST_NUMBER:
            yield _fault(
                place,
                "too_large",
                f"This must be between -{quality.LARGEST_NUMBER:g} and {quality.LARGEST_NUMBER:g}.",
            )


def _some(faults: Sequence[Fault]) -> str:
    return "1 value is none" if len(faults) == 1 else f"{len(faults):,} values are none"


def _shown(classes: Sequence[str]) -> str:
    named = [repr(label[:_SHOWN_CHARACTERS]) for label in classes[:_SHOWN_CLASSES]]
    left = len(classes) - len(named)
    return ", ".join(named) + (f" and {left} more" if left else "")


def _fault(location: str, code: str, message: str) -> Fault:
    return {"location": location, "code": code, "message": message}
