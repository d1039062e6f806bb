"""Whether a version's inputs and answers have moved."""

from api import contract, edge
from api.drift import drift_of
from api.routes.parameters import VersionNumber
from api.stack import plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.drift import DriftView

routes = edge.Routes("Models", RouteClass.DRIFT)


@routes.get("/models/<name>/drift", role=Role.VIEWER, responses=contract.shown(DriftView))
def get_drift(name: str, version: VersionNumber = None) -> DriftView:
    """Show how far what a version is asked about has moved from what it learned from."""
    model, found, report = drift_of(plane, routes.owner, name, version)
    return DriftView(model=name, version=found.version, stage=found.stage(model), **report)
