"""Live quality: counts add up in any order, figures are the engine's, and chance makes no verdict."""

import json
import math
import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.judging.metrics import LABEL_METRICS, label_metric, regression_metrics
from csv_analyzer import quality
from csv_analyzer.quality import Confusion, Errors, mean_of_shares, mean_size, quality_report
from csv_analyzer.records import Version
from scoring.drift.report import WINDOWS

CLASSES = ("no", "perhaps", "yes")
TODAY = date(2026, 3, 31)
LABELS = st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES))
NUMBERS = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)


def version(**changes: Any) -> Version:
    known: dict[str, Any] = {
        "owner": "me", "created_at": "", "model": "m", "version": 1, "dataset_id": "d", "job_id": "j",
        "task": "classification", "target": "t", "metric": "log_loss", "npz_sha256": "",
        "manifest_sha256": "", "holdout_rows": 1000,
    }  # fmt: skip
    return Version(**known | changes)


def binary(accuracy: float, *, rows: int = 1000, baseline: float = 0.5) -> dict[str, Any]:
    """Metrics of a version whose holdout had as many of both classes."""
    right = round(rows / 2 * accuracy)
    wrong = rows // 2 - right
    matrix = {"labels": ["no", "yes"], "matrix": [[right, wrong], [wrong, right]]}
    share = right / (right + wrong)
    return {
        "holdout": {"accuracy": share, "balanced_accuracy": share, "confusion_matrix": matrix},
        "baseline": {"accuracy": baseline, "balanced_accuracy": baseline},
    }


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311


def draw(accuracy: float, count: int, dice: random.Random) -> Confusion:
    pairs = []
    for _ in range(count):
        actual = dice.choice(["no", "yes"])
        wrong = "yes" if actual == "no" else "no"
        pairs.append((actual if dice.random() < accuracy else wrong, actual))
    return Confusion.of(["no", "yes"], pairs)


def test_windows_are_those_of_drift() -> None:
    assert quality.WINDOWS == WINDOWS


@given(st.lists(st.lists(LABELS, min_size=1), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_counts_of_classes_add_up_in_any_order(
    parts: list[list[tuple[str, str]]], dice: random.Random
) -> None:
    whole = Confusion.of(CLASSES, [pair for part in parts for pair in part])
    dice.shuffle(parts)
    counts = [Confusion.from_json(json.loads(json.dumps(Confusion.of(CLASSES, p).to_json()))) for p in parts]
    assert reduce(Confusion.__add__, counts).to_json() == whole.to_json()
    assert whole.count == sum(map(len, parts))


@given(
    st.lists(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_sums_of_errors_add_up_in_any_order(
    parts: list[list[tuple[float, float]]], dice: random.Random
) -> None:
    whole = Errors.of([pair for part in parts for pair in part])
    dice.shuffle(parts)
    joined = reduce(Errors.__add__, (Errors.from_json(Errors.of(part).to_json()) for part in parts), Errors())
    for name, value in whole.to_json().items():
        scale = {"squared": 1e12, "spread": 1e12}.get(name, 1e6)
        assert joined.to_json()[name] == pytest.approx(value, rel=1e-9, abs=1e-9 * scale), name


@given(st.lists(LABELS, min_size=1))
def test_figures_of_classes_are_the_engines(pairs: list[tuple[str, str]]) -> None:
    matrix = np.zeros((3, 3), dtype=np.int64)
    for told, actual in pairs:
        matrix[CLASSES.index(actual), CLASSES.index(told)] += 1
    found = Confusion.of(CLASSES, pairs).figures()
    assert set(found) == set(LABEL_METRICS)
    for name in LABEL_METRICS:
        assert found[name] == pytest.approx(float(label_metric(name, matrix)), abs=1e-12), name
    holdout = Confusion.of_holdout({"labels": list(CLASSES), "matrix": matrix.tolist()})
    assert holdout.to_json() == Confusion.of(CLASSES, pairs).to_json()


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2))
def test_figures_of_numbers_are_the_engines(pairs: list[tuple[float, float]]) -> None:
    told, actual = (np.array(side) for side in zip(*pairs, strict=True))
    expected, found = regression_metrics(actual, told), Errors.of(pairs).figures()
    for name in ("mae", "mse", "rmse"):
        assert found[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-9), name
    assert found["bias"] == pytest.approx(-expected["residual_mean"], abs=1e-6)


def test_a_small_spread_of_large_numbers_is_kept() -> None:
    pairs = [(1e9 + i % 3, 1e9 + i % 3 + (0.1 if i % 2 else -0.1)) for i in range(300)]
    joined = reduce(Errors.__add__, (Errors.of([pair]) for pair in pairs))
    told, actual = (np.array(side) for side in zip(*pairs, strict=True))
    assert joined.figures()["r2"] == pytest.approx(regression_metrics(actual, told)["r2"], rel=1e-6)


def test_the_largest_numbers_stay_finite() -> None:
    most = quality.LARGEST_NUMBER
    joined = reduce(Errors.__add__, [Errors.of([(most, -most), (-most, most)] * 500)] * 1000)
    assert all(math.isfinite(value) for value in joined.to_json().values())
    assert joined.count == 10**6


def test_one_outcome_has_no_r2() -> None:
    assert Errors.of([(1.0, 2.0)]).figures() == {"mae": 1, "mse": 1, "rmse": 1, "r2": None, "bias": -1}


def test_wilsons_interval_is_that_of_the_paper() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    for hits, rows, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        assert mean_of_shares([(hits, rows)]).interval(0.95) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    low, high = mean_size(2.0, 5.0, 100).interval(0.95)
    assert (2 - low, high - 2) == pytest.approx((0.196, 0.196), abs=1e-3)
    assert mean_size(2.0, 4.0, 100).interval(0.95) == (2.0, 2.0)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy"])
def test_a_classifier_that_got_worse_is_told(metric: str) -> None:
    report = quality_report(version(metrics=binary(0.95)), {TODAY: draw(0.8, 300, dice_of(1))}, TODAY)

    assert (report["status"], report["window_days"]) == ("worse", 7)
    found = {one["metric"]: one for one in report["windows"][0]["compared"]}[metric]
    assert found["status"] == "worse"
    assert found["low"] < found["live"] < found["high"] < found["training"]
    assert 0 < found["loss_at_least"] < found["loss"]
    assert found["lift_lost"] == pytest.approx(found["loss"] / 0.45, abs=1e-9)
    assert quality.lift_lost(report) >= found["lift_lost"]
    assert report["statement"].startswith("In 7 days 300 outcomes came back. ")
    assert report["statement"].endswith("worse than chance explains.")


@pytest.mark.parametrize("rows", [100, 300, 3000])
def test_chance_alone_makes_no_alarm_and_a_loss_does(rows: int) -> None:
    """At least 99 of 100 windows of a model that is as good as ever are silent."""
    dice = dice_of(rows)
    known = version(metrics=binary(0.9))
    same = [quality_report(known, {TODAY: draw(0.9, rows, dice)}, TODAY)["status"] for _ in range(300)]
    assert same.count("as_expected") >= 297
    lost = [quality_report(known, {TODAY: draw(0.68, rows, dice)}, TODAY)["status"] for _ in range(100)]
    assert lost.count("worse") >= 90


def _errors(scale: float, rows: int, dice: random.Random) -> Errors:
    actual = [dice.gauss(100, 20) for _ in range(rows)]
    return Errors.of([(value + dice.gauss(0, scale), value) for value in actual])


@pytest.mark.parametrize("rows", [100, 1000])
def test_chance_alone_makes_no_alarm_of_numbers_and_a_loss_does(rows: int) -> None:
    dice = dice_of(rows)
    holdout = {"mae": 5 * math.sqrt(2 / math.pi), "rmse": 5.0, "r2": 0.94, "residual_mean": -0.25}
    metrics = {"holdout": holdout, "baseline": {"mae": 16.0}}
    known = version(task="regression", metric="rmse", metrics=metrics)
    same = [quality_report(known, {TODAY: _errors(5, rows, dice)}, TODAY)["status"] for _ in range(300)]
    assert same.count("as_expected") >= 297
    lost = [quality_report(known, {TODAY: _errors(10, rows, dice)}, TODAY) for _ in range(100)]
    assert [report["status"] for report in lost].count("worse") >= 99
    assert lost[0]["training"]["figures"]["bias"] == 0.25
    (compared,) = lost[0]["windows"][0]["compared"]
    assert compared["lift_lost"] == pytest.approx(compared["loss"] / (16 - holdout["mae"]))


def test_a_sure_loss_that_is_too_small_to_matter_is_no_verdict() -> None:
    report = quality_report(
        version(metrics=binary(0.9, rows=10**6)), {TODAY: draw(0.88, 10**5, dice_of(3))}, TODAY
    )
    (first, _) = report["windows"][0]["compared"]
    assert first["loss_at_least"] > 0
    assert report["status"] == "as_expected"


def test_few_outcomes_say_nothing_and_none_say_how_to_send_some() -> None:
    known = version(metrics=binary(0.95))
    few = quality_report(known, {TODAY: draw(0.1, 99, dice_of(1))}, TODAY)
    assert (few["status"], few["window_days"]) == ("too_few", None)
    assert few["statement"] == "Too few outcomes to tell: 99 in 30 days, and it takes 100."
    assert few["windows"][0]["figures"]["accuracy"] < 0.3
    assert quality.lift_lost(few) == 0
    none = quality_report(known, {}, TODAY)
    assert none["statement"] == "No outcomes came back in 30 days: POST /models/{name}/outcomes takes them."
    assert (none["by_day"], none["windows"][0]["figures"]) == ([], {})


def test_a_window_that_has_enough_decides_and_older_days_are_left_out() -> None:
    dice = dice_of(1)
    days = {TODAY - timedelta(days=ago): draw(0.95, 60, dice) for ago in (0, 10, 29, 30)}
    report = quality_report(version(metrics=binary(0.95)), days, TODAY)
    assert [window["outcomes"] for window in report["windows"]] == [60, 180]
    assert (report["status"], report["window_days"]) == ("as_expected", 30)
    assert [day["date"] for day in report["by_day"]] == ["2026-03-02", "2026-03-21", "2026-03-31"]


def _without_holdout(metrics: dict[str, Any]) -> None:
    metrics.clear()


def _of_other_classes(metrics: dict[str, Any]) -> None:
    metrics["holdout"]["confusion_matrix"]["labels"] = ["a", "b"]


@pytest.mark.parametrize("spoil", [_without_holdout, _of_other_classes])
def test_without_figures_of_the_holdout_nothing_is_compared(spoil: Callable[[dict[str, Any]], None]) -> None:
    metrics = binary(0.9)
    spoil(metrics)
    report = quality_report(version(metrics=metrics), {TODAY: draw(0.9, 200, dice_of(1))}, TODAY)
    assert report["status"] == "not_comparable"
    assert report["windows"][0]["figures"]["accuracy"] > 0.8


def test_a_class_that_did_not_come_true_is_not_held_against_the_model() -> None:
    matrix = {"labels": list(CLASSES), "matrix": [[90, 0, 10], [100, 0, 0], [10, 0, 90]]}
    metrics = {"holdout": {"confusion_matrix": matrix}, "baseline": {}}
    pairs = [("no", "no")] * 90 + [("yes", "no")] * 10 + [("yes", "yes")] * 90 + [("no", "yes")] * 10
    report = quality_report(version(metrics=metrics), {TODAY: Confusion.of(CLASSES, pairs)}, TODAY)
    found = {one["metric"]: one for one in report["windows"][0]["compared"]}
    assert found["balanced_accuracy"]["training"] == found["balanced_accuracy"]["live"] == 0.9
    assert found["balanced_accuracy"]["lift_lost"] is None


def test_kinds_do_not_add_up() -> None:
    with pytest.raises(TypeError, match="do not add up"):
        quality.added(Errors.of([(1, 1)]), Confusion.of(["a"], [("a", "a")]))
