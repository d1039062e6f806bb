"""Batch scoring: answers beside the rows, row by row, whatever the file looks like."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.files.batch import MAX_FAULTS_OF_A_ROW, BatchScorer
from scoring.files.encodings import TableError
from tests.unit.scoring.batch_samples import FILE, HEADER, ROWS, features, model, score

MODEL = model()


def table(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def errors_of(text):
    return [(int(line["row"]), line["feature"], line["code"]) for line in table(text)]


def test_each_row_is_answered_as_predict_answers_it():
    predictions, errors, state = score(FILE, scorer_model=MODEL)

    lines = table(predictions)
    assert list(lines[0]) == [*HEADER.split(","), "prediction", "p_no", "p_yes"]
    assert predictions.splitlines()[1].startswith("40,1.5,true,31/01/2024,flat,yes,")
    instances = [
        {"age": 40, "Price": 1.5, "member": True, "day": "2024-01-31", "kind": "flat"},
        {"age": 41, "Price": 2.5, "member": False, "day": "2024-02-01", "kind": "house"},
        {"age": None, "Price": 3, "member": None, "day": None, "kind": None},
        {"age": 43, "Price": 1000, "member": True, "day": "2024-02-01", "kind": "castle"},
    ]
    for line, answer in zip(lines, MODEL.predict(instances), strict=True):
        assert line["prediction"] == answer["prediction"]
        assert float(line["p_yes"]) == pytest.approx(answer["probabilities"]["yes"], abs=1e-12)
    assert errors == "row,feature,code,message\n"
    assert (state["rows"], state["row_errors"]) == (4, 0)


def test_a_regression_is_answered_by_a_number():
    predictions, _, _ = score(FILE, scorer_model=model(task="regression"))
    assert float(table(predictions)[0]["prediction"]) == pytest.approx(110)


def test_an_interval_adds_its_ends():
    class Interval:
        def ends(self, predicted):
            return predicted - 1, predicted + 2

    regression = model(task="regression")
    regression.interval = Interval()
    line = table(score(FILE, scorer_model=regression)[0])[0]
    ends = {name: float(line[name]) for name in ("prediction", "low", "high")}
    assert ends == pytest.approx({"prediction": 110.0, "low": 109.0, "high": 112.0})


def test_faulty_rows_stay_in_their_place_without_an_answer():
    rows = [
        "forty,1,,,",
        ROWS[0],
        "1,,,,",
        "1,1,maybe,32/01/2024,",
        "1,2",
        "1,2,,,,,7",
        "1,2,,,,",
        "1e999,2,,,",
        ROWS[1],
    ]
    predictions, errors, state = score("\n".join([HEADER, *rows]))

    lines = table(predictions)
    assert [bool(line["prediction"]) for line in lines] == [
        False, True, False, False, False, False, True, False, True,
    ]  # fmt: skip
    assert [line["p_yes"] == "" for line in lines] == [not line["prediction"] for line in lines]
    assert lines[4]["age"] == "1"
    assert errors_of(errors) == [
        (0, "age", "not_a_number"),
        (2, "Price", "null"),
        (3, "member", "wrong_type"),
        (3, "day", "bad_date"),
        (4, "", "wrong_cells"),
        (5, "", "wrong_cells"),
        (7, "age", "not_finite"),
    ]
    assert "'forty'" in table(errors)[0]["message"]
    assert "2 cells" in table(errors)[4]["message"]
    assert (state["rows"], state["row_errors"], state["listed"]) == (9, 6, 7)


def test_the_faults_of_one_row_are_listed_up_to_a_bound():
    many = [{**features()[0], "name": f"n{i}", "nullable": False} for i in range(MAX_FAULTS_OF_A_ROW + 5)]
    wide = model(inputs=[*features(), *many])
    header = ",".join([HEADER, *(entry["name"] for entry in many)])
    _, errors, state = score(f"{header}\n{ROWS[0]}{',x' * len(many)}\n", scorer_model=wide)
    assert len(table(errors)) == state["listed"] == MAX_FAULTS_OF_A_ROW
    assert state["row_errors"] == 1


def test_names_that_a_column_has_get_a_number():
    predictions, _, _ = score(
        f"prediction,{HEADER},p_yes,prediction_2\nx,{ROWS[0]},y,z\n", scorer_model=MODEL
    )
    names = predictions.splitlines()[0].split(",")
    assert names == [
        "prediction",
        *HEADER.split(","),
        "p_yes",
        "prediction_2",
        "prediction_3",
        "p_no",
        "p_yes_2",
    ]


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("=1+1", True),
        ("+cmd|' /C calc'!A0", True),
        ("-2+3", True),
        ("@SUM(A1)", True),
        ("\uff1d1+1", True),
        ("\t=1", True),
        ("-5.5", False),
        ("+7", False),
        ("-1,234.50", False),
        ("a=b", False),
    ],
)
def test_formulas_are_made_texts_on_request(cell, guarded):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[*HEADER.split(","), "=note"], [*ROWS[0].split(","), cell]])
    safe = table(score(buffer.getvalue(), safe=True)[0])[0]
    as_is = table(score(buffer.getvalue())[0])[0]
    assert safe["'=note"] == ("'" if guarded else "") + cell
    assert as_is["=note"] == cell


def test_labels_are_quoted_and_made_safe():
    odd = model(classes=("=a,b", 'say "no"'))
    assert table(score(FILE, scorer_model=odd)[0])[0]["prediction"] == 'say "no"'
    flipped = model(classes=('say "no"', "=a,b"))
    assert table(score(FILE, scorer_model=flipped, safe=True)[0])[0]["prediction"] == "'=a,b"


def test_a_file_without_rows_is_refused():
    for content in (HEADER, HEADER + "\n", HEADER + "\r\n\r\n"):
        with pytest.raises(TableError, match="no rows"):
            score(content)


def written(cells, delimiter):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n")


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\r\t"\\,;'), max_size=12)
NUMBER = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers(-(10**9), 10**9).map(str)


@given(
    rows=st.lists(st.tuples(NUMBER, NUMBER, CELL, CELL), min_size=1, max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    block_bytes=st.sampled_from([80, 200, 1 << 20]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
)
def test_what_comes_out_is_what_went_in_with_the_answers_beside_it(
    rows, end, delimiter, block_bytes, encoding
):
    given = [[age, price, "", "", kind, note, "x"] for age, price, kind, note in rows]
    lines = [[*HEADER.split(","), "note", "end"], *given]
    content = "".join(written(cells, delimiter) + end for cells in lines)
    if encoding == "utf-16-be":
        content = "\ufeff" + content

    predictions, _, state = score(content, encoding, MODEL, block_bytes=block_bytes)

    read = list(csv.reader(io.StringIO(predictions.removeprefix("\ufeff"), newline=""), delimiter=delimiter))
    # Blanks behind a delimiter are dropped, as by the training.
    assert [[cell.lstrip(" ") for cell in line[:7]] for line in read[1:]] == [
        [cell.lstrip(" ") for cell in row] for row in given
    ]
    assert state["rows"] == len(rows)
    assert predictions.startswith("\ufeff") == (encoding != "utf-8")


def many_rows(count, note='quoted "note",\nin two lines'):
    rng = np.random.default_rng(0)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*HEADER.split(","), "note"])
    for i in range(count):
        price = "bad" if i % 7 == 0 else round(float(rng.exponential(2)), 3)
        kind = ["flat", "house", "Köln", ""][i % 4]
        writer.writerow([i % 90, price, "", f"{1 + i % 28:02d}/03/2024", kind, note * (i % 3 == 0)])
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_going_on_from_any_state_gives_the_same_bytes(encoding, task):
    content, loaded = many_rows(300).encode(encoding), model(task=task)
    whole = list(BatchScorer(loaded, io.BytesIO(content), block_bytes=1000).run())
    assert len(whole) > 10
    for stop in range(len(whole) - 1):
        # A state goes through JSON on its way to the next worker.
        state = json.loads(json.dumps(whole[stop].state))
        rest = list(BatchScorer(loaded, io.BytesIO(content), state=state, block_bytes=1000).run())
        assert rest == whole[stop + 1 :]


def test_block_bounds_change_no_row():
    content = many_rows(200)
    in_one = table(score(content)[0])
    in_many = table(score(content, block_bytes=128)[0])
    assert [line["note"] for line in in_one] == [line["note"] for line in in_many]
    assert [line["prediction"] for line in in_one] == [line["prediction"] for line in in_many]
    assert [float(line["p_no"] or 0) for line in in_one] == pytest.approx(
        [float(line["p_no"] or 0) for line in in_many], abs=1e-12
    )
