"""Models and their versions."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from api import contract, edge, views
from api.routes.parameters import After, PageSize, VersionNumber
from api.service import require_version_number
from api.stack import plane, reports, settings
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.models import Download, ModelList, ModelView, VersionView
from csv_analyzer.schemas.profiles import InstanceSchema
from csv_analyzer.schemas.reports import Report

routes = edge.Routes("Models", RouteClass.MODELS)
_MARKDOWN = "text/markdown"
ExportFormat = Annotated[Literal["archive", "onnx"], Query(alias="format")]


@routes.get("/models", role=Role.VIEWER, responses=contract.found(ModelList))
def list_models(limit: PageSize = 20, after: After = None) -> ModelList:
    """List your models."""
    items, more = plane.catalog.models(routes.owner, limit, after)
    return ModelList(items=[views.model_summary(item) for item in items], next=more)


@routes.get("/models/<name>", role=Role.VIEWER, responses=contract.found(ModelView))
def get_model(name: str) -> ModelView:
    """Show a model and its versions."""
    return views.model_view(*plane.model(routes.owner, name))


@routes.get("/models/<name>/versions/<version>", role=Role.VIEWER, responses=contract.found(VersionView))
def get_version(name: str, version: str) -> VersionView:
    """Show a version with its metrics and leaderboard."""
    model, found = plane.version(routes.owner, name, require_version_number(version))
    return views.version_view(model, found, settings.mlflow_page_url)


@routes.get(
    "/models/<name>/versions/<version>/report",
    role=Role.VIEWER,
    responses=contract.document("The report.", Report),
)
def get_report(name: str, version: str) -> dict[str, Any]:
    """Show all that was found out about a version: figures, curves, importance, split, recipe, cost."""
    return reports.report(routes.owner, name, require_version_number(version))


@routes.get(
    "/models/<name>/versions/<version>/card",
    role=Role.VIEWER,
    responses=contract.text(_MARKDOWN, "The model card."),
)
def get_card(name: str, version: str) -> Response[str]:
    """Show the model card of a version, in Markdown."""
    card = reports.card(routes.owner, name, require_version_number(version))
    return Response(HTTPStatus.OK, f"{_MARKDOWN}; charset=utf-8", card)


@routes.get(
    "/models/<name>/schema", role=Role.VIEWER, responses=contract.document("The JSON Schema.", InstanceSchema)
)
def get_schema(name: str, version: VersionNumber = None) -> dict[str, Any]:
    """Show the JSON Schema that one instance must follow, of a version or of the one in production."""
    return plane.schema(routes.owner, name, version)


@routes.get("/models/<name>/export", role=Role.EDITOR, responses=contract.downloadable(Download))
def export_model(
    name: str, version: VersionNumber = None, export_format: ExportFormat = "archive"
) -> Download:
    """Sign the download of a version, to run it elsewhere: an archive for NumPy, or an ONNX file."""
    exported, file_name, url = plane.export(routes.owner, name, version, export_format)
    return views.download_view(exported, export_format, file_name, url)
