"""The answer as JSON text, which grows no larger than what Lambda can hand back."""

import json
from itertools import batched
from typing import Any

from csv_analyzer.errors import PayloadTooLargeError
from csv_analyzer.http import Encoded

# What Lambda hands back at most, and what stands around the body in it.
MAX_PAYLOAD_BYTES = 6_291_556
ENVELOPE_BYTES = 8_192
_AT_ONCE = 256
_encode = json.JSONEncoder(allow_nan=False).encode


def encode(answer: dict[str, Any]) -> Encoded:
    """Encode an answer, its predictions part by part.

    Parameters
    ----------
    answer : dict
        ``predictions`` may be an iterator; it is not followed further than the limit.

    Raises
    ------
    PayloadTooLargeError
        If it would be larger than Lambda can hand back.
    """
    head = _encode({name: value for name, value in answer.items() if name != "predictions"})
    parts = [head[:-1], ', "predictions": [']
    room = MAX_PAYLOAD_BYTES - ENVELOPE_BYTES - _payload_bytes(head)
    for number, some in enumerate(batched(answer["predictions"], _AT_ONCE)):
        part = (", " if number else "") + _encode(some)[1:-1]
        room -= _payload_bytes(part)
        if room < 0:
            raise PayloadTooLargeError(
                "The answer would be larger than the 6 MB that a response may have: send fewer instances "
                "at once, or score a file of any length with POST /models/{name}/batch."
            )
        parts.append(part)
    return Encoded("".join([*parts, "]}"]))


def _payload_bytes(text: str) -> int:
    """Bytes of ASCII text in a payload, where it stands as a string of JSON once more."""
    return len(text) + text.count('"') + text.count("\\")
