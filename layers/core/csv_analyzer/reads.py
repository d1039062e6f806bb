"""What a prediction needs of AWS over the standard library's HTTP client: GetItem, GetObject, one PutObject.

boto3 takes longer to import and to make two clients than all else that a cold start of predict does
(infra/decisions/0009). Everything else that writes goes through boto3.
"""

import json
import random
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from csv_analyzer.errors import DependencyError, NotFoundError, PayloadTooLargeError
from csv_analyzer.settings import AwsSettings
from csv_analyzer.signature import AccessKey, Scope, signed_headers

ATTEMPTS = 4
TIMEOUT_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.05
MAX_ERROR_BYTES = 65_536
MAX_ITEM_BYTES = 2_000_000
# A temporary key is fetched anew so many seconds before it ends.
KEY_MARGIN_SECONDS = 60.0
_RETRIED_STATUS = 500
_TOO_MANY = 429
_RETRIED = (
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "Throttl",
    "ThrottledException",
    "TransactionInProgress",
)
_STALE_KEY = ("ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient", "InvalidToken")
_GONE = ("NoSuchKey", "NoSuchVersion")


class ServiceError(Exception):
    """An AWS service answered with an error; says which."""


class _Request(NamedTuple):
    scope: Scope
    url: str
    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    max_bytes: int


class _Answer(NamedTuple):
    status: int
    body: bytes


class Connections(threading.local):
    """Open connections of a thread, by address; an idle one may have been closed by the other side."""

    def __init__(self) -> None:
        self._open: dict[str, HTTPConnection] = {}

    def get(self, url: str, ca_bundle: str) -> tuple[HTTPConnection, bool]:
        """Return a connection, and whether it was in use before."""
        if url in self._open:
            return self._open[url], True
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            self._open[url] = HTTPSConnection(
                host, port, timeout=TIMEOUT_SECONDS, context=_tls_context(ca_bundle)
            )
        else:
            self._open[url] = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        return self._open[url], False

    def drop(self, url: str) -> None:
        """Close a connection."""
        if url in self._open:
            self._open.pop(url).close()

    def drop_all(self) -> None:
        """Close all connections of this thread."""
        for url in list(self._open):
            self.drop(url)


class Reader:
    """Reads items and objects, and writes small objects.

    Parameters
    ----------
    settings : AwsSettings, optional
        Region, endpoints and where keys come from; by default the environment, looked at when it is needed:
        with SnapStart it is another one after the restore.
    """

    def __init__(self, settings: AwsSettings | None = None) -> None:
        self._settings = settings
        self._connections = Connections()
        self._key: AccessKey | None = None

    def get_item(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read one item, strongly consistent, in DynamoDB's JSON; None if there is none.

        Raises
        ------
        DependencyError
            If DynamoDB refuses, throttles or does not answer, after a few attempts.
        """
        settings = self._aws()
        body = json.dumps({"TableName": table, "Key": key, "ConsistentRead": True}).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.GetItem",
        }
        scope = Scope("dynamodb", settings.region)
        url = settings.endpoint("dynamodb")
        answer = self._send(
            "DynamoDB", _Request(scope, url, "POST", "/", body, headers, MAX_ITEM_BYTES), settings
        )
        found: dict[str, Any] | None = json.loads(answer.body).get("Item")
        return found

    def get_object(self, bucket: str, key: str, max_bytes: int) -> bytes:
        """Read an object of at most `max_bytes`.

        Raises
        ------
        NotFoundError
            If there is no such object.
        PayloadTooLargeError
            If it is larger.
        DependencyError
            If S3 refuses, throttles or does not answer, after a few attempts.
        """
        settings = self._aws()
        url, path = _place_of(settings, bucket, key)
        scope = Scope("s3", settings.region)
        return self._send("S3", _Request(scope, url, "GET", path, b"", {}, max_bytes), settings).body

    def put_object(self, bucket: str, key: str, body: bytes, content_type: str, attempts: int) -> None:
        """Write an object whole.

        Raises
        ------
        DependencyError
            If S3 refuses, throttles or does not answer, after so many attempts; it may have been written.
        """
        settings = self._aws()
        url, path = _place_of(settings, bucket, key)
        headers = {"Content-Type": content_type}
        request = _Request(Scope("s3", settings.region), url, "PUT", path, body, headers, MAX_ERROR_BYTES)
        self._send("S3", request, settings, attempts)

    def close(self) -> None:
        """Close the connections of this thread."""
        self._connections.drop_all()

    def _aws(self) -> AwsSettings:
        return self._settings or AwsSettings.from_environment()

    def _send(
        self, service: str, request: _Request, settings: AwsSettings, attempts: int | None = None
    ) -> _Answer:
        pause = FIRST_PAUSE_SECONDS
        attempts = attempts or ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                answer = self._exchange(request, settings)
                if answer.status < 300:
                    return answer
                text = answer.body.decode("utf-8", "replace")
                if answer.status == 404 and any(code in text for code in _GONE):
                    raise NotFoundError("There is no such object.")
                error: Exception = ServiceError(f"{service} answered {answer.status}: {text[:500]}")
                if any(code in text for code in _STALE_KEY) and self._key is not None:
                    self._key = None
                elif not _is_passing(answer.status, text):
                    break
            except (OSError, HTTPException) as failed:
                error = failed
            if attempt < attempts:
                # Full jitter: whoever was throttled together does not come back together, and what was
                # restored from one snapshot does not draw the same numbers.
                time.sleep(random.SystemRandom().uniform(0.0, pause))
                pause *= 2
        raise DependencyError(f"{service} did not answer as it should. Please try again.") from error

    def _exchange(self, request: _Request, settings: AwsSettings) -> _Answer:
        """Send a request once; a kept connection that turns out to be closed does not count."""
        host = urlsplit(request.url).netloc
        headers = signed_headers(
            self._access_key(settings),
            request.scope,
            datetime.now(UTC),
            (request.method, request.path, request.body),
            {"Host": host, **request.headers},
        )
        while True:
            connection, used = self._connections.get(request.url, settings.ca_bundle)
            try:
                connection.request(request.method, request.path, request.body or None, headers)
                return _read(connection.getresponse(), request.max_bytes)
            except (OSError, HTTPException) as error:
                self._connections.drop(request.url)
                if not used or isinstance(error, TimeoutError):
                    raise
            except PayloadTooLargeError:
                self._connections.drop(request.url)
                raise

    def _access_key(self, settings: AwsSettings) -> AccessKey:
        if settings.access_key_id:
            return AccessKey(settings.access_key_id, settings.secret_access_key, settings.session_token)
        if self._key is None or self._key.expires_at - time.time() < KEY_MARGIN_SECONDS:
            self._key = self._container_key(settings)
        return self._key

    def _container_key(self, settings: AwsSettings) -> AccessKey:
        """Ask the execution environment for a key, as Lambda hands them out with SnapStart."""
        if not settings.container_credentials_url:
            raise OSError("the environment names no credentials")
        parts = urlsplit(settings.container_credentials_url)
        url = f"{parts.scheme}://{parts.netloc}"
        headers = {"Accept": "application/json"}
        if settings.container_token:
            headers["Authorization"] = settings.container_token
        try:
            connection, _ = self._connections.get(url, settings.ca_bundle)
            connection.request(
                "GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", None, headers
            )
            answer = _read(connection.getresponse(), MAX_ERROR_BYTES)
        finally:
            self._connections.drop(url)
        if answer.status != 200:
            raise OSError(f"the container's credentials endpoint answered {answer.status}")
        try:
            found = json.loads(answer.body)
            expires = datetime.fromisoformat(found["Expiration"]).timestamp()
            return AccessKey(found["AccessKeyId"], found["SecretAccessKey"], found["Token"], expires)
        except (ValueError, KeyError, TypeError) as error:
            raise OSError("the container's credentials endpoint answered with no credentials") from error


reader = Reader()


def _place_of(settings: AwsSettings, bucket: str, key: str) -> tuple[str, str]:
    """Address and path of an object."""
    url, prefix = settings.endpoint("s3"), f"/{bucket}"
    # A name with dots matches no certificate; other endpoints may know no names of buckets.
    if not settings.has_own_endpoint("s3") and "." not in bucket:
        url, prefix = url.replace("://", f"://{bucket}."), ""
    return url, f"{prefix}/{quote(key, safe='/~')}"


def _is_passing(status: int, text: str) -> bool:
    """Return whether an error may be gone when the request is sent again."""
    return status >= _RETRIED_STATUS or status == _TOO_MANY or any(code in text for code in _RETRIED)


def _read(response: HTTPResponse, max_bytes: int) -> _Answer:
    if response.status < 300:
        if response.length is not None and response.length > max_bytes:
            raise PayloadTooLargeError(f"The object is larger than {max_bytes:,} bytes.")
        body = response.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise PayloadTooLargeError(f"The object is larger than {max_bytes:,} bytes.")
        if response.length:
            raise OSError(f"the answer broke off after {len(body):,} bytes")
    else:
        body = response.read(MAX_ERROR_BYTES)
    # Only an answer that was read to its end leaves the connection fit for the next one.
    if not response.isclosed():
        response.read()
    return _Answer(response.status, body)


def _tls_context(ca_bundle: str) -> Any:
    import ssl  # noqa: PLC0415  # loading certificates takes as long as some imports

    return ssl.create_default_context(cafile=ca_bundle or None)
