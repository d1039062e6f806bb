"""The inner loops of trees in C, where ``loops.c`` has been compiled for this machine.

The library stands beside this file; where there is none, NumPy does the same: ``walks.py`` and
``oblivious.py`` say what.
"""

import ctypes
import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

# Of the functions' arguments: a library of another version is not used.
VERSION = 1

_POINTER, _COUNT = ctypes.c_void_p, ctypes.c_int64
_ARGUMENTS = {
    "walk_float": [*[_POINTER] * 6, _COUNT, _POINTER, _COUNT, _COUNT, _POINTER],
    "walk_double": [*[_POINTER] * 6, _COUNT, _POINTER, _COUNT, _COUNT, _POINTER],
    "ask": [_POINTER, _COUNT, *[_POINTER] * 3, _COUNT, _POINTER],
    "add_leaves": [_POINTER, _COUNT, _POINTER, _COUNT, _COUNT, *[_POINTER] * 3, _COUNT, _POINTER],
}


type Library = ctypes.CDLL


def library_name(system: str, machine: str) -> str:
    """Return the name of the file that is compiled for a machine, as :func:`os.uname` calls it."""
    return f"loops-{system.lower()}-{machine}.so"


def load(folder: Path) -> Library | None:
    """Return the library for this machine, or None where there is none that can be used."""
    if not hasattr(os, "uname"):
        return None
    machine = os.uname()
    try:
        library = ctypes.CDLL(str(folder / library_name(machine.sysname, machine.machine)))
        if library.loops_version() != VERSION:
            return None
        for name, arguments in _ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, None
    except (OSError, AttributeError):
        return None
    return library


LIBRARY = load(Path(__file__).parent)


def address(array: NDArray[Any] | None) -> int | None:
    """Return where the items of an array begin.

    Raises
    ------
    ValueError
        When they do not stand side by side: the loops would read other memory.
    """
    if array is None:
        return None
    if not array.flags.c_contiguous:
        raise ValueError("The compiled loops read contiguous arrays only.")
    # In a third of the time that array.ctypes takes.
    return int(array.__array_interface__["data"][0])
