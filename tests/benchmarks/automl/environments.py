"""The peers' own environments: their needs contradict each other's and ours."""

import hashlib
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent
STAMP = ".installed"
UV = Path(sys.executable).parent / "uv"


def requirements(name: str) -> Path:
    """Return the file of an environment's pinned and hashed packages."""
    return BENCHMARKS / f"requirements-{name}.txt"


def ensure(name: str, home: Path) -> Path:
    """Return the Python of an environment, which is made unless it holds these very packages."""
    folder = home / f".venv-peers-{name}"
    python = folder / "bin" / "python"
    wanted = requirements(name)
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    sys.stderr.write(f"Making the environment {folder.name} ...\n")
    if not python.exists():
        subprocess.run(
            [UV, "venv", "--quiet", "--no-python-downloads", "--python", sys.executable, folder], check=True
        )
    subprocess.run([UV, "pip", "sync", "--quiet", "--python", python, "--require-hashes", wanted], check=True)
    stamp.write_text(digest)
    return python
