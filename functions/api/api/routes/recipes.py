"""Cleaning recipes of datasets."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from api import contract, edge, recipes
from api.routes.parameters import After, PageSize
from api.stack import recipe_plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.recipes import MAX_VERSION, RecipeList, RecipeRequest, RecipeView

routes = edge.Routes("Recipes", RouteClass.RECIPES)
Newest = Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="The newest if absent.")]


@routes.put("/datasets/<dataset_id>/recipe", role=Role.EDITOR, responses=contract.accepted(RecipeView))
def put_recipe(dataset_id: str, request: Annotated[RecipeRequest, Body()]) -> Response[RecipeView]:
    """Say how a dataset is to be cleaned: the next version of its recipe, which is then tried on the data."""
    return edge.accepted(recipes.view(*recipe_plane.put(routes.owner, dataset_id, request)))


@routes.get("/datasets/<dataset_id>/recipe", role=Role.VIEWER, responses=contract.found(RecipeView))
def get_recipe(dataset_id: str, version: Newest = None) -> RecipeView:
    """Show a version of a dataset's recipe, and what it did to the data."""
    return recipes.view(*recipe_plane.find(routes.owner, dataset_id, version))


@routes.get("/datasets/<dataset_id>/recipes", role=Role.VIEWER, responses=contract.found(RecipeList))
def list_recipes(dataset_id: str, limit: PageSize = 20, after: After = None) -> RecipeList:
    """List the versions of a dataset's recipe, newest first."""
    items, more = recipe_plane.page(routes.owner, dataset_id, limit, after)
    return RecipeList(items=[recipes.summary(item) for item in items], next=more)
