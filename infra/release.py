"""What a release holds: ``TAG=v1.2.3 python -m infra.release [--check]``, called by ``make release``.

The tag must be the version that the code has everywhere, with a section of CHANGELOG.md, out of which the
notes are cut. The files come from the commit, `make build` and `make scan`; the same of these makes the same.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
NAME: Final = "csv-analyzer"
_TAG: Final = re.compile(r"v(\d+\.\d+\.\d+)")
_HEADING: Final = re.compile(r"^## +\[?([^\]\s]+)\]?(?: +- +(\d{4}-\d{2}-\d{2}))? *$", re.MULTILINE)
_VERSION: Final = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
# A link to a file of the repository, which a page of GitHub beside it would not find.
_LINK: Final = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")


class ReleaseError(Exception):
    """There can be no release; the message says why and what to do."""


def versions(root: Path) -> dict[str, str]:
    """The version that each file says the project has."""

    def project(path: str) -> str:
        return str(tomllib.loads((root / path).read_text("utf-8"))["project"]["version"])

    core = "layers/core/csv_analyzer/__init__.py"
    found = _VERSION.search((root / core).read_text("utf-8"))
    return {
        "pyproject.toml": project("pyproject.toml"),
        "layers/client/pyproject.toml": project("layers/client/pyproject.toml"),
        core: found[1] if found else "none",
    }


def checked(root: Path, tag: str) -> str:
    """The version of a tag.

    Parameters
    ----------
    root : Path
        Of the project.
    tag : str
        Such as ``v1.2.3``.

    Raises
    ------
    ReleaseError
        If the tag is no version, or another one than that of the code or of the changelog.
    """
    matched = _TAG.fullmatch(tag)
    if not matched:
        raise ReleaseError(f"{tag!r} is no version: a tag is like v1.2.3. Give it as TAG=v1.2.3.")
    version = matched[1]
    others = {path: found for path, found in versions(root).items() if found != version}
    if others:
        said = ", ".join(f"{path} says {found}" for path, found in others.items())
        raise ReleaseError(
            f"The tag is {tag}, but {said}. Set the version there, commit, and tag that commit."
        )
    section((root / "CHANGELOG.md").read_text("utf-8"), version)
    return version


def section(changelog: str, version: str) -> str:
    """What a changelog says of a version.

    Raises
    ------
    ReleaseError
        If there is no such section, it has no date, or nothing is in it.
    """
    headings = list(_HEADING.finditer(changelog))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading[1] != version:
            continue
        text = changelog[heading.end() : following.start() if following else None].strip()
        if not heading[2]:
            raise ReleaseError(
                f"The section {version} of CHANGELOG.md has no date: ## {version} - 2026-01-31."
            )
        if not text:
            raise ReleaseError(f"The section {version} of CHANGELOG.md is empty: say what has changed.")
        return text
    raise ReleaseError(
        f"CHANGELOG.md has no section {version}. Put a line like ## {version} - 2026-01-31 below Unreleased."
    )


def notes(text: str, tag: str, repository: str) -> str:
    """The notes of a release: the section, with links that lead to the tag, and how to verify the files.

    Parameters
    ----------
    text : str
        Section of the changelog.
    tag : str
        Of the release.
    repository : str
        Address of the repository; empty leaves the links as they are.
    """
    if not repository:
        return f"{text}\n"
    linked = _LINK.sub(lambda found: f"]({repository}/blob/{tag}/{found[1]})", text)
    owner_and_name = "/".join(repository.split("/")[-2:])
    return (
        f"{linked}\n\n### Verifying\n\n"
        "`sha256sum --check SHA256SUMS`, and for each file "
        f"`gh attestation verify FILE --repo {owner_and_name}`: "
        "it was built by this repository's release workflow from this tag.\n"
    )


def write(root: Path, out: Path, version: str, uv: Path) -> list[Path]:
    """Write the files of a release and their sums; answers their paths.

    Parameters
    ----------
    root : Path
        Of the project: a repository of git, built and scanned.
    out : Path
        Folder, which is made anew.
    version : str
        Of the release.
    uv : Path
        Program that makes the client's package.

    Raises
    ------
    ReleaseError
        If something was not built before.
    """
    built = root / ".aws-sam" / "build"
    bills = [root / ".local" / "sbom" / f"{name}.json" for name in ("python", "page")]
    missing = [str(path.relative_to(root)) for path in (built, *bills) if not path.exists()]
    if missing:
        raise ReleaseError(f"{', '.join(missing)} must be there: run make build and make scan first.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    stem = f"{NAME}-{version}"
    source = [
        "git",
        "archive",
        "--format=tar.gz",
        f"--prefix={stem}/",
        "-o",
        str(out / f"{stem}.tar.gz"),
        "HEAD",
    ]
    wheel = [str(uv), "build", "--quiet", "--offline", "--wheel", "--python", sys.executable]
    for command in (source, [*wheel, "-o", str(out), str(root / "layers/client")]):
        subprocess.run(command, cwd=root, check=True)
    (out / ".gitignore").unlink(missing_ok=True)
    pack(built, out / f"{stem}-build.tar.gz", f"{stem}-build")
    for bill in bills:
        shutil.copyfile(bill, out / f"{stem}-sbom-{bill.name}")
    shutil.copyfile(root / "functions/api/openapi.json", out / f"{stem}-openapi.json")
    files = sorted(out.iterdir())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (out / "SHA256SUMS").write_text(sums, "utf-8")
    return [*files, out / "SHA256SUMS"]


def pack(folder: Path, path: Path, name: str) -> None:
    """Archive a folder so that the same files always make the same bytes."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return member

    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for item in sorted(folder.rglob("*")):
            archive.add(item, f"{name}/{item.relative_to(folder)}", recursive=False, filter=plain)


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Check, and write all into `.local/release` unless only the check is wanted; return the exit status."""
    tag = environment.get("TAG", "")
    try:
        version = checked(ROOT, tag)
        if "--check" in arguments:
            print(f"{tag} is the version everywhere, and CHANGELOG.md tells of it.")
            return 0
        folder = ROOT / ".local" / "release"
        uv = Path(sys.executable).with_name("uv")
        for path in write(ROOT, folder / "files", version, uv):
            print(f"{path.stat().st_size:>12,}  {path.relative_to(ROOT)}")
        server, repository = (
            environment.get("GITHUB_SERVER_URL", ""),
            environment.get("GITHUB_REPOSITORY", ""),
        )
        address = f"{server}/{repository}" if server and repository else ""
        text = section((ROOT / "CHANGELOG.md").read_text("utf-8"), version)
        (folder / "notes.md").write_text(notes(text, tag, address), "utf-8")
        print(f"The notes are in {(folder / 'notes.md').relative_to(ROOT)}.")
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
