"""Training from end to end, on data that scikit-learn ships and on the mixed table."""

import dataclasses
import hashlib
import json
from typing import ClassVar

import jsonschema
import numpy as np
import pytest
from sklearn import datasets

import scoring
from automl import DataError, FitConfig, fit, read_csv
from automl.features import TREE
from automl.learners import candidates
from automl.learners.lightgbm import LightGBMLearner
from automl.learners.linear import LinearLearner
from automl.splits import holdout_mask

BETTER_THAN = {"breast_cancer": ("roc_auc", 0.97), "wine": ("accuracy", 0.9), "diabetes": ("r2", 0.3)}


def frozen():
    """Return a time that never passes: every candidate is tried to the end."""
    return 0.0


@pytest.fixture
def few(monkeypatch):
    """Leave the two quickest candidates."""
    monkeypatch.setattr("automl.training.candidates", lambda rows: [LinearLearner(), LightGBMLearner()])


def stored(result, tmp_path):
    result.save(tmp_path / "model")
    npz, manifest = ((tmp_path / "model" / name).read_bytes() for name in ("model.npz", "manifest.json"))
    return scoring.load(npz, manifest, hashlib.sha256(npz).hexdigest(), hashlib.sha256(manifest).hexdigest())


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "diabetes"])
def test_a_real_dataset_becomes_a_good_model_that_serves(name, tmp_path, few):
    path = tmp_path / f"{name}.csv"
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    bunch.frame.to_csv(path, index=False)
    told = []

    result = fit(read_csv(path), FitConfig("target"), told.append, clock=frozen)

    metric, least = BETTER_THAN[name]
    assert result.metrics["holdout"][metric] > least
    assert result.metrics["cross_validation"][metric] > least
    assert result.metrics["baseline"][result.metric] > result.metrics["holdout"][result.metric]
    assert result.warnings == []
    assert (told[-1].fraction, told[-1].leaderboard) == (1.0, result.leaderboard)
    assert [entry["chosen"] for entry in result.leaderboard].index(True) == 0
    assert sum(entry["chosen"] for entry in result.leaderboard) == 1
    model = stored(result, tmp_path)
    jsonschema.Draft202012Validator.check_schema(model.schema)
    jsonschema.validate(model.example, model.schema, jsonschema.Draft202012Validator)
    answer = model.predict([model.example])[0]
    assert isinstance(answer["prediction"], float if name == "diabetes" else str)


def test_the_manifest_says_all_about_the_model(mixed_table, few):
    result = fit(mixed_table, FitConfig("grade", exclude=("sold", "price"), data_sha256="abc"), clock=frozen)

    manifest = json.loads(result.manifest_bytes)

    assert manifest["format_version"] == "1.1"
    assert manifest["classes"] == ["high", "low", "middle"]
    assert manifest["rows"] == {"training": 192, "holdout": 48, "dropped": 0}
    assert manifest["dropped_columns"] == {"key": "id-like", "price": "excluded", "sold": "excluded"}
    assert manifest["data_sha256"] == "abc"
    assert manifest["model_sha256"] == hashlib.sha256(result.npz_bytes).hexdigest()
    assert set(manifest["libraries"]) == {"python", "numpy", "pandas", "scikit-learn", "lightgbm"}
    assert manifest["metrics"] == result.metrics
    assert result.parameters["parity"] <= 1e-9
    assert all(isinstance(value, str | int | float) for value in result.parameters.values())


def test_columns_that_were_dropped_are_named_when_a_client_sends_them(mixed_table, few, tmp_path):
    model = stored(fit(mixed_table, FitConfig("sold", exclude=("price", "grade")), clock=frozen), tmp_path)

    with pytest.raises(scoring.InputError) as caught:
        model.predict([{**model.example, "key": 1, "sold": "yes"}])

    assert [fault["code"] for fault in caught.value.faults] == ["unknown", "unknown"]
    assert "leave it out" in caught.value.faults[0]["message"]


class Recorder(LightGBMLearner):
    """LightGBM that remembers the rows it was fitted on."""

    seen: ClassVar[set[float]] = set()

    def fit(self, X, y, problem, **options):
        self.seen.update(X[:, 0].tolist())
        return super().fit(X, y, problem, **options)


def test_no_fit_ever_sees_a_holdout_row(monkeypatch, read):
    rows = 200
    y = np.arange(rows) % 2
    # The feature is a different number in every row, so it tells which rows a fit saw.
    values = (np.arange(rows) * 7919 % 1009) / 8
    table = read(
        "x,z,y\n"
        + "".join(f"{x},{i % 5},{'ab'[c]}\n" for i, (x, c) in enumerate(zip(values, y, strict=True)))
    )
    recorder = Recorder()
    recorder.seen.clear()
    monkeypatch.setattr("automl.training.candidates", lambda _: [recorder])

    fit(table, FitConfig("y", seed=3), clock=frozen)

    held_out = holdout_mask(y, 3)
    assert recorder.view == TREE
    assert recorder.seen == set(values[~held_out].tolist())


def test_equal_seeds_give_equal_models_and_others_do_not(mixed_table, few):
    config = FitConfig("price", exclude=("sold", "grade"), seed=1)

    first = fit(mixed_table, config, clock=frozen)

    assert fit(mixed_table, config, clock=frozen).npz_bytes == first.npz_bytes
    assert fit(mixed_table, dataclasses.replace(config, seed=2), clock=frozen).metrics != first.metrics


def test_time_that_flies_still_leaves_a_usable_model(mixed_table, make_clock, tmp_path):
    clock = make_clock(step=5.0)

    result = fit(mixed_table, FitConfig("sold", budget_seconds=30.0, exclude=("price", "grade")), clock=clock)

    assert len(result.leaderboard) < len(candidates(240))
    assert stored(result, tmp_path).predict([result.manifest["example"]])


def test_a_model_that_learned_nothing_says_so(read, few):
    rng = np.random.default_rng(1)
    lines = "".join(f"{rng.normal():.4f},{rng.choice(['a', 'b'])}\n" for _ in range(60))

    result = fit(read("x,y\n" + lines), FitConfig("y"), clock=frozen)

    assert any("no better than the naive baseline" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    "config",
    [
        FitConfig("nowhere"),
        FitConfig("sold", metric="rmse"),
        FitConfig("sold", exclude=("nowhere",)),
        FitConfig("day"),
    ],
)
def test_faults_of_the_request_end_before_any_fit(mixed_table, config, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", lambda _: pytest.fail("a search was started"))

    with pytest.raises(DataError):
        fit(mixed_table, config)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "f1_macro"])
def test_the_leaderboard_is_sorted_by_the_chosen_metric(mixed_table, few, metric):
    result = fit(mixed_table, FitConfig("sold", metric=metric, exclude=("price", "grade")), clock=frozen)

    means = [entry["mean"] for entry in result.leaderboard]
    assert means == sorted(means, reverse=True)
    assert result.leaderboard[0]["metric"] == result.metric == metric


HARD = {
    "smallest": "x,y\n" + "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(20)),
    "rare classes": "x,y\n" + "".join(f"{i % 7},{'c' if i < 2 else 'ab'[i % 2]}\n" for i in range(40)),
    "mostly missing": "x,z,y\n" + "".join(f"{i if i % 9 == 0 else ''},,{i / 8}\n" for i in range(50)),
    "only categories": "x,y\n" + "".join(f"c{i % 9},{i * 37 % 101}\n" for i in range(60)),
    "only text": "x,y\n" + "".join(f"some text about {i} things,{'ab'[i % 2]}\n" for i in range(60)),
    "only dates": "x,y\n" + "".join(f"2024-01-{i % 28 + 1:02},{i * 37 % 101}\n" for i in range(60)),
    "huge numbers": "x,y\n" + "".join(f"{i}e300,{i * 37 % 101}e12\n" for i in range(60)),
    "odd names": '"a,b",{"x": 1},y\n' + "".join(f"{i % 7},{i % 3},{'ab'[i % 2]}\n" for i in range(40)),
}


@pytest.mark.parametrize("content", HARD.values(), ids=HARD)
def test_hard_tables_become_models_that_serve(read, content, tmp_path):
    result = fit(read(content), FitConfig("y", budget_seconds=1.5))

    json.dumps(result.manifest, allow_nan=False)
    assert stored(result, tmp_path).predict([result.manifest["example"]])
