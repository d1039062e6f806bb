"""The command line: predict. Results go to files or stdout, progress and faults to stderr."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from scoring.errors import ScoringError
from scoring.files.archive import open_model
from scoring.files.batch import BatchScorer

FAULT_OF_DATA = 1
STANDARD = "-"
SECONDS_BETWEEN_REPORTS = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns
    -------
    int
        0, also where some rows had errors; 1 for a fault of the model or the files (2 for a wrong command
        line is argparse's).
    """
    options = _parser().parse_args(arguments)
    try:
        _predict(options)
    except BrokenPipeError:
        # Who reads has enough, like head. What is left must not be written at exit either.
        sys.stdout = None
        return FAULT_OF_DATA
    except (ScoringError, OSError) as error:
        _say(f"error: {error}")
        return FAULT_OF_DATA
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scoring", description="Predict with a stored model.")
    commands = parser.add_subparsers(required=True, metavar="command")
    predict = commands.add_parser("predict", help="predict each row of a CSV file")
    predict.add_argument("model", type=Path, help="archive of the model, or a folder with its files")
    predict.add_argument("rows", help="CSV file; - for stdin")
    predict.add_argument("--out", default=STANDARD, metavar="FILE", help="predictions (default: stdout)")
    predict.add_argument(
        "--errors", metavar="FILE", help="what is wrong with rows (default: only their number)"
    )
    predict.add_argument("--safe", action="store_true", help="make cells that start like formulas texts")
    return parser


def _predict(options: argparse.Namespace) -> None:
    started = reported = time.monotonic()
    rows = row_errors = 0
    model = open_model(options.model)
    with ExitStack() as stack:
        stream = (
            sys.stdin.buffer
            if options.rows == STANDARD
            else stack.enter_context(Path(options.rows).open("rb"))
        )
        scorer = BatchScorer(model, stream, safe=options.safe)
        out = sys.stdout.buffer if options.out == STANDARD else stack.enter_context(_whole(Path(options.out)))
        errors = stack.enter_context(_whole(Path(options.errors))) if options.errors else None
        for scored in scorer.run():
            out.write(scored.predictions)
            if errors is not None:
                errors.write(scored.errors)
            rows, row_errors = scored.state["rows"], scored.state["row_errors"]
            if time.monotonic() - reported >= SECONDS_BETWEEN_REPORTS:
                reported = time.monotonic()
                _say(f"{rows:,} rows, {row_errors:,} of them with errors")
        out.flush()
    _say(f"done: {rows:,} rows, {row_errors:,} of them with errors, {time.monotonic() - started:.1f} s")


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when all of it is written."""
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")
