"""Recipes read for the engine: a fault is an error of the user's data."""

import json
from collections.abc import Mapping
from pathlib import Path

from automl.errors import RecipeError
from scoring.cleaning.vocabulary import Recipe, StepFault, read_recipe
from scoring.cleaning.vocabulary.fields import Json

MAX_FILE_BYTES = 1_000_000


def parse(content: Json, types: Mapping[str, str] | None = None, target: str | None = None) -> Recipe:
    """Read a recipe; see :func:`scoring.cleaning.vocabulary.read_recipe`.

    Raises
    ------
    RecipeError
        With every fault of every step.
    """
    recipe, faults = read_recipe(content, types, target)
    if recipe is None:
        raise RecipeError(faults)
    return recipe


def read_file(path: Path) -> Recipe:
    """Read a recipe from a JSON file.

    Raises
    ------
    RecipeError
        When the file is no JSON, too large, or no recipe.
    """
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise RecipeError([StepFault(step=None, message=f"it is larger than {MAX_FILE_BYTES:,} bytes")])
    try:
        return parse(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise RecipeError([StepFault(step=None, message="it is not JSON")]) from error
