"""Let the service have a bad day: ``python -m tests.drill``, or ``make drill``.

Scenario after scenario goes wrong on one local stack; then all that is there is held against all that was
ordered. The exit status is 1 if anything is lost, doubled or otherwise wrong.
"""

import argparse
import logging
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.drill.audit import audit
from tests.drill.machine import NotHereError
from tests.drill.report import table, verdict
from tests.drill.scenes import SCENES
from tests.drill.stage import Stage


def main() -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default=None, help="equal seeds let the same requests fail")
    parser.add_argument("--scenes", nargs="*", choices=SCENES, default=list(SCENES), metavar="SCENE")
    parser.add_argument("--events", type=int, default=1000, help="how many events come in any order")
    parser.add_argument("--keep", type=Path, help="folder that keeps the logs of the functions")
    arguments = parser.parse_args()
    seed = arguments.seed or str(random.SystemRandom().randrange(10**6))
    # Their warnings are what a drill is about.
    logging.getLogger("infra.local").setLevel(logging.CRITICAL)
    for name in ("aiohttp", "mlflow"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    print(f"The seed is {seed}.")
    with tempfile.TemporaryDirectory() as temporary:
        stage = Stage(arguments.keep or Path(temporary), seed, events=arguments.events)
        return drill(stage, arguments.scenes)


def drill(stage: Stage, scenes: list[str]) -> int:
    """Play scenes and tell what came of them; return the exit status."""
    begun = time.monotonic()
    accounts, skipped, broken = [], [], []
    with stage:
        stage.say(f"the stack is up after {time.monotonic() - begun:.0f} s")
        for name in scenes:
            try:
                accounts.append(stage.play(name, SCENES[name]))
            except NotHereError as error:
                skipped.append(f"{name} was not played: {error}")
            except Exception:  # noqa: BLE001  # the others are to be played, and all is to be looked at
                broken.append(f"{name} broke off:\n{traceback.format_exc()}")
                stage.say("broke off")
                accounts.append(stage.account)
        snapshot = stage.snapshot()
    ledger = stage.ledger
    violations = audit(ledger.orders, ledger.unanswered, snapshot)
    lines = [*table(accounts, ledger.orders, snapshot, violations), ""]
    lines += verdict(ledger.orders, ledger.unanswered, snapshot, violations)
    lines += [f"  told wrongly: {fault}" for fault in ledger.faults]
    lines += [f"  {account.name}: {note}" for account in accounts for note in account.notes]
    lines += [*skipped, *broken]
    print("\n".join(["", *lines, f"{time.monotonic() - begun:.0f} s; the seed was {stage.seed}."]))
    return int(bool(violations or ledger.faults or broken))


if __name__ == "__main__":
    sys.exit(main())
