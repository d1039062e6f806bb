"""Whether a version's inputs and answers have moved, and how good it is on what came true."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from api import contract, edge
from api.drift import drift_of
from api.routes.parameters import VersionNumber
from api.stack import outcomes_plane, plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.drift import DriftView
from csv_analyzer.schemas.outcomes import OutcomesRequest, OutcomesView

routes = edge.Routes("Models", RouteClass.DRIFT)


@routes.get("/models/<name>/drift", role=Role.VIEWER, responses=contract.shown(DriftView))
def get_drift(name: str, version: VersionNumber = None) -> DriftView:
    """Show how far what a version is asked about has moved from what it learned from, and how good it is."""
    model, found, report = drift_of(plane, routes.owner, name, version)
    quality = outcomes_plane.quality_of(found)
    return DriftView(model=name, version=found.version, stage=found.stage(model), quality=quality, **report)


@routes.post("/models/<name>/outcomes", role=Role.EDITOR, responses=contract.counted(OutcomesView))
def post_outcomes(name: str, request: Annotated[OutcomesRequest, Body()]) -> OutcomesView:
    """Say what came true of a version's predictions, to see how good it is by now."""
    return outcomes_plane.count(routes.owner, name, request)
