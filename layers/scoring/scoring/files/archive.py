"""A stored model as one archive, or as a folder of its files."""

import hashlib
import hmac
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from scoring.errors import DAMAGED, ModelError
from scoring.model import Model, load

MODEL_FILE = "model.npz"
MANIFEST_FILE = "manifest.json"
SUMS_FILE = "SHA256SUMS"
MAX_MEMBER_BYTES = 1 << 30
MAX_SUMS_BYTES = 1 << 20
COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

type Read = Callable[[str, int], bytes | None]


def open_model(path: Path) -> Model:
    """Load a model from an archive, or from a folder.

    Parameters
    ----------
    path
        A zip archive or a folder with ``model.npz`` and ``manifest.json``. The manifest names the checksum of
        the arrays; where there is a file ``SHA256SUMS``, both have to agree with it.

    Raises
    ------
    ModelError
        When files are missing, too large, damaged, or do not belong together.
    OSError
        When nothing can be read there.
    """
    if path.is_dir():
        return _open(lambda name, most: _from_folder(path / name, most))
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _open(lambda name, most: _from_archive(archive, name, most))
        except DAMAGED as error:
            raise ModelError("The model is neither a folder nor a zip archive that can be read.") from error


def _open(read: Read) -> Model:
    npz, manifest = (_required(read, name) for name in (MODEL_FILE, MANIFEST_FILE))
    sums = read(SUMS_FILE, MAX_SUMS_BYTES)
    if sums is not None:
        _check(sums, {MODEL_FILE: npz, MANIFEST_FILE: manifest})
    try:
        digest = str(json.loads(manifest)["model_sha256"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{MANIFEST_FILE} is damaged.") from error
    return load(npz, manifest, digest, hashlib.sha256(manifest).hexdigest())


def _required(read: Read, name: str) -> bytes:
    content = read(name, MAX_MEMBER_BYTES)
    if content is None:
        raise ModelError(f"The model has no {name}.")
    return content


def _check(sums: bytes, files: dict[str, bytes]) -> None:
    """Compare files with what ``sha256sum`` would list of them."""
    listed: dict[str, str] = {}
    for line in sums.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition(" ")
        listed[name.lstrip(" *").removeprefix("./")] = digest.lower()
    for name, content in files.items():
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), listed.get(name, "")):
            raise ModelError(f"The checksum of {name} is not the one in {SUMS_FILE}.")


def _from_folder(path: Path, most: int) -> bytes | None:
    if not path.is_file():
        return None
    if path.stat().st_size > most:
        raise ModelError(f"{path.name} has more than {most:,} bytes.")
    return path.read_bytes()


def _from_archive(archive: zipfile.ZipFile, name: str, most: int) -> bytes | None:
    if name not in archive.NameToInfo:
        return None
    if archive.getinfo(name).compress_type not in COMPRESSIONS:
        raise ModelError(f"{name} is compressed in a way that is not read: pack the archive again.")
    with archive.open(name) as member:
        # What is read is bounded, whatever the archive says of its size.
        content = member.read(most + 1)
    if len(content) > most:
        raise ModelError(f"{name} has more than {most:,} bytes.")
    return content
