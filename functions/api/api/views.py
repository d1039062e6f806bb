"""Catalog entries as the API shows them."""

from typing import Any

from csv_analyzer.records import Dataset, Model, Version
from csv_analyzer.schemas.base import Reason, Upload
from csv_analyzer.schemas.datasets import CreatedDataset, DatasetView, MultipartUpload
from csv_analyzer.schemas.models import (
    Download,
    ExportView,
    ModelSummary,
    ModelView,
    VersionSummary,
    VersionView,
)
from csv_analyzer.storage import DOWNLOAD_SECONDS


def dataset_view(dataset: Dataset) -> DatasetView:
    """A dataset without its place in S3."""
    return DatasetView(**_dataset_fields(dataset))


def created_dataset(dataset: Dataset, upload: Upload | MultipartUpload | None) -> CreatedDataset:
    """A new dataset with how to upload its file."""
    return CreatedDataset(**_dataset_fields(dataset), upload=upload)


def model_summary(model: Model) -> ModelSummary:
    """A model in a list."""
    return ModelSummary(**_model_fields(model))


def model_view(model: Model, versions: list[Version]) -> ModelView:
    """A model with its versions."""
    summaries = [VersionSummary(**_version_fields(model, version)) for version in versions]
    return ModelView(
        **_model_fields(model), revision=model.revision, lineage=model.lineage, versions=summaries
    )


def version_view(model: Model, version: Version, mlflow_url: str) -> VersionView:
    """A version in full, with the address of its run where MLflow has pages that people reach."""
    # MLflow's pages find a run by its id alone, whatever experiment the address names.
    run_url = f"{mlflow_url.rstrip('/')}/#/experiments/0/runs/{version.mlflow_run_id}"
    return VersionView(
        **_version_fields(model, version),
        model=version.model,
        dataset_id=version.dataset_id,
        job_id=version.job_id,
        leaderboard=version.leaderboard,
        npz_sha256=version.npz_sha256,
        manifest_sha256=version.manifest_sha256,
        exports=[_export_view(name, export) for name, export in version.exports.items()],
        mlflow_run_id=version.mlflow_run_id or None,
        mlflow_run_url=run_url if mlflow_url and version.mlflow_run_id else None,
    )


def download_view(version: Version, export_format: str, file_name: str, url: str) -> Download:
    """A file of a version and where to download it."""
    export = version.exports[export_format]
    return Download(
        model=version.model,
        version=version.version,
        format=export_format,  # type: ignore[arg-type]  # pydantic checks the literal
        file_name=file_name,
        size_bytes=export["bytes"],
        sha256=export["sha256"],
        parity=export.get("parity"),
        url=url,
        expires_in_seconds=DOWNLOAD_SECONDS,
    )


def _export_view(name: str, export: dict[str, Any]) -> ExportView:
    return ExportView(
        format=name,  # type: ignore[arg-type]  # pydantic checks the literal
        size_bytes=export.get("bytes"),
        sha256=export.get("sha256"),
        parity=export.get("parity"),
        reason=export.get("reason"),
    )


def _dataset_fields(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": dataset.id,
        "file_name": dataset.file_name,
        "status": str(dataset.status),
        "created_at": dataset.created_at,
        "size_bytes": dataset.size,
        "rows": dataset.rows,
        "columns": dataset.columns,
        "warnings": dataset.warnings,
        "job_id": dataset.job_id or None,
        "newest_recipe": dataset.recipes or None,
        "error": _reason(dataset.error),
    }


def _model_fields(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "task": model.task,
        "target": model.target,
        "created_at": model.created_at,
        "production_version": model.production or None,
        "latest_version": model.latest,
    }


def _version_fields(model: Model, version: Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "stage": str(version.stage(model)),
        "created_at": version.created_at,
        "task": version.task,
        "target": version.target,
        "metric": version.metric,
        "metrics": version.metrics,
    }


def _reason(error: dict[str, str] | None) -> Reason | None:
    return Reason(**error) if error else None
