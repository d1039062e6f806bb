"""A proxy on the loopback between the functions and a server, by which requests fail as a plan says."""

import asyncio
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from multidict import CIMultiDict
from yarl import URL

from tests.drill.answers import Answer, refusal, service_of
from tests.drill.plan import Fault, Plan

_LOOPBACK = "127.0.0.1"
_MAX_BODY_BYTES = 64 * 1024 * 1024
# Those of one connection, and what is told anew.
_OF_A_CONNECTION = ("Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Expect")
_RECEIVE = "AmazonSQS.ReceiveMessage"


@dataclass
class Seen:
    """What went by.

    Parameters
    ----------
    requests : Counter
        By service.
    faults : Counter
        By service and kind.
    retries : int
        Requests that a client said it had sent before.
    redelivered : int
        Messages that a queue handed out again.
    """

    requests: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, Fault]] = field(default_factory=Counter)
    retries: int = 0
    redelivered: int = 0

    def copy(self) -> "Seen":
        """What went by up to now."""
        return Seen(Counter(self.requests), Counter(self.faults), self.retries, self.redelivered)

    def since(self, before: "Seen") -> "Seen":
        """What went by since then."""
        return Seen(
            self.requests - before.requests,
            self.faults - before.faults,
            self.retries - before.retries,
            self.redelivered - before.redelivered,
        )


class FaultProxy:
    """Stands before one server; a context manager.

    Parameters
    ----------
    target : str
        Address of the server.
    service : str
        The service, where the server is but one; else each request says it.

    Attributes
    ----------
    plan : Plan
        May be exchanged at any time; requests are numbered anew then.
    seen : Seen
        What went by.
    """

    def __init__(self, target: str, service: str = "") -> None:
        self.seen = Seen()
        self._target = target
        self._service = service
        self._plan = Plan("")
        self._numbers: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def plan(self) -> Plan:
        """What is to fail."""
        return self._plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self._plan, self._numbers = plan, Counter()

    async def _start(self) -> None:
        # Long polls wait for 20 seconds, and trainings for each other.
        self._session = ClientSession(
            connector=TCPConnector(limit=0),
            timeout=ClientTimeout(total=None),
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
        )
        app = web.Application(client_max_size=_MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, auto_decompress=False, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, _LOOPBACK, 0).start()
        self.url = f"http://{_LOOPBACK}:{self._runner.addresses[0][1]}"

    async def _stop(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        service = self._service or service_of(request.method, request.headers, request.raw_path)
        number = self._numbers[service]
        self._numbers[service] += 1
        self.seen.requests[service] += 1
        self.seen.retries += not request.headers.get("amz-sdk-request", "attempt=1").startswith("attempt=1")
        decision = self._plan.decide(service, number)
        fault = decision.fault
        if fault:
            self.seen.faults[service, fault] += 1
        bodyless = request.method == "HEAD"
        # It is read whatever comes, as a server does that answers on a connection which it keeps.
        body = await request.read()
        if fault in (Fault.ERROR, Fault.THROTTLE):
            return await _send(request, refusal(service, fault, number, bodyless=bodyless))
        if fault is Fault.SLOW:
            await asyncio.sleep(decision.seconds)
        try:
            answer = await self._forward(request, body)
        except ClientError:
            return _hang_up(request)
        if fault is Fault.LOST:
            return _hang_up(request)
        if fault is Fault.DENIED:
            return await _send(request, refusal(service, Fault.ERROR, number, bodyless=bodyless))
        if fault is Fault.CUT:
            return await _send(request, answer, whole=False)
        if request.headers.get("X-Amz-Target") == _RECEIVE and answer.status == 200:
            self.seen.redelivered += _again(answer.body)
        return await _send(request, answer)

    async def _forward(self, request: web.Request, body: bytes) -> Answer:
        headers = CIMultiDict(request.headers)
        for name in _OF_A_CONNECTION:
            headers.popall(name, None)
        url = URL(f"{self._target}{request.raw_path}", encoded=True)
        async with self._session.request(
            request.method,
            url,
            headers=headers,
            data=body or None,
            allow_redirects=False,
            skip_auto_headers=("Content-Type", "User-Agent", "Accept", "Accept-Encoding"),
        ) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())


async def _send(request: web.Request, answer: Answer, *, whole: bool = True) -> web.StreamResponse:
    """Answer, or begin to: half of the body, or of the headers where there is none."""
    headers = CIMultiDict(answer.headers)
    length = headers.get("Content-Length") if request.method == "HEAD" else str(len(answer.body))
    for name in _OF_A_CONNECTION:
        headers.popall(name, None)
    response = web.StreamResponse(status=answer.status, headers=headers)
    if length is not None:
        response.headers["Content-Length"] = length
    if not whole and not answer.body:
        return _hang_up(request)
    await response.prepare(request)
    if request.method != "HEAD":
        await response.write(answer.body if whole else answer.body[: len(answer.body) // 2])
    if not whole:
        return _hang_up(request)
    await response.write_eof()
    return response


def _hang_up(request: web.Request) -> web.StreamResponse:
    """End the connection here and now."""
    if request.transport is not None:
        # What was written goes out before.
        request.transport.close()
    return web.Response(status=500)


def _again(body: bytes) -> int:
    """Count the messages of an answer that were handed out before."""
    messages = json.loads(body or b"{}").get("Messages") or ()
    return sum(int(message["Attributes"]["ApproximateReceiveCount"]) > 1 for message in messages)
