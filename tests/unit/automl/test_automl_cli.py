"""The command line: three commands, plain errors, exit codes."""

import csv
import json
import shutil

import pytest

from automl.cli import main

ROWS = "".join(
    f"{i * 7 % 31},{'red' if i % 3 else ''},{'yes' if i * 7 % 31 > 15 else 'no'}\n" for i in range(120)
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "data.csv"
    path.write_text("number,colour,sold\n" + ROWS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(data):
    folder = data.with_name("model")
    assert main(["fit", str(data), "--target", "sold", "--budget", "2", "--out", str(folder)]) == 0
    return folder


def predictions(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_fit_prints_the_result_on_stdout_and_progress_on_stderr(data, tmp_path, capsys):
    status = main(
        ["fit", str(data), "--target", "sold", "--budget", "2", "--out", str(tmp_path / "m"), "--seed", "1"]
    )

    printed = capsys.readouterr()
    assert status == 0
    assert json.loads(printed.out)["task"] == "classification"
    assert "fold 1 of " in printed.err
    assert {path.name for path in (tmp_path / "m").iterdir()} == {"model.npz", "manifest.json"}


def test_predict_answers_each_row_in_the_order_of_the_file(model, data, tmp_path):
    out = tmp_path / "predictions.csv"

    assert main(["predict", str(model), str(data), "--out", str(out)]) == 0

    lines = predictions(out)
    assert list(lines[0]) == ["row", "prediction", "p_no", "p_yes"]
    assert [line["row"] for line in lines] == [str(row) for row in range(120)]
    right = sum(line["prediction"] == ("yes" if i * 7 % 31 > 15 else "no") for i, line in enumerate(lines))
    assert right > 110


def test_predict_survives_bad_cells_extra_columns_and_another_dialect(model, write, tmp_path):
    out = tmp_path / "p.csv"
    rows = write("extra;colour;number\n1;red;30\n2;never seen;broken\n3;;1\n", name="rows.csv")

    assert main(["predict", str(model), str(rows), "--out", str(out)]) == 0

    assert len(predictions(out)) == 3
    assert predictions(out)[0]["prediction"] == "yes"
    assert predictions(out)[2]["prediction"] == "no"


def test_predict_names_the_columns_that_are_missing(model, write, tmp_path, capsys):
    status = main(
        ["predict", str(model), str(write("colour,b\nred,1\n", name="r.csv")), "--out", str(tmp_path / "p")]
    )

    assert status == 1
    assert "'number'" in capsys.readouterr().err


def test_a_regression_writes_numbers(write, tmp_path):
    data = write("x,y\n" + "".join(f"{i % 31},{i % 31 * 2.5}\n" for i in range(120)))
    out = tmp_path / "p.csv"
    assert main(["fit", str(data), "--target", "y", "--budget", "2", "--out", str(tmp_path / "m")]) == 0

    assert (
        main(["predict", str(tmp_path / "m"), str(write("x\n10\n", name="one.csv")), "--out", str(out)]) == 0
    )

    assert float(predictions(out)[0]["prediction"]) == pytest.approx(25, abs=5)


def test_profile_prints_json(data, capsys):
    assert main(["profile", str(data)]) == 0

    assert json.loads(capsys.readouterr().out)["rows"] == 120


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"a,b\n", "no data rows"), (b"%PDF-1.4", "PDF"), (b"a,b\n1,2\n", "target")],
)
def test_faults_of_the_data_are_one_plain_line(write, tmp_path, capsys, content, says):
    status = main(["fit", str(write(content)), "--target", "target", "--out", str(tmp_path / "m")])

    error = capsys.readouterr().err
    assert status == 1
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert says in error


def test_a_damaged_or_absent_model_is_a_plain_error(model, data, tmp_path, capsys):
    damaged = shutil.copytree(model, tmp_path / "damaged")
    (damaged / "model.npz").write_bytes(b"damaged")

    assert main(["predict", str(damaged), str(data), "--out", str(tmp_path / "p")]) == 1
    assert main(["predict", str(tmp_path / "nowhere"), str(data), "--out", str(tmp_path / "p")]) == 1
    assert "checksum" in capsys.readouterr().err
    (damaged / "manifest.json").write_text("[]")
    assert main(["predict", str(damaged), str(data), "--out", str(tmp_path / "p")]) == 1


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "inf", "soon"])
def test_a_senseless_budget_is_a_wrong_command_line(budget, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["fit", "data.csv", "--target", "y", "--out", "m", "--budget", budget])

    assert caught.value.code == 2
