"""What an erasure does to the catalog after its first transaction; each step may be repeated without harm.

The steps come in an order that lets nothing begin: versions leave their models, jobs end, recipes, batch
jobs and outcomes are deleted. Only then are the objects, which the function `erase` deletes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import batched

from csv_analyzer.catalog import Catalog, erasure_key, job_key, model_key, version_key
from csv_analyzer.dynamo import Item, Key, delete, update
from csv_analyzer.dynamo import replace as put_in_place
from csv_analyzer.erasures import AT_ONCE, buried
from csv_analyzer.history import Change, next_revision
from csv_analyzer.records import Action, Erasure, ErasureKind, JobStatus, Model, Version

_UNFINISHED = {JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING}
# What of a job is no data: it goes on counting among the trainings of its day.
_KEPT_OF_A_JOB = (
    "owner",
    "created_at",
    "id",
    "dataset_id",
    "model",
    "version",
    "started_at",
    "finished_at",
)


_THERE = "attribute_exists(pk)"


class OutOfTimeError(Exception):
    """The time did not suffice; the next pass goes on."""


@dataclass
class Clearing:
    """Takes what belongs to an erasure out of the catalog.

    Parameters
    ----------
    catalog : Catalog
        Whose items go.
    erasure : Erasure
        Read under its lease; kept up to date.
    actor : str
        Who erases, for the history.
    seconds_left : callable
        No step begins when it answers 0 or less.
    """

    catalog: Catalog
    erasure: Erasure
    actor: str
    seconds_left: Callable[[], float]

    def run(self) -> Erasure:
        """Do all steps and return the erasure as it is then.

        Raises
        ------
        OutOfTimeError
            If the time did not suffice.
        ConditionFailedError
            If something changed meanwhile: the next pass finds it as it is.
        """
        if self.erasure.kind == ErasureKind.DATASET:
            self._withdraw_versions()
            self._delete(self._keys(f"RECIPE#{self.erasure.subject}#"))
        else:
            self._delete(self._version_keys(), versions=True)
        self._strip_jobs()
        for model in sorted({part["model"] for part in self.erasure.parts}):
            # Outcomes of a version that is gone are counted no more: see csv_analyzer.outcomes.
            for kind in ("BATCH", "OUTCOMES", "QUALITY"):
                self._delete(self._keys_of_versions(kind, model))
        return self.erasure

    def _withdraw_versions(self) -> None:
        trained_on_it = {
            str(item["model"])
            for item in self.catalog.each(self.erasure.owner, "VERSION#")
            if item["dataset_id"] == self.erasure.subject
        }
        for name in sorted(trained_on_it):
            while self._withdraw(name):
                pass

    def _withdraw(self, name: str) -> bool:
        """Take one version of a model away; False if there was none."""
        owner = self.erasure.owner
        # Read before its versions: the transaction fails if the model has changed since.
        model = self.catalog.table.get(model_key(owner, name))
        there = [Version.from_item(item) for item in self.catalog.each(owner, f"VERSION#{name}#")]
        going = [version for version in there if version.dataset_id == self.erasure.subject]
        if not going:
            return False
        staying = [version for version in there if version not in going]
        self._note(
            *(self._left_by(Model.from_item(model), going[0], staying) if model else ()),
            delete(version_key(owner, name, going[0].version)),
            parts=[{"model": name, "first": going[0].version, "last": going[0].version}],
            versions=1,
            items=1,
        )
        return True

    def _left_by(self, model: Model, version: Version, staying: list[Version]) -> Iterator[Item]:
        """Operations that make a model one without a version, and none at all without its last one.

        If the version is in production, the last one that was there before and stays takes its place.
        """
        if not model.is_there:
            # It is erased itself, and this is a version that was not deleted yet.
            return
        change = Change(self.actor, Action.ERASED, version.version, from_stage=version.stage(model))
        if model.versions <= 1:
            yield from buried(model, self.erasure.created_at, change)
            return
        archived = {stays.version: stays.archived for stays in staying}
        lineage = [number for number in model.lineage if number in archived]
        production = model.production
        if production and production not in archived:
            production = lineage.pop() if lineage else 0
        yield from next_revision(
            model, change, production=production, lineage=lineage, versions=model.versions - 1
        ).operations
        if archived.get(production):
            yield update(
                version_key(model.owner, model.name, production),
                assign={"archived": False},
                condition=_THERE,
            )

    def _strip_jobs(self) -> None:
        """End the jobs that are not over, and leave of all of them what is no data."""
        for item in self.catalog.each(self.erasure.owner, "JOB#"):
            if "erased_at" in item or not self._is_of_it(item):
                continue
            kept = {name: item[name] for name in _KEPT_OF_A_JOB if name in item}
            ended = item["status"] in _UNFINISHED
            kept |= {"status": JobStatus.CANCELLED if ended else item["status"]}
            kept |= {"finished_at": self.erasure.created_at} if ended else {}
            version = int(item.get("version", 0))
            covered = not version or self.erasure.covers(item["model"], version)
            self._note(
                put_in_place(
                    job_key(self.erasure.owner, item["id"]),
                    {**kept, "erased_at": self.erasure.created_at},
                    "#status = :seen",
                    {":seen": item["status"]},
                ),
                parts=[] if covered else [{"model": item["model"], "first": version, "last": version}],
            )

    def _is_of_it(self, job: Item) -> bool:
        if self.erasure.kind == ErasureKind.DATASET:
            return bool(job["dataset_id"] == self.erasure.subject)
        return bool(job["model"] == self.erasure.subject and job["created_at"] <= self.erasure.created_at)

    def _version_keys(self) -> Iterator[Key]:
        name = self.erasure.subject
        for item in self.catalog.each(self.erasure.owner, f"VERSION#{name}#"):
            if self.erasure.covers(name, item["version"]):
                yield _key(item)

    def _keys_of_versions(self, kind: str, model: str) -> Iterator[Key]:
        """Keys of items of a kind that belong to versions which are erased."""
        for item in self.catalog.each(self.erasure.owner, f"{kind}#{model}#"):
            if self.erasure.covers(model, item["version"]):
                yield _key(item)

    def _keys(self, prefix: str) -> Iterator[Key]:
        return (_key(item) for item in self.catalog.each(self.erasure.owner, prefix))

    def _delete(self, keys: Iterator[Key], *, versions: bool = False) -> None:
        for some in batched(keys, AT_ONCE):
            gone = len(some)
            self._note(*(delete(key) for key in some), items=gone, versions=gone if versions else 0)

    def _note(
        self,
        *operations: Item,
        parts: list[dict[str, object]] | None = None,
        items: int = 0,
        versions: int = 0,
    ) -> None:
        """Carry out operations and count them, together or not at all."""
        if self.seconds_left() <= 0:
            raise OutOfTimeError
        seen = self.erasure
        changed = replace(
            seen,
            parts=[*seen.parts, *(parts or [])],
            revision=seen.revision + 1,
            items=seen.items + items,
            versions=seen.versions + versions,
        )
        changed = replace(changed, mlflow="pending" if changed.parts else seen.mlflow)
        self.catalog.table.write(
            *operations,
            update(
                erasure_key(seen.owner, seen.id),
                assign={
                    "parts": changed.parts,
                    "revision": changed.revision,
                    "items": changed.items,
                    "versions": changed.versions,
                    "mlflow": changed.mlflow,
                },
                condition="#revision = :seen"
                if seen.revision
                else "attribute_exists(pk) AND attribute_not_exists(#revision)",
                values={":seen": seen.revision} if seen.revision else {},
            ),
        )
        self.erasure = changed


def _key(item: Item) -> Key:
    return Key(item["pk"], item["sk"])
