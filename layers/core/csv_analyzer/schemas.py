"""Shapes of the API's requests and answers and of the orders in S3; validated once, at the edge."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_BUDGET_SECONDS = 600
MIN_BUDGET_SECONDS = 5
ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
ColumnName = Annotated[str, Field(min_length=1, max_length=300)]
Task = Literal["auto", "classification", "regression"]


class Request(BaseModel):
    """A request: unknown fields and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class UploadRequest(Request):
    """Announces a CSV file that is to be uploaded."""

    file_name: Annotated[str, Field(min_length=1, max_length=200, description="Name of the file.")]


class TrainRequest(Request):
    """What to train on a dataset."""

    target: Annotated[ColumnName, Field(description="Column to predict.")]
    task: Annotated[Task, Field(description="`auto` decides by the target's values.")] = "auto"
    budget_seconds: Annotated[
        int | None,
        Field(ge=MIN_BUDGET_SECONDS, le=MAX_BUDGET_SECONDS, description="Search time."),
    ] = None
    exclude: Annotated[list[ColumnName], Field(max_length=1000, description="Columns left out.")] = []
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
    exclude: list[ColumnName] = []
    seed: int = 0


class Reason(BaseModel):
    """Why something failed: a stable code and a sentence that says what to do."""

    code: str
    message: str


class Upload(BaseModel):
    """Where and with which form fields to post the file; the field `file` comes last."""

    url: str
    fields: dict[str, str]
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
    error: Reason | None


class CreatedDataset(DatasetView):
    """A new dataset; `upload` is null where the file came with the request."""

    upload: Upload | None


class DatasetList(BaseModel):
    """A page of datasets, newest first."""

    items: list[DatasetView]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]


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


class VersionSummary(BaseModel):
    """A version in a list."""

    version: int
    stage: Literal["staging", "production"]
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
    production_version: int
    latest_version: int


class ModelList(BaseModel):
    """A page of models."""

    items: list[ModelSummary]
    next: str | None


class ModelView(ModelSummary):
    """A model with its versions, newest first."""

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


class PredictRequest(Request):
    """Rows to predict: one object per row, a value per feature of the model's schema."""

    instances: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    strict: Annotated[
        bool,
        Field(description="Refuse what else is a warning: values that training never saw."),
    ] = False
    explain: Annotated[
        bool,
        Field(description="Give reasons with each answer, for at most 10 instances; fewer of a wide table."),
    ] = False


class PredictionInterval(BaseModel):
    """Where the true number lies, for a share `coverage` of all rows like those of the training."""

    low: float
    high: float
    coverage: Annotated[float, Field(gt=0, lt=1)]


class Contribution(BaseModel):
    """What one feature adds to the base value; texts are cut at 100 characters."""

    feature: str
    value: Annotated[str | float | bool | None, Field(description="As the model read it.")]
    contribution: float


class Reasons(BaseModel):
    """Why this answer: the base value and all contributions add up to what is explained.

    They are Shapley values, estimated where more than a few features differ from those of a typical row; they
    describe the model and name no causes.
    """

    explained_class: Annotated[
        str | None,
        Field(alias="class", description="Its probability is explained; absent where a number is."),
    ] = None
    base: Annotated[float, Field(description="The mean answer for a few typical rows of the training.")]
    contributions: Annotated[list[Contribution], Field(description="Of every feature, the largest first.")]


class Prediction(BaseModel):
    """Prediction for one instance: a class with the probability of each, or a number with its interval."""

    prediction: str | float
    probabilities: dict[str, float] | None = None
    interval: PredictionInterval | None = None
    reasons: Reasons | None = None


class PredictWarning(BaseModel):
    """A value that was accepted though training never saw the like."""

    instance: Annotated[int, Field(ge=0, description="Position among the instances, from 0.")]
    feature: str
    code: Literal["out_of_range", "unseen_category"]
    message: str


class PredictResponse(BaseModel):
    """Predictions in the order of the instances, and the version that made them."""

    model: str
    version: int
    stage: Literal["staging", "production"]
    warnings: Annotated[list[PredictWarning], Field(max_length=100, description="The first 100.")]
    warnings_total: Annotated[int, Field(ge=0)]
    predictions: list[Prediction]


class Problem(BaseModel):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: Annotated[list[dict[str, Any]] | None, Field(description="Every fault of the input.")] = None


class Health(BaseModel):
    """The service is alive."""

    status: Literal["ok"]
