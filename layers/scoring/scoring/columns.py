"""Raw columns, before any encoder reads them.

A raw column is a float array for numbers, booleans and dates (seconds since 1970, NaN where missing)
and an object array of ``str`` or ``None`` for categories and text.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, override

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type Column = NDArray[Any]
type Columns = Mapping[str, Column]


class Layout:
    """Where raw columns stand in a :class:`Table`. No two are equal: what is made for one is kept by it.

    Parameters
    ----------
    numbers, texts
        The row of each column, in the numbers or in the texts.
    """

    def __init__(self, numbers: Mapping[str, int], texts: Mapping[str, int]) -> None:
        self.numbers, self.texts = numbers, texts


class Table(Mapping[str, Column]):
    """Raw columns that were read together.

    Parameters
    ----------
    numbers, texts
        Columns x rows.
    layout
        Where each column stands.
    """

    def __init__(self, numbers: FloatArray, texts: NDArray[Any], layout: Layout) -> None:
        self.numbers, self.texts, self.layout = numbers, texts, layout

    def part(self, rows: slice) -> "Table":
        """Return some rows."""
        numbers, texts = (np.ascontiguousarray(block[:, rows]) for block in (self.numbers, self.texts))
        return Table(numbers, texts, self.layout)

    @override
    def __getitem__(self, name: str) -> Column:
        row = self.layout.numbers.get(name)
        column: Column = self.texts[self.layout.texts[name]] if row is None else self.numbers[row]
        return column

    @override
    def __iter__(self) -> Iterator[str]:
        return chain(self.layout.numbers, self.layout.texts)

    @override
    def __len__(self) -> int:
        return len(self.layout.numbers) + len(self.layout.texts)
