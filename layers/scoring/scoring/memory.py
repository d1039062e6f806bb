"""Rows that training has seen: their copies are answered by what they had."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, FloatArray
from scoring.errors import ModelError

MIX = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(32)
MISSING = np.uint64(0x7FF8000000000000)


def row_keys(columns: Mapping[str, Column], names: Sequence[str], rows: int) -> NDArray[np.uint64]:
    """Return a key of 64 bits for each row: equal rows have equal keys, others differ but for rare chance.

    Parameters
    ----------
    columns
        Raw columns.
    names
        Those that count, in order.
    rows
        How many rows there are.
    """
    keys = np.zeros(rows, dtype=np.uint64)
    for name in names:
        keys ^= _bits(columns[name])
        keys *= MIX
        keys ^= keys >> SHIFT
    return keys


def _bits(column: Column) -> NDArray[np.uint64]:
    if column.dtype == object:
        known = {value: _digest(value) for value in dict.fromkeys(column)}
        return np.fromiter((known[value] for value in column), np.uint64, len(column))
    # Adding zero makes -0.0 and 0.0 the same.
    numbers = column.astype(np.float64) + 0.0
    return np.where(np.isnan(numbers), MISSING, numbers.view(np.uint64))


def _digest(value: str | None) -> int:
    if value is None:
        return int(MISSING)
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest())


class Memory:
    """Answers of known rows, blended with those of the model.

    Parameters
    ----------
    names
        The columns that make a row.
    trust
        How much a known row's own answer counts.
    arrays
        ``memory.keys`` (sorted) and ``memory.answers`` (rows x outputs).
    outputs
        How many numbers answer a row.

    Raises
    ------
    ModelError
        When they do not fit together.
    """

    def __init__(
        self, names: Sequence[str], trust: float, arrays: Mapping[str, NDArray[Any]], outputs: int
    ) -> None:
        try:
            self.keys = np.asarray(arrays["memory.keys"])
            self.answers = np.asarray(arrays["memory.answers"], dtype=np.float64)
        except KeyError as error:
            raise ModelError(f"The memory lacks its array {error}.") from error
        self.names = tuple(names)
        self.trust = float(trust)
        sorted_ = self.keys.dtype == np.uint64 and self.keys.ndim == 1 and len(self.keys) > 0
        if (
            not sorted_
            or bool((self.keys[1:] <= self.keys[:-1]).any())
            or self.answers.shape != (len(self.keys), outputs)
            or not np.isfinite(self.answers).all()
            or not 0.0 < self.trust <= 1.0
        ):
            raise ModelError("The memory's arrays do not fit together.")

    def blend(self, columns: Mapping[str, Column], answers: FloatArray) -> FloatArray:
        """Return the answers, those of known rows blended with what they had."""
        keys = row_keys(columns, self.names, len(answers))
        places = np.searchsorted(self.keys, keys).clip(0, len(self.keys) - 1)
        known = self.keys[places] == keys
        if not known.any():
            return answers
        own = self.answers[places]
        blended: FloatArray = np.where(known[:, None], self.trust * own + (1 - self.trust) * answers, answers)
        return blended
