"""An order of tools is as sure as the rows that tested them."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.benchmarks.automl import report
from tests.benchmarks.automl.bench import kept
from tests.benchmarks.automl.margins import Margin, compare, margin
from tests.benchmarks.automl.scores import read
from tests.benchmarks.automl.sources import DataSet
from tests.benchmarks.automl.tools import OURS

ROWS = 200
TRUTH = np.random.default_rng(1).normal(size=ROWS)
NUMBERS = DataSet("numbers/7", "y", True, b"", b"", [str(value) for value in TRUTH])


def answered(keep: Path, tool: str, errors: np.ndarray) -> None:
    file = kept(keep, NUMBERS.name, tool)
    file.parent.mkdir(exist_ok=True)
    lines = [f"{row},{value}" for row, value in enumerate(TRUTH + errors)]
    file.write_text("\n".join(["row,prediction", *lines]) + "\n")


@pytest.fixture
def errors():
    return np.random.default_rng(2).normal(scale=0.5, size=ROWS)


def test_smaller_errors_on_all_rows_are_ahead_whichever_rows_test(tmp_path, errors) -> None:
    answered(tmp_path, OURS, 0.8 * errors)
    answered(tmp_path, "flaml", errors)

    found = margin(tmp_path, NUMBERS)

    assert found is not None
    total = ((TRUTH - TRUTH.mean()) ** 2).sum()
    assert found.difference == pytest.approx((errors**2).sum() * (1 - 0.8**2) / total)
    assert 0 < found.low < found.difference < found.high
    assert (found.dataset, found.rows, found.other, found.decided) == ("numbers/7", ROWS, "flaml", True)


def test_errors_on_other_rows_decide_nothing(tmp_path, errors) -> None:
    answered(tmp_path, OURS, errors)
    answered(tmp_path, "flaml", errors[::-1])

    found = margin(tmp_path, NUMBERS)

    assert found is not None
    assert found.low < 0 < found.high
    assert not found.decided


def test_the_best_of_the_others_is_compared_with(tmp_path, errors) -> None:
    answered(tmp_path, OURS, 3 * errors)
    answered(tmp_path, "flaml", 2 * errors)
    answered(tmp_path, "sklearn_rf", errors)

    found = margin(tmp_path, NUMBERS)

    assert found is not None
    assert found.other == "sklearn_rf"
    assert found.high < 0
    assert found.decided


@pytest.mark.parametrize("tool", [OURS, "flaml"])
def test_one_tool_alone_has_no_margin(tmp_path, errors, tool) -> None:
    answered(tmp_path, tool, errors)

    assert margin(tmp_path, NUMBERS) is None


def test_resamples_without_one_of_the_classes_are_left_out(tmp_path) -> None:
    truth = ["a", *["b"] * 9]
    files = {}
    for tool, sure in ((OURS, 0.9), ("flaml", 0.2)):
        files[tool] = tmp_path / tool
        lines = [f"{row},b,{sure if row == 0 else row / 10},0" for row in range(10)]
        files[tool].write_text("\n".join(["row,prediction,p_a,p_b", *lines]))

    found = compare(
        DataSet("classes", "y", False, b"", b"", truth),
        "flaml",
        *(read(files[tool], 10) for tool in (OURS, "flaml")),
    )

    assert np.isfinite([found.difference, found.low, found.high]).all()


def test_the_table_says_where_the_test_rows_decide() -> None:
    text = io.StringIO()

    report.show_margins(
        Console(file=text, width=report.WIDTH),
        [
            Margin("one", 250, "flaml", 0.02, 0.01, 0.03),
            Margin("two", 250, "flaml", -0.02, -0.03, -0.01),
            Margin("three", 250, "flaml", -0.01, -0.03, 0.01),
        ],
    )

    said = [line.split("\u2502")[1:-1] for line in text.getvalue().splitlines() if "flaml" in line]
    assert [(cells[0].strip(), cells[-1].strip()) for cells in said] == [
        ("one", "ahead"),
        ("two", "behind"),
        ("three", "undecided"),
    ]
    assert "-0.0300 to +0.0100" in text.getvalue()
