"""What a cold start may import: the list is the budget."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

HEAVY = {
    "automl",
    "boto3",
    "botocore.client",
    "botocore.credentials",
    "botocore.session",
    "httpx",
    "joblib",
    "lightgbm",
    "matplotlib",
    "mlflow",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "pydantic",
    "requests",
    "scipy",
    "sklearn",
    "urllib3",
}
ALLOWED = {
    "api": {"pydantic"},
    "predict": {"numpy"},
    "batch": {"numpy"},
    "drift": {"numpy"},
    "analyze": {"automl", "joblib", "lightgbm", "numpy", "pandas", "pydantic", "scipy", "sklearn"},
    "train": {"automl", "joblib", "lightgbm", "numpy", "pandas", "pydantic", "scipy", "sklearn"},
    "train.tracking_app": set(),
    "erase": set(),
    "web": set(),
}


def _loaded_after(statement: str) -> set[str]:
    folders = ("layers/core", "layers/scoring", "layers/automl")
    functions = [*(ROOT / "functions").iterdir(), ROOT / "functions/web/function"]
    paths = [*(ROOT / folder for folder in folders), *functions]
    code = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("function", ALLOWED)
def test_a_function_starts_without_what_it_does_not_need(function: str) -> None:
    module = function if "." in function else f"{function}.app"
    heavy = _loaded_after(f"import {module}") & HEAVY
    assert heavy <= ALLOWED[function], heavy - ALLOWED[function]


def test_predict_starts_with_numpy_powertools_and_what_that_needs() -> None:
    loaded = _loaded_after("import predict.app")
    packages = {name.partition(".")[0] for name in loaded - _loaded_after("pass")}
    # Powertools tells botocore its name, for which the empty package is enough.
    assert {name for name in loaded if name.startswith("botocore.")} <= {
        "botocore.exceptions",
        "botocore.vendored",
    }
    assert packages - sys.stdlib_module_names == {
        *("aws_lambda_powertools", "botocore", "jmespath", "typing_extensions"),
        *("csv_analyzer", "numpy", "predict", "scoring"),
    }


def test_the_page_starts_with_powertools_and_what_that_needs() -> None:
    loaded = _loaded_after("import web.app")
    packages = {name.partition(".")[0] for name in loaded - _loaded_after("pass")}
    assert packages - sys.stdlib_module_names == {
        *("aws_lambda_powertools", "botocore", "jmespath", "typing_extensions"),
        *("csv_analyzer", "web"),
    }


def test_the_portable_model_imports_numpy_alone() -> None:
    assert _loaded_after("import scoring") & HEAVY == {"numpy"}
