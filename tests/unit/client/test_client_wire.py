"""Requests: what is repeated and what is not, bounded answers, sentences about connections."""

import gzip

import httpx
import pytest

from csv_analyzer_client import wire as module
from csv_analyzer_client.errors import (
    BadAnswerError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    ServiceError,
    UnauthorizedError,
    UnreachableError,
)
from tests.unit.client.fake_service import DATASET, JOB, URL, answer, problem


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_while_the_service_is_away(service, status):
    service.on("GET", "/datasets/d1", problem(status), problem(status), answer(DATASET))
    assert service.client().dataset("d1").rows == 10
    assert len(service.requests) == 3
    first, second = service.pauses
    assert 0.25 <= first <= 0.5
    assert 0.5 <= second <= 1.0


def test_a_read_is_given_up_after_four_tries(service):
    service.on("GET", "/datasets/d1", problem(503, "dependency_unavailable", "Away."))
    with pytest.raises(ServiceError, match="Away") as caught:
        service.client().dataset("d1")
    assert len(service.requests) == 4
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("failure", [problem(503), httpx.ReadError("broke")])
def test_an_order_is_not_repeated_when_it_may_have_been_taken(service, failure):
    service.on("POST", "/datasets/d1/train", failure)
    with pytest.raises((ServiceError, UnreachableError)):
        service.client().train("d1", "price")
    assert len(service.requests) == 1


def test_an_order_is_repeated_when_nothing_was_done(service):
    service.on(
        "POST",
        "/datasets/d1/train",
        httpx.ConnectError("refused"),
        problem(429, "throttled", retry_after=3),
        answer(JOB, 202),
    )
    assert service.client().train("d1", "price").state.id == "j1"
    assert service.pauses[1] == 3.0


def test_a_long_pause_is_the_callers_to_decide(service):
    service.on("POST", "/datasets/d1/train", problem(429, "limit_reached", "50 a day.", retry_after=3600))
    with pytest.raises(LimitReachedError) as caught:
        service.client().train("d1", "price")
    assert (len(service.requests), caught.value.retry_after, caught.value.exit_code) == (1, 3600, 5)


def test_the_pause_may_stand_in_the_document(service):
    document = {"code": "limit_reached", "detail": "Wait.", "retry_after": 90}
    service.on("POST", "/datasets/d1/train", answer(document, 429))
    with pytest.raises(LimitReachedError) as caught:
        service.client().train("d1", "price")
    assert caught.value.retry_after == 90


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("-3", 0, 0),
        ("soon", None, None),
        (None, None, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, least, most):
    seconds = module.seconds_of(header)
    assert (seconds is None) if least is None else least <= seconds <= most


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, InvalidRequestError, 1),
        (401, UnauthorizedError, 3),
        (403, ForbiddenError, 1),
        (404, NotFoundError, 4),
        (409, ConflictError, 1),
        (413, InvalidRequestError, 1),
        (422, InvalidRequestError, 1),
        (500, ServiceError, 6),
    ],
)
def test_every_problem_has_its_exception_and_exit_code(service, status, kind, code):
    faults = [{"location": "body.target", "code": "missing", "message": "Required."}]
    service.on("POST", "/datasets/d1/train", problem(status, "some_code", "A sentence.", errors=faults))
    with pytest.raises(kind) as caught:
        service.client().train("d1", "price")
    error = caught.value
    assert type(error) is kind
    assert (error.exit_code, error.code, error.message, error.faults) == (
        code,
        "some_code",
        "A sentence.",
        faults,
    )


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"", b"[1]", b'"x"', b"NaN", b"[" * 100_000, b'{"detail": 3, "code": [], "errors": "x"}'],
)
def test_a_refusal_that_is_no_problem_document_is_one_sentence(service, content):
    service.on("GET", "/datasets/d1", httpx.Response(418, content=content))
    with pytest.raises(InvalidRequestError) as caught:
        service.client().dataset("d1")
    assert caught.value.message
    assert caught.value.code == "http_418"
    assert caught.value.faults == []


@pytest.mark.parametrize("content", [b"<html>", b"", b'{"a": NaN}', b"[" * 100_000, b"\xff", b"[]", b"{}"])
def test_an_answer_that_is_none_is_named(service, content):
    service.on("GET", "/datasets/d1", httpx.Response(200, content=content))
    with pytest.raises(BadAnswerError):
        service.client().dataset("d1")


def test_a_redirect_is_not_followed(service):
    service.on("GET", "/datasets/d1", httpx.Response(302, headers={"Location": "https://evil.example.com/"}))
    with pytest.raises(BadAnswerError, match="elsewhere"):
        service.client().dataset("d1")
    assert service.calls == ["GET /v1/datasets/d1"]


def test_an_answer_is_read_no_further_than_the_limit(service, monkeypatch):
    monkeypatch.setattr(module, "MAX_ANSWER_BYTES", 1_000)
    bomb = gzip.compress(b" " * 1_000_000)
    service.on("GET", "/datasets/d1", lambda _: httpx.Response(200, stream=Raw(bomb), headers=GZIP))
    with pytest.raises(BadAnswerError, match="larger than 1,000 bytes"):
        service.client().dataset("d1")


def test_an_answer_that_can_not_be_decompressed_is_named(service):
    service.on("GET", "/datasets/d1", lambda _: httpx.Response(200, stream=Raw(b"no gzip"), headers=GZIP))
    with pytest.raises(BadAnswerError, match="compressed"):
        service.client().dataset("d1")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "api.example.com can't be reached: .*refused"),
        (httpx.ReadTimeout("late"), "did not answer in time"),
        (httpx.RemoteProtocolError("cut"), "The connection to api.example.com broke: cut"),
    ],
)
def test_a_connection_that_fails_is_a_sentence(service, error, sentence):
    service.on("GET", "/datasets/d1", error)
    with pytest.raises(UnreachableError, match=sentence) as caught:
        service.client().dataset("d1")
    assert caught.value.exit_code == 6
    assert len(service.requests) == 4


def test_this_machine_is_not_asked_through_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:1")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:1")
    wire = module.Wire()
    here, there = wire.client("http://127.0.0.1:8000/v1"), wire.client(URL)
    assert (here.trust_env, there.trust_env) == (False, True)
    assert wire.client("http://localhost:1") is here
    wire.close()


GZIP = {"Content-Encoding": "gzip"}


class Raw(httpx.SyncByteStream):
    """Bytes as they are, whatever the headers say."""

    def __init__(self, content):
        self._content = content

    def __iter__(self):
        yield self._content
