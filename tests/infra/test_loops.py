"""Rules for compiling the loops: for both machines of Lambda, and never half a library."""

import subprocess
from pathlib import Path

import pytest

from infra import loops

# Bytes 18 and 19 of an object say which machine it is for.
MACHINES = {"x86_64": 62, "aarch64": 183}


def test_both_architectures_of_lambda_are_compiled_here(tmp_path: Path) -> None:
    if subprocess.run([*loops.ZIG[:-1], "version"], capture_output=True, check=False).returncode:
        pytest.skip("Zig is not here: make setup-sam")

    libraries = loops.compile_for_lambda(tmp_path)

    headers = {library.name: library.read_bytes()[:20] for library in libraries}
    assert {name: int.from_bytes(header[18:], "little") for name, header in headers.items()} == {
        f"loops-linux-{machine}.so": number for machine, number in MACHINES.items()
    }
    assert sorted(tmp_path.iterdir()) == sorted(libraries)


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
