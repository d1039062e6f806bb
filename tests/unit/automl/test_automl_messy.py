"""A messy file is read as the clean file of the same table: values, types and names."""

import numpy as np
import pandas as pd
import pytest

from automl import read_csv
from automl.cli import main
from tests.benchmarks.mess import KINDS
from tests.benchmarks.sheets import generated, written

SHEET = generated(240)


def values_of(table):
    """Return each column's type and its values as objects, missing ones as None."""
    return [
        (
            table.formats[name].type,
            [None if gap else value for value, gap in zip(column, column.isna(), strict=True)],
        )
        for name, column in table.frame.items()
    ]


def report_of(table, name):
    return next(entry for entry in table.report["columns"] if entry["name"] == name)


@pytest.mark.parametrize("name", KINDS)
def test_a_messy_file_means_what_the_clean_one_says(read, name):
    kind = KINDS[name]
    clean = read(written(kind.meant(SHEET)))

    messy = read(kind.make(SHEET))

    assert values_of(messy) == values_of(clean)
    if kind.named:
        assert list(messy.frame.columns) == list(clean.frame.columns)


@pytest.mark.parametrize("name", KINDS)
def test_small_blocks_change_nothing(read, monkeypatch, name):
    kind = KINDS[name]
    whole = read(kind.make(SHEET))
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 9000)
    monkeypatch.setattr("automl.reading.rows.BLOCK_CHARACTERS", 5000)

    assert values_of(read(kind.make(SHEET))) == values_of(whole)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.named])
def test_a_file_to_predict_may_be_messier_than_the_training_file(read, name):
    kind = KINDS[name]
    clean = read(written(kind.meant(SHEET)))

    messy = read(kind.make(SHEET), formats=clean.formats)

    assert values_of(messy) == values_of(clean)
    assert list(messy.frame.columns) == list(clean.frame.columns)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.named])
def test_a_file_to_predict_may_be_cleaner_than_the_training_file(read, name):
    kind = KINDS[name]
    clean = read(written(kind.meant(SHEET)))
    formats = read(kind.make(SHEET)).formats

    assert values_of(read(written(kind.meant(SHEET)), formats=formats)) == values_of(clean)


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("title lines", {"title_rows": 2}),
        ("lines of settings", {"title_rows": 2}),
        ("comment lines", {"title_rows": 2}),
        ("comment lines between rows", {"comment_rows": 4}),
        ("blank lines between rows", {"blank_rows": 4}),
        ("header repeated", {"repeated_headers": 2}),
        ("a total below", {"footer_rows": 1}),
        ("notes below", {"footer_rows": 2}),
        ("empty rows below", {"trailing_rows": 5, "blank_rows": 2}),
        ("rows cut short", {"short_rows": 27}),
        ("commas in cells without quotes", {"joined_rows": 48, "long_rows": 0}),
    ],
)
def test_what_was_repaired_is_counted(read, name, counted):
    report = read(KINDS[name].make(SHEET)).report

    assert {count: report[count] for count in counted} == counted


def test_stray_words_are_reported_with_examples(read):
    entry = report_of(read(KINDS["stray words among numbers"].make(SHEET)), "weight")

    assert entry["unread"] == 4
    assert set(entry["unread_examples"]) == {"see note"}


def test_a_word_that_fills_the_gaps_of_numbers_is_a_missing_word(read):
    table = read(KINDS["a word of its own for gaps"].make(SHEET))

    assert "withheld" in table.formats["weight"].missing_words
    assert report_of(table, "weight")["unread"] == 0


def test_words_beside_few_numbers_are_categories(read):
    table = read("a,b\n" + "x,1\nx,2\nx,basement\n" * 30)

    assert table.formats["b"].type == "categorical"


def test_a_unit_is_named_and_another_unit_is_no_number(read):
    table = read(KINDS["units"].make(SHEET))
    other = read(KINDS["units"].make(SHEET).replace(b" kg", b" lb"), formats=table.formats)

    assert report_of(table, "weight")["unit"] == "kg"
    assert other.frame["weight"].isna().all()


def test_one_unit_may_be_written_in_several_ways(read):
    table = read("a,b\n" + "x,1 day\nx,2 Days\nx,3.5 days\nx,4\n" * 5)

    assert table.frame["b"].tolist()[:4] == [1, 2, 3.5, 4]


def test_numbers_with_several_units_stay_words_and_are_reported(read):
    table = read("a,b\n" + "".join(f"x,{i} {('kg', 'lb')[i % 2]}\n" for i in range(40)))

    assert table.formats["b"].type == "categorical"
    assert report_of(table, "b")["mixed_units"] == ["kg", "lb"]


def test_several_currencies_in_one_column_are_reported(read):
    table = read("a,b\n" + "x,$5\nx,€6.50\n" * 20)

    assert table.frame["b"].tolist()[:2] == [5, 6.5]
    assert report_of(table, "b")["currencies"] == ["$", "€"]


@pytest.mark.parametrize(
    "cells", [("12A", "14", "14A", "16", "18"), ("007 x", "008 x"), ("1st", "2nd", "3rd"), ("1-2", "3-4")]
)
def test_codes_are_no_numbers(read, cells):
    assert read("a|b\n" + "".join(f"x|{cell}\n" for cell in cells * 3)).formats["b"].type == "categorical"


@pytest.mark.parametrize(
    ("delimiter", "others", "cells", "numbers"),
    [
        (";", "0,5", ("1.234", "2.345"), [1234, 2345]),
        (";", "0.5", ("1.234", "2.345"), [1.234, 2.345]),
        (";", "0.5", ("1,234", "2,345"), [1234, 2345]),
        ("|", "0,5", ("1,234", "2,345"), [1.234, 2.345]),
        ("|", "0.5", ("1,234", "2,345"), [1234, 2345]),
        (",", "0.5", ("1.234", "2.345"), [1.234, 2.345]),
        ("|", "7", ("987", "1.234", "12.345", "2.345"), [987, 1234, 12345, 2345]),
        (";", "7", ("987", "1,234", "12,345", "2,345"), [987, 1234, 12345, 2345]),
        ("|", "7", ("1,23,456", "12,345"), [123456, 12345]),
        ("|", "7", ("12 34", "5 6"), None),
    ],
)
def test_what_could_be_thousands_or_decimals_is_decided_by_the_column_and_the_file(
    read, delimiter, others, cells, numbers
):
    body = "".join(f"{others}{delimiter}{cell}\n" for cell in cells)

    table = read(f"a{delimiter}b\n{body}")

    assert (table.frame["b"].tolist() if table.formats["b"].type == "numeric" else None) == numbers


def test_the_rarest_of_proofs_decides_whether_days_come_first(read):
    days = [f"x,0{1 + i % 9}/0{1 + i % 7}/{1950 + i % 70}\n" for i in range(2000)]
    days[777] = "x,01/31/2000\n"

    table = read("a,b\n" + "".join(days))

    assert table.frame["b"].iloc[1] == pd.Timestamp(1951, 2, 2)
    assert table.formats["b"].date_format == "%m/%d/%Y"


def test_a_proof_in_a_later_block_decides_it_too(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 2000)
    days = [f"x,0{1 + i % 9}/0{2 + i % 7}/2024\n" for i in range(600)]

    table = read("a,b\n" + "".join(days) + "x,01/31/2024\n")

    assert table.frame["b"].iloc[0] == pd.Timestamp("2024-01-02")
    assert table.frame["b"].notna().all()


def test_days_first_beside_months_first_are_read_and_reported(read):
    table = read("a,b\n" + "x,13/01/2024\n" * 9 + "x,01/14/2024\n" * 3 + "x,02/03/2024\n")

    assert [f"{day:%m-%d}" for day in table.frame["b"].iloc[[0, 9, 12]]] == ["01-13", "01-14", "03-02"]
    assert report_of(table, "b")["date_orders_mixed"]


@pytest.mark.parametrize(
    ("text", "columns", "values"),
    [
        ("name\nSmith, John\nDoe, Jane\n", ["name"], [["Smith, John"], ["Doe, Jane"]]),
        ("price\n1,5\n2,25\n", ["price"], [[1.5], [2.25]]),
        ("t\nfoo; bar|baz, qux\nfoo\n", ["t"], [["foo; bar|baz, qux"], ["foo"]]),
        (
            "1,5;2,5;3,5\n4,5;1,0;2,2\n",
            ["column_1", "column_2", "column_3"],
            [[1.5, 2.5, 3.5], [4.5, 1, 2.2]],
        ),
        ("a;b\nfoo, bar;1\nbaz, qux;2\n", ["a", "b"], [["foo, bar", 1], ["baz, qux", 2]]),
        (",,name\n1,2,x\n3,4,y\n", ["column_1", "column_2", "name"], [[1, 2, "x"], [3, 4, "y"]]),
        ("#id,name\n1,x\n2,y\n", ["#id", "name"], [[1, "x"], [2, "y"]]),
        ("# a, b\nid,name\n1,x\n2,y\n", ["id", "name"], [[1, "x"], [2, "y"]]),
        ("Report,,\n,,\nid,name,n\n1,x,3\n2,y,4\n", ["id", "name", "n"], [[1, "x", 3], [2, "y", 4]]),
        (
            "5,,\n1,2,3\n4,5,6\n",
            ["column_1", "column_2", "column_3"],
            [[5, None, None], [1, 2, 3], [4, 5, 6]],
        ),
        ("a,b,c\n1,2,3\n4,5,6\n\nSource: me, and you\n", ["a", "b", "c"], [[1, 2, 3], [4, 5, 6]]),
        ("a,b,c\n1,2,3\n4,5,6\nred\n", ["a", "b", "c"], [["1", 2, 3], ["4", 5, 6], ["red", None, None]]),
    ],
)
def test_what_belongs_to_the_table_and_what_does_not(read, text, columns, values):
    table = read(text, min_columns=1)

    assert list(table.frame.columns) == columns
    frame = table.frame.astype(object)
    assert frame.where(frame.notna(), None).to_numpy().tolist() == values


def test_a_few_broken_bytes_do_not_spoil_the_other_letters(read):
    table = read(b"a,b\n" + "Köln,1\nÅhus,2\n".encode() * 20 + b"bad\xff,3\n")

    assert table.frame["a"].tolist()[:2] == ["Köln", "Åhus"]
    assert table.report["encoding"] == "utf-8"
    assert table.report["confidence"]["encoding"] < 1


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", b""), ("utf-16-be", b""), ("utf-32", b"")])
def test_wide_encodings_of_other_scripts_are_found(read, encoding, mark):
    text = "город,值\n京都,1\n東京,2\n"

    assert read(mark + text.encode(encoding)).frame["город"].tolist() == ["京都", "東京"]


@pytest.fixture
def formats(read):
    return read(written(SHEET)).formats


def test_a_file_to_predict_may_lack_the_target_and_have_other_columns_in_another_order(read, formats):
    sheet = SHEET.rename([f" {name.upper()}" for name in SHEET.header])
    order = [6, 3, 0, 1, 2, 4, 5, 7, 8, 9]
    rows = [["new", *(row[at] for at in order)] for row in [sheet.header, *sheet.rows[:50]]]

    table = read("\n".join(";".join(row) for row in rows), formats=formats)

    assert list(table.frame.columns) == ["new", *(SHEET.header[at] for at in order)]
    assert table.frame["day"].iloc[0] == pd.Timestamp(SHEET.rows[0][6])
    assert {name: table.formats[name].type for name in SHEET.header[:10]} == {
        name: formats[name].type for name in SHEET.header[:10]
    }


@pytest.mark.parametrize("rows", [1, 2])
def test_one_row_to_predict_is_enough(read, formats, rows):
    sheet = SHEET.map(SHEET.numbers, lambda cell: cell.replace(".", ","))
    text = "\n".join(";".join(row) for row in [sheet.header, *sheet.rows[:rows]])

    table = read(text, formats=formats)

    assert table.frame["weight"].tolist() == [float(row[0]) for row in SHEET.rows[:rows]]
    assert table.frame["zip"].tolist() == [row[5] for row in SHEET.rows[:rows]]


def test_names_that_are_numbers_are_found_in_any_order(read):
    formats = read("1,2,3\n4,5,x\n6,7,y\n", header=True).formats

    table = read("3,1,2\nx,4,5\n", formats=formats)

    assert list(table.frame.columns) == ["3", "1", "2"]
    assert table.frame["1"].tolist() == [4]


def test_flags_of_a_model_may_be_written_as_other_words(read):
    formats = read("a,b,n\ntrue,x,1\nfalse,y,0\n").formats

    table = read("a,b,n\nYes,x,TRUE\n0,y,false\nF,y,1\nmaybe,y,0\n", formats=formats)

    assert table.frame["a"].tolist()[:3] == [True, False, False]
    assert table.frame["n"].tolist() == [1, 0, 1, 0]
    assert report_of(table, "a")["unread_examples"] == ["maybe"]


def test_a_bad_cell_in_a_file_to_predict_is_missing_and_reported(read, formats):
    rows = [row.copy() for row in SHEET.rows[:40]]
    rows[3][0], rows[5][6] = "heavy", "someday"

    table = read("\n".join(",".join(row) for row in [SHEET.header, *rows]), formats=formats)

    assert np.flatnonzero(table.frame["weight"].isna()).tolist() == [3]
    assert np.flatnonzero(table.frame["day"].isna()).tolist() == [5]
    assert report_of(table, "weight")["unread_examples"] == ["heavy"]


def test_a_name_that_fits_two_columns_is_left_alone(read):
    formats = read("A,a,b\n1,2,x\n3,4,y\n").formats

    assert list(read("a,A,B\n1,2,x\n", formats=formats).frame.columns) == ["a", "A", "b"]
    assert list(read("b, B\nx,y\n", formats=formats).frame.columns) == ["b", "B"]


@pytest.mark.parametrize("size", [70, 131, 400])
def test_cells_of_several_lines_may_reach_over_the_end_of_any_block(read, monkeypatch, size):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", size)
    monkeypatch.setattr("automl.reading.rows.BLOCK_CHARACTERS", size)

    table = read("a,b,c\n" + "".join(f'{i},"first\n\nthird {i}",{i}.5\n' for i in range(400)))

    assert table.frame["a"].tolist() == [*range(400)]
    assert table.frame["b"].tolist() == [f"first\n\nthird {i}" for i in range(400)]


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_signs_that_end_no_line_of_a_file_cut_no_cell(read, sign):
    table = read("a,b,c\n" + "1,2,x\n" * 30 + f"3,4,note{sign}a word more\n")

    assert table.report["footer_rows"] == 0
    assert table.frame["a"].tolist()[-1] == 3


def test_a_cell_of_many_blanks_is_read_at_once(read):
    table = read("a,b\n" + "x,1\n" * 30 + "y,1" + " " * 500_000 + "2\n")

    assert len(table.frame) == 31


@pytest.mark.slow
@pytest.mark.parametrize("name", ["decimal commas, semicolons", "words for gaps"])
def test_a_model_of_a_messy_file_predicts_messy_rows(write, tmp_path, capsys, name):
    kind = KINDS[name]
    model, out = tmp_path / "model", tmp_path / "out.csv"
    train, rows = (
        write(kind.make(generated(400)), "train.csv"),
        write(kind.make(generated(120, seed=1)), "rows.csv"),
    )

    assert main(["fit", str(train), "--target", "sold", "--budget", "4", "--out", str(model)]) == 0
    assert main(["predict", str(model), str(rows), "--out", str(out)]) == 0

    found = pd.read_csv(out)
    meant = read_csv(write(written(kind.meant(generated(120, seed=1))), "clean.csv")).frame["sold"]
    assert found["row"].tolist() == list(range(120))
    assert (found["prediction"] == meant.astype(object)).mean() > 0.7
