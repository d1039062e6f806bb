"""What is known of a version's drift: counts by day, what was folded into them, and the report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

from scoring.drift.observation import Observation, checked
from scoring.drift.reference import Reference
from scoring.drift.report import WINDOWS, Day
from scoring.drift.traffic import checked_requests, no_requests

_FORMAT = 1


@dataclass
class Document:
    """One object per version. It is replaced as a whole, so counts and what they are made of always agree.

    Parameters
    ----------
    manifest_sha256
        Of the model whose bins were counted by.
    days
        What was counted, by day.
    folded
        Ids of observations that are in the counts and may be met again.
    report
        What was made of it last; None before the first time.
    """

    manifest_sha256: str
    days: dict[date, Day] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)
    report: dict[str, Any] | None = None

    def fold(self, observation_id: str, day: date, observation: Observation) -> None:
        """Add an observation to its day."""
        counted = Day(day, observation.rows, observation.counts, observation.requests)
        known = self.days.get(day)
        if known is not None:
            counted = Day(
                day,
                known.rows + counted.rows,
                known.counts + counted.counts,
                known.requests + counted.requests,
            )
        self.days[day] = counted
        self.folded.add(observation_id)

    def forget_before(self, today: date) -> None:
        """Drop the days that no window reaches."""
        self.days = {day: counted for day, counted in self.days.items() if is_within(day, today)}

    def encode(self) -> bytes:
        """Return the document as JSON."""
        content = {
            "format": _FORMAT,
            "manifest_sha256": self.manifest_sha256,
            "report": self.report,
            "folded": sorted(self.folded),
            "days": {
                day.isoformat(): {
                    "rows": counted.rows,
                    "counts": counted.counts.tolist(),
                    "requests": counted.requests.tolist(),
                }
                for day, counted in sorted(self.days.items())
            },
        }
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, content: Mapping[str, Any], reference: Reference) -> Self:
        """Rebuild a document from what :meth:`encode` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is none.
        """
        if content["format"] != _FORMAT:
            raise ValueError("the document has an unknown format")
        days = {}
        for text, counted in content["days"].items():
            day = date.fromisoformat(text)
            counts = checked(counted["rows"], counted["counts"], reference)
            # Documents of before requests were counted have none.
            requests = checked_requests(counted["requests"]) if "requests" in counted else no_requests()
            days[day] = Day(day, counted["rows"], counts, requests)
        return cls(content["manifest_sha256"], days, set(content["folded"]), content["report"])


def is_within(day: date, today: date) -> bool:
    """Whether the longest window reaches a day; clocks may differ, so the next day is one, too."""
    return today - timedelta(days=max(WINDOWS)) < day <= today + timedelta(days=1)
