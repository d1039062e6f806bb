"""Which package may import which, read from the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = {
    "csv_analyzer": ROOT / "layers/core/csv_analyzer",
    "scoring": ROOT / "layers/scoring/scoring",
    "automl": ROOT / "layers/automl/automl",
    "api": ROOT / "functions/api/api",
    "predict": ROOT / "functions/predict/predict",
    "batch": ROOT / "functions/batch/batch",
    "analyze": ROOT / "functions/analyze/analyze",
    "train": ROOT / "functions/train/train",
    "erase": ROOT / "functions/erase/erase",
    "web": ROOT / "functions/web/function/web",
}
OURS_ALLOWED = {
    "csv_analyzer": set(),
    "scoring": set(),
    "automl": {"scoring"},
    "api": {"csv_analyzer", "scoring"},
    "predict": {"csv_analyzer", "scoring"},
    "batch": {"csv_analyzer", "scoring"},
    "analyze": {"csv_analyzer", "automl"},
    "train": {"csv_analyzer", "automl"},
    "erase": {"csv_analyzer"},
    "web": {"csv_analyzer"},
}
FORBIDDEN = {
    "csv_analyzer": {"numpy", "pandas", "sklearn", "mlflow"},
    "scoring": {"pandas", "scipy", "sklearn", "lightgbm", "boto3", "pydantic", "pickle", "joblib"},
    "automl": {"boto3", "botocore", "mlflow", "aws_lambda_powertools", "pickle", "joblib"},
    "api": {"numpy", "pandas", "sklearn", "mlflow", "automl"},
    "predict": {"pandas", "scipy", "sklearn", "mlflow", "pydantic"},
    "batch": {"pandas", "scipy", "sklearn", "mlflow", "pydantic"},
    "analyze": {"mlflow"},
    "train": set(),
    "erase": {"numpy", "pandas", "sklearn", "mlflow", "pydantic"},
    "web": {"boto3", "botocore", "numpy", "pandas", "sklearn", "mlflow", "pydantic"},
}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            yield node.module or ""


def _imported_by(package: str) -> dict[Path, set[str]]:
    return {path: {name.split(".")[0] for name in _imports(path)} for path in PACKAGES[package].rglob("*.py")}


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    for path, names in _imported_by(package).items():
        ours = names & PACKAGES.keys() - {package}
        assert ours <= OURS_ALLOWED[package], path
        assert not names & FORBIDDEN[package], path
        assert not names & {"infra", "tests"}, path


def test_the_portable_model_needs_numpy_and_the_standard_library_alone() -> None:
    import sys

    for path, names in _imported_by("scoring").items():
        assert names - {"scoring", "numpy"} <= sys.stdlib_module_names, path


def test_mlflow_is_imported_in_one_module() -> None:
    importers = {path.name for path, names in _imported_by("train").items() if "mlflow" in names}
    assert importers == {"tracking.py"}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_environment_is_read_in_one_module(package: str) -> None:
    readers = {
        path.name
        for path in PACKAGES[package].rglob("*.py")
        if any(
            word in path.read_text("utf-8")
            for word in ("os.environ[", "environ.get", "= os.environ", "os.getenv")
        )
    }
    assert readers <= ({"settings.py"} if package == "csv_analyzer" else set())
