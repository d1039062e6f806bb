"""The report of a version: all that is asked of it, and never too large to send."""

import json
import platform

import numpy as np
import pytest

from automl import FitConfig, encode, fit
from automl.cleaning import parse
from automl.judging.curves import report as curves
from automl.judging.metrics import evaluate
from automl.learners import Candidate
from automl.reporting.document import MAX_BYTES, find_omitted, make_document, per_class
from automl.searching.search import Trial
from automl.searching.workers import InProcess
from tests.unit.automl.engine_samples import Fake, frozen, quick

MEGABYTE = 1024 * 1024
OTHERS = {"price": ("sold", "grade"), "sold": ("price", "grade"), "grade": ("price", "sold")}


def trained(table, target, **config):
    options = {"exclude": OTHERS[target], "data_sha256": "ab" * 32, **config}
    return fit(table, FitConfig(target, **options), clock=frozen, workers=InProcess)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr("automl.training.candidates", lambda _: quick()[:1])
    monkeypatch.setattr("automl.preparation.repeat_count", lambda rows: 1)


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
def test_the_report_holds_all_that_may_be_asked(quick_results, tmp_path, target):
    result = quick_results[target]
    result.save(tmp_path)

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))

    assert report == json.loads(encode(result.report))
    assert report["metrics"] == result.metrics
    for name in ("holdout", "cross_validation", "baseline"):
        assert report["metrics"][name][result.metric] > 0
    assert report["metrics"]["cross_validation"][f"{result.metric}_std"] >= 0
    assert report["leaderboard"] == result.leaderboard
    assert report["data"] == {"sha256": "ab" * 32}
    assert report["parameters"] == result.parameters
    assert report["libraries"]["python"] == platform.python_version()
    assert report["rows"] == {"training": 210, "holdout": 30, "dropped": 0}
    assert {feature["name"] for feature in report["features"]} == {
        "number", "gappy", "city", "day", "note", "member",
    }  # fmt: skip
    assert report["dropped_columns"]["key"] == "id-like"
    assert report["seconds"] == {"budget": 60.0, "used": 0.0}
    assert (report["findings"], report["warnings"]) == (result.manifest["findings"], result.warnings)
    assert report["split"] == {
        "kind": "random", "column": None, "folds": 8, "deals": 2, "seed": 0, "holdout_rows": 30,
        "holdout_id": result.holdout_id,
    }  # fmt: skip
    assert report["omitted"] == []
    assert report["recipe"] is None
    shown = report["curves"]
    if target == "price":
        assert {"predicted_actual", "residual_quantiles", "residual_histogram"} <= shown.keys()
        assert report["per_class"] == []
    else:
        assert {"confusion_matrix", "roc", "precision_recall", "calibration"} <= shown.keys()
        assert ("thresholds" in shown) == (target == "sold")
        assert sum(entry["rows"] for entry in report["per_class"]) == 30


def test_each_class_is_told_with_its_own_figures():
    y, answered = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    figures = evaluate("classification", y, np.eye(4)[answered], ["a", "b", "c", "d"])

    told = per_class({"holdout": figures})

    assert told[0] == {
        "class": "a", "rows": 3, "answered": 3, "precision": 0.666667, "recall": 0.666667, "f1": 0.666667,
    }  # fmt: skip
    assert (told[2]["precision"], told[2]["recall"], told[2]["f1"]) == (None, 0.0, 0.0)
    assert (told[3]["rows"], told[3]["f1"]) == (0, None)
    assert np.nanmean([entry["f1"] for entry in told[:3]]) == pytest.approx(figures["f1_macro"], abs=1e-6)


def test_a_recipe_is_told_in_sentences_with_what_it_did(mixed_table, few):
    types = {name: how.type for name, how in mixed_table.formats.items()}
    steps = [{"step": "impute", "columns": ["gappy"], "strategy": "median"}, {"step": "drop_duplicates"}]

    report = trained(mixed_table, "price", recipe=parse(steps, types, "price")).report

    assert len(report["recipe"]["sentences"]) == len(report["recipe"]["steps"]) == 2
    assert "median" in report["recipe"]["sentences"][0]
    assert report["recipe"]["steps"][0]["cells_changed"] > 0


@pytest.mark.parametrize(("option", "kind"), [({"group": "city"}, "group"), ({"time": "day"}, "time")])
def test_the_report_names_the_column_that_rows_were_split_by(mixed_table, few, option, kind):
    split = trained(mixed_table, "price", **option).report["split"]

    assert (split["kind"], split["column"]) == (kind, option[kind])


def test_what_the_time_did_not_bear_is_named():
    whole, part = Trial(Candidate(Fake("first"))), Trial(Candidate(Fake("second")))
    failed = Trial(Candidate(Fake("third")), fault="it is broken")
    whole.models = {(0, 0): None, (0, 1): None}
    part.models = {(0, 0): None}
    feature = {"feature": "a"}
    figures = {
        "importance": {"features": [feature], "complete": False, "repeats": 1},
        "dependence": [feature],
    }
    types = {"a": "numeric", "b": "numeric", "c": "text"}

    omitted = find_omitted([whole, part, failed], 2, figures, types, in_time=False)

    assert [entry["part"] for entry in omitted] == ["candidates", "importance", "dependence"]
    assert "second" in omitted[0]["reason"]
    assert "first" not in omitted[0]["reason"]
    assert "2 of 3 columns" in omitted[1]["reason"]
    figures["importance"] = {"features": [feature] * 3, "complete": True, "repeats": 1}
    (noisy,) = find_omitted([whole, failed], 2, figures, types, in_time=True)
    assert "noisy" in noisy["reason"]


def large(name, columns=2_000, classes=100, rows=5_000):
    """Return a manifest and figures of a model of many columns and classes, which a function names."""
    rng = np.random.default_rng(0)
    labels, names = [name("label", i) for i in range(classes)], [name("column", i) for i in range(columns)]
    y, p = rng.integers(0, classes, rows), rng.dirichlet(np.ones(classes), rows)
    figures = evaluate("classification", y, p, labels)
    finding = {"code": "dropped_column", "severity": "info", "evidence": {"present": 1, "distinct": 2}}
    manifest = {
        "task": "classification", "target": name("target", 0), "metric": "log_loss", "classes": labels,
        "positive_class": None, "class_weights": dict.fromkeys(labels, 1.5),
        "metrics": {"holdout": figures, "cross_validation": figures | {"folds": 4}, "baseline": figures},
        "leaderboard": [], "parameters": {"excluded": ", ".join(names)}, "libraries": {}, "holdout_id": None,
        "findings": [{**finding, "column": column, "message": f"{column} is not used."} for column in names],
        "warnings": [f"{column} explains the target." for column in names],
        "dropped_columns": dict.fromkeys(names, "constant"),
        "example": dict.fromkeys(names, name("value", 1)),
        "model": {"name": "m", "members": []}, "data_sha256": None, "rows": {},
        "features": [{"name": column, "type": "numeric", "nullable": True} for column in names],
        "cleaning": {
            "recipe": {"steps": [{"step": "drop_columns", "columns": names}] * 20},
            "steps": [{"description": f"drop {', '.join(names)}", "estimated": names}] * 20,
        },
    }  # fmt: skip
    importance = [{"feature": column, "importance": 0.1, "std": None, "share": 0.0005} for column in names]
    told = {
        "curves": curves("classification", y, p, labels),
        "importance": {"metric": "log_loss", "features": importance, "complete": True, "repeats": 3},
        "dependence": [],
        "decision": {"weights": [1.0] * classes},
        "interval": None,
    }
    return manifest, told


@pytest.mark.parametrize(
    "name",
    [
        lambda what, i: f"{what}_{i}",
        lambda what, i: f"{what} {i} ".ljust(5_000, "ü"),
        lambda what, i: "\N{SNOWMAN}" * 500 + f"{what} {i}",
        lambda what, i: "\x01" * 180 + f"{what} {i}",
    ],
)
@pytest.mark.long
def test_a_report_of_100_classes_and_2000_columns_stays_below_3_megabytes(name):
    manifest, figures = large(name)

    document = make_document(manifest, figures, split={}, seconds={}, omitted=[])

    size = len(encode(document))
    assert size <= MAX_BYTES < 3 * MEGABYTE
    matrix = document["metrics"]["holdout"]["confusion_matrix"]
    assert len(matrix["labels"]) == len(set(matrix["labels"])) == 100
    assert [*document["class_weights"]] == document["classes"]
    assert len(document["importance"]["features"]) in {200, 2_000}
    told = {entry["part"] for entry in document["omitted"]}
    assert (len(document["importance"]["features"]) == 200) == ("importance.features" in told)
    assert len(document["recipe"]["sentences"]) == 20
    assert len(json.dumps(document["warnings"][0])) <= 1_200


def test_endless_evidence_is_left_out_where_the_report_would_be_too_large():
    manifest, figures = large(lambda what, i: f"{what}_{i}", columns=20, classes=3, rows=100)
    manifest["findings"][3]["evidence"] = {"merged": {"yes": [f"{i} yes" for i in range(400_000)]}}

    document = make_document(manifest, figures, split={}, seconds={}, omitted=[])

    assert len(encode(document)) <= MAX_BYTES
    assert [entry["part"] for entry in document["omitted"]] == ["findings.evidence"]
    assert document["findings"][3]["evidence"] == {}
    assert document["findings"][2]["evidence"] == {"present": 1, "distinct": 2}


def test_a_small_report_is_told_whole():
    manifest, figures = large(lambda what, i: f"{what}_{i}", columns=20, classes=3, rows=100)
    manifest["warnings"] = ["x" * 1_300]

    document = make_document(manifest, figures, split={}, seconds={}, omitted=[])

    assert document["omitted"] == []
    assert document["features"][19] == {"name": "column_19", "type": "numeric", "may_be_missing": True}
    assert len(document["dropped_columns"]) == 20
    assert document["recipe"]["recipe"] == manifest["cleaning"]["recipe"]
    assert document["warnings"][0].startswith("xxx")
    assert len(json.dumps(document["warnings"][0])) <= 1_200
