"""Stages in MLflow: aliases and tags follow the catalog, with MLflow's real store in a file."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from csv_analyzer import keys, stages
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import Table, delete, update
from csv_analyzer.errors import DependencyError
from csv_analyzer.leases import Leases
from csv_analyzer.records import Model
from csv_analyzer.storage import Storage
from tests.contract.stage_samples import PLACE, publish
from tests.drill.plan import Fault, Plan, Rule
from tests.drill.proxy import FaultProxy
from train import tracking
from train.tracking_service import TrackingService

# MLflow's own store, which runs in this process here and on a server elsewhere.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The ``noload`` loader:DeprecationWarning")]

ACTOR = "user:me"
NAME = tracking.registered_name(*PLACE)
REPORT = {
    "parameters": {"seed": 0},
    "data": {"sha256": "d"},
    "holdout_id": "same",
    "split": {"kind": "random"},
    "metrics": {"holdout": {"rmse": 1}},
    "leaderboard": [],
}


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database with its tables, which take seconds to make."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}", f"sqlite:///{path}").search_registered_models()
    return path


@dataclass
class Mirror:
    """The catalog, MLflow, and what tells one of the other."""

    catalog: Catalog
    storage: Storage
    service: TrackingService

    @property
    def mlflow(self) -> MlflowClient:
        return MlflowClient(self.service.tracking_uri, self.service.tracking_uri)

    def publish(self, *, log: bool = True) -> int:
        number = publish(self.catalog)
        for name in ("manifest.json", "model.npz", keys.CARD):
            self.storage.put(keys.model(*PLACE, number, name), b"{}", "text/plain")
        self.storage.put_json(keys.model(*PLACE, number, keys.REPORT), REPORT)
        if log:
            assert self.service.log(self.catalog.version(*PLACE, number), 60)
        return number

    def tell(self) -> int:
        return self.service.mirror_pending(lambda: 60.0)

    def told(self) -> tuple[dict[str, int], dict[int, str]]:
        """Aliases and tags in MLflow, by our numbers."""
        found = list(self.mlflow.search_model_versions(f"name = '{NAME}'"))
        ours = {
            str(entry.version): int(entry.tags[tracking.VERSION_TAG].rpartition("/")[2]) for entry in found
        }
        aliases = self.mlflow.get_registered_model(NAME).aliases
        tags = {ours[str(entry.version)]: entry.tags.get("stage", "") for entry in found}
        return {alias: ours[str(number)] for alias, number in aliases.items()}, tags


@pytest.fixture
def mirror(aws: Any, empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    store = tmp_path / "mlflow.db"
    shutil.copy(empty_store, store)
    # Artifacts go below the working folder where the store is a file.
    monkeypatch.chdir(tmp_path)
    table, storage = Table(aws.tables["Catalog"].name), Storage(aws.buckets["DataBucket"].name)
    return Mirror(Catalog(table), storage, TrackingService(table, storage, f"sqlite:///{store}"))


def test_mlflow_is_told_every_change_of_stages(mirror: Mirror) -> None:
    for _ in range(3):
        mirror.publish()
    assert mirror.tell() == 1
    everything = {1: "production", 2: "staging", 3: "staging"}
    assert mirror.told() == ({"production": 1, "staging": 3}, everything)

    stages.promote(mirror.catalog, *PLACE, 3, actor=ACTOR)
    assert mirror.told()[0] == {"production": 1, "staging": 3}
    assert mirror.tell() == 1
    assert mirror.told() == (
        {"production": 3, "staging": 2},
        {1: "archived", 2: "staging", 3: "production"},
    )
    stages.archive(mirror.catalog, *PLACE, 2, actor=ACTOR)
    stages.roll_back(mirror.catalog, *PLACE, actor=ACTOR)
    assert mirror.tell() == 1
    assert mirror.told() == ({"production": 1}, {1: "production", 2: "archived", 3: "archived"})
    assert mirror.tell() == 0


def test_a_run_names_the_request_that_ordered_it(mirror: Mirror) -> None:
    mirror.publish()
    number = mirror.publish(log=False)
    ordered = update(version_key(*PLACE, number), assign={"request_id": "5d2f8e71"})
    mirror.catalog.table.write(ordered)
    assert mirror.service.log(mirror.catalog.version(*PLACE, number), 60)
    runs = (mirror.catalog.version(*PLACE, version).mlflow_run_id for version in (1, number))
    tags = [mirror.mlflow.get_run(run).data.tags.get("request_id") for run in runs]
    assert tags == [None, "5d2f8e71"]


def test_a_version_that_can_not_be_logged_keeps_no_other_from_its_turn(mirror: Mirror) -> None:
    first, second = mirror.publish(log=False), mirror.publish(log=False)
    with Leases(mirror.catalog.table).hold(f"track {'/'.join(PLACE)}/{first}", 60):
        assert mirror.service.log_pending(lambda: 60.0) == 1
    assert mirror.catalog.version(*PLACE, second).mlflow_run_id
    assert not mirror.catalog.version(*PLACE, first).mlflow_run_id


def test_a_version_that_is_logged_later_gets_its_stage_then(mirror: Mirror) -> None:
    mirror.publish()
    number = mirror.publish(log=False)
    assert mirror.tell() == 1
    assert mirror.told() == ({"production": 1}, {1: "production"})
    assert mirror.tell() == 0
    assert mirror.service.log_pending(lambda: 60.0) == 1
    assert mirror.tell() == 1
    assert mirror.told() == ({"production": 1, "staging": number}, {1: "production", number: "staging"})


def test_a_model_that_mlflow_does_not_know_waits_for_its_first_version(mirror: Mirror) -> None:
    mirror.publish(log=False)
    assert mirror.tell() == 1
    assert mirror.mlflow.search_registered_models(f"name = '{NAME}'") == []
    assert mirror.service.log_pending(lambda: 60.0) == 1
    assert mirror.tell() == 1
    assert mirror.told() == ({"production": 1}, {1: "production"})


def test_without_a_version_in_production_there_is_no_alias(mirror: Mirror) -> None:
    mirror.publish(), mirror.publish()
    mirror.tell()
    pending = {"production": 0, "pending": "mirror"}
    mirror.catalog.table.write(update(model_key(*PLACE), assign=pending), delete(version_key(*PLACE, 1)))
    assert mirror.tell() == 1
    # What is erased from the catalog is left to the erasure.
    assert mirror.told() == ({"staging": 2}, {1: "production", 2: "staging"})


def test_a_change_in_the_middle_is_told_too(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.publish(), mirror.publish()
    tell: Callable[..., None] = tracking.mirror_stages
    told: list[int] = []

    def interrupted(uri: str, model: Any, versions: Any) -> None:
        tell(uri, model, versions)
        told.append(model.production)
        if len(told) == 1:
            stages.promote(mirror.catalog, *PLACE, 2, actor=ACTOR)

    monkeypatch.setattr(tracking, "mirror_stages", interrupted)
    assert mirror.tell() == 1
    assert told == [1, 2]
    assert mirror.told() == ({"production": 2}, {1: "archived", 2: "production"})
    assert mirror.tell() == 0


def test_a_version_that_is_logged_in_the_middle_is_told_too(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.publish()
    number = mirror.publish(log=False)
    tell: Callable[..., None] = tracking.mirror_stages

    def interrupted(uri: str, model: Any, versions: Any) -> None:
        tell(uri, model, versions)
        mirror.service.log_pending(lambda: 60.0)

    monkeypatch.setattr(tracking, "mirror_stages", interrupted)
    assert mirror.tell() == 1
    assert mirror.told() == ({"production": 1, "staging": number}, {1: "production", number: "staging"})


def test_two_workers_do_not_tell_the_same_model_at_once(mirror: Mirror) -> None:
    mirror.publish()
    with Leases(mirror.catalog.table).hold("mirror me/houses", 60):
        assert mirror.tell() == 0
        assert mirror.told() == ({}, {1: ""})


def test_stages_wait_while_mlflow_is_away_and_others_have_their_turn(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.publish()
    publish(mirror.catalog, name="flats")
    away = replace(mirror.service, tracking_uri="http://127.0.0.1:9")
    tried: list[str] = []
    tell: Callable[..., None] = tracking.mirror_stages

    def noted(uri: str, model: Any, versions: Any) -> None:
        tried.append(model.name)
        tell(uri, model, versions)

    monkeypatch.setattr(tracking, "mirror_stages", noted)
    assert away.mirror_pending(lambda: 60.0) == 0
    assert sorted(tried) == ["flats", "houses"]
    assert away.mirror_pending(lambda: 1.0) == 0
    assert len(tried) == 2
    assert mirror.tell() == 2
    assert mirror.told() == ({"production": 1}, {1: "production"})


def test_without_an_mlflow_nothing_is_told(mirror: Mirror) -> None:
    mirror.publish(log=False)
    nowhere = replace(mirror.service, tracking_uri="")
    assert (nowhere.mirror_pending(lambda: 60.0), nowhere.mirror(*PLACE, 60)) == (0, False)


def test_a_version_that_was_erased_is_not_brought_back_by_its_log(mirror: Mirror) -> None:
    number = mirror.publish(log=False)
    version = mirror.catalog.version(*PLACE, number)
    mirror.catalog.table.write(delete(version_key(*PLACE, number)))
    assert mirror.service.log(version, 60)
    assert mirror.catalog.table.get(version_key(*PLACE, number)) is None


def test_a_request_whose_answer_was_lost_is_not_sent_again(moto_url: str) -> None:
    with FaultProxy(moto_url, "mlflow") as proxy:
        proxy.plan = Plan("", {"mlflow": Rule(1.0, weights={Fault.LOST: 1})})
        with pytest.raises(DependencyError):
            tracking.mirror_stages(proxy.url, Model(owner=PLACE[0], created_at="", name=PLACE[1]), [])
        assert proxy.seen.requests["mlflow"] == 1
