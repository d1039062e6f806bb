"""``make load``: ever more users at once, until the service takes no more; tables and plots of each mix."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from csv_analyzer_client import Client, ClientError
from infra.local.stack import LocalStack, StackError, TemplateError
from infra.local.template import read_source
from tests.load.machine import Meter, bounds_of, shortage
from tests.load.report import Outcome
from tests.load.service import Prepared, erase_uploads, local_token, prepared, token_of
from tests.load.steps import Limit, Reason, Request, Rules, Step, limit_of, step_of

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
TEMPLATE: Final = ROOT / "template.yaml"
MIXES: Final = {"predict": "Predict", "control": "Control"}
# How long a request that is under way may take to end after a step, and a process to start before it.
_GRACE_SECONDS: Final = 90.0


class LoadError(RuntimeError):
    """The test can't be run; the message says why."""


@dataclass(frozen=True)
class _Target:
    """The service, as one of its users.

    Parameters
    ----------
    url, token : str
        Where, and as whom.
    stack : LocalStack, optional
        If it is one of this process.
    """

    url: str
    token: str
    stack: LocalStack | None = None

    @property
    def name(self) -> str:
        """What reports call it."""
        return "the local stack" if self.stack else self.url


@dataclass(frozen=True)
class _Options:
    locust: Path
    users: list[int]
    seconds: float
    settle: float
    rules: Rules
    throttling: str
    out: Path


def main() -> int:
    """Run the command line; return its exit status."""
    arguments = _arguments()
    # Piped output has no width of its own; tables need one.
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 140)
    options = _Options(
        locust=arguments.locust,
        users=sorted(set(arguments.steps)),
        seconds=arguments.seconds,
        settle=arguments.settle,
        rules=Rules(slowest_ms=arguments.p95),
        throttling=throttling(read_source(TEMPLATE)),
        out=arguments.out,
    )
    try:
        if not options.locust.is_file():
            raise LoadError(f"There is no {options.locust}: make load installs Locust.")
        with _target(arguments.url, console) as target, Client(target.url, token=target.token) as client:
            good = _run(target, client, arguments, options, console)
    except (ClientError, LoadError, StackError, TemplateError) as error:
        console.print(f"[bold red]Error:[/] {error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped; what was made for the test is erased.")
        return 130
    return 0 if good else 1


def throttling(source: dict[str, Any]) -> str:
    """What a template says of the requests per second that its API takes, in words."""
    for resource in source["Resources"].values():
        for setting in resource.get("Properties", {}).get("MethodSettings", []):
            if "ThrottlingRateLimit" in setting:
                rate, burst = setting["ThrottlingRateLimit"], setting["ThrottlingBurstLimit"]
                return f"{rate} a second and {burst} at once for the whole stage, in template.yaml"
    return ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument(
        "--url", help="a deployed service with its stage; without one a local stack is started"
    )
    parser.add_argument("--mix", choices=[*MIXES], action="append", help="one of the mixes; all by default")
    parser.add_argument(
        "--steps", type=_positive, nargs="+", default=[1, 2, 4, 8, 16, 32, 64], metavar="USERS"
    )
    parser.add_argument("--seconds", type=float, default=15.0, help="measured of each step")
    parser.add_argument("--settle", type=float, default=5.0, help="left out at the beginning of each step")
    parser.add_argument("--p95", type=float, default=2000.0, help="ms beyond which a step is too slow")
    parser.add_argument(
        "--budget", type=int, default=10, help="seconds of the training of the model that is asked"
    )
    parser.add_argument("--out", type=Path, default=ROOT / ".local" / "load", help="folder of JSON and plots")
    parser.add_argument("--locust", type=Path, default=ROOT / ".venv-load/bin/locust")
    return parser.parse_args()


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


@contextlib.contextmanager
def _target(url: str | None, console: Console) -> Iterator[_Target]:
    if url:
        yield _Target(url, token_of(url))
        return
    console.print("Starting the local stack ...")
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalStack(TEMPLATE, state_dir=Path(folder), mlflow=False) as stack,
    ):
        yield _Target(stack.api_url, local_token(stack), stack)


def _run(
    target: _Target, client: Client, arguments: argparse.Namespace, options: _Options, console: Console
) -> bool:
    """Run the mixes one after the other; whether none ended by errors."""
    good = True
    with tempfile.TemporaryDirectory() as folder:
        console.print(f"Training a model at {target.name} ...")
        with prepared(client, Path(folder), arguments.budget) as things:
            for mix in arguments.mix or MIXES:
                outcome = _mix(target, client, things, mix, options, console)
                outcome.show(console)
                figures, plot = outcome.write(options.out)
                console.print(f"Written: {figures} and {plot}\n")
                good = good and outcome.limit.reason is not Reason.ERRORS
    console.print("Erased: the model, the datasets and all that was made of them.")
    return good


def _mix(
    target: _Target, client: Client, things: Prepared, mix: str, options: _Options, console: Console
) -> Outcome:
    steps: list[Step] = []
    limit: Limit | None = None
    for users in options.users:
        steps.append(_step(target, things, mix, users, options))
        erase_uploads(client, things.upload_name)
        console.print(
            f"  {mix}: {users} users, {steps[-1].rate:,.1f} requests/s, p95 {steps[-1].all.p95:,.0f} ms"
        )
        limit = limit_of(steps, options.rules, options.throttling, last=users == options.users[-1])
        if limit:
            break
    if limit is None:
        raise LoadError("No step was taken.")
    return Outcome(mix, target.name, steps, limit, _short(target, limit, steps[-1], options))


def _short(target: _Target, limit: Limit, last: Step, options: _Options) -> list[str]:
    if target.stack is None:
        if limit.reason is Reason.THROTTLED:
            return []
        return [
            "What was used up behind the address can't be seen from here: ask CloudWatch about the functions."
        ]
    found = shortage(last, bounds_of(target.stack.template))
    if options.throttling:
        found.append(f"On AWS API Gateway throttles before ({options.throttling}); the local stack does not.")
    return found


def _step(target: _Target, things: Prepared, mix: str, users: int, options: _Options) -> Step:
    """Let some users ask for a while."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun, results, plan, log = (
            folder / name for name in ("begun", "results", "plan.json", "locust.log")
        )
        # It holds a token: the folder is its owner's alone.
        plan.write_text(json.dumps(things.plan(target.url, target.token, begun, results)))
        # The time limit is for the case that nobody is left to end it.
        limit = options.settle + options.seconds + _GRACE_SECONDS
        command = [
            *(str(options.locust), "-f", str(HERE / "locustfile.py"), MIXES[mix]),
            *("--headless", "--only-summary", "--exit-code-on-error", "0", "--loglevel", "WARNING"),
            *("-u", str(users), "-r", str(users), "-t", f"{limit:.0f}s"),
        ]
        environment = {**os.environ, "CSV_ANALYZER_LOAD": str(plan), "PYTHONPATH": ""}
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        status: int | None = None
        machine: dict[str, float] = {}
        try:
            if _has_begun(begun, process):
                machine = _watch(target, process, options)
                process.terminate()
            status = process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            process.kill()
            process.wait()
        if status != 0 or not results.is_file():
            tail = "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-15:])
            raise LoadError(f"Locust did not do its work (status {status}):\n{tail}")
        requests = [Request(*json.loads(line)) for line in results.read_text("utf-8").splitlines()]
    return step_of(users, requests, options.settle, options.seconds, machine)


def _has_begun(begun: Path, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the users begin; whether they do."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while not begun.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return begun.exists()


def _watch(target: _Target, process: subprocess.Popen[bytes], options: _Options) -> dict[str, float]:
    """Wait while the users are at work; what the machine was used for."""
    time.sleep(options.settle)
    end = Meter(target.stack).begin(process.pid) if target.stack else dict
    time.sleep(options.seconds)
    return end()


if __name__ == "__main__":
    sys.exit(main())
