"""Shapes of datasets."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from csv_analyzer.schemas.base import Reason, Request, Upload

# S3 numbers at most so many parts.
MAX_PARTS = 10_000


class UploadRequest(Request):
    """Announces a CSV file that is to be uploaded."""

    file_name: Annotated[str, Field(min_length=1, max_length=200, description="Name of the file.")]
    size_bytes: Annotated[
        int | None, Field(ge=1, lt=2**53, description="Size of the file; needed for an upload in parts.")
    ] = None
    multipart: Annotated[bool, Field(description="Upload the file in parts, each to its own address.")] = (
        False
    )

    @model_validator(mode="after")
    def _parts_need_a_size(self) -> Self:
        if self.multipart and self.size_bytes is None:
            raise PydanticCustomError("missing_size", "An upload in parts needs size_bytes.")
        return self


class SentPart(Request):
    """A part that was uploaded, by the header ETag that S3 answered with."""

    number: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    etag: Annotated[str, Field(min_length=1, max_length=100)]


class CompleteRequest(Request):
    """Ends an upload in parts."""

    parts: Annotated[list[SentPart], Field(min_length=1, max_length=MAX_PARTS)]


class UploadPart(BaseModel):
    """Where to PUT a part of the file."""

    number: int
    url: str


class MultipartUpload(BaseModel):
    """Where to PUT the parts of a file, each of `part_bytes` but for the last."""

    kind: Literal["multipart"] = "multipart"
    part_bytes: int
    parts: list[UploadPart]
    expires_in_seconds: int


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

    upload: Annotated[Upload | MultipartUpload, Field(discriminator="kind")] | None


class DatasetList(BaseModel):
    """A page of datasets, newest first."""

    items: list[DatasetView]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]
