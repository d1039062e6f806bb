"""The command line: its commands, plain errors, exit codes."""

import csv
import json
import shutil
import zipfile

import numpy as np
import onnx
import pytest

from automl.cli import load_model, main
from automl.errors import ParityError, SearchError
from tests.unit.automl.engine_samples import quick

ROWS = "".join(
    f"{i * 7 % 31},{'red' if i % 3 else ''},{'yes' if i * 7 % 31 > 15 else 'no'}\n" for i in range(120)
)


@pytest.fixture(scope="module", autouse=True)
def few():
    """Leave two quick candidates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automl.training.candidates", quick)
        yield


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


def fitted(data, folder, *options):
    """Train with some options and return the manifest."""
    arguments = ["fit", str(data), "--budget", "2", "--out", str(folder), *options]
    assert main(arguments) == 0
    return json.loads((folder / "manifest.json").read_text("utf-8"))


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
    assert "Weighted ensemble" in printed.err or "Linear model" in printed.err
    assert {path.name for path in (tmp_path / "m").iterdir()} == {"model.npz", "manifest.json", "report.json"}


def test_predict_answers_each_row_in_the_order_of_the_file(model, data, tmp_path):
    out = tmp_path / "predictions.csv"

    assert main(["predict", str(model), str(data), "--out", str(out)]) == 0

    lines = predictions(out)
    assert list(lines[0]) == ["row", "prediction", "p_no", "p_yes"]
    assert [line["row"] for line in lines] == [str(row) for row in range(120)]
    shares = [float(line["p_no"]) + float(line["p_yes"]) for line in lines]
    assert shares == pytest.approx([1.0] * 120)
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


def test_rows_can_be_split_by_group_or_by_time(write, tmp_path):
    rng = np.random.default_rng(0)
    lines = "".join(
        f"shop {i // 6},2024-{i // 10 + 1:02}-{i % 10 + 1:02},{rng.normal():.3f}\n" for i in range(120)
    )
    data = write("shop,day,sales\n" + lines)

    grouped = fitted(data, tmp_path / "g", "--target", "sales", "--group", "shop")
    forward = fitted(data, tmp_path / "t", "--target", "sales", "--time", "day")

    assert "shop" not in {feature["name"] for feature in grouped["features"]}
    assert "shop" in {feature["name"] for feature in forward["features"]}
    # By time the model of the last fold alone is served: it learned from the most rows before the holdout.
    assert grouped["parameters"]["fitted_models"] > forward["parameters"]["fitted_models"]


def test_columns_can_be_left_out_and_kept(write, tmp_path):
    lines = "".join(f"{i + 1000},{i % 7},{i % 5},{i * 37 % 101}\n" for i in range(120))
    data = write("id,a,b,y\n" + lines)

    usual = fitted(data, tmp_path / "u", "--target", "y")
    asked = fitted(data, tmp_path / "a", "--target", "y", "--keep", "id", "--exclude", "a", "--exclude", "b")

    assert [feature["name"] for feature in usual["features"]] == ["a", "b"]
    assert [feature["name"] for feature in asked["features"]] == ["id"]
    assert asked["dropped_columns"] == {"a": "excluded", "b": "excluded"}


def test_a_compact_model_is_smaller(data, model, tmp_path):
    compact = fitted(data, tmp_path / "c", "--target", "sold", "--compact")

    whole = json.loads((model / "manifest.json").read_text("utf-8"))
    assert compact["parameters"]["fitted_models"] < whole["parameters"]["fitted_models"]
    assert (tmp_path / "c" / "model.npz").stat().st_size < (model / "model.npz").stat().st_size


def test_card_prints_the_model_card_and_refuses_a_damaged_report(model, tmp_path, capsys):
    assert main(["card", str(model), "--name", "shop", "--version", "3"]) == 0
    assert capsys.readouterr().out.startswith("# shop, version 3\n\nPredicts one of 2 classes of **sold**")
    assert main(["card", str(model)]) == 0
    assert capsys.readouterr().out.startswith("# model, version 1\n")

    for content in ("{", "[]", '{"task": "classification"}'):
        (tmp_path / "report.json").write_text(content, "utf-8")
        assert main(["card", str(tmp_path)]) == 1
        assert "report.json is damaged" in capsys.readouterr().err
    assert main(["card", str(tmp_path / "nowhere")]) == 1


def test_the_file_of_the_model_is_recorded(data, model):
    import hashlib

    manifest = json.loads((model / "manifest.json").read_text("utf-8"))

    assert manifest["data_sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()


def test_predict_answers_the_class_that_the_model_decides_for(model, data, tmp_path):
    decided = shutil.copytree(model, tmp_path / "decided")
    manifest = json.loads((decided / "manifest.json").read_text("utf-8"))
    manifest["model"]["decision"] = [1.0, 1e9]
    (decided / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    out = tmp_path / "p.csv"

    assert main(["predict", str(decided), str(data), "--out", str(out)]) == 0

    lines = predictions(out)
    assert {line["prediction"] for line in lines} == {"yes"}
    assert min(float(line["p_yes"]) for line in lines) < 0.5
    assert load_model(decided).predict([manifest["example"]])[0]["prediction"] == "yes"


@pytest.mark.parametrize("rows", ["data.csv", "rows.json"])
def test_export_writes_onnx_that_was_compared_on_rows(data, tmp_path, capsys, rows):
    path, model = data.with_name(rows), tmp_path / "m"
    fitted(data, model, "--target", "sold", "--no-recall")
    capsys.readouterr()
    if rows == "rows.json":
        path.write_text(json.dumps([{"number": 3, "colour": None}, {"number": 20, "colour": "red"}]), "utf-8")
    target = tmp_path / "model.onnx"

    status = main(["export", str(model), "--format", "onnx", "--rows", str(path), "--out", str(target)])

    said = capsys.readouterr()
    assert status == 0, said.err
    printed = json.loads(said.out)
    assert printed["bytes"] == target.stat().st_size
    assert printed["parity"] <= 1e-9
    assert [entry.name for entry in onnx.load(target).graph.input] == ["number", "colour"]


def test_what_onnx_has_no_words_for_is_a_plain_error(model, data, tmp_path, capsys):
    target = tmp_path / "model.onnx"

    status = main(["export", str(model), "--format", "onnx", "--rows", str(data), "--out", str(target)])

    assert status == 1
    assert capsys.readouterr().err.startswith("error: the model recalls known rows")
    assert not target.exists()


def test_export_writes_an_archive(model, tmp_path, capsys):
    target = tmp_path / "model.zip"

    assert main(["export", str(model), "--out", str(target)]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(target), "bytes": target.stat().st_size}
    with zipfile.ZipFile(target) as archive:
        assert archive.read("model.npz") == (model / "model.npz").read_bytes()


@pytest.mark.parametrize(
    ("rows", "says"),
    [(None, "--rows"), ("[1", "not JSON"), ('[{"number": 1, "colour": 2}]', "'colour'"), ("7", "an object")],
)
def test_rows_that_do_not_fit_are_a_plain_error(model, tmp_path, capsys, rows, says):
    path = tmp_path / "rows.json"
    path.write_text(rows or "", "utf-8")
    named = [] if rows is None else ["--rows", str(path)]

    status = main(["export", str(model), "--format", "onnx", *named, "--out", str(tmp_path / "m.onnx")])

    assert status == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "m.onnx").exists()


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


@pytest.mark.parametrize("option", ["--group", "--time", "--exclude"])
def test_an_option_that_names_no_column_is_a_plain_error(data, tmp_path, capsys, option):
    status = main(["fit", str(data), "--target", "sold", "--out", str(tmp_path / "m"), option, "nowhere"])

    assert status == 1
    assert "nowhere" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("fault", [SearchError("nothing could be fitted"), ParityError("they differ")])
def test_faults_of_the_engine_are_plain_too(data, tmp_path, capsys, monkeypatch, fault):
    def broken(*args, **options):
        raise fault

    monkeypatch.setattr("automl.cli.fit", broken)

    assert main(["fit", str(data), "--target", "sold", "--out", str(tmp_path / "m")]) == 1
    assert capsys.readouterr().err == f"error: {fault}\n"


@pytest.mark.parametrize("budget", ["0", "-1", "nan", "inf", "soon"])
def test_a_senseless_budget_is_a_wrong_command_line(budget, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["fit", "data.csv", "--target", "y", "--out", "m", "--budget", budget])

    assert caught.value.code == 2
