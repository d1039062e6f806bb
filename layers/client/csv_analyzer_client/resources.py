"""What the service answers with, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csv_analyzer_client.decoding import Resource
from csv_analyzer_client.settings import Service


@dataclass(frozen=True, kw_only=True)
class Reason(Resource):
    """Why something failed: a stable code and a sentence that says what to do."""

    code: str
    message: str
    steps: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServiceConfig(Resource):
    """What a client must know to sign in (`GET /config`)."""

    region: str
    user_pool_client_id: str
    cognito_url: str
    version: str
    # An older service does not say these.
    role_without_group: str | None = None
    self_sign_up: bool | None = None

    @property
    def sign_in(self) -> Service:
        """What it says of the sign-in, to complete with it what is known of the service."""
        return Service(
            region=self.region, user_pool_client_id=self.user_pool_client_id, cognito_url=self.cognito_url
        )


@dataclass(frozen=True, kw_only=True)
class Form(Resource):
    """Where and with which fields to post a file."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Dataset(Resource):
    """A dataset; `status` is UPLOADING, ANALYZING, READY or FAILED."""

    id: str
    file_name: str
    status: str
    created_at: str
    size_bytes: int
    rows: int
    columns: int
    warnings: int
    job_id: str | None = None
    newest_recipe: int | None = None
    error: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Job(Resource):
    """A training; `status` is QUEUED, RUNNING, CANCELLING, SUCCEEDED, FAILED or CANCELLED."""

    id: str
    dataset_id: str
    model: str
    target: str
    status: str
    created_at: str
    progress: float
    started_at: str | None = None
    finished_at: str | None = None
    message: str = ""
    leaderboard: tuple[Mapping[str, Any], ...] = ()
    version: int | None = None
    queue_position: int | None = None
    options: Mapping[str, Any] | None = None
    error: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class RecipeEffect(Resource):
    """A table before and after a recipe, and what each step did."""

    rows_before: int
    rows_after: int
    columns_before: int
    columns_after: int
    missing_before: int
    missing_after: int
    steps: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipe(Resource):
    """A version of a dataset's cleaning; `status` is CHECKING, READY or FAILED."""

    version: int
    dataset_id: str
    status: str
    created_at: str
    target: str | None = None
    steps: tuple[Mapping[str, Any], ...] = ()
    sentences: tuple[str, ...] = ()
    effect: RecipeEffect | None = None
    error: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class ModelSummary(Resource):
    """A model in a list; `production_version` is None where none is in production."""

    name: str
    task: str
    target: str
    created_at: str
    production_version: int | None
    latest_version: int


@dataclass(frozen=True, kw_only=True)
class VersionSummary(Resource):
    """A version in a list; `stage` is production, staging or archived."""

    version: int
    stage: str
    created_at: str
    task: str
    target: str
    metric: str
    metrics: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Model(ModelSummary):
    """A model with its versions, newest first; a rollback takes the last version of its lineage."""

    revision: int = 0
    lineage: tuple[int, ...] = ()
    versions: tuple[VersionSummary, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Version(VersionSummary):
    """A version in full."""

    model: str
    dataset_id: str
    job_id: str
    leaderboard: tuple[Mapping[str, Any], ...] = ()
    exports: tuple[Mapping[str, Any], ...] = ()
    mlflow_run_id: str | None = None
    mlflow_run_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class HistoryEntry(Resource):
    """A change of a model's stages: who did what when, and how the gate judged it."""

    revision: int
    at: str
    actor: str
    action: str
    version: int | None = None
    from_stage: str | None = None
    to_stage: str | None = None
    production_version: int | None = None
    forced: bool = False
    reason: str | None = None
    gate: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class StageChange(Resource):
    """A model after a promotion, an archiving or a rollback; `change` is None if it was so before."""

    model: str
    version: int
    stage: str
    revision: int
    changed: bool
    production_version: int | None = None
    change: HistoryEntry | None = None


@dataclass(frozen=True, kw_only=True)
class History(Resource):
    """What was in production at a moment, who put it there, and the changes up to then, newest first."""

    model: str
    at: str
    items: tuple[HistoryEntry, ...]
    production_version: int | None = None
    put_there_by: HistoryEntry | None = None
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Interval(Resource):
    """Where the true number lies, for a share `coverage` of rows like those of the training."""

    low: float
    high: float
    coverage: float


@dataclass(frozen=True, kw_only=True)
class Prediction(Resource):
    """The answer to one instance."""

    prediction: str | float
    probabilities: Mapping[str, float] | None = None
    interval: Interval | None = None
    reasons: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Predictions(Resource):
    """Answers in the order of the instances, and the version that gave them."""

    model: str
    version: int
    stage: str
    warnings: tuple[Mapping[str, Any], ...]
    warnings_total: int
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True, kw_only=True)
class BatchFile(Resource):
    """Where a file of a batch job is; no token is sent there."""

    file_name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Batch(Resource):
    """A batch job; `status` is UPLOADING, QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""

    id: str
    model: str
    version: int
    file_name: str
    status: str
    created_at: str
    progress: float
    rows: int
    rows_with_errors: int
    safe: bool = False
    started_at: str | None = None
    finished_at: str | None = None
    error: Reason | None = None
    predictions: BatchFile | None = None
    errors: BatchFile | None = None


@dataclass(frozen=True, kw_only=True)
class Download(Resource):
    """Where a file of a version is, and its SHA-256."""

    model: str
    version: int
    format: str
    size_bytes: int
    sha256: str
    url: str
    parity: float | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt(Resource):
    """What was erased; it holds no data."""

    id: str
    kind: str
    name_or_id: str
    requested_at: str
    status: str
    completed_at: str | None = None
    objects: int = 0
    bytes: int = 0
    items: int = 0
    versions: int = 0
    mlflow: str | None = None
