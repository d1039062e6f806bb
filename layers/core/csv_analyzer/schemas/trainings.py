"""Shapes of trainings."""

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, Discriminator, Field, Tag

from csv_analyzer.schemas.base import ColumnName, ModelName, Reason, Request, Task

MAX_BUDGET_SECONDS = 600
MIN_BUDGET_SECONDS = 5
MAX_COLUMNS = 1000
MAX_CLASSES = 100

# The engine's own lists stand in a module that imports numpy; a test holds these equal to them.
ClassificationMetric = Literal[
    "accuracy",
    "balanced_accuracy",
    "precision_macro",
    "precision_weighted",
    "recall_macro",
    "recall_weighted",
    "f1_macro",
    "f1_weighted",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
]
RegressionMetric = Literal["mae", "mse", "rmse", "r2", "mape", "median_ae"]
Metric = Literal["auto", ClassificationMetric, RegressionMetric]
CLASSIFICATION_METRICS: Final[tuple[str, ...]] = get_args(ClassificationMetric)
REGRESSION_METRICS: Final[tuple[str, ...]] = get_args(RegressionMetric)

Columns = Annotated[list[ColumnName], Field(max_length=MAX_COLUMNS)]
Label = Annotated[str, Field(min_length=1, max_length=300)]
Weight = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
WeightByLabel = Annotated[dict[Label, Weight], Field(min_length=1, max_length=MAX_CLASSES)]


def _kind_of_weights(value: object) -> str:
    return "balanced" if isinstance(value, str) else "by_label"


ClassWeights = Annotated[
    Annotated[Literal["balanced"], Tag("balanced")] | Annotated[WeightByLabel, Tag("by_label")],
    Discriminator(_kind_of_weights),
]


class TrainingOptions(Request):
    """How to train, beside the target and the time it may take."""

    task: Annotated[Task, Field(description="`auto` decides by the target's values.")] = "auto"
    metric: Annotated[
        Metric, Field(description="What decides between candidates; `auto` is log-loss or RMSE.")
    ] = "auto"
    exclude: Annotated[Columns, Field(description="Columns that the model must not see.")] = Field(
        default_factory=list
    )
    keep: Annotated[
        Columns, Field(description="Columns that stay whatever the analysis says against them.")
    ] = Field(default_factory=list)
    class_weights: Annotated[
        ClassWeights | None,
        Field(description="`balanced`, or how much each class counts; one that is not named counts 1."),
    ] = None
    group: Annotated[
        ColumnName | None,
        Field(description="Rows with the same value are never on both sides of a split."),
    ] = None
    time: Annotated[
        ColumnName | None, Field(description="Models are judged by later rows than those they learned from.")
    ] = None
    recipe: Annotated[
        int | None, Field(ge=1, le=999_999, description="Version of the dataset's cleaning recipe.")
    ] = None
    compact: Annotated[bool, Field(description="Make a small and quick model.")] = False
    recall: Annotated[
        bool, Field(description="Answer rows that equal known ones by what these had, if copies agree.")
    ] = True
    reasons: Annotated[bool, Field(description="Keep a few rows, which reasons need.")] = True
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class TrainRequest(TrainingOptions):
    """What to train on a dataset."""

    target: Annotated[ColumnName, Field(description="Column to predict.")]
    budget_seconds: Annotated[
        int | None,
        Field(ge=MIN_BUDGET_SECONDS, le=MAX_BUDGET_SECONDS, description="Search time."),
    ] = None
    model: Annotated[ModelName | None, Field(description="By the file's name if null.")] = None


class TrainingOrder(TrainingOptions):
    """A training as it is ordered in S3; owner, dataset and job stand in its key."""

    created_at: str
    request_id: Annotated[str, Field(max_length=100)] = ""
    model: ModelName
    data_key: str
    data_version_id: str
    target: ColumnName
    budget_seconds: Annotated[int, Field(ge=MIN_BUDGET_SECONDS, le=MAX_BUDGET_SECONDS)]

    def options(self) -> dict[str, Any]:
        """What was ordered, as a job shows it."""
        return self.model_dump(include={*TrainingOptions.model_fields, "budget_seconds"})


class OrderedOptions(TrainingOptions):
    """What was ordered, with all that was left open filled in."""

    budget_seconds: int


class JobSummary(BaseModel):
    """A training job in a list."""

    id: str
    dataset_id: str
    model: str
    target: str
    status: Literal["QUEUED", "RUNNING", "CANCELLING", "SUCCEEDED", "FAILED", "CANCELLED"]
    queue_position: Annotated[int | None, Field(ge=1, description="1 is next; null unless QUEUED.")]
    created_at: str
    started_at: str | None
    finished_at: str | None
    progress: Annotated[float, Field(ge=0, le=1)]
    message: str
    version: Annotated[int | None, Field(description="Version of the model that the job made.")]
    error: Reason | None


class JobView(JobSummary):
    """A training job."""

    options: Annotated[OrderedOptions | None, Field(description="Null where a worker found no valid order.")]
    leaderboard: list[dict[str, Any]]


class JobList(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobSummary]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]


class LimitView(BaseModel):
    """A limit and how much of it is used."""

    limit: Annotated[int | None, Field(description="Null for none.")]
    used: int


class LimitsView(BaseModel):
    """What the caller may have, and has."""

    running_trainings: Annotated[LimitView, Field(description="Trainings that wait or run.")]
    trainings_per_day: Annotated[LimitView, Field(description="Trainings begun in the last 24 hours.")]
    datasets: LimitView
    stored_bytes: Annotated[LimitView, Field(description="Bytes of datasets, with those on their way.")]
    max_upload_bytes: Annotated[int, Field(description="The largest file that is taken.")]
