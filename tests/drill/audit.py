"""What must be true when all is over: from what was ordered and what is there to what is wrong."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from csv_analyzer import keys
from csv_analyzer.records import PENDING_ATTRIBUTE, History, Model, Stage, Version

Item = Mapping[str, Any]

# What says that an event was tried as often as it may be: its message lies among the dead letters.
INTERRUPTED = {"training_interrupted", "analysis_interrupted", "batch_interrupted"}
_TERMINAL = {"READY", "SUCCEEDED", "FAILED", "CANCELLED"}


class Kind(StrEnum):
    """What can be ordered; the value is the beginning of its key in the catalog."""

    DATASET = "DATASET"
    RECIPE = "RECIPE"
    TRAINING = "JOB"
    BATCH = "BATCH"


class Wrong(StrEnum):
    """What can be wrong."""

    LOST = "lost"
    UNFINISHED = "unfinished"
    WRONG_END = "wrong end"
    DOUBLED = "doubled"
    GAP = "gap"
    HISTORY = "history"
    OBJECT = "object"
    ORPHAN = "orphan"
    LEASE = "lease"
    QUEUE = "queue"
    DEAD_LETTER = "dead letter"
    MLFLOW = "mlflow"


class Violation(NamedTuple):
    """What is wrong, and where."""

    kind: Wrong
    text: str


@dataclass(frozen=True)
class Order:
    """What a user was told is under way.

    Parameters
    ----------
    scenario, owner : str
        Where, and whose.
    kind : Kind
        What.
    place : str
        Key behind the kind in the catalog: ``{dataset}``, ``{dataset}#{version}``, ``{job}`` or
        ``{model}#{batch}``.
    ends : collection of str
        In what it may end: a status, or one with the code of its error, ``FAILED training_interrupted``.
    """

    scenario: str
    owner: str
    kind: Kind
    place: str
    ends: Collection[str]


@dataclass(frozen=True)
class Unanswered:
    """A request whose answer was an error of the service: what it ordered may be there, once.

    Parameters
    ----------
    owner : str
        Whose.
    kind : Kind
        What.
    about : str
        What the order is about: the dataset of a recipe or a training, the model of a batch job.
    """

    owner: str
    kind: Kind
    about: str = ""


class Run(NamedTuple):
    """A run in MLflow, or a registered version: which version of ours it is, and of which run."""

    label: str
    run_id: str
    status: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What is there.

    Parameters
    ----------
    moment : float
        When (Unix time).
    bucket : str
        Name of the data bucket.
    items : sequence of mapping
        All of the catalog.
    objects : mapping
        SHA-256 of each object, by key.
    waiting : mapping
        How many messages a queue of work holds.
    dead : sequence of str
        Keys of the objects that dead letters are about.
    runs, registered : sequence of Run
        All runs and all registered versions of MLflow.
    aliases : mapping
        Label that an alias points at, by ``{owner}.{model}`` and alias.
    has_mlflow : bool
        Whether there is an MLflow to look at.
    """

    moment: float
    bucket: str = "bucket"
    items: Sequence[Item] = ()
    objects: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    dead: Sequence[str] = ()
    runs: Sequence[Run] = ()
    registered: Sequence[Run] = ()
    aliases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    has_mlflow: bool = True

    def of_kind(self, kind: str) -> list[Item]:
        """Items whose sort key begins so."""
        return [item for item in self.items if item["sk"].startswith(f"{kind}#")]

    def found(self, order: Order) -> Item | None:
        """The item of an order."""
        wanted = (f"OWNER#{order.owner}", f"{order.kind}#{order.place}")
        return next((item for item in self.items if (item["pk"], item["sk"]) == wanted), None)


def audit(orders: Sequence[Order], unanswered: Sequence[Unanswered], snapshot: Snapshot) -> list[Violation]:
    """Find all that is wrong."""
    return [
        *ends(orders, snapshot),
        *strangers(orders, unanswered, snapshot),
        *versions(snapshot),
        *histories(snapshot),
        *objects(snapshot),
        *orphans(snapshot),
        *leases(snapshot),
        *queues(snapshot),
        *dead_letters(snapshot),
        *mlflow(snapshot),
    ]


def end_of(item: Item) -> str:
    """In what an item ended: its status, with the code of its error where it has one."""
    error = item.get("error")
    return f"{item['status']} {json.loads(error)['code']}" if error else str(item["status"])


def is_over(item: Item) -> bool:
    """Return whether nothing more is to happen to an item."""
    return item["status"] in _TERMINAL


def ends(orders: Sequence[Order], snapshot: Snapshot) -> Iterator[Violation]:
    """Nothing that was ordered is lost, and all of it ended as it may."""
    for order in orders:
        name = f"{order.scenario}: {order.kind} {order.owner}/{order.place}"
        item = snapshot.found(order)
        if item is None:
            yield Violation(Wrong.LOST, f"{name} is not in the catalog")
        elif not is_over(item):
            yield Violation(Wrong.UNFINISHED, f"{name} is {item['status']}")
        elif not {end_of(item), item["status"]} & set(order.ends):
            yield Violation(Wrong.WRONG_END, f"{name} is {end_of(item)}, not {' or '.join(order.ends)}")


def strangers(
    orders: Sequence[Order], unanswered: Sequence[Unanswered], snapshot: Snapshot
) -> Iterator[Violation]:
    """Nothing is there that nobody ordered; what an unanswered request ordered is there once at most."""
    known = {(f"OWNER#{order.owner}", f"{order.kind}#{order.place}") for order in orders}
    left = Counter(unanswered)
    for kind in Kind:
        for item in snapshot.of_kind(kind):
            if (item["pk"], item["sk"]) in known:
                continue
            owner = item["pk"].removeprefix("OWNER#")
            name = f"{item['sk']} of {owner}"
            asked = Unanswered(owner, kind, _about(kind, item))
            if left[asked] < 1:
                yield Violation(Wrong.DOUBLED, f"nobody ordered {name}")
            # What was begun and not ordered to its end disappears by itself.
            elif not is_over(item) and not item.get("expires_at"):
                yield Violation(Wrong.UNFINISHED, f"{name}, whose order got no answer, is {item['status']}")
            left[asked] -= 1


def _about(kind: Kind, item: Item) -> str:
    match kind:
        case Kind.DATASET:
            return ""
        case Kind.TRAINING:
            return str(item["dataset_id"])
        case _:
            return str(item["sk"].split("#")[1])


def versions(snapshot: Snapshot) -> Iterator[Violation]:
    """Each training that succeeded made one version, and numbers have no gaps but those of other ends."""
    jobs = {(item["pk"], item["sk"].removeprefix("JOB#")): item for item in snapshot.of_kind(Kind.TRAINING)}
    made: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for item in snapshot.of_kind("VERSION"):
        version = Version.from_item(dict(item))
        made[item["pk"], version.job_id].append(version)
    for place, of_job in made.items():
        job = jobs.get(place)
        label = ", ".join(f"{one.owner}/{one.model}/{one.version}" for one in of_job)
        if len(of_job) > 1:
            yield Violation(Wrong.DOUBLED, f"job {place[1]} made {label}")
        if job is None or job["status"] != "SUCCEEDED":
            status = job["status"] if job else "not there"
            yield Violation(Wrong.DOUBLED, f"{label} is there, and its job {place[1]} is {status}")
        elif job.get("version") not in {one.version for one in of_job}:
            yield Violation(Wrong.GAP, f"{label} is not the number that job {place[1]} was given")
    for place, job in jobs.items():
        if job["status"] == "SUCCEEDED" and place not in made:
            yield Violation(Wrong.LOST, f"job {place[1]} succeeded and there is no version of it")
    yield from _numbers(snapshot, jobs.values())


def _numbers(snapshot: Snapshot, jobs: Collection[Item]) -> Iterator[Violation]:
    given = defaultdict(set)
    for job in jobs:
        if number := job.get("version"):
            given[job["pk"], job["model"]].add(int(number))
    there = defaultdict(set)
    for item in snapshot.of_kind("VERSION"):
        there[item["pk"], item["model"]].add(int(item["version"]))
    for item in snapshot.of_kind("MODEL"):
        model = Model.from_item(dict(item))
        place = (item["pk"], model.name)
        name = f"model {model.owner}/{model.name}"
        missing = set(range(1, model.latest + 1)) - there[place] - given[place]
        if missing:
            yield Violation(Wrong.GAP, f"{name} has no version {sorted(missing)}, and no job was given it")
        if beyond := {number for number in there[place] if number > model.latest}:
            yield Violation(Wrong.GAP, f"{name} has versions {sorted(beyond)} beyond {model.latest}")
        if model.versions != len(there[place]):
            yield Violation(Wrong.GAP, f"{name} counts {model.versions} of {len(there[place])} versions")
        if model.versions and model.production not in there[place]:
            yield Violation(Wrong.GAP, f"{name} has {model.production} in production, which is not there")


def histories(snapshot: Snapshot) -> Iterator[Violation]:
    """The chain of changes of each model is whole, and its end is what is in production now."""
    changes: dict[tuple[str, str], list[History]] = defaultdict(list)
    for item in snapshot.of_kind("HISTORY"):
        change = History.from_item(dict(item))
        changes[item["pk"], change.model].append(change)
    for item in snapshot.of_kind("MODEL"):
        model = Model.from_item(dict(item))
        name = f"model {model.owner}/{model.name}"
        chain = sorted(changes[item["pk"], model.name], key=lambda change: change.revision)
        if [change.revision for change in chain] != list(range(1, model.revision + 1)):
            found = [change.revision for change in chain]
            yield Violation(Wrong.HISTORY, f"{name} has changes {found} up to {model.revision}")
        elif chain and chain[-1].production != model.production:
            last = chain[-1].production
            yield Violation(Wrong.HISTORY, f"{name} has {model.production} in production; its history {last}")


def objects(snapshot: Snapshot) -> Iterator[Violation]:
    """All files of each version and of each batch job are there, with the checksums of the catalog."""
    wanted: dict[str, str | None] = {}
    for item in snapshot.of_kind("VERSION"):
        wanted |= _files_of(Version.from_item(dict(item)))
    for item in snapshot.of_kind(Kind.BATCH):
        if item["status"] == "SUCCEEDED":
            for file_name in (keys.PREDICTIONS_FILE, keys.ERRORS_FILE):
                wanted[keys.result(item["owner"], item["model"], item["id"], file_name)] = None
    for key, sha256 in wanted.items():
        if key not in snapshot.objects:
            yield Violation(Wrong.OBJECT, f"{key} is not there")
        elif sha256 not in {None, snapshot.objects[key]}:
            yield Violation(Wrong.OBJECT, f"{key} is not what the catalog says")


def _files_of(version: Version) -> dict[str, str | None]:
    """Key of each file of a version, with its checksum where the catalog has one."""
    files: dict[str, str | None] = {
        "model.npz": version.npz_sha256,
        "manifest.json": version.manifest_sha256,
        keys.REPORT: None,
        keys.CARD: None,
    }
    for name, export in version.exports.items():
        if "sha256" in export:
            files[keys.EXPORT_FILES[name]] = export["sha256"]
    return {
        keys.model(version.owner, version.model, version.version, file_name): sha256
        for file_name, sha256 in files.items()
    }


def orphans(snapshot: Snapshot) -> Iterator[Violation]:
    """Each object belongs to something in the catalog."""
    there = {f"{item['pk'].removeprefix('OWNER#')}/{item['sk']}" for item in snapshot.items}
    files = {item["key"] for item in snapshot.of_kind(Kind.DATASET)}
    for key in snapshot.objects:
        if key not in files and _home(key) not in there:
            yield Violation(Wrong.ORPHAN, key)


def _home(key: str) -> str:
    """Where in the catalog that stands which an object belongs to."""
    kind, owner, *rest = key.split("/")
    home = ""
    match f"{kind}/", rest:
        case ((keys.UPLOADS | keys.PROFILES), [dataset, _, *_]):
            home = f"{Kind.DATASET}#{dataset}"
        case keys.RECIPES, [dataset, file_name]:
            home = f"{Kind.RECIPE}#{dataset}#{file_name.removesuffix('.json'):0>6}"
        case keys.TRAINING, [_, file_name]:
            home = f"{Kind.TRAINING}#{file_name.removesuffix('.json')}"
        case ((keys.MODELS | keys.OBSERVATIONS), [model, version, _, *_]):
            home = f"VERSION#{model}#{version:0>6}"
        case keys.DRIFT, [model, file_name]:
            home = f"VERSION#{model}#{file_name.removesuffix('.json'):0>6}"
        case ((keys.BATCH | keys.RESULTS), [model, batch, _, *_]):
            home = f"{Kind.BATCH}#{model}#{batch}"
    return f"{owner}/{home}"


def leases(snapshot: Snapshot) -> Iterator[Violation]:
    """Nobody holds a lease, and nobody died with one on what is still to be done."""
    names = {hashlib.sha256(effect.encode()).hexdigest(): effect for effect in _effects(snapshot)}
    for item in snapshot.items:
        if item["sk"] != "CLAIM" or item["state"] != "leased" or not item["lease_until"]:
            continue
        effect = names.get(item["pk"].removeprefix("CLAIM#"))
        if item["lease_until"] > snapshot.moment:
            yield Violation(Wrong.LEASE, f"{effect or item['pk']} is held")
        elif effect:
            yield Violation(Wrong.LEASE, f"{effect} was left by a worker that died")


def _effects(snapshot: Snapshot) -> Iterator[str]:
    for item in snapshot.of_kind(Kind.DATASET):
        if "version_id" in item:
            yield f"analyze {snapshot.bucket}/{item['key']}?versionId={item['version_id']}"
    for item in snapshot.of_kind(Kind.TRAINING):
        yield f"train {item['owner']}/{item['id']}"
    for item in snapshot.of_kind(Kind.BATCH):
        yield f"batch {item['owner']}/{item['model']}/{item['id']}"
    for item in snapshot.of_kind("VERSION"):
        yield f"track {item['owner']}/{item['model']}/{item['version']}"
    for item in snapshot.of_kind("MODEL"):
        yield f"mirror {item['owner']}/{item['name']}"


def queues(snapshot: Snapshot) -> Iterator[Violation]:
    """Nothing waits."""
    for name, count in snapshot.waiting.items():
        if count:
            yield Violation(Wrong.QUEUE, f"{name} holds {count} messages")


def dead_letters(snapshot: Snapshot) -> Iterator[Violation]:
    """There is one dead letter for what says that it was interrupted too often, and no other."""
    expected = Counter(
        key
        for kind in (Kind.DATASET, Kind.TRAINING, Kind.BATCH)
        for item in snapshot.of_kind(kind)
        if end_of(item).partition(" ")[2] in INTERRUPTED
        for key in [event_key(kind, item)]
    )
    found = Counter(snapshot.dead)
    for key, count in (found - expected).items():
        yield Violation(Wrong.DEAD_LETTER, f"{count} too many about {key}")
    for key in expected - found:
        yield Violation(Wrong.DEAD_LETTER, f"none about {key}")


def event_key(kind: Kind, item: Item) -> str:
    """Key of the object whose event brings about what an item shows."""
    match kind:
        case Kind.RECIPE:
            return keys.recipe(item["owner"], item["dataset_id"], item["version"])
        case Kind.TRAINING:
            return keys.training(item["owner"], item["dataset_id"], item["id"])
        case Kind.BATCH:
            return keys.batch(item["owner"], item["model"], item["id"])
    return str(item["key"])


def mlflow(snapshot: Snapshot) -> Iterator[Violation]:
    """MLflow has one finished run and one registered version of each version, and of nothing else."""
    if not snapshot.has_mlflow:
        return
    found = {"run": _by_label(snapshot.runs), "registered version": _by_label(snapshot.registered)}
    labels = set()
    for item in snapshot.of_kind("VERSION"):
        version = Version.from_item(dict(item))
        label = f"{version.owner}/{version.model}/{version.version}"
        labels.add(label)
        if PENDING_ATTRIBUTE in item or not version.mlflow_run_id:
            yield Violation(Wrong.MLFLOW, f"{label} waits to be logged")
            continue
        for what, by_label in found.items():
            if [one.run_id for one in by_label[label]] != [version.mlflow_run_id]:
                yield Violation(
                    Wrong.MLFLOW, f"{label} has {len(by_label[label])} {what}s, not its own alone"
                )
        for run in found["run"][label]:
            if run.status != "FINISHED":
                yield Violation(Wrong.MLFLOW, f"a run of {label} is {run.status}")
    for what, by_label in found.items():
        for label in sorted({label for label, ones in by_label.items() if ones} - labels):
            yield Violation(Wrong.MLFLOW, f"a {what} is of {label or 'nothing'}, which is not there")
    yield from _stages(snapshot)


def _stages(snapshot: Snapshot) -> Iterator[Violation]:
    """Stages of models that MLflow was not told."""
    for item in snapshot.of_kind("MODEL"):
        model = Model.from_item(dict(item))
        if not model.versions:
            continue
        if PENDING_ATTRIBUTE in item:
            yield Violation(Wrong.MLFLOW, f"the stages of {model.owner}/{model.name} wait to be told")
        place = (f"{model.owner}.{model.name}", Stage.PRODUCTION.value)
        label = f"{model.owner}/{model.name}/{model.production}"
        if (told := snapshot.aliases.get(place)) != label:
            yield Violation(Wrong.MLFLOW, f"{label} is in production; MLflow was told {told}")


def _by_label(found: Sequence[Run]) -> dict[str, list[Run]]:
    by_label: dict[str, list[Run]] = defaultdict(list)
    for run in found:
        by_label[run.label].append(run)
    return by_label
