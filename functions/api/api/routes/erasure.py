"""Erasure, and the receipts of it."""

from api import contract, edge, erasure
from api.routes.parameters import After, PageSize
from api.stack import erasure_plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.erasure import Receipt, ReceiptList

routes = edge.Routes("Erasure", RouteClass.ERASURE)


@routes.delete("/datasets/<dataset_id>", role=Role.EDITOR, responses=contract.found(Receipt))
def erase_dataset(dataset_id: str) -> Receipt:
    """Erase a dataset and every version trained on it; of one in production an administrator only."""
    return erasure.view(erasure_plane.erase_dataset(routes.caller, dataset_id))


@routes.delete("/models/<name>", role=Role.ADMIN, responses=contract.found(Receipt))
def erase_model(name: str) -> Receipt:
    """Erase a model with its versions, batch jobs and what was observed of it."""
    return erasure.view(erasure_plane.erase_model(routes.caller, name))


@routes.get("/erasures", role=Role.VIEWER, responses=contract.found(ReceiptList))
def list_erasures(limit: PageSize = 20, after: After = None) -> ReceiptList:
    """List the receipts of your erasures, newest first."""
    items, more = erasure_plane.catalog.erasures(routes.owner, limit, after)
    return ReceiptList(items=[erasure.view(item) for item in items], next=more)


@routes.get("/erasures/<erasure_id>", role=Role.VIEWER, responses=contract.found(Receipt))
def get_erasure(erasure_id: str) -> Receipt:
    """Show the receipt of an erasure."""
    return erasure.view(erasure_plane.catalog.erasure(routes.owner, erasure_id))
