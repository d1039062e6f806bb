"""The trend of the benchmark: comparable between machines, loud when a figure is far above what it was."""

import json
from pathlib import Path
from typing import Any

from tests.benchmarks import trend
from tests.benchmarks.local_stack import RESULTS


def _results(speed: float = 1.0, predict_ms: float = 10.0, peak_mb: int = 70) -> dict[str, Any]:
    times = {"python_and_numpy_start": 100.0, "predict_cold": 300.0, "api_cold": 320.0, "health_warm": 5.0}
    times["predict_warm"] = predict_ms
    return {
        "date": "2026-01-31",
        "requests_ms": {name: value * speed for name, value in times.items()},
        "functions": [
            {"function": "ApiFunction", "init_ms_median": 300 * speed, "peak_memory_mb": peak_mb},
        ],
    }


def test_a_slower_machine_makes_no_difference() -> None:
    assert trend.figures(_results()) == trend.figures(_results(speed=3.0))
    assert trend.figures(_results())["ApiFunction_init"] == 3.0


def test_figures_are_those_of_the_committed_results() -> None:
    found = trend.figures(json.loads(RESULTS.read_text("utf-8")))
    assert {"predict_cold", "predict_warm", "TrainFunction_peak_mb", "PredictFunction_init"} <= set(found)


def test_a_figure_is_far_above_once_there_are_runs_to_compare_with(tmp_path: Path) -> None:
    for number in range(trend.LEAST_RUNS):
        # Nothing is known yet, however odd a night is.
        assert trend.add(tmp_path, _results(predict_ms=20.0 if number == 2 else 10.0), "a" * 40) == []
    assert trend.add(tmp_path, _results(speed=2.0, predict_ms=14.0), "b" * 40) == []
    assert trend.add(tmp_path, _results(predict_ms=16.0), "c" * 40) == [
        "predict_warm is 0.16; the median of 6 runs before is 0.1."
    ]
    (sentence,) = trend.add(tmp_path, _results(peak_mb=200), "d" * 40)
    assert sentence.startswith("ApiFunction_peak_mb is 200;")
    table = (tmp_path / "trend.md").read_text("utf-8").splitlines()
    assert len(table) == 2 + trend.LEAST_RUNS + 3
    assert table[2].startswith("| 2026-01-31 | dddddddd |")


def test_a_function_that_is_new_has_no_past(tmp_path: Path) -> None:
    for _ in range(trend.LEAST_RUNS):
        trend.add(tmp_path, _results(), "a" * 40)
    results = _results()
    results["functions"].append({"function": "NewFunction", "init_ms_median": 9000, "peak_memory_mb": 5000})
    assert trend.add(tmp_path, results, "b" * 40) == []
    assert "| - |" in (tmp_path / "trend.md").read_text("utf-8")
