"""Files to rows: encodings, delimiters, headers, quotes, and what is refused."""

import io

import pytest

from scoring.files.encodings import MAX_RECORD_BYTES, TableError, find_encoding, line_end
from scoring.files.records import MAX_CELL_CHARACTERS, MAX_LINES_IN_A_ROW, Dialect, records_of
from scoring.files.tables import Table
from tests.unit.scoring.batch_samples import FILE, HEADER, ROWS, model

FEATURES = model().features
TYPED = "age;Price;member;day;kind\n40;1,5;true;31/01/2024;flat\n41;2,5;no;01/02/2024;house\n"


def opened(content, encoding="utf-8", **options):
    raw = content if isinstance(content, bytes) else content.encode(encoding)
    return Table(io.BytesIO(raw), FEATURES, **options)


def cells(content, encoding="utf-8", **options):
    return [
        block.row(i) for block in opened(content, encoding, **options).blocks() for i in range(len(block))
    ]


def raw(content, encoding="utf-8", **options):
    """Return the raw columns and the faults of a file of one block."""
    table = opened(content, encoding, **options)
    (block,) = table.blocks()
    columns, faults = table.raw_columns(block)
    return {name: column.tolist() for name, column in columns.items()}, faults


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings_are_found(encoding):
    content = f"{HEADER}\n1,2,,,Köln\n3,4,,,Straße\n"
    if encoding == "utf-16-be":
        content = "\ufeff" + content
    assert raw(content, encoding)[0]["kind"] == ["Köln", "Straße"]


def test_text_beyond_ascii_may_come_late():
    plain = f"{HEADER}\n" + "1,2,,,flat\n" * 500
    for encoding in ("utf-8", "cp1252"):
        rows = cells(plain + "1,2,,,Köln\n", encoding, block_bytes=400)
        assert rows[-1][-1] == "Köln"


def test_some_damaged_bytes_do_not_change_the_encoding():
    content = f"{HEADER}\n".encode() + "1,2,,,Köln\n".encode() * 30 + b"1,2,,,K\xf6ln\n"
    assert raw(content)[0]["kind"] == ["Köln"] * 30 + ["K\ufffdln"]


def test_bytes_that_windows_leaves_open_are_read():
    assert raw(f"{HEADER}\n".encode() + b"1,2,,,a\x81\xe4\n")[0]["kind"] == ["a\x81ä"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(delimiter, end):
    content = FILE.replace(",", delimiter).replace("\n", end)
    assert cells(content) == [row.split(",") for row in ROWS]


def test_the_delimiter_is_the_one_that_finds_the_names():
    content = "a|b,c;age;Price;member;day;kind\nx|y,z,1,2;40;1;;;\n"
    assert cells(content) == [["x|y,z,1,2", "40", "1", "", "", ""]]


def test_decimal_commas_are_read_where_the_training_had_points():
    columns, faults = raw(TYPED)
    assert (columns["Price"], faults) == ([1.5, 2.5], [])


def test_names_may_differ_in_case_and_blanks_and_order():
    columns, _ = raw(" KIND ,other,price,AGE,Day,Member\nflat,x,1,2,,yes\n")
    assert (columns["age"], columns["Price"], columns["kind"], columns["member"]) == (
        [2.0],
        [1.0],
        ["flat"],
        [1.0],
    )


def test_all_missing_columns_are_named():
    with pytest.raises(TableError) as refused:
        opened("age,other\n1,2\n")
    assert refused.value.code == "missing_columns"
    assert all(name in refused.value.message for name in ("'Price'", "'member'", "'day'", "'kind'"))


def test_lines_above_the_header_and_excels_own_are_skipped():
    assert cells(f"sep=;\n{TYPED}")[0] == ["40", "1,5", "true", "31/01/2024", "flat"]
    assert cells(f"Report of May\n\nfor,you\n{FILE}") == [row.split(",") for row in ROWS]


def test_blank_lines_and_comments_are_no_rows():
    assert cells(f"{HEADER}\n\n{ROWS[0]}\n# a comment\n   \n{ROWS[1]}\n\n") == [
        row.split(",") for row in ROWS[:2]
    ]


def test_row_names_without_a_header_are_a_column_of_their_own():
    table = opened(f"{HEADER}\nr1,{ROWS[0]}\nr2,{ROWS[1]}\n")
    assert table.header == ["", *HEADER.split(",")]


def test_a_model_of_one_column_reads_a_file_of_one_column():
    table = Table(io.BytesIO(b"kind\nBonn, West\na;b\n"), [FEATURES[-1]])
    (block,) = table.blocks()
    assert block.column(0) == ["Bonn, West", "a;b"]
    assert table.delimiter == "\t"


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends():
    content = f'{HEADER}\n1,"2","true",,"a, ""b""\r\nc"\n{ROWS[0]}\n'
    assert cells(content)[0] == ["1", "2", "true", "", 'a, "b"\r\nc']
    for block_bytes in (len(HEADER) + 2, 60, 70):
        assert cells(content, block_bytes=block_bytes) == cells(content)


def test_quotes_behind_backslashes_are_read():
    assert cells(f'{HEADER}\n1,2,,,"a \\"b\\", c"\n')[0][-1] == 'a "b", c'


def test_quotes_that_mean_nothing_are_kept():
    rows = [f'1,2,,,5" pipe {i}' for i in range(20)]
    assert [row[-1] for row in cells("\n".join([HEADER, *rows]))] == [f'5" pipe {i}' for i in range(20)]


def test_a_quote_that_is_never_closed_spoils_its_line_alone():
    good = ["1,2,,,flat"] * 300
    content = "\n".join([HEADER, *good, '1,2,,,"open', *good, '7,8,,,"open at the end', "9,9,,,flat"])
    table = opened(content, block_bytes=1000)
    faults, rows = [], 0
    for block in table.blocks():
        faults += [(block.first_row + fault.row, fault.code) for fault in block.faults]
        rows += len(block)
    assert (faults, rows) == ([(300, "malformed"), (601, "malformed")], 603)


def test_a_cell_beyond_the_bound_spoils_its_line_alone():
    content = f"{HEADER}\n{ROWS[0]}\n1,2,,,{'x' * (MAX_CELL_CHARACTERS + 1)}\n{ROWS[1]}\n"
    table = opened(content)
    (block,) = table.blocks()
    assert [(fault.row, fault.code) for fault in block.faults] == [(1, "malformed")]
    assert block.row(2) == ROWS[1].split(",")


def test_a_file_without_line_ends_is_refused_before_it_fills_the_memory():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TableError) as refused:
        Table(endless, FEATURES)
    assert refused.value.code == "malformed"
    assert endless.taken <= MAX_RECORD_BYTES


def test_a_nul_means_nothing():
    columns, faults = raw(f"{HEADER}\n".encode() + b"4\0" + b"0,1.5,,,fl\0at\n" + b"41,2,,,house\n" * 99)
    assert (columns["age"][0], columns["kind"][0], faults) == (40.0, "flat", [])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n \r\n", "empty_file"),
        (b"\xef\xbb\xbf\n", "empty_file"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, "not_csv"),
        (b"\xff\xfe\x00\x00" + "a,b\n".encode("utf-32-le") + b"\xff\xff\xff\x7f" * 10, "not_csv"),
        (b"1,2,3\n4,5,6\n", "missing_columns"),
        ((",".join(f"c{i}" for i in range(10_001)) + f",{HEADER}\n").encode(), "too_many_columns"),
    ],
)
def test_what_is_no_table_for_the_model_is_refused(content, code):
    with pytest.raises(TableError) as refused:
        opened(content)
    assert refused.value.code == code


def test_a_binary_head_is_no_text():
    with pytest.raises(TableError, match="binary"):
        find_encoding(bytes(range(1, 9)) * 100)


@pytest.mark.parametrize(
    ("content", "encoding", "end"),
    [
        (b"a\nb", "ascii", 2),
        (b"a\r\nb", "ascii", 3),
        (b"a\rb\r", "ascii", 2),
        (b"ab", "ascii", 0),
        ("a\nb".encode("utf-16-le"), "utf-16-le", 4),
        # The second byte of this character and the first of the next look like a line end.
        ("\u0a00\u0a41".encode("utf-16-be"), "utf-16-be", 0),
        ("x\n\u0a00\u0a41".encode("utf-16-be"), "utf-16-be", 4),
    ],
)
def test_lines_end_at_whole_characters(content, encoding, end):
    assert line_end(content, encoding) == end


def test_a_record_that_does_not_end_is_left_for_the_next_block():
    text = 'a,b\n1,"two\nthree'
    assert [record.cells for record in records_of(text, Dialect(","), whole=False)] == [["a", "b"]]
    whole = list(records_of(text, Dialect(","), whole=True))
    assert [record.sound for record in whole] == [True, False, True]
    assert whole[-1].end == len(text)


def test_a_record_has_a_bounded_number_of_lines():
    text = '"' + "x\n" * (MAX_LINES_IN_A_ROW + 5)
    assert not next(iter(records_of(text, Dialect(","), whole=False))).sound
