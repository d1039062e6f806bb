"""A table as texts, and the plain CSV file that it makes."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

CITIES = ("Köln", "Århus", "L\u2019Aquila", "San José", "Bonn")


@dataclass(frozen=True)
class Sheet:
    """A table as texts.

    Parameters
    ----------
    header
        Names.
    rows
        Cells, as a plain CSV file has them; empty where missing.
    numbers, dates, words, flags
        Positions of the columns of that type.
    target
        Position of the target.
    """

    header: list[str]
    rows: list[list[str]]
    numbers: tuple[int, ...]
    dates: tuple[int, ...] = ()
    words: tuple[int, ...] = ()
    flags: tuple[int, ...] = ()
    target: int = -1

    def map(self, positions: Sequence[int], change: Callable[[str], str]) -> "Sheet":
        """Return the sheet with the filled cells of some columns changed."""
        changed = [
            [change(cell) if cell and at in positions else cell for at, cell in enumerate(row)]
            for row in self.rows
        ]
        return replace(self, rows=changed)

    def rename(self, header: list[str]) -> "Sheet":
        """Return the sheet with other names."""
        return replace(self, header=header)


def generated(rows: int = 600, seed: int = 0) -> Sheet:
    """Return numbers small and large, gaps, categories, codes, dates, flags and a target."""
    rng = np.random.default_rng(seed)
    weight = rng.normal(72, 15, rows).round(2)
    salary = rng.lognormal(9, 1, rows).round(2)
    change = rng.normal(0, 30, rows).round(2)
    count = rng.integers(0, 60_000, rows)
    city = rng.integers(0, len(CITIES), rows)
    day = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1400, rows), unit="D")
    member = rng.random(rows) < 0.4
    gappy = rng.exponential(3, rows).round(3)
    grade = rng.integers(0, 4, rows)
    signal = weight / 15 + np.log(salary) + change / 30 + (city == 1) + 2 * member + (grade == 2)
    signal += np.asarray(day.month) / 6 + gappy / 4 + rng.normal(0, 0.5, rows)
    header = ["weight", "salary", "change", "count", "city", "zip", "day", "member", "gappy", "grade", "sold"]
    cells = [
        [
            str(weight[i]), str(salary[i]), str(change[i]), str(count[i]), CITIES[city[i]],
            f"0{1000 + city[i] * 7}", f"{day[i]:%Y-%m-%d}", "true" if member[i] else "false",
            "" if i % 6 == 0 else str(gappy[i]), ("none", "low", "high", "unknown")[grade[i]],
            "yes" if signal[i] > np.median(signal) else "no",
        ]
        for i in range(rows)
    ]  # fmt: skip
    return Sheet(header, cells, (0, 1, 2, 3, 8), (6,), (4, 9), (7,), 10)


def of_frame(frame: pd.DataFrame, target: str) -> Sheet:
    """Return a sheet of a frame of numbers and labels."""
    numbers = tuple(at for at, name in enumerate(frame.columns) if name != target)
    cells = [list(map(str, row)) for row in frame.itertuples(index=False)]
    at = list(frame.columns).index(target)
    # A target of numbers is written as the others are.
    is_label = not pd.api.types.is_numeric_dtype(frame[target])
    return Sheet(list(map(str, frame.columns)), cells, numbers if is_label else (*numbers, at), target=at)


def written(
    sheet: Sheet,
    delimiter: str = ",",
    newline: str = "\n",
    encoding: str = "utf-8",
    quoting: int = csv.QUOTE_MINIMAL,
    prefix: bytes = b"",
) -> bytes:
    """Return the bytes of a CSV file."""
    return prefix + text_of(sheet, delimiter, newline, quoting).encode(encoding)


def text_of(sheet: Sheet, delimiter: str = ",", newline: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Return the text of a CSV file."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(sheet.header)
    writer.writerows(sheet.rows)
    return buffer.getvalue()


def with_gaps(sheet: Sheet, positions: Sequence[int] | None = None, every: int = 7) -> Sheet:
    """Return the sheet with gaps in some columns, never in the target."""
    chosen = [at for at in (sheet.numbers if positions is None else positions) if at != sheet.target]
    rows = [
        ["" if at in chosen and (turn + at) % every == 0 else cell for at, cell in enumerate(row)]
        for turn, row in enumerate(sheet.rows)
    ]
    return replace(sheet, rows=rows)
