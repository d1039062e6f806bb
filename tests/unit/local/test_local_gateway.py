"""The gateway keeps the limits of API Gateway and answers in the words of the template."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from infra.local.environment import Outcome, function_error
from infra.local.gateway import MAX_REQUEST_BYTES, ApiGateway
from infra.local.gateway_responses import NO_SUCH_ROUTE, THROTTLED, Refusal, render
from infra.local.physical import PhysicalIds
from infra.local.process import free_port
from infra.local.runtime import PayloadTooLargeError, ThrottledError
from infra.local.specs import Api, Authorizer, GatewayResponse, Preflight, Route
from infra.local.tokens import TokenError

PROBLEM = GatewayResponse(
    None,
    {"Content-Type": "application/problem+json", "X-Kind": "context.error.responseType"},
    {
        "application/json": '{"detail":$context.error.messageString,'
        '"id":"$context.requestId","x":"$context.no"}'
    },
)


class FakePool:
    """A function that does what the test says."""

    def __init__(self, answer: Callable[[bytes], Awaitable[Outcome]]) -> None:
        self._answer = answer
        self.events: list[dict[str, object]] = []

    async def invoke(self, payload: bytes) -> Outcome:
        self.events.append(json.loads(payload))
        return await self._answer(payload)


class FakeVerifier:
    """Accepts one token."""

    def verify(self, header: str | None) -> dict[str, object]:
        if header != "good":
            raise TokenError("no")
        return {"sub": "u1"}


@asynccontextmanager
async def gateway(pool: FakePool, seconds: float = 5.0) -> AsyncIterator[aiohttp.ClientSession]:
    api = Api(
        logical_id="Api",
        name="api",
        rest_api_id="api1",
        stage="v1",
        routes=(
            Route("POST", "/open", "F", None),
            Route("GET", "/things/{id}", "F", "Cognito"),
        ),
        preflights=(Preflight("/things/{id}", {"Access-Control-Allow-Origin": "*"}),),
        authorizers={"Cognito": Authorizer("Cognito", "Authorization", ("pool",))},
        gateway_responses={"DEFAULT_4XX": PROBLEM, "DEFAULT_5XX": PROBLEM},
        binary_media_types=(),
        minimum_compression_size=1024,
    )
    server = ApiGateway(api, PhysicalIds(), {"F": pool}, {"pool": FakeVerifier()}, seconds)
    port = free_port()
    await server.start(port)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session
    await server.stop()


async def ok(_payload: bytes) -> Outcome:
    return Outcome(b'{"statusCode": 200, "body": "fine"}', error=False)


def fails_with(error: Exception) -> FakePool:
    async def answer(_payload: bytes) -> Outcome:
        raise error

    return FakePool(answer)


def returns(outcome: Outcome) -> FakePool:
    async def answer(_payload: bytes) -> Outcome:
        return outcome

    return FakePool(answer)


def status_of(pool: FakePool, method: str, path: str, seconds: float = 5.0, **arguments) -> tuple[int, str]:
    async def run() -> tuple[int, str]:
        async with gateway(pool, seconds) as session, session.request(method, path, **arguments) as answer:
            return answer.status, await answer.text()

    return asyncio.run(run())


def test_a_public_route_needs_no_token():
    pool = FakePool(ok)
    assert status_of(pool, "POST", "/v1/open", data=b"{}") == (200, "fine")
    assert pool.events[0]["path"] == "/open"


def test_a_route_with_an_authorizer_reaches_the_function_only_with_a_good_token():
    pool = FakePool(ok)
    assert status_of(pool, "GET", "/v1/things/1")[0] == 401
    assert status_of(pool, "GET", "/v1/things/1", headers={"Authorization": "bad"})[0] == 401
    assert pool.events == []
    assert status_of(pool, "GET", "/v1/things/1", headers={"Authorization": "good"})[0] == 200
    assert pool.events[0]["requestContext"]["authorizer"] == {"claims": {"sub": "u1"}}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/open"),
        ("GET", "/open"),
        ("GET", "/v1x/open"),
        ("OPTIONS", "/v1/no"),
    ],
)
def test_an_unknown_route_is_refused_as_api_gateway_does(method: str, path: str):
    status, text = status_of(FakePool(ok), method, path)
    assert status == 403
    assert json.loads(text)["detail"] == "Missing Authentication Token"


def test_a_preflight_is_answered_without_the_function_and_without_a_token():
    pool = FakePool(ok)
    assert status_of(pool, "OPTIONS", "/v1/things/1") == (200, "")
    assert pool.events == []


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_above_10_mb_is_refused(is_chunked: bool):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * (1024 * 1024)

    pool = FakePool(ok)
    body = chunks() if is_chunked else io.BytesIO(b"x" * (MAX_REQUEST_BYTES + 1))
    assert status_of(pool, "POST", "/v1/open", data=body)[0] == 413
    assert pool.events == []


@pytest.mark.parametrize(
    ("pool", "status"),
    [
        (returns(function_error("Runtime.ExitError", "died")), 502),
        (returns(Outcome(b"{}", error=False)), 502),
        (returns(Outcome(b"", error=False)), 502),
        (fails_with(ThrottledError("busy")), 429),
        (fails_with(PayloadTooLargeError("large")), 413),
    ],
)
def test_what_goes_wrong_behind_the_gateway_has_its_status(pool: FakePool, status: int):
    assert status_of(pool, "POST", "/v1/open")[0] == status


@pytest.mark.parametrize(
    ("size", "accepts", "encoding"),
    [(2000, "gzip", "gzip"), (2000, "identity", None), (1000, "gzip", None), (100_000, "gzip", "gzip")],
)
def test_an_answer_is_compressed_from_the_templates_size_on(size: int, accepts: str, encoding: str | None):
    pool = returns(Outcome(json.dumps({"statusCode": 200, "body": "x" * size}).encode(), error=False))

    async def run() -> None:
        headers = {"Accept-Encoding": accepts}
        async with gateway(pool) as session, session.post("/v1/open", headers=headers) as answer:
            assert answer.headers.get("Content-Encoding") == encoding
            assert await answer.text() == "x" * size

    asyncio.run(run())


def test_a_function_that_takes_too_long_is_a_timeout_but_goes_on():
    async def run() -> int:
        asked, finished = asyncio.Event(), asyncio.Event()

        async def slow(_payload: bytes) -> Outcome:
            await asked.wait()
            finished.set()
            return Outcome(b"{}", error=False)

        async with gateway(FakePool(slow), seconds=0.05) as session:
            async with session.post("/v1/open") as answer:
                status = answer.status
            asked.set()
            await finished.wait()
            return status

    assert asyncio.run(run()) == 504


def test_a_refusal_is_written_with_the_template_of_its_kind():
    own = GatewayResponse(404, {"Content-Type": "application/problem+json"}, {"application/json": "own"})
    response = render(NO_SUCH_ROUTE, {"MISSING_AUTHENTICATION_TOKEN": own, "DEFAULT_4XX": PROBLEM}, "", {})
    assert (response.status, response.body) == (404, b"own")
    assert dict(response.headers)["Content-Type"] == "application/problem+json"


def test_a_refusal_without_a_response_of_its_own_keeps_its_status_in_the_default_words():
    default = GatewayResponse(400, PROBLEM.headers, PROBLEM.templates)
    response = render(THROTTLED, {"DEFAULT_4XX": default}, "*/*", {"requestId": "r1"})
    assert response.status == 429
    assert json.loads(response.body) == {"detail": "Too Many Requests", "id": "r1", "x": ""}
    assert dict(response.headers)["X-Kind"] == "THROTTLED"


def test_a_refusal_without_any_response_is_the_message_of_api_gateway():
    response = render(Refusal("ODD", 500, 'say "no"'), {}, "", {})
    assert json.loads(response.body) == {"message": 'say "no"'}
    assert dict(response.headers)["Content-Type"] == "application/json"
