"""MLflow's part of an erasure, with a real MLflow on SQLite."""

from pathlib import Path
from typing import Any

import pytest

from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.storage import Storage
from erase.service import Eraser
from tests.functional.conftest import ME, YOU, Call
from tests.functional.erasure_world import Clock, World
from train.tracking_erasure import TrackingErasure
from train.tracking_service import TrackingService

# MLflow's own server side, which runs in this process here, uses what SQLAlchemy has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def mlflow_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


def _told(mlflow_uri: str, owner: str) -> Any:
    """Names of experiments, versions that have runs, registered versions and artifacts of an owner."""
    from mlflow import MlflowClient

    client = MlflowClient(mlflow_uri, mlflow_uri)
    experiments = [e for e in client.search_experiments() if e.name.startswith(owner)]
    runs = client.search_runs([e.experiment_id for e in experiments]) if experiments else []
    return (
        sorted(e.name for e in experiments),
        sorted(run.data.tags["csv_analyzer.version"] for run in runs),
        sorted(
            (v.name, v.tags["csv_analyzer.version"])
            for v in client.search_model_versions()
            if v.name.startswith(owner)
        ),
    )


@pytest.mark.slow
@pytest.mark.long
def test_mlflow_forgets_what_was_erased_and_nothing_else(
    api: Call, aws: Any, storage: Storage, mlflow_uri: str, tmp_path: Path
) -> None:
    table = Table(aws.tables["Catalog"].name)
    tracking = TrackingService(table, storage, mlflow_uri)
    erasure = TrackingErasure(table, mlflow_uri)
    world = World(table, storage, ME).fill()
    world.with_owner(YOU).fill()
    assert tracking.log_pending(lambda: 120) == 10
    theirs = _told(mlflow_uri, YOU)
    artifacts = {path for path in tmp_path.rglob("*") if path.name == "model.npz"}
    assert len(artifacts) == 10

    clock = Clock()
    eraser = Eraser(Catalog(table), storage, with_mlflow=True, clock=clock)
    assert api("api-delete-dataset", path={"dataset_id": world.dataset}).body["mlflow"] == "pending"
    eraser.run(lambda: 120)
    # As long as a worker may still log, MLflow's part waits.
    assert erasure.run(lambda: 120) == 0
    clock.pass_by()
    eraser.run(lambda: 120)
    (receipt,) = api("api-get-erasures").body["items"]
    assert (receipt["status"], receipt["mlflow"]) == ("PENDING", "pending")
    assert TrackingErasure(table, "http://127.0.0.1:9").run(lambda: 120) == 0
    assert erasure.run(lambda: 120) == 1
    (receipt,) = api("api-get-erasures").body["items"]
    assert (receipt["status"], receipt["mlflow"]) == ("COMPLETE", "deleted")
    assert erasure.run(lambda: 120) == 0

    kept = [f"{ME}/flats/1", f"{ME}/mixed/1"]
    assert _told(mlflow_uri, ME) == (
        [f"{ME}/flats", f"{ME}/mixed"],
        kept,
        [(f"{ME}.flats", kept[0]), (f"{ME}.mixed", kept[1])],
    )
    assert _told(mlflow_uri, YOU) == theirs
    assert len([path for path in artifacts if path.exists()]) == 7

    # The name is free for a new model, whose number goes on.
    world.train(world.other, "houses")
    assert tracking.log_pending(lambda: 120) == 1
    experiments, runs, _registered = _told(mlflow_uri, ME)
    assert f"{ME}/houses" in experiments
    assert f"{ME}/houses/3" in runs


def test_a_version_that_was_erased_before_it_was_logged_needs_no_log(
    aws: Any, storage: Storage, api: Call, mlflow_uri: str
) -> None:
    table = Table(aws.tables["Catalog"].name)
    world = World(table, storage, ME).fill()
    (version, *_), _more = Catalog(table).versions(ME, "flats", 1, None)
    api("api-delete-model", path={"name": "flats"})
    assert TrackingService(table, storage, mlflow_uri).log(version, 60)
    assert world.items_of_kind("VERSION#flats#") == {}
