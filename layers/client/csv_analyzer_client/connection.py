"""The API of one stack: signed calls, and problem documents as exceptions."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from urllib.parse import quote

from csv_analyzer_client.cognito import Cognito
from csv_analyzer_client.errors import BadAnswerError, NotSignedInError, SignInError, problem_error
from csv_analyzer_client.settings import Service
from csv_analyzer_client.tokens import Tokens, TokenStore
from csv_analyzer_client.wire import Answer, Wire, seconds_of

# New tokens are asked for so many seconds before the old one ends.
_MARGIN_SECONDS: Final = 60.0


class TokenSource(Protocol):
    """Gives the ID token that calls are signed with."""

    def id_token(self) -> str:
        """A token that is good now."""

    def renew(self, refused: str) -> str | None:
        """Another token in the place of one that was refused, or None if there can be none."""


class FixedToken:
    """A token that somebody else takes care of.

    Parameters
    ----------
    token : str
        ID token.
    """

    def __init__(self, token: str) -> None:
        self._token = token.strip()

    def id_token(self) -> str:
        """The token."""
        return self._token

    def renew(self, refused: str) -> str | None:  # noqa: ARG002
        """None: there is no other one."""
        return None


class StoredTokens:
    """The tokens of a profile, renewed before they end.

    Parameters
    ----------
    store : TokenStore
        Where they are kept.
    cognito : Cognito
        Who renews them.
    clock : callable
        Seconds since 1970.
    """

    def __init__(self, store: TokenStore, cognito: Cognito, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._cognito = cognito
        self._clock = clock
        self._lock = threading.Lock()

    def id_token(self) -> str:
        """A token that is good for a while.

        Raises
        ------
        NotSignedInError
            If nobody signed in, or the session has ended.
        """
        with self._lock:
            tokens = self._load()
            if tokens.expires_at - self._clock() > _MARGIN_SECONDS:
                return tokens.id_token
            return self._refreshed(tokens).id_token

    def renew(self, refused: str) -> str | None:
        """A new token; the one of another process that was quicker if there is one."""
        with self._lock:
            tokens = self._load()
            return tokens.id_token if tokens.id_token != refused else self._refreshed(tokens).id_token

    def _load(self) -> Tokens:
        tokens = self._store.load()
        if tokens is None or tokens.url != self._cognito.service.url:
            raise NotSignedInError("You are not signed in. Run: csv-analyzer login")
        return tokens

    def _refreshed(self, tokens: Tokens) -> Tokens:
        if not tokens.refresh_token:
            raise NotSignedInError("Your session has ended. Run: csv-analyzer login")
        try:
            renewed = self._cognito.refresh(tokens)
        except SignInError as error:
            raise NotSignedInError("Your session has ended. Run: csv-analyzer login") from error
        self._store.save(renewed)
        return renewed


class Connection:
    """Calls of the API.

    Parameters
    ----------
    service : Service
        Where it is; checked.
    tokens : TokenSource
        Signs the calls.
    wire : Wire
        Sends them.
    """

    def __init__(self, service: Service, tokens: TokenSource, wire: Wire) -> None:
        self.service = service
        self.wire = wire
        self._tokens = tokens

    def json(
        self,
        method: str,
        *path: str | int,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeat: bool | None = None,
    ) -> Any:
        """Call a route and read its JSON.

        Parameters
        ----------
        method : str
            HTTP method.
        *path : str or int
            Segments of the path, unquoted.
        query : mapping, optional
            Parameters; those that are None are left out.
        body : optional
            JSON body.
        repeat : bool, optional
            Whether asking twice is like asking once; a GET is if absent.

        Raises
        ------
        ProblemError
            What the service refuses.
        NotSignedInError, UnreachableError, BadAnswerError
            What keeps it from answering.
        """
        return self._call(method, path, query, body, repeat).json()

    def text(self, *path: str | int) -> str:
        """Read a text.

        Raises
        ------
        ClientError
            As :meth:`json` does.
        """
        return self._call("GET", path, None, None, None).content.decode("utf-8", "replace")

    def public_json(self, *path: str) -> Any:
        """Read a route that needs no token."""
        return _checked(self.wire.send("GET", address(self.service.url, path), repeat=True)).json()

    def _call(
        self,
        method: str,
        path: tuple[str | int, ...],
        query: Mapping[str, Any] | None,
        body: Any,
        repeat: bool | None,
    ) -> Answer:
        url = address(self.service.url, path)
        params = {name: _shown(value) for name, value in (query or {}).items() if value is not None}
        token = self._tokens.id_token()

        def send() -> Answer:
            return self.wire.send(
                method,
                url,
                headers={"Authorization": token},
                params=params or None,
                json=body,
                repeat=method == "GET" if repeat is None else repeat,
            )

        answer = send()
        if answer.status == 401 and (renewed := self._tokens.renew(token)):
            token = renewed
            answer = send()
        return _checked(answer)


def address(base: str, path: tuple[str | int, ...]) -> str:
    """Address of a route; no segment can lead to another route.

    Raises
    ------
    NotFoundError
        If a segment can't be part of a path.
    """
    segments = [str(segment) for segment in path]
    for segment in segments:
        # What was no UTF-8 on the command line came as surrogates.
        if segment in {"", ".", ".."} or len(segment) > 1_000 or not segment.isprintable():
            detail = f"There is nothing named {segment[:100]!r}."
            raise problem_error(404, {"code": "not_found", "detail": detail})
    return "/".join([base, *(quote(segment, safe="") for segment in segments)])


def _checked(answer: Answer) -> Answer:
    if answer.status < 300:
        return answer
    if answer.status < 400:
        raise BadAnswerError(f"The answer leads elsewhere (HTTP {answer.status}): is the address right?")
    try:
        document = answer.json()
    except BadAnswerError:
        document = None
    if not isinstance(document, dict):
        document = {"detail": f"The service answered with HTTP {answer.status} and no explanation."}
    if "detail" not in document and isinstance(document.get("message"), str):
        document["detail"] = document["message"]
    told = document.get("retry_after")
    after = answer.retry_after
    if after is None and isinstance(told, int | float):
        after = seconds_of(str(int(told)))
    raise problem_error(answer.status, document, after)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
