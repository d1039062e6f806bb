"""What can be told of a command without running it.

For each program that can't run in the tests there is a checker, which answers with the faults of a command
in words. `whole` is false for commands in running text, which may leave out what the reader knows.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.documents.aws import aws
from tests.documents.markdown import SCRIPTS
from tests.documents.programs import OTHERS, csv_analyzer, docker, make, npm, of_table, pip, python, sam
from tests.documents.project import missing_files
from tests.documents.shell import Arguments

CHECKERS: Final[Mapping[str, Callable[[Arguments, bool], list[str]]]] = {
    "aws": aws,
    "csv-analyzer": csv_analyzer,
    "docker": docker,
    "make": make,
    "npm": npm,
    "pip": pip,
    "python": python,
    "python3": python,
    "sam": sam,
    **{program: of_table(program) for program in OTHERS},
}


def program_of(words: Sequence[str]) -> str:
    """The program that a command calls, without the folder where it is, unless the folder says what it is."""
    return words[0] if words[0].startswith(SCRIPTS) else Path(words[0]).name


def faults_of(words: Sequence[str], *, whole: bool) -> list[str]:
    """What is wrong with a command of a program that has a checker."""
    if words[0].startswith(SCRIPTS):
        return missing_files(words[:1])
    return CHECKERS[program_of(words)](words[1:], whole)
