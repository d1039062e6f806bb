"""The export: what is stored, that it answers as what was fitted, and what a client is told."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scoring
from automl import FitConfig, ParityError, fit
from automl.features.encoders import choose_encoders
from automl.learners import Candidate
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.linear import LinearLearner
from automl.searching.folds import FoldFitter, Training, split_rows
from automl.searching.search import Trial
from automl.searching.workers import InProcess, Job
from automl.searching.zoo import candidates
from automl.serving.ensemble import Ensemble
from automl.serving.export import (
    TOLERANCE,
    check_parity,
    difference,
    hostile_instances,
    input_features,
    input_schema,
    instances_of,
    json_safe,
    pack_arrays,
    pack_manifest,
)
from automl.table import ColumnFormat
from scoring.inputs import Feature
from scoring.intervals import Interval
from scoring.model import read_arrays, unpacked_bytes
from scoring.reader import Reader
from tests.unit.automl.conftest import FakeClock
from tests.unit.automl.engine_samples import choice_of, frozen, manifest_of, quick, searched, served

FEATURES = ["number", "gappy", "city", "day", "note", "member"]


@pytest.fixture(scope="module")
def built(mixed_table):
    """For each target: the arrays and the manifest of a small ensemble, and what a parity check needs."""
    targets = ("price", "sold", "grade")
    made = {}
    for target in targets:
        exclude = tuple({*targets} - {target})
        data, search = searched(mixed_table, quick(), target, exclude=exclude)
        folds = range(search.folds)
        ensemble = Ensemble.of(choice_of(data, search.trials), data.training, data.splits, folds)
        exported = ensemble.export()
        manifest, features = manifest_of(data, exported)
        encoders = data.training.encoders

        def predict(raw, rows, encoders=encoders, ensemble=ensemble):
            return ensemble.predict(encoders.encode(raw, rows))

        parts = {"predict": predict, "features": features, "frame": data.frame, "columns": data.columns}
        made[target] = exported, manifest, parts
    return made


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
def test_what_is_stored_answers_as_what_was_fitted(built, target):
    exported, manifest, parts = built[target]

    worst = check_parity(pack_arrays(exported.arrays), pack_manifest(manifest), **parts)

    assert worst <= TOLERANCE


@pytest.mark.parametrize("name", ["intercept", "value", "weight", "values", "fill"])
def test_a_breach_of_parity_is_an_error(built, name):
    exported, manifest, parts = built["price"]
    wrong = {key: array for key, array in exported.arrays.items() if key.rpartition(".")[2] == name}
    tampered = {**exported.arrays, **{key: array + array.dtype.type(1e-3) for key, array in wrong.items()}}

    assert wrong
    with pytest.raises(ParityError, match="differs"):
        check_parity(pack_arrays(tampered), pack_manifest(manifest), **parts)


def test_encoders_that_read_another_column_are_a_breach_too(built):
    exported, manifest, parts = built["price"]
    first, *others = manifest["encoders"]
    swapped = [{**first, "feature": "gappy"}, *others]

    assert first == {"kind": "number", "feature": "number"}
    with pytest.raises(ParityError):
        check_parity(pack_arrays(exported.arrays), pack_manifest({**manifest, "encoders": swapped}), **parts)


def test_training_refuses_to_give_away_what_answers_otherwise(mixed_table, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", quick)
    export = Ensemble.export

    def tampered(self):
        exported = export(self)
        wrong = {**exported.arrays, "0.weight": exported.arrays["0.weight"] * 1.001}
        return replace(exported, arrays=wrong)

    monkeypatch.setattr(Ensemble, "export", tampered)

    with pytest.raises(ParityError):
        fit(mixed_table, FitConfig("price", exclude=("sold", "grade")), workers=InProcess, clock=frozen)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_parity_holds_for_any_frame_that_can_be_learned_from(data):
    rows = data.draw(st.integers(25, 60))
    cells = {
        "n": st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False)),
        "c": st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["x", "y"])),
        "d": st.one_of(st.none(), st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01"))),
        "t": st.one_of(st.none(), st.sampled_from(["one two three", "two three four five", "six"])),
    }
    frame = pd.DataFrame(
        {name: data.draw(st.lists(cell, min_size=rows, max_size=rows)) for name, cell in cells.items()}
    )
    columns = {
        "n": frame["n"].to_numpy(dtype=float, na_value=np.nan),
        "c": np.array([v if isinstance(v, str) else None for v in frame["c"]], dtype=object),
        "d": np.array([np.nan if pd.isna(v) else pd.Timestamp(v).timestamp() for v in frame["d"]]),
        "t": np.array([v if isinstance(v, str) else None for v in frame["t"]], dtype=object),
    }
    types = {"n": "numeric", "c": "categorical", "d": "date", "t": "text"}
    classes = data.draw(st.sampled_from([0, 2, 3]))
    y = np.arange(rows) % classes if classes else np.arange(rows) / 7
    encoders = choose_encoders(columns, types, max(1, classes))
    blocks = encoders.encode(columns, rows)
    task = "classification" if classes else "regression"
    training = Training(encoders, blocks, y, task, [str(label) for label in range(classes)])
    splits = split_rows(y, 2, 1, 0)
    tried = candidates(training)
    place = data.draw(st.integers(0, len(tried) - 1))

    model = FoldFitter(training, splits, tried, 0, FakeClock(step=0.1))(Job(place, 0, 0, 1.0))

    matrix = model.plan.transform(blocks)
    scale = training.scale(log=tried[place].log)
    theirs = model.fitted.predict(matrix) if scale is None else scale.apply(model.fitted.predict(matrix))
    prepared = SimpleNamespace(training=training)
    trial = Trial(tried[place], {(0, 0): model, (0, 1): model})
    ensemble = Ensemble.of(choice_of(prepared, [trial]), training, splits, [0])
    assert difference(served(training, ensemble).score(columns, rows), theirs) <= TOLERANCE


def test_a_model_that_is_one_leaf_is_stored_too():
    columns = {"x": np.zeros(60)}
    encoders = choose_encoders(columns, {"x": "numeric"})
    blocks = encoders.encode(columns, 60)
    training = Training(encoders, blocks, np.arange(60) / 7, "regression", [])
    splits = split_rows(training.y, 2, 1, 0)
    tried = [Candidate(LightGBMLearner(leaves=2)), Candidate(LinearLearner())]
    fitter = FoldFitter(training, splits, tried, 0, frozen)
    trials = [
        Trial(candidate, {(0, fold): fitter(Job(place, 0, fold, 9e9)) for fold in (0, 1)})
        for place, candidate in enumerate(tried)
    ]
    ensemble = Ensemble.of(choice_of(SimpleNamespace(training=training), trials), training, splits, [0, 1])

    answers = served(training, ensemble).score(columns, 60)

    assert answers == pytest.approx(ensemble.predict(blocks))
    assert np.ptp(answers) == 0


def test_instances_are_what_a_client_would_send(built):
    _, manifest, parts = built["price"]

    instances = instances_of(parts["frame"].iloc[:6], parts["features"])

    assert json.loads(json.dumps(instances, allow_nan=False)) == instances
    assert instances[5]["day"] is None
    assert isinstance(instances[0]["member"], bool)
    assert set(manifest["example"]) == set(manifest["schema"]["properties"]) == set(FEATURES)
    assert None not in manifest["example"].values()


def test_the_schema_allows_null_exactly_where_training_saw_it(built):
    _, manifest, _ = built["price"]

    nullable = {name for name, entry in manifest["schema"]["properties"].items() if "null" in entry["type"]}

    assert nullable == {"gappy", "city", "day"}
    assert manifest["schema"]["required"] == FEATURES
    assert manifest["schema"]["additionalProperties"] is False


def test_hostile_rows_hold_every_hostile_value(built):
    _, manifest, parts = built["price"]

    rows = hostile_instances([manifest["example"]], parts["features"])

    assert {"number": 1e300}.items() <= next(row for row in rows if row["number"] == 1e300).items()
    assert any(row["city"] == "an unseen category" for row in rows)
    assert any(all(value is None for value in row.values()) for row in rows)


def test_equal_arrays_are_equal_bytes(built):
    exported, _, _ = built["grade"]

    assert pack_arrays(exported.arrays) == pack_arrays(dict(exported.arrays))


def test_what_json_cannot_say_becomes_none():
    value = {"a": np.float64("nan"), "b": [np.int64(3), float("inf")], "c": (np.bool_(True), "x")}

    assert json_safe(value) == {"a": None, "b": [3, None], "c": [True, "x"]}


def test_scoring_loads_what_is_packed(built):
    exported, manifest, _ = built["sold"]
    npz, packed = pack_arrays(exported.arrays), pack_manifest(manifest)

    model = scoring.load(npz, packed, hashlib.sha256(npz).hexdigest(), hashlib.sha256(packed).hexdigest())

    answer = model.predict([model.example])[0]
    assert answer["prediction"] in {"yes", "no"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0)


def test_the_schema_names_the_unit_of_a_number(read):
    table = read("weight,y\n" + "".join(f"{10 + i} kg,{i % 2}\n" for i in range(30)))

    features = input_features(table.frame[["weight"]], {"weight": table.formats["weight"]})
    schema = input_schema("t", table.frame, features)

    assert schema["properties"]["weight"]["description"] == "A number in kg; training saw 10 to 39."


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
def test_no_row_of_the_training_is_unusual(built, target):
    _, manifest, parts = built[target]
    features = [Feature.from_json(json.loads(json.dumps(entry))) for entry in manifest["features"]]

    rows = Reader(features).read(instances_of(parts["frame"], features))

    assert (rows.count, rows.warnings) == (len(parts["frame"]), [])


def test_a_level_that_an_encoder_knows_is_never_unseen(built):
    _, manifest, parts = built["price"]
    known = {feature.name: feature.known_values for feature in parts["features"]}
    levels = [entry for entry in manifest["encoders"] if entry["kind"] == "category"]

    assert any(known[entry["feature"]] is not None for entry in levels)
    for entry in levels:
        seen = known[entry["feature"]]
        assert seen is None or set(entry["levels"]) <= set(seen)


def features_of(table, *names):
    return input_features(table.frame[[*names]], {name: table.formats[name] for name in names})


def test_the_schema_shows_what_training_saw_and_takes_other_values_too(read):
    table = read(
        "n,day,kind,member,y\n"
        + "".join(
            f"{i},2024-01-{1 + i % 28:02d},{'abc'[i % 3]},{'true' if i % 2 else 'false'},1\n"
            for i in range(40)
        )
    )
    names = ("n", "day", "kind", "member")
    interval = Interval(0.9, 1.0, holdout_coverage=0.88)
    schema = input_schema("t", table.frame, features_of(table, *names), interval)

    assert schema["properties"]["n"]["x-training-range"] == [0, 39]
    assert schema["properties"]["day"]["x-training-range"] == ["2024-01-01", "2024-01-28"]
    assert schema["properties"]["kind"]["x-known-values"] == ["a", "b", "c"]
    assert schema["properties"]["member"]["x-known-values"] == [False, True]
    assert schema["x-prediction-interval"] == {"coverage": 0.9, "holdout_coverage": 0.88}
    unseen = {"n": 1e9, "day": "1999-01-01", "kind": "z", "member": True}
    jsonschema.validate(unseen, schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize(("levels", "length"), [(1_100, 3), (30, 900)])
def test_categories_that_are_too_many_to_keep_are_said_to_be(levels, length):
    names = [f"{number:0{length}d}" for number in range(levels)]
    frame = pd.DataFrame({"kind": pd.Categorical(names * 2)})
    (feature,) = input_features(frame, {"kind": ColumnFormat("categorical")})
    entry = input_schema("t", frame, [feature])["properties"]["kind"]

    assert feature.known_values is None
    assert "x-known-values" not in entry
    assert "too many to list" in entry["description"]
    assert Reader([feature]).read([{"kind": "unseen"}]).warnings == []


def test_a_column_of_infinite_numbers_has_the_range_of_its_finite_ones():
    frame = pd.DataFrame({"n": [np.inf, 1.0, 2.0, -np.inf]})
    (feature,) = input_features(frame, {"n": ColumnFormat("numeric")})

    assert feature.training_range == (1.0, 2.0)


def test_arrays_that_hardly_shrink_are_stored_as_they_are():
    arrays = {"noise": np.random.default_rng(0).random(50_000), "codes": np.arange(50_000) % 7}

    npz = pack_arrays(arrays)

    with zipfile.ZipFile(io.BytesIO(npz)) as archive:
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert kinds == {"noise.npy": zipfile.ZIP_STORED, "codes.npy": zipfile.ZIP_DEFLATED}
    read = read_arrays(npz)
    assert all(np.array_equal(read[name], array) for name, array in arrays.items())
    assert pack_arrays(arrays) == npz


@given(st.lists(st.booleans(), max_size=40))
def test_truths_are_stored_as_bits(truths):
    npz = pack_arrays({"leaf": np.array(truths, dtype=bool), "square": np.eye(2, dtype=bool)})

    read = read_arrays(npz)
    assert read["leaf"].dtype == np.bool_
    assert read["leaf"].tolist() == truths
    assert read["square"].tolist() == [[True, False], [False, True]]
    assert unpacked_bytes(npz) >= len(truths) + 4
    with zipfile.ZipFile(io.BytesIO(npz)) as archive:
        assert archive.namelist() == ["leaf.bits.npy", "square.npy"]
