"""Commands as words: out of a script, and taken apart by the options that a program has."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Arguments = Sequence[str]
# What separates commands on one line; the rest of the punctuation is redirection.
_SEPARATORS: Final = {"|", "||", "&&", ";", "&"}
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


@dataclass(frozen=True)
class Options:
    """The options of a command that is described here by hand: each with how many values it takes.

    -1 stands for any number of values.
    """

    known: Mapping[str, int]
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parsed:
    """A command's options with their values, and what is left."""

    given: Mapping[str, tuple[str, ...]]
    rest: tuple[str, ...]
    faults: tuple[str, ...]


def lines_of(script: str) -> list[list[str]]:
    """The commands of a script of plain lines, each as its words, without assignments before it."""
    found: list[list[str]] = []
    for line in re.sub(r"\\\n\s*", " ", script).splitlines():
        found += _of_line(line)
    return found


def _of_line(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    redirected = False
    for token in lexer:
        if token in _SEPARATORS:
            yield from [words] if words else []
            words = []
        elif set(token) <= set("<>&"):
            redirected = True
        elif redirected:
            redirected = False
        elif words or not (token == "sudo" or _ASSIGNMENT.match(token)):
            words.append(token)
    yield from [words] if words else []


def parse(arguments: Arguments, options: Mapping[str, int]) -> Parsed:
    """Take the options of a command; unknown ones are faults."""
    given: dict[str, tuple[str, ...]] = {}
    rest: list[str] = []
    faults: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        name, with_value, value = word.partition("=")
        if name not in options:
            faults.append(f"there is no option {name}")
            continue
        count = options[name]
        taken = [value] if with_value else []
        while waiting and not waiting[0].startswith("--") and (count < 0 or len(taken) < count):
            taken.append(waiting.pop(0))
        if count > 0 and len(taken) != count:
            faults.append(f"{name} takes {count} values, not {len(taken)}")
        given[name] = (*given.get(name, ()), *taken)
    return Parsed(given, tuple(rest), tuple(faults))


def by_table(
    arguments: Arguments, commands: Mapping[tuple[str, ...], Options], whole: bool
) -> tuple[tuple[str, ...], Parsed]:
    """Find which of the commands in a table is called, and take its options."""
    for length in (2, 1):
        name = tuple(arguments[:length])
        if name in commands:
            break
    else:
        named = tuple(arguments[:1])
        known = not whole and any(name[: len(arguments)] == tuple(arguments) for name in commands)
        faults = () if known else (f"there is no command {' '.join(named)}",)
        return (), Parsed({}, (), faults)
    parsed = parse(arguments[len(name) :], commands[name].known)
    missing = commands[name].needed - set(parsed.given) if whole else ()
    return name, Parsed(
        parsed.given, parsed.rest, (*parsed.faults, *(f"{option} is missing" for option in sorted(missing)))
    )
