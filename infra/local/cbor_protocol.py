"""CloudWatch in the protocol ``rpc-v2-cbor``, which AWS's SDK for Go speaks and moto does not.

A request becomes one in the JSON protocol, which moto answers, and the answer becomes CBOR again
(RFC 8949; timestamps are tag 1).
"""

import functools
import io
import json
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserFactory
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

type Environ = dict[str, Any]
type App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_TARGET = "GraniteServiceVersion20100801"
_PATH = re.compile(rf"/service/{_TARGET}/operation/(?P<operation>[A-Za-z]{{1,64}})")
_MOST_BYTES = 2 * 1024 * 1024
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG = range(7)


def decode(data: bytes) -> Any:
    """Return what CBOR stands for."""
    parser: Any = ResponseParserFactory().create_parser("smithy-rpc-v2-cbor")
    return parser.parse_data_item(io.BytesIO(data))


def encode(value: Any) -> bytes:
    """Return CBOR of text, bytes, numbers, booleans, None, times, lists and mappings."""
    match value:
        case None | False | True:
            written = {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
        case int():
            written = _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case float():
            written = struct.pack(">Bd", 0xFB, value)
        case str():
            text = value.encode()
            written = _head(_TEXT, len(text)) + text
        case bytes():
            written = _head(_BYTES, len(value)) + value
        case datetime():
            written = _head(_TAG, 1) + encode(value.timestamp())
        case list():
            written = _head(_LIST, len(value)) + b"".join(map(encode, value))
        case dict():
            written = _head(_MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
        case _:
            raise TypeError(f"{type(value).__name__} has no form in CBOR here")
    return written


def _head(major: int, number: int) -> bytes:
    start = major << 5
    if number < 24:
        return bytes([start + number])
    for extra, (size, kind) in enumerate(((1, "B"), (2, "H"), (4, "I"), (8, "Q"))):
        if number < 1 << (8 * size):
            return struct.pack(f">B{kind}", start + 24 + extra, number)
    raise OverflowError("an integer has at most 64 bits in CBOR")


@functools.cache
def _cloudwatch_model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("cloudwatch")


class CborProtocol:
    """Middleware in front of moto that translates the requests of CloudWatch in CBOR.

    Parameters
    ----------
    app:
        Moto's WSGI application.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._model = _cloudwatch_model()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        found = _PATH.fullmatch(environ.get("PATH_INFO", ""))
        if found is None or found["operation"] not in self._model.operation_names:
            return self._app(environ, start_response)
        size = int(environ.get("CONTENT_LENGTH") or 0)
        if size > _MOST_BYTES:
            start_response("413 Content Too Large", [("Content-Length", "0")])
            return []
        asked = decode(environ["wsgi.input"].read(size)) if size else {}
        status, answer = self._ask(environ, found["operation"], asked)
        body = encode(answer)
        headers = [("Smithy-Protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor")]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _ask(self, environ: Environ, operation: str, asked: Mapping[str, Any]) -> tuple[str, Any]:
        body = json.dumps(asked, default=datetime.timestamp).encode()
        request = environ | {
            "PATH_INFO": "/",
            "RAW_URI": "/",
            "REQUEST_URI": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_AMZ_TARGET": f"{_TARGET}.{operation}",
            "HTTP_ACCEPT": "application/json",
            "wsgi.input": io.BytesIO(body),
        }
        for name in ("HTTP_SMITHY_PROTOCOL", "HTTP_X_AMZN_QUERY_MODE"):
            request.pop(name, None)
        statuses: list[str] = []

        def take_status(status: str, _headers: Any, _error: Any = None) -> None:
            statuses.append(status)

        answer = b"".join(self._app(request, take_status))
        if not statuses[-1].startswith("2"):
            return statuses[-1], json.loads(answer or b"{}")
        shape = self._model.operation_model(operation).output_shape
        if shape is None:
            return statuses[-1], {}
        response = {"status_code": 200, "headers": {}, "body": answer or b"{}"}
        parsed = ResponseParserFactory().create_parser("json").parse(response, shape)
        parsed.pop("ResponseMetadata", None)
        return statuses[-1], parsed


def speak_cbor() -> None:
    """Make moto's server in this process answer CloudWatch in CBOR too."""
    plain = DomainDispatcherApplication.__call__

    def call(app: Any, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return CborProtocol(functools.partial(plain, app))(environ, start_response)

    # Assigned by its name: a method of a class is no place of an assignment for mypy.
    setattr(DomainDispatcherApplication, "__call__", call)  # noqa: B010
