"""``make smoke URL=https://...``: what a stack must do for a user, in a minute; nothing of it stays.

Without an address it is the local stack of ``make run`` if that is up, else one that is started for it. Who
signs in says the environment: ``CSV_ANALYZER_EMAIL`` and ``CSV_ANALYZER_PASSWORD``.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from csv_analyzer_client import ClientError
from csv_analyzer_client.cli.account import EMAIL_VARIABLE, PASSWORD_VARIABLE
from infra.local.errors import StackError
from tests.smoke.journey import PATIENCE_SECONDS, USER, Journey

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "functions/web/function/web/dist/index.html"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 if all is well, 1 if a step failed, 2 if none could be taken."""
    parser = argparse.ArgumentParser(prog="python -m tests.smoke", description=__doc__)
    parser.add_argument("--url", default="", help="address of the API, with its stage")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds for each long step")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    try:
        with _somewhere(given.url) as (url, email, password):
            with_page = bool(given.url) or PAGE.is_file()
            journey = Journey(
                url, email, password, _tell, with_page=with_page, patience_seconds=given.patience
            )
            _tell(f"Smoke test of {url} as {email}, by the name of {journey.name}")
            began = time.monotonic()
            failed = journey.run()
            took = time.monotonic() - began
    except (ClientError, StackError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    for reason in failed:
        print(f"Error: {reason}", file=sys.stderr)
    _tell(f"{'Failed' if failed else 'Passed'} in {took:.0f} s.")
    return 1 if failed else 0


@contextlib.contextmanager
def _somewhere(url: str) -> Iterator[tuple[str, str, str]]:
    """Yield the address to test, and who signs in there."""
    email, password = os.environ.get(EMAIL_VARIABLE, ""), os.environ.get(PASSWORD_VARIABLE, "")
    if url:
        if not (email and password):
            raise ValueError(f"Nobody is there to sign in. {USER}")
        yield url, email, password
        return
    with _local_stack(email, password) as found:
        yield found


@contextlib.contextmanager
def _local_stack(email: str, password: str) -> Iterator[tuple[str, str, str]]:
    """Yield the address of the stack of `make run`, or of one that is started now, and who signs in there."""
    # A deployed stack is tested without all that a local one is made of.
    from infra.local import demo
    from infra.local.stack import LocalStack
    from monitoring.run import MonitoringError, running_stack

    user = email or demo.EMAIL, password or demo.PASSWORD
    try:
        running = running_stack(ROOT / ".local")
    except MonitoringError:
        running = {}
    if running:
        yield running["api_url"], *user
        return
    _tell("No local stack runs here, so one is started ...")
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalStack(ROOT / "template.yaml", state_dir=Path(folder), mlflow=False) as stack,
    ):
        stack.create_user(*user, groups=("admin",))
        yield stack.api_url, *user


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that what was made is erased."""
    sys.exit(128 + number)


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
