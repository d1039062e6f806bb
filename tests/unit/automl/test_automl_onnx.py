"""ONNX: what is written answers as `scoring` does, and what ONNX has no words for is refused by name."""

import json

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.errors import NotExpressibleError
from automl.onnx_export import convert as converter
from automl.onnx_export.convert import convert, run, to_onnx
from automl.onnx_export.inputs import fed
from automl.serving.ensemble import Ensemble
from automl.serving.export import (
    difference,
    hostile_instances,
    instances_of,
    pack_arrays,
    pack_manifest,
)
from scoring.blocks import Encoders
from scoring.dates import FIRST_SECOND, LAST_SECOND, date_part
from scoring.encoders import DateEncoder
from scoring.model import Model
from scoring.reader import columns_of
from tests.unit.automl.engine_samples import choice_of, manifest_of, zoo

PARITY = 1e-9
TARGETS = {"price": 0, "sold": 2, "grade": 3}
ROWS = 160


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of every kind of column that ONNX has words for, with gaps."""
    from automl import read_csv

    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "area": rng.normal(80, 20, ROWS).round(2),
            "rooms": rng.integers(1, 7, ROWS).astype(float),
            "city": rng.choice(["Bonn", "Köln", "Ulm", "Jena"], ROWS),
            "day": pd.date_range("2019-11-03", periods=ROWS, freq="41h").astype(str),
            "lat": rng.uniform(47, 54, ROWS).round(4),
            "lon": rng.uniform(6, 14, ROWS).round(4),
            "new": rng.choice(["true", "false"], ROWS),
        }
    )
    worth = frame["area"] * 3 + 20 * (frame["city"] == "Bonn") + 9 * frame["rooms"] + rng.normal(0, 5, ROWS)
    frame["price"] = np.exp(worth / 100).round(4)
    frame["sold"] = np.where(worth + rng.normal(0, 20, ROWS) > worth.median(), "yes", "no")
    frame["grade"] = pd.qcut(worth + rng.normal(0, 20, ROWS), 3, labels=["low", "middle", "high"])
    frame.loc[::9, "area"] = np.nan
    frame.loc[::8, "rooms"] = np.nan
    frame.loc[::7, "city"] = None
    frame.loc[::6, "day"] = None
    path = tmp_path_factory.mktemp("onnx") / "homes.csv"
    frame.to_csv(path, index=False)
    return read_csv(path)


@pytest.fixture(scope="module", params=TARGETS)
def tried(request, table):
    """A fitted model of each candidate, for each kind of target."""
    others = tuple(TARGETS.keys() - {request.param})
    return zoo(table, request.param, exclude=others, step=0.02)


def stored(data, trials, **options):
    """Return the manifest and the arrays of an ensemble of trials, and rows as a client sends them."""
    exported = Ensemble.of(choice_of(data, trials, **options), data.training, data.splits, [0, 1]).export()
    manifest, features = manifest_of(data, exported)
    return json.loads(pack_manifest(manifest)), exported.arrays, instances_of(data.frame, features)


def compared(manifest, arrays, instances):
    """Return the largest difference between a model and what it is written as."""
    model = Model(manifest, arrays)
    proto = convert(manifest, arrays)
    onnx.checker.check_model(proto)
    columns = columns_of(instances, model.features)
    answers, labels = run(
        proto.SerializeToString(), fed(model.features, columns), classes=bool(model.classes)
    )
    ours = model.score(columns, len(instances))
    if labels is not None:
        assert labels == [model.classes[place] for place in model.decide(ours)]
    return difference(answers, ours)


@pytest.mark.long
def test_every_candidate_answers_alike_on_known_and_hostile_rows(tried):
    data, trials = tried
    families = set()
    for trial in trials:
        manifest, arrays, instances = stored(data, [trial])
        families |= {group["family"] for group in manifest["model"]["groups"]}
        rows = [*instances, *hostile_instances(instances, Model(manifest, arrays).features)]
        near = [row for row in rows if not converter._is_far(row)]
        assert compared(manifest, arrays, near) <= PARITY, trial.candidate.name
    assert families >= {"trees", "oblivious", "linear", "kernel", "spline", "network"}


@pytest.mark.long
def test_an_ensemble_of_all_of_them_is_weighed_and_calibrated_alike(tried):
    data, trials = tried
    weights = np.arange(1.0, len(trials) + 1)
    classes = len(data.training.classes)
    more = {"temperatures": [1.3] * len(trials), "temperature": 0.8, "floor": 0.01} if classes else {}

    manifest, arrays, instances = stored(data, trials, weights=list(weights / weights.sum()), **more)
    manifest["model"]["decision"] = [1.0, 3.0, 0.5][:classes] or None

    assert compared(manifest, arrays, instances) <= PARITY


@pytest.mark.long
def test_what_is_written_says_what_it_takes_and_gives(tried):
    data, trials = tried
    manifest, arrays, instances = stored(data, trials[:1])
    npz, packed = pack_arrays(arrays), pack_manifest(manifest)

    written = to_onnx(npz, packed, instances)

    proto = onnx.load_from_string(written.content)
    inputs = {entry.name: entry.type.tensor_type.elem_type for entry in proto.graph.input}
    assert list(inputs) == [feature["name"] for feature in manifest["features"]]
    assert inputs["area"] == inputs["new"] == inputs["day"] == onnx.TensorProto.DOUBLE
    assert inputs["city"] == onnx.TensorProto.STRING
    outputs = [entry.name for entry in proto.graph.output]
    assert outputs == (["label", "probabilities"] if data.training.classes else ["prediction"])
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    assert json.loads(properties["classes"]) == data.training.classes
    assert float(properties["parity"]) == pytest.approx(written.parity, rel=0.01, abs=1e-15)
    assert written.parity <= PARITY
    assert written.rows > len(instances)
    assert to_onnx(npz, packed, instances).content == written.content


@pytest.fixture(scope="module")
def one(table):
    """A stored model of one quick candidate, and its rows."""
    data, trials = zoo(table, "price", exclude=("sold", "grade"), step=0.5)
    return stored(data, [trial for trial in trials if trial.candidate.learner.name.startswith("Linear")])


def test_a_feature_that_is_called_like_an_output_keeps_its_name(one):
    manifest, arrays, instances = json.loads(json.dumps(one[0]).replace('"area"', '"prediction"')), *one[1:]
    renamed = [{"prediction" if key == "area" else key: v for key, v in row.items()} for row in instances]

    assert [entry.name for entry in convert(manifest, arrays).graph.output] == ["prediction_"]
    assert compared(manifest, arrays, renamed) <= PARITY


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"memory": {"columns": ["area"], "trust": 0.9}}, "recalls known rows"),
        ({"groups": [{"family": "oracle", "link": "identity"}]}, "'oracle'"),
        ({"groups": [{"family": "linear", "link": "probit"}]}, "'probit'"),
    ],
)
def test_what_has_no_words_in_onnx_is_refused_by_name(one, change, reason):
    manifest, arrays, _ = one

    with pytest.raises(NotExpressibleError, match=reason):
        convert({**manifest, "model": {**manifest["model"], **change}}, arrays)


def test_a_recipe_is_refused(one):
    manifest, arrays, _ = one

    with pytest.raises(NotExpressibleError, match="recipe"):
        convert({**manifest, "recipe": [{"kind": "trim", "columns": ["city"]}]}, arrays)


def test_arrays_that_the_converter_does_not_know_are_refused(one):
    manifest, arrays, _ = one

    with pytest.raises(NotExpressibleError, match="'linear'"):
        convert(manifest, {**arrays, "0.bend": np.ones(1)})


def test_texts_are_refused_by_the_name_of_their_column(mixed_table):
    data, trials = zoo(mixed_table, "price", exclude=("sold", "grade"), step=0.5)
    (text,) = [trial for trial in trials if trial.candidate.learner.view == "text"]

    with pytest.raises(NotExpressibleError, match="free text in 'note'"):
        convert(*stored(data, [text])[:2])


def test_answers_that_differ_are_refused(one, monkeypatch):
    manifest, arrays, instances = one
    wrong = {**arrays, "0.intercept": arrays["0.intercept"] + 1e-3}
    monkeypatch.setattr(converter, "read_arrays", lambda _: wrong)

    with pytest.raises(NotExpressibleError, match="differ by"):
        to_onnx(pack_arrays(arrays), pack_manifest(manifest), instances)


def test_a_file_that_would_be_too_large_is_refused(one, monkeypatch):
    manifest, arrays, instances = one
    monkeypatch.setattr(converter, "MAX_BYTES", 1_000)

    with pytest.raises(NotExpressibleError, match="bytes"):
        to_onnx(pack_arrays(arrays), pack_manifest(manifest), instances)


PARTS = ("days", "year", "month", "day", "day_of_year", "weekday", "hour", "sin month", "cos hour")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(FIRST_SECOND, LAST_SECOND), min_size=1, max_size=200))
def test_calendar_parts_are_those_of_scoring(seconds):
    from onnx import helper

    from automl.onnx_export.graph import DOUBLE, Graph
    from automl.onnx_export.inputs import InputGraph, describe
    from scoring.encoders import NUMBERS
    from scoring.inputs import Feature

    features = [Feature("day", "date", nullable=True)]
    graph = Graph(["day", "parts"])
    encoders = Encoders([DateEncoder("day", PARTS)])
    read = {NUMBERS: set(range(len(PARTS))), "codes": set(), "terms": set()}
    graph.rename(InputGraph(graph, features).blocks(encoders, read)[NUMBERS].value, "parts")
    proto = graph.model(
        describe(features), [helper.make_tensor_value_info("parts", DOUBLE, ["rows", len(PARTS)])]
    )
    moments = np.array([*seconds, FIRST_SECOND, LAST_SECOND, 951_782_400.0, -1.0])

    found, _ = run(proto.SerializeToString(), {"day": moments[:, None]}, classes=False)

    expected = np.stack([date_part(moments, part) for part in PARTS], axis=1)
    np.testing.assert_array_equal(found, expected)
