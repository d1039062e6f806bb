"""Releases: one version everywhere, notes out of the changelog, the same files for the same commit."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from infra import release
from tests.conftest import ROOT

CHANGELOG = """# Changelog

## Unreleased

### Added

- What comes later.

## 0.2.0 - 2026-03-01

### Added

- The page ([its README](functions/web/README.md)), see [Keep](https://keepachangelog.com) and [below](#old).

## [0.1.0] - 2026-01-31

- The first one.

## 0.0.9

- One without a date.

## 0.0.8 - 2025-12-24
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with what a release is made of, at version 0.2.0."""
    root = tmp_path / "project"
    shutil.copytree(
        ROOT / "layers/client", root / "layers/client", ignore=shutil.ignore_patterns("__pycache__")
    )
    client = root / "layers/client/pyproject.toml"
    text = re.sub(r'(?m)^version = ".*"', 'version = "0.2.0"', client.read_text("utf-8"))
    client.write_text(text, "utf-8")
    for path, text in {
        "pyproject.toml": '[project]\nname = "csv-analyzer"\nversion = "0.2.0"\n',
        "layers/core/csv_analyzer/__init__.py": '"""Core."""\n\n__version__ = "0.2.0"\n',
        "functions/api/openapi.json": "{}\n",
        "CHANGELOG.md": CHANGELOG,
        ".gitignore": ".aws-sam/\n.local/\n",
        ".aws-sam/build/ApiFunction/app.py": "print()\n",
        ".aws-sam/build/template.yaml": "Resources: {}\n",
        ".local/sbom/python.json": "{}\n",
        ".local/sbom/page.json": "{}\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    git = ["git", "-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "All"]):
        subprocess.run([*git, *command], cwd=root, check=True)
    return root


def test_the_project_itself_has_one_version() -> None:
    contract = json.loads((ROOT / "functions/api/openapi.json").read_text("utf-8"))["info"]["version"]
    assert set(release.versions(ROOT).values()) == {contract}


def test_a_tag_is_the_version_that_all_files_have(project: Path) -> None:
    assert release.checked(project, "v0.2.0") == "0.2.0"


@pytest.mark.parametrize("tag", ["", "0.2.0", "v0.2", "v0.2.0-rc.1", "v0.2.0\n", "v1;id", "v$(id)"])
def test_what_is_no_version_is_refused(project: Path, tag: str) -> None:
    with pytest.raises(release.ReleaseError, match="is no version: a tag is like"):
        release.checked(project, tag)


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "layers/client/pyproject.toml", "layers/core/csv_analyzer/__init__.py"]
)
def test_a_file_that_was_forgotten_is_named(project: Path, path: str) -> None:
    file = project / path
    file.write_text(file.read_text("utf-8").replace("0.2.0", "0.1.9"), "utf-8")
    with pytest.raises(release.ReleaseError, match=f"^The tag is v0.2.0, but {path} says 0.1.9. Set the"):
        release.checked(project, "v0.2.0")


def test_notes_are_the_section_of_the_version_alone() -> None:
    text = release.section(CHANGELOG, "0.2.0")
    assert text.startswith("### Added\n\n- The page")
    assert "later" not in text
    assert "first" not in text
    assert release.section(CHANGELOG, "0.1.0") == "- The first one."


@pytest.mark.parametrize(
    ("version", "reason"),
    [("0.3.0", "has no section 0.3.0"), ("0.0.9", "has no date"), ("0.0.8", "is empty")],
)
def test_a_version_that_nothing_is_said_of_is_refused(version: str, reason: str) -> None:
    with pytest.raises(release.ReleaseError, match=reason):
        release.section(CHANGELOG, version)


def test_links_of_notes_lead_to_the_tag() -> None:
    text = release.section(CHANGELOG, "0.2.0")
    made = release.notes(text, "v0.2.0", "https://github.com/ana/csv")
    assert "[its README](https://github.com/ana/csv/blob/v0.2.0/functions/web/README.md)" in made
    assert "(https://keepachangelog.com)" in made
    assert "(#old)" in made
    assert "gh attestation verify FILE --repo ana/csv" in made
    assert release.notes(text, "v0.2.0", "") == f"{text}\n"


def test_the_files_are_whole_and_the_same_each_time(project: Path, tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    files = release.write(project, tmp_path / "one", "0.2.0", uv)
    assert [path.name for path in files] == [
        "csv-analyzer-0.2.0-build.tar.gz",
        "csv-analyzer-0.2.0-openapi.json",
        "csv-analyzer-0.2.0-sbom-page.json",
        "csv-analyzer-0.2.0-sbom-python.json",
        "csv-analyzer-0.2.0.tar.gz",
        "csv_analyzer-0.2.0-py3-none-any.whl",
        "SHA256SUMS",
    ]
    assert files[-1].read_text("utf-8").splitlines() == [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in files[:-1]
    ]
    with tarfile.open(tmp_path / "one/csv-analyzer-0.2.0.tar.gz") as archive:
        names = archive.getnames()
    assert "csv-analyzer-0.2.0/CHANGELOG.md" in names
    assert not any(".local" in name or ".aws-sam" in name for name in names)
    with tarfile.open(tmp_path / "one/csv-analyzer-0.2.0-build.tar.gz") as archive:
        assert "csv-analyzer-0.2.0-build/ApiFunction/app.py" in archive.getnames()
    (project / ".aws-sam/build/template.yaml").touch()
    release.write(project, tmp_path / "two", "0.2.0", uv)
    assert (tmp_path / "two/SHA256SUMS").read_text() == (tmp_path / "one/SHA256SUMS").read_text()


def test_what_was_not_built_is_named(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / ".aws-sam")
    (project / ".local/sbom/page.json").unlink()
    with pytest.raises(
        release.ReleaseError, match=r"^\.aws-sam/build, \.local/sbom/page\.json must be there: run"
    ):
        release.write(project, tmp_path / "out", "0.2.0", Path("uv"))
