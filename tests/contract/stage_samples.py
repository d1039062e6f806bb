"""Versions that are published without a training, and what the catalog holds of them."""

import random

from csv_analyzer import jobs, registry
from csv_analyzer.catalog import Catalog
from csv_analyzer.leases import Leases
from csv_analyzer.records import Action, History, Job, Version

PLACE = ("me", "houses")


def publish(
    catalog: Catalog,
    rmse: float = 0.5,
    *,
    owner: str = "me",
    name: str = "houses",
    holdout_id: str = "same",
) -> int:
    """Publish the next version as a training does; its baseline has an rmse of 1."""
    table = catalog.table
    job_id = f"{name}-{random.getrandbits(64):x}"
    job = Job(owner, "2026-01-01T00:00:00.000Z", job_id, "d", name, "QUEUED")
    with Leases(table).hold(f"train {job_id}", 60) as lease:
        assert lease
        jobs.start(table, lease, job)
        version = Version(
            owner=owner,
            created_at="2026-01-01T00:00:00.000Z",
            model=name,
            version=registry.reserve_version(table, job),
            dataset_id="d",
            job_id=job_id,
            task="regression",
            target="price",
            metric="rmse",
            npz_sha256="n",
            manifest_sha256="m",
            metrics={"holdout": {"rmse": rmse}, "baseline": {"rmse": 1.0}},
            holdout_id=holdout_id,
        )
        registry.publish(table, lease, job, version)
    return version.version


def stage_of(catalog: Catalog) -> dict[int, str]:
    """Stage of every version, by what the catalog holds."""
    model = catalog.model(*PLACE)
    versions, _ = catalog.versions(*PLACE, limit=1000, before=None)
    return {version.version: str(version.stage(model)) for version in versions}


def chain(catalog: Catalog) -> list[History]:
    """The history, oldest first."""
    entries, more = catalog.history(*PLACE, limit=1000, before=None)
    assert more is None
    return entries[::-1]


def replayed(entries: list[History]) -> tuple[int, list[int], dict[int, str]]:
    """Pointer, lineage and stages that follow from the history alone, by the rules of the contract."""
    production, lineage, stage = 0, [], {}
    for entry in entries:
        assert stage.get(entry.version, "") == entry.from_stage
        if entry.to_stage == "production" and production:
            stage[production] = "archived"
        if entry.action == Action.PROMOTED and production:
            lineage.append(production)
        if entry.action == Action.ROLLED_BACK:
            assert lineage.pop() == entry.version
        if entry.to_stage == "production":
            production = entry.version
        stage[entry.version] = entry.to_stage
        assert entry.production == production
    return production, lineage, stage
