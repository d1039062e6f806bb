"""What the documents say is there."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
] or [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
DOCUMENTS = [path for path in TRACKED if path.suffix == ".md"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_make_targets_that_are_named_exist(document: Path) -> None:
    named = set(re.findall(r"[`$] ?make ([a-z-]+)", document.read_text("utf-8")))
    assert named <= TARGETS


def test_tests_that_documents_rely_on_exist() -> None:
    named = {
        (path, name)
        for document in DOCUMENTS
        for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", document.read_text("utf-8"))
    }
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]
    assert missing == []


def test_every_folder_of_the_layout_explains_itself() -> None:
    folders = [
        "events",
        "functions",
        "infra",
        "infra/local",
        "layers/automl",
        "layers/core",
        "layers/scoring",
    ]
    for folder in [*folders, "monitoring", "tests", "."]:
        assert (ROOT / folder / "README.md").is_file(), folder


def test_the_parts_are_cut_out_of_the_one_resolution() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==\S+", path.read_text("utf-8"), flags=re.MULTILINE))

    everything = pins(ROOT / "requirements.txt")
    for part in ("layers/core", "layers/scoring", "functions/train"):
        assert pins(ROOT / part / "requirements.txt") <= everything, part


def test_every_pin_has_hashes_and_no_file_names_a_place_to_download_from() -> None:
    for path in ROOT.glob("**/requirements*.txt"):
        if ".venv" in str(path) or ".aws-sam" in str(path):
            continue
        text = path.read_text("utf-8")
        assert "://" not in text, path
        pins = re.findall(r"^[a-z0-9._-]+==.*", text, flags=re.MULTILINE)
        assert pins
        assert all(pin.endswith("\\") for pin in pins), path
