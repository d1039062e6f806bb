"""What the catalog holds: datasets, recipes, jobs, models, their versions, and what became of them.

Documents with fractions (metrics, leaderboards) are kept as JSON text: DynamoDB's numbers can't hold
every float.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from csv_analyzer.dynamo import Item

# Items that some work waits for carry which it is, and a sparse index holds them, oldest first.
PENDING_INDEX = "pending"
PENDING_ATTRIBUTE = "pending"
_JSON = {
    "leaderboard",
    "metrics",
    "exports",
    "order",
    "error",
    "checkpoint",
    "sentences",
    "effect",
    "gate",
    "options",
    "counts",
}


class Pending(StrEnum):
    """Work that waits for somebody to do it."""

    TRACKING = "tracking"  # a version that MLflow does not know
    MIRROR = "mirror"  # a model whose stages MLflow must be told
    TRAINING = "training"  # a job in the queue
    ERASURE = "erasure"  # an erasure that is not complete
    OUTCOMES = "outcomes"  # outcomes of a day, which the hourly run judges until they leave the windows


class DatasetStatus(StrEnum):
    """Life of a dataset."""

    UPLOADING = "UPLOADING"
    ANALYZING = "ANALYZING"
    READY = "READY"
    FAILED = "FAILED"


class RecipeStatus(StrEnum):
    """Life of a recipe."""

    CHECKING = "CHECKING"
    READY = "READY"
    FAILED = "FAILED"


class JobStatus(StrEnum):
    """Life of a training job."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class BatchStatus(StrEnum):
    """Life of a batch job."""

    UPLOADING = "UPLOADING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class ErasureKind(StrEnum):
    """What was erased."""

    DATASET = "dataset"
    MODEL = "model"


class ErasureStatus(StrEnum):
    """Life of an erasure."""

    PENDING = "PENDING"
    COMPLETE = "COMPLETE"


class Phase(StrEnum):
    """How far a pending erasure is."""

    BEGUN = "begun"  # nobody can see it any more
    CLEARED = "cleared"  # all that there was is deleted; workers that had begun may still write
    SWEPT = "swept"  # what they wrote is deleted too; MLflow's part is left


class Stage(StrEnum):
    """Stage of a model version; at most one version of a model is in production."""

    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


# Archived versions answer nobody.
SERVING_STAGES = (Stage.PRODUCTION, Stage.STAGING)


class Action(StrEnum):
    """What changed the stages of a model."""

    PUBLISHED = "published"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    ARCHIVED = "archived"
    RESTORED = "restored"
    ERASED = "erased"


@dataclass(frozen=True)
class Record:
    """What the kinds of items have in common: whose they are and when they were made."""

    owner: str
    created_at: str

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Read an item of the table; attributes the class does not know are left out."""
        names = {f.name for f in fields(cls)} & item.keys()
        return cls(**{name: json.loads(item[name]) if name in _JSON else item[name] for name in names})

    def to_item(self) -> Item:
        """Attributes to write; those with nothing in them are left out."""
        return encode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True)
class Dataset(Record):
    """A CSV file and what became of it.

    ``key`` and ``version_id`` name the bytes in S3, ``size`` is in bytes, ``recipes`` is the newest version
    of a recipe (0 for none), ``error`` has a code and a message when the status is FAILED. While the file is
    on its way, ``reserved`` bytes count as stored until ``reserved_until``, and the entry disappears at
    ``expires_at`` (both Unix time); ``upload_id`` names the upload of a file that comes in parts and has
    ``announced`` bytes.
    """

    id: str
    file_name: str
    status: str
    key: str
    version_id: str = ""
    size: int = 0
    rows: int = 0
    columns: int = 0
    warnings: int = 0
    job_id: str = ""
    recipes: int = 0
    error: dict[str, str] | None = None
    reserved: int = 0
    reserved_until: int = 0
    expires_at: int = 0
    upload_id: str = ""
    announced: int = 0


@dataclass(frozen=True)
class Recipe(Record):
    """A version of a dataset's cleaning recipe and what applying it did; its steps stand in S3.

    ``effect`` has rows, columns and missing cells before and after, and what each step did; ``error`` a
    code, a message and, where steps are to blame, ``steps``: the number of each and the reason.
    """

    dataset_id: str
    version: int
    status: str
    target: str = ""
    sentences: list[str] = field(default_factory=list)
    finished_at: str = ""
    effect: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class Job(Record):
    """A training and how far it is.

    ``progress`` is a share of one, ``options`` is what was ordered. A job whose order is not written yet
    disappears at ``expires_at`` (Unix time).
    """

    id: str
    dataset_id: str
    model: str
    status: str
    target: str = ""
    progress: float = 0.0
    message: str = ""
    leaderboard: list[dict[str, Any]] = field(default_factory=list)
    version: int = 0
    started_at: str = ""
    finished_at: str = ""
    error: dict[str, str] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    expires_at: int = 0


@dataclass(frozen=True)
class Model(Record):
    """A model: the one pointer that says which of its versions is in production, and how it came there.

    ``latest`` is the highest version number given out, ``versions`` how many versions there are.
    ``production`` is the version in production (0 for none), put there by the change ``production_since``;
    ``lineage`` names those that were there before, oldest first. ``revision`` counts the changes of stages,
    of which the last was at ``changed_at``; ``logged`` how often a version was logged to MLflow. At
    ``erased_at`` all versions that there were of that name were erased.
    """

    name: str
    latest: int = 0
    production: int = 0
    task: str = ""
    target: str = ""
    versions: int = 0
    lineage: list[int] = field(default_factory=list)
    production_since: int = 0
    revision: int = 0
    changed_at: str = ""
    logged: int = 0
    erased_at: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a version; before, a model is but a number that a training was given."""
        return self.versions > 0 or self.production > 0


@dataclass(frozen=True)
class Version(Record):
    """A trained version of a model, with the checksums that predict demands.

    ``exports`` says of each format either ``bytes``, ``sha256`` and, for ONNX, the ``parity`` reached,
    or the ``reason`` why there is no such file. ``holdout_id`` names the ``holdout_rows`` rows that judged:
    versions with equal ones can be compared by ``metrics["holdout"]``. ``request_id`` is the request
    to the API that ordered it.
    """

    model: str
    version: int
    dataset_id: str
    job_id: str
    task: str
    target: str
    metric: str
    npz_sha256: str
    manifest_sha256: str
    metrics: dict[str, Any] = field(default_factory=dict)
    leaderboard: list[dict[str, Any]] = field(default_factory=list)
    mlflow_run_id: str = ""
    exports: dict[str, dict[str, Any]] = field(default_factory=dict)
    holdout_id: str = ""
    holdout_rows: int = 0
    archived: bool = False
    request_id: str = ""

    def stage(self, model: Model) -> Stage:
        """Stage of the version; what is in production is decided by the one pointer that the model holds."""
        if model.production == self.version:
            return Stage.PRODUCTION
        return Stage.ARCHIVED if self.archived else Stage.STAGING


@dataclass(frozen=True)
class History(Record):
    """One change of a model's stages, at the moment ``created_at``.

    ``revision`` numbers the changes of a model from 1 without gaps. ``actor`` is ``user:{sub}`` or
    ``service:train``, ``from_stage`` and ``to_stage`` are empty where the version was not there,
    ``production`` is the version in production afterwards (0 for none) and ``production_since`` the change
    that put it there. ``gate`` is the document of :class:`csv_analyzer.gate.Gate`.
    """

    model: str
    revision: int
    actor: str
    action: str
    version: int = 0
    from_stage: str = ""
    to_stage: str = ""
    production: int = 0
    production_since: int = 0
    forced: bool = False
    reason: str = ""
    gate: dict[str, Any] | None = None


@dataclass(frozen=True)
class Batch(Record):
    """A CSV file that a version of a model scores, and how far that is.

    ``size`` is in bytes, ``version_id`` names the bytes in S3; ``rows`` have been scored, ``row_errors`` of
    them have faults. ``checkpoint`` is what the next worker goes on with, ``request_id`` the API's request
    that ordered the job.
    """

    id: str
    model: str
    version: int
    status: str
    file_name: str
    safe: bool = False
    version_id: str = ""
    size: int = 0
    rows: int = 0
    row_errors: int = 0
    progress: float = 0.0
    started_at: str = ""
    finished_at: str = ""
    checkpoint: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    request_id: str = ""


@dataclass(frozen=True)
class OutcomeReceipt(Record):
    """That outcomes were counted under an id of the client's, and where; it holds none of them.

    ``digest`` is the SHA-256 of what was sent, ``outcomes`` how many there were, ``day`` the day in UTC that
    they count for. Until ``expires_at`` (Unix time) the id can't be used for anything else.
    """

    model: str
    id: str
    version: int
    day: str
    outcomes: int
    digest: str
    expires_at: int


@dataclass(frozen=True)
class OutcomeDay(Record):
    """What outcomes came back of a version's predictions on one day in UTC.

    ``counts`` are those of :mod:`csv_analyzer.quality`, changed ``revision`` times. The day is forgotten
    at ``expires_at`` (Unix time).
    """

    model: str
    version: int
    day: str
    counts: dict[str, Any]
    revision: int
    expires_at: int


@dataclass(frozen=True)
class Erasure(Record):
    """The receipt of an erasure; it names what was erased and holds none of its data.

    ``subject`` is the id of the dataset or the name of the model. ``objects``, ``bytes``, ``items`` and
    ``versions`` (of models) count what was deleted. ``parts`` are the versions whose objects go, each with
    ``model``, ``first`` and ``last`` number; ``sweep_at`` (Unix time) is when all workers that had begun have
    ended; ``revision`` counts the changes of the parts.
    """

    id: str
    kind: str
    subject: str
    status: str = ErasureStatus.PENDING
    phase: str = Phase.BEGUN
    completed_at: str = ""
    objects: int = 0
    bytes: int = 0
    items: int = 0
    versions: int = 0
    mlflow: str = "none"
    parts: list[dict[str, Any]] = field(default_factory=list)
    sweep_at: int = 0
    revision: int = 0

    def covers(self, model: str, version: int) -> bool:
        """Return whether a version of a model is among what is erased."""
        return any(part["model"] == model and part["first"] <= version <= part["last"] for part in self.parts)


def is_over(item: Mapping[str, Any]) -> bool:
    """Return whether an item is past its time: DynamoDB takes it away up to two days later."""
    return 0 < int(item.get("expires_at", 0)) <= time.time()


def encode(attributes: Mapping[str, Any]) -> Item:
    """Attributes as the table holds them: documents as JSON text."""
    return {
        name: json.dumps(value, allow_nan=False) if name in _JSON else value
        for name, value in attributes.items()
    }
