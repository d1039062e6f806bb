"""Build everything that template.yaml deploys: ``python -m infra.build``, after ``make page``.

Zip functions and layers are built without Docker; the image functions where a Docker engine answers,
and with ``--image`` a missing engine is an error, because a deployment needs all of it.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from infra import loops

Resources = dict[str, dict[str, Any]]

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".aws-sam" / "build"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
MEBIBYTE = 1024 * 1024
# What Lambda takes of a zip function together with its layers.
UNZIPPED_LIMIT = 250 * MEBIBYTE


def main(*, image_required: bool, folder: Path = BUILD, options: Sequence[str] = ()) -> int:
    """Build, add bytecode, weigh; return the exit status.

    Parameters
    ----------
    image_required : bool
        Whether a missing Docker engine is an error.
    folder : Path
        Where the artifacts go.
    options : sequence of str
        Further options of ``sam build``.
    """
    resources = _resources(ROOT / "template.yaml")
    layers = _of_type(resources, "AWS::Serverless::LayerVersion")
    functions = _of_type(resources, "AWS::Serverless::Function")
    images = [name for name in functions if resources[name]["Properties"].get("PackageType") == "Image"]
    zips = [name for name in functions if name not in images]

    runtimes = {resources[name]["Properties"]["Runtime"] for name in zips}
    if runtimes != {f"python{sys.version_info.major}.{sys.version_info.minor}"}:
        print(f"Build with {', '.join(runtimes)}: Lambda ignores the bytecode of another version.")
        return 1

    fault = engine_fault()
    if fault and image_required:
        print(f"The image of {', '.join(images)} can't be built, because {fault}.")
        return 1
    skipped = images if fault else []
    libraries = _compiled_loops()
    place = ("--build-dir", str(folder), *options)
    if status := _sam("build", *place, *(word for name in skipped for word in ("--exclude", name))):
        return status
    for name in layers:
        prune(folder / name)
        add_loops(folder / name, libraries)
        compile_bytecode(folder / name, "/opt")
    for name in zips:
        _complete(folder / name, resources[name])

    print(f"\n{'MiB':<20}{'zipped':>10}{'unzipped':>10}")
    for name in (*zips, *layers):
        _print_sizes(name, zipped_size(folder / name), unzipped_size(folder / name))
    for name in images:
        if name not in skipped:
            _print_sizes(name, None, _image_size(folder, name))
    if skipped:
        print(f"\nNot built: the image of {', '.join(skipped)}, because {fault}.")
    return _report_limit(resources, zips, folder) or _report_page(folder / "WebFunction")


def engine_fault() -> str | None:
    """Say in words why no Docker engine builds images here; None if one does."""
    try:
        answer = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=20,
            check=False,
        )
    except FileNotFoundError:
        return "there is no docker command on this machine"
    except subprocess.TimeoutExpired:
        return "the Docker engine does not answer"
    return "no Docker engine runs on this machine" if answer.returncode else None


def page_fault(artifact: Path) -> str | None:
    """Say in words what a function's artifact lacks of the page; None if it is whole."""
    dist = artifact / "web" / "dist"
    if not (dist / "index.html").is_file():
        return "The page is not in WebFunction: run `make page` first."
    parts = json.loads((dist / ".vite" / "manifest.json").read_text("utf-8")).values()
    files = {name for part in parts for name in (part["file"], *part.get("css", ()), *part.get("assets", ()))}
    missing = sorted(name for name in files if not (dist / name).is_file())
    return f"The page in WebFunction lacks {', '.join(missing)}." if missing else None


def prune(artifact: Path) -> None:
    """Take out what no function reads: the tests that libraries ship, and stubs for type checkers.

    A start has less to unpack, and the bytecode takes the room.
    """
    for folder in sorted(artifact.rglob("tests")):
        if folder.is_dir():
            shutil.rmtree(folder)
    for stub in artifact.rglob("*.pyi"):
        stub.unlink()


def add_loops(artifact: Path, libraries: Sequence[Path]) -> None:
    """Put the compiled loops beside their source, where an artifact has it.

    SAM leaves compiled files out of what it copies; an image copies them itself.
    """
    for source in sorted(artifact.rglob(loops.HEADER.name)):
        for library in libraries:
            shutil.copy(library, source.parent)


def compile_bytecode(artifact: Path, runs_at: str) -> None:
    """Add bytecode: a function's folders are read-only, so each cold start would compile all of it again.

    It is checked against nothing, because a zip does not keep the times that it is checked against
    otherwise.

    Parameters
    ----------
    artifact : Path
        Folder that will be zipped.
    runs_at : str
        Where Lambda unpacks it, which is what tracebacks show.
    """
    options = ["-q", "--invalidation-mode", "unchecked-hash"]
    place = ["-s", str(artifact), "-p", runs_at, str(artifact)]
    subprocess.run([sys.executable, "-m", "compileall", *options, *place], check=True)


def enter_parameters(artifact: Path, configuration: Path) -> None:
    """Make other parameters other code, so that a version is published when they change.

    SAM does not look at the values of parameters, and an alias that stays on the old version keeps its
    variables.

    Parameters
    ----------
    artifact : Path
        Folder that will be zipped.
    configuration : Path
        The file that holds the parameters; only its digest is entered.
    """
    digest = hashlib.sha256(configuration.read_bytes()).hexdigest()
    (artifact / "parameters.sha256").write_text(f"{digest}\n")


def zipped_size(folder: Path) -> int:
    """Return the bytes of a folder as the zip that is uploaded."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            archive.write(path, path.relative_to(folder))
    return buffer.tell()


def unzipped_size(folder: Path) -> int:
    """Return the bytes of the files of a folder."""
    return sum(path.stat().st_size for path in _files(folder))


def _compiled_loops() -> list[Path]:
    try:
        return loops.compile_for_lambda()
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(
            "The compiled loops can't be made for Lambda; see the lines above. "
            "Without Zig in .venv-sam: rm -r .venv-sam, then make setup-sam."
        ) from error


def _complete(artifact: Path, function: dict[str, Any]) -> None:
    compile_bytecode(artifact, "/var/task")
    if "AutoPublishAlias" in function["Properties"]:
        enter_parameters(artifact, ROOT / "samconfig.toml")


def _sam(*arguments: str) -> int:
    # SAM builds with the pythonX.Y that it finds on PATH, and that one must bring pip along.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run([SAM, *arguments], cwd=ROOT, env=environment, check=False).returncode


def _resources(template: Path) -> Resources:
    parsed: dict[str, Resources] = yaml_parse(template.read_text())
    return parsed["Resources"]


def _of_type(resources: Resources, kind: str) -> list[str]:
    return [name for name, resource in resources.items() if resource["Type"] == kind]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _image_size(folder: Path, name: str) -> int:
    built = _resources(folder / "template.yaml")[name]["Properties"]["ImageUri"]
    command = ["docker", "image", "inspect", "--format", "{{.Size}}", built]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _print_sizes(name: str, zipped: int | None, unzipped: int) -> None:
    small = "image" if zipped is None else f"{zipped / MEBIBYTE:.1f}"
    print(f"{name:<20}{small:>10}{unzipped / MEBIBYTE:>10.1f}")


def _report_page(artifact: Path) -> int:
    fault = page_fault(artifact)
    if fault:
        print(f"\n{fault}")
    return int(fault is not None)


def _report_limit(resources: Resources, zips: list[str], folder: Path) -> int:
    status = 0
    print()
    for name in zips:
        parts = [name, *(layer["Ref"] for layer in resources[name]["Properties"].get("Layers", []))]
        size = sum(unzipped_size(folder / part) for part in parts)
        fits = size <= UNZIPPED_LIMIT
        print(
            f"{' + '.join(parts)}: {size / MEBIBYTE:.1f} MiB unzipped, "
            f"{'within' if fits else 'OVER'} Lambda's {UNZIPPED_LIMIT // MEBIBYTE}"
        )
        status = status or int(not fits)
    return status


if __name__ == "__main__":
    sys.exit(main(image_required="--image" in sys.argv[1:]))
