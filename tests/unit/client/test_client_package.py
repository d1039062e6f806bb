"""The package: what its wheel holds, what it needs, and that it stands alone."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import csv_analyzer_client

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "layers" / "client"
PACKAGE = Path(csv_analyzer_client.__file__).parent
DEPENDENCIES = {"httpx", "rich", "typer"}


def test_the_source_imports_its_dependencies_and_the_standard_library_only():
    allowed = {"csv_analyzer_client", *DEPENDENCIES, *sys.stdlib_module_names}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert {name.partition(".")[0] for name in names} <= allowed, path


def test_the_api_is_imported_without_aws_models_or_the_command_line():
    code = (
        "import sys, csv_analyzer_client\n"
        "print(sorted({'boto3', 'botocore', 'numpy', 'pandas', 'typer', 'csv_analyzer'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_terminal_that_knows_few_characters_is_no_error(encoding, tmp_path):
    environment = {"PYTHONPATH": str(FOLDER), "PYTHONIOENCODING": encoding, "HOME": str(tmp_path)}
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "csv_analyzer_client",
        "configure",
        "https://\N{BLACK STAR}.example",
    ]
    command += ["--region", "eu-west-1", "--client-id", "c", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["url"] == "https://\N{BLACK STAR}.example"


def test_nobody_reading_is_no_error(tmp_path):
    command = [sys.executable, "-W", "error", "-m", "csv_analyzer_client", "profiles", "--json"]
    environment = {"PYTHONPATH": str(FOLDER), "HOME": str(tmp_path)}
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(writer)
    assert b"Traceback" not in done.stderr


def test_the_dependency_group_of_the_project_is_that_of_the_package():
    group = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["client"]
    needed = tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert {name.partition(">")[0] for name in needed} == set(group) == DEPENDENCIES


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built by the backend inside uv, which needs no network."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("uv, which builds the wheel without a network, is not installed here")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(FOLDER, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [
        uv,
        "build",
        "--offline",
        "--wheel",
        "--python",
        sys.executable,
        "-o",
        str(folder),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = {name for name in wheel.namelist() if not name.endswith("/")}
    code = {f"csv_analyzer_client/{path.relative_to(PACKAGE)}" for path in PACKAGE.rglob("*.py")}
    info = {name for name in names if ".dist-info/" in name}
    assert names - info == code | {"csv_analyzer_client/py.typed"}
    assert {name.rpartition("/")[2] for name in info} == {"METADATA", "RECORD", "WHEEL", "entry_points.txt"}


def test_the_wheel_says_what_it_needs(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    metadata = message_from_bytes(wheel.read(name))
    needed = metadata.get_all("Requires-Dist")
    assert {requirement.partition(">")[0] for requirement in needed} == DEPENDENCIES
    assert metadata["Name"] == "csv-analyzer"
    assert metadata["Requires-Python"] == ">=3.12"
    assert "csv-analyzer login" in metadata.get_payload()
    (entry,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert "csv-analyzer = csv_analyzer_client.cli:main" in wheel.read(entry).decode()
