"""Rules for the container image: it builds, and its three handlers start in it as Lambda starts them."""

import subprocess
from pathlib import Path

import pytest

from infra.local.template import Template

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent.parent
IMAGE_FUNCTIONS = ("AnalyzeFunction", "TrainFunction", "TrackingFunction")
IMAGE = "csv-analyzer-test:latest"
# Whom Lambda runs functions as: somebody who owns nothing in the image.
LAMBDA_USER = "993:990"


def _docker(*arguments: str, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
    )


@pytest.fixture(scope="module")
def image() -> str:
    """The image, built as `sam build` builds it."""
    base = f"public.ecr.aws/lambda/python:{(ROOT / '.python-version').read_text().strip()}"
    try:
        engine = _docker("version", "--format", "{{.Server.Version}}")
    except FileNotFoundError:
        pytest.skip("there is no docker command on this machine")
    if engine.returncode:
        pytest.skip("no Docker engine answers on this machine (.ci/docker starts one)")
    if _docker("image", "inspect", base).returncode:
        pytest.skip(f"{base} is not here: pull it, or make a stand-in with infra/docker/base-image.sh")
    # The tag stays, and with it the layers that the next run need not build again.
    before = _docker("images", "--quiet", IMAGE).stdout.strip()
    built = _docker("build", "--file", "functions/train/Dockerfile", "--tag", IMAGE, ".", seconds=800)
    assert built.returncode == 0, (built.stdout + built.stderr)[-3000:]
    if before and before != _docker("images", "--quiet", IMAGE).stdout.strip():
        _docker("rmi", before)
    return IMAGE


def _python(image: str, code: str, environment: dict[str, str] | None = None) -> str:
    variables = {**(environment or {}), "AWS_DEFAULT_REGION": "us-east-1"}
    options = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
    ran = _docker(
        *("run", "--rm", "--network", "none", "--user", LAMBDA_USER, "--read-only"),
        *("--tmpfs", "/tmp"),  # noqa: S108  # the one folder that Lambda lets a function write to
        *options,
        *("--entrypoint", "python", image, "-c", code),
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


@pytest.mark.parametrize("name", IMAGE_FUNCTIONS)
def test_a_handler_starts_with_the_environment_of_the_template(
    image: str, template: Template, name: str
) -> None:
    function = template.functions[name]
    module = function.handler.rpartition(".")[0]
    printed = _python(
        image,
        f"import importlib; print(callable(importlib.import_module('{module}').handler))",
        function.environment,
    )
    assert printed.strip() == "True"


def test_the_image_holds_bytecode_of_everything_that_a_cold_start_imports(
    image: str, template: Template
) -> None:
    function = template.functions["TrainFunction"]
    code = (
        "import sys, os, train.app\n"
        "for name, module in sorted(sys.modules.items()):\n"
        "    path, cached = (getattr(module, key, None) for key in ('__file__', '__cached__'))\n"
        "    if path and path.startswith('/var/task/') and path.endswith('.py'):\n"
        "        assert cached and os.path.exists(cached), name\n"
        "print(sum(name.startswith('pandas.') for name in sys.modules) > 100)\n"
    )
    assert _python(image, code, function.environment).strip() == "True"


def test_compiled_libraries_find_what_they_are_linked_against(image: str) -> None:
    code = (
        "import lightgbm, numpy as np\n"
        "lightgbm.LGBMRegressor(n_estimators=2, verbose=-1).fit(np.eye(50), range(50))"
    )
    _python(image, code)


def test_the_image_holds_nothing_of_the_repository_but_its_packages(image: str) -> None:
    foreign = ["api", "predict", "tests", "infra", "layers", "functions", ".git"]
    code = f"import os; print(*[name for name in {foreign} if os.path.exists(name)])"
    assert _python(image, code).strip() == ""
