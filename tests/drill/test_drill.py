"""Short scenarios of the drill, as ``make drill`` plays them."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_nothing_is_lost_or_doubled_where_files_are_damaged_and_queues_lose_answers() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drill", "--seed", "7", "--scenes", "corrupt", "queues"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ".:layers/core:layers/scoring"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost: 0, doubled: 0, otherwise wrong: 0" in done.stdout
