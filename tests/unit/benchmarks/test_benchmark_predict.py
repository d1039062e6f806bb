"""The benchmark of predictions measures the same model on both sides."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.predict import families, report, served
from tests.benchmarks.predict.tools import FAMILIES, OURS

ROWS = 300


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(families, "ROWS", ROWS)
    monkeypatch.setattr(families, "UNSEEN", 50)
    frame, y = families.data()
    unseen = frame[ROWS:].astype(object)
    return frame[:ROWS], y[:ROWS], unseen.where(unseen.notna(), None).to_dict("records")


@pytest.mark.parametrize("family", ["logistic", "random_forest", "histogram_boosting", "lightgbm"])
def test_the_portable_twin_answers_like_its_pipeline(family, small, tmp_path):
    train, y, rows = small
    fitted = families.pipeline(family)
    if family != "logistic":
        fitted["model"].set_params(**{"max_iter" if "histogram" in family else "n_estimators": 5})

    families.store(family, fitted.fit(train, y), rows, tmp_path)

    ours = [answer["probabilities"]["1"] for answer in served.csv_analyzer(str(tmp_path))(rows)]
    theirs = [row[1] for row in served.sklearn_joblib_pandas(str(tmp_path))(rows)]
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_a_twin_that_answers_otherwise_is_not_measured(small, tmp_path, monkeypatch):
    train, y, rows = small
    fitted = families.pipeline("logistic").fit(train, y)
    linear = families.portable_linear

    def wrong(pipeline):
        block, arrays = linear(pipeline)
        return block, arrays | {"0.intercept": arrays["0.intercept"] + 1.0}

    monkeypatch.setattr(families, "portable_linear", wrong)

    with pytest.raises(RuntimeError, match="differs"):
        families.store("logistic", fitted, rows, tmp_path)


def test_the_table_shows_what_was_measured_and_ratios():
    figures = dict.fromkeys(report.COLUMNS, 2.0)
    results = {
        "machine": "m",
        "date": "d",
        "figures": [
            {"family": "logistic", "tool": OURS, **figures},
            {"family": "logistic", "tool": report.BESIDE, **dict.fromkeys(report.COLUMNS, 9.0)},
        ],
        "services": [{"family": "logistic", "tool": "mlflow_serve", **figures, "row10k_ms": None}],
        "onnx_notes": {"logistic": "not converted"},
    }
    shown = Console(file=StringIO(), width=200)

    report.show(shown, results)

    assert all(text in shown.file.getvalue() for text in ("4.5", "mlflow_serve", "not converted"))


def test_committed_figures_are_complete():
    results = json.loads((Path(report.__file__).parent.parent / "results/predict.json").read_text())
    by_key = {(row["family"], row["tool"]): row for row in results["figures"]}

    assert {family for family, _ in by_key} == set(FAMILIES)
    for family in FAMILIES:
        for tool in (OURS, report.BESIDE):
            assert all(by_key[family, tool][column] > 0 for column in report.COLUMNS)
