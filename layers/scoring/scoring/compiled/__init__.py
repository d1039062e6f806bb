"""What answers most rows, in C, where it has been compiled for this machine.

The library is an extension module beside this file. Each of its objects is made of arrays that Python has
checked, and does what a class of this package does with NumPy where there is no library; it is called like
that class. ``infra/loops.py`` compiles it.
"""

import os
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any, Protocol, cast

from numpy.typing import NDArray

type Array = NDArray[Any]

# Of the objects' arguments: a library of another version is not used.
VERSION = 4
NAME = f"{__name__}.loops"


class InstanceReader(Protocol):
    """Reads instances of which there is nothing to say."""

    def read(self, instances: list[Any], numbers: Array, texts: Array) -> bool:
        """Write numbers and texts, each features x instances; return False where somebody else must read."""


class BlockEncoder(Protocol):
    """Encoders of numbers, categories and levels."""

    def encode(self, numbers: Array, texts: Array, number_block: Array, code_block: Array) -> None:
        """Write blocks, rows x columns each, from raw columns, columns x rows each."""


class MatrixPlan(Protocol):
    """Steps of a plan."""

    def apply(self, numbers: Array, codes: Array, matrix: Array) -> None:
        """Write the columns of the steps."""


class Scorer(Protocol):
    """A model of some family."""

    def score(self, X: Array, scores: Array) -> None:
        """Add what the model answers to scores, rows x parts x outputs, which are zero."""


class AnswerSum(Protocol):
    """The link of a member, and the weights of its parts."""

    def add(self, scores: Array, total: Array) -> None:
        """Add the weighted answers of scores, rows x parts x outputs, to a total, rows x outputs."""


class Library(Protocol):
    """The compiled module: what its objects are made of, in the order of the C file of each."""

    VERSION: int
    Reader: Callable[..., InstanceReader]
    Encoding: Callable[..., BlockEncoder]
    Step: Callable[..., object]
    Plan: Callable[[tuple[object, ...]], MatrixPlan]
    Trees: Callable[..., Scorer]
    Oblivious: Callable[..., Scorer]
    Linear: Callable[[Array, Array, Array, Array, Array], Scorer]
    Answers: Callable[[int, Array, Array, Array], AnswerSum]
    mark_pairs: Callable[[Array, Array, Array], None]


def library_name(system: str, machine: str) -> str:
    """Return the name of the file that is compiled for a machine, as :func:`os.uname` calls it."""
    return f"loops-{system.lower()}-{machine}.so"


def load(folder: Path) -> Library | None:
    """Return the library for this machine, or None where there is none that can be used."""
    if not hasattr(os, "uname"):
        return None
    machine = os.uname()
    loader = ExtensionFileLoader(NAME, str(folder / library_name(machine.sysname, machine.machine)))
    try:
        module = module_from_spec(ModuleSpec(NAME, loader, origin=loader.path))
        loader.exec_module(module)
    except ImportError:
        return None
    if getattr(module, "VERSION", None) != VERSION:
        return None
    return cast("Library", module)


LIBRARY = load(Path(__file__).parent)
