"""The command line `csv-analyzer`: thin commands over the client."""

import io
import sys
from typing import Annotated

import typer

from csv_analyzer_client.cli import account, data, predicting, registry, service, training
from csv_analyzer_client.wire import own_version

app = typer.Typer(
    name="csv-analyzer",
    help="A CSV in, a served and monitored model out.",
    epilog="Exit codes: 0 done, 1 fault of the request or the data, 2 wrong usage, 3 not signed in, "
    "4 not found, 5 limit or busy, 6 service away, 130 broken off.",
    no_args_is_help=True,
    # Local variables hold passwords and tokens.
    pretty_exceptions_show_locals=False,
)
for _part in (account, data, training, registry, predicting, service):
    _part.register(app)


def _version(wanted: bool) -> None:  # Typer's callbacks are called like this
    if wanted:
        typer.echo(f"csv-analyzer {own_version()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A CSV in, a served and monitored model out."""


def main() -> None:
    """Run the command that the arguments name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows few characters gets the others spelled out.
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="csv-analyzer")
