"""Rules for the build: bytecode goes along and stays valid, and a missing engine is told in words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import build
from tests.conftest import ROOT
from tests.page_samples import write_page

HASH_BASED_AND_UNCHECKED = 0b01


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    for name in ("package/module.py", "package/tests/test_module.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("answer = 42\n")
    return tmp_path


def test_bytecode_stays_valid_when_a_zip_forgets_the_times_of_files(artifact: Path) -> None:
    build.compile_bytecode(artifact, "/var/task")
    (compiled,) = (artifact / "package" / "__pycache__").iterdir()
    assert compiled.name == f"module.{sys.implementation.cache_tag}.pyc"
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == HASH_BASED_AND_UNCHECKED


def test_tracebacks_show_where_the_code_runs(artifact: Path) -> None:
    build.compile_bytecode(artifact, "/var/task")
    (compiled,) = (artifact / "package" / "__pycache__").iterdir()
    assert b"/var/task/package/module.py" in compiled.read_bytes()
    assert os.fsencode(artifact) not in compiled.read_bytes()


def test_tests_and_stubs_that_libraries_ship_are_left_out(artifact: Path) -> None:
    (artifact / "package" / "module.pyi").write_text("answer: int\n")
    build.prune(artifact)
    assert [path.name for path in artifact.rglob("*") if path.is_file()] == ["module.py"]


def test_building_twice_gives_the_same_bytes(artifact: Path) -> None:
    build.compile_bytecode(artifact, "/opt")
    (compiled,) = (artifact / "package" / "__pycache__").iterdir()
    first = compiled.read_bytes()
    compiled.unlink()
    build.compile_bytecode(artifact, "/opt")
    assert compiled.read_bytes() == first


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "there is no docker command on this machine"),
        ("#!/bin/sh\nexit 1\n", "no Docker engine runs on this machine"),
        ("#!/bin/sh\necho 20.10\n", None),
    ],
)
def test_the_build_says_why_it_can_not_make_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, reason: str | None
) -> None:
    if script:
        (tmp_path / "docker").write_text(script)
        (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build.engine_fault() == reason


def test_sizes_are_those_of_the_files(artifact: Path) -> None:
    assert build.unzipped_size(artifact) == 2 * len("answer = 42\n")
    assert build.unzipped_size(artifact) < build.zipped_size(artifact) < 1024


def test_other_parameters_are_other_code_and_so_another_version(artifact: Path, tmp_path: Path) -> None:
    def entered(text: str) -> dict[str, bytes]:
        (tmp_path / "samconfig.toml").write_text(text)
        build.enter_parameters(artifact / "package", tmp_path / "samconfig.toml")
        return {path.name: path.read_bytes() for path in (artifact / "package").iterdir() if path.is_file()}

    first = entered('parameter_overrides = ["CorsOrigin=https://a.example"]')
    assert entered('parameter_overrides = ["CorsOrigin=https://a.example"]') == first
    assert entered('parameter_overrides = ["CorsOrigin=https://b.example"]') != first
    assert not any(b"example" in content for content in first.values())


def test_a_function_without_the_page_is_not_deployed(tmp_path: Path) -> None:
    assert build.page_fault(tmp_path) == "The page is not in WebFunction: run `make page` first."


def test_a_page_without_one_of_its_files_is_not_deployed(tmp_path: Path) -> None:
    dist = write_page(tmp_path / "web" / "dist")
    script, style = "assets/index-B1a2C3d4.js", "assets/index-E5f6G7h8.css"
    manifest = {"index.html": {"file": script, "css": [style]}}
    (dist / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    assert build.page_fault(tmp_path) is None
    (dist / style).unlink()
    assert build.page_fault(tmp_path) == f"The page in WebFunction lacks {style}."


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        (None, "there is no node on this machine\n"),
        ("v18.20.4", "Node.js is 18.20.4 here and must be 20.19 or later\n"),
        ("v20.9.0", "Node.js is 20.9.0 here and must be 20.19 or later\n"),
        ("v20.19.0", ""),
        ("v100.0.0", ""),
    ],
)
def test_make_says_why_it_can_not_build_the_page(tmp_path: Path, version: str | None, fault: str) -> None:
    for name in ("bash", "sort", "head"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    for name in ("node", "npm") if version else ():
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    said = subprocess.run(
        ["/bin/bash", ROOT / "infra/node.sh"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == fault
