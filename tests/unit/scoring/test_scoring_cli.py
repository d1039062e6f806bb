"""The command line with an archive, with a folder, and what it refuses."""

import csv
import hashlib
import io
import os
import subprocess
import sys
import zipfile

import pytest

from scoring.errors import ModelError
from scoring.files.archive import open_model
from scoring.files.cli import main
from tests.conftest import ROOT
from tests.unit.scoring.batch_samples import FILE, HEADER, ROWS, packed


def sums(files):
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()
    ).encode()


def archive(path, **changes):
    npz, manifest = packed()
    files = {"model.npz": npz, "manifest.json": manifest, "README.md": b"read me"}
    files["SHA256SUMS"] = sums(files)
    files |= {name.replace("_", "."): content for name, content in changes.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, content in files.items():
            if content is not None:
                packing.writestr(name, content)
    return path


@pytest.fixture
def model(tmp_path):
    return archive(tmp_path / "model.zip")


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(FILE + "x,2,,,\n", "utf-8")
    return path


def test_predictions_and_errors_go_to_files(model, rows, tmp_path, capsys):
    out, errors = tmp_path / "p.csv", tmp_path / "e.csv"

    assert main(["predict", str(model), str(rows), "--out", str(out), "--errors", str(errors)]) == 0

    lines = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [line["prediction"] for line in lines] == ["yes", "yes", "yes", "yes", ""]
    assert errors.read_text("utf-8").splitlines()[1].startswith("4,age,not_a_number,")
    assert "5 rows, 1 of them with errors" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"model.zip", "rows.csv", "p.csv", "e.csv"}


def test_the_answers_of_a_folder_go_to_stdout(tmp_path, rows, capsysbinary):
    npz, manifest = packed()
    (tmp_path / "model.npz").write_bytes(npz)
    (tmp_path / "manifest.json").write_bytes(manifest)

    assert main(["predict", str(tmp_path), str(rows)]) == 0

    printed = capsysbinary.readouterr().out
    assert printed.startswith(HEADER.encode() + b",prediction,p_no,p_yes\n" + ROWS[0].encode() + b",yes,")


def test_rows_come_from_stdin_in_a_process_that_has_numpy_alone(model):
    code = (
        "import sys; from scoring.files.cli import main; status = main(sys.argv[1:]);"
        "heavy = {'pandas', 'scipy', 'sklearn', 'lightgbm', 'boto3', 'pydantic'} & set(sys.modules);"
        "sys.exit(status or (f'imported {heavy}' if heavy else 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "predict", str(model), "-"],
        input=FILE.encode(),
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers/scoring")},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1 + len(ROWS)


def test_the_module_runs(model, rows, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "scoring", "predict", str(model), str(rows), "--safe"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers/scoring")},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"\n") == 6


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("age,Price\n1,2\n", "'member', 'day', 'kind'"),
        ("", "empty"),
        (HEADER + "\n", "no rows"),
    ],
)
def test_a_file_that_cannot_be_scored_leaves_nothing_behind(model, tmp_path, capsys, content, message):
    rows, out = tmp_path / "bad.csv", tmp_path / "p.csv"
    rows.write_text(content, "utf-8")

    assert (
        main(["predict", str(model), str(rows), "--out", str(out), "--errors", str(tmp_path / "e.csv")]) == 1
    )

    assert message in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"model.zip", "bad.csv"}


def test_files_that_are_not_there_are_named(model, tmp_path, capsys):
    assert main(["predict", str(model), str(tmp_path / "none.csv")]) == 1
    assert main(["predict", str(tmp_path / "none.zip"), str(tmp_path / "none.csv")]) == 1
    assert capsys.readouterr().err.count("error: [Errno 2]") == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"manifest_json": None}, "no manifest.json"),
        ({"model_npz": None}, "no model.npz"),
        ({"model_npz": b"other"}, "checksum of model.npz"),
        ({"manifest_json": packed(target="other")[1]}, "checksum of manifest.json"),
        ({"SHA256SUMS": b"nothing"}, "checksum of model.npz"),
        ({"manifest_json": b"[1]", "SHA256SUMS": None}, "damaged"),
        ({"manifest_json": b"[" * 100_000, "SHA256SUMS": None}, "damaged"),
        ({"model_npz": b"other", "SHA256SUMS": None}, "checksum of model.npz"),
    ],
)
def test_an_archive_whose_files_do_not_belong_together_is_refused(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message):
        open_model(archive(tmp_path / "model.zip", **changes))


def test_what_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "model.zip"
    path.write_bytes(b"not a zip")
    with pytest.raises(ModelError, match="neither a folder nor a zip"):
        open_model(path)
    archive(path)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(ModelError):
        open_model(path)


def test_an_archive_that_is_damaged_anywhere_is_refused_or_read(tmp_path):
    path = archive(tmp_path / "model.zip", SHA256SUMS=None)
    sound = path.read_bytes()
    refused = 0
    for place in range(0, len(sound), 3):
        damaged = bytearray(sound)
        damaged[place] ^= 0xA5
        path.write_bytes(bytes(damaged))
        try:
            open_model(path)
        except ModelError:
            refused += 1
    assert refused > 0.5 * len(sound) / 3


def test_a_compression_that_is_not_read_is_named(tmp_path):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as compressed:
        compressed.writestr("model.npz", packed()[0])

    with pytest.raises(ModelError, match=r"model\.npz is compressed in a way"):
        open_model(path)


def test_a_member_that_grows_beyond_the_bound_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("scoring.files.archive.MAX_MEMBER_BYTES", 1000)
    bomb = io.BytesIO(b"\0" * 10_000).getvalue()
    with pytest.raises(ModelError, match="more than 1,000 bytes"):
        open_model(archive(tmp_path / "model.zip", model_npz=bomb))
