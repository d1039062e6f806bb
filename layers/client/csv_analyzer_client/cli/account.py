"""Which service, and who asks it: configure, profiles, login, logout, whoami."""

import getpass
import os
import sys
from typing import Annotated, Final

import typer

from csv_analyzer_client.cli.run import Run, command
from csv_analyzer_client.cognito import AUTHENTICATOR_CODE, NEW_PASSWORD
from csv_analyzer_client.errors import (
    BadAnswerError,
    ClientError,
    ForbiddenError,
    NotFoundError,
    NotSignedInError,
    UnauthorizedError,
    UsageError,
)
from csv_analyzer_client.rendering.text import facts, table
from csv_analyzer_client.settings import ENVIRONMENT, Profiles, Service, require_profile_name
from csv_analyzer_client.tokens import claims_of

PANEL: Final = "Service and sign-in"
EMAIL_VARIABLE: Final = "CSV_ANALYZER_EMAIL"
PASSWORD_VARIABLE: Final = "CSV_ANALYZER_PASSWORD"  # noqa: S105  # a name
NEW_PASSWORD_VARIABLE: Final = "CSV_ANALYZER_NEW_PASSWORD"  # noqa: S105  # a name
CODE_VARIABLE: Final = "CSV_ANALYZER_MFA_CODE"
_ROLES: Final = ("admin", "editor", "viewer")

Region = Annotated[str, typer.Option(envvar=ENVIRONMENT["region"], help="AWS region.")]
ClientId = Annotated[
    str, typer.Option(envvar=ENVIRONMENT["user_pool_client_id"], help="App client of the user pool.")
]
CognitoUrl = Annotated[
    str, typer.Option(envvar=ENVIRONMENT["cognito_url"], help="Address of Cognito; by the region if absent.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "configure", PANEL)(configure)
    command(app, "profiles", PANEL)(profiles)
    command(app, "login", PANEL)(login)
    command(app, "logout", PANEL)(logout)
    command(app, "whoami", PANEL)(whoami)


def configure(
    run: Run,
    address: Annotated[str, typer.Argument(metavar="URL", help="Address of the API, like https://host/v1.")],
    region: Region = "",
    client_id: ClientId = "",
    cognito_url: CognitoUrl = "",
) -> None:
    """Remember a service under the profile's name, and use that profile from now on."""
    given = Service(url=address, region=region, user_pool_client_id=client_id, cognito_url=cognito_url)
    # A new profile is not there yet, so its name is no wish to find it.
    name = require_profile_name(run.profile or Profiles.load().current)
    known = given.checked()
    if not (known.user_pool_client_id and known.cognito_url):
        try:
            told = run.client(given).config()
        except (NotFoundError, BadAnswerError, UnauthorizedError, ForbiddenError) as error:
            raise UsageError(
                f"{known.url} does not say how to sign in. Is it the API's address, with its stage? "
                "If so, name --region and --client-id (the stack's output UserPoolClientId)."
            ) from error
        known = known.over(told.sign_in).checked()
    Profiles.load().with_service(name, known).save()
    run.output.result({"profile": name, **vars(known)}, lambda: facts({"profile": name, **vars(known)}))
    run.output.note("Next: csv-analyzer login")


def profiles(
    run: Run,
    use: Annotated[str | None, typer.Option(help="Make this profile the current one.")] = None,
) -> None:
    """List the profiles."""
    known = Profiles.load()
    if use is not None:
        if use not in known.services:
            raise UsageError(f"There is no profile {use!r}. Run: csv-analyzer configure URL --profile {use}")
        known = known.with_service(use, known.services[use])
        known.save()
    content = [
        {"profile": name, "current": name == known.current, **vars(service)}
        for name, service in known.services.items()
    ]

    def shown() -> object:
        made = table("", "profile", "url", "region")
        for name, service in known.services.items():
            made.add_row("*" if name == known.current else "", name, service.url, service.region)
        return made

    run.output.result(content, shown)  # type: ignore[arg-type]  # a table


def login(
    run: Run,
    email: Annotated[
        str | None, typer.Option("--email", "-e", envvar=EMAIL_VARIABLE, help="Asked for if absent.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")
    ] = False,
    region: Region = "",
    client_id: ClientId = "",
    cognito_url: CognitoUrl = "",
) -> None:
    """Sign in; the password is asked for, or read from CSV_ANALYZER_PASSWORD or stdin."""
    client = run.client(Service(region=region, user_pool_client_id=client_id, cognito_url=cognito_url))
    who = email or _ask("E-mail: ", "--email", EMAIL_VARIABLE)
    if password_stdin:
        password = sys.stdin.readline(10_000).rstrip("\r\n")
    else:
        password = os.environ.get(PASSWORD_VARIABLE) or _secret(
            "Password: ", "--password-stdin", PASSWORD_VARIABLE
        )
    if not password:
        raise UsageError("The password is empty.")
    tokens = client.login(who, password, _answer)
    content = _identity(tokens.id_token, client.profile, client.service.url)
    run.output.result(content, lambda: facts(content))


def logout(run: Run) -> None:
    """Revoke and forget the tokens of this profile."""
    client = run.client()
    try:
        was_there = client.logout()
    except ClientError as error:
        run.output.note(f"The tokens are forgotten here, but could not be revoked: {error.message}")
        was_there = True
    run.output.result({"profile": client.profile, "signed_out": was_there})
    run.output.note("Signed out." if was_there else "Nobody was signed in.")


def whoami(run: Run) -> None:
    """Show who is signed in, where, and what they may do."""
    client = run.client()
    token = client.id_token()
    if not claims_of(token):
        raise NotSignedInError("The token is none. Run: csv-analyzer login")
    content = _identity(token, client.profile, client.service.url)
    run.output.result(content, lambda: facts(content))


def _identity(id_token: str, profile: str, url: str) -> dict[str, object]:
    claims = claims_of(id_token)
    groups = claims.get("cognito:groups")
    names = [str(group) for group in groups] if isinstance(groups, list) else []
    role = next((name for name in _ROLES if name in names), None)
    return {
        "email": claims.get("email"),
        "sub": claims.get("sub"),
        "role": role or "that of users without a group",
        "profile": profile,
        "url": url,
    }


def _answer(challenge: str) -> str:
    if challenge == AUTHENTICATOR_CODE:
        return os.environ.get(CODE_VARIABLE) or _ask("Code of the authenticator app: ", "", CODE_VARIABLE)
    if challenge != NEW_PASSWORD:
        raise UsageError(f"Cognito asks for {challenge[:50]}.")
    given = os.environ.get(NEW_PASSWORD_VARIABLE)
    if given:
        return given
    sys.stderr.write("The password must be changed.\n")
    first = _secret("New password: ", "", NEW_PASSWORD_VARIABLE)
    if _secret("New password again: ", "", NEW_PASSWORD_VARIABLE) != first:
        raise UsageError("The two passwords differ.")
    return first


def _ask(prompt: str, option: str, variable: str) -> str:
    _require_terminal(prompt, option, variable)
    sys.stderr.write(prompt)
    sys.stderr.flush()
    text = sys.stdin.readline(1_000).strip()
    if not text:
        raise UsageError("Nothing was entered.")
    return text


def _secret(prompt: str, option: str, variable: str) -> str:
    _require_terminal(prompt, option, variable)
    try:
        return getpass.getpass(prompt, stream=sys.stderr)
    except EOFError as error:
        raise UsageError("Nothing was entered.") from error


def _require_terminal(prompt: str, option: str, variable: str) -> None:
    if not sys.stdin.isatty():
        ways = " or ".join(way for way in (option, variable) if way)
        raise UsageError(f"There is no terminal to ask for {prompt.rstrip(': ').lower()!r}: give {ways}.")
