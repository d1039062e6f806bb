"""The service itself: limits, its page, its documentation."""

from typing import Annotated, Final

import typer

from csv_analyzer_client.cli.run import Run, command
from csv_analyzer_client.rendering import documents

PANEL: Final = "Service and sign-in"

PrintOnly = Annotated[bool, typer.Option("--print", help="Print the address only.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "limits", PANEL)(limits)
    command(app, "open", PANEL)(open_page)
    command(app, "docs", PANEL)(docs)


def limits(run: Run) -> None:
    """Show your limits and how much of them is used."""
    content = run.client().limits()
    run.output.result(content, lambda: documents.limits(content))


def open_page(run: Run, only_print: PrintOnly = False) -> None:
    """Open the service's page in the browser."""
    _show(run, "/", only_print=only_print)


def docs(run: Run, only_print: PrintOnly = False) -> None:
    """Open the documentation of all routes in the browser."""
    _show(run, "/docs", only_print=only_print)


def _show(run: Run, path: str, *, only_print: bool) -> None:
    url = run.client().service.url + path
    if run.output.as_json:
        run.output.result({"url": url})
    else:
        run.output.write(url + "\n")
        if not only_print:
            typer.launch(url)
