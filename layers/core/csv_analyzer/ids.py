"""Ids that sort by time, drawn at random or derived from what they stand for."""

import hashlib
import secrets
import time
from datetime import UTC, datetime

_RANDOM_HEX_DIGITS = 12


def new_id() -> str:
    """Id of 24 hex digits: 48 bits of Unix time in milliseconds, then 48 random bits."""
    return _join(time.time_ns() // 1_000_000, secrets.token_hex(_RANDOM_HEX_DIGITS // 2))


def derived_id(moment: datetime, *parts: str) -> str:
    """Id of the same form that is the same for the same moment and parts, whoever asks.

    Used where a repeated event must lead to the same dataset and the same job.
    """
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return _join(int(moment.timestamp() * 1000), digest[:_RANDOM_HEX_DIGITS])


def seconds_of(known: str) -> float:
    """Unix time in seconds at which an id was made."""
    return int(known[:-_RANDOM_HEX_DIGITS], 16) / 1000


def first_id(moment: float) -> str:
    """Lowest id of a moment (Unix time in seconds): ids made since then are not below it."""
    return _join(max(0, int(moment * 1000)), "0" * _RANDOM_HEX_DIGITS)


def now() -> str:
    """Present moment in UTC as ISO 8601 text with milliseconds, which sorts by time."""
    return iso(datetime.now(UTC))


def iso(moment: datetime) -> str:
    """Moment in UTC as ISO 8601 text with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _join(milliseconds: int, tail: str) -> str:
    return f"{milliseconds:012x}{tail}"
