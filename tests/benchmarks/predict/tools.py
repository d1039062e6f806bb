"""The tools: which interpreter runs each, and how large is what must be installed for it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from infra.build import prune
from tests.benchmarks.automl.environments import ensure

ROOT = Path(__file__).parent.parent.parent.parent
SERVED = Path(__file__).parent / "served.py"
OURS = "csv_analyzer"
SKLEARN = ("scikit-learn", "joblib", "pandas")
PACKAGES = {
    "sklearn_joblib_pandas": SKLEARN,
    "sklearn_skops_pandas": (*SKLEARN, "skops"),
    "onnx_runtime": ("onnxruntime",),
    "fastapi_joblib": (*SKLEARN, "fastapi", "uvicorn"),
    "mlflow_serve": (*SKLEARN, "mlflow"),
}
TOOLS = (OURS, "sklearn_joblib_pandas", "sklearn_skops_pandas", "onnx_runtime")
# What the function has beside numpy and ``scoring``.
HANDLED_TOOLS = ("csv_analyzer_route", "csv_analyzer_handler")
CORE_PACKAGES = ("aws-lambda-powertools", "pydantic")
ENSEMBLE = "ensemble"
FAMILIES = (
    "logistic",
    "random_forest",
    "extra_trees",
    "histogram_boosting",
    "lightgbm",
    "catboost",
    ENSEMBLE,
)
FILES = {"sklearn_skops_pandas": "pipeline.skops", "onnx_runtime": "model.onnx"}
MEBIBYTE = 2**20
# Whose estimators need a library of their own beside scikit-learn.
LIBRARIES = {"lightgbm": ("lightgbm",), "catboost": ("catboost",), ENSEMBLE: ("lightgbm", "catboost")}
# Sums the files of distributions and all that these require, without bytecode.
CLOSURE = """
import json, re, sys
from importlib.metadata import PackageNotFoundError, distribution
from packaging.requirements import Requirement
sizes, queue = {}, list(sys.argv[1:])
while queue:
    name = re.sub("[-_.]+", "-", queue.pop()).lower()
    if name in sizes:
        continue
    try:
        found = distribution(name)
    except PackageNotFoundError:
        continue
    files = {file for file in found.files or () if file.suffix != ".pyc"}
    sizes[name] = sum(path.stat().st_size for path in map(found.locate_file, files) if path.is_file())
    for text in found.requires or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            queue.append(needed.name)
print(json.dumps(sum(sizes.values())))
"""


@dataclass(frozen=True)
class Tools:
    """Interpreters and where they import from.

    Parameters
    ----------
    peers
        The Python of the peers' environment.
    own
        Folder that holds numpy and ``scoring``, as a Lambda layer does.
    """

    peers: Path
    own: Path

    def command(self, tool: str, folder: Path, rows: Path, *, first_only: bool = False) -> list[str]:
        """Return the command that serves one model."""
        # The interpreter below the virtual environment: nothing but the folder's packages is there to import.
        python = str(getattr(sys, "_base_executable")) if tool == OURS else str(self.peers)  # noqa: B009
        return [python, "-P", str(SERVED), tool, str(folder), str(rows), *(["first"] if first_only else [])]

    def environment(self, tool: str) -> dict[str, str]:
        """Return the variables of its process."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        # As the function is deployed; the peers start faster with it, too.
        kept["OPENBLAS_NUM_THREADS"] = "1"
        return kept | ({"PYTHONPATH": str(self.own)} if tool == OURS else {})

    def unzipped_mb(self, tool: str, family: str) -> float:
        """Return the MiB that must be installed, without bytecode."""
        if tool == OURS:
            return round(self._own_bytes / MEBIBYTE, 1)
        if tool in HANDLED_TOOLS:
            core = _closure(sys.executable, CORE_PACKAGES)
            return round((self._own_bytes + core) / MEBIBYTE, 1)
        library = LIBRARIES.get(family, ()) if tool != "onnx_runtime" else ()
        return round(_closure(str(self.peers), (*PACKAGES[tool], *library)) / MEBIBYTE, 1)

    @property
    def _own_bytes(self) -> int:
        files = (path for path in self.own.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return sum(path.stat().st_size for path in files)


def _closure(python: str, packages: Sequence[str]) -> int:
    """Return the bytes of packages and all that they need."""
    done = subprocess.run([python, "-c", CLOSURE, *packages], check=True, capture_output=True, text=True)
    return int(json.loads(done.stdout))


def prepare(home: Path, folder: Path) -> Tools:
    """Return the tools, with bytecode beside all that they import."""
    own = folder / "own"
    own.mkdir()
    for name in ("numpy", "numpy.libs"):
        shutil.copytree(_site_packages() / name, own / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "layers/scoring/scoring", own / "scoring", ignore=shutil.ignore_patterns("__pycache__")
    )
    prune(own)
    peers = ensure("predict", home)
    for place in (own, peers.parent.parent / "lib"):
        command = [str(peers), "-m", "compileall", "-q", "-x", "/tests/", str(place)]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Tools(peers, own)


def _site_packages() -> Path:
    spec = find_spec("numpy")
    if spec is None or spec.origin is None:
        raise RuntimeError("numpy is not installed")
    return Path(spec.origin).parent.parent
