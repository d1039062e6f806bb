"""Shapes of stages and of their history."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from csv_analyzer.schemas.base import Request

StageName = Literal["production", "staging", "archived"]
VersionNumber = Annotated[int, Field(ge=1, le=999_999)]
Why = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None,
    Field(description="Why, for the history."),
]


class StageRequest(Request):
    """Which version to move."""

    version: VersionNumber
    force: Annotated[
        bool, Field(description="Promote though the gate refuses; the reason is required then.")
    ] = False
    reason: Why = None


class RollbackRequest(Request):
    """How to roll back."""

    from_version: Annotated[
        VersionNumber | None,
        Field(description="What must be in production, else 409: a repeat then goes no further back."),
    ] = None
    reason: Why = None


class GateView(BaseModel):
    """What the gate said of a promotion, with the figures that it compared."""

    decision: Literal["passed", "refused", "not_comparable"]
    statement: str
    metric: str
    candidate: Annotated[float | None, Field(description="Of the version to promote, on the holdout.")]
    production: Annotated[float | None, Field(description="Of the one in production, on the same rows.")]
    baseline: Annotated[float | None, Field(description="Of the naive baseline, on the same rows.")]
    tolerance: Annotated[float | None, Field(description="By how much the version may be worse.")]


class HistoryEntry(BaseModel):
    """A change of a model's stages; entries are never changed or deleted."""

    revision: Annotated[int, Field(description="Counts a model's changes from 1.")]
    at: str
    actor: Annotated[str, Field(description="`user:{sub}` or `service:train`.")]
    action: Literal["published", "promoted", "rolled_back", "archived", "restored", "erased"]
    version: Annotated[int | None, Field(description="Null if all versions are concerned.")]
    from_stage: StageName | None
    to_stage: StageName | None
    production_version: Annotated[int | None, Field(description="In production afterwards.")]
    forced: Annotated[bool, Field(description="The gate had refused.")]
    reason: str | None
    gate: GateView | None


class StageChange(BaseModel):
    """The model after a request, and what it changed."""

    model: str
    version: Annotated[int, Field(description="The version that was moved; of a rollback, the one now back.")]
    stage: StageName
    production_version: int | None
    revision: int
    changed: Annotated[bool, Field(description="False if it was so before.")]
    change: HistoryEntry | None


class ModelHistory(BaseModel):
    """What was in production at a moment, and a page of the changes up to then, newest first."""

    model: str
    at: Annotated[str, Field(description="The moment asked for; the present one if none was.")]
    production_version: int | None
    put_there_by: Annotated[HistoryEntry | None, Field(description="The change that put it into production.")]
    items: list[HistoryEntry]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]
