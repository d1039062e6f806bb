"""Compile the loops that answer most rows (``scoring/compiled``).

``python -m infra.loops`` compiles them for this machine with its own C compiler and the headers of Python.
Where one of them is missing they are left out, and NumPy does the same, which is slower. ``infra/build.py``
compiles them for both architectures of Lambda with Zig, a package of ``.venv-sam`` that needs neither the C
library nor a linker of the target. They use the stable interface of Python alone, so headers of any version
from 3.12 on make a library for all of them.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from scoring.compiled import library_name

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "layers" / "scoring" / "scoring" / "compiled"
HEADER = FOLDER / "loops.h"
ZIG = (str(ROOT / ".venv-sam" / "bin" / "python"), "-m", "ziglang", "cc")
ZIG_CACHE = ROOT / ".local" / "zig"
LAMBDA = ("x86_64", "aarch64")
# The C library of Amazon Linux 2023, or an older one.
C_LIBRARY = "gnu.2.34"
# Each addition is rounded by itself, on every machine alike.
OPTIONS = ("-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-Wall", "-Wextra")


def main() -> int:
    """Compile for this machine where that can be done; return the exit status."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        print("There is no C compiler (cc): NumPy answers here, which is slower.")
        return 0
    headers = _headers()
    if not (headers / "Python.h").is_file():
        print(f"There is no Python.h in {headers} (Debian: python3-dev), so NumPy answers here: slower.")
        return 0
    machine = os.uname()
    print("Compiling the loops that answer most rows ...")
    compile_loops(compiler.split(), FOLDER / library_name(machine.sysname, machine.machine))
    return 0


def compile_for_lambda(folder: Path = FOLDER) -> list[Path]:
    """Compile for both architectures of Lambda, and return the libraries.

    Raises
    ------
    subprocess.CalledProcessError
        When the compiler refuses the source.
    """
    libraries = []
    for machine in LAMBDA:
        target = ("-target", f"{machine}-linux-{C_LIBRARY}", "-s")
        libraries.append(folder / library_name("Linux", machine))
        compile_loops([*ZIG, *target], libraries[-1])
    return libraries


def compile_loops(compiler: Sequence[str], library: Path) -> None:
    """Write the library with a compiler and its options.

    Raises
    ------
    subprocess.CalledProcessError
        When the compiler refuses the source.
    """
    # Whoever loads the library meanwhile finds the old one or the new one, never half of one.
    unfinished = library.with_suffix(f".{os.getpid()}")
    environment = {
        **os.environ,
        "ZIG_GLOBAL_CACHE_DIR": str(ZIG_CACHE),
        "ZIG_LOCAL_CACHE_DIR": str(ZIG_CACHE),
    }
    sources = map(str, sorted(FOLDER.glob("*.c")))
    command = [*compiler, *OPTIONS, "-I", str(_headers()), "-o", str(unfinished), *sources]
    subprocess.run(command, env=environment, check=True)
    unfinished.replace(library)


def _headers() -> Path:
    return Path(sysconfig.get_path("include"))


if __name__ == "__main__":
    sys.exit(main())
