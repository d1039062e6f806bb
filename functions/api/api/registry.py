"""Stages of versions in the control plane: changes of them, their history, and how the API shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aws_lambda_powertools.metrics import MetricUnit

from csv_analyzer import history, stages
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import Fault, GateRefusedError, InvalidRequestError
from csv_analyzer.ids import iso, now
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.records import History, Stage
from csv_analyzer.schemas.registry import (
    GateView,
    HistoryEntry,
    ModelHistory,
    RollbackRequest,
    StageChange,
    StageName,
    StageRequest,
)


@dataclass(frozen=True)
class RegistryPlane:
    """Stages and history of one stack's models.

    Parameters
    ----------
    catalog : Catalog
        Truth about models.
    """

    catalog: Catalog

    def set_stage(self, owner: str, name: str, stage: StageName, request: StageRequest) -> StageChange:
        """Promote, restore or archive a version.

        Raises
        ------
        InvalidRequestError
            If force comes without a reason, or with what is no promotion.
        """
        if request.force:
            _check_force(stage, request)
        place = (self.catalog, owner, name, request.version)
        actor, reason = _actor(owner), request.reason or ""
        match Stage(stage):
            case Stage.PRODUCTION:
                outcome = _counting_refusals(
                    lambda: stages.promote(*place, actor=actor, force=request.force, reason=reason)
                )
            case Stage.STAGING:
                outcome = stages.restore(*place, actor=actor, reason=reason)
            case Stage.ARCHIVED:
                outcome = stages.archive(*place, actor=actor, reason=reason)
        return _changed(outcome, stage)

    def roll_back(self, owner: str, name: str, request: RollbackRequest) -> StageChange:
        """Put the version into production that was there before."""
        outcome = stages.roll_back(
            self.catalog,
            owner,
            name,
            actor=_actor(owner),
            leaving=request.from_version,
            reason=request.reason or "",
        )
        return _changed(outcome, "production")

    def history(self, owner: str, name: str, at: str | None, limit: int, after: str | None) -> ModelHistory:
        """What was in production at a moment, by whom, and one page of the changes up to then.

        Raises
        ------
        InvalidRequestError
            If `at` is no moment.
        """
        moment = _moment(at) if at else now()
        model = self.catalog.model(owner, name)
        revision = history.revision_at(self.catalog, model, moment) if at else model.revision
        there = self.catalog.change(owner, name, revision) if revision else None
        since = there.production_since if there else 0
        # Keys are compared as text: the page begins below the first change that came later.
        items, more = self.catalog.history(owner, name, limit, after or f"{revision + 1:08d}")
        return ModelHistory(
            model=name,
            at=moment,
            production_version=(there.production if there else 0) or None,
            put_there_by=_entry(self.catalog.change(owner, name, since)) if since else None,
            items=[_entry(item) for item in items],
            next=more,
        )


def _actor(owner: str) -> str:
    return f"user:{owner}"


def _counting_refusals(promote: Callable[[], stages.Outcome]) -> stages.Outcome:
    try:
        return promote()
    except GateRefusedError:
        metrics.add_metric(Metric.GATE_REFUSALS, MetricUnit.Count, 1)
        raise


def _check_force(stage: StageName, request: StageRequest) -> None:
    faults: list[Fault] = []
    if stage != "production":
        message = "Only a promotion can be forced."
        faults.append({"location": "body.force", "code": "not_applicable", "message": message})
    if request.reason is None:
        message = "Say why the gate is overruled."
        faults.append({"location": "body.reason", "code": "missing", "message": message})
    if faults:
        raise InvalidRequestError("The request has faults.", faults)


def _moment(text: str) -> str:
    try:
        return iso(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        message = "This is no moment: write 2026-01-31T12:00:00Z."
        fault: Fault = {"location": "query.at", "code": "datetime_parsing", "message": message}
        raise InvalidRequestError("The query has faults.", [fault]) from error


def _changed(outcome: stages.Outcome, stage: StageName) -> StageChange:
    model, entry = outcome.model, outcome.entry
    if entry:
        metrics.add_metric(Metric.STAGES_CHANGED, MetricUnit.Count, 1)
        logger.info(
            "stages changed",
            model=model.name,
            revision=entry.revision,
            actor=entry.actor,
            action=entry.action,
            version=entry.version,
            production=entry.production,
            forced=entry.forced,
        )
    return StageChange(
        model=model.name,
        version=outcome.version,
        stage=stage,
        production_version=model.production or None,
        revision=model.revision,
        changed=entry is not None,
        change=_entry(entry) if entry else None,
    )


def _entry(entry: History) -> HistoryEntry:
    return HistoryEntry(
        revision=entry.revision,
        at=entry.created_at,
        actor=entry.actor,
        action=entry.action,  # type: ignore[arg-type]  # pydantic checks the literal
        version=entry.version or None,
        from_stage=entry.from_stage or None,  # type: ignore[arg-type]  # pydantic checks the literal
        to_stage=entry.to_stage or None,  # type: ignore[arg-type]  # pydantic checks the literal
        production_version=entry.production or None,
        forced=entry.forced,
        reason=entry.reason or None,
        gate=GateView(**entry.gate) if entry.gate else None,
    )
