"""Reads over HTTP: what is sent, what is tried again, and what every failure becomes."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from csv_analyzer import reads
from csv_analyzer.errors import DependencyError, NotFoundError, PayloadTooLargeError
from csv_analyzer.reads import Reader
from csv_analyzer.settings import AwsSettings

KEY = {"pk": {"S": "OWNER#me"}, "sk": {"S": "MODEL#houses"}}
ITEM = {"name": {"S": "houses"}}
THROTTLED = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"})
EXPIRED = json.dumps({"__type": "com.amazon.coral.service#ExpiredTokenException"})
REFUSED = json.dumps({"__type": "com.amazon.coral.service#AccessDeniedException"})


@dataclass(frozen=True)
class Reply:
    """An answer of the far side; ``claimed`` is the length it announces, ``hang_up`` how the line ends."""

    status: int = 200
    body: bytes = b""
    claimed: int | None = None
    hang_up: bool = False


@dataclass
class FarSide:
    """An HTTP server that answers with what it was given, one after the other."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    def will(self, *replies: Reply) -> None:
        self.replies.extend(replies)


@pytest.fixture
def far_side(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    monkeypatch.setattr(reads, "FIRST_PAUSE_SECONDS", 0.0)
    far: FarSide

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            far.connections += 1

        def _answer(self) -> None:
            far.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            far.requests.append((self.path, dict(self.headers)))
            reply = far.replies.pop(0)
            if reply.hang_up:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Length", str(reply.claimed or len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            if reply.claimed:
                self.close_connection = True

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  # the server looks for these names

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    far = FarSide(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield far
    server.shutdown()
    server.server_close()


@pytest.fixture
def reader(far_side: FarSide) -> Iterator[Reader]:
    reader = Reader(settings(far_side))
    yield reader
    reader._connections.drop(far_side.url)


def settings(far_side: FarSide, **changes: str) -> AwsSettings:
    usual = AwsSettings(
        region="eu-central-1",
        endpoints={"": far_side.url},
        access_key_id="AKID",
        secret_access_key="secret",
        session_token="token",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def item(**fields: Any) -> Reply:
    return Reply(body=json.dumps({"Item": ITEM, **fields}).encode())


def test_an_item_is_read(reader: Reader, far_side: FarSide) -> None:
    far_side.will(item(), Reply(body=b"{}"))

    assert reader.get_item("table", KEY) == ITEM
    assert reader.get_item("table", KEY) is None
    path, headers = far_side.requests[0]
    assert path == "/"
    assert headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem"
    assert headers["X-Amz-Security-Token"] == "token"
    assert "Credential=AKID/" in headers["Authorization"]
    assert far_side.connections == 1


def test_an_object_is_read_and_its_key_encoded(reader: Reader, far_side: FarSide) -> None:
    far_side.will(Reply(body=b"content"))

    assert reader.get_object("bucket", "models/me/ä b?.npz", 7) == b"content"
    assert far_side.requests[0][0] == "/bucket/models/me/%C3%A4%20b%3F.npz"


@pytest.mark.parametrize(
    "passing",
    [
        Reply(500),
        Reply(503, b"<Error><Code>SlowDown</Code></Error>"),
        Reply(429),
        Reply(400, THROTTLED.encode()),
        Reply(hang_up=True),
        Reply(200, b"half", claimed=100),
    ],
)
def test_what_may_pass_is_tried_again(reader: Reader, far_side: FarSide, passing: Reply) -> None:
    far_side.will(passing, passing, passing, item())

    assert reader.get_item("table", KEY) == ITEM


@pytest.mark.parametrize("failing", [Reply(500), Reply(hang_up=True), Reply(400, THROTTLED.encode())])
def test_what_does_not_pass_is_a_fault_of_the_dependency(
    reader: Reader, far_side: FarSide, failing: Reply
) -> None:
    far_side.will(*[failing] * reads.ATTEMPTS)

    with pytest.raises(DependencyError, match="DynamoDB"):
        reader.get_item("table", KEY)
    assert not far_side.replies


def test_a_refusal_is_not_repeated_and_its_reason_is_kept_for_the_log(
    reader: Reader, far_side: FarSide
) -> None:
    far_side.will(Reply(400, REFUSED.encode()))

    with pytest.raises(DependencyError) as caught:
        reader.get_item("table", KEY)
    assert "AccessDeniedException" in str(caught.value.__cause__)
    assert "AccessDenied" not in caught.value.message


def test_nobody_at_the_address_is_a_fault_of_the_dependency(far_side: FarSide) -> None:
    with pytest.raises(DependencyError):
        Reader(settings(replace(far_side, url="http://127.0.0.1:9"))).get_item("table", KEY)


def test_an_idle_connection_that_was_closed_costs_no_attempt(
    reader: Reader, far_side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "ATTEMPTS", 1)
    far_side.will(item(), Reply(hang_up=True), item())

    assert [reader.get_item("table", KEY) for _ in range(2)] == [ITEM, ITEM]
    assert far_side.connections == 2


def test_what_is_missing_or_too_large_is_told_apart(reader: Reader, far_side: FarSide) -> None:
    far_side.will(
        Reply(404, b"<Error><Code>NoSuchKey</Code></Error>"),
        Reply(404, b"<Error><Code>NoSuchBucket</Code></Error>"),
        Reply(body=b"x" * 11),
        Reply(body=b"x" * 10),
    )

    with pytest.raises(NotFoundError):
        reader.get_object("bucket", "key", 10)
    with pytest.raises(DependencyError):
        reader.get_object("bucket", "key", 10)
    with pytest.raises(PayloadTooLargeError):
        reader.get_object("bucket", "key", 10)
    assert reader.get_object("bucket", "key", 10) == b"x" * 10


def test_an_object_is_written(reader: Reader, far_side: FarSide) -> None:
    far_side.will(Reply(), Reply())

    for body in (b'{"rows": 1}', b""):
        reader.put_object("bucket", "observations/me/ä b.json", body, "application/json", attempts=1)
    path, headers = far_side.requests[0]
    assert path == "/bucket/observations/me/%C3%A4%20b.json"
    assert headers["Content-Type"] == "application/json"
    assert "content-type;host" in headers["Authorization"]
    assert far_side.bodies == [b'{"rows": 1}', b""]
    assert far_side.connections == 1


@pytest.mark.parametrize("failing", [Reply(500), Reply(hang_up=True), Reply(403, REFUSED.encode())])
def test_a_write_is_tried_as_often_as_asked(reader: Reader, far_side: FarSide, failing: Reply) -> None:
    far_side.will(failing, Reply())

    with pytest.raises(DependencyError, match="S3"):
        reader.put_object("bucket", "key", b"x", "text/plain", attempts=1)
    assert len(far_side.requests) == 1


def test_connections_that_were_closed_are_made_anew(reader: Reader, far_side: FarSide) -> None:
    far_side.will(item(), item())

    for _ in range(2):
        assert reader.get_item("table", KEY) == ITEM
        reader.close()
    assert far_side.connections == 2


def container_key(name: str, expiration: str) -> Reply:
    found = {"AccessKeyId": name, "SecretAccessKey": "s", "Token": "t", "Expiration": expiration}
    return Reply(body=json.dumps(found).encode())


@pytest.fixture
def snap_started(far_side: FarSide) -> Iterator[Callable[[], Reader]]:
    made: list[Reader] = []

    def make() -> Reader:
        found = settings(
            far_side,
            access_key_id="",
            container_credentials_url=f"{far_side.url}/v1/credentials?id=7",
            container_token="from Lambda",
        )
        made.append(Reader(found))
        return made[-1]

    yield make
    for reader in made:
        reader._connections.drop(far_side.url)


def test_with_snapstart_the_key_comes_from_the_container_and_is_kept(
    far_side: FarSide, snap_started: Callable[[], Reader]
) -> None:
    far_side.will(container_key("FIRST", "2999-01-01T00:00:00Z"), item(), item())
    reader = snap_started()

    assert [reader.get_item("table", KEY) for _ in range(2)] == [ITEM, ITEM]
    path, headers = far_side.requests[0]
    assert (path, headers["Authorization"]) == ("/v1/credentials?id=7", "from Lambda")
    assert all("Credential=FIRST/" in headers["Authorization"] for _, headers in far_side.requests[1:])


def test_a_key_that_ends_or_is_refused_is_fetched_anew(
    far_side: FarSide, snap_started: Callable[[], Reader]
) -> None:
    far_side.will(
        container_key("ENDED", "2000-01-01T00:00:00Z"),
        item(),
        container_key("REFUSED", "2999-01-01T00:00:00Z"),
        Reply(400, EXPIRED.encode()),
        container_key("LAST", "2999-01-01T00:00:00Z"),
        item(),
    )
    reader = snap_started()

    assert [reader.get_item("table", KEY) for _ in range(2)] == [ITEM, ITEM]
    assert "Credential=LAST/" in far_side.requests[-1][1]["Authorization"]


@pytest.mark.parametrize("answer", [Reply(500), Reply(body=b"[]"), Reply(body=b"{}"), Reply(body=b"no")])
def test_a_container_without_a_key_is_a_fault_of_the_dependency(
    far_side: FarSide, snap_started: Callable[[], Reader], answer: Reply
) -> None:
    far_side.will(*[answer] * reads.ATTEMPTS)

    with pytest.raises(DependencyError):
        snap_started().get_item("table", KEY)


def test_an_environment_without_credentials_is_a_fault_of_the_dependency(far_side: FarSide) -> None:
    with pytest.raises(DependencyError):
        Reader(settings(far_side, access_key_id="")).get_item("table", KEY)


def test_addresses_are_those_of_aws_unless_the_environment_says_otherwise() -> None:
    usual = AwsSettings.from_environment({"AWS_REGION": "eu-west-1"})
    china = AwsSettings.from_environment({"AWS_DEFAULT_REGION": "cn-north-1"})
    local = AwsSettings.from_environment(
        {"AWS_REGION": "x", "AWS_ENDPOINT_URL": "http://a/", "AWS_ENDPOINT_URL_S3": "http://b"}
    )

    assert usual.endpoint("dynamodb") == "https://dynamodb.eu-west-1.amazonaws.com"
    assert china.endpoint("s3") == "https://s3.cn-north-1.amazonaws.com.cn"
    assert (local.endpoint("dynamodb"), local.endpoint("s3")) == ("http://a", "http://b")


@pytest.mark.parametrize(
    ("bucket", "host", "path"),
    [
        ("bucket", "https://bucket.s3.eu-west-1.amazonaws.com", "/key"),
        ("a.b", "https://s3.eu-west-1.amazonaws.com", "/a.b/key"),
    ],
)
def test_a_bucket_is_part_of_the_host_unless_its_name_has_dots(
    monkeypatch: pytest.MonkeyPatch, bucket: str, host: str, path: str
) -> None:
    sent: list[Any] = []
    reader = Reader(AwsSettings.from_environment({"AWS_REGION": "eu-west-1"}))
    monkeypatch.setattr(
        reader, "_send", lambda service, request, found: sent.append(request) or reads._Answer(200, b"")
    )

    reader.get_object(bucket, "key", 1)

    assert (sent[0].url, sent[0].path) == (host, path)
