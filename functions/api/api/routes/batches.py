"""Files of rows that a model scores."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from api import batches, contract, edge
from api.routes.parameters import After, PageSize
from api.stack import batch_plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.batches import BatchInFull, BatchList, BatchRequest, CreatedBatch

routes = edge.Routes("Batch", RouteClass.BATCH)


@routes.post("/models/<name>/batch", role=Role.VIEWER, responses=contract.created(CreatedBatch, 404, 409))
def create_batch(name: str, request: Annotated[BatchRequest, Body()]) -> Response[CreatedBatch]:
    """Order the scoring of a CSV file of any length, and get a form to upload it."""
    return edge.created(batches.created(*batch_plane.order(routes.owner, name, request)))


@routes.get("/models/<name>/batch", role=Role.VIEWER, responses=contract.found(BatchList))
def list_batches(name: str, limit: PageSize = 20, after: After = None) -> BatchList:
    """List a model's batch jobs, newest first."""
    items, more = batch_plane.page(routes.owner, name, limit, after)
    return BatchList(items=[batches.view(item) for item in items], next=more)


@routes.get("/models/<name>/batch/<batch_id>", role=Role.VIEWER, responses=contract.found(BatchInFull))
def get_batch(name: str, batch_id: str) -> BatchInFull:
    """Show how far a batch job is and, when it has SUCCEEDED, where its files are."""
    return batch_plane.in_full(batch_plane.find(routes.owner, name, batch_id))
