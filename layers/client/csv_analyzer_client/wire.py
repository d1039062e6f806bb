"""Requests over HTTP: bounded answers, repeated with growing pauses where that is safe."""

import json as json_module
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import httpx

from csv_analyzer_client.errors import BadAnswerError, UnreachableError
from csv_analyzer_client.settings import is_loopback

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
TRIES: Final = 4
# Longer pauses than this are the caller's to decide.
LONGEST_PAUSE: Final = 10.0
_FIRST_PAUSE: Final = 0.5
_AWAY: Final = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_SHORT: Final = httpx.Timeout(60.0, connect=10.0)
# Minutes, for what is read and written between two chunks of a file.
LONG: Final = httpx.Timeout(120.0, connect=10.0)


@dataclass(frozen=True)
class Answer:
    """An answer that was read whole.

    Parameters
    ----------
    status : int
        HTTP status.
    headers : httpx.Headers
        Of the answer.
    content : bytes
        Its body.
    """

    status: int
    headers: httpx.Headers
    content: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises
        ------
        BadAnswerError
            If it is none.
        """
        try:
            return json_module.loads(self.content, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise BadAnswerError(
                f"The answer (HTTP {self.status}) is no JSON: is this the address of CSV Analyzer's API?"
            ) from error

    @property
    def retry_after(self) -> float | None:
        """Seconds that the header `Retry-After` asks to wait, or None."""
        return seconds_of(self.headers.get("retry-after"))


class Wire:
    """HTTP to one machine or to the rest of the world.

    Parameters
    ----------
    transport : httpx.BaseTransport, optional
        Takes the place of the network, in tests.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self, transport: httpx.BaseTransport | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._transport = transport
        self._clients: dict[bool, httpx.Client] = {}
        self.sleep = sleep

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def client(self, url: str) -> httpx.Client:
        """The client for an address; what is on this machine is never asked through a proxy."""
        local = is_loopback(url)
        if local not in self._clients:
            self._clients[local] = httpx.Client(
                transport=self._transport,
                timeout=_SHORT,
                trust_env=not local,
                headers={"User-Agent": f"csv-analyzer/{own_version()}"},
            )
        return self._clients[local]

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        repeat: bool = False,
    ) -> Answer:
        """Send a request and read its answer whole.

        Parameters
        ----------
        method, url : str
            What to ask.
        headers, params : mapping, optional
            Of the request.
        json : optional
            Body.
        repeat : bool
            Whether asking twice is like asking once: then it is asked again when the service is away. Answers
            that say "too many requests" have done nothing, so they are repeated always.

        Raises
        ------
        UnreachableError
            If no answer comes.
        BadAnswerError
            If it is too large.
        """
        body = None if json is None else json_module.dumps(json, allow_nan=False).encode()
        sent = {**({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        for tried in range(1, TRIES + 1):
            try:
                answer = self._once(method, url, sent, params, body)
            except httpx.TransportError as error:
                # A connection that was never made has done nothing.
                harmless = repeat or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if not harmless or tried == TRIES:
                    raise unreachable(url, error) from error
                pause: float | None = None
            else:
                busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
                if not (busy or (repeat and answer.status in _AWAY)) or tried == TRIES:
                    return answer
                pause = answer.retry_after
                if pause is not None and pause > LONGEST_PAUSE:
                    return answer
            self.pause(tried, pause)
        raise AssertionError("the last try answers or raises")

    def pause(self, tried: int, asked: float | None = None) -> None:
        """Wait before the next try: as long as asked, else about twice as long as before it."""
        drawn = _FIRST_PAUSE * 2 ** (tried - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # spreads clients
        self.sleep(max(asked or 0.0, drawn))

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        body: bytes | None,
    ) -> Answer:
        client = self.client(url)
        request = client.build_request(method, url, headers=dict(headers), params=params, content=body)
        response = client.send(request, stream=True)
        try:
            return Answer(response.status_code, response.headers, bounded(response, MAX_ANSWER_BYTES))
        finally:
            response.close()


def bounded(response: httpx.Response, most: int) -> bytes:
    """Body of an answer, decompressed no further than `most` bytes.

    Raises
    ------
    BadAnswerError
        If it has more.
    """
    content = bytearray()
    try:
        for part in response.iter_bytes(65_536):
            content += part
            if len(content) > most:
                raise BadAnswerError(f"The answer is larger than {most:,} bytes.")
    except httpx.DecodingError as error:
        raise BadAnswerError("The answer is compressed in a way that can't be read.") from error
    return bytes(content)


def unreachable(url: str, error: Exception) -> UnreachableError:
    """A sentence about a connection that failed."""
    host = httpx.URL(url).netloc.decode("ascii", "replace")
    if isinstance(error, httpx.ConnectTimeout | httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return UnreachableError(f"{host} did not answer in time.")
    if isinstance(error, httpx.ConnectError):
        return UnreachableError(f"{host} can't be reached: {str(error)[:200] or 'no connection'}.")
    return UnreachableError(f"The connection to {host} broke: {str(error)[:200] or type(error).__name__}.")


def seconds_of(header: str | None) -> float | None:
    """Seconds that `Retry-After` means: a number, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    with suppress(ValueError, OverflowError):
        return min(max(0.0, float(int(header))), 1e9)
    with suppress(ValueError, TypeError):
        moment = parsedate_to_datetime(header)
        return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
    return None


def own_version() -> str:
    """Version of this package, as it was installed."""
    try:
        return version("csv-analyzer")
    except PackageNotFoundError:
        return "0"


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
