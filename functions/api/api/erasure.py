"""Erasure of datasets and models: who may, what happens at once, and how the API shows receipts."""

import time
from dataclasses import dataclass

from api.edge import Caller
from csv_analyzer import erasures
from csv_analyzer.catalog import Catalog, model_key
from csv_analyzer.clearing import Clearing, OutOfTimeError
from csv_analyzer.dynamo import ConditionFailedError
from csv_analyzer.errors import CsvAnalyzerError, ForbiddenError
from csv_analyzer.leases import Leases
from csv_analyzer.observability import logger
from csv_analyzer.records import Erasure
from csv_analyzer.roles import Role
from csv_analyzer.schemas.erasure import Receipt

# Of the 29 seconds of a request; what is left the function `erase` does.
_CLEARING_SECONDS = 15.0
_REQUEST_SECONDS = 29.0


@dataclass(frozen=True)
class ErasurePlane:
    """Erasures of one stack.

    Parameters
    ----------
    catalog : Catalog
        The truth; its items go at once, the objects are deleted by the function `erase`.
    """

    catalog: Catalog

    def erase_dataset(self, caller: Caller, dataset_id: str) -> Erasure:
        """Erase a dataset with all that was made of it: recipes, profiles, trainings, versions of models.

        Raises
        ------
        NotFoundError
            If there is no such dataset (any more).
        ForbiddenError
            If a version trained on it is in production and the caller is no administrator.
        """
        self.catalog.dataset(caller.owner, dataset_id)
        if not caller.role.covers(Role.ADMIN):
            self._require_nothing_in_production(caller, dataset_id)
        erasure = erasures.erase_dataset(self.catalog.table, caller.owner, dataset_id)
        return self._clear(erasure)

    def erase_model(self, caller: Caller, name: str) -> Erasure:
        """Erase a model with all of its versions and all that they made.

        Raises
        ------
        NotFoundError
            If there is no such model (any more).
        """
        return self._clear(erasures.erase_model(self.catalog.table, caller.owner, name, _actor(caller.owner)))

    def _require_nothing_in_production(self, caller: Caller, dataset_id: str) -> None:
        for item in self.catalog.each(caller.owner, "VERSION#"):
            if item["dataset_id"] != dataset_id:
                continue
            model = self.catalog.table.get(model_key(caller.owner, item["model"])) or {}
            if model.get("production") == item["version"]:
                raise ForbiddenError(
                    f"Version {item['version']} of the model {item['model']} was trained on this dataset "
                    f"and is in production: erasing it needs the role {Role.ADMIN}; yours is {caller.role}."
                )

    def _clear(self, erasure: Erasure) -> Erasure:
        """Take out of the catalog what can be within a request; its answer does not depend on that."""
        deadline = time.monotonic() + _CLEARING_SECONDS
        clearing = Clearing(self.catalog, erasure, _actor(erasure.owner), lambda: deadline - time.monotonic())
        try:
            with Leases(self.catalog.table).hold(erasures.effect(erasure), _REQUEST_SECONDS) as lease:
                if lease is not None:
                    clearing.run()
                    self.catalog.table.write(lease.given_up())
        except (CsvAnalyzerError, ConditionFailedError, OutOfTimeError) as error:
            logger.warning("the schedule goes on", erasure_id=erasure.id, reason=repr(error))
        return clearing.erasure


def view(erasure: Erasure) -> Receipt:
    """An erasure as its owner sees it."""
    return Receipt(
        id=erasure.id,
        kind=erasure.kind,  # type: ignore[arg-type]  # pydantic checks the literal
        name_or_id=erasure.subject,
        requested_at=erasure.created_at,
        completed_at=erasure.completed_at or None,
        status=erasure.status,  # type: ignore[arg-type]  # pydantic checks the literal
        objects=erasure.objects,
        bytes=erasure.bytes,
        items=erasure.items,
        versions=erasure.versions,
        mlflow=erasure.mlflow,  # type: ignore[arg-type]  # pydantic checks the literal
    )


def _actor(owner: str) -> str:
    return f"user:{owner}"
