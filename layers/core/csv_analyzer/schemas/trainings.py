"""Shapes of trainings."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from csv_analyzer.schemas.base import ColumnName, ModelName, Reason, Request, Task

MAX_BUDGET_SECONDS = 600
MIN_BUDGET_SECONDS = 5


class TrainRequest(Request):
    """What to train on a dataset."""

    target: Annotated[ColumnName, Field(description="Column to predict.")]
    task: Annotated[Task, Field(description="`auto` decides by the target's values.")] = "auto"
    budget_seconds: Annotated[
        int | None,
        Field(ge=MIN_BUDGET_SECONDS, le=MAX_BUDGET_SECONDS, description="Search time."),
    ] = None
    exclude: Annotated[list[ColumnName], Field(max_length=1000, description="Columns left out.")] = Field(
        default_factory=list
    )
    model: Annotated[ModelName | None, Field(description="By the file's name if null.")] = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class TrainingOrder(Request):
    """A training as it is ordered in S3; owner, dataset and job stand in its key."""

    created_at: str
    model: ModelName
    data_key: str
    data_version_id: str
    target: ColumnName
    task: Task = "auto"
    budget_seconds: Annotated[int, Field(ge=MIN_BUDGET_SECONDS, le=MAX_BUDGET_SECONDS)]
    exclude: list[ColumnName] = Field(default_factory=list)
    seed: int = 0


class JobView(BaseModel):
    """A training job."""

    id: str
    dataset_id: str
    model: str
    target: str
    status: Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED"]
    created_at: str
    started_at: str | None
    finished_at: str | None
    progress: Annotated[float, Field(ge=0, le=1)]
    message: str
    leaderboard: list[dict[str, Any]]
    version: Annotated[int | None, Field(description="Version of the model that the job made.")]
    error: Reason | None
