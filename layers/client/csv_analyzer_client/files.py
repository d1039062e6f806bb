"""Files on this machine: written whole or not at all, secrets for nobody else."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from csv_analyzer_client.errors import UsageError

_FOLDER_MODE: Final = 0o700


def write_privately(path: Path, text: str) -> None:
    """Write a file of mode 600 in a folder of mode 700; a reader sees the old text or the new one.

    Raises
    ------
    UsageError
        If it can't be written.
    """
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        path.parent.chmod(_FOLDER_MODE)
        # mkstemp makes the file with mode 600.
        with replacing(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file beside `path` that takes its place in the end; after an error nothing is left of it."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def give_usual_mode(path: Path) -> None:
    """Give a file the mode that a new one has here: what :func:`replacing` makes is for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
