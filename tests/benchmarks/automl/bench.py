"""One tool on one set: fit, size, predict, score."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.benchmarks.automl.measure import Measured, folder_size, run
from tests.benchmarks.automl.ranks import PRIMARY, value_of
from tests.benchmarks.automl.results import Row, reason
from tests.benchmarks.automl.scores import CLASSIFICATION, REGRESSION, UnusableError, read, score
from tests.benchmarks.automl.sources import DataSet
from tests.benchmarks.automl.tools import OURS, SAFE_PATH, UNTUNED, Tool

LATENCY = Path(__file__).parent / "latency.py"
ANSWERS = "out.csv"
MEASURES = ("fit_s", "predict_s", "peak_rss_mb", "model_bytes", "overrun_s", "row_ms", "error")


def limit(budget: float) -> float:
    """Return after how many seconds a fit is stopped; what takes no budget needs some, too."""
    return max(3 * budget, 180.0)


def bench(tool: Tool, data: DataSet, budget: float, keep: Path | None = None) -> Row:
    """Return the row of results; a failure is a result.

    Answers that have ROC AUC or R2 are kept in the folder ``keep`` where there is one, see :func:`kept`.
    """
    row: Row = {"dataset": data.name, "tool": tool.name, "budget_s": budget}
    row |= dict.fromkeys((*CLASSIFICATION, *REGRESSION, *MEASURES))
    with tempfile.TemporaryDirectory() as folder:
        _measure(row, tool, data, Path(folder))
        if keep is not None:
            _keep(row, Path(folder) / ANSWERS, kept(keep, data.name, tool.name))
    return row


def kept(keep: Path, dataset: str, tool: str) -> Path:
    """Return the file of the answers of a tool to the test rows of a set."""
    return keep / dataset.replace("/", "-") / f"{tool}.csv"


def _keep(row: Row, answers: Path, file: Path) -> None:
    file.unlink(missing_ok=True)
    if value_of(row, PRIMARY) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(answers, file)


def _measure(row: Row, tool: Tool, data: DataSet, folder: Path) -> None:
    train, test, model, out = (folder / name for name in ("train.csv", "test.csv", "model", ANSWERS))
    train.write_bytes(data.train)
    test.write_bytes(data.test)
    budget = row["budget_s"]

    fitted = run(tool.fit(data, train, budget, model), folder, tool.environment, limit(budget))
    row |= {"fit_s": round(fitted.seconds, 2), "peak_rss_mb": round(fitted.peak_mb)}
    if tool.name not in UNTUNED:
        row["overrun_s"] = round(fitted.seconds - budget, 2)
    if failed := _failure(fitted):
        row["error"] = failed
        return
    row["model_bytes"] = folder_size(model)

    predicted = run(tool.predict(model, test, out), folder, tool.environment, limit(budget))
    row["predict_s"] = round(predicted.seconds, 2)
    if failed := _failure(predicted):
        row["error"] = f"predict: {failed}"
        return
    try:
        row |= score(read(out, len(data.truth)), data.truth, regression=data.regression)
    except (UnusableError, ValueError, KeyError) as error:
        row["error"] = reason(f"predict: {error}", "predict: unreadable predictions")
    if tool.name == OURS:
        row |= _row_ms(tool, model)


def _failure(done: Measured) -> str | None:
    if done.status is None:
        return f"stopped after {done.seconds:.0f} s"
    return reason(done.output, f"exit status {done.status}") if done.status else None


def _row_ms(tool: Tool, model: Path) -> Row:
    done = subprocess.run(
        [str(tool.python), SAFE_PATH, str(LATENCY), str(model)],
        env=tool.environment | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"error": "one row: " + reason(done.stderr, f"exit status {done.returncode}")}
    return {"row_ms": float(done.stdout)}
