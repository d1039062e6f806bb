"""Loading a stored model: checksums, versions, safe arrays, consistent content."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scoring
from scoring.links import logistic, softmax

MANIFEST = {
    "format_version": "1.0",
    "task": "classification",
    "target": "y",
    "classes": ["no", "yes"],
    "features": [
        {
            "name": "age",
            "type": "numeric",
            "nullable": False,
            "date_format": None,
            "missing_words": [],
            "number_style": "plain",
        }
    ],
    "unused_columns": ["id", "y"],
    "encoders": [{"kind": "number", "feature": "age", "fill": None}],
    "model": {"family": "linear", "link": "logistic"},
    "schema": {"type": "object", "required": ["age"]},
    "example": {"age": 30},
}
ARRAYS = {
    "center": np.array([40.0]),
    "scale": np.array([10.0]),
    "weights": np.array([[1.0]]),
    "intercept": np.array([0.0]),
}


def packed(arrays=ARRAYS, *, allow_pickle=False, **changes):
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=allow_pickle, **arrays)
    return buffer.getvalue(), json.dumps({**MANIFEST, **changes}).encode()


def load(npz, manifest):
    return scoring.load(npz, manifest, hashlib.sha256(npz).hexdigest(), hashlib.sha256(manifest).hexdigest())


def test_a_stored_model_answers_with_the_label_and_all_probabilities():
    model = load(*packed())

    answers = model.predict([{"age": 40}, {"age": 60.0}])

    assert answers[0] == {"prediction": "no", "probabilities": {"no": 0.5, "yes": 0.5}}
    assert answers[1]["prediction"] == "yes"
    assert answers[1]["probabilities"]["yes"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert model.example == {"age": 30}
    assert model.manifest["target"] == "y"


def test_no_instances_get_no_answers():
    assert load(*packed()).predict([]) == []


@pytest.mark.parametrize("damaged", ["npz", "manifest"])
def test_a_wrong_checksum_is_refused(damaged):
    npz, manifest = packed()
    digests = {"npz": hashlib.sha256(npz).hexdigest(), "manifest": hashlib.sha256(manifest).hexdigest()}
    digests[damaged] = "0" * 64

    with pytest.raises(scoring.ModelError, match="checksum"):
        scoring.load(npz, manifest, digests["npz"], digests["manifest"])


def test_an_unknown_major_version_is_refused_and_a_newer_minor_one_is_not():
    with pytest.raises(scoring.ModelError, match="format"):
        load(*packed(format_version="2.0"))

    assert load(*packed(format_version="1.7")).predict([{"age": 1}])


def test_object_arrays_are_refused():
    arrays = {**ARRAYS, "center": np.array([{"code": "danger"}], dtype=object)}

    with pytest.raises(scoring.ModelError, match="safely"):
        load(*packed(arrays, allow_pickle=True))


@pytest.mark.parametrize(
    ("npz", "manifest"),
    [
        (b"not a zip", packed()[1]),
        (b"", packed()[1]),
        (packed()[0], b"{"),
        (packed()[0], b"[]"),
        (packed()[0], b"\xff\xfe\x00"),
    ],
)
def test_damaged_files_are_refused(npz, manifest):
    with pytest.raises(scoring.ModelError):
        load(npz, manifest)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"family": "neural", "link": "logistic"}},
        {"model": {"family": "linear", "link": "cauchit"}},
        {"model": {}},
        {"features": [{}]},
        {"encoders": [{"kind": "number", "feature": "age"}, {"kind": "missing", "feature": "age"}] * 0},
        {"classes": None},
    ],
)
def test_a_manifest_that_makes_no_model_is_refused(changes):
    with pytest.raises(scoring.ModelError):
        load(*packed(**changes))


@pytest.mark.parametrize(
    "arrays", [{}, {**ARRAYS, "scale": np.array([1.0, 2.0])}, {**ARRAYS, "weights": np.array([1.0])}]
)
def test_linear_arrays_that_do_not_fit_are_refused(arrays):
    with pytest.raises(scoring.ModelError):
        load(*packed(arrays))


def test_links_do_not_overflow():
    extreme = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])

    assert logistic(extreme).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert softmax(np.array([[1e300, -1e300, 0.0]])).tolist() == [[1.0, 0.0, 0.0]]


def test_importing_scoring_imports_nothing_heavy():
    code = (
        "import sys, scoring;"
        "heavy = {'pandas', 'scipy', 'sklearn', 'lightgbm', 'boto3', 'pydantic'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    root = Path(scoring.__file__).parents[1]

    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def ensemble(**changes):
    """Return an ensemble of a linear model and of two trees in one walk, with changed arrays."""
    tree = {
        "feature": np.array([0, 0, 0, 0]),
        "threshold": np.array([40.0, 0.0, 0.0, 0.0]),
        "left": np.array([1, 0, 0, 0]),
        "right": np.array([2, 0, 0, 0]),
        "missing_left": np.zeros(4, dtype=bool),
        "value": np.array([[0.0], [-2.0], [2.0], [0.0]]),
        "roots": np.array([0, 3]),
        "trees": np.array([1, 1]),
        "base": np.array([[0.0], [1.0]]),
        "weight": np.array([0.25, 0.25]),
    }
    arrays = {f"0.{name}": array for name, array in ARRAYS.items()} | {"0.weight": np.array([0.5])}
    arrays |= {f"1.{name}": array for name, array in tree.items()}
    groups = [
        {"family": "linear", "link": "logistic"},
        {"family": "trees", "link": "logistic", "single_precision": False, "average": False},
    ]
    return packed({**arrays, **changes}, model={"family": "ensemble", "groups": groups})


def test_an_ensemble_answers_with_the_weighted_mean_of_its_parts():
    answer = load(*ensemble()).predict([{"age": 60}])[0]

    expected = 0.5 * logistic(np.array(2.0)) + 0.25 * logistic(np.array(2.0)) + 0.25 * logistic(np.array(1.0))
    assert answer["probabilities"]["yes"] == pytest.approx(float(expected), abs=1e-15)


@pytest.mark.parametrize(
    "changes",
    [
        {"1.trees": np.array([2, 1])},
        {"1.trees": np.array([2, 0])},
        {"1.weight": np.array([0.5])},
        {"1.weight": np.array([np.nan, 0.5])},
        {"1.left": np.array([-1, 0, 0, 0])},
        {"1.left": np.array([[1, 0, 0, 0]])},
        {"1.left": np.array([9, 0, 0, 0])},
        {"1.base": np.zeros((2, 2))},
        {"0.columns": np.array([1])},
        {"0.columns": np.array([-1])},
        {"0.columns": np.array([0, 0])},
    ],
)
def test_an_ensemble_whose_parts_do_not_fit_is_refused(changes):
    with pytest.raises(scoring.ModelError):
        load(*ensemble(**changes))


def test_an_ensemble_without_members_is_refused():
    with pytest.raises(scoring.ModelError):
        load(*packed({}, model={"family": "ensemble", "groups": []}))
