"""Rules for compiling the loops: for both machines of Lambda, and never half a library."""

import shutil
import subprocess
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


@pytest.mark.usefixtures("zig")
def test_a_layer_that_sam_built_gets_them_for_sam_leaves_them_out(tmp_path: Path) -> None:
    source = tmp_path / "python" / "scoring" / "families" / loops.SOURCE.name
    source.parent.mkdir(parents=True)
    shutil.copy(loops.SOURCE, source)

    build.add_loops(tmp_path)

    assert sorted(path.name for path in source.parent.iterdir()) == [
        "loops-linux-aarch64.so",
        "loops-linux-x86_64.so",
        "loops.c",
    ]


def test_without_a_compiler_nothing_is_compiled_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")

    assert loops.main() == 0
    assert "There is no C compiler (cc)" in capsys.readouterr().out


def test_a_compiler_that_fails_leaves_the_library_that_was_there(tmp_path: Path) -> None:
    library = tmp_path / "loops.so"
    library.write_bytes(b"before")

    with pytest.raises(subprocess.CalledProcessError):
        loops.compile_loops(["false"], library)

    assert library.read_bytes() == b"before"
