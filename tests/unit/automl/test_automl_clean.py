"""The fast way of reading gives what the careful way gives, or it isn't taken."""

import csv
import io
from unittest import mock

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl import DataError, read_csv
from automl.reading.columns import ColumnBuilder

NUMBERS = st.one_of(
    st.integers(-999, 99999).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-1000, 1000, places=3).map(str),
)
ODD = ["", "", "NA", "?", "-", "nan", "007", "1e999", "12345678901234567", "word", " 5 ", "5\t", "1_0", "٣"]
BROKEN = [
    "$3",
    'say "hi"',
    "a,b",
    "two\nlines",
    "1,5",
    "1.234",
    "\ufeffx",
    "\r",
    "\x0b",
    "0x10",
    "inf",
    "TRUE",
]
RARE = st.sampled_from([*ODD, *BROKEN])
WORDS = st.sampled_from(["red", "green", "blue", "Köln", "yes", "no", "", "2024-01-02", "01/02/2024"])
COLUMN = st.sampled_from(
    [NUMBERS, NUMBERS, WORDS, st.one_of(NUMBERS, NUMBERS, NUMBERS, RARE), st.one_of(WORDS, RARE)]
)


@st.composite
def files(draw):
    """Return the text of a file: mostly regular, sometimes with broken lines."""
    cells = draw(st.lists(COLUMN, min_size=2, max_size=4))
    rows = draw(st.lists(st.tuples(*cells), min_size=3, max_size=40))
    buffer = io.StringIO(newline="")
    writer = csv.writer(
        buffer,
        delimiter=draw(st.sampled_from(",;\t|")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writerow([f"column {position}" for position in range(len(cells))])
    writer.writerows(rows)
    text = buffer.getvalue()
    broken = st.sampled_from(['"', ",", ";", "\n", "\r", "\0", ",,,\n", "\n\n", ' "', "\t"])
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        position = draw(st.integers(0, len(text)))
        text = text[:position] + draw(broken) + text[position:]
    return text


def outcome(path):
    try:
        return read_csv(path)
    except DataError as error:
        return error.code


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files(), st.sampled_from([20, 100, 5000]))
@pytest.mark.long
def test_the_fast_way_gives_what_the_careful_way_gives(tmp_path, text, size):
    path = tmp_path / "any.csv"
    path.write_bytes(text.encode())
    with (
        mock.patch("automl.reading.rows.FIRST_BLOCK_CHARACTERS", size),
        mock.patch("automl.reading.rows.BLOCK_CHARACTERS", size),
        mock.patch("automl.reading.columns.MAX_LABELS", 3),
    ):
        fast = outcome(path)
        with mock.patch("automl.reading.reader.parse_clean", return_value=None):
            careful = outcome(path)

    if isinstance(careful, str):
        assert fast == careful
        return
    pd.testing.assert_frame_equal(fast.frame, careful.frame, check_exact=True)
    assert (fast.formats, fast.report, fast.labels) == (careful.formats, careful.report, careful.labels)


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("{i},{i}.5,x{i}", True),
        ('"{i}","{i}.5","x, {i}"', True),
        ("{i},,x", True),
        ("{i},{i}.5,x{i},", False),
        ('{i},1,"two\nlines"', False),
    ],
)
def test_regular_lines_take_the_fast_way_and_others_do_not(read, monkeypatch, line, taken):
    ways = []
    careful = "automl.reading.rows.Source.careful"
    monkeypatch.setattr(careful, lambda *_: ways.append("careful") or [])
    text = "a,b,c\n" + "".join(line.format(i=i) + "\n" for i in range(1, 500))

    if taken:
        assert len(read(text).frame) == 499
    else:
        with pytest.raises(DataError):
            read(text)
    assert bool(ways) is not taken


def test_a_cell_may_reach_over_the_end_of_a_block(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 30)
    monkeypatch.setattr("automl.reading.rows.BLOCK_CHARACTERS", 30)
    rows = "".join(f'{i},"first\nsecond\nthird {i}",{i}.5\n' for i in range(50))

    table = read("a,b,c\n" + rows)

    assert table.frame["a"].tolist() == [*range(50)]
    assert table.frame["b"].iloc[-1] == "first\nsecond\nthird 49"


def test_decimal_commas_take_the_fast_way_too(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 3000)
    add_numbers = ColumnBuilder.add_numbers
    taken = []

    def note(self, numbers):
        taken.append(len(numbers))
        add_numbers(self, numbers)

    monkeypatch.setattr(ColumnBuilder, "add_numbers", note)

    table = read("a;b\n" + "".join(f"x{i % 3};{i},25\n" for i in range(2000)))

    assert sum(taken) > 1000
    assert table.frame["b"].tolist() == [i + 0.25 for i in range(2000)]
