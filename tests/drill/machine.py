"""Machines of a bad day: a clock that is wrong, a full disk, little memory; as conditions of a function."""

import shutil
import subprocess
from pathlib import Path

from infra.local.environment import Conditions

_SOURCE = Path(__file__).with_name("clock.c")
# The folder for temporary files becomes a file system of its own, which nobody else sees.
_SMALL_DISK = 'mount -t tmpfs -o size="$DISK_BYTES" tmpfs "$TMPDIR" && exec "$@"'
_OWN_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _SMALL_DISK, "sh")


class NotHereError(Exception):
    """This machine can't play it; the message says what is missing."""


def wrong_clock(seconds: int, folder: Path) -> Conditions:
    """A clock that goes ahead by so many seconds, or behind if they are negative.

    Parameters
    ----------
    seconds : int
        By how much.
    folder : Path
        Where the library that moves it is built.

    Raises
    ------
    NotHereError
        If there is no C compiler.
    """
    library = folder / "clock.so"
    if not library.exists():
        compiler = shutil.which("cc")
        if compiler is None:
            raise NotHereError("a clock is moved by a library, and there is no C compiler (cc)")
        command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", str(_SOURCE), "-o", str(library)]
        subprocess.run(command, check=True)
    variables = {"LD_PRELOAD": str(library), "CLOCK_SECONDS": str(seconds)}
    return Conditions(variables=variables, clock_seconds=seconds)


def small_disk(size: int) -> Conditions:
    """A /tmp of so many bytes.

    Raises
    ------
    NotHereError
        If this user may not mount anything, not even in a namespace of its own.
    """
    tried = (
        subprocess.run(
            [*_OWN_MOUNTS, "true"],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DISK_BYTES": "65536", "TMPDIR": "/tmp"},  # noqa: S108  # seen by nobody else
        )
        if shutil.which("unshare")
        else None
    )
    if tried is None or tried.returncode:
        reason = tried.stderr.strip() if tried else "there is no unshare"
        raise NotHereError(f"a small /tmp is mounted in a namespace of its own: {reason}")
    return Conditions(command=_OWN_MOUNTS, variables={"DISK_BYTES": str(size)})


def little_memory(megabytes: int) -> Conditions:
    """Memory of so many MB."""
    return Conditions(memory_mb=megabytes)
