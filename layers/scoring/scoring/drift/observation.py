"""What one process counted: written by whoever predicts, read by whoever measures drift."""

import json
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from scoring.drift.reference import Counts, Reference
from scoring.drift.traffic import checked_requests, no_requests


@dataclass(frozen=True)
class Observation:
    """Counts of rows that were scored.

    Parameters
    ----------
    manifest_sha256
        Of the model whose reference has the bins.
    rows
        How many rows were scored.
    counts
        A vector of counts, see :meth:`Reference.count`.
    requests
        A vector of counts, see :mod:`scoring.drift.traffic`. Files are scored without any.
    """

    manifest_sha256: str
    rows: int
    counts: Counts
    requests: Counts = field(default_factory=no_requests)

    def encode(self) -> bytes:
        """Return the observation as JSON."""
        content = {
            "manifest_sha256": self.manifest_sha256,
            "rows": self.rows,
            "counts": self.counts.tolist(),
            "requests": self.requests.tolist(),
        }
        return json.dumps(content, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, content: bytes, reference: Reference, manifest_sha256: str) -> Self:
        """Read an observation of a model.

        Raises
        ------
        ValueError
            When it is none, or one of another model.
        """
        try:
            found = json.loads(content)
            rows, counts = found["rows"], found["counts"]
            if found["manifest_sha256"] != manifest_sha256:
                raise ValueError("the observation is of another model")
            requests = checked_requests(found["requests"]) if "requests" in found else no_requests()
            return cls(manifest_sha256, rows, checked(rows, counts, reference), requests)
        except (TypeError, KeyError, OverflowError, RecursionError) as error:
            raise ValueError(f"the observation is malformed: {error}") from error


def checked(rows: object, counts: object, reference: Reference) -> Counts:
    """Return counts that were read from JSON.

    Raises
    ------
    ValueError
        When they do not fit the reference: each of its features must have so many rows in all.
    """
    if not isinstance(counts, list) or len(counts) != reference.size:
        raise ValueError("there must be one count for each bin")
    if not all(type(count) is int and count >= 0 for count in (rows, *counts)):
        raise ValueError("counts must be whole numbers from 0")
    vector = np.array(counts, dtype=np.int64)
    if any(int(part.sum()) != rows for part in reference.split(vector)):
        raise ValueError("the counts do not add up to the rows")
    return vector
