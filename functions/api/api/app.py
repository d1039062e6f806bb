"""Routes of the control plane: decode, call, encode."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from api import batches, contract, edge, views
from api.service import ControlPlane, require_version_number
from csv_analyzer.batch_schemas import BatchInFull, BatchList, BatchRequest, CreatedBatch
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.observability import logger, metrics
from csv_analyzer.schemas import (
    CreatedDataset,
    DatasetList,
    DatasetView,
    Download,
    Health,
    JobView,
    ModelList,
    ModelView,
    TrainRequest,
    VersionView,
)
from csv_analyzer.settings import ApiSettings
from csv_analyzer.storage import Storage

settings = ApiSettings.from_environment()
app = edge.resolver(settings.cors_origin)
plane = ControlPlane(
    Catalog(Table(settings.catalog_table)),
    Storage(settings.data_bucket),
    settings.max_upload_bytes,
    settings.training_budget_seconds,
)
batch_plane = batches.BatchPlane(plane.catalog, plane.storage, settings.max_upload_bytes)

PageSize = Annotated[int, Query(ge=1, le=100, description="Most items of a page.")]
After = Annotated[str | None, Query(pattern="^[0-9a-z_-]{1,64}$", description="`next` of the page before.")]

VersionNumber = Annotated[int | None, Query(ge=1, le=999_999, description="In production if absent.")]
ExportFormat = Annotated[Literal["archive", "onnx"], Query(alias="format")]


@app.post("/datasets", tags=["Datasets"], responses=contract.created(CreatedDataset))
def create_dataset() -> Response[CreatedDataset]:
    """Announce a CSV file and get a form to upload it, or send a small one as `text/csv` at once."""
    owner = edge.owner(app)
    upload = edge.upload_of(app)
    if upload.body is None:
        dataset, form = plane.announce_upload(owner, upload.file_name)
        return edge.created(views.created_dataset(dataset, form))
    return edge.created(views.created_dataset(plane.store_body(owner, upload.file_name, upload.body), None))


@app.get("/datasets", tags=["Datasets"], responses=contract.found(DatasetList))
def list_datasets(limit: PageSize = 20, after: After = None) -> DatasetList:
    """List your datasets, newest first."""
    items, more = plane.catalog.datasets(edge.owner(app), limit, after)
    return DatasetList(items=[views.dataset_view(item) for item in items], next=more)


@app.get("/datasets/<dataset_id>", tags=["Datasets"], responses=contract.found(DatasetView))
def get_dataset(dataset_id: str) -> DatasetView:
    """Show one dataset: its status and, when it is READY, its size."""
    return views.dataset_view(plane.catalog.dataset(edge.owner(app), dataset_id))


@app.get("/datasets/<dataset_id>/profile", tags=["Datasets"], responses=contract.document("The profile."))
def get_profile(dataset_id: str) -> dict[str, Any]:
    """Show what the analysis found in every column."""
    return plane.profile(edge.owner(app), dataset_id)


@app.post("/datasets/<dataset_id>/train", tags=["Training"], responses=contract.accepted(JobView))
def train(dataset_id: str, request: Annotated[TrainRequest, Body()]) -> Response[JobView]:
    """Order the training of a model."""
    return edge.accepted(views.job_view(plane.train(edge.owner(app), dataset_id, request)))


@app.get("/jobs/<job_id>", tags=["Training"], responses=contract.found(JobView))
def get_job(job_id: str) -> JobView:
    """Show how far a training is, with the leaderboard so far."""
    return views.job_view(plane.catalog.job(edge.owner(app), job_id))


@app.get("/models", tags=["Models"], responses=contract.found(ModelList))
def list_models(limit: PageSize = 20, after: After = None) -> ModelList:
    """List your models."""
    items, more = plane.catalog.models(edge.owner(app), limit, after)
    return ModelList(items=[views.model_summary(item) for item in items], next=more)


@app.get("/models/<name>", tags=["Models"], responses=contract.found(ModelView))
def get_model(name: str) -> ModelView:
    """Show a model and its versions."""
    return views.model_view(*plane.model(edge.owner(app), name))


@app.get("/models/<name>/versions/<version>", tags=["Models"], responses=contract.found(VersionView))
def get_version(name: str, version: str) -> VersionView:
    """Show a version with its metrics and leaderboard."""
    return views.version_view(*plane.version(edge.owner(app), name, require_version_number(version)))


@app.get("/models/<name>/schema", tags=["Models"], responses=contract.document("The JSON Schema."))
def get_schema(name: str) -> dict[str, Any]:
    """Show the JSON Schema that one instance must follow (version in production)."""
    return plane.schema(edge.owner(app), name)


@app.get("/models/<name>/export", tags=["Models"], responses=contract.downloadable(Download))
def export_model(
    name: str, version: VersionNumber = None, export_format: ExportFormat = "archive"
) -> Download:
    """Sign the download of a version, to run it elsewhere: an archive for NumPy, or an ONNX file."""
    exported, file_name, url = plane.export(edge.owner(app), name, version, export_format)
    return views.download_view(exported, export_format, file_name, url)


@app.post("/models/<name>/batch", tags=["Batch"], responses=contract.created(CreatedBatch, 404))
def create_batch(name: str, request: Annotated[BatchRequest, Body()]) -> Response[CreatedBatch]:
    """Order the scoring of a CSV file of any length, and get a form to upload it."""
    return edge.created(batches.created(*batch_plane.order(edge.owner(app), name, request)))


@app.get("/models/<name>/batch", tags=["Batch"], responses=contract.found(BatchList))
def list_batches(name: str, limit: PageSize = 20, after: After = None) -> BatchList:
    """List a model's batch jobs, newest first."""
    items, more = batch_plane.page(edge.owner(app), name, limit, after)
    return BatchList(items=[batches.view(item) for item in items], next=more)


@app.get("/models/<name>/batch/<batch_id>", tags=["Batch"], responses=contract.found(BatchInFull))
def get_batch(name: str, batch_id: str) -> BatchInFull:
    """Show how far a batch job is and, when it has SUCCEEDED, where its files are."""
    return batch_plane.in_full(batch_plane.find(edge.owner(app), name, batch_id))


@app.get("/health", tags=["Service"], responses=contract.found(Health))
def health() -> Health:
    """Say that the service is alive."""
    return Health(status="ok")


@app.get("/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    """The contract of all routes."""
    return Response(200, content_types.APPLICATION_JSON, contract.openapi_json(app))


@app.get("/docs", include_in_schema=False)
def docs() -> Response[str]:
    """Swagger UI; its own link to the contract asks for `?format=json`."""
    if (app.current_event.query_string_parameters or {}).get("format") == "json":
        return openapi()
    return Response(200, content_types.TEXT_HTML, contract.swagger_page(app))


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId", clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return edge.answer(app, event, context)
