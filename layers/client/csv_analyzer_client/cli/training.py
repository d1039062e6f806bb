"""Trainings: order, follow, list, cancel."""

import itertools
import json
from enum import StrEnum
from typing import Annotated, Any, Final, cast

import typer
from rich.live import Live

from csv_analyzer_client.cli.run import Run, command
from csv_analyzer_client.dataset_calls import TrainOptions
from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.pending import Pending
from csv_analyzer_client.rendering import trainings as rendering
from csv_analyzer_client.resources import Job

PANEL: Final = "Trainings"

JobId = Annotated[str, typer.Argument(metavar="JOB", help="Id of the training.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Show its progress until it ends.")]
Timeout = Annotated[float | None, typer.Option(min=0, help="Follow for so many seconds at most.")]


class Task(StrEnum):
    """What kind of value is predicted."""

    AUTO = "auto"
    CLASSIFICATION = "classification"
    REGRESSION = "regression"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "train", PANEL)(train)
    command(app, "jobs", PANEL)(jobs)
    command(app, "job", PANEL)(job)
    command(app, "cancel", PANEL)(cancel)


def train(  # noqa: PLR0913  # an option for each of the route's
    run: Run,
    dataset_id: Annotated[str, typer.Argument(metavar="DATASET", help="Id of the dataset.")],
    *,
    target: Annotated[str, typer.Option("--target", "-t", help="Column to predict.")],
    model: Annotated[
        str | None, typer.Option(help="Name of the model; by the file's name if absent.")
    ] = None,
    task: Annotated[Task | None, typer.Option(help="By the target's values if absent.")] = None,
    metric: Annotated[str | None, typer.Option(help="What decides between candidates.")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Search time in seconds.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Column left out; may be repeated.")] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="Column kept in spite of its findings; may be repeated.")
    ] = None,
    class_weights: Annotated[
        str | None, typer.Option(help='"balanced", or JSON like {"yes": 5, "no": 1}.')
    ] = None,
    group: Annotated[str | None, typer.Option(help="Rows of one value stay on one side of a split.")] = None,
    time: Annotated[str | None, typer.Option(help="Later rows judge what earlier ones taught.")] = None,
    recipe: Annotated[int | None, typer.Option(min=1, help="Version of the cleaning to train after.")] = None,
    compact: Annotated[
        bool | None, typer.Option("--compact/--no-compact", help="A small and quick model.")
    ] = None,
    recall: Annotated[
        bool | None, typer.Option("--recall/--no-recall", help="Whether copies of known rows are recognised.")
    ] = None,
    reasons: Annotated[
        bool | None, typer.Option("--reasons/--no-reasons", help="Whether the model can explain its answers.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Equal seeds give equal models.")] = None,
    follow: Follow = False,
    timeout: Timeout = None,
) -> None:
    """Train a model on a dataset; --follow shows the leaderboard as it grows."""
    options = {
        "model": model,
        "task": None if task is None else task.value,
        "metric": metric,
        "budget_seconds": budget,
        "exclude": exclude,
        "keep": keep,
        "class_weights": _weights(class_weights),
        "group": group,
        "time": time,
        "recipe": recipe,
        "compact": compact,
        "recall": recall,
        "reasons": reasons,
        "seed": seed,
    }
    given = cast("TrainOptions", {name: value for name, value in options.items() if value not in (None, [])})
    pending = run.client().train(dataset_id, target, **given)
    found = _followed(run, pending, timeout) if follow else pending.state
    run.output.result(found.raw, lambda: rendering.job(found))
    if follow:
        run.output.note(f"Next: csv-analyzer predict {found.model} FILE")
    else:
        run.output.note(f"Next: csv-analyzer job {found.id} --follow")


def jobs(
    run: Run,
    limit: Annotated[int, typer.Option(min=1, help="Show so many at most.")] = 20,
) -> None:
    """List your trainings, newest first."""
    items = list(itertools.islice(run.client().jobs(), limit))
    run.output.result([item.raw for item in items], lambda: rendering.jobs(items))


def job(run: Run, job_id: JobId, follow: Follow = False, timeout: Timeout = None) -> None:
    """Show a training with its leaderboard so far."""
    client = run.client()
    found = client.job(job_id)
    if follow:
        found = _followed(run, client.training(found), timeout)
    run.output.result(found.raw, lambda: rendering.job(found))


def cancel(run: Run, job_id: JobId) -> None:
    """Cancel a training."""
    found = run.client().cancel(job_id)
    run.output.result(found.raw, lambda: rendering.job(found))


def _followed(run: Run, pending: Pending[Job], timeout: float | None) -> Job:
    job_id = pending.state.id
    again = f"The training goes on. csv-analyzer job {job_id} --follow, or csv-analyzer cancel {job_id}"
    if not run.output.is_live:
        said: list[str] = []

        def say(state: Job) -> None:
            line = f"  {state.progress:>4.0%}  {state.message or rendering.waiting(state)}"
            if said[-1:] != [line]:
                said.append(line)
                run.output.note(line)

        return run.finish(pending, say, timeout, again)
    with Live(console=run.output.err, transient=True, refresh_per_second=4) as live:
        return run.finish(pending, lambda state: live.update(rendering.running(state)), timeout, again)


def _weights(text: str | None) -> Any:
    if text is None or text == "balanced":
        return text
    try:
        weights = json.loads(text)
    except (ValueError, RecursionError):
        weights = None
    if not isinstance(weights, dict):
        raise UsageError('--class-weights takes "balanced", or JSON like {"yes": 5, "no": 1}.')
    return weights
