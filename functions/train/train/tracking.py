"""MLflow: the only module that imports it."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow.environment_variables as mlflow_variables
from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, Metric, Param, RunTag
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.entities import PagedList
from requests.exceptions import RequestException

from csv_analyzer.errors import DependencyError
from csv_analyzer.records import SERVING_STAGES, Model, Version

VERSION_TAG = "csv_analyzer.version"
STAGE_TAG = "stage"
_MAX_PARAM_CHARACTERS = 500
_ARTIFACTS = "model"
_LEADERBOARD = "leaderboard.json"
# Tells MLflow's page which artifacts are tables.
_TABLES_TAG = "mlflow.loggedArtifacts"

# A request whose answer is lost has been carried out: sent again, it makes a second run. What is not known
# to be done is looked for by the next attempt, and found.
mlflow_variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(0)
mlflow_variables.MLFLOW_HTTP_REQUEST_TIMEOUT.set(15)
mlflow_variables.MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT.set(value=True)
# SageMaker's plugin, which signs requests to an MLflow App, is asked about those to any other server, too,
# and MLflow warns of each that it is none of the plugin's.
logging.getLogger("mlflow.tracking.request_header.registry").setLevel(logging.ERROR)


def log_version(tracking_uri: str, version: Version, folder: Path) -> str:
    """Log a version as a run with parameters, metrics and artifacts, and register it.

    Every step first looks whether an earlier attempt has done it, so that an attempt that was
    killed halfway is completed and not repeated.

    Parameters
    ----------
    tracking_uri : str
        MLflow's address, or the ARN of an MLflow App of SageMaker, which must be that of the process
        (``MLFLOW_TRACKING_URI``), too: the plugin that signs reads it there.
    version : Version
        The version.
    folder : Path
        Holds ``report.json`` and the files to keep as artifacts.

    Returns
    -------
    str
        Id of the run.

    Raises
    ------
    DependencyError
        If MLflow is away or refuses.
    """
    try:
        client = MlflowClient(tracking_uri, tracking_uri)
        report = json.loads((folder / "report.json").read_text("utf-8"))
        run_id = _run(client, version)
        if client.get_run(run_id).info.status != "FINISHED":
            _fill(client, run_id, version, report, folder)
        _register(client, run_id, version)
    except (MlflowException, RequestException) as error:
        raise DependencyError(f"MLflow did not take the version: {error}") from error
    return run_id


def erase_versions(
    tracking_uri: str, owner: str, model: str, erased: Callable[[int], bool], *, keep_model: bool
) -> None:
    """Delete runs and registered versions of a model; what an attempt has deleted is not there for the next.

    Artifacts and tags are deleted for good. Of a run MLflow's server keeps parameters and metrics, invisible,
    until its operator runs ``mlflow gc``.

    Parameters
    ----------
    tracking_uri : str
        MLflow's address.
    owner, model : str
        Whose model.
    erased : callable
        Takes the number of a version.
    keep_model : bool
        Whether the model has other versions, so that its names in MLflow stay.

    Raises
    ------
    DependencyError
        If MLflow is away or refuses.
    """
    try:
        client = MlflowClient(tracking_uri, tracking_uri)
        name = registered_name(owner, model)
        registered = client.search_registered_models(f"name = '{name}'", max_results=1)
        if registered:
            _unregister(client, name, erased, keep_model=keep_model)
        experiment = client.get_experiment_by_name(f"{owner}/{model}")
        if experiment and experiment.lifecycle_stage == LifecycleStage.ACTIVE:
            _erase_runs(client, tracking_uri, experiment.experiment_id, erased)
            if not keep_model and not client.search_runs([experiment.experiment_id], max_results=1):
                # A deleted experiment keeps its name, which a later model may want.
                client.rename_experiment(experiment.experiment_id, f"erased/{experiment.experiment_id}")
                client.delete_experiment(experiment.experiment_id)
    except (MlflowException, RequestException) as error:
        raise DependencyError(f"MLflow did not delete the versions: {error}") from error


def _unregister(client: MlflowClient, name: str, erased: Callable[[int], bool], *, keep_model: bool) -> None:
    left = 0
    for version in _all(lambda token: client.search_model_versions(f"name = '{name}'", page_token=token)):
        if erased(_number(version.tags)):
            for tag in version.tags:
                client.delete_model_version_tag(name, version.version, tag)
            client.delete_model_version(name, version.version)
        else:
            left += 1
    if not left and not keep_model:
        client.delete_registered_model(name)


def _erase_runs(
    client: MlflowClient, tracking_uri: str, experiment_id: str, erased: Callable[[int], bool]
) -> None:
    for run in _all(lambda token: client.search_runs([experiment_id], page_token=token)):
        if erased(_number(run.data.tags)):
            get_artifact_repository(run.info.artifact_uri, tracking_uri).delete_artifacts()
            for tag in run.data.tags.keys() - {VERSION_TAG}:
                client.delete_tag(run.info.run_id, tag)
            client.delete_run(run.info.run_id)


def _all[T](search: Callable[[str | None], PagedList[T]]) -> list[T]:
    found = search(None)
    items = list(found)
    while found.token:
        found = search(found.token)
        items += found
    return items


def _number(tags: Mapping[str, str]) -> int:
    """Number of the version that a run or a registered version is of, 0 for none of ours."""
    number = tags.get(VERSION_TAG, "").rpartition("/")[2]
    return int(number) if number.isdecimal() else 0


def registered_name(owner: str, model: str) -> str:
    """Name of a model in MLflow's registry, which all owners share."""
    return f"{owner}.{model}"


def _label(version: Version) -> str:
    return f"{version.owner}/{version.model}/{version.version}"


def _run(client: MlflowClient, version: Version) -> str:
    name = f"{version.owner}/{version.model}"
    found = client.get_experiment_by_name(name)
    experiment_id = found.experiment_id if found else client.create_experiment(name)
    runs = client.search_runs([experiment_id], f"tags.`{VERSION_TAG}` = '{_label(version)}'", max_results=1)
    if runs:
        return str(runs[0].info.run_id)
    tags = {VERSION_TAG: _label(version), "mlflow.runName": f"{version.model} v{version.version}"}
    start = int(datetime.fromisoformat(version.created_at).timestamp() * 1000)
    return str(client.create_run(experiment_id, start_time=start, tags=tags).info.run_id)


def _fill(client: MlflowClient, run_id: str, version: Version, report: dict[str, Any], folder: Path) -> None:
    moment = int(datetime.fromisoformat(version.created_at).timestamp() * 1000)
    parameters = {
        **report["parameters"],
        "data_sha256": report["data"]["sha256"],
        "holdout_id": report["holdout_id"],
        "split": report["split"]["kind"],
    }
    client.log_batch(
        run_id,
        metrics=[Metric(key, value, moment, 0) for key, value in flat_numbers(report["metrics"]).items()],
        params=[Param(key, str(value)[:_MAX_PARAM_CHARACTERS]) for key, value in parameters.items()],
        tags=[
            RunTag("task", version.task),
            RunTag("target", version.target[:_MAX_PARAM_CHARACTERS]),
            RunTag("dataset_id", version.dataset_id),
            RunTag("job_id", version.job_id),
            *([RunTag("request_id", version.request_id)] if version.request_id else []),
            RunTag(_TABLES_TAG, json.dumps([{"path": _LEADERBOARD, "type": "table"}])),
        ],
    )
    # As MlflowClient.log_table writes it, which would append to what an earlier attempt has written.
    client.log_text(run_id, json.dumps(leaderboard_table(report["leaderboard"])), _LEADERBOARD)
    client.log_artifacts(run_id, str(folder), _ARTIFACTS)
    client.set_terminated(run_id, "FINISHED")


def _register(client: MlflowClient, run_id: str, version: Version) -> None:
    name = registered_name(version.owner, version.model)
    if not client.search_registered_models(f"name = '{name}'", max_results=1):
        client.create_registered_model(name)
    known = client.search_model_versions(f"name = '{name}'")
    if all(found.run_id != run_id for found in known):
        source = f"{client.get_run(run_id).info.artifact_uri}/{_ARTIFACTS}"
        tags = {VERSION_TAG: _label(version)}
        client.create_model_version(name, source, run_id, tags, await_creation_for=0)


def leaderboard_table(leaderboard: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a leaderboard as a table artifact: columns, and rows of data."""
    columns = ["model", "metric", "mean", "std", "folds", "fit_seconds", "chosen"]
    return {"columns": columns, "data": [[row[name] for name in columns] for row in leaderboard]}


def flat_numbers(groups: dict[str, Any]) -> dict[str, float]:
    """Numbers of nested metrics under joined names, such as ``holdout.accuracy``."""
    flat: dict[str, float] = {}
    for name, value in groups.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": number for inner, number in flat_numbers(value).items()}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[name] = float(value)
    return flat


def mirror_stages(tracking_uri: str, model: Model, versions: Sequence[Version]) -> None:
    """Tell MLflow the stages of those versions that it knows; nothing is written that is so already.

    Each of them gets the tag ``stage``. The alias ``production`` points at the version in production, and
    ``staging`` at the newest in staging; an alias without such a version is deleted.

    Parameters
    ----------
    tracking_uri : str
        MLflow's address.
    model : Model
        The model, with the pointer to mirror.
    versions : sequence of Version
        All of its versions.

    Raises
    ------
    DependencyError
        If MLflow is away or refuses.
    """
    name = registered_name(model.owner, model.name)
    try:
        client = MlflowClient(tracking_uri, tracking_uri)
        found = client.search_registered_models(f"name = '{name}'", max_results=1)
        if not found:
            return
        registered = _by_label(client, name)
        aliases: dict[str, str] = {}
        for version in sorted(versions, key=lambda version: version.version):
            known = registered.get(_label(version))
            if known is None:
                continue
            stage = version.stage(model)
            if known.tags.get(STAGE_TAG) != stage:
                client.set_model_version_tag(name, known.version, STAGE_TAG, str(stage))
            if stage in SERVING_STAGES:
                aliases[stage] = str(known.version)
        present = {alias: str(number) for alias, number in found[0].aliases.items()}
        for alias in SERVING_STAGES:
            if alias not in aliases and alias in present:
                client.delete_registered_model_alias(name, alias)
            elif alias in aliases and present.get(alias) != aliases[alias]:
                client.set_registered_model_alias(name, alias, aliases[alias])
    except (MlflowException, RequestException) as error:
        raise DependencyError(f"MLflow did not take the stages: {error}") from error


def _by_label(client: MlflowClient, name: str) -> dict[str, ModelVersion]:
    """Registered versions by the label that says which of ours they are."""
    registered: dict[str, ModelVersion] = {}
    token: str | None = None
    while True:
        page = client.search_model_versions(f"name = '{name}'", page_token=token)
        registered |= {found.tags[VERSION_TAG]: found for found in page if VERSION_TAG in found.tags}
        token = page.token
        if not token:
            return registered
