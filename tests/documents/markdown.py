"""The tracked documents, taken apart: fenced blocks, code spans, headings, links."""

import functools
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parent.parent.parent

# What a fenced block may be: tests/README.md says what is done with each.
SHELL: Final = frozenset({"bash", "console"})
RUN: Final = SHELL | {"python"}
SHOWN: Final = frozenset({"json", "text"})
PROMPT: Final = "$ "
# They need AWS, a network, an engine or long minutes: commands.py checks how they are called.
ELSEWHERE: Final = frozenset(
    {
        "amtool",
        "apt-get",
        "aws",
        "docker",
        "git",
        "make",
        "npm",
        "pip",
        "pre-commit",
        "promtool",
        "sam",
        "yace",
    }
)
# So do the scripts that prepare a machine of the CI.
SCRIPTS: Final = ".ci/"
OF_SEVERAL_WAYS: Final = frozenset({"functions/guide.md"})

_STARTS: Final = re.compile(
    r"(?:^|[|;&(])[ \t]*(?:(?:sudo|[A-Za-z_]\w*=\S*)[ \t]+)*"
    rf"(?:{re.escape(SCRIPTS)}\w+|(?:[\w.~-]*/)*(?:{'|'.join(sorted(ELSEWHERE))}))(?=[ \t\n]|$)",
    flags=re.MULTILINE,
)
_FENCE: Final = re.compile(r"^\s*(`{3,}|~{3,})\s*(.*?)\s*$")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_LINK: Final = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Parameters
    ----------
    document : Path
        Where it stands.
    line : int
        Of its first line.
    kind : str
        The info string.
    text : str
        What is between the fences, without their indentation.
    """

    document: Path
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        return f"{name_of(self.document)}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """What is run: of a console each command behind a prompt, of others all at once."""
        if self.kind != "console":
            return [self.text]
        found: list[str] = []
        goes_on = False
        for line in self.text.splitlines(keepends=True):
            if goes_on:
                found[-1] += line
            elif line.startswith(PROMPT):
                found.append(line.removeprefix(PROMPT))
            goes_on = bool(found) and found[-1].endswith("\\\n")
        return found

    @property
    def script(self) -> str:
        """All of its commands."""
        return "".join(self.commands)


def name_of(path: Path) -> str:
    """The path below the project's folder."""
    return str(path.relative_to(ROOT))


@functools.cache
def tracked() -> tuple[Path, ...]:
    """All files of the project, the new ones, too; without git those outside of hidden folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return tuple(ROOT / name for name in listed.stdout.splitlines()) or tuple(
        path for path in ROOT.rglob("*") if path.is_file() and not path.parts[len(ROOT.parts)].startswith(".")
    )


def documents() -> list[Path]:
    """All documents."""
    return [path for path in tracked() if path.suffix == ".md" and path.is_file()]


def blocks(document: Path, text: str | None = None) -> list[Block]:
    """The fenced blocks of a document, or of a text that stands for it."""
    return [part for part in _parts(document, text) if isinstance(part, Block)]


def walks(document: Path, text: str | None = None) -> list[list[Block]]:
    """The blocks that are run, in the order in which one reader comes to them.

    A document is one walk, unless it tells the same in several ways.
    """
    found = [block for block in blocks(document, text) if block.kind in RUN and not elsewhere(block)]
    if name_of(document) not in OF_SEVERAL_WAYS:
        return [found] if found else []
    return [[block for block in found if block.kind == kind] for kind in sorted(RUN)]


def elsewhere(block: Block) -> list[str]:
    """The programs that a block calls and that can't run in the tests."""
    if block.kind not in SHELL:
        return []
    script = re.sub(r"\\\n\s*", " ", block.script)
    return [Path(found.split()[-1].lstrip("(;|&")).name for found in _STARTS.findall(script)]


def prose(document: Path, text: str | None = None) -> list[tuple[int, str]]:
    """The lines outside of the fenced blocks, with their numbers."""
    return [part for part in _parts(document, text) if not isinstance(part, Block)]


def spans(document: Path, text: str | None = None) -> list[tuple[int, str]]:
    """The code spans outside of the fenced blocks, with the numbers of their lines."""
    return [
        (number, found.group(2).strip())
        for number, line in prose(document, text)
        for found in _SPAN.finditer(line)
    ]


def links(document: Path, text: str | None = None) -> list[str]:
    """Where the links of a document lead that stay in the project."""
    return [
        target
        for _, line in prose(document, text)
        for target in _LINK.findall(_SPAN.sub("", line))
        if not re.match(r"[a-z][a-z0-9+.-]*:", target)
    ]


def anchors(document: Path, text: str | None = None) -> set[str]:
    """What `#...` may name in a document, by GitHub's rule for headings."""
    found: dict[str, int] = {}
    names = set()
    for _, line in prose(document, text):
        if heading := _HEADING.match(line):
            plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading.group(1))
            slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
            count = found[slug] = found.get(slug, -1) + 1
            names.add(f"{slug}-{count}" if count else slug)
    return names


def _parts(document: Path, text: str | None) -> Iterator[Block | tuple[int, str]]:
    lines = (document.read_text("utf-8") if text is None else text).splitlines()
    opened: tuple[str, str, int] | None = None
    inside: list[str] = []
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if opened is None:
            if fence and "`" not in fence.group(2):
                opened, inside = (fence.group(1), fence.group(2), number + 1), []
            else:
                yield number, line
        elif fence and not fence.group(2) and fence.group(1).startswith(opened[0]):
            yield _block(document, opened, inside)
            opened = None
        else:
            inside.append(line)
    if opened is not None:
        raise ValueError(f"{document}:{opened[2] - 1}: the fence is never closed")


def _block(document: Path, opened: tuple[str, str, int], inside: list[str]) -> Block:
    indents = [len(line) - len(line.lstrip()) for line in inside if line.strip()]
    least = min(indents, default=0)
    return Block(document, opened[2], opened[1], "".join(f"{line[least:]}\n" for line in inside))
