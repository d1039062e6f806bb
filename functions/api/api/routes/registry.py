"""Which version of a model is in production, and how it came there."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from api import contract, edge
from api.routes.parameters import After, PageSize
from api.stack import registry_plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.registry import ModelHistory, RollbackRequest, StageChange, StageName, StageRequest

routes = edge.Routes("Registry", RouteClass.REGISTRY)
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"
Moment = Annotated[
    str | None, Query(pattern=_MOMENT, description="A moment with its time zone; the present one if absent.")
]


@routes.put("/models/<name>/stages/<stage>", role=Role.ADMIN, responses=contract.changed(StageChange))
def set_stage(
    name: str, stage: Annotated[StageName, Path()], request: Annotated[StageRequest, Body()]
) -> StageChange:
    """Promote a version to production, put it back into staging, or archive it."""
    return registry_plane.set_stage(routes.owner, name, stage, request)


@routes.post("/models/<name>/rollback", role=Role.ADMIN, responses=contract.changed(StageChange))
def roll_back(name: str, request: Annotated[RollbackRequest | None, Body()] = None) -> StageChange:
    """Put the version back into production that was there before."""
    return registry_plane.roll_back(routes.owner, name, request or RollbackRequest())


@routes.get("/models/<name>/history", role=Role.VIEWER, responses=contract.found(ModelHistory))
def get_history(name: str, at: Moment = None, limit: PageSize = 20, after: After = None) -> ModelHistory:
    """Show what was in production at a moment, who put it there, and the changes up to then."""
    return registry_plane.history(routes.owner, name, at, limit, after)
