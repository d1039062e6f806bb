"""Machines of a bad day are what they say."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.local.environment import Conditions
from tests.drill.machine import NotHereError, small_disk, wrong_clock


def run(conditions: Conditions, program: str, folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(folder), **conditions.variables}
    done = subprocess.run(
        [*conditions.command, sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("seconds", [240, -240])
def test_a_clock_is_moved_and_what_counts_seconds_is_not(tmp_path: Path, seconds: int) -> None:
    try:
        conditions = wrong_clock(seconds, tmp_path)
    except NotHereError as error:
        pytest.skip(str(error))
    program = (
        "import time, datetime as d, threading\n"
        "threading.Event().wait(0.05)\n"
        "print(time.time(), time.monotonic(), d.datetime.now(d.UTC).timestamp())"
    )
    assert conditions.clock_seconds == seconds
    before, counted = time.time(), time.monotonic()
    now, counter, moment = map(float, run(conditions, program, tmp_path).split())
    assert now - before == pytest.approx(seconds, abs=20)
    assert moment - before == pytest.approx(seconds, abs=20)
    assert 0 <= counter - counted < 20


def test_a_disk_is_full(tmp_path: Path) -> None:
    try:
        conditions = small_disk(256 * 1024)
    except NotHereError as error:
        pytest.skip(str(error))
    program = (
        "import tempfile\n"
        "with tempfile.NamedTemporaryFile(buffering=0) as file:\n"
        "    file.write(bytes(200_000))\n"
        "    try:\n"
        "        file.write(bytes(200_000)) and file.write(bytes(200_000))\n"
        "    except OSError as error:\n"
        "        print(error.errno)"
    )
    assert int(run(conditions, program, tmp_path)) == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []
