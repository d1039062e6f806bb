"""Cleaning recipes of the control plane: their versions, and how the API shows them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.findings import Findings
from csv_analyzer import keys, recipes
from csv_analyzer.errors import Fault, InvalidRequestError, NotFoundError, PayloadTooLargeError
from csv_analyzer.ids import now
from csv_analyzer.observability import request_id
from csv_analyzer.records import Recipe, RecipeStatus
from csv_analyzer.schemas.recipes import (
    MAX_RECIPE_BYTES,
    Effect,
    Preview,
    PreviewColumn,
    PreviewRow,
    RecipeOrder,
    RecipeReason,
    RecipeRequest,
    RecipeSummary,
    RecipeView,
    StepEffect,
)

# What is stored holds the sentences, too.
_MAX_STEPS_BYTES = MAX_RECIPE_BYTES * 3 // 4
# Of all sentences as JSON; beyond it each is cut. An item of the catalog holds 400 KB.
_MAX_SENTENCES_BYTES = 200_000
_MAX_SENTENCE = 150


class StepFault(Fault):
    """A fault of a step, with its number from 1; None where the recipe as a whole is at fault."""

    step: int | None


@dataclass(frozen=True)
class RecipePlane:
    """Recipes of one stack.

    Parameters
    ----------
    findings : Findings
        What the analysis found.
    """

    findings: Findings

    def put(self, owner: str, dataset_id: str, request: RecipeRequest) -> tuple[Recipe, RecipeOrder]:
        """Make the next version of a dataset's recipe.

        Raises
        ------
        InvalidRequestError
            With every fault of every step that shows without a look at the rows.
        ConflictError
            If the dataset is not ready.
        PayloadTooLargeError
            If the steps are larger than `_MAX_STEPS_BYTES`.
        """
        dataset = self.findings.dataset(owner, dataset_id)
        if len(json.dumps(request.steps)) > _MAX_STEPS_BYTES:
            raise PayloadTooLargeError(f"The steps may have at most {_MAX_STEPS_BYTES:,} bytes.")
        sentences = _shortened(_checked(request, self.findings.types(dataset)))
        order = RecipeOrder(
            dataset_id=dataset_id,
            version=dataset.recipes + 1,
            created_at=now(),
            target=request.target,
            steps=request.steps,
            sentences=sentences,
            request_id=request_id(),
        )
        order = recipes.take_number(self.findings.storage, owner, order)
        recipe = Recipe(
            owner=owner,
            created_at=order.created_at,
            dataset_id=dataset_id,
            version=order.version,
            status=RecipeStatus.CHECKING,
            target=order.target or "",
            sentences=order.sentences,
        )
        recipes.enter(self.findings.catalog.table, recipe)
        return recipe, order

    def find(self, owner: str, dataset_id: str, version: int | None) -> tuple[Recipe, RecipeOrder]:
        """A version of a dataset's recipe, the newest one if none is named, with its steps."""
        catalog = self.findings.catalog
        dataset = catalog.dataset(owner, dataset_id)
        if version is None and not dataset.recipes:
            raise NotFoundError("The dataset has no recipe.")
        recipe = catalog.recipe(owner, dataset_id, version or dataset.recipes)
        stored = self.findings.storage.get(keys.recipe(owner, dataset_id, recipe.version), MAX_RECIPE_BYTES)
        return recipe, RecipeOrder.model_validate_json(stored)

    def page(
        self, owner: str, dataset_id: str, limit: int, before: str | None
    ) -> tuple[list[Recipe], str | None]:
        """One page of a dataset's recipes, newest first, and where the next page begins."""
        self.findings.catalog.dataset(owner, dataset_id)
        return self.findings.catalog.recipes(owner, dataset_id, limit, before)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a recipe's steps."""
    from scoring.cleaning.vocabulary import json_schema as schema  # noqa: PLC0415  # see `_checked`

    return schema()


def _checked(request: RecipeRequest, types: Mapping[str, str]) -> list[str]:
    """Compare a recipe with the columns of its dataset, and return its sentences."""
    # The only route that needs numpy: all others start sooner without it.
    from scoring.cleaning.vocabulary import read_recipe  # noqa: PLC0415

    faults: list[Fault] = []
    if request.target is not None and request.target not in types:
        message = f"The dataset has no column {request.target!r}."
        faults.append({"location": "body.target", "code": "unknown_column", "message": message})
    recipe, found = read_recipe(request.steps, types, request.target)
    for fault in found:
        location = "body.steps" if fault["step"] is None else f"body.steps.{fault['step']}"
        faults.append(StepFault(location=location, code="invalid_step", **fault))
    if request.target is None and not request.steps:
        message = "A recipe has steps, or names the target."
        faults.append({"location": "body.steps", "code": "empty_recipe", "message": message})
    if recipe is None or faults:
        raise InvalidRequestError("The recipe does not fit the dataset.", faults)
    return recipe.describe()


def _shortened(sentences: list[str]) -> list[str]:
    if len(json.dumps(sentences)) <= _MAX_SENTENCES_BYTES:
        return sentences
    return [sentence[:_MAX_SENTENCE] + "..." for sentence in sentences]


def view(recipe: Recipe, order: RecipeOrder) -> RecipeView:
    """A recipe with its steps."""
    return RecipeView(**_fields(recipe), steps=order.steps)


def summary(recipe: Recipe) -> RecipeSummary:
    """A recipe in a list."""
    return RecipeSummary(**_fields(recipe))


def preview_view(document: Mapping[str, Any], recipe: int | None, offset: int, limit: int) -> Preview:
    """A page of the first rows."""
    rows = document["rows"]
    return Preview(
        recipe=recipe,
        total_rows=document["total_rows"],
        preview_rows=len(rows),
        offset=offset,
        columns=[PreviewColumn(**column) for column in document["columns"]],
        rows=[PreviewRow(**row) for row in rows[offset : offset + limit]],
    )


def _fields(recipe: Recipe) -> dict[str, Any]:
    return {
        "version": recipe.version,
        "dataset_id": recipe.dataset_id,
        "status": str(recipe.status),
        "created_at": recipe.created_at,
        "finished_at": recipe.finished_at or None,
        "target": recipe.target or None,
        "sentences": recipe.sentences,
        "effect": _effect(recipe, recipe.effect) if recipe.effect else None,
        "error": RecipeReason(**recipe.error) if recipe.error else None,
    }


def _effect(recipe: Recipe, effect: Mapping[str, Any]) -> Effect:
    steps = [
        StepEffect(**step, description=sentence)
        for step, sentence in zip(effect["steps"], recipe.sentences, strict=True)
    ]
    return Effect(**{**effect, "steps": steps})
