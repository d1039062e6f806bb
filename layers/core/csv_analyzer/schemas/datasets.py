"""Shapes of datasets."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from csv_analyzer.schemas.base import Reason, Request, Upload


class UploadRequest(Request):
    """Announces a CSV file that is to be uploaded."""

    file_name: Annotated[str, Field(min_length=1, max_length=200, description="Name of the file.")]


class DatasetView(BaseModel):
    """A dataset."""

    id: str
    file_name: str
    status: Literal["UPLOADING", "ANALYZING", "READY", "FAILED"]
    created_at: str
    size_bytes: int
    rows: int
    columns: int
    warnings: int
    job_id: Annotated[str | None, Field(description="Training that the drop folder began by itself.")]
    newest_recipe: Annotated[int | None, Field(description="Newest version of its cleaning recipe.")]
    error: Reason | None


class CreatedDataset(DatasetView):
    """A new dataset; `upload` is null where the file came with the request."""

    upload: Upload | None


class DatasetList(BaseModel):
    """A page of datasets, newest first."""

    items: list[DatasetView]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]
