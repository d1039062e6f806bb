"""Shapes of batch jobs."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from csv_analyzer.schemas.base import Reason, Request, Upload


class BatchRequest(Request):
    """Announces a CSV file of rows that a model is to score."""

    file_name: Annotated[
        str, Field(min_length=1, max_length=200, description="Name of the file; the results are named by it.")
    ] = "rows.csv"
    version: Annotated[
        int | None, Field(ge=1, le=999_999, description="Version that scores; by `stage` if null.")
    ] = None
    stage: Annotated[
        Literal["production", "staging"] | None,
        Field(description="`staging` is the newest version in staging; `production` if null."),
    ] = None
    safe: Annotated[
        bool, Field(description="Make cells that a spreadsheet would read as formulas texts.")
    ] = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.version is not None and self.stage is not None:
            raise ValueError("Name a version or a stage, not both.")
        return self


class BatchView(BaseModel):
    """A batch job."""

    id: str
    model: str
    version: Annotated[int, Field(description="Version that scores all rows, fixed when the job is ordered.")]
    file_name: str
    safe: bool
    status: Literal["UPLOADING", "QUEUED", "RUNNING", "SUCCEEDED", "FAILED"]
    created_at: str
    started_at: str | None
    finished_at: str | None
    progress: Annotated[float, Field(ge=0, le=1)]
    rows: Annotated[int, Field(description="Rows done so far.")]
    rows_with_errors: Annotated[int, Field(description="Of these, rows without a prediction.")]
    error: Reason | None


class CreatedBatch(BatchView):
    """A new batch job and the form to upload its file."""

    upload: Upload


class BatchFile(BaseModel):
    """Where to download a file; no token is sent there."""

    file_name: str
    url: str
    expires_in_seconds: int


class BatchInFull(BatchView):
    """A batch job with its files, which are there when it has SUCCEEDED."""

    predictions: Annotated[BatchFile | None, Field(description="Every row with its prediction beside it.")]
    errors: Annotated[BatchFile | None, Field(description="What is wrong with which row.")]


class BatchList(BaseModel):
    """A page of batch jobs, newest first."""

    items: list[BatchView]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]
