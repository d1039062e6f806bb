"""``python -m infra.local``: start the local stack, train on real CSV files, show the result, stay up."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from rich.console import Console

from infra.local import demo
from infra.local.stack import LocalStack, StackError, TemplateError

_ROOT = Path(__file__).parent.parent.parent
_PORT = 8000


def main() -> int:
    """Run the command line; return its exit status."""
    arguments = _arguments()
    # Piped output has no width of its own; tables need one.
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 110)
    try:
        jobs = (
            demo.own_job(arguments.csv, arguments.target)
            if arguments.csv
            else demo.sample_jobs(_ROOT / ".local")
        )
        console.print(
            "[bold]Starting the local stack[/] (AWS by moto, MLflow, the functions of template.yaml) ..."
        )
        with LocalStack(_ROOT / "template.yaml", port=_PORT) as stack:
            done = demo.run(stack, jobs, console)
            if not arguments.once:
                console.print("\nThe stack stays up. Press Ctrl-C to stop it.")
                _wait_for_interrupt()
                console.print("Stopping ...")
    except (demo.DemoError, StackError, TemplateError) as error:
        console.print(f"[bold red]Error:[/] {error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    return 0 if done else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--csv", type=Path, help="train on this file instead of the samples")
    parser.add_argument("--target", help="the column of that file to predict")
    parser.add_argument("--once", action="store_true", help="end after the training instead of staying up")
    arguments = parser.parse_args()
    if bool(arguments.csv) != bool(arguments.target):
        parser.error("--csv and --target (make run CSV=path TARGET=column) go together")
    return arguments


def _wait_for_interrupt() -> None:
    interrupted = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        interrupted.wait()
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main())
