"""The tools: how each is called, in which environment."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.automl.environments import ensure
from tests.benchmarks.automl.sources import DataSet

ROOT = Path(__file__).parent.parent.parent.parent
RUNNER = Path(__file__).parent / "peer_runner.py"
# Scripts here must not shadow what a peer imports.
SAFE_PATH = "-P"
OURS = "csv_analyzer"
ENVIRONMENTS = {
    "autogluon_good": "autogluon",
    "autogluon_medium": "autogluon",
    "catboost_default": "plain",
    "flaml": "flaml",
    "lightgbm_default": "plain",
    "mljar_perform": "mljar",
    "sklearn_hgb": "plain",
    "sklearn_rf": "plain",
}
TOOLS = (OURS, *ENVIRONMENTS)
UNTUNED = ("catboost_default", "lightgbm_default", "sklearn_hgb", "sklearn_rf")
REGRESSION = "regression"
CLASSES_OF_BINARY = 2


@dataclass(frozen=True)
class Tool:
    """A tool that can be called.

    Parameters
    ----------
    name
        One of ``TOOLS``.
    python
        The interpreter of its environment.
    """

    name: str
    python: Path

    def fit(self, data: DataSet, train: Path, budget: float, model: Path) -> list[str]:
        """Return the command that fits."""
        shared = ["--target", data.target, "--budget", f"{budget:g}", "--out", str(model)]
        if self.name == OURS:
            task = REGRESSION if data.regression else "classification"
            return [str(self.python), "-m", "automl", "fit", str(train), "--task", task, *shared]
        runner = [str(self.python), SAFE_PATH, str(RUNNER), "fit", self.name, str(train)]
        return [*runner, "--task", task_of(data), *shared]

    def predict(self, model: Path, test: Path, out: Path) -> list[str]:
        """Return the command that loads and predicts."""
        files = [str(model), str(test), "--out", str(out)]
        if self.name == OURS:
            return [str(self.python), "-m", "automl", "predict", *files]
        return [str(self.python), SAFE_PATH, str(RUNNER), "predict", self.name, *files]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its processes see."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        if self.name == OURS:
            kept["PYTHONPATH"] = os.pathsep.join(
                str(ROOT / "layers" / name) for name in ("automl", "scoring")
            )
        return kept


def prepare(name: str, home: Path) -> Tool:
    """Return a tool whose environment stands, below ``home`` for a peer."""
    return Tool(name, Path(sys.executable) if name == OURS else ensure(ENVIRONMENTS[name], home))


def task_of(data: DataSet) -> str:
    """Return the task as peers call it."""
    if data.regression:
        return REGRESSION
    return "binary" if len(set(data.truth)) <= CLASSES_OF_BINARY else "multiclass"
