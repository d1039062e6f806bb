"""Datasets: upload, list, look at, clean."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from csv_analyzer_client.cli.run import Run, command
from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.rendering import datasets as rendering
from csv_analyzer_client.resources import Dataset, Recipe

PANEL: Final = "Datasets"
MAX_RECIPE_BYTES: Final = 5_000_000

DatasetId = Annotated[str, typer.Argument(metavar="DATASET", help="Id of the dataset.")]
RecipeOption = Annotated[int | None, typer.Option(min=1, help="After this version of the recipe.")]
Timeout = Annotated[float | None, typer.Option(min=0, help="Wait so many seconds at most.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "upload", PANEL)(upload)
    command(app, "datasets", PANEL)(datasets)
    command(app, "dataset", PANEL)(dataset)
    command(app, "profile", PANEL)(profile)
    command(app, "preview", PANEL)(preview)
    command(app, "clean", PANEL)(clean)
    command(app, "recipe", PANEL)(recipe)


def upload(
    run: Run,
    file: Annotated[Path, typer.Argument(help="CSV file.")],
    name: Annotated[str | None, typer.Option(help="Name of the dataset's file.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is analyzed.")] = False,
    timeout: Timeout = None,
) -> None:
    """Upload a CSV file; large ones go in parts."""
    with run.output.progress(f"Uploading {file.name}") as tell:
        pending = run.client().upload(file, name=name, progress=tell)
    found = pending.state
    if wait:
        found = run.finish(
            pending, _dataset_teller(run), timeout, f"Look again with: csv-analyzer dataset {found.id}"
        )
    run.output.result(found.raw, lambda: rendering.dataset(found))


def datasets(
    run: Run,
    limit: Annotated[int | None, typer.Option(min=1, help="Show so many at most.")] = None,
) -> None:
    """List your datasets, newest first."""
    items = [item for item, _ in zip(run.client().datasets(), _count(limit), strict=False)]
    run.output.result([item.raw for item in items], lambda: rendering.datasets(items))


def dataset(
    run: Run,
    dataset_id: DatasetId,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is analyzed.")] = False,
    timeout: Timeout = None,
) -> None:
    """Show one dataset."""
    client = run.client()
    found = client.dataset(dataset_id)
    if wait:
        found = run.finish(client.analysis(found), _dataset_teller(run), timeout)
    run.output.result(found.raw, lambda: rendering.dataset(found))


def profile(
    run: Run,
    dataset_id: DatasetId,
    recipe_version: Annotated[
        int | None, typer.Option("--recipe", min=1, help="After this version of the recipe.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="All about one column.")] = None,
) -> None:
    """Show what is in every column, what goes with the target, and what to beware of."""
    content = run.client().profile_of(dataset_id, recipe_version)
    run.output.result(content, lambda: rendering.profile(content, column))


def preview(
    run: Run,
    dataset_id: DatasetId,
    recipe_version: Annotated[
        int | None, typer.Option("--recipe", min=1, help="After this version of the recipe.")
    ] = None,
    offset: Annotated[int | None, typer.Option(min=0, help="Leave out so many rows.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Show so many rows.")] = 20,
) -> None:
    """Show rows of a dataset."""
    content = run.client().preview(dataset_id, recipe_version, offset, limit)
    run.output.result(content, lambda: rendering.preview(content))


def clean(
    run: Run,
    dataset_id: DatasetId,
    file: Annotated[str, typer.Argument(metavar="RECIPE", help="File of JSON; - is stdin.")],
    target: Annotated[
        str | None, typer.Option(help="Column to predict; in the place of the recipe's own.")
    ] = None,
    timeout: Timeout = None,
) -> None:
    """Put a recipe, wait, and show the table before and after and what each step did.

    The recipe is a list of steps, or {"target": ..., "steps": [...]}.
    """
    steps, named = _recipe_of(_text_of(file))
    pending = run.client().clean(dataset_id, steps, target or named)
    again = f"Look again with: csv-analyzer recipe {dataset_id} --version {pending.state.version}"
    found = run.finish(pending, _recipe_teller(run), timeout, again)
    run.output.result(found.raw, lambda: rendering.recipe(found))


def recipe(
    run: Run,
    dataset_id: DatasetId,
    version: Annotated[int | None, typer.Option(min=1, help="The newest if absent.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All versions.")] = False,
) -> None:
    """Show a version of a dataset's cleaning."""
    client = run.client()
    if every:
        items = list(client.recipes(dataset_id))
        run.output.result(
            [item.raw for item in items], *((lambda item=item: rendering.recipe(item)) for item in items)
        )
        return
    found = client.recipe(dataset_id, version)
    run.output.result(found.raw, lambda: rendering.recipe(found))


def _dataset_teller(run: Run) -> Any:
    def tell(item: Dataset) -> None:
        run.output.note(f"  {item.status}")

    return tell


def _recipe_teller(run: Run) -> Any:
    def tell(item: Recipe) -> None:
        run.output.note(f"  recipe {item.version} is {item.status}")

    return tell


def _count(limit: int | None) -> Any:
    return range(sys.maxsize if limit is None else limit)


def _text_of(name: str) -> str:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MAX_RECIPE_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MAX_RECIPE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}.") from error
    if len(content) > MAX_RECIPE_BYTES:
        raise UsageError("The recipe is too large.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("The recipe is not UTF-8.") from error


def _recipe_of(text: str) -> tuple[list[Any], str | None]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The recipe is no JSON: {error}.") from error
    if isinstance(content, list):
        return content, None
    if (
        isinstance(content, dict)
        and isinstance(content.get("steps"), list)
        and content.keys() <= {"steps", "target"}
    ):
        return content["steps"], content.get("target")
    raise UsageError('A recipe is a list of steps, or {"target": ..., "steps": [...]}.')
