"""Rules for compiling the loops: for both machines of Lambda, and never half a library."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra import build, loops

# Bytes 18 and 19 of an object say which machine it is for.
MACHINES = {"x86_64": 62, "aarch64": 183}


@pytest.fixture(scope="module")
def zig() -> None:
    if (
        not Path(loops.ZIG[0]).exists()
        or subprocess.run([*loops.ZIG[:-1], "version"], check=False).returncode
    ):
        pytest.skip("Zig is not here: make setup-sam")


@pytest.mark.usefixtures("zig")
def test_both_architectures_of_lambda_are_compiled_here(tmp_path: Path) -> None:
    libraries = loops.compile_for_lambda(tmp_path)

    headers = {library.name: library.read_bytes()[:20] for library in libraries}
    assert {name: int.from_bytes(header[18:], "little") for name, header in headers.items()} == {
        f"loops-linux-{machine}.so": number for machine, number in MACHINES.items()
    }
    assert sorted(tmp_path.iterdir()) == sorted(libraries)


def test_a_layer_that_sam_built_gets_them_for_sam_leaves_them_out(tmp_path: Path) -> None:
    library = tmp_path / "loops-linux-aarch64.so"
    library.write_bytes(b"compiled")
    folder = tmp_path / "layer" / "python" / "scoring" / "compiled"
    (tmp_path / "layer" / "python" / "numpy").mkdir(parents=True)
    folder.mkdir(parents=True)
    shutil.copy(loops.HEADER, folder)

    build.add_loops(tmp_path / "layer", [library])

    (added,) = (tmp_path / "layer").rglob("*.so")
    assert added == folder / library.name
    assert added.read_bytes() == b"compiled"


def test_a_build_without_zig_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if sys.version_info[:2] != (3, 13):
        pytest.skip("the build needs the Python of Lambda")
    monkeypatch.setattr(loops, "ZIG", ("false",))

    with pytest.raises(SystemExit, match="can't be made for Lambda"):
        build.main(image_required=False, folder=tmp_path)


def test_without_a_compiler_nothing_is_compiled_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")

    assert loops.main() == 0
    assert "There is no C compiler (cc)" in capsys.readouterr().out


def test_without_the_headers_of_python_nothing_is_compiled_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(loops.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("CC", "false")

    assert loops.main() == 0
    assert f"There is no Python.h in {tmp_path}" in capsys.readouterr().out


def test_a_compiler_that_fails_leaves_the_library_that_was_there(tmp_path: Path) -> None:
    library = tmp_path / "loops.so"
    library.write_bytes(b"before")

    with pytest.raises(subprocess.CalledProcessError):
        loops.compile_loops(["false"], library)

    assert library.read_bytes() == b"before"
