"""The archive: all that a model needs to run elsewhere, with checksums, the same bytes each time."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import scoring
from automl import FitConfig, fit, pack_archive
from automl.searching.workers import InProcess
from automl.serving.archive import readme
from tests.unit.automl.engine_samples import frozen, quick

# What a user of the archive does, with neither the project nor pandas in sight.
PROGRAM = """
import hashlib, json, pathlib, sys
sys.modules["pandas"] = sys.modules["sklearn"] = None
import scoring
npz, manifest = (pathlib.Path(name).read_bytes() for name in ("model.npz", "manifest.json"))
model = scoring.load(npz, manifest, *(hashlib.sha256(file).hexdigest() for file in (npz, manifest)))
print(json.dumps([scoring.__file__, model.predict([model.example])]))
"""


@pytest.fixture(scope="module")
def result(mixed_table):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automl.training.candidates", quick)
        return fit(mixed_table, FitConfig("sold", exclude=("price",)), workers=InProcess, clock=frozen)


@pytest.fixture(scope="module")
def archive(result):
    return pack_archive(result.npz_bytes, result.manifest_bytes)


def test_it_runs_where_only_numpy_is(result, archive, tmp_path):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(tmp_path)
    places = {"PYTHONPATH": os.pathsep.join([str(tmp_path), np.__path__[0].removesuffix("numpy")])}

    ran = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM],
        cwd=tmp_path,
        env=places,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    where, answers = json.loads(ran.stdout)
    assert where == str(tmp_path / "scoring" / "__init__.py")
    digests = [hashlib.sha256(file).hexdigest() for file in (result.npz_bytes, result.manifest_bytes)]
    model = scoring.load(result.npz_bytes, result.manifest_bytes, *digests)
    ((here,), (there,)) = (model.predict([model.example]), answers)
    assert there["prediction"] == here["prediction"]
    # Processes may add up in another order, by where their arrays stand in memory.
    assert there["probabilities"] == pytest.approx(here["probabilities"], abs=1e-12)


def test_it_holds_the_model_the_code_and_the_sums_of_all_else(result, archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}

    sums = members.pop("SHA256SUMS").decode()
    assert sums == "".join(f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in members.items())
    assert members["model.npz"] == result.npz_bytes
    assert members["manifest.json"] == result.manifest_bytes
    package = Path(scoring.__file__).parent
    # Reading the recipes that people write is no part of answering.
    sources = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*.py")
        if path.parent.name != "vocabulary"
    }
    assert members.keys() == {"model.npz", "manifest.json", "README.md"} | sources
    assert not any("__pycache__" in name for name in members)


def test_equal_models_make_equal_bytes(result, archive):
    assert pack_archive(result.npz_bytes, result.manifest_bytes) == archive


def test_the_readme_says_how_to_run_it_and_what_it_takes(result):
    text = readme(result.manifest)

    assert "python -m scoring predict . rows.csv" in text
    assert "PYTHONPATH=model.zip python -m scoring predict model.zip rows.csv" in text
    assert all(
        f"| {feature['name']} | {feature['type']} |" in text for feature in result.manifest["features"]
    )


def test_names_in_the_readme_cannot_break_its_tables(result):
    feature = {**result.manifest["features"][0], "name": "a|b\n# `c`"}

    text = readme({**result.manifest, "features": [feature] * 300, "target": "x\n\n# y"})

    assert "| a\\|b # 'c' |" in text
    assert "and 100 more" in text
    assert text.startswith("# A model of x # y\n")


def test_the_sample_of_a_result_is_of_known_rows(result):
    assert 100 <= len(result.sample) <= 200
    assert all(row.keys() == result.manifest["example"].keys() for row in result.sample)
