"""A run is measured, stopped at its limit, and its failure is a result."""

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.benchmarks.automl.bench import bench, kept
from tests.benchmarks.automl.measure import folder_size, run
from tests.benchmarks.automl.sources import DataSet
from tests.benchmarks.automl.tools import Tool, task_of

HELD = "import time; held = bytearray(64 * 2**20); time.sleep(0.5)"
DATA = DataSet("s", "y", True, b"x,y\n1,2\n", b"x,y\n1,\n2,\n", ["1", "2"])


FITS = "import os, sys; os.mkdir(sys.argv[1]); open(sys.argv[1] + '/m', 'w').write('12345')"
FAILS = "raise ValueError('bad bytes')"


@dataclass(frozen=True)
class MeanTool(Tool):
    """Answers with a number; the program to fit is given."""

    program: str = FITS

    def fit(self, data: DataSet, train: Path, budget: float, model: Path) -> list[str]:
        return [sys.executable, "-c", self.program, str(model)]

    def predict(self, model: Path, test: Path, out: Path) -> list[str]:
        write = "import sys; open(sys.argv[1], 'w').write('row,prediction\\n0,1.5\\n1,1.5\\n')"
        return [sys.executable, "-c", write, str(out)]


MEAN = MeanTool("mean", Path(sys.executable))
FAILING = MeanTool("mean", Path(sys.executable), FAILS)


def test_memory_of_children_counts(tmp_path) -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HELD!r}])"

    done = run([sys.executable, "-c", parent], tmp_path, dict(os.environ), 60)

    assert done.status == 0
    assert done.peak_mb > 64


def test_a_run_is_stopped_at_its_limit(tmp_path) -> None:
    done = run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, dict(os.environ), 0.2)

    assert done.status is None


def test_what_a_program_says_is_kept(tmp_path) -> None:
    done = run([sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path, dict(os.environ), 60)

    assert (done.status, done.output.strip()) == (1, "no luck")


def test_a_folder_is_as_large_as_all_its_files(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"123")
    (tmp_path / "y").write_bytes(b"4567")

    assert folder_size(tmp_path) == 7


def test_a_tool_that_fits_and_predicts_gets_its_figures() -> None:
    row = bench(MEAN, DATA, 10.0)

    assert (row["dataset"], row["budget_s"], row["mae"], row["model_bytes"]) == ("s", 10.0, 0.5, 5)
    assert row["overrun_s"] == pytest.approx(row["fit_s"] - 10.0)
    assert row["error"] is None


def test_a_tool_that_stops_leaves_its_reason() -> None:
    row = bench(FAILING, DATA, 10.0)

    assert row["error"] == "ValueError: bad bytes"
    assert row["mae"] is None


def test_too_few_predictions_are_a_failure() -> None:
    row = bench(MEAN, DataSet("s", "y", True, b"", b"", ["1", "2", "3"]), 10.0)

    assert row["error"] == "predict: 1 of 3 test rows have no prediction"


def test_answers_are_kept_until_the_tool_has_none(tmp_path) -> None:
    data = replace(DATA, name="s/7")
    file = kept(tmp_path, "s/7", "mean")

    bench(MEAN, data, 10.0, tmp_path)
    assert file.read_text().splitlines() == ["row,prediction", "0,1.5", "1,1.5"]

    bench(FAILING, data, 10.0, tmp_path)
    assert not file.exists()


def test_answers_that_cannot_be_judged_are_not_kept(tmp_path) -> None:
    bench(MEAN, replace(DATA, truth=["1", "2", "3"]), 10.0, tmp_path)

    assert not kept(tmp_path, "s", "mean").exists()


@pytest.mark.parametrize(
    ("regression", "truth", "task"),
    [
        (True, ["1", "2", "3"], "regression"),
        (False, ["a", "b"], "binary"),
        (False, ["a", "b", "c"], "multiclass"),
    ],
)
def test_peers_are_told_the_task(regression: bool, truth: list[str], task: str) -> None:
    assert task_of(DataSet("s", "y", regression, b"", b"", truth)) == task
