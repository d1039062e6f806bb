"""Datasets and what their analysis found."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from api import contract, edge, recipes, views
from api.routes.parameters import After, PageSize
from api.stack import findings, plane, upload_plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.datasets import (
    CompleteRequest,
    CreatedDataset,
    DatasetList,
    DatasetView,
    UploadRequest,
)
from csv_analyzer.schemas.profiles import Profile
from csv_analyzer.schemas.recipes import MAX_VERSION, Preview

routes = edge.Routes("Datasets", RouteClass.DATASETS)
RecipeVersion = Annotated[
    int | None, Query(ge=1, le=MAX_VERSION, description="Version of the recipe; the data as read if absent.")
]
Offset = Annotated[int, Query(ge=0, le=1_000, description="Rows to leave out.")]
RowCount = Annotated[int, Query(ge=1, le=1_000, description="Most rows to show.")]


@routes.post("/datasets", role=Role.EDITOR, responses=contract.created(CreatedDataset, 429))
def create_dataset() -> Response[CreatedDataset]:
    """Announce a CSV file and get a form or addresses for its parts, or send a small one as `text/csv`."""
    upload = edge.upload_of(routes.event)
    if isinstance(upload, UploadRequest):
        return edge.created(views.created_dataset(*upload_plane.announce(routes.owner, upload)))
    return edge.created(
        views.created_dataset(upload_plane.store_body(routes.owner, upload.file_name, upload.body), None)
    )


@routes.post("/datasets/<dataset_id>/complete", role=Role.EDITOR, responses=contract.accepted(DatasetView))
def complete_upload(dataset_id: str, request: Annotated[CompleteRequest, Body()]) -> Response[DatasetView]:
    """End an upload in parts; its analysis begins."""
    return edge.accepted(views.dataset_view(upload_plane.complete(routes.owner, dataset_id, request.parts)))


@routes.get("/datasets", role=Role.VIEWER, responses=contract.found(DatasetList))
def list_datasets(limit: PageSize = 20, after: After = None) -> DatasetList:
    """List your datasets, newest first."""
    items, more = plane.catalog.datasets(routes.owner, limit, after)
    return DatasetList(items=[views.dataset_view(item) for item in items], next=more)


@routes.get("/datasets/<dataset_id>", role=Role.VIEWER, responses=contract.found(DatasetView))
def get_dataset(dataset_id: str) -> DatasetView:
    """Show one dataset: its status and, when it is READY, its size."""
    return views.dataset_view(plane.catalog.dataset(routes.owner, dataset_id))


@routes.get(
    "/datasets/<dataset_id>/profile", role=Role.VIEWER, responses=contract.document("The profile.", Profile)
)
def get_profile(dataset_id: str, recipe: RecipeVersion = None) -> dict[str, Any]:
    """Show what the analysis found in every column, as read or as a recipe left it."""
    return findings.profile(routes.owner, dataset_id, recipe)


@routes.get("/datasets/<dataset_id>/preview", role=Role.VIEWER, responses=contract.shown(Preview))
def get_preview(
    dataset_id: str, recipe: RecipeVersion = None, offset: Offset = 0, limit: RowCount = 100
) -> Preview:
    """Show some of the first rows, as read or as a recipe left them."""
    document = findings.preview(routes.owner, dataset_id, recipe)
    return recipes.preview_view(document, recipe, offset, limit)
