"""What the documents tell a reader to type, typed: every block that can run here, against the local stack.

`tests/README.md` has the rule. A walk is a reader who follows one document from top to bottom.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from infra.local.stack import LocalStack
from tests.documents.markdown import ROOT, Block, blocks, documents, name_of, walks
from tests.e2e.service import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WALKS: Final = {
    f"{name_of(document)}{'' if len(found) == 1 else '-' + walk[-1].kind}": walk
    for document in documents()
    for found in [walks(document)]
    for walk in found
}
GUIDE: Final = ROOT / "functions" / "guide.md"

# Of more than half a minute, or what another document shows already: trainings, a stack, whole suites.
LONG: Final = {
    "functions/guide.md",
    "infra/install.md",
    "infra/local/README.md",
    "layers/automl/README.md",
    "layers/client/README.md",
    "tests/README.md",
}

# What a document takes as given, as Python that makes it.
GIVEN: Final = {
    "layers/automl/README.md": """
import csv, json, random

random.seed(7)
with open("houses.csv", newline="") as file:
    rows = list(csv.DictReader(file))
for number, row in enumerate(rows):
    row["sold_on"] = f"2024-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
    row["tax"] = str(float(row["price"]) / 5 + random.random())
    row["fraud"] = "yes" if int(row["rooms"]) > 5 and random.random() < 0.8 else "no"
without = {"houses.csv": {"fraud"}, "fraud.csv": {"price", "tax"}, "rows.csv": {"price", "fraud"}}
for name, names in without.items():
    content = [{key: value for key, value in row.items() if key not in names} for row in rows]
    with open(name, "w", newline="") as file:
        writer = csv.DictWriter(file, content[0])
        writer.writeheader()
        writer.writerows(content)
with open("recipe.json", "w") as file:
    json.dump([{"step": "impute", "columns": ["age"], "strategy": "median", "by": "kind"}], file)
""",
    "layers/scoring/README.md": """
import hashlib, shutil
from pathlib import Path

import automl

automl.fit(automl.read_csv("houses.csv"), automl.FitConfig(target="price", budget_seconds=5)).save("model/")
npz, manifest = (Path("model", name).read_bytes() for name in ("model.npz", "manifest.json"))
npz_sha256, manifest_sha256 = (hashlib.sha256(content).hexdigest() for content in (npz, manifest))
Path("model.zip").write_bytes(automl.pack_archive(npz, manifest))
shutil.copy("new.csv", "rows.csv")
instance = {"rooms": 3, "age": 40, "kind": "flat"}
""",
    "layers/client/README.md": """
import shutil

shutil.copy("new.csv", "million-rows.csv")
""",
}

# Ids that a reader of a console copies from what it printed: the newest.
NEWEST: Final = {"DATASET": "datasets", "JOB": "jobs"}

_BASH: Final = r"""
set -Eeuo pipefail
trap 'echo "failed with $?: $BASH_COMMAND" >&2' ERR
while IFS= read -r -d '' block <&"$1"; do
    eval "$block"
    printf '\n%s\n' "$2"
done
"""
_PYTHON: Final = r"""
import json, sys

scope = {"__name__": "__main__"}
with open(int(sys.argv[1]), encoding="utf-8") as given:
    for line in given:
        exec(compile(json.loads(line), "<block>", "exec"), scope)
        print(f"\n{sys.argv[2]}", flush=True)
"""
_MARK: Final = "=== done ==="


class Interpreter:
    """A shell or a Python that keeps what one block leaves behind for the next one.

    Parameters
    ----------
    command : list of str
        Its program; told the file descriptor of the blocks, and what to print after each.
    encode : callable
        A block as the program reads it.
    home : Path
        Where it runs.
    environment : dict
        All of its variables.
    """

    def __init__(
        self, command: list[str], encode: Callable[[str], str], home: Path, environment: dict[str, str]
    ) -> None:
        self._encode = encode
        read, write = os.pipe()
        self._blocks = os.fdopen(write, "w", encoding="utf-8")
        self._said = (home.parent / f"{home.name}.stderr").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [*command, str(read), _MARK],
            cwd=home,
            env=environment,
            pass_fds=[read],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        os.close(read)

    def run(self, code: str) -> str:
        """Run a block and return what it printed."""
        self._blocks.write(self._encode(code))
        self._blocks.flush()
        printed: list[str] = []
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line == f"{_MARK}\n":
                return "".join(printed)
            printed.append(line)
        self._said.seek(0)
        raise AssertionError(
            f"{code}\n--- printed\n{''.join(printed)}\n--- said\n{self._said.read()[-4000:]}"
        )

    def close(self) -> None:
        """End it."""
        self._blocks.close()
        try:
            self._process.communicate(timeout=30)
        finally:
            self._process.kill()
            self._said.close()


class Reader:
    """Somebody who types what a document says, in a folder that looks like the project's.

    Parameters
    ----------
    stack : LocalStack
        The service.
    home : Path
        An empty folder.
    name : str
        Of the user, who is an admin and signed in.
    """

    def __init__(self, stack: LocalStack, home: Path, name: str) -> None:
        self._email = f"{name}@example.com"
        owner = stack.create_user(self._email, PASSWORD, groups=("admin",))
        self._api_url = stack.api_url
        python = Path(sys.executable).parent
        _furnish(home, python.parent)
        parts = [".", *(f"layers/{layer}" for layer in ("core", "scoring", "automl", "client"))]
        self._environment = {
            "PATH": f"{home / 'bin'}:{python}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "PYTHONPATH": ":".join(str(home / part) for part in parts),
            # What login asks for where there is a terminal.
            "CSV_ANALYZER_EMAIL": self._email,
            "CSV_ANALYZER_PASSWORD": PASSWORD,
            "API": stack.api_url,
            "TOKEN": stack.sign_in(self._email, PASSWORD),
            "BUCKET": stack.outputs["DataBucketName"],
            "OWNER": owner,
        }
        self._shell = Interpreter(
            ["bash", "-c", _BASH, "bash"], lambda code: f"{code}\0", home, self._environment
        )
        self._python = Interpreter(
            [sys.executable, "-c", _PYTHON], lambda code: f"{json.dumps(code)}\n", home, self._environment
        )

    def close(self) -> None:
        """End what interprets the blocks."""
        self._shell.close()
        self._python.close()

    def prepare(self, document: Path) -> None:
        """Make the files of the guide and what the document takes as given, and sign in."""
        self._shell.run(next(block.text for block in blocks(GUIDE) if "houses.csv" in block.text))
        self._shell.run(f"csv-analyzer configure {self._api_url} && csv-analyzer login")
        if given := GIVEN.get(name_of(document)):
            self._python.run(given)

    def follow(self, block: Block) -> list[str]:
        """Type a block; answers what each of its commands printed."""
        run = self._python.run if block.kind == "python" else self._shell.run
        return [run(self._here(block, command)) for command in block.commands]

    def _here(self, block: Block, command: str) -> str:
        """A command with the addresses of this stack, its user, and little patience for searches."""
        for meant, here in (
            ("http://127.0.0.1:8000/v1", self._api_url),
            ("https://{api}/v1", self._api_url),
            ("demo@example.com", self._email),
            ("Demo-Password-1", PASSWORD),
        ):
            command = command.replace(meant, here)
        command = re.sub(r'(budget_seconds["\']?\s*[:=]\s*|--budget )60\b', r"\g<1>5", command)
        if block.kind == "console":
            typed = re.sub(r"(^|\s)#.*", "", command)
            asked = [
                f"{name}=$(csv-analyzer {listed} --limit 1 --json | "
                "python3 -c 'import json, sys; print(json.load(sys.stdin)[0][\"id\"])')\n"
                for name, listed in NEWEST.items()
                if f"${name}" in typed
            ]
            command = "".join(asked) + command
        return command


def _furnish(home: Path, environment: Path) -> None:
    """Lay out the project in a folder: its own files as copies, all below them as it is."""
    for entry in ROOT.iterdir():
        if entry.is_dir() and not entry.name.startswith("."):
            (home / entry.name).symlink_to(entry)
        elif entry.is_file():
            shutil.copy(entry, home / entry.name)
    (home / ".venv").symlink_to(environment)
    (home / "bin").mkdir()
    command = home / "bin" / "csv-analyzer"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m csv_analyzer_client "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    # Every request must be answered below 400, also those that a document sends in silence.
    (home / ".curlrc").write_text("fail-with-body\n", encoding="utf-8")


@pytest.fixture
def new_reader(stack: LocalStack, tmp_path: Path) -> Iterator[Callable[[str], Reader]]:
    """Make somebody who reads a document."""
    readers: list[Reader] = []

    def make(name: str) -> Reader:
        home = tmp_path / "project"
        home.mkdir()
        readers.append(Reader(stack, home, re.sub(r"\W+", "-", name).lower()))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.long] if name_of(walk[0].document) in LONG else [])
        for name, walk in WALKS.items()
    ],
)
def test_a_document_can_be_followed(new_reader: Callable[[str], Reader], name: str) -> None:
    walk = WALKS[name]
    reader = new_reader(name)
    reader.prepare(walk[0].document)
    for block in walk:
        try:
            reader.follow(block)
        except AssertionError as error:
            raise AssertionError(f"{block.place}: {error}") from None


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("bash", "true\nfalse\n", "failed with 1: false"),
        ("bash", 'curl -s "$API/models/nothing" -H "Authorization: $TOKEN"\n', "not_found"),
        ("bash", 'echo "$NOTHING"\n', "NOTHING: unbound variable"),
        ("console", "$ csv-analyzer model nothing\n", "not_found"),
        ("python", "from csv_analyzer_client import Client\n\nClient().model('nothing')\n", "NotFoundError"),
    ],
)
def test_a_block_that_fails_is_found(
    new_reader: Callable[[str], Reader], kind: str, text: str, fault: str, request: pytest.FixtureRequest
) -> None:
    reader = new_reader(request.node.name)
    reader.prepare(ROOT / "README.md")
    with pytest.raises(AssertionError, match=re.escape(fault)):
        reader.follow(Block(ROOT / "README.md", 1, kind, text))


def test_what_one_block_leaves_the_next_one_finds(new_reader: Callable[[str], Reader]) -> None:
    reader = new_reader("two blocks")
    told = [
        reader.follow(Block(ROOT / "README.md", 1, kind, text))
        for kind, text in (
            ("bash", "A=1; double() { echo $((2 * $1)); }\n"),
            ("bash", 'double "$A" >two.txt\n'),
            ("python", "two = int(open('two.txt').read())\n"),
            ("python", "print(two * 2)\n"),
            ("console", "$ echo one \\\n    more\nis told\n$ echo $A\n"),
        )
    ]
    assert [[text.strip() for text in printed] for printed in told] == [
        [""],
        [""],
        [""],
        ["4"],
        ["one more", "1"],
    ]
