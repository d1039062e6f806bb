"""The catalog: the truth about datasets, jobs and model versions, in one DynamoDB table.

===================  =====================================  =======================================
partition key        sort key                               item
===================  =====================================  =======================================
``OWNER#{owner}``    ``DATASET#{id}``                       a dataset
``OWNER#{owner}``    ``RECIPE#{dataset}#{version, 6 d.}``   a cleaning recipe of a dataset
``OWNER#{owner}``    ``JOB#{id}``                           a training job
``OWNER#{owner}``    ``MODEL#{name}``                       a model and its production version
``OWNER#{owner}``    ``VERSION#{name}#{version, 6 digits}`` a version of a model
``OWNER#{owner}``    ``HISTORY#{name}#{change, 8 digits}``  a change of a model's stages
``OWNER#{owner}``    ``BATCH#{name}#{id}``                  a file scored by a model
``OWNER#{owner}``    ``OUTCOMES#{name}#{id}``               that outcomes were counted under an id
``OWNER#{owner}``    ``QUALITY#{name}#{version}#{day}``     what came true of a version's predictions
``OWNER#{owner}``    ``ADMISSION``                          serialises what the owner's limits admit
``OWNER#{owner}``    ``ERASURE#{id}``                       the receipt of an erasure, without data
``OWNER#{owner}``    ``ERASED#{dataset}``                   a dataset whose erasure goes on
``CLAIM#{sha256}``   ``CLAIM``                              a lease, see :mod:`csv_analyzer.leases`
===================  =====================================  =======================================
"""

from collections.abc import Iterator, Sequence

from csv_analyzer.dynamo import Item, Key, Table
from csv_analyzer.errors import NotFoundError
from csv_analyzer.ids import first_id
from csv_analyzer.records import (
    PENDING_ATTRIBUTE,
    PENDING_INDEX,
    Batch,
    Dataset,
    Erasure,
    History,
    Job,
    Model,
    OutcomeDay,
    OutcomeReceipt,
    Pending,
    Recipe,
    Version,
    is_over,
)

_PAGE = 100


def dataset_key(owner: str, dataset_id: str) -> Key:
    """Key of a dataset."""
    return Key(_owner(owner), f"DATASET#{dataset_id}")


def recipe_key(owner: str, dataset_id: str, version: int) -> Key:
    """Key of a recipe; zeros in front make versions sort by number."""
    return Key(_owner(owner), f"RECIPE#{dataset_id}#{version:06d}")


def job_key(owner: str, job_id: str) -> Key:
    """Key of a job."""
    return Key(_owner(owner), f"JOB#{job_id}")


def model_key(owner: str, name: str) -> Key:
    """Key of a model."""
    return Key(_owner(owner), f"MODEL#{name}")


def version_key(owner: str, name: str, version: int) -> Key:
    """Key of a model version; zeros in front make versions sort by number."""
    return Key(_owner(owner), f"VERSION#{name}#{version:06d}")


def history_key(owner: str, name: str, revision: int) -> Key:
    """Key of a change of a model's stages; zeros in front make changes sort by number."""
    return Key(_owner(owner), f"HISTORY#{name}#{revision:08d}")


def batch_key(owner: str, name: str, batch_id: str) -> Key:
    """Key of a batch job."""
    return Key(_owner(owner), f"BATCH#{name}#{batch_id}")


def outcome_receipt_key(owner: str, name: str, outcome_id: str) -> Key:
    """Key of the receipt of outcomes."""
    return Key(_owner(owner), f"OUTCOMES#{name}#{outcome_id}")


def outcome_day_key(owner: str, name: str, version: int, day: str) -> Key:
    """Key of the outcomes of a day."""
    return Key(_owner(owner), f"{_outcome_days(name, version)}{day}")


def admission_key(owner: str) -> Key:
    """Key of the item that every admission of an owner changes."""
    return Key(_owner(owner), "ADMISSION")


def erasure_key(owner: str, erasure_id: str) -> Key:
    """Key of an erasure's receipt."""
    return Key(_owner(owner), f"ERASURE#{erasure_id}")


def erased_key(owner: str, dataset_id: str) -> Key:
    """Key of the mark that a dataset is being erased."""
    return Key(_owner(owner), f"ERASED#{dataset_id}")


def _owner(owner: str) -> str:
    return f"OWNER#{owner}"


def _outcome_days(name: str, version: int) -> str:
    return f"QUALITY#{name}#{version:06d}#"


class Catalog:
    """Reads of the catalog; an owner sees only what is under the owner's own partition key.

    Parameters
    ----------
    table : Table
        The catalog's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def dataset(self, owner: str, dataset_id: str) -> Dataset:
        """Read a dataset or raise :class:`NotFoundError`."""
        return Dataset.from_item(self._get(dataset_key(owner, dataset_id), "dataset"))

    def recipe(self, owner: str, dataset_id: str, version: int) -> Recipe:
        """Read a recipe or raise :class:`NotFoundError`."""
        return Recipe.from_item(self._get(recipe_key(owner, dataset_id, version), "recipe of the dataset"))

    def recipes(
        self, owner: str, dataset_id: str, limit: int, before: str | None
    ) -> tuple[list[Recipe], str | None]:
        """One page of a dataset's recipes, newest first, and where the next page begins."""
        items, more = self._page(owner, f"RECIPE#{dataset_id}#", limit, before)
        return [Recipe.from_item(item) for item in items], more

    def job(self, owner: str, job_id: str) -> Job:
        """Read a job or raise :class:`NotFoundError`."""
        return Job.from_item(self._get(job_key(owner, job_id), "job"))

    def jobs(self, owner: str, limit: int, before: str | None) -> tuple[list[Job], str | None]:
        """One page of the owner's jobs, newest first, and where the next page begins."""
        items, more = self._page(owner, "JOB#", limit, before)
        return [Job.from_item(item) for item in items if not is_over(item)], more

    def jobs_since(self, owner: str, moment: float) -> list[Job]:
        """All jobs of the owner that were made since a Unix time, oldest first."""
        items = self.table.all_between(_owner(owner), f"JOB#{first_id(moment)}", "JOB#~")
        return [Job.from_item(item) for item in items if not is_over(item)]

    def all_datasets(self, owner: str) -> list[Dataset]:
        """All datasets of the owner, oldest first."""
        items = self.table.all_between(_owner(owner), "DATASET#", "DATASET#~")
        return [Dataset.from_item(item) for item in items if not is_over(item)]

    def queue(self, since: str, until: str) -> list[str]:
        """When the jobs were made that wait for a worker, oldest first: those made since and until then."""
        items = self.table.by_index(
            PENDING_INDEX, PENDING_ATTRIBUTE, Pending.TRAINING, between=(since, until)
        )
        return [item["created_at"] for item in items]

    def model(self, owner: str, name: str) -> Model:
        """Read a model or raise :class:`NotFoundError`; one without a finished version is not there yet."""
        model = Model.from_item(self._get(model_key(owner, name), "model"))
        if not model.is_there:
            raise NotFoundError("There is no such model.")
        return model

    def version(self, owner: str, name: str, version: int) -> Version:
        """Read a model version or raise :class:`NotFoundError`."""
        return Version.from_item(self._get(version_key(owner, name, version), "version of the model"))

    def datasets(self, owner: str, limit: int, before: str | None) -> tuple[list[Dataset], str | None]:
        """One page of the owner's datasets, newest first, and where the next page begins."""
        items, more = self._page(owner, "DATASET#", limit, before)
        return [Dataset.from_item(item) for item in items if not is_over(item)], more

    def models(self, owner: str, limit: int, before: str | None) -> tuple[list[Model], str | None]:
        """One page of the owner's models by name, last first, and where the next page begins."""
        items, more = self._page(owner, "MODEL#", limit, before)
        models = [Model.from_item(item) for item in items]
        return [model for model in models if model.is_there], more

    def versions(
        self, owner: str, name: str, limit: int, before: str | None
    ) -> tuple[list[Version], str | None]:
        """One page of a model's versions, newest first, and where the next page begins."""
        items, more = self._page(owner, f"VERSION#{name}#", limit, before)
        return [Version.from_item(item) for item in items], more

    def change(self, owner: str, name: str, revision: int) -> History:
        """Read a change of a model's stages or raise :class:`NotFoundError`."""
        return History.from_item(self._get(history_key(owner, name, revision), "change of the model"))

    def history(
        self, owner: str, name: str, limit: int, before: str | None
    ) -> tuple[list[History], str | None]:
        """One page of the changes of a model's stages, newest first, and where the next page begins."""
        items, more = self._page(owner, f"HISTORY#{name}#", limit, before)
        return [History.from_item(item) for item in items], more

    def batch(self, owner: str, name: str, batch_id: str) -> Batch:
        """Read a batch job or raise :class:`NotFoundError`."""
        return Batch.from_item(self._get(batch_key(owner, name, batch_id), "batch job of the model"))

    def batches(
        self, owner: str, name: str, limit: int, before: str | None
    ) -> tuple[list[Batch], str | None]:
        """One page of a model's batch jobs, newest first, and where the next page begins."""
        items, more = self._page(owner, f"BATCH#{name}#", limit, before)
        return [Batch.from_item(item) for item in items], more

    def outcome_receipt(self, owner: str, name: str, outcome_id: str) -> OutcomeReceipt | None:
        """Receipt of outcomes; None if there is none of that id."""
        item = self.table.get(outcome_receipt_key(owner, name, outcome_id))
        # One past its time counts as long as it is there, for its place is taken.
        return OutcomeReceipt.from_item(item) if item else None

    def outcome_day(self, owner: str, name: str, version: int, day: str) -> OutcomeDay | None:
        """Outcomes of a version on a day; None if there are none."""
        item = self.table.get(outcome_day_key(owner, name, version, day))
        return OutcomeDay.from_item(item) if item else None

    def outcome_days(self, owner: str, name: str, version: int) -> list[OutcomeDay]:
        """Outcomes of a version by day, the newest first."""
        items = self.each(owner, _outcome_days(name, version))
        return [OutcomeDay.from_item(item) for item in items if not is_over(item)]

    def all_outcome_days(self) -> list[OutcomeDay]:
        """Outcomes of all versions of all owners by day."""
        items = self.table.by_index(PENDING_INDEX, PENDING_ATTRIBUTE, Pending.OUTCOMES)
        return [OutcomeDay.from_item(item) for item in items if not is_over(item)]

    def erasure(self, owner: str, erasure_id: str) -> Erasure:
        """Read an erasure or raise :class:`NotFoundError`."""
        return Erasure.from_item(self._get(erasure_key(owner, erasure_id), "erasure"))

    def erasures(self, owner: str, limit: int, before: str | None) -> tuple[list[Erasure], str | None]:
        """One page of the owner's erasures, newest first, and where the next page begins."""
        items, more = self._page(owner, "ERASURE#", limit, before)
        return [Erasure.from_item(item) for item in items], more

    def pending_erasures(self) -> Sequence[Erasure]:
        """Erasures that are not complete, oldest first."""
        items = self.table.by_index(PENDING_INDEX, PENDING_ATTRIBUTE, Pending.ERASURE)
        return [Erasure.from_item(item) for item in items]

    def each(self, owner: str, prefix: str) -> Iterator[Item]:
        """All items of an owner whose sort key begins with `prefix`, highest first, page by page."""
        more: str | None = None
        while True:
            items, more = self.table.newest_first(_owner(owner), prefix, _PAGE, more)
            yield from items
            if more is None:
                return

    def untracked(self, limit: int) -> Sequence[Version]:
        """Versions that MLflow does not know yet, oldest first."""
        items = self.table.by_index(PENDING_INDEX, PENDING_ATTRIBUTE, Pending.TRACKING, limit)
        return [Version.from_item(item) for item in items]

    def unmirrored(self, limit: int) -> Sequence[Model]:
        """Models whose stages MLflow must be told, oldest first."""
        items = self.table.by_index(PENDING_INDEX, PENDING_ATTRIBUTE, Pending.MIRROR, limit)
        return [Model.from_item(item) for item in items]

    def _get(self, key: Key, what: str) -> Item:
        item = self.table.get(key)
        if item is None or is_over(item):
            raise NotFoundError(f"There is no such {what}.")
        return item

    def _page(self, owner: str, prefix: str, limit: int, before: str | None) -> tuple[list[Item], str | None]:
        items, more = self.table.newest_first(
            _owner(owner), prefix, limit, prefix + before if before else None
        )
        return items, more.removeprefix(prefix) if more else None
