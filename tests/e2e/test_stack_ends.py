"""However the stack ends, no process of it is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.local.process import StackError
from infra.local.stack import LocalStack

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
TINY = Path(__file__).with_name("tiny_stack") / "template.yaml"
PROGRAM = """
import sys, time
from pathlib import Path
from infra.local.stack import LocalStack
with LocalStack(Path(sys.argv[1]), state_dir=Path(sys.argv[2]), mlflow=False) as stack:
    stack.invoke("Worker", {"do": "answer"})
    print("ready", flush=True)
    time.sleep(600)
"""

# In processes of their own: in this one the session's stack may start a function's process at any time.
BUSY = """
import sys, threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
import psutil
from infra.local.stack import LocalStack
folder = Path(sys.argv[2])
started = folder / "started"
event = {"do": "wait_for", "started": str(started), "file": str(folder / "never")}
with ThreadPoolExecutor(1) as threads:
    with LocalStack(Path(sys.argv[1]), state_dir=folder / "state", mlflow=False) as stack:
        waiting = threads.submit(stack.invoke, "Narrow", event)
        while not started.exists():
            threading.Event().wait(0.01)
        processes = psutil.Process().children(recursive=True)
        print(len(processes))
    print(len(psutil.wait_procs(processes, timeout=20)[1]), "processes")
    try:
        print("failed" if waiting.result(20)[1] else "answered")
    except CancelledError:
        print("cancelled")
"""
REFUSED = """
import sys, threading
from pathlib import Path
import psutil
from infra.local import stack
def children():
    return len(psutil.Process().children(recursive=True))
def refuse(*_arguments):
    print(children())
    raise stack.StackError("no resources today")
stack.create_resources = refuse
try:
    with stack.LocalStack(Path(sys.argv[1]), state_dir=Path(sys.argv[2]), mlflow=False):
        pass
except stack.StackError as error:
    print(error)
print(f"{children()} processes and {threading.active_count()} threads")
"""


def said(program: str, folder: Path) -> list[str]:
    """Return the lines that a program prints which is told the tiny stack and a folder."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(TINY), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(TINY), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _gone, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_after_a_signal(program: subprocess.Popen[str], number: signal.Signals):
    children = psutil.Process(program.pid).children(recursive=True)
    assert len(children) >= 3, "moto, the guard and the function"
    program.send_signal(number)
    program.wait(20)
    wait_until_gone(children)


def test_a_stack_that_stops_while_a_function_works_lets_go_of_who_waits(tmp_path: Path):
    before, after, answer = said(BUSY, tmp_path)
    assert int(before) >= 3, "moto, the guard and the function"
    assert after == "0 processes"
    assert answer in {"failed", "cancelled"}


def test_a_second_stack_does_not_disturb_the_first_ones_folder(
    program: subprocess.Popen[str], tmp_path: Path
):
    with (
        pytest.raises(StackError, match="another local stack uses"),
        LocalStack(TINY, state_dir=tmp_path, mlflow=False),
    ):
        pass
    assert (tmp_path / "stack.json").exists()


def test_a_stack_that_cannot_start_leaves_nothing_behind(tmp_path: Path):
    before, refusal, after = said(REFUSED, tmp_path)
    assert int(before) >= 2, "moto and the guard"
    assert refusal == "no resources today"
    assert after == "0 processes and 1 threads"
