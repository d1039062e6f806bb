"""Tables that leave little to learn from: each becomes a model that serves, or a fault that says why."""

import hashlib
import json

import pytest

import scoring
from automl import FitConfig, fit
from automl.searching.workers import Forked, InProcess
from tests.unit.automl.engine_samples import quick

HARD = {
    "smallest": "x,y\n" + "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(20)),
    "rare classes": "x,y\n" + "".join(f"{i % 7},{'c' if i < 2 else 'ab'[i % 2]}\n" for i in range(40)),
    "a class of one row": "x,y\n" + "".join(f"{i % 7},{'c' if i < 1 else 'ab'[i % 2]}\n" for i in range(60)),
    "mostly missing": "x,z,y\n" + "".join(f"{i if i % 9 == 0 else ''},,{i / 8}\n" for i in range(50)),
    "only categories": "x,y\n" + "".join(f"c{i % 9},{i * 37 % 101}\n" for i in range(60)),
    "only text": "x,y\n" + "".join(f"some text about {i} things,{'ab'[i % 2]}\n" for i in range(60)),
    "only dates": "x,y\n" + "".join(f"2024-01-{i % 28 + 1:02},{i * 37 % 101}\n" for i in range(60)),
    "huge numbers": "x,y\n" + "".join(f"{i}e300,{i * 37 % 101}e12\n" for i in range(60)),
    "odd names": '"a,b",{"x": 1},y\n' + "".join(f"{i % 7},{i % 3},{'ab'[i % 2]}\n" for i in range(40)),
    "varies in few rows": "x,y\n" + "".join(f"{int(i < 2)},{i * 37 % 101}\n" for i in range(60)),
    "texts that are all different": "x,y\n"
    + "".join(f"{chr(97 + i % 26)}x {chr(97 + i // 26)}q,{i * 37 % 101 / 2}\n" for i in range(80)),
    "many classes": "x,y\n" + "".join(f"{i % 13},k{i % 13}\n" for i in range(120)),
    "only copies": "x,y\n" + "1,a\n2,b\n" * 30,
}
QUICK = {"smallest", "mostly missing", "only categories", "only copies", "a class of one row"}


def serves(result):
    npz, manifest = result.npz_bytes, result.manifest_bytes
    json.dumps(result.manifest, allow_nan=False)
    digests = (hashlib.sha256(content).hexdigest() for content in (npz, manifest))
    return scoring.load(npz, manifest, *digests).predict([result.manifest["example"]])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(content, id=name, marks=[pytest.mark.long] * (name not in QUICK))
        for name, content in HARD.items()
    ],
)
def test_hard_tables_become_models_that_serve(read, content, monkeypatch, make_clock):
    monkeypatch.setattr("automl.training.candidates", quick)

    result = fit(read(content), FitConfig("y"), clock=make_clock(step=0.02), workers=InProcess)

    assert serves(result)
    assert not any("could not be fitted" in warning for warning in result.warnings)


@pytest.mark.parametrize("name", ["smallest", "mostly missing", "only text", "huge numbers"])
def test_so_they_do_with_every_candidate_in_processes_of_their_own(read, name):
    result = fit(read(HARD[name]), FitConfig("y", budget_seconds=1.5), workers=Forked)

    assert serves(result)
