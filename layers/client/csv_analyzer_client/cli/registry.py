"""Models and their life: look at, promote, archive, roll back, erase."""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final

import typer

from csv_analyzer_client.cli.run import Run, command
from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.rendering import documents
from csv_analyzer_client.rendering import registry as rendering
from csv_analyzer_client.rendering.text import prose

PANEL: Final = "Models"

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")]
Number = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Number of the version.")]
Reason = Annotated[str | None, typer.Option(help="Kept in the history.")]


class Kind(StrEnum):
    """What can be deleted."""

    DATASET = "dataset"
    MODEL = "model"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "models", PANEL)(models)
    command(app, "model", PANEL)(model)
    command(app, "report", PANEL)(report)
    command(app, "card", PANEL)(card)
    command(app, "promote", PANEL)(promote)
    command(app, "archive", PANEL)(archive)
    command(app, "rollback", PANEL)(rollback)
    command(app, "history", PANEL)(history)
    command(app, "drift", PANEL)(drift)
    command(app, "delete", PANEL)(delete)
    command(app, "erasures", PANEL)(erasures)


def models(run: Run) -> None:
    """List your models."""
    items = list(run.client().models())
    run.output.result([item.raw for item in items], lambda: rendering.models(items))


def model(
    run: Run,
    name: Name,
    version: Annotated[int | None, typer.Option(min=1, help="One version in full.")] = None,
) -> None:
    """Show a model with its versions and their stages, or one version in full."""
    if version is not None:
        one = run.client().version(name, version)
        run.output.result(one.raw, lambda: rendering.version(one))
        return
    found = run.client().model(name)
    run.output.result(found.raw, lambda: rendering.model(found))


def report(run: Run, name: Name, version: Number) -> None:
    """Show the report of a version; --json has all of it."""
    content = run.client().report(name, version)
    run.output.result(content, lambda: documents.report(content))


def card(run: Run, name: Name, version: Number) -> None:
    """Print the model card of a version, in Markdown."""
    text = run.client().card(name, version)
    if run.output.as_json:
        run.output.result({"model": name, "version": version, "card": text})
    else:
        run.output.write(prose(text if text.endswith("\n") else text + "\n"))


def promote(
    run: Run,
    name: Name,
    version: Number,
    force: Annotated[bool, typer.Option("--force", help="Pass the gate; needs --reason.")] = False,
    reason: Reason = None,
) -> None:
    """Put a version into production, if it is no worse than the one that is there."""
    if force and not reason:
        raise UsageError("--force needs --reason: it is kept in the history.")
    change = run.client().promote(name, version, force=force, reason=reason)
    run.output.result(change.raw, lambda: rendering.stage_change(change))


def archive(
    run: Run,
    name: Name,
    version: Number,
    restore: Annotated[bool, typer.Option("--restore", help="Back to staging instead.")] = False,
    reason: Reason = None,
) -> None:
    """Archive a version, so that it does not serve any more; --restore takes it back."""
    change = run.client().set_stage(name, version, "staging" if restore else "archived", reason=reason)
    run.output.result(change.raw, lambda: rendering.stage_change(change))


def rollback(
    run: Run,
    name: Name,
    from_version: Annotated[
        int | None, typer.Option("--from", min=1, help="Only if this version is in production.")
    ] = None,
    reason: Reason = None,
) -> None:
    """Put the version back that was in production before."""
    change = run.client().rollback(name, reason, from_version)
    run.output.result(change.raw, lambda: rendering.stage_change(change))


def history(
    run: Run,
    name: Name,
    at: Annotated[
        str | None,
        typer.Option(help="What was in production at this moment (ISO 8601), and who put it there."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Show so many changes at most.")] = 20,
) -> None:
    """Show what was in production when, and who put it there."""
    found = run.client().history(name, None if at is None else _moment(at), limit)
    run.output.result(found.raw, lambda: rendering.history(found))


def drift(
    run: Run,
    name: Name,
    version: Annotated[int | None, typer.Option(min=1, help="In production if absent.")] = None,
) -> None:
    """Show how far what a model is asked has moved from what it was trained on."""
    content = run.client().drift(name, version)
    run.output.result(content, lambda: documents.drift(content))


def delete(
    run: Run,
    kind: Annotated[Kind, typer.Argument(help="What is deleted.")],
    name: Annotated[str, typer.Argument(metavar="ID|NAME", help="Id of the dataset or name of the model.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase a dataset or a model with all that was made of it, and show the receipt."""
    client = run.client()
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("There is no terminal to ask for consent: give --yes.")
        what = "it and the versions trained on it" if kind is Kind.DATASET else "all of its versions"
        typer.confirm(f"Erase {kind.value} {name}, {what}, for good?", abort=True, err=True)
    receipt = client.delete_dataset(name) if kind is Kind.DATASET else client.delete_model(name)
    run.output.result(receipt.raw, lambda: rendering.receipt(receipt))


def erasures(
    run: Run,
    receipt_id: Annotated[str | None, typer.Argument(metavar="[RECEIPT]", help="All if absent.")] = None,
) -> None:
    """Show the receipts of what was erased."""
    client = run.client()
    if receipt_id is not None:
        one = client.erasure(receipt_id)
        run.output.result(one.raw, lambda: rendering.receipt(one))
        return
    items = list(client.erasures())
    run.output.result([item.raw for item in items], lambda: rendering.receipts(items))


def _moment(text: str) -> str:
    """A moment as the service takes it; without a zone it is of this machine's."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text[:50]!r} is no moment like 2026-03-31 or 2026-03-31T12:00:00Z.") from error
