"""Keys of the data bucket: built and read here only.

``uploads/{owner}/{dataset}/{file}``, ``drop/{owner}/target={column}/{file}``,
``training/{owner}/{dataset}/{job}.json``, ``recipes/{owner}/{dataset}/{version}.json``,
``profiles/{owner}/{dataset}/{file}`` of the raw data,
``profiles/{owner}/{dataset}/recipes/{version}/{file}`` of what a recipe made of it,
``models/{owner}/{model}/{version}/{file}``,
``batch/{owner}/{model}/{job}/input.csv``, ``results/{owner}/{model}/{job}/{file}``,
``observations/{owner}/{model}/{version}/{date}/{id}.json``, ``drift/{owner}/{model}/{version}.json``.
"""

import re
from dataclasses import dataclass
from typing import Final

UPLOADS: Final = "uploads/"
DROP: Final = "drop/"
TRAINING: Final = "training/"
RECIPES: Final = "recipes/"
PROFILES: Final = "profiles/"
MODELS: Final = "models/"
BATCH: Final = "batch/"
RESULTS: Final = "results/"
OBSERVATIONS: Final = "observations/"
DRIFT: Final = "drift/"
PREDICTIONS_FILE: Final = "predictions.csv"
ERRORS_FILE: Final = "errors.csv"
# What a version can be downloaded as, and the file of its folder that holds it.
EXPORT_FILES: Final = {"archive": "export.zip", "onnx": "model.onnx"}
# What is told of a version, in its folder.
REPORT: Final = "report.json"
CARD: Final = "card.md"

_OWNER = r"(?P<owner>[A-Za-z0-9_-]{1,128})"
_UPLOAD = re.compile(rf"uploads/{_OWNER}/(?P<dataset>[0-9a-f]{{24}})/(?P<file>[^/]{{1,200}})")
_DROP = re.compile(rf"drop/{_OWNER}/(?:target=(?P<target>.{{1,300}})/)?(?P<file>[^/]{{1,200}})", re.DOTALL)
_TRAINING = re.compile(rf"training/{_OWNER}/(?P<dataset>[0-9a-f]{{24}})/(?P<job>[0-9a-f]{{24}})\.json")
_RECIPE = re.compile(rf"recipes/{_OWNER}/(?P<dataset>[0-9a-f]{{24}})/(?P<version>[1-9][0-9]{{0,5}})\.json")
_BATCH = re.compile(
    rf"batch/{_OWNER}/(?P<model>[a-z0-9][a-z0-9_-]{{0,63}})/(?P<batch>[0-9a-f]{{24}})/input\.csv"
)
_MODEL_VERSION = rf"{_OWNER}/(?P<model>[a-z0-9][a-z0-9_-]{{0,63}})/(?P<version>[1-9][0-9]{{0,5}})"
_OBSERVATION = re.compile(
    rf"observations/{_MODEL_VERSION}/(?P<date>\d{{4}}-\d\d-\d\d)/(?P<id>[0-9a-f]{{24}})\.json", re.ASCII
)
_DRIFT = re.compile(rf"drift/{_MODEL_VERSION}\.json")


@dataclass(frozen=True)
class FileKey:
    """A user's CSV file: where it came in and whose it is.

    ``dataset_id`` is empty for the drop folder, whose datasets get their id when they are analyzed;
    ``target`` is empty where the key names none.
    """

    owner: str
    dataset_id: str
    file_name: str
    target: str


@dataclass(frozen=True)
class TrainingKey:
    """A training order."""

    owner: str
    dataset_id: str
    job_id: str


@dataclass(frozen=True)
class RecipeKey:
    """A version of a dataset's cleaning recipe."""

    owner: str
    dataset_id: str
    version: int


@dataclass(frozen=True)
class BatchKey:
    """A file of rows that a model is to score."""

    owner: str
    model: str
    batch_id: str


@dataclass(frozen=True, order=True)
class VersionKey:
    """A version of a model."""

    owner: str
    model: str
    version: int


@dataclass(frozen=True)
class ObservationKey:
    """What a process counted of a version's predictions on one day, in UTC."""

    version: VersionKey
    date: str
    id: str


def upload(owner: str, dataset_id: str, file_name: str) -> str:
    """Key of an uploaded file."""
    return f"{UPLOADS}{owner}/{dataset_id}/{file_name}"


def training(owner: str, dataset_id: str, job_id: str) -> str:
    """Key of a training order."""
    return f"{TRAINING}{owner}/{dataset_id}/{job_id}.json"


def recipe(owner: str, dataset_id: str, version: int) -> str:
    """Key of a version of a dataset's cleaning recipe."""
    return f"{RECIPES}{owner}/{dataset_id}/{version}.json"


def profile(owner: str, dataset_id: str, recipe_version: int = 0) -> str:
    """Key of the profile of a dataset: as it was read (0), or as a recipe cleaned it."""
    return _findings(owner, dataset_id, recipe_version) + "profile.json"


def preview(owner: str, dataset_id: str, recipe_version: int = 0) -> str:
    """Key of the first rows of a dataset: as they were read (0), or as a recipe cleaned them."""
    return _findings(owner, dataset_id, recipe_version) + "preview.json"


def model(owner: str, name: str, version: int, file_name: str) -> str:
    """Key of one file of a model version."""
    return f"{MODELS}{owner}/{name}/{version}/{file_name}"


def batch(owner: str, model_name: str, batch_id: str) -> str:
    """Key of the rows of a batch job."""
    return f"{BATCH}{owner}/{model_name}/{batch_id}/input.csv"


def result(owner: str, model_name: str, batch_id: str, file_name: str) -> str:
    """Key of what a batch job writes."""
    return f"{RESULTS}{owner}/{model_name}/{batch_id}/{file_name}"


def observation(place: ObservationKey) -> str:
    """Key of what a process counted."""
    version = place.version
    return f"{observations(version)}{place.date}/{place.id}.json"


def observations(version: VersionKey) -> str:
    """Prefix of what was counted of a version's predictions."""
    return f"{OBSERVATIONS}{version.owner}/{version.model}/{version.version}/"


def drift(version: VersionKey) -> str:
    """Key of what is known of a version's drift."""
    return f"{DRIFT}{version.owner}/{version.model}/{version.version}.json"


def of_dataset(owner: str, dataset_id: str) -> list[str]:
    """Prefixes of all that is kept of a dataset, but for a file in the drop folder."""
    return [f"{kind}{owner}/{dataset_id}/" for kind in (UPLOADS, RECIPES, PROFILES, TRAINING)]


def of_versions(owner: str, model_name: str) -> list[str]:
    """Prefixes of all that is kept of the versions of a model; their numbers follow."""
    return [f"{kind}{owner}/{model_name}/" for kind in (MODELS, OBSERVATIONS, DRIFT)]


def of_batches(owner: str, model_name: str) -> list[str]:
    """Prefixes of all that is kept of the batch jobs of a model; their ids follow."""
    return [f"{kind}{owner}/{model_name}/" for kind in (BATCH, RESULTS)]


def parse_file(key: str) -> FileKey | None:
    """Read the key of a CSV file from either door; None if it follows neither form."""
    if found := _UPLOAD.fullmatch(key):
        return FileKey(found["owner"], found["dataset"], found["file"], "")
    if found := _DROP.fullmatch(key):
        return FileKey(found["owner"], "", found["file"], found["target"] or "")
    return None


def parse_training(key: str) -> TrainingKey | None:
    """Read the key of a training order; None if it does not follow the form."""
    found = _TRAINING.fullmatch(key)
    return TrainingKey(found["owner"], found["dataset"], found["job"]) if found else None


def parse_recipe(key: str) -> RecipeKey | None:
    """Read the key of a recipe; None if it does not follow the form."""
    found = _RECIPE.fullmatch(key)
    return RecipeKey(found["owner"], found["dataset"], int(found["version"])) if found else None


def parse_batch(key: str) -> BatchKey | None:
    """Read the key of the rows of a batch job; None if it does not follow the form."""
    found = _BATCH.fullmatch(key)
    return BatchKey(found["owner"], found["model"], found["batch"]) if found else None


def parse_observation(key: str) -> ObservationKey | None:
    """Read the key of what a process counted; None if it does not follow the form."""
    found = _OBSERVATION.fullmatch(key)
    return ObservationKey(_version(found), found["date"], found["id"]) if found else None


def parse_drift(key: str) -> VersionKey | None:
    """Read the key of what is known of a version's drift; None if it does not follow the form."""
    found = _DRIFT.fullmatch(key)
    return _version(found) if found else None


def _version(found: re.Match[str]) -> VersionKey:
    return VersionKey(found["owner"], found["model"], int(found["version"]))


def safe_file_name(name: str) -> str:
    """File name as it may stand in a key: letters, digits, dot, dash and underscore, ending in .csv."""
    stem = re.sub(r"\.csv$", "", name.strip(), flags=re.IGNORECASE)
    return (re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip(".-")[:100] or "data") + ".csv"


def model_name(file_name: str) -> str:
    """Name of the model that a file leads to when nobody chose one: a slug of its stem."""
    stem = re.sub(r"\.csv$", "", file_name, flags=re.IGNORECASE)
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-_")[:64].strip("-_") or "model"


def _findings(owner: str, dataset_id: str, recipe_version: int) -> str:
    cleaned = f"recipes/{recipe_version}/" if recipe_version else ""
    return f"{PROFILES}{owner}/{dataset_id}/{cleaned}"
