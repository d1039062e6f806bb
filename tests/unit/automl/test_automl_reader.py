"""Reading: any dialect becomes a typed table; what is no CSV gets one sentence."""

import codecs
import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl import ColumnFormat, DataError, read_csv


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), "a,b\n1,2\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\r\n  \n", "empty_file"),
        (codecs.BOM_UTF8, "empty_file"),
        (b"\0\0\0\0", "empty_file"),
        (b",,,\n,,,\n", "empty_file"),
        (b"a,b,c\n", "no_rows"),
        (b"a,b,c", "no_rows"),
        (b"a,b,c\n,,\n,,\n", "no_rows"),
        (b"a\n1\n2\n", "one_column"),
        (b"just a sentence\nand another one\n", "one_column"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "not_csv"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)), "not_csv"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "not_csv"),
        (zipped(), "not_csv"),
        (b"%PDF-1.7\n1 0 obj\n", "not_csv"),
        (b"PAR1\x15\x04\x15\x10" + bytes(50), "not_csv"),
        (b"SQLite format 3\x00" + bytes(100), "not_csv"),
        (b"<!DOCTYPE html><html></html>", "not_csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_csv"),
        (np.random.default_rng(0).bytes(5000), "binary"),
        (b"a,b\n1,2\n\x00\x00\x01\x00\x02,\x03\x00\x00", "binary"),
        (bytes(range(1, 32)) * 100, "binary"),
        (",".join(f"c{i}" for i in range(2001)).encode() + b"\n", "too_many_columns"),
    ],
)
def test_what_is_no_usable_csv_is_refused_with_one_sentence(write, content, code):
    with pytest.raises(DataError) as caught:
        read_csv(write(content))

    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(DataError) as caught:
            read_csv(path)
        assert caught.value.code == "unreadable"


TEXT = "name,größe\nMüller,1.5\nÅsa,2.5\n"


@pytest.mark.parametrize(
    ("encoding", "prefix", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_encodings_are_found(read, encoding, prefix, found):
    table = read(prefix + TEXT.encode(encoding))

    assert table.report["encoding"] == found
    assert list(table.frame.columns) == ["name", "größe"]
    assert table.frame["name"].tolist() == ["Müller", "Åsa"]


def test_bytes_that_cp1252_lacks_are_read_as_latin_1(read):
    assert read(b"a,b\nx\x81y,1\n" + b"text without any control,2\n" * 50).report["encoding"] == "latin-1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_and_quotes_protect_them(read, delimiter):
    table = read(
        f'a{delimiter}b\n"x{delimiter}y"{delimiter}1\n"two\nlines"{delimiter}2\n"say ""hi"""{delimiter}3\n'
    )

    assert table.report["delimiter"] == delimiter
    assert table.frame["a"].tolist() == [f"x{delimiter}y", "two\nlines", 'say "hi"']
    assert table.frame["b"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(read, newline):
    assert read(newline.join(["a,b", "1,2", "3,4", ""])).frame["b"].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,25", "-3,0"], [1.5, 2.25, -3.0]),
        (["1.234,5", "2,25", "1.000.000"], [1234.5, 2.25, 1e6]),
        (["1,234.5", "2.25", "1,000,000"], [1234.5, 2.25, 1e6]),
        (["$1,234.50", "$2", "-$3.5"], [1234.5, 2.0, -3.5]),
        (["12 €", "3,5 €", "4 €"], [12.0, 3.5, 4.0]),
        (["12%", "3.5%", "0%"], [12.0, 3.5, 0.0]),
        (["(5)", "7", "(1,000)"], [-5.0, 7.0, -1000.0]),
        (["1e3", "-2E-2", "+4"], [1000.0, -0.02, 4.0]),
        (["0,125", "0,5", "1,25"], [0.125, 0.5, 1.25]),
    ],
)
def test_written_numbers_are_read(read, cells, numbers):
    body = "".join(f"x|{cell}\n" for cell in cells)

    table = read(f"a|b\n{body}")

    assert table.formats["b"].type == "numeric"
    assert table.frame["b"].tolist() == numbers


def test_missing_words_are_missing_among_numbers_and_may_be_categories_among_words(read):
    table = read("n,c\n1,NA\n?,none\n-,red\nunknown,?\n2,unknown\n,\n3,red\n")

    assert table.frame["n"].dropna().tolist() == [1, 2, 3]
    assert table.frame["c"].dropna().tolist() == ["none", "red", "unknown", "red"]
    assert set(table.formats["n"].missing_words) == {"?", "-", "unknown"}


def test_a_stray_word_among_many_numbers_counts_as_missing_and_is_reported(read):
    table = read("a,b\n" + "x,1.5\n" * 50 + "x,broken\n")

    entry = next(column for column in table.report["columns"] if column["name"] == "b")
    assert table.frame["b"].isna().sum() == 1
    assert (entry["unread"], entry["unread_examples"]) == (1, ["broken"])


def test_digits_with_leading_zeros_and_long_ones_stay_text(read):
    table = read("zip,card,n\n01234,12345678901234567,0.5\n50000,22345678901234567,0\n")

    assert table.frame["zip"].tolist() == ["01234", "50000"]
    assert table.frame["card"].tolist() == ["12345678901234567", "22345678901234567"]
    assert table.formats["n"].type == "numeric"


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-02-29", "2023-01-05"], "2024-02-29"),
        (["2024-02-29 13:45", "2023-01-05 00:00"], "2024-02-29 13:45"),
        (["2024-02-29T13:45:10Z", "2023-01-05T00:00:00+02:00"], "2024-02-29 13:45:10"),
        (["29/02/2024", "05/01/2023"], "2024-02-29"),
        (["02/29/2024", "01/05/2023"], "2024-02-29"),
        (["29.02.24", "05.01.23"], "2024-02-29"),
        (["29 Feb 2024", "05 Jan 2023"], "2024-02-29"),
        (["February 29, 2024", "January 05, 2023"], "2024-02-29"),
        (["29/02/2024 13:45", "05/01/2023 01:02"], "2024-02-29 13:45"),
    ],
)
def test_written_dates_are_read(read, cells, first):
    table = read("a|b\n" + "".join(f"x|{cell}\n" for cell in cells))

    assert table.formats["b"].type == "date"
    assert table.frame["b"].iloc[0] == pd.Timestamp(first)


def test_types_come_from_the_text(read):
    text = "".join(f"some words that differ {i} here\t" + "TRUE\tred\n" for i in range(60))

    table = read("t\tb\tc\n" + text)

    assert {name: how.type for name, how in table.formats.items()} == {
        "t": "text",
        "b": "boolean",
        "c": "categorical",
    }


def test_headers_become_unique_names(read):
    assert list(read(" a ,a,,a_2,b\nc\n1,2,3,4,5\n".replace("b\nc", '"b\nc"')).frame.columns) == [
        "a",
        "a_2",
        "column_3",
        "a_2_2",
        "b c",
    ]


def test_a_file_without_header_is_named_by_position_unless_the_numbers_are_years(read):
    assert list(read("1,2\n3,4\n5,6\n").frame.columns) == ["column_1", "column_2"]
    assert len(read("1,2\n3,4\n5,6\n").frame) == 3
    assert list(read("2019,2020\n3,4\n5,6\n").frame.columns) == ["2019", "2020"]


def test_row_names_without_a_header_of_their_own_get_one(read):
    table = read("a,b\nr1,1,2\nr2,3,4\nr3,5,6\n")

    assert table.report["row_names"]
    assert table.frame["b"].tolist() == [2, 4, 6]


def test_ragged_rows_are_repaired_and_counted(read):
    table = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,,\n\n13,14,15\n")

    assert table.frame["a"].tolist() == [1, 4, 6, 10, 13]
    assert table.frame["c"].dropna().tolist() == [3, 8, 12, 15]
    report = table.report
    assert (report["short_rows"], report["long_rows"], report["blank_rows"]) == (1, 1, 1)


def test_empty_rows_and_nameless_empty_columns_at_the_end_are_dropped(read):
    table = read("a,b,,\n1,2,,\n,,,\n3,4,,\n,,,\n,,,\n")

    assert list(table.frame.columns) == ["a", "b"]
    assert len(table.frame) == 3
    assert table.report["trailing_rows"] == 2
    assert table.report["dropped_columns"] == ["column_3", "column_4"]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(read):
    table = read('a,b\n"open,1\n' + "x,2\n" * 1000)

    assert len(table.frame) == 1001
    assert table.report["quotes"] != "paired"


def test_a_file_without_line_ends_is_refused_before_it_fills_the_memory(write, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.MAX_LINE_CHARACTERS", 10_000)
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 10_000)

    with pytest.raises(DataError) as caught:
        read_csv(write("a,b," * 10_000))

    assert caught.value.code == "malformed"


def test_a_column_that_changes_its_type_late_is_read_again_as_text(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 2000)
    numbers = "".join(f"{i},{i % 7}\n" for i in range(3000))
    words = "".join(f"{i},w{i % 7}\n" for i in range(3000))

    table = read("n,mixed\n" + numbers + words)

    assert table.formats["mixed"].type == "categorical"
    assert table.frame["mixed"].iloc[0] == "0"
    assert table.frame["mixed"].iloc[-1] == f"w{2999 % 7}"
    assert table.frame["n"].tolist() == [*range(3000), *range(3000)]


def test_a_column_that_starts_empty_is_typed_when_values_come(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 2000)

    table = read("a,b,c,d\n" + "x,,,\n" * 3000 + "x,1.5,2024-01-01,red\n" * 10)

    assert [how.type for how in table.formats.values()] == ["categorical", "numeric", "date", "categorical"]
    assert table.frame.notna().sum().tolist() == [3010, 10, 10, 10]


def test_no_more_rows_are_read_than_asked_for(read):
    assert len(read("a,b\n" + "1,2\n" * 100, max_rows=7).frame) == 7


def test_labels_of_numbers_are_kept_as_written(read):
    assert read("a,b\n1.0,x\n2.50,y\n1.0,z\n").labels["a"] == {1.0: "1.0", 2.5: "2.50"}


KNOWN = {
    "a": ColumnFormat("numeric", number_style="us kg", missing_words=("?",)),
    "1": ColumnFormat("date", date_format="%d/%m/%Y"),
    "column_1": ColumnFormat("boolean"),
    "b": ColumnFormat("categorical"),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(st.lists(st.text(alphabet='a1,;.-"\n\r\t| %€0\0?', max_size=6), max_size=5), max_size=8).map(
            lambda rows: "\n".join(",".join(row) for row in rows).encode()
        ),
    ),
    st.sampled_from([{}, KNOWN]),
)
def test_no_bytes_whatever_crash_the_reader(tmp_path, content, formats):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        table = read_csv(path, formats=formats)
    except DataError as error:
        outcome = error.message
    else:
        outcome = table.report["rows"]
        assert len(table.frame) == outcome
    assert outcome
