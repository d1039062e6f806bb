"""What all commands share: options, output, the client, errors and exit codes."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, Final

import typer

from csv_analyzer_client.client import Client
from csv_analyzer_client.errors import ClientError, FailedError
from csv_analyzer_client.pending import HasStatus, Pending
from csv_analyzer_client.rendering.output import Output
from csv_analyzer_client.settings import Service

INTERRUPTED: Final = 130

_OPTIONS: Final = "Options of all commands"
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout, nothing else.", rich_help_panel=_OPTIONS)
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        help="Profile of `configure`; else CSV_ANALYZER_PROFILE, else the current one.",
        rich_help_panel=_OPTIONS,
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="Address of the API; else CSV_ANALYZER_URL.", rich_help_panel=_OPTIONS),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors on stderr.", rich_help_panel=_OPTIONS)
]
_SHARED: Final = {
    "as_json": (JsonOption, False),
    "profile_name": (ProfileOption, None),
    "url": (UrlOption, None),
    "quiet": (QuietOption, False),
}


class Run:
    """One command as it runs.

    Parameters
    ----------
    output : Output
        Where it tells what.
    profile : str or None
        Profile that was named.
    service : Service
        What options say of the service.
    """

    def __init__(self, output: Output, profile: str | None, service: Service) -> None:
        self.output = output
        self.profile = profile
        self.service = service
        self._client: Client | None = None

    def client(self, more: Service | None = None) -> Client:
        """The client, made when it is first asked for; `more` is what else options say of the service."""
        if self._client is None:
            service = (more or Service()).over(self.service)
            self._client = make_client(self.profile, service)
        return self._client

    def close(self) -> None:
        """Close the client's connections."""
        if self._client is not None:
            self._client.close()

    def finish[T: HasStatus](
        self, pending: Pending[T], tell: Callable[[T], None], timeout: float | None = None, then: str = ""
    ) -> T:
        """Wait for work, and say how to come back to it when the wait is broken off.

        Raises
        ------
        ClientError
            If it does not end well.
        """
        try:
            return pending.wait(tell, timeout)
        except FailedError:
            raise
        except (KeyboardInterrupt, ClientError):
            if then:
                self.output.note(then)
            raise


def make_client(profile: str | None, service: Service) -> Client:
    """A client for a profile and what options say."""
    return Client(profile=profile, service=service)


def command[**P](
    app: typer.Typer, name: str, panel: str
) -> Callable[[Callable[Concatenate[Run, P], None]], Callable[Concatenate[Run, P], None]]:
    """Make a function a command: its first parameter is the :class:`Run`, the others are Typer's.

    Every command gets the shared options, and ends with the exit code of what goes wrong.
    """

    def make(function: Callable[Concatenate[Run, P], None]) -> Callable[Concatenate[Run, P], None]:
        @functools.wraps(function)
        def run(
            *args: Any, as_json: bool, profile_name: str | None, url: str | None, quiet: bool, **kwargs: Any
        ) -> None:
            output = Output(as_json=as_json, quiet=quiet)
            state = Run(output, profile_name, Service(url=url or ""))
            try:
                function(state, *args, **kwargs)
            except ClientError as error:
                output.error(error)
                raise typer.Exit(error.exit_code) from error
            except KeyboardInterrupt as stop:
                raise typer.Exit(INTERRUPTED) from stop
            finally:
                state.close()

        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        shared = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for key, (annotation, default) in _SHARED.items()
        ]
        parameters = [*own, *shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect's protocol
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        app.command(name, rich_help_panel=panel)(run)
        return function

    return make
