"""What the local stack needs of the machine; kept in plain old syntax, so that an old Python gets here."""

import importlib.util
import sys
from collections.abc import Sequence

from infra.local.errors import StackError

PACKAGES = ("aiohttp", "awslambdaric", "boto3", "jwt", "moto", "psutil", "samtranslator", "yaml")
MINIMUM_PYTHON = (3, 12)


def check_machine(packages: Sequence[str] = PACKAGES) -> None:
    """Say plainly what the stack needs and this Python does not have.

    Parameters
    ----------
    packages:
        The names under which the packages are imported.

    Raises
    ------
    StackError
        With everything that is missing.
    """
    if sys.version_info[:2] < MINIMUM_PYTHON:
        raise StackError(
            f"the local stack needs Python {'.'.join(map(str, MINIMUM_PYTHON))} or later, "
            f"this is {sys.version.split()[0]}"
        )
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise StackError(
            f"this Python ({sys.executable}) has no {', '.join(missing)}: install requirements.txt"
        )
