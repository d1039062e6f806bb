"""What the documents say is there."""

import re
from pathlib import Path

import pytest

from tests.documents.markdown import ROOT, anchors, documents, links, name_of

DOCUMENTS = documents()


def _dead_links(document: Path, text: str | None = None) -> list[str]:
    dead = []
    for link in links(document, text):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (
            anchor
            and target.suffix == ".md"
            and anchor not in anchors(target, None if path or text is None else text)
        ):
            dead.append(link)
    return dead


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    assert _dead_links(document) == []


def test_a_dead_link_is_found() -> None:
    text = (
        "# One `thing`, two\n[here](#one-thing-two) [twice](#one-thing-two-1) [no](#three)\n"
        "```text\n# no heading\n[shown](nothing.md)\n```\n## One thing two\n`[code](nothing.md)`\n"
        "[gone](nothing.md) [file](README.md) [section](README.md#nothing) [web](https://example.com/x)\n"
    )
    assert _dead_links(ROOT / "CHANGELOG.md", text) == ["#three", "nothing.md", "README.md#nothing"]


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
