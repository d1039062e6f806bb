"""What is detected is reported with its confidence, and gives way to what the user says."""

import json

import pytest

from automl import DataError, read_csv
from scoring.files.written_numbers import STYLES


def entry(table, name):
    return next(column for column in table.report["columns"] if column["name"] == name)


@pytest.mark.parametrize(
    ("values", "sentinel", "found"),
    [
        (range(100), -1, [-1]),
        (range(100), -200, [-200]),
        (range(60), 999, [999]),
        (range(1, 8), 99, [99]),
        (range(-50, 50), -999, [-999]),
        (range(100), 99, []),
        (range(-300, 300), -200, []),
        ([0, 1], -1, []),
    ],
)
def test_numbers_that_stand_apart_and_repeat_are_reported_and_kept(read, values, sentinel, found):
    cells = [*list(values) * 3, *[sentinel] * 10]

    table = read("a,b\n" + "".join(f"x,{cell}\n" for cell in cells))

    assert [item["value"] for item in entry(table, "b")["sentinels"]] == found
    assert (table.frame["b"] == sentinel).sum() >= 10


def test_two_sentinels_in_one_column_are_both_found(read):
    cells = [*range(50), *[-1] * 5, *[9999] * 5]

    table = read("a,b\n" + "".join(f"x,{cell}\n" for cell in cells))

    assert [item["value"] for item in entry(table, "b")["sentinels"]] == [-1, 9999]


def test_a_dash_is_a_gap_among_words_and_a_sign_among_signs(read):
    table = read("word,sign\nred,+\n-,-\nblue,+\n-,-\n")

    assert table.frame["word"].dropna().tolist() == ["red", "blue"]
    assert table.formats["word"].missing_words == ("-",)
    assert table.frame["sign"].tolist() == ["+", "-", "+", "-"]


def test_day_and_month_are_decided_from_the_whole_column(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 2000)
    early = "".join(f"x,0{1 + i % 9}/0{1 + i % 7}/2024\n" for i in range(300))
    late = "".join(f"x,0{1 + i % 9}/{13 + i % 15}/2024\n" for i in range(300))

    table = read("a,b\n" + early + late)

    assert table.formats["b"].date_format == "%m/%d/%Y"
    assert table.frame["b"].notna().all()
    assert not entry(table, "b")["date_order_open"]


def test_dates_that_could_be_swapped_are_reported_as_open(read):
    table = read("a,b\n" + "".join(f"x,0{1 + i % 9}/0{1 + i % 7}/2024\n" for i in range(50)))

    assert entry(table, "b")["date_order_open"]
    assert entry(table, "b")["confidence"] == 0.5


def test_decimals_that_come_late_do_not_make_words_of_numbers(read, monkeypatch):
    monkeypatch.setattr("automl.reading.rows.FIRST_BLOCK_CHARACTERS", 2000)
    rows = "".join(f"x;{i % 50}\n" for i in range(600)) + "".join(f"x;{i},5\n" for i in range(600))

    table = read("a;b\n" + rows)

    assert table.formats["b"].type == "numeric"
    assert table.frame["b"].iloc[-1] == 599.5


@pytest.mark.parametrize("cells", [("1,234", "12,345", "1,234,567"), ("1 234", "12 345", "1 234 567")])
def test_thousands_separators_are_read_and_named(read, cells):
    table = read("a|b\n" + "".join(f"x|{cell}\n" for cell in cells))

    assert table.frame["b"].tolist() == [1234, 12345, 1234567]
    assert entry(table, "b")["number_style"] in STYLES[1:]


def test_words_for_yes_and_no_stay_and_are_named(read):
    table = read("a,b,c\nYes,J,ja\nno,x,nein\nYES,y,ja\n")

    assert entry(table, "a")["boolean_words"] == {"true": "yes", "false": "no"}
    assert entry(table, "c")["boolean_words"] == {"true": "ja", "false": "nein"}
    assert entry(table, "b")["boolean_words"] is None
    assert table.frame["a"].tolist() == ["Yes", "no", "YES"]


BODY = "".join(f"{40 + i % 9},x{i % 3},{i}.5\n" for i in range(30))


@pytest.mark.parametrize(
    ("first", "header"),
    [
        ("age,kind,size\n", True),
        ("39,x1,7.5\n", False),
        ("39,,7.5\n", False),
        ("39,x1,\n", False),
        ("?,kind,size\n", True),
        ("2019,kind,2020\n", True),
        ("0,1,2\n", True),
        ("42,kind,size\n", True),
    ],
)
def test_a_first_row_of_values_is_no_header(read, first, header):
    table = read(first + BODY)

    assert table.report["header"] is header
    assert len(table.frame) == 30 + (not header)
    assert 0.5 < table.report["confidence"]["header"] <= 1


def test_words_above_the_same_words_are_no_header(read):
    assert not read("red,big\n" + "red,small\nblue,big\n" * 20).report["header"]
    assert read("colour,size\n" + "red,small\nblue,big\n" * 20).report["header"]


def test_what_the_user_says_wins(write):
    path = write("1;2,5|x\n3;4,5|y\n", encoding="cp1252")

    table = read_csv(path, delimiter=";", header=False, encoding="cp1252", min_columns=1)

    assert list(table.frame.columns) == ["column_1", "column_2"]
    assert table.report["given"] == {"delimiter": ";", "header": False, "encoding": "cp1252"}
    assert table.report["confidence"] == {"encoding": 1.0, "delimiter": 1.0, "header": 1.0}


def test_the_decimal_sign_can_be_given(write):
    path = write("a;b\n" + "x;1.234\n" * 5 + "x;2.345\n")

    assert read_csv(path).frame["b"].iloc[0] == 1.234
    assert read_csv(path, decimal=",").frame["b"].iloc[0] == 1234


@pytest.mark.parametrize(
    "override",
    [{"delimiter": ""}, {"delimiter": ",,"}, {"delimiter": "a"}, {"decimal": ";"}, {"encoding": "base64"}],
)
def test_a_senseless_override_is_a_value_error(write, override):
    with pytest.raises(ValueError, match="must be"):
        read_csv(write("a,b\n1,2\n"), **override)


def test_a_guessed_encoding_is_less_sure_than_a_valid_one(read):
    assert read("a,b\nKöln,1\n").report["confidence"]["encoding"] == 1
    assert read("a,b\nKöln,1\n".encode("cp1252")).report["confidence"]["encoding"] < 0.9


def test_the_report_is_strict_json(read):
    table = read("a,b,d\n" + "1,x,01/02/2024\n-1,y,\n" * 20)

    json.dumps(table.report, allow_nan=False)


@pytest.mark.parametrize("override", [{"header": True}, {"delimiter": "|"}, {"encoding": "utf-16"}])
def test_a_wrong_override_ends_in_a_table_or_a_sentence(write, override):
    try:
        outcome = len(read_csv(write("1,2\n3,4\n5,6\n"), **override).frame)
    except DataError as error:
        outcome = error.message
    assert outcome
