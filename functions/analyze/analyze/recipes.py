"""Applies a new version of a recipe to its dataset, and shows what that leaves."""

import json
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import ValidationError

import automl
from analyze.reading import read_table
from csv_analyzer import keys, recipes
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import GaveUpError, NotFoundError, PayloadTooLargeError, UserDataError
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.ids import now
from csv_analyzer.leases import Lease, Leases
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics, work_for
from csv_analyzer.records import Dataset, Recipe, RecipeStatus
from csv_analyzer.schemas.recipes import MAX_RECIPE_BYTES, RecipeOrder
from csv_analyzer.storage import Storage

# Of what the steps estimated, as JSON: an item of the catalog holds 400 KB.
_MAX_ESTIMATED_BYTES = 100_000
_MAX_FAULTS = 50

# Reading, applying and profiling were measured to need 66 bytes for every cell of the table. A test holds
# this bound against the function's memory; a training takes no more cells either.
BYTES_PER_CELL = 80
MAX_CELLS = 40_000_000

_INTERRUPTED = UserDataError(
    "recipe_interrupted",
    "Applying the recipe was interrupted several times, most likely because the file needs more memory or "
    "time than there is; upload fewer rows or columns.",
)
_INVALID = UserDataError("invalid_recipe", "The stored recipe is not valid; send it again.")


@dataclass(frozen=True)
class RecipeChecker:
    """Turns the order of a recipe into a version that is READY, or FAILED with the steps to blame.

    Parameters
    ----------
    catalog : Catalog
        Datasets and recipes.
    storage : Storage
        The data bucket.
    max_upload_bytes : int
        Largest file that is read.
    """

    catalog: Catalog
    storage: Storage
    max_upload_bytes: int

    def check(self, key: str, seconds: float, attempt: int) -> None:
        """Apply the recipe whose order stands at `key`, unless that has been done.

        Parameters
        ----------
        key : str
            Key of the order.
        seconds : float
            Time left to this invocation.
        attempt : int
            How often the event has been delivered, counted from 1.
        """
        place = keys.parse_recipe(key)
        if place is None:
            logger.warning("not a recipe", key=key)
            return
        effect = f"recipe {place.owner}/{place.dataset_id}/{place.version}"
        with Leases(self.catalog.table).hold(effect, seconds) as lease:
            if lease is None:
                metrics.add_metric(Metric.REPEATED_EVENTS, MetricUnit.Count, 1)
                return
            try:
                dataset = self.catalog.dataset(place.owner, place.dataset_id)
                order = self._order(key)
                recipe = _recipe(place, order)
                recipes.enter(self.catalog.table, recipe)
            except NotFoundError:
                logger.warning("the dataset or the recipe was deleted", key=key)
                return
            if order is not None:
                work_for(order.request_id)
            if attempt >= LAST_ATTEMPT:
                self._fail(lease, recipe, _reason(_INTERRUPTED))
                raise GaveUpError(f"recipe {effect} was not applied in {attempt} attempts")
            try:
                if order is None:
                    raise _INVALID
                found = self._apply(dataset, recipe, order)
            except automl.RecipeError as error:
                self._fail(lease, recipe, _reason(error, error.faults))
                return
            except (UserDataError, automl.DataError) as error:
                self._fail(lease, recipe, _reason(error))
                return
            recipes.ready(self.catalog.table, lease, recipe, found)
            logger.info("recipe ready", dataset_id=dataset.id, recipe=recipe.version)
            metrics.add_metric(Metric.RECIPES_READY, MetricUnit.Count, 1)

    def _fail(self, lease: Lease, recipe: Recipe, reason: dict[str, Any]) -> None:
        logger.info("recipe failed", dataset_id=recipe.dataset_id, recipe=recipe.version, code=reason["code"])
        recipes.failed(self.catalog.table, lease, recipe, reason)
        metrics.add_metric(Metric.RECIPES_FAILED, MetricUnit.Count, 1)

    def _order(self, key: str) -> RecipeOrder | None:
        """Read the order; None if it is none."""
        try:
            return RecipeOrder.model_validate_json(self.storage.get(key, MAX_RECIPE_BYTES))
        except (ValidationError, PayloadTooLargeError):
            return None

    def _apply(self, dataset: Dataset, recipe: Recipe, order: RecipeOrder) -> dict[str, Any]:
        """Store profile and preview of the cleaned data, and return what the recipe did."""
        steps = automl.cleaning.parse(order.steps)
        table = read_table(self.storage, dataset, self.max_upload_bytes)
        _expect_room(*table.frame.shape)
        cleaned = automl.cleaning.apply(table, steps, order.target)
        profile = automl.profile(cleaned.table, order.target)
        place = (recipe.owner, recipe.dataset_id, recipe.version)
        self.storage.put_json(keys.preview(*place), automl.preview(cleaned.table, cleaned.rows.tolist()))
        self.storage.put_json(keys.profile(*place), profile)
        return {
            "rows_before": len(table.frame),
            "rows_after": len(cleaned.table.frame),
            "columns_before": table.frame.shape[1],
            "columns_after": cleaned.table.frame.shape[1],
            "missing_before": int(table.frame.isna().to_numpy().sum()),
            "missing_after": profile["missing_cells"],
            "steps": _bounded(cleaned.report),
        }


def _expect_room(rows: int, columns: int) -> None:
    if rows * columns > MAX_CELLS:
        raise UserDataError(
            "too_many_cells",
            f"{rows:,} rows of {columns} columns need more memory than there is for a recipe; "
            f"upload at most {MAX_CELLS // columns:,} rows of them.",
        )


def _bounded(report: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the report of the steps with no more of what they estimated than an item has room for.

    Their descriptions stand in the item as its sentences.
    """
    room = _MAX_ESTIMATED_BYTES
    steps = []
    for step in report:
        kept = []
        for entry in step["estimated"]:
            room -= len(json.dumps(entry))
            if room < 0:
                break
            kept.append(entry)
        told = {name: value for name, value in step.items() if name != "description"}
        steps.append({**told, "estimated": kept, "estimated_total": len(step["estimated"])})
    return steps


def _recipe(place: keys.RecipeKey, order: RecipeOrder | None) -> Recipe:
    return Recipe(
        owner=place.owner,
        created_at=order.created_at if order else now(),
        dataset_id=place.dataset_id,
        version=place.version,
        status=RecipeStatus.CHECKING,
        target=(order.target or "") if order else "",
        sentences=order.sentences if order else [],
    )


def _reason(error: UserDataError | automl.DataError, faults: Any = ()) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "steps": list(faults)[:_MAX_FAULTS]}
