"""Life of a recipe: CHECKING, then READY or FAILED.

A version's number is taken by writing its object, which nobody can do twice (`Storage.put_new_json`); the
object is the order to check it. The item is entered by the API, or by the analysis if the API died in
between, so that numbers have no gaps and no order is lost.
"""

from typing import Any

from csv_analyzer import keys
from csv_analyzer.catalog import dataset_key, recipe_key
from csv_analyzer.dynamo import ConditionFailedError, Item, Table, put_new, update
from csv_analyzer.errors import ConflictError, DependencyError, NotFoundError
from csv_analyzer.ids import now
from csv_analyzer.leases import Lease
from csv_analyzer.records import Recipe, RecipeStatus, encode
from csv_analyzer.schemas.recipes import MAX_VERSION, RecipeOrder
from csv_analyzer.storage import Storage

# So many others may take a number while this one looks for its own.
_ATTEMPTS = 50


def take_number(storage: Storage, owner: str, order: RecipeOrder) -> RecipeOrder:
    """Store an order under the first free number from its own on, and return it with that number.

    Raises
    ------
    ConflictError
        If there are too many versions.
    DependencyError
        If others were always quicker.
    """
    for version in range(order.version, order.version + _ATTEMPTS):
        if version > MAX_VERSION:
            raise ConflictError(f"A dataset may have {MAX_VERSION:,} versions of its recipe; upload it anew.")
        numbered = order.model_copy(update={"version": version})
        if storage.put_new_json(keys.recipe(owner, order.dataset_id, version), numbered.model_dump()):
            return numbered
    raise DependencyError("Others are changing the recipe of this dataset. Please try again.")


def enter(table: Table, recipe: Recipe) -> None:
    """Enter a recipe whose order is stored, unless it is there, and name it on the dataset.

    Raises
    ------
    NotFoundError
        If the dataset was deleted.
    DependencyError
        If others were always quicker.
    """
    key = recipe_key(recipe.owner, recipe.dataset_id, recipe.version)
    for _ in range(_ATTEMPTS):
        dataset = table.get(dataset_key(recipe.owner, recipe.dataset_id))
        if dataset is None:
            raise NotFoundError("There is no such dataset.")
        if table.get(key) is not None:
            return
        try:
            table.write(
                put_new(key, {**recipe.to_item(), "status": RecipeStatus.CHECKING}),
                update(
                    dataset_key(recipe.owner, recipe.dataset_id),
                    assign={"recipes": max(recipe.version, int(dataset.get("recipes", 0)))},
                    condition="attribute_exists(pk) AND "
                    "(attribute_not_exists(#recipes) OR #recipes <= :recipes)",
                ),
            )
        except ConditionFailedError:
            continue
        return
    raise DependencyError("Others are changing the recipe of this dataset. Please try again.")


def ready(table: Table, lease: Lease, recipe: Recipe, effect: dict[str, Any]) -> None:
    """Enter what applying the recipe did, together with the mark that it is checked.

    Raises
    ------
    ConditionFailedError
        If this worker no longer holds the lease, or the recipe was deleted.
    """
    _finish(table, lease, recipe, {"status": RecipeStatus.READY, **encode({"effect": effect})})


def failed(table: Table, lease: Lease, recipe: Recipe, error: dict[str, Any]) -> None:
    """Enter why the recipe can't be applied, together with the mark that it is checked."""
    _finish(table, lease, recipe, {"status": RecipeStatus.FAILED, **encode({"error": error})})


def _finish(table: Table, lease: Lease, recipe: Recipe, attributes: Item) -> None:
    table.write(
        lease.done(),
        update(
            recipe_key(recipe.owner, recipe.dataset_id, recipe.version),
            assign={**attributes, "finished_at": now()},
            condition="attribute_exists(pk)",
        ),
    )
