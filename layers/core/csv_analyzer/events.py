"""Envelopes of events: SQS messages that carry S3 notifications."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

# The queues hand a message out this often (their maxReceiveCount, held by a test) and then move it to
# the dead letters. On the last time nothing is tried: the user is told, and the message goes there.
LAST_ATTEMPT: Final = 5


@dataclass(frozen=True)
class ObjectWritten:
    """An object that S3 says was written; the key is decoded."""

    bucket: str
    key: str


def objects_written(body: str) -> Iterator[ObjectWritten]:
    """Objects named by the S3 notification in an SQS message.

    S3 sends keys URL-encoded with ``+`` for a blank. Its test message names no object. Markers of
    folders (keys that end in ``/``) are left out.

    Raises
    ------
    ValueError
        If the message is no S3 notification.
    """
    try:
        notification: Any = json.loads(body)
        if isinstance(notification, dict) and notification.get("Event") == "s3:TestEvent":
            return
        written = [
            ObjectWritten(record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"]))
            for record in notification["Records"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("the message is no S3 notification") from error
    yield from (item for item in written if not item.key.endswith("/"))


def notification(written: ObjectWritten) -> str:
    """Message that names an object as S3's notification of its write does."""
    named = {"bucket": {"name": written.bucket}, "object": {"key": quote_plus(written.key, safe="/")}}
    return json.dumps({"Records": [{"s3": named}]})
