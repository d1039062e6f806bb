"""Compile the inner loops of trees (``scoring/families/loops.c``).

``python -m infra.loops`` compiles them for this machine with its own C compiler. Where there is none they are
left out, and NumPy walks trees, which is slower. ``infra/build.py`` compiles them for both architectures of
Lambda with Zig, a package of ``.venv-sam`` that needs neither headers nor a linker of the target.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scoring.families.compiled import library_name

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "layers" / "scoring" / "scoring" / "families" / "loops.c"
ZIG = (str(ROOT / ".venv-sam" / "bin" / "python"), "-m", "ziglang", "cc")
ZIG_CACHE = ROOT / ".local" / "zig"
LAMBDA = ("x86_64", "aarch64")
# Each addition is rounded by itself, on every machine alike.
OPTIONS = ("-O3", "-shared", "-fPIC", "-ffp-contract=off", "-Wall", "-Wextra")


def main() -> int:
    """Compile for this machine where that can be done; return the exit status."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        print("There is no C compiler (cc): NumPy walks trees here, which is slower.")
        return 0
    machine = os.uname()
    print("Compiling the inner loops of trees ...")
    compile_loops(compiler.split(), SOURCE.with_name(library_name(machine.sysname, machine.machine)))
    return 0


def compile_for_lambda(folder: Path = SOURCE.parent) -> list[Path]:
    """Compile for both architectures of Lambda, and return the libraries.

    Raises
    ------
    subprocess.CalledProcessError
        When the compiler refuses the source.
    """
    libraries = []
    for machine in LAMBDA:
        target = ("-target", f"{machine}-linux-gnu", "-nostdlib", "-s")
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
    command = [*compiler, *OPTIONS, "-o", str(unfinished), str(SOURCE)]
    subprocess.run(command, env=environment, check=True)
    unfinished.replace(library)


if __name__ == "__main__":
    sys.exit(main())
