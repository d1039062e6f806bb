"""Rules for the images: they build, and what they are for starts in them as AWS starts it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.template import Template
from monitoring import settings

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent.parent
IMAGE_FUNCTIONS = ("AnalyzeFunction", "TrainFunction", "TrackingFunction")
# Whom Lambda runs functions as: somebody who owns nothing in the image.
LAMBDA_USER = "993:990"


def _docker(*arguments: str, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
    )


@pytest.fixture(scope="module")
def build() -> Callable[[str], str]:
    """Build the image of a Dockerfile, named from the root, and return its tag."""
    base = f"public.ecr.aws/lambda/python:{(ROOT / '.python-version').read_text().strip()}"
    try:
        engine = _docker("version", "--format", "{{.Server.Version}}")
    except FileNotFoundError:
        pytest.skip("there is no docker command on this machine")
    if engine.returncode:
        pytest.skip("no Docker engine answers on this machine (.ci/docker starts one)")
    if _docker("image", "inspect", base).returncode:
        pytest.skip(f"{base} is not here: pull it, or make a stand-in with infra/docker/base-image.sh")
    return _build


def _build(dockerfile: str) -> str:
    # The tag stays, and with it the layers that the next run need not build again.
    tag = f"csv-analyzer-test-{Path(dockerfile).parent.name}:latest"
    before = _docker("images", "--quiet", tag).stdout.strip()
    built = _docker("build", "--file", dockerfile, "--tag", tag, ".", seconds=800)
    assert built.returncode == 0, (built.stdout + built.stderr)[-3000:]
    if before and before != _docker("images", "--quiet", tag).stdout.strip():
        _docker("rmi", before)
    return tag


@pytest.fixture(scope="module")
def image(build: Callable[[str], str]) -> str:
    """The image of the functions, built as `sam build` builds it."""
    return build("functions/train/Dockerfile")


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


# ---------------------------------------------------------------- images of servers


def test_the_image_of_monitoring_writes_what_the_other_containers_read(
    build: Callable[[str], str], containers: Template, tmp_path: Path
) -> None:
    tag = build("monitoring/Dockerfile")
    (container,) = [
        each for each in containers.properties("Task")["ContainerDefinitions"] if each["Name"] == "settings"
    ]
    variables = {each["Name"]: each["Value"] for each in container["Environment"]}
    paths = [mount["ContainerPath"] for mount in container["MountPoints"]]
    name = f"csv-analyzer-test-{tmp_path.name}"
    (tmp_path / "written").mkdir()
    # New volumes at the places of the image's own, as Fargate mounts them: they take over its owner.
    volumes = [word for path in paths for word in ("--volume", path)]
    options = [word for item in variables.items() for word in ("--env", "=".join(item))]
    try:
        ran = _docker("run", "--name", name, "--network", "none", "--read-only", *volumes, *options, tag)
        assert ran.returncode == 0, ran.stderr[-3000:]
        for path, folder in zip(paths, ("settings", "runbooks"), strict=True):
            copied = _docker("cp", f"{name}:{path}/.", str(tmp_path / "written" / folder))
            assert copied.returncode == 0, copied.stderr
    finally:
        _docker("rm", "--force", "--volumes", name)
    settings.write(tmp_path / "here" / "settings", tmp_path / "here" / "runbooks", variables)
    assert _texts(tmp_path / "written") == _texts(tmp_path / "here")


def _texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.long
def test_the_image_of_mlflow_speaks_to_postgresql_and_s3(build: Callable[[str], str]) -> None:
    code = "import boto3, mlflow.server, psycopg2; print(psycopg2.__libpq_version__ > 0)"
    assert _python(build("infra/mlflow/Dockerfile"), code).strip() == "True"
