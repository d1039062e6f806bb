"""Shapes of models and their versions."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field


class VersionSummary(BaseModel):
    """A version in a list."""

    version: int
    stage: Literal["staging", "production", "archived"]
    created_at: str
    task: str
    target: str
    metric: str
    metrics: Annotated[dict[str, Any], Field(description="By holdout, cross_validation and baseline.")]


class ModelSummary(BaseModel):
    """A model in a list."""

    name: str
    task: str
    target: str
    created_at: str
    production_version: Annotated[int | None, Field(description="Null if none is in production.")]
    latest_version: Annotated[int, Field(description="The highest number given out so far.")]


class ModelList(BaseModel):
    """A page of models."""

    items: list[ModelSummary]
    next: str | None


class ModelView(ModelSummary):
    """A model with its versions, newest first."""

    revision: Annotated[int, Field(description="How often stages changed; the number of the last change.")]
    lineage: Annotated[
        list[int],
        Field(
            description="In production before, oldest first; a rollback takes the last that is still there."
        ),
    ]
    versions: list[VersionSummary]


class ExportView(BaseModel):
    """A file of a version, or the reason why there is none of this format."""

    format: Literal["archive", "onnx"]
    size_bytes: int | None
    sha256: str | None
    parity: Annotated[float | None, Field(description="Largest difference from the model's answers.")]
    reason: str | None


class Download(BaseModel):
    """Where to download a file of a version; no token is sent there."""

    model: str
    version: int
    format: Literal["archive", "onnx"]
    file_name: str
    size_bytes: int
    sha256: str
    parity: Annotated[float | None, Field(description="Largest difference from the model's answers.")]
    url: str
    expires_in_seconds: int


class VersionView(VersionSummary):
    """A version in full."""

    model: str
    dataset_id: str
    job_id: str
    leaderboard: list[dict[str, Any]]
    npz_sha256: str
    manifest_sha256: str
    exports: Annotated[list[ExportView], Field(description="What the version can be downloaded as.")]
    mlflow_run_id: Annotated[str | None, Field(description="Null until MLflow has been reached.")]
    mlflow_run_url: Annotated[str | None, Field(description="Where MLflow shows the run.")]
