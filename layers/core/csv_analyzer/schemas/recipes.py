"""Shapes of cleaning recipes, of what they did, and of the rows they leave."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from csv_analyzer.schemas.base import ColumnName, Reason, Request

# Of a recipe as JSON: what the API takes, and what whoever reads the stored order may expect.
MAX_RECIPE_BYTES = 1_000_000
MAX_VERSION = 999_999


class RecipeRequest(Request):
    """How a dataset is to be cleaned; every change makes a new version."""

    target: Annotated[
        ColumnName | None,
        Field(description="Column to predict: the profile then says what goes with it."),
    ] = None
    steps: Annotated[
        list[Any],
        Field(description="In order; each is compared with the columns that those before it leave."),
    ] = Field(default_factory=list)


class RecipeOrder(Request):
    """A version of a recipe as it is stored in S3; its owner stands in its key."""

    dataset_id: str
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]
    created_at: str
    target: ColumnName | None
    steps: list[Any]
    sentences: list[str]
    request_id: Annotated[str, Field(max_length=100)] = ""


class StepReason(BaseModel):
    """What is wrong with a step."""

    step: Annotated[int | None, Field(description="Its number, from 1; null for the recipe as a whole.")]
    message: str


class RecipeReason(Reason):
    """Why a recipe cannot be applied, with every step that is to blame."""

    steps: list[StepReason]


class StepEffect(BaseModel):
    """What a step did."""

    step: Annotated[int, Field(ge=1)]
    name: str
    description: str
    rows_before: int
    rows_after: int
    columns_before: int
    columns_after: int
    cells_changed: int
    cells_made_missing: int
    estimated: Annotated[list[dict[str, Any]], Field(description="What was worked out; may be shortened.")]
    estimated_total: int


class Effect(BaseModel):
    """What a recipe did to its dataset."""

    rows_before: int
    rows_after: int
    columns_before: int
    columns_after: int
    missing_before: Annotated[int, Field(description="Missing cells of the dataset as it was read.")]
    missing_after: int
    steps: list[StepEffect]


class RecipeSummary(BaseModel):
    """A version of a dataset's recipe in a list."""

    version: int
    dataset_id: str
    status: Literal["CHECKING", "READY", "FAILED"]
    created_at: str
    finished_at: str | None
    target: str | None
    sentences: Annotated[list[str], Field(description="Each step as a sentence.")]
    effect: Annotated[Effect | None, Field(description="Null unless READY.")]
    error: RecipeReason | None


class RecipeView(RecipeSummary):
    """A version of a dataset's recipe; versions never change."""

    steps: list[dict[str, Any]]


class RecipeList(BaseModel):
    """A page of recipes, newest first."""

    items: list[RecipeSummary]
    next: Annotated[str | None, Field(description="Hand in as `after` for the next page.")]


class PreviewColumn(BaseModel):
    """A column of a preview."""

    name: str
    type: Literal["numeric", "categorical", "text", "boolean", "date"]


class PreviewRow(BaseModel):
    """A row of a preview."""

    row: Annotated[int, Field(ge=0, description="Its position in the file, from 0.")]
    cells: Annotated[
        list[str | bool | int | float | None],
        Field(description="In the order of the columns; dates as ISO 8601, null where missing."),
    ]
    cut: Annotated[list[int], Field(description="Positions of texts that are shortened.")] = Field(
        default_factory=list
    )


class Preview(BaseModel):
    """Some of the first rows of a dataset, as they were read or as a recipe left them."""

    recipe: Annotated[int | None, Field(description="Version of the recipe; null for the dataset as read.")]
    total_rows: Annotated[int, Field(description="Of the dataset, as read or cleaned.")]
    preview_rows: Annotated[int, Field(description="How many of them can be looked at.")]
    offset: int
    columns: list[PreviewColumn]
    rows: list[PreviewRow]
