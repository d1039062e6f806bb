"""The REST API: routes, authorizer, limits and CORS of the template, on a loopback port."""

import asyncio
import contextlib
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from infra.local import gateway_responses
from infra.local.gateway_responses import Refusal
from infra.local.physical import PhysicalIds
from infra.local.platform_metrics import Answer
from infra.local.process import LOOPBACK
from infra.local.proxy import (
    Gateway,
    MalformedResponseError,
    Request,
    Response,
    build_event,
    find_route,
    match_path,
    parse_result,
)
from infra.local.runtime import FunctionPool, PayloadTooLargeError, ThrottledError
from infra.local.specs import Api, Route
from infra.local.tokens import TokenError, TokenExpiredError, TokenVerifier, authorizer_claims

MAX_REQUEST_BYTES = 10 * 1024 * 1024
INTEGRATION_SECONDS = 29.0
_BLOCKING_COMPRESSION_BYTES = 32 * 1024
_INTEGRATION_MS = web.RequestKey("integration_ms", float)


class RefusedError(Exception):
    """The gateway answers by itself."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class ApiGateway:
    """Serves the API of a template.

    Parameters
    ----------
    api:
        The API as the template declares it.
    ids:
        The ids of the stack, for the events.
    pools:
        The functions by logical id.
    verifiers:
        The token verifiers by the id of their user pool.
    integration_seconds:
        How long an integration may take.
    on_answer:
        Called with each answer; it must not wait.
    """

    def __init__(
        self,
        api: Api,
        ids: PhysicalIds,
        pools: Mapping[str, FunctionPool],
        verifiers: Mapping[str, TokenVerifier],
        integration_seconds: float = INTEGRATION_SECONDS,
        *,
        on_answer: Callable[[Answer], None] | None = None,
    ) -> None:
        self._api = api
        self._ids = ids
        self._pools = pools
        self._verifiers = verifiers
        self._seconds = integration_seconds
        self._on_answer = on_answer
        self._runner: web.AppRunner | None = None
        self._running: set[asyncio.Task[Any]] = set()

    async def start(self, port: int) -> None:
        """Listen on a loopback port."""
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, port).start()

    async def stop(self) -> None:
        """Stop listening and drop what is under way."""
        if self._runner:
            await self._runner.cleanup()
        for task in self._running:
            task.cancel()

    async def _handle(self, http: web.Request) -> web.Response:
        begun = time.monotonic()
        request_id = str(uuid.uuid4())
        raw_path = http.rel_url.raw_path
        stage = f"/{self._api.stage}"
        path = raw_path.removeprefix(stage) if raw_path.startswith((f"{stage}/", stage)) else None
        accept = http.headers.get("Accept", "")
        try:
            if path is None or (path and not path.startswith("/")):
                raise RefusedError(gateway_responses.NO_SUCH_ROUTE)
            response = await self._answer(http, path or "/", request_id)
        except RefusedError as error:
            context = {
                "requestId": request_id,
                "path": raw_path,
                "httpMethod": http.method,
                "stage": self._api.stage,
                "identity.sourceIp": http.remote or LOOPBACK,
            }
            response = gateway_responses.render(error.refusal, self._api.gateway_responses, accept, context)
        answer = web.Response(
            status=response.status, body=response.body, zlib_executor_size=_BLOCKING_COMPRESSION_BYTES
        )
        if self._on_answer:
            latency_ms = (time.monotonic() - begun) * 1000
            self._on_answer(Answer(response.status, latency_ms, http.get(_INTEGRATION_MS)))
        smallest = self._api.minimum_compression_size
        if smallest is not None and len(response.body) >= smallest:
            answer.enable_compression()
        answer.headers.popall("Content-Type", None)
        for name, value in response.headers:
            answer.headers.add(name, value)
        answer.headers["x-amzn-RequestId"] = request_id
        return answer

    async def _answer(self, http: web.Request, path: str, request_id: str) -> Response:
        if http.method == "OPTIONS":
            return self._preflight(path)
        found = find_route(self._api.routes, http.method, path)
        if found is None:
            raise RefusedError(gateway_responses.NO_SUCH_ROUTE)
        route, parameters = found
        claims = self._authorize(route, http)
        body = await _read_body(http)
        headers = [(name, value) for name, value in http.headers.items()]
        headers += [
            ("X-Forwarded-For", http.remote or LOOPBACK),
            ("X-Forwarded-Port", str(http.url.port)),
            ("X-Forwarded-Proto", "http"),
            ("X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"),
        ]
        request = Request(
            method=http.method,
            path=path,
            headers=headers,
            query=list(http.query.items()),
            body=body,
            source_ip=http.remote or LOOPBACK,
            host=http.host,
        )
        gateway = Gateway(
            self._api.rest_api_id,
            self._api.stage,
            self._ids.account,
            request_id,
            self._api.binary_media_types,
        )
        event = build_event(request, route, parameters, gateway, claims)
        asked = time.monotonic()
        try:
            payload = await self._invoke(route.function, json.dumps(event).encode())
        finally:
            http[_INTEGRATION_MS] = (time.monotonic() - asked) * 1000
        try:
            return parse_result(payload, http.headers.get("Accept", ""), self._api.binary_media_types)
        except MalformedResponseError:
            raise RefusedError(gateway_responses.NO_PROPER_ANSWER) from None

    def _preflight(self, path: str) -> Response:
        for preflight in self._api.preflights:
            if match_path(preflight.path, path) is not None:
                return Response(200, [("Content-Type", "application/json"), *preflight.headers.items()], b"")
        raise RefusedError(gateway_responses.NO_SUCH_ROUTE)

    def _authorize(self, route: Route, http: web.Request) -> dict[str, str] | None:
        if route.authorizer is None:
            return None
        authorizer = self._api.authorizers[route.authorizer]
        refusal = gateway_responses.UNAUTHORIZED
        for pool_id in authorizer.user_pool_ids:
            try:
                return authorizer_claims(self._verifiers[pool_id].verify(http.headers.get(authorizer.header)))
            except TokenExpiredError:
                refusal = gateway_responses.EXPIRED_TOKEN
            except TokenError:
                continue
        raise RefusedError(refusal)

    async def _invoke(self, function: str, payload: bytes) -> bytes:
        # The function goes on after the gateway has given up, as on AWS.
        task = asyncio.create_task(self._pools[function].invoke(payload))
        self._running.add(task)
        task.add_done_callback(self._forget)
        try:
            outcome = await asyncio.wait_for(asyncio.shield(task), self._seconds)
        except TimeoutError:
            raise RefusedError(gateway_responses.TIMEOUT) from None
        except ThrottledError:
            raise RefusedError(gateway_responses.THROTTLED) from None
        except PayloadTooLargeError:
            raise RefusedError(gateway_responses.TOO_LARGE) from None
        if outcome.error:
            raise RefusedError(gateway_responses.NO_PROPER_ANSWER)
        return outcome.payload

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()


async def _read_body(http: web.Request) -> bytes:
    if (http.content_length or 0) > MAX_REQUEST_BYTES:
        raise RefusedError(gateway_responses.TOO_LARGE)
    try:
        return await http.read()
    except web.HTTPRequestEntityTooLarge:
        raise RefusedError(gateway_responses.TOO_LARGE) from None
