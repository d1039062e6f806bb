"""What was found in the data, what was done about it, and how the user decided otherwise."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing about the data that a user should judge.

    Parameters
    ----------
    code
        Stable name of the kind of finding.
    message
        One sentence for a person.
    action
        What is done by default.
    column
        The column, or None for rows.
    evidence
        The figures behind it.
    opted_out
        Whether the user named the column in ``keep``, so that the default action was not taken.
    """

    code: str
    message: str
    action: str
    column: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    opted_out: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON-able data."""
        return asdict(self)
