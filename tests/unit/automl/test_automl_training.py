"""Training from end to end, on data that scikit-learn ships and on the mixed table."""

import dataclasses
import hashlib
import json

import jsonschema
import numpy as np
import pytest
from sklearn import datasets

import scoring
from automl import DataError, FitConfig, ParityError, fit, read_csv
from automl.searching.selection import ENSEMBLE
from automl.searching.workers import Forked, InProcess
from automl.searching.zoo import candidates
from automl.serving.ensemble import COMPACT_MEMBERS
from tests.unit.automl.engine_samples import frozen, quick

BETTER_THAN = {"breast_cancer": ("roc_auc", 0.97), "wine": ("accuracy", 0.9), "diabetes": ("r2", 0.3)}
OTHERS = {"price": ("sold", "grade"), "sold": ("price", "grade"), "grade": ("price", "sold")}


@pytest.fixture
def few(monkeypatch):
    """Leave two quick candidates."""
    monkeypatch.setattr("automl.training.candidates", quick)


def trained(table, target, told=None, *, clock=frozen, **config):
    """Train in this process, by default for as long as it takes."""
    options = {"exclude": OTHERS.get(target, ()), **config}
    return fit(table, FitConfig(target, **options), told, clock=clock, workers=InProcess)


def stored(result, tmp_path):
    result.save(tmp_path / "model")
    npz, manifest = ((tmp_path / "model" / name).read_bytes() for name in ("model.npz", "manifest.json"))
    return scoring.load(npz, manifest, hashlib.sha256(npz).hexdigest(), hashlib.sha256(manifest).hexdigest())


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "diabetes"])
def test_a_real_dataset_becomes_a_good_model_that_serves(name, tmp_path, few, make_clock):
    path = tmp_path / f"{name}.csv"
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    bunch.frame.to_csv(path, index=False)
    told = []

    result = trained(read_csv(path), "target", told.append, clock=make_clock(step=0.01))

    metric, least = BETTER_THAN[name]
    assert result.metrics["holdout"][metric] > least
    assert result.metrics["cross_validation"][metric] > least
    assert result.metrics["baseline"][result.metric] > result.metrics["holdout"][result.metric]
    assert result.warnings == []
    assert (told[-1].fraction, told[-1].leaderboard) == (1.0, result.leaderboard)
    fractions = [entry.fraction for entry in told]
    assert fractions == sorted(fractions)
    model = stored(result, tmp_path)
    jsonschema.Draft202012Validator.check_schema(model.schema)
    jsonschema.validate(model.example, model.schema, jsonschema.Draft202012Validator)
    answer = model.predict([model.example])[0]
    assert isinstance(answer["prediction"], float if name == "diabetes" else str)


def test_the_manifest_says_all_about_the_model(mixed_table, few):
    result = trained(mixed_table, "grade", data_sha256="abc")

    manifest = json.loads(result.manifest_bytes)

    assert manifest["format_version"] == scoring.FORMAT_VERSION == "3.2"
    assert manifest["classes"] == ["high", "low", "middle"]
    assert manifest["rows"] == {"training": 210, "holdout": 30, "dropped": 0}
    assert manifest["dropped_columns"] == {"key": "id-like", "price": "excluded", "sold": "excluded"}
    assert manifest["unused_columns"] == [*manifest["dropped_columns"], "grade"]
    assert manifest["data_sha256"] == "abc"
    assert manifest["model_sha256"] == hashlib.sha256(result.npz_bytes).hexdigest()
    assert set(manifest["libraries"]) == {
        "python", "numpy", "pandas", "scipy", "scikit-learn", "lightgbm", "catboost",
    }  # fmt: skip
    assert manifest["metrics"] == result.metrics
    assert manifest["interval"] is None
    assert len(manifest["model"]["decision"]) == len(manifest["model"]["prior"]) == 3
    assert result.parameters["parity"] <= 1e-9
    assert all(isinstance(value, str | int | float) for value in result.parameters.values())


def test_numbers_come_with_an_interval_that_holds_on_the_holdout(mixed_table, few):
    result = trained(mixed_table, "price")

    interval = json.loads(result.manifest_bytes)["interval"]

    assert interval["coverage"] == 0.9
    assert interval["half_width"] > 0
    assert interval["holdout_coverage"] >= 0.7
    assert result.report["interval"] == interval
    assert result.manifest["schema"]["x-prediction-interval"] == {
        "coverage": 0.9,
        "holdout_coverage": interval["holdout_coverage"],
    }
    assert result.manifest["model"]["decision"] is None


@pytest.mark.parametrize(
    "target", ["price", *(pytest.param(name, marks=pytest.mark.long) for name in ("sold", "grade"))]
)
def test_the_report_tells_curves_importance_and_dependence(mixed_table, few, tmp_path, target):
    result = trained(mixed_table, target)
    result.save(tmp_path)

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))

    assert {"curves", "decision", "interval", "importance", "dependence", "compact"} <= set(report)
    assert report["compact"] is None
    features = [entry["feature"] for entry in report["importance"]["features"]]
    assert set(features) == {"number", "gappy", "city", "day", "note", "member"}
    assert features[0] in {"number", "gappy", "city"}
    assert report["dependence"]
    assert (report["decision"] is None) == (report["interval"] is not None) == (target == "price")


def test_the_ensemble_is_served_where_it_wins_and_says_so(mixed_table, few):
    result = trained(mixed_table, "price")

    row = result.leaderboard[0]
    assert (row["model"], row["chosen"]) == (ENSEMBLE, True)
    assert [other["chosen"] for other in result.leaderboard[1:]] == [False, False]
    assert result.manifest["model"]["members"] == row["members"]
    assert row["mean"] == pytest.approx(result.metrics["cross_validation"]["rmse"])
    assert row["mean"] < result.leaderboard[1]["mean"]
    assert result.parameters["fitted_models"] % (2 * 8) == 0


@pytest.mark.long
def test_a_compact_model_has_few_members_and_is_smaller(mixed_table, monkeypatch, tmp_path):
    def several(training):
        return [*quick(), *candidates(training)[1:2], *quick()[:1]]

    monkeypatch.setattr("automl.training.candidates", several)
    whole, compact = (trained(mixed_table, "price", compact=small) for small in (False, True))

    assert len(compact.manifest["model"]["members"]) <= COMPACT_MEMBERS
    assert compact.parameters["fitted_models"] < whole.parameters["fitted_models"]
    assert len(compact.npz_bytes) < 0.5 * len(whole.npz_bytes)
    assert stored(compact, tmp_path).predict([compact.manifest["example"]])
    assert compact.metrics["holdout"]["rmse"] < compact.metrics["baseline"]["rmse"]
    loss = compact.report["compact"]
    assert loss["compact"] == compact.metrics["holdout"]["rmse"]
    assert loss["whole"] == pytest.approx(whole.metrics["holdout"]["rmse"])


def test_for_a_metric_of_labels_the_tuned_decision_is_served(read, few, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.random(1500)
    y = np.where(rng.random(1500) < 0.4 * x, "rare", "usual")
    table = read("x,y\n" + "".join(f"{a:.4f},{b}\n" for a, b in zip(x, y, strict=True)))

    result = trained(table, "y", metric="f1_macro")
    plain = trained(table, "y")

    weights = result.manifest["model"]["decision"]
    assert weights[0] != weights[1]
    assert result.report["decision"]["weights"] == weights
    assert plain.manifest["model"]["decision"] == [1.0, 1.0]
    answers = [stored(done, tmp_path).predict([{"x": 0.99}])[0] for done in (result, plain)]
    assert answers[0]["prediction"] == "rare"
    assert answers[1]["prediction"] == "usual"
    assert result.metrics["holdout"]["f1_macro"] > plain.metrics["holdout"]["f1_macro"]


@pytest.mark.long
def test_columns_that_were_dropped_are_named_when_a_client_sends_them(mixed_table, few, tmp_path):
    model = stored(trained(mixed_table, "sold"), tmp_path)

    with pytest.raises(scoring.InputError) as caught:
        model.predict([{**model.example, "key": 1, "sold": "yes"}])

    assert [fault["code"] for fault in caught.value.faults] == ["unknown", "unknown"]
    assert "leave it out" in caught.value.faults[0]["message"]


@pytest.mark.long
def test_equal_seeds_give_equal_models_and_others_do_not(mixed_table, few):
    first = trained(mixed_table, "price", seed=1)

    assert trained(mixed_table, "price", seed=1).npz_bytes == first.npz_bytes
    assert trained(mixed_table, "price", seed=2).metrics != first.metrics


@pytest.mark.long
def test_processes_find_what_one_alone_finds(mixed_table, few):
    config = FitConfig("sold", exclude=OTHERS["sold"], seed=1, budget_seconds=1000.0)

    alone, forked = (fit(mixed_table, config, workers=workers) for workers in (InProcess, Forked))

    assert forked.npz_bytes == alone.npz_bytes
    assert forked.metrics == alone.metrics


def test_time_that_flies_still_leaves_a_usable_model(mixed_table, make_clock, tmp_path):
    config = FitConfig("sold", budget_seconds=30.0, exclude=OTHERS["sold"])

    result = fit(mixed_table, config, clock=make_clock(step=5.0), workers=InProcess)

    assert len(result.leaderboard) == 1
    assert stored(result, tmp_path).predict([result.manifest["example"]])


@pytest.mark.parametrize(
    ("fault", "breaches"),
    [
        (ValueError("it is broken"), []),
        (ParityError("it differs"), ["Broken: ParityError: it differs"]),
    ],
)
def test_a_candidate_that_fails_is_a_warning(mixed_table, monkeypatch, fault, breaches):
    class Failing(type(quick()[0].learner)):
        name = "Broken"

        def fit(self, *args, **options):
            raise fault

    broken = dataclasses.replace(quick()[0], learner=Failing())
    monkeypatch.setattr("automl.training.candidates", lambda training: [broken, *quick()])

    result = trained(mixed_table, "sold")

    assert f"Broken could not be fitted: {type(fault).__name__}: {fault}" in result.warnings
    assert result.breaches == breaches


def test_a_model_that_learned_nothing_says_so(read, few):
    rng = np.random.default_rng(1)
    lines = "".join(f"{rng.normal():.4f},{rng.choice(['a', 'b'])}\n" for _ in range(60))

    result = trained(read("x,y\n" + lines), "y")

    assert any("no better than the naive baseline" in warning for warning in result.warnings)


@pytest.mark.long
def test_of_more_rows_than_the_time_bears_a_sample_is_used(mixed_table, few, monkeypatch):
    monkeypatch.setattr("automl.preparation.LEAST_ROWS", 120)
    monkeypatch.setattr("automl.preparation.ROWS_PER_SECOND", 2)

    result = trained(mixed_table, "price", budget_seconds=75.0)

    (finding,) = [entry for entry in result.manifest["findings"] if entry["code"] == "sampled_rows"]
    # All 30 rows of the holdout, and of the others 7 in 8 of the 150 that the time bears.
    assert finding["evidence"] == {"rows": 240, "used": 162}
    assert result.manifest["rows"] == {"training": 132, "holdout": 30, "dropped": 0}
    assert any("162 of 240 rows" in warning for warning in result.warnings)
    whole = trained(mixed_table, "price", budget_seconds=120.0)
    assert "sampled_rows" not in {entry["code"] for entry in whole.manifest["findings"]}


@pytest.mark.parametrize(
    "config",
    [
        FitConfig("nowhere"),
        FitConfig("sold", metric="rmse"),
        FitConfig("sold", exclude=("nowhere",)),
        FitConfig("sold", group="nowhere"),
        FitConfig("sold", time="city"),
        FitConfig("sold", time="day", group="city"),
        FitConfig("day"),
    ],
)
def test_faults_of_the_request_end_before_any_fit(mixed_table, config, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", lambda _: pytest.fail("a search was started"))

    with pytest.raises(DataError):
        fit(mixed_table, config)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "f1_macro"])
@pytest.mark.long
def test_the_candidates_are_sorted_by_the_chosen_metric(mixed_table, few, metric):
    result = trained(mixed_table, "sold", metric=metric)

    means = [entry["mean"] for entry in result.leaderboard if "members" not in entry]
    assert means == sorted(means, reverse=True)
    assert result.leaderboard[0]["metric"] == result.metric == metric
