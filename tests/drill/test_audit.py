"""The audit says nothing of a world that is right, and finds each thing that is wrong."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.drill.audit import Kind, Order, Run, Snapshot, Unanswered, Wrong, audit

OWNER, DATASET, JOB, BATCH = "ana", "d" * 24, "1" * 24, "b" * 24
FILE = f"uploads/{OWNER}/{DATASET}/homes.csv"
PLACE = f"models/{OWNER}/homes/1/"
PK = f"OWNER#{OWNER}"
LABEL = f"{OWNER}/homes/1"
NOW = 1_000_000.0


def item(sk: str, **attributes: Any) -> dict[str, Any]:
    return {"pk": PK, "sk": sk, "owner": OWNER, "created_at": "2026-01-01T00:00:00Z", **attributes}


def claim(effect: str, state: str, until: float) -> dict[str, Any]:
    digest = hashlib.sha256(effect.encode()).hexdigest()
    return {"pk": f"CLAIM#{digest}", "sk": "CLAIM", "state": state, "token": "t", "lease_until": until}


def version(number: int, job: str, **attributes: Any) -> dict[str, Any]:
    facts = {
        "model": "homes",
        "version": number,
        "dataset_id": DATASET,
        "job_id": job,
        "task": "regression",
        "target": "price",
        "metric": "rmse",
        "npz_sha256": "npz",
        "manifest_sha256": "manifest",
        "exports": json.dumps({"archive": {"bytes": 1, "sha256": "zip"}, "onnx": {"reason": "None."}}),
        "mlflow_run_id": "run",
    }
    return item(f"VERSION#homes#{number:06d}", **{**facts, **attributes})


@dataclass
class World:
    """A dataset, a recipe, a training, a version and a batch job, all well."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    registered: list[Run] = field(default_factory=list)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    has_mlflow: bool = True

    def __post_init__(self) -> None:
        self.add(item(f"DATASET#{DATASET}", id=DATASET, status="READY", key=FILE, version_id="v"))
        self.add(item(f"RECIPE#{DATASET}#000001", dataset_id=DATASET, version=1, status="READY"))
        self.add(item(f"JOB#{JOB}", id=JOB, dataset_id=DATASET, model="homes", status="SUCCEEDED", version=1))
        self.add(version(1, JOB))
        self.add(item("MODEL#homes", name="homes", latest=1, production=1, versions=1, revision=1))
        change = {"model": "homes", "revision": 1, "actor": "service:train", "action": "published"}
        self.add(item("HISTORY#homes#00000001", **change, version=1, production=1))
        self.add(item(f"BATCH#homes#{BATCH}", id=BATCH, model="homes", status="SUCCEEDED", file_name="x.csv"))
        self.add(item("ADMISSION", revision=3))
        self.add(claim(f"train {OWNER}/{JOB}", "done", 0))
        self.add(claim(f"mirror {OWNER}/homes", "leased", 0))
        self.objects |= {
            FILE: "",
            f"recipes/{OWNER}/{DATASET}/1.json": "",
            f"profiles/{OWNER}/{DATASET}/profile.json": "",
            f"profiles/{OWNER}/{DATASET}/recipes/1/preview.json": "",
            f"training/{OWNER}/{DATASET}/{JOB}.json": "",
            f"{PLACE}model.npz": "npz",
            f"{PLACE}manifest.json": "manifest",
            f"{PLACE}report.json": "",
            f"{PLACE}card.md": "",
            f"{PLACE}export.zip": "zip",
            f"batch/{OWNER}/homes/{BATCH}/input.csv": "",
            f"results/{OWNER}/homes/{BATCH}/predictions.csv": "",
            f"results/{OWNER}/homes/{BATCH}/errors.csv": "",
            f"results/{OWNER}/homes/{BATCH}/checkpoints/1-x": "",
            f"observations/{OWNER}/homes/1/2026-01-01/{'0' * 24}.json": "",
            f"drift/{OWNER}/homes/1.json": "",
        }
        for kind, place, end in (
            (Kind.DATASET, DATASET, "READY"),
            (Kind.RECIPE, f"{DATASET}#000001", "READY"),
            (Kind.TRAINING, JOB, "SUCCEEDED"),
            (Kind.BATCH, f"homes#{BATCH}", "SUCCEEDED"),
        ):
            self.orders.append(Order("here", OWNER, kind, place, {end}))
        self.waiting |= {"TrainQueue": 0}
        self.runs.append(Run(LABEL, "run", "FINISHED"))
        self.registered.append(Run(LABEL, "run"))
        self.aliases[f"{OWNER}.homes", "production"] = LABEL

    def add(self, one: dict[str, Any]) -> None:
        self.items[one["sk"] if one["sk"] != "CLAIM" else one["pk"]] = one

    def job(self, **attributes: Any) -> None:
        self.items[f"JOB#{JOB}"] |= attributes

    def second(self, status: str, **attributes: Any) -> str:
        """Another job of the same model, with its order."""
        job = "2" * 24
        facts = {"id": job, "dataset_id": DATASET, "model": "homes", "status": status, **attributes}
        self.add(item(f"JOB#{job}", **facts))
        self.objects[f"training/{OWNER}/{DATASET}/{job}.json"] = ""
        return job

    def fail(self, code: str) -> str:
        """Another job that failed; its order may end so."""
        job = self.second("FAILED", error=json.dumps({"code": code, "message": "..."}))
        self.orders.append(Order("here", OWNER, Kind.TRAINING, job, {"SUCCEEDED", f"FAILED {code}"}))
        return job

    def found(self) -> list[tuple[Wrong, str]]:
        snapshot = Snapshot(
            NOW,
            items=list(self.items.values()),
            objects=self.objects,
            waiting=self.waiting,
            dead=self.dead,
            runs=self.runs,
            registered=self.registered,
            aliases=self.aliases,
            has_mlflow=self.has_mlflow,
        )
        return [
            (violation.kind, violation.text) for violation in audit(self.orders, self.unanswered, snapshot)
        ]


def test_nothing_is_said_of_a_world_that_is_right() -> None:
    assert World().found() == []


def lose(sk: str) -> Callable[[World], Any]:
    return lambda world: world.items.pop(sk)


def lose_object(key: str) -> Callable[[World], Any]:
    return lambda world: world.objects.pop(key)


def add(one: dict[str, Any]) -> Callable[[World], Any]:
    return lambda world: world.add(one)


def put(key: str, sha256: str = "") -> Callable[[World], Any]:
    return lambda world: world.objects.update({key: sha256})


def publish_twice(world: World) -> None:
    world.add(version(2, JOB, mlflow_run_id="other"))
    for name in ("model.npz", "manifest.json", "export.zip", "report.json", "card.md"):
        world.objects[f"models/{OWNER}/homes/2/{name}"] = world.objects[f"{PLACE}{name}"]
    world.items["MODEL#homes"] |= {"latest": 2, "versions": 2}
    world.runs.append(Run(f"{OWNER}/homes/2", "other", "FINISHED"))
    world.registered.append(Run(f"{OWNER}/homes/2", "other"))


@pytest.mark.parametrize(
    ("spoil", "kind", "words"),
    [
        (lose(f"JOB#{JOB}"), Wrong.LOST, "not in the catalog"),
        (lose(f"DATASET#{DATASET}"), Wrong.LOST, "not in the catalog"),
        (lose("VERSION#homes#000001"), Wrong.LOST, "no version of it"),
        (lambda world: world.job(status="RUNNING"), Wrong.UNFINISHED, "is RUNNING"),
        (lambda world: world.job(status="CANCELLED"), Wrong.WRONG_END, "is CANCELLED, not SUCCEEDED"),
        (
            lambda world: world.job(status="FAILED", error='{"code": "order_gone"}'),
            Wrong.WRONG_END,
            "is FAILED order_gone",
        ),
        (lambda world: world.second("SUCCEEDED"), Wrong.DOUBLED, "nobody ordered JOB#2"),
        (
            add(item(f"DATASET#{'e' * 24}", status="READY", key=FILE)),
            Wrong.DOUBLED,
            "nobody ordered DATASET#e",
        ),
        (
            add(item(f"RECIPE#{DATASET}#000002", status="READY")),
            Wrong.DOUBLED,
            f"nobody ordered RECIPE#{DATASET}#000002",
        ),
        (
            add(item(f"BATCH#homes#{'c' * 24}", status="FAILED", owner=OWNER, model="homes", id="c" * 24)),
            Wrong.DOUBLED,
            "nobody ordered BATCH#homes#c",
        ),
        (publish_twice, Wrong.DOUBLED, f"job {JOB} made {OWNER}/homes/1, {OWNER}/homes/2"),
        (lambda world: world.job(status="FAILED"), Wrong.DOUBLED, "is FAILED"),
        (lambda world: world.job(version=2), Wrong.GAP, "not the number"),
        (
            lambda world: world.items["MODEL#homes"].update(latest=3),
            Wrong.GAP,
            "no version [2, 3], and no job",
        ),
        (lambda world: world.items["MODEL#homes"].update(latest=0), Wrong.GAP, "beyond 0"),
        (lambda world: world.items["MODEL#homes"].update(versions=2), Wrong.GAP, "counts 2 of 1"),
        (
            lambda world: world.items["MODEL#homes"].update(production=2),
            Wrong.GAP,
            "has 2 in production",
        ),
        (lose("HISTORY#homes#00000001"), Wrong.HISTORY, "has changes [] up to 1"),
        (
            lambda world: world.items["HISTORY#homes#00000001"].update(production=0),
            Wrong.HISTORY,
            "its history 0",
        ),
        (lose_object(f"{PLACE}model.npz"), Wrong.OBJECT, "model.npz is not there"),
        (lose_object(f"{PLACE}card.md"), Wrong.OBJECT, "card.md is not there"),
        (lose_object(f"{PLACE}export.zip"), Wrong.OBJECT, "export.zip is not there"),
        (put(f"{PLACE}manifest.json", "other"), Wrong.OBJECT, "manifest.json is not what"),
        (put(f"{PLACE}export.zip", "other"), Wrong.OBJECT, "export.zip is not what"),
        (
            lose_object(f"results/{OWNER}/homes/{BATCH}/errors.csv"),
            Wrong.OBJECT,
            "errors.csv is not there",
        ),
        (put(f"models/{OWNER}/homes/2/model.npz"), Wrong.ORPHAN, "homes/2/model.npz"),
        (put(f"uploads/{OWNER}/{'e' * 24}/x.csv"), Wrong.ORPHAN, "x.csv"),
        (put(f"drop/{OWNER}/target=price/x.csv"), Wrong.ORPHAN, "drop/"),
        (put(f"training/{OWNER}/{DATASET}/{'9' * 24}.json"), Wrong.ORPHAN, "training/"),
        (put(f"recipes/{OWNER}/{DATASET}/2.json"), Wrong.ORPHAN, "2.json"),
        (put(f"results/{OWNER}/homes/{'9' * 24}/errors.csv"), Wrong.ORPHAN, "results/"),
        (put("elsewhere/x"), Wrong.ORPHAN, "elsewhere/x"),
        (add(claim("anything", "leased", NOW + 5)), Wrong.LEASE, "is held"),
        (add(claim(f"train {OWNER}/{JOB}", "leased", NOW - 5)), Wrong.LEASE, "left by a worker"),
        (add(claim(f"mirror {OWNER}/homes", "leased", NOW - 5)), Wrong.LEASE, "left by a worker"),
        (
            add(claim(f"analyze bucket/{FILE}?versionId=v", "leased", NOW - 5)),
            Wrong.LEASE,
            "left by a worker",
        ),
        (lambda world: world.waiting.update(TrainQueue=2), Wrong.QUEUE, "TrainQueue holds 2"),
        (
            lambda world: world.dead.append(f"training/{OWNER}/{DATASET}/{JOB}.json"),
            Wrong.DEAD_LETTER,
            "1 too many about training/",
        ),
        (lambda world: world.fail("training_interrupted"), Wrong.DEAD_LETTER, "none about training/"),
        (lambda world: world.runs.append(Run(LABEL, "again", "FINISHED")), Wrong.MLFLOW, "2 runs"),
        (lambda world: world.runs.clear(), Wrong.MLFLOW, "0 runs"),
        (
            lambda world: world.runs.append(Run(f"{OWNER}/homes/7", "r", "RUNNING")),
            Wrong.MLFLOW,
            "homes/7, which is not there",
        ),
        (lambda world: world.runs.append(Run("", "r", "RUNNING")), Wrong.MLFLOW, "nothing, which"),
        (
            lambda world: world.registered.append(Run(LABEL, "run")),
            Wrong.MLFLOW,
            "2 registered versions",
        ),
        (
            lambda world: world.runs.__setitem__(0, Run(LABEL, "run", "RUNNING")),
            Wrong.MLFLOW,
            "is RUNNING",
        ),
        (
            lambda world: world.items["VERSION#homes#000001"].update(pending="tracking"),
            Wrong.MLFLOW,
            "waits to be logged",
        ),
        (
            lambda world: world.items["MODEL#homes"].update(pending="mirror"),
            Wrong.MLFLOW,
            "wait to be told",
        ),
        (lambda world: world.aliases.clear(), Wrong.MLFLOW, "was told None"),
    ],
)
def test_what_is_wrong_is_found(spoil: Callable[[World], Any], kind: Wrong, words: str) -> None:
    world = World()
    spoil(world)
    assert any(found is kind and words in text for found, text in world.found()), world.found()


def test_what_was_interrupted_has_one_dead_letter() -> None:
    world = World()
    job = world.fail("training_interrupted")
    world.dead.append(f"training/{OWNER}/{DATASET}/{job}.json")
    assert world.found() == []
    world.dead *= 2
    assert [kind for kind, _ in world.found()] == [Wrong.DEAD_LETTER]


def test_the_number_of_a_job_that_failed_is_no_gap() -> None:
    world = World()
    job = world.fail("no_rows")
    world.items[f"JOB#{job}"]["version"] = 2
    world.items["MODEL#homes"]["latest"] = 2
    assert world.found() == []


def test_what_an_unanswered_request_ordered_may_be_there_once() -> None:
    world = World()
    world.unanswered.append(Unanswered(OWNER, Kind.TRAINING, DATASET))
    assert world.found() == []
    job = world.second("CANCELLED")
    assert world.found() == []
    world.items[f"JOB#{job}"]["status"] = "RUNNING"
    assert [kind for kind, _ in world.found()] == [Wrong.UNFINISHED]
    world.items[f"JOB#{job}"]["expires_at"] = 1
    assert world.found() == []
    world.add(item(f"JOB#{'3' * 24}", id="3", dataset_id=DATASET, model="homes", status="CANCELLED"))
    assert [kind for kind, _ in world.found()] == [Wrong.DOUBLED]


def test_another_kind_of_unanswered_request_explains_nothing() -> None:
    world = World()
    world.unanswered += [Unanswered(OWNER, Kind.TRAINING, "other"), Unanswered("ben", Kind.TRAINING, DATASET)]
    world.second("CANCELLED")
    assert [kind for kind, _ in world.found()] == [Wrong.DOUBLED]


def test_a_lease_on_what_nobody_wants_any_more_may_end_by_itself() -> None:
    world = World()
    world.add(claim(f"analyze bucket/{FILE}?versionId=older", "leased", NOW - 5))
    assert world.found() == []


def test_without_mlflow_nothing_is_asked_of_it() -> None:
    world = World()
    world.runs.clear()
    world.registered.clear()
    world.aliases.clear()
    world.items["VERSION#homes#000001"]["pending"] = "tracking"
    world.has_mlflow = False
    assert world.found() == []


def test_an_order_may_end_in_a_status_whatever_its_code() -> None:
    world = World()
    job = world.fail("no_rows")
    world.orders[-1] = replace(world.orders[-1], ends={"FAILED"})
    assert world.found() == []
    world.items[f"JOB#{job}"]["status"] = "CANCELLED"
    assert [kind for kind, _ in world.found()] == [Wrong.WRONG_END]
