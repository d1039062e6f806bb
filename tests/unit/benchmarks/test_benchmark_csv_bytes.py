"""Training and test files hold the source file's own bytes."""

import pytest

from tests.benchmarks.automl.csv_bytes import cut, text
from tests.benchmarks.automl.sources import OWN, SplitError, load, names, own, split

LATIN = 'id;note;y\r\n1;"caf\xe9; au\r\nlait ""noir""";yes\r\n\r\n2; 5" nail;no\r\n3;\xa3 9;yes'.encode(
    "latin-1"
)


def test_records_keep_quotes_line_breaks_and_bytes_that_are_not_utf8() -> None:
    records = cut(LATIN)

    assert records.write(range(3)) == LATIN.replace(b"\r\n\r\n", b"\r\n") + b"\r\n"


def test_rows_are_written_in_the_order_asked_for() -> None:
    assert cut(b"a,b\n1,x\n2,y\n3,z").write([2, 0]) == b"a,b\n3,z\n1,x\n"


def test_a_blank_line_is_no_row_but_a_line_of_delimiters_is() -> None:
    assert len(cut(b"a,b\n1,2\n\n,\n").rows) == 2


def test_a_quote_inside_a_field_opens_nothing() -> None:
    assert cut(LATIN).rows[1] == [b"2", b' 5" nail', b"no"]


def test_cells_of_the_target_are_emptied_and_their_column_keeps_its_place() -> None:
    assert cut(b'y,,\n"a,b",1,\nc,2,\n').write([0, 1], blank=0) == b"y,,\n,1,\n,2,\n"


@pytest.mark.parametrize(
    ("header", "delimiter"), [(b"a,b;c,d", b","), (b'"x,y,z";b', b";"), (b"a\tb", b"\t"), (b"a|b", b"|")]
)
def test_the_delimiter_is_the_one_most_often_outside_quotes(header: bytes, delimiter: bytes) -> None:
    assert cut(header + b"\n").delimiter == delimiter


def test_a_quoted_cell_is_read_without_its_quotes() -> None:
    assert [text(field) for field in (b'"a ""b"""', b'"', b"c")] == ['a "b"', '"', "c"]


def test_a_split_yields_files_and_the_truth_in_order() -> None:
    data = split(
        "s", LATIN, "y", {"train": [1], "test": [2, 0]}, {0: "yes", 1: "no", 2: "yes"}, regression=False
    )

    assert data.train == b'id;note;y\r\n2; 5" nail;no\r\n'
    assert b"yes" not in data.test
    assert data.truth == ["yes", "yes"]


def test_a_split_of_another_file_is_refused() -> None:
    with pytest.raises(SplitError, match="row 1"):
        split("s", b"x,y\n1,a\n2,b\n", "y", {"train": [0], "test": [1]}, {0: "a", 1: "a"}, regression=False)


def test_a_folder_with_a_manifest_gives_its_sets(tmp_path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "splits").mkdir()
    (tmp_path / "data" / "MANIFEST.csv").write_text("name,file,target,task\ns,data/s.csv,y,regression\n")
    (tmp_path / "data" / "s.csv").write_text("x,y\n1,0.50\n2,7\n")
    (tmp_path / "splits" / "s.csv").write_text("row,part,y\n1,train,7.0\n0,test,0.50\n")

    data = load(tmp_path, "s")

    assert names(tmp_path) == ["s"]
    assert (data.train, data.test, data.truth, data.regression) == (
        b"x,y\n2,7\n",
        b"x,y\n1,\n",
        ["0.50"],
        True,
    )


def test_without_a_folder_scikit_learns_sets_are_taken_with_the_same_split_each_time(tmp_path) -> None:
    assert names(tmp_path) == list(OWN)
    for name in OWN:
        data = load(tmp_path, name)
        assert data == own(name)
        assert data.regression == (name == "diabetes")
        assert data.test.count(b"\n") == len(data.truth) + 1
