"""The code folder of a function, made from what the template and the Dockerfile say."""

import json
import posixpath
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.local.intrinsics import TemplateError
from infra.local.specs import Function

_TASK_ROOT = "/var/task"
_VARIABLE = re.compile(r"\$\{?LAMBDA_TASK_ROOT\}?")


@dataclass(frozen=True)
class Copy:
    """One COPY of a Dockerfile into the task root; ``target`` is relative to it."""

    sources: tuple[str, ...]
    target: str
    into_folder: bool


def parse_copies(dockerfile: str) -> list[Copy]:
    """Return the COPY instructions that put files of the build context under the task root.

    Parameters
    ----------
    dockerfile:
        The text of a Dockerfile. Copies from other stages are left out: they carry installed
        dependencies, which come from the Python environment of the local stack.
    """
    copies = []
    folder = _TASK_ROOT
    text = re.sub(r"\\\n(?:[ \t]*#[^\n]*\n)*", " ", dockerfile)
    for line in text.splitlines():
        match = re.match(r"\s*(FROM|WORKDIR|COPY|ADD)\s+(.*)", line, re.IGNORECASE)
        if not match:
            continue
        instruction = match[1].upper()
        if instruction in {"FROM", "WORKDIR"}:
            folder = _TASK_ROOT if instruction == "FROM" else _absolute(match[2].strip(), folder)
            continue
        arguments, flags = _arguments(match[2])
        if any(flag.startswith("--from") for flag in flags) or len(arguments) < 2:
            continue
        *sources, target = arguments
        relative = _relative_to_task_root(_absolute(target, folder))
        if relative is not None:
            into_folder = target.endswith(("/", ".")) or len(sources) > 1 or relative == ""
            copies.append(Copy(tuple(sources), relative, into_folder))
    return copies


def _arguments(text: str) -> tuple[list[str], list[str]]:
    words = text.strip()
    flags = []
    while words.startswith("--"):
        flag, _, words = words.partition(" ")
        flags.append(flag)
        words = words.lstrip()
    return (json.loads(words) if words.startswith("[") else shlex.split(words)), flags


def _absolute(target: str, folder: str) -> str:
    return posixpath.normpath(posixpath.join(folder, _VARIABLE.sub(_TASK_ROOT, target)))


def _relative_to_task_root(path: str) -> str | None:
    if path == _TASK_ROOT:
        return ""
    return path.removeprefix(f"{_TASK_ROOT}/") if path.startswith(f"{_TASK_ROOT}/") else None


def stage_image(dockerfile: Path, context: Path, folder: Path) -> None:
    """Make a folder of symbolic links that looks like the task root of the image.

    Raises
    ------
    TemplateError
        If the Dockerfile is not there, copies nothing into the task root, or copies what does not exist.
    """
    if not dockerfile.is_file():
        raise TemplateError(f"there is no Dockerfile {dockerfile}")
    copies = parse_copies(dockerfile.read_text(encoding="utf-8"))
    if not copies:
        raise TemplateError(f"{dockerfile} copies nothing into ${{LAMBDA_TASK_ROOT}}")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for copy in copies:
        for pattern in copy.sources:
            _stage(copy, pattern, context, folder, dockerfile)


def _stage(copy: Copy, pattern: str, context: Path, folder: Path, dockerfile: Path) -> None:
    relative = pattern.strip("/") or "."
    sources = sorted(context.glob(relative)) if any(c in relative for c in "*?[") else [context / relative]
    for source in sources:
        if not source.exists():
            raise TemplateError(f"{dockerfile} copies {pattern}, which does not exist in {context}")
        target = folder / copy.target
        # Docker copies the content of a folder, never the folder itself.
        _link(source, target if source.is_dir() or not copy.into_folder else target / source.name, folder)


def _link(source: Path, target: Path, root: Path) -> None:
    _open(target.parent, root)
    if not target.exists():
        target.symlink_to(source.resolve())
    elif source.is_dir():
        _open(target, root)
        for child in sorted(source.iterdir()):
            _link(child, target / child.name, root)
    else:
        target.unlink()
        target.symlink_to(source.resolve())


def _open(folder: Path, root: Path) -> None:
    """Make a folder that things can be put into: a linked one would be the source itself."""
    if folder in {root, root.parent}:
        return
    _open(folder.parent, root)
    if folder.is_symlink():
        source = folder.resolve()
        folder.unlink()
        folder.mkdir()
        for child in sorted(source.iterdir()):
            (folder / child.name).symlink_to(child)
    else:
        folder.mkdir(exist_ok=True)


def prepare(function: Function, staging: Path) -> tuple[Path, list[Path]]:
    """Return the task root of a function and the folders of its import path, in order."""
    if function.package_type == "Image":
        if function.dockerfile is None or function.docker_context is None:
            raise TemplateError(f"{function.logical_id} has no Dockerfile in its Metadata")
        folder = staging / function.logical_id
        stage_image(function.dockerfile, function.docker_context, folder)
        return folder, [folder]
    if function.code_dir is None or not function.code_dir.is_dir():
        raise TemplateError(f"{function.logical_id}: there is no folder {function.code_dir}")
    for layer in function.layer_dirs:
        if not layer.is_dir():
            raise TemplateError(f"{function.logical_id}: there is no layer folder {layer}")
    return function.code_dir, [function.code_dir, *function.layer_dirs]
