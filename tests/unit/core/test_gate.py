"""The gate compares what can be compared, in the right direction, and says why it decides."""

import math
from typing import Any

import pytest

from automl.judging.metrics import CLASSIFICATION_METRICS, REGRESSION_METRICS
from csv_analyzer.gate import GREATER_IS_BETTER, Decision, judge, lift
from csv_analyzer.records import Version


def version(number: int = 2, metric: str = "rmse", **changes: Any) -> Version:
    holdout, baseline = changes.pop("holdout", 0.5), changes.pop("baseline", 1.0)
    return Version(
        owner="me",
        created_at="",
        model="houses",
        version=number,
        dataset_id="d",
        job_id="j",
        task="regression",
        target="price",
        metric=metric,
        npz_sha256="",
        manifest_sha256="",
        **{
            "metrics": {"holdout": {metric: holdout}, "baseline": {metric: baseline}},
            "holdout_id": "same",
            "holdout_rows": 1234,
            **changes,
        },
    )


def test_the_engine_and_the_gate_agree_on_which_way_is_better() -> None:
    assert {**CLASSIFICATION_METRICS, **REGRESSION_METRICS} == GREATER_IS_BETTER


@pytest.mark.parametrize("metric", GREATER_IS_BETTER)
def test_a_version_may_be_worse_by_a_hundredth_of_the_lift(metric: str) -> None:
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    production = version(1, metric, holdout=10.0 + sign * 2.0, baseline=10.0)
    for gain, decision in (
        (3.0, Decision.PASSED),
        (2.0, Decision.PASSED),
        (1.981, Decision.PASSED),
        (1.979, Decision.REFUSED),
        (-1.0, Decision.REFUSED),
    ):
        gate = judge(version(2, metric, holdout=10.0 + sign * gain, baseline=10.0), production)
        assert gate.decision is decision, gain
        assert gate.allows == (decision is Decision.PASSED)
        assert (gate.metric, gate.production, gate.baseline) == (metric, 10.0 + sign * 2.0, 10.0)
        assert gate.tolerance == pytest.approx(0.02)


def test_nothing_is_tolerated_where_production_is_no_better_than_its_baseline() -> None:
    production = version(1, holdout=1.2, baseline=1.0)
    assert judge(version(holdout=1.2), production).decision is Decision.PASSED
    gate = judge(version(holdout=1.2001), production)
    assert (gate.decision, gate.tolerance) == (Decision.REFUSED, 0.0)


def test_the_metric_of_production_decides() -> None:
    both = {"holdout": {"rmse": 0.6, "mae": 0.1}, "baseline": {"rmse": 1.0, "mae": 1.0}}
    gate = judge(version(2, "mae", metrics=both), version(1, "rmse", holdout=0.5))
    assert (gate.metric, gate.decision, gate.candidate) == ("rmse", Decision.REFUSED, 0.6)


def test_the_statement_has_the_figures() -> None:
    assert judge(version(holdout=0.6), version(1)).statement == (
        "On the same 1,234 rows, rmse is 0.6 against 0.5 of version 1 in production: "
        "worse by more than the 0.005 tolerated."
    )
    assert judge(version(holdout=0.4), version(1)).statement.endswith("which is good enough.")


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        ({"holdout_id": "other"}, {}, "they were judged on different rows"),
        ({"holdout_id": ""}, {"holdout_id": ""}, "they were judged on different rows"),
        ({}, {"metrics": {}}, "one of them has no rmse"),
        ({}, {"holdout": None}, "one of them has no rmse"),
        ({}, {"metric": "novel"}, "one of them has no novel"),
    ],
)
def test_what_cannot_be_compared_must_beat_its_own_baseline(
    ours: dict[str, Any], theirs: dict[str, Any], why: str
) -> None:
    gate = judge(version(holdout=0.9, **ours), version(1, **theirs))
    assert (gate.decision, gate.allows, gate.tolerance) == (Decision.NOT_COMPARABLE, True, None)
    assert (gate.candidate, gate.production, gate.baseline) == (0.9, None, 1.0)
    assert why in gate.statement
    for figure in (1.0, 1.1):
        refused = judge(version(holdout=figure, **ours), version(1, **theirs))
        assert (refused.decision, refused.allows) == (Decision.REFUSED, False)
        assert "no better than the 1 of its naive baseline" in refused.statement


def test_without_a_version_in_production_the_baseline_decides() -> None:
    assert judge(version(), None).decision is Decision.NOT_COMPARABLE
    assert judge(version(2, "r2", holdout=-0.1, baseline=0.0), None).decision is Decision.REFUSED


@pytest.mark.parametrize("metrics", [{}, {"holdout": {"rmse": None}}, {"holdout": {"rmse": True}}])
def test_a_version_without_figures_is_refused(metrics: dict[str, Any]) -> None:
    gate = judge(version(metrics=metrics), None)
    assert (gate.decision, gate.candidate) == (Decision.REFUSED, None)
    assert "Nor is there a figure" in gate.statement


def test_the_document_is_json() -> None:
    document = judge(version(), version(1)).document()
    assert set(document) == {
        "decision",
        "statement",
        "metric",
        "candidate",
        "production",
        "baseline",
        "tolerance",
    }
    assert str(document["decision"]) == "passed"
    assert math.isclose(document["tolerance"], 0.005)


@pytest.mark.parametrize("metric", GREATER_IS_BETTER)
def test_the_lift_is_the_share_of_the_baselines_loss_that_is_taken_away(metric: str) -> None:
    perfect, baseline = (1.0, 0.2) if GREATER_IS_BETTER[metric] else (0.0, 8.0)
    for share in (1.0, 0.75, 0.0, -0.5):
        found = lift(
            version(metric=metric, baseline=baseline, holdout=baseline + share * (perfect - baseline))
        )
        assert found == pytest.approx(share)


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": "weighted_log_loss"},
        {"holdout": None},
        {"baseline": None},
        {"baseline": 0.0},
        {"holdout": math.inf},
        {"holdout": math.nan},
        {"metrics": {}},
    ],
)
def test_there_is_no_lift_where_there_is_nothing_to_gain_or_no_figure(changes: dict[str, Any]) -> None:
    assert lift(version(**changes)) is None
