"""Loading a stored model: checksums, versions, safe arrays, consistent content."""

import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import scoring
from scoring.families.links import logistic, softmax

pytestmark = pytest.mark.usefixtures("loops")

LINEAR = {"family": "linear", "link": "logistic"}
MODEL = {"groups": [LINEAR], "steps": ["numbers"]}
MANIFEST = {
    "format_version": "3.0",
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
    "encoders": [{"kind": "number", "feature": "age"}],
    "model": MODEL,
    "schema": {"type": "object", "required": ["age"]},
    "example": {"age": 30},
}
ARRAYS = {
    "step.0.columns": np.array([0]),
    "0.center": np.array([40.0]),
    "0.scale": np.array([10.0]),
    "0.weights": np.array([[1.0]]),
    "0.intercept": np.array([0.0]),
    "0.weight": np.array([1.0]),
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


def rewritten(npz, change):
    """Return an archive with each array's header or data changed, in a zip that is sound."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(npz)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"}", b"("),
        lambda content: content.replace(b"(1,)", b"(9" + b"9" * 12 + b",)"),
        lambda content: content[:40],
        lambda content: content[:-4],
        lambda content: b"\x93NUMPY\x01\x00\xff\xff" + content[10:],
        lambda content: content.replace(b"<f8", b"|O8"),
    ],
)
def test_arrays_that_are_damaged_or_boundless_are_refused(change):
    npz, manifest = packed()

    with pytest.raises(scoring.ModelError):
        load(rewritten(npz, change), manifest)


def test_a_damaged_stream_of_arrays_is_refused():
    npz, manifest = packed({**ARRAYS, "more": np.arange(5_000)})
    deflated = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(npz)) as old,
        zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    content = bytearray(deflated.getvalue())
    start = content.index(b"more.npy") + len(b"more.npy")
    content[start : start + 40] = b"\xff" * 40

    with pytest.raises(scoring.ModelError):
        load(bytes(content), manifest)


def test_no_instances_get_no_answers():
    assert load(*packed()).predict([]) == []


@pytest.mark.parametrize("damaged", ["npz", "manifest"])
def test_a_wrong_checksum_is_refused(damaged):
    npz, manifest = packed()
    digests = {"npz": hashlib.sha256(npz).hexdigest(), "manifest": hashlib.sha256(manifest).hexdigest()}
    digests[damaged] = "0" * 64

    with pytest.raises(scoring.ModelError, match="checksum"):
        scoring.load(npz, manifest, digests["npz"], digests["manifest"])


@pytest.mark.parametrize("version", ["1.0", "2.0", "4.0", "30.0", "", None, "two"])
def test_another_major_version_is_refused(version):
    with pytest.raises(scoring.ModelError, match="format"):
        load(*packed(format_version=version))


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2", "3.7"])
def test_every_minor_version_is_read(version):
    assert scoring.FORMAT_VERSION == "3.2"
    assert load(*packed(format_version=version)).predict([{"age": 1}])


@pytest.mark.parametrize(
    ("version", "newer"), [("3.0", False), ("3.2", False), ("3.x", False), ("3.7", True)]
)
def test_a_newer_model_that_cannot_be_read_is_refused_as_one(version, newer):
    model = {**MODEL, "groups": [{**LINEAR, "link": "of tomorrow"}]}

    with pytest.raises(scoring.ModelError, match="unknown link 'of tomorrow'") as refused:
        load(*packed(format_version=version, model=model))

    assert ("may need a newer release" in str(refused.value)) == newer


def test_object_arrays_are_refused():
    arrays = {**ARRAYS, "0.center": np.array([{"code": "danger"}], dtype=object)}

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
        {"model": {}},
        {"model": {**MODEL, "groups": []}},
        {"model": {**MODEL, "groups": [{"family": "neural", "link": "logistic"}]}},
        {"model": {**MODEL, "groups": [{"family": "linear", "link": "cauchit"}]}},
        {"model": {**MODEL, "groups": [{"family": "linear"}]}},
        {"model": {**MODEL, "groups": [{"family": "linear", "link": "softmax"}]}},
        {"model": {**MODEL, "groups": [{**LINEAR, "temperature": 0.0}]}},
        {"model": {**MODEL, "groups": [{**LINEAR, "temperature": -1.0}]}},
        {"model": {**MODEL, "groups": [{**LINEAR, "temperature": float("inf")}]}},
        {"model": {**MODEL, "groups": [{**LINEAR, "scale": {"center": 0.0}}]}},
        {"model": {**MODEL, "steps": []}},
        {"model": {**MODEL, "steps": ["pickle"]}},
        {"model": {**MODEL, "steps": ["scaled"]}},
        {"model": {**MODEL, "steps": ["codes"]}},
        {"model": {**MODEL, "steps": ["numbers", "numbers"]}},
        {"model": {**MODEL, "temperature": 0.0}},
        {"model": {**MODEL, "temperature": -2.0}},
        {"model": {**MODEL, "temperature": float("nan")}},
        {"model": {**MODEL, "temperature": float("inf")}},
        {"model": {**MODEL, "temperature": "hot"}},
        {"model": {**MODEL, "floor": 1.0}},
        {"model": {**MODEL, "floor": -0.1}},
        {"model": {**MODEL, "floor": float("nan")}},
        {"model": {**MODEL, "prior": [0.2, 0.3, 0.5]}},
        {"model": {**MODEL, "prior": [1.5, -0.5]}},
        {"model": {**MODEL, "prior": [float("nan"), 0.5]}},
        {"model": {**MODEL, "decision": [1.0]}},
        {"model": {**MODEL, "decision": [1.0, 1.0, 1.0]}},
        {"model": {**MODEL, "decision": [1.0, 0.0]}},
        {"model": {**MODEL, "decision": [1.0, -1.0]}},
        {"model": {**MODEL, "decision": [1.0, float("nan")]}},
        {"model": {**MODEL, "decision": [1.0, float("inf")]}},
        {"features": [{}]},
        {"encoders": []},
        {"encoders": [{"kind": "secret", "feature": "age"}]},
        {"encoders": [{"kind": "number", "feature": "age", "fill": 0.0}]},
        {"encoders": [{"kind": "number"}]},
        {"encoders": [{"kind": "category", "feature": "age", "levels": ["a"]}]},
        {"classes": None},
        {"classes": []},
        {"classes": ["a", "b", "c"]},
    ],
)
def test_a_manifest_that_makes_no_model_is_refused(changes):
    with pytest.raises(scoring.ModelError):
        load(*packed(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"0.scale": np.array([1.0, 2.0])},
        {"0.weights": np.array([1.0])},
        {"0.weights": np.array([["secret"]])},
        {"0.weight": np.array([])},
        {"0.weight": np.array([np.inf])},
        {"0.columns": np.array([1])},
        {"0.columns": np.array([-1])},
        {"0.columns": np.array([0, 0])},
        {"0.columns": np.array([[0]])},
        {"step.0.columns": np.array([1])},
        {"step.0.columns": np.array([-1])},
        {"step.0.columns": np.array([[0]])},
        {"step.0.columns": np.array([], dtype=int)},
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes):
    with pytest.raises(scoring.ModelError):
        load(*packed({**ARRAYS, **changes}))


@pytest.mark.parametrize("name", ARRAYS)
def test_a_missing_array_is_refused(name):
    with pytest.raises(scoring.ModelError):
        load(*packed({other: array for other, array in ARRAYS.items() if other != name}))


def test_the_class_of_the_highest_weighted_probability_is_answered():
    model = load(*packed(model={**MODEL, "decision": [3.0, 1.0]}))

    answers = model.predict([{"age": 45}, {"age": 60}])

    assert [answer["prediction"] for answer in answers] == ["no", "yes"]
    assert answers[0]["probabilities"]["yes"] > 0.5
    assert model.decide(np.array([[0.26, 0.74], [0.24, 0.76]])).tolist() == [0, 1]


def test_a_regressor_answers_numbers_within_its_bounds():
    scale = {"center": 100.0, "spread": 10.0, "log": False, "low": 90.0, "high": 125.0}
    group = {"family": "linear", "link": "identity", "scale": scale}
    model = load(*packed(task="regression", classes=[], model={**MODEL, "groups": [group]}))

    assert model.predict([{"age": 50}]) == [{"prediction": 110.0}]
    assert [answer["prediction"] for answer in model.predict([{"age": 0}, {"age": 1e300}])] == [90.0, 125.0]


@pytest.mark.parametrize("processors", [None, 1, 3, 100])
def test_many_rows_are_answered_in_chunks_as_alone(monkeypatch, processors):
    model = load(*packed())
    ages = {"age": np.arange(10.0)}
    whole = model.score(ages, 10)

    monkeypatch.setattr("scoring.model.CHUNK", 3)
    monkeypatch.setattr("os.cpu_count", lambda: processors)

    assert np.array_equal(model.score(ages, 10), whole)


def test_chunks_are_answered_side_by_side_by_as_many_threads_as_there_are_processors(monkeypatch):
    model = load(*packed())
    together = threading.Barrier(2, timeout=60)
    estimator = model._estimator
    monkeypatch.setattr("scoring.model.CHUNK", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    def answer(blocks):
        together.wait()
        return estimator.answer(blocks)

    model._estimator = SimpleNamespace(answer=answer)

    assert model.score({"age": np.arange(12.0)}, 12).shape == (12, 2)


def test_what_fails_in_a_thread_fails_for_who_asked(monkeypatch):
    model = load(*packed())
    monkeypatch.setattr("scoring.model.CHUNK", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    with pytest.raises(KeyError):
        model.score({"size": np.arange(10.0)}, 10)


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


def test_a_model_that_reads_what_is_no_feature_is_refused():
    with pytest.raises(scoring.ModelError, match="none of its features"):
        load(*packed(encoders=[{"kind": "difference", "feature": "age", "other": "secret"}]))


INTERVAL = {
    "coverage": 0.9, "half_width": 2.0, "relative": False, "floor": 0.0, "holdout_coverage": 0.88,
    "holdout_width": 4.0,
}  # fmt: skip


def regressor(**changes):
    scale = {"center": 100.0, "spread": 10.0, "log": False, "low": -1e308, "high": 1e308}
    group = {"family": "linear", "link": "identity", "scale": scale}
    return load(*packed(task="regression", classes=[], model={**MODEL, "groups": [group]}, **changes))


def test_a_number_comes_with_its_interval():
    model = regressor(interval=INTERVAL)

    assert model.predict([{"age": 50}]) == [
        {"prediction": 110.0, "interval": {"low": 108.0, "high": 112.0, "coverage": 0.9}}
    ]


def test_an_interval_may_grow_with_the_answer():
    model = regressor(interval={**INTERVAL, "half_width": 0.1, "relative": True, "floor": 120.0})

    ends = [answer["interval"] for answer in model.predict([{"age": 50}, {"age": 80}])]

    assert [(end["low"], end["high"]) for end in ends] == [(98.0, 122.0), (126.0, 154.0)]


def test_the_ends_of_an_interval_are_numbers_that_json_can_say():
    model = regressor(interval={**INTERVAL, "half_width": 1e308, "relative": True})

    (answer,) = model.predict([{"age": 80}])

    assert np.isfinite([answer["interval"]["low"], answer["interval"]["high"]]).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"half_width": -1.0},
        {"half_width": float("nan")},
        {"half_width": float("inf")},
        {"half_width": "wide"},
        {"floor": -1.0},
        {"coverage": 1.0},
        {"coverage": 0.0},
        {"coverage": None},
        {"colour": "red"},
    ],
)
def test_an_interval_that_makes_no_sense_is_refused(changes):
    with pytest.raises(scoring.ModelError, match="interval"):
        regressor(interval={**INTERVAL, **changes})


def test_an_interval_of_classes_is_not_looked_at():
    assert "interval" not in load(*packed(interval=INTERVAL)).predict([{"age": 1}])[0]


def test_warnings_of_read_rows_go_with_their_answers():
    feature = {**MANIFEST["features"][0], "training_range": [18, 90], "known_values": None}
    model = load(*packed(features=[feature]))

    rows = model.read([{"age": 17}, {"age": 18}])

    assert [warning["instance"] for warning in rows.warnings] == [0]
    assert len(list(model.answer(rows))) == 2
    with pytest.raises(scoring.InputError):
        model.predict([{"age": 17}], strict=True)


def test_the_memory_that_arrays_will_take_is_known_before_they_are_loaded():
    npz, _ = packed({"a": np.zeros(100_000)})

    assert 800_000 <= scoring.unpacked_bytes(npz) <= 801_000
    # Bits become truths of a byte each.
    npz, _ = packed({"a.bits": np.zeros(100_001, dtype=np.uint8)})
    assert 800_000 <= scoring.unpacked_bytes(npz) <= 802_000
    with pytest.raises(scoring.ModelError):
        scoring.unpacked_bytes(b"no archive")


@pytest.mark.parametrize(
    "bits",
    [
        np.zeros(2),
        np.zeros(0, dtype=np.uint8),
        np.zeros((2, 2), dtype=np.uint8),
        np.array([8, 255], dtype=np.uint8),
        np.array([1], dtype=np.uint8),
    ],
)
def test_bits_that_are_no_truths_are_refused(bits):
    with pytest.raises(scoring.ModelError):
        load(*packed({**ARRAYS, "a.bits": bits}))
