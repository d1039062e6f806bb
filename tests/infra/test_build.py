"""Rules for the build: bytecode goes along and stays valid, and a missing engine is told in words."""

import os
import sys
from pathlib import Path

import pytest

from infra import build

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
