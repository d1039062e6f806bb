"""What a model knows of its inputs, and how their values are written."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from scoring.dates import FIRST_SECOND, LAST_SECOND

type Instance = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - dates of a CSV have no time zone, so all are kept naive
EXPECTED = {
    "numeric": "a number",
    "boolean": "true or false",
    "date": "a date as text, for example 2024-01-31",
    "categorical": "text",
    "text": "text",
}
# Whose raw columns hold texts; those of all others hold numbers.
TEXT_TYPES = frozenset({"categorical", "text"})


@dataclass(frozen=True)
class Feature:
    """What a model knows about one input.

    Parameters
    ----------
    name
        The column's name in the training file.
    type
        One of numeric, boolean, date, categorical, text.
    nullable
        Whether training saw missing values.
    date_format
        How dates were written in the training file, beside ISO 8601.
    missing_words
        Words that meant "missing" in the training file.
    number_style
        How numbers were written in the training file: plain, us or eu, and behind a blank their unit. Clients
        send plain numbers in that unit.
    training_range
        The least and the largest number that training saw, of dates in seconds since 1970; None where
        training did not say, and of other types.
    known_values
        The categories, or the booleans, that training saw; None where training did not say, where they were
        too many to keep, and of other types.
    """

    name: str
    type: str
    nullable: bool
    date_format: str | None = None
    missing_words: tuple[str, ...] = ()
    number_style: str = "plain"
    training_range: tuple[float, float] | None = None
    known_values: tuple[str | bool, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the feature as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a feature from :meth:`to_json`, also one that an older format wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is none.
        """
        span, known = content.get("training_range"), content.get("known_values")
        if span is not None:
            low, high = (float(end) for end in span)
            if not (low <= high and math.isfinite(low) and math.isfinite(high)):
                raise ValueError(f"the training range of {content['name']!r} is none")
            if content["type"] == "date" and not FIRST_SECOND <= low <= high <= LAST_SECOND:
                raise ValueError(f"the training range of {content['name']!r} is beyond the calendar")
            span = (low, high)
        return cls(
            **{
                **content,
                "missing_words": tuple(content["missing_words"]),
                "training_range": span,
                "known_values": None if known is None else tuple(known),
            }
        )

    @property
    def span(self) -> tuple[float, float]:
        """The least and the largest number that is usual; booleans count as 0 and 1."""
        if self.type == "boolean" and self.known_values:
            return float(min(self.known_values)), float(max(self.known_values))
        return self.training_range or (-math.inf, math.inf)


def text_or_none(value: str, missing_words: Iterable[str] = ()) -> str | None:
    """Return the text without surrounding blanks, or None where it says "missing"."""
    text = value.strip()
    return None if not text or text.casefold() in missing_words else text


def seconds_of(text: str, date_format: str | None = None) -> float:
    """Return a date as seconds since 1970; a zone is taken into account, none means UTC.

    Raises
    ------
    ValueError
        When the text is neither ISO 8601 nor of the given format.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        if date_format is None:
            raise
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone, if any, is handled below
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - EPOCH) / timedelta(microseconds=1) / 1e6


def shown_end(end: float, feature_type: str) -> str:
    """Return one end of a training range as a client would send it."""
    if feature_type == "date":
        return (EPOCH + timedelta(seconds=end)).isoformat().removesuffix("T00:00:00")
    return str(int(end)) if end.is_integer() and abs(end) < 2**53 else repr(end)
